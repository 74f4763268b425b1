"""What was answered in a form of one's own, as a table: for people who may read it, written down as a look.

A row holds the person's code, never a name. What repeats within a form is one cell of JSON; files are named by
how many came. Erased answers are not there; replaced ones only where asked for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from kinweave.core.xforms.submission import leaves
from kinweave.flows.forms import forms_within
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound
from kinweave.house.readlog import looked
from kinweave.house.sealing import Opener
from kinweave.listen.reads_forms import ANSWERS, Form, FormAnswer, standing_answers
from kinweave.people.door import within

OURS = ("kw_answer", "kw_person_code", "kw_day", "kw_received_at", "kw_form_version")
KINDS = {"int": "whole number", "decimal": "number", "date": "day", "dateTime": "moment", "time": "time",
         "geopoint": "place on earth", "binary": "file name", "string": "text"}  # fmt: skip
SOME = 500  # rows opened at a time
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table:
    """The answers of one form, all versions together: `columns` and `rows()`."""

    def __init__(self, by: Actor, slug: str) -> None:
        """Raises NotFound, NotAllowed."""
        self.by, self.slug = by, slug
        self.forms = [form for form in forms_within(by, "forms.answers") if form.slug == slug]
        if not self.forms:
            raise NotFound(what="form")
        paths = {column["path"]: column for form in reversed(self.forms) for column in form.columns}
        self.described = paths
        repeated = [path for path, column in paths.items() if column["repeats"]]
        self.tops = list(dict.fromkeys(path.partition("/")[0] for path in repeated))
        self.paths = [path for path in paths if path not in repeated]
        theirs = {*self.paths, *self.tops}
        self.ours = [name if name not in theirs else f"{name}/" for name in OURS]  # no question's name ends so
        self.columns = [*self.ours, *self.paths, *self.tops]

    def rows(self) -> Iterator[list[str]]:
        """Every answer that stands and may be read, in the order in which they came."""
        versions = {form.id: form.version for form in self.forms}
        found = standing_answers(versions)
        people = dict(within(self.by, "forms.answers").filter(
            id__in=found.exclude(person=None).order_by().values("person_id")).values_list("id", "code"))  # fmt: skip
        looked(self.by, "form_answers", sorted(people), reason="export")
        some: list[FormAnswer] = []
        for row in found.iterator(chunk_size=SOME):
            if row.person_id is None or row.person_id in people:
                some.append(row)
            if len(some) >= SOME:
                yield from self._opened(some, people, versions)
                some = []
        yield from self._opened(some, people, versions)

    def _opened(
        self, some: Sequence[FormAnswer], people: Mapping[UUID, str], versions: Mapping[UUID, str]
    ) -> Iterator[list[str]]:
        opened = Opener([row.key_id for row in some])
        for row in some:
            text = opened(row.key_id, ANSWERS, row.answers)
            if text is None:
                continue
            tree = json.loads(text)
            flat = dict(leaves(tree))
            ours = [str(row.id), people.get(row.person_id, "") if row.person_id else "", row.taken_on.isoformat(),
                    row.received_at.isoformat(timespec="seconds"), versions[row.form_id]]  # fmt: skip
            repeats = [json.dumps(tree[top], ensure_ascii=False) if top in tree else "" for top in self.tops]
            yield [*ours, *(flat.get(path, "") for path in self.paths), *repeats]

    def dictionary(self) -> list[list[str]]:
        """column, kind, label, choices: what each column means."""
        meant = (
            "the number of this answer", "the person's code; empty where about nobody", "the day it was asked",
            "when it arrived here (UTC)", "which version of the form was filled in",
        )  # fmt: skip
        ours = [[name, "text", means, ""] for name, means in zip(self.ours, meant, strict=True)]
        lines = [["column", "kind", "label", "choices"], *ours]
        for path in [*self.paths, *self.tops]:
            column = self.described.get(path, {})
            choices = " | ".join(f"{name} = {label}" for name, label in column.get("choices", {}).items())
            kind = KINDS.get(column.get("type", ""), column.get("type", "")) if column else "JSON, for it repeats"
            lines.append([path, kind, column.get("label", ""), choices])
        return lines


def as_csv(lines: Sequence[Sequence[str]] | Iterator[Sequence[str]], columns: Sequence[str] = ()) -> Iterator[bytes]:
    """CSV for spreadsheets: UTF-8 with its mark; a text that a spreadsheet would run gets an apostrophe before it."""
    yield "\ufeff".encode()
    if columns:
        yield _line(columns)
    for line in lines:
        yield _line(line)


def _line(values: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) for value in values])
    return out.getvalue().encode()


def _harmless(value: str) -> str:
    if not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def as_parquet(table: Table) -> bytes:
    """Parquet, every column as text: a form's versions may disagree about types, the dictionary names them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in table.columns])
    out = io.BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        some: list[list[str]] = []
        for row in table.rows():
            some.append(row)
            if len(some) >= SOME:
                writer.write_table(_batch(pa, some, schema))
                some = []
        writer.write_table(_batch(pa, some, schema))
    return out.getvalue()


def _batch(pa: Any, rows: Sequence[Sequence[str]], schema: Any) -> Any:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(list(column), pa.string()) for column in columns], schema=schema)


def form_of(by: Actor, form_id: UUID) -> Form:
    """The form behind an address of the desk. Raises NotFound."""
    row = next((form for form in forms_within(by, "forms.answers") if form.id == form_id), None)
    if row is None:
        raise NotFound(what="form")
    return row
