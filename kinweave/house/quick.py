"""Single rows by a prepared statement, for the few look-ups that every write makes.

Django builds a query's text anew each time; for one row by its key that costs ten times the query itself.
Here the text and the converters of a table are made once. Values come out as the model layer would give them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models

M = TypeVar("M", bound=models.Model)
Converter = Callable[[Any, Any, Any], Any]


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
        converters += [(index, convert, expression) for convert in given]
    return select, tuple(f.attname for f in fields), tuple(converters)


def rows(model: type[M], tail: str, params: Sequence[Any], using: str = "default") -> list[M]:
    """Rows of a model by `tail` (WHERE … ORDER BY … in plain SQL that both databases read). UUIDs may be given."""
    select, names, converters = _plan(model, using)
    connection = connections[using]
    given = [_given(p, connection) for p in params]
    with connection.cursor() as cursor:
        cursor.execute(select + tail, given)
        found = cursor.fetchall()
    made = []
    for raw in found:
        values = list(raw)
        for index, convert, expression in converters:
            values[index] = convert(values[index], expression, connection)
        made.append(model.from_db(using, names, values))
    return made


def by_id(model: type[M], key: UUID | None, using: str = "default") -> M | None:
    """The row of this id, or None."""
    if key is None:
        return None
    found = rows(model, f"WHERE {model._meta.pk.column} = %s", [key], using)
    return found[0] if found else None


def _given(value: Any, connection: Any) -> Any:
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
