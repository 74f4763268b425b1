"""Row changes: what an apply function answers with, and the one writer that carries them out.

Live writes, bulk loading and replay all come through `write`. It goes past the model layer on purpose:
the journal is the truth, rows are only its shape, and one prepared statement for each table is several
times faster than saving instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, models

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """A new row of `model` ("app.Model"); columns not named get the field's default."""

    model: str
    values: Values


@dataclass(frozen=True, slots=True)
class Change:
    """New values for the row `id`; it must exist."""

    model: str
    id: UUID
    values: Values


@dataclass(frozen=True, slots=True)
class Drop:
    model: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Wipe:
    """Empty `columns` of every row whose `person` column holds one of `persons` (an erasure)."""

    model: str
    person: str
    persons: tuple[UUID, ...]
    columns: tuple[str, ...]


Row = Put | Change | Drop | Wipe


class RowMissing(Exception):
    """A change of a row that is not there: the journal and the tables disagree."""


@dataclass(frozen=True, slots=True)
class Table:
    """What the writer knows of one model on one database."""

    model: type[models.Model]
    insert: str
    fields: tuple[Any, ...]
    by_name: Mapping[str, Any]

    def prepared(self, values: Values, using: str) -> list[Any]:
        connection = connections[using]
        given = {self.by_name[name].attname: value for name, value in values.items()}
        return [
            _saved(f, given[f.attname] if f.attname in given else f.get_default(), connection)
            for f in self.fields
        ]


def _saved(field: Any, value: Any, connection: Any) -> Any:
    return field.get_db_prep_save(None if value is None else field.to_python(value), connection)


@cache
def table(label: str, using: str) -> Table:
    model = apps.get_model(label)
    quote = connections[using].ops.quote_name
    fields = tuple(f for f in model._meta.concrete_fields if f.db_returning is False or not f.primary_key)
    columns = ", ".join(quote(f.column) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
    by_name = {name: f for f in fields for name in (f.name, f.attname)}
    return Table(model, insert, fields, by_name)


def write(rows: Iterable[Row], using: str = "default") -> None:
    """Carry out row changes in their order; neighbouring new rows of one table go as one statement."""
    run: list[Put] = []
    with connections[using].cursor() as cursor:
        for row in rows:
            if isinstance(row, Put) and (not run or run[-1].model == row.model):
                run.append(row)
                continue
            _insert(cursor, run, using)
            run = []
            if isinstance(row, Put):
                run.append(row)
            else:
                _HOW[type(row)](cursor, row, using)
        _insert(cursor, run, using)


def write_many(rows: Sequence[Row], using: str = "default") -> None:
    """The same for a long run: new rows by table first, then the last change of each row.

    Equal to `write` because a row is put before it is changed; a drop or a wipe ends the run.
    """
    puts: dict[str, list[Put]] = {}
    changes: dict[tuple[str, UUID], dict[str, Any]] = {}

    def flush() -> None:
        with connections[using].cursor() as cursor:
            for some in puts.values():
                _insert(cursor, some, using)
            for (model, row_id), values in changes.items():
                _change(cursor, Change(model, row_id, values), using)
        puts.clear()
        changes.clear()

    for row in rows:
        if isinstance(row, Put):
            puts.setdefault(row.model, []).append(row)
        elif isinstance(row, Change):
            changes.setdefault((row.model, row.id), {}).update(row.values)
        else:
            flush()
            write([row], using)
    flush()


def _insert(cursor: Any, run: Sequence[Put], using: str) -> None:
    if not run:
        return
    to = table(run[0].model, using)
    prepared = [to.prepared(put.values, using) for put in run]
    if len(prepared) == 1:
        cursor.execute(to.insert, prepared[0])
    else:
        cursor.executemany(to.insert, prepared)


def _change(cursor: Any, row: Change, using: str) -> None:
    to = table(row.model, using)
    connection = connections[using]
    quote = connection.ops.quote_name
    fields = [to.by_name[name] for name in row.values]
    sets = ", ".join(f"{quote(f.column)} = %s" for f in fields)
    params = [_saved(f, v, connection) for f, v in zip(fields, row.values.values(), strict=True)]
    cursor.execute(
        f"UPDATE {quote(to.model._meta.db_table)} SET {sets} WHERE {_pk(to, quote)} = %s",
        [*params, _id(to, row.id, connection)],
    )
    if cursor.rowcount != 1:
        raise RowMissing(f"{row.model} {row.id}")


def _drop(cursor: Any, row: Drop, using: str) -> None:
    to = table(row.model, using)
    connection = connections[using]
    quote = connection.ops.quote_name
    where = f"{_pk(to, quote)} = %s"
    cursor.execute(
        f"DELETE FROM {quote(to.model._meta.db_table)} WHERE {where}", [_id(to, row.id, connection)]
    )


def _wipe(cursor: Any, row: Wipe, using: str) -> None:
    model = apps.get_model(row.model)
    blank = {}
    for name in row.columns:
        field: Any = model._meta.get_field(name)
        blank[field.attname] = None if field.null else field.get_default()
    model._base_manager.using(using).filter(**{f"{row.person}__in": row.persons}).update(**blank)


def _pk(to: Table, quote: Callable[[str], str]) -> str:
    return quote(str(to.model._meta.pk.column))


def _id(to: Table, row_id: UUID, connection: Any) -> Any:
    return _saved(to.model._meta.pk, row_id, connection)


_HOW: dict[type, Callable[[Any, Any, str], None]] = {Change: _change, Drop: _drop, Wipe: _wipe}
