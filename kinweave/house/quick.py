"""Statements straight to the database's driver, for the few look-ups and rows that every write makes.

Django builds a query's text anew each time and asks itself a dozen questions before it hands a statement on; for
one row by its key that costs ten times the query itself. Here the text and the converters of a table are made
once, and PostgreSQL keeps the plan. Values come out as the model layer would give them.

While an entry is decided (`remembering`), what was looked up once is not asked for again: until a row of that
table is written, a savepoint taken back, or the transaction over. SQLite then has one writer, and PostgreSQL
holds the entry's subjects under a lock, so nobody else changes what is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
Converter = Callable[[Any, Any, Any], Any]
_DEPTH = "kinweave_depth"  # on the thread's own connection: how many savepoints are open
_REMEMBERED = "kinweave_remembered"  # on the thread's own connection: model → (tail, values) → what was found


# ----------------------------------------------------------------------------------------- statements


def ask(sql: str, params: Sequence[Any] = (), using: str = "default") -> list[tuple[Any, ...]]:
    """What a statement answers, as the driver gives it. `sql` in the words of both databases, with %s for values."""
    return _sent(connections[using], sql, params).fetchall()  # type: ignore[no-any-return]


def tell(sql: str, params: Sequence[Any] = (), using: str = "default") -> int:
    """Carry out a statement that answers nothing; how many rows it touched."""
    return int(_sent(connections[using], sql, params).rowcount)


def tell_many(sql: str, many: Sequence[Sequence[Any]], using: str = "default") -> int:
    """The same for many values; how many rows in all."""
    return int(_sent(connections[using], sql, many, many=True).rowcount)


def _sent(connection: Any, sql: str, params: Any, many: bool = False) -> Any:
    if connection.connection is None or connection.execute_wrappers or connection.queries_logged:
        listened: Any = connection.cursor()  # someone listens (tests, a log of queries), or nothing is open yet
        (listened.executemany if many else listened.execute)(sql, params)
        return listened
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            raw = connection.connection
            return (raw.executemany if many else raw.execute)(_marks(sql), params)
        from psycopg import Cursor

        cursor = Cursor(connection.connection)
        if many:
            cursor.executemany(sql, params)
        else:
            cursor.execute(sql, params, prepare=True)
        return cursor


@lru_cache(maxsize=500)
def _marks(sql: str) -> str:
    return sql.replace("%s", "?")


# ----------------------------------------------------------------------------------------------- rows


@lru_cache(maxsize=4_000)
def uuid_of(text: str) -> UUID:
    """A UUID from its text. Most ids are those of the same teams, places and workers again and again."""
    return UUID(text)


# Shorter ways to what Django's own converters of SQLite give.
_SHORTER: dict[str, Converter] = {
    "convert_uuidfield_value": lambda value, expression, connection: uuid_of(value),
    "convert_datetimefield_value": lambda value, expression, connection: (
        value if isinstance(value, datetime) else datetime.fromisoformat(value)
    ).replace(tzinfo=UTC),
}


def _ids(model: type[models.Model], tail: str, params: Sequence[Any], connection: Any) -> list[UUID]:
    quote = connection.ops.quote_name
    select = f"SELECT {quote(str(model._meta.pk.column))} FROM {quote(model._meta.db_table)} "
    found = _sent(connection, select + tail, params).fetchall()
    return [key if isinstance(key, UUID) else uuid_of(key) for (key,) in found]


@cache
def _plan(model: type[models.Model], using: str) -> tuple[str, tuple[str, ...], tuple[tuple[int, Converter, Any], ...]]:
    """The select up to its WHERE, the attribute names, and (column, converter, expression) where one is needed."""
    connection = connections[using]
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(f.column)) for f in fields)
    select = f"SELECT {columns} FROM {quote(model._meta.db_table)} "
    converters: list[tuple[int, Converter, Any]] = []
    for index, field in enumerate(fields):
        expression: Any = field.get_col(model._meta.db_table)
        given = [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]
        converters += [
            (index, _SHORTER.get(getattr(convert, "__name__", ""), convert), expression) for convert in given
        ]
    return select, tuple(f.attname for f in fields), tuple(converters)


def rows(model: type[M], tail: str, params: Sequence[Any], using: str = "default") -> list[M]:
    """Rows of a model by `tail` (WHERE … ORDER BY … in plain SQL that both databases read). UUIDs may be given.

    They may be shared with others who asked the same within an entry: nobody changes them.
    """
    return _remembered(model, tail, params, using, _rows)  # type: ignore[no-any-return]


def ids(model: type[models.Model], tail: str, params: Sequence[Any], using: str = "default") -> list[UUID]:
    """The ids of such rows, without the rows."""
    return _remembered(model, tail, params, using, _ids)  # type: ignore[no-any-return]


def by_id(model: type[M], key: UUID | None, using: str = "default") -> M | None:
    """The row of this id, or None."""
    if key is None:
        return None
    found = rows(model, f"WHERE {model._meta.pk.column} = %s", [key], using)
    return found[0] if found else None


def _rows(model: type[M], tail: str, params: Sequence[Any], connection: Any) -> list[M]:
    using = connection.alias
    select, names, converters = _plan(model, using)
    made = []
    for raw in _sent(connection, select + tail, params).fetchall():
        values = list(raw)
        for index, convert, expression in converters:
            if values[index] is not None:
                values[index] = convert(values[index], expression, connection)
        row = model.__new__(model)  # as `from_db`, without its signals: nobody here listens to them
        row.__dict__.update(zip(names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, using
        made.append(row)
    return made


# -------------------------------------------------------------------------------------------- remembering


@contextmanager
def remembering(using: str = "default") -> Iterator[None]:
    """Ask for nothing twice within; for one transaction."""
    connection: Any = connections[using]
    if connection.__dict__.get(_REMEMBERED) is not None:
        yield
        return
    connection.__dict__[_REMEMBERED] = {}
    try:
        yield
    finally:
        del connection.__dict__[_REMEMBERED]


def forget(table: str | None = None, using: str = "default") -> None:
    """A row of this table ("app.Model") was written, or something was taken back: look again."""
    kept = connections[using].__dict__.get(_REMEMBERED)
    if kept:
        kept.clear() if table is None else kept.pop(table, None)


@contextmanager
def savepoint(using: str = "default") -> Iterator[None]:
    """Take back what is written within where it fails, and what was to happen after its commit; keep the rest.

    As `transaction.atomic()` inside a transaction, by two short statements instead of two long ways.
    """
    connection: Any = connections[using]
    hooks, depth = len(connection.run_on_commit), connection.__dict__.get(_DEPTH, 0)
    name = f"kw{depth}"
    tell(f"SAVEPOINT {name}", (), using)
    connection.__dict__[_DEPTH] = depth + 1
    try:
        yield
        tell(f"RELEASE SAVEPOINT {name}", (), using)
    except BaseException:
        connection.needs_rollback = False
        forget(None, using)
        del connection.run_on_commit[hooks:]
        tell(f"ROLLBACK TO SAVEPOINT {name}", (), using)
        tell(f"RELEASE SAVEPOINT {name}", (), using)
        raise
    finally:
        connection.__dict__[_DEPTH] = depth


def _remembered(model: type[models.Model], tail: str, params: Sequence[Any], using: str, look: Any) -> Any:
    connection: Any = connections[using]
    given = params if connection.features.has_native_uuid_field else [_hex(p) for p in params]
    kept = connection.__dict__.get(_REMEMBERED)
    if kept is None:
        return look(model, tail, given, connection)
    of_table = kept.setdefault(model._meta.label, {})
    question = (look, tail, *given)
    found = of_table.get(question)
    if found is None:
        found = of_table[question] = look(model, tail, given, connection)
    return list(found)


def _hex(value: Any) -> Any:
    return value.hex if type(value) is UUID else value
