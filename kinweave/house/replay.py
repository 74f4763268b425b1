"""Replay: every domain table again from the journal, in a second database, and the comparison row for row.

The same frozen apply functions make the rows as on the day they were written. A difference means that a row
was changed past the actions, that an apply function is not pure, or that a release changed one: all are faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections, models, transaction

from kinweave.core.problems import Problem
from kinweave.house import rows
from kinweave.house.journal import APPLIES, parts_of, rows_of
from kinweave.house.keystore import Keystore
from kinweave.house.models import Arrival, Entry, Position
from kinweave.house.scratch import domain, scratch, snapshot
from kinweave.house.sequencer import BATCH, sequence, since

Progress = Callable[[int, int], None]
SHOWN = 200  # differences that are named; the rest is only counted
CHUNK = 2_000


class CannotReplay(Problem):
    status, code = 500, "cannot-replay"
    says = "The journal cannot be replayed: {why} at entry {entry}."
    remedy = "Run `kinweave verify`. If it finds nothing, this release lacks something an older one wrote: report it."


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs. kind: missing (not in the live table), extra (only there), changed (in `columns`)."""

    table: str
    row_id: str
    kind: str
    columns: tuple[str, ...] = ()


@dataclass
class Report:
    """What a check found; `rows` by table as replay made them, `faults` counts every difference."""

    entries: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    faults: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def add(self, found: Difference) -> None:
        self.faults += 1
        if len(self.differences) < SHOWN:
            self.differences.append(found)


def replay(
    into: str = "replay",
    *,
    using: str = "default",
    store: Keystore | None = None,
    on_progress: Progress | None = None,
) -> int:
    """Make the rows of every entry of `using` in the empty tables of `into`; returns how many entries.

    Raises CannotReplay, naming the entry by its id.
    """
    total = Position.objects.using(using).count() + Arrival.objects.using(using).count()
    done = 0
    for batch in _entries(using):
        with transaction.atomic(using=into):
            apply_batch(batch, into, store)
        done += len(batch)
        if on_progress:
            on_progress(done, total)
    return done


def _entries(using: str) -> Iterator[list[Entry]]:
    """Placed entries by position, then those that wait for theirs, in the order they will get."""
    at = 0
    while found := since(at, BATCH, using):
        at = found[-1][0]
        yield [entry for _, entry in found]
    serials = list(Arrival.objects.using(using).order_by("serial").values_list("serial", flat=True))
    for start in range(0, len(serials), BATCH):
        yield list(Entry.objects.using(using).filter(serial__in=serials[start : start + BATCH]).order_by("serial"))


def apply_batch(batch: Sequence[Entry], into: str, store: Keystore | None = None) -> None:
    """Make the rows of some entries; raises CannotReplay, naming the entry."""
    try:
        with transaction.atomic(using=into):
            rows.write_many([row for part in parts_of(batch, store) for row in rows_of(part)], into)
    except Exception:  # any at all: once more, one by one, to name the entry, or to pass where only the batch failed
        for entry in batch:
            _apply_one(entry, into, store)


def _apply_one(entry: Entry, into: str, store: Keystore | None) -> None:
    why = "unreadable"
    try:
        parts = list(parts_of([entry], store))
        why = "unknown-action"
        known = [(part, APPLIES[part.action, part.version]) for part in parts]
        why = "rows-refused"
        rows.write([row for part, apply in known for row in apply(part)], into)
    except Exception as fault:  # it may hold what people said, so only its kind is handed on
        raise CannotReplay(why=f"{why} ({type(fault).__name__})", entry=entry.id) from None


def check(*, on_progress: Progress | None = None) -> Report:
    """Replay into a temporary database and compare every domain table with the live one, row for row.

    Reads one snapshot of the site; others may write meanwhile.
    """
    sequence()
    with snapshot() as live, scratch("replay") as fresh:
        report = Report(entries=replay(fresh, using=live, on_progress=on_progress))
        for model in domain():
            compare(model, live, fresh, report)
    return report


def compare(model: type[models.Model], live: str, fresh: str, report: Report) -> None:
    """Both tables side by side in the order of their ids; differences go into the report."""
    label = model._meta.label
    names = [f.attname for f in model._meta.concrete_fields]
    json_at = {i for i, f in enumerate(model._meta.concrete_fields) if isinstance(f, models.JSONField)}
    at = next(i for i, f in enumerate(model._meta.concrete_fields) if f.primary_key)
    ours, theirs = _rows(model, live, at), _rows(model, fresh, at)
    here, there = next(ours, None), next(theirs, None)
    count = 0
    while here is not None or there is not None:
        if there is None or (here is not None and here[at] < there[at]):
            report.add(Difference(label, _id(here, at), "extra"))
            here = next(ours, None)
        elif here is None or there[at] < here[at]:
            count += 1
            report.add(Difference(label, _id(there, at), "missing"))
            there = next(theirs, None)
        else:
            count += 1
            if here != there:
                differ = [n for i, n in enumerate(names) if not _same(here[i], there[i], i in json_at)]
                if differ:
                    report.add(Difference(label, _id(here, at), "changed", tuple(differ)))
            here, there = next(ours, None), next(theirs, None)
    report.rows[label] = count


def _same(here: Any, there: Any, is_json: bool) -> bool:
    if here == there:
        return True
    return is_json and isinstance(here, str) and isinstance(there, str) and json.loads(here) == json.loads(there)


def _id(row: Any, at: int) -> str:
    value = row[at]
    try:
        return str(value if isinstance(value, UUID) else UUID(value))
    except (TypeError, ValueError, AttributeError):
        return str(value)


def _rows(model: type[models.Model], using: str, at: int) -> Iterator[tuple[Any, ...]]:
    """The raw rows of a table by id, streamed."""
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(f.column)) for f in model._meta.concrete_fields)
    order = f"{quote(str(model._meta.concrete_fields[at].column))}"
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(model._meta.db_table)} ORDER BY {order}")  # noqa: S608
        while some := cursor.fetchmany(CHUNK):
            for row in some:
                yield tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
