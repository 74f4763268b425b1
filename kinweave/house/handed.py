"""Values on their way into a row, the short way.

Django asks a field three times how a value is written; over a bulk load that is a third of the time. Values of
the usual exact types go the short way here; None from it means: ask the field. What is handed over is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import models

Handed = Callable[[Any], Any]


def short_way(field: Any, connection: Any) -> Handed:
    """How the usual values of a field are handed to this kind of database."""
    target = field
    while target.is_relation:
        target = target.target_field
    ways = _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL
    if getattr(target, "encoder", None) is not None:
        return _ask
    return ways.get(target.get_internal_type(), _ask)


def _ask(value: Any) -> Any:
    return None


def _same_if(*kinds: type) -> Handed:
    return lambda value: value if type(value) in kinds else None


@lru_cache(maxsize=50_000)
def _hex_of(text: str) -> str:
    return UUID(text).hex


def _hex(value: Any) -> str | None:
    if type(value) is UUID:
        return value.hex
    return _hex_of(value) if type(value) is str else None


def _moment(value: Any) -> datetime | None:
    """An aware moment in UTC; None for a naive one, of which the field itself must speak."""
    if type(value) is str:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    aware = type(value) is datetime and value.tzinfo is not None
    return value.astimezone(UTC) if aware else None


def _moment_text(value: Any) -> str | None:
    moment = _moment(value)
    return None if moment is None else str(moment.replace(tzinfo=None))


def _day_text(value: Any) -> str | None:
    return value.isoformat() if type(value) is date else None


def _json_text(value: Any) -> str | None:
    return json.dumps(value) if type(value) in (dict, list) else None


_SHARED: dict[str, Handed] = {
    models.CharField.__name__: _same_if(str),
    models.TextField.__name__: _same_if(str),
    models.BooleanField.__name__: _same_if(bool),
}
_WHOLE = ("IntegerField", "SmallIntegerField", "BigIntegerField", "BigAutoField")
_SQLITE: dict[str, Handed] = {
    **_SHARED,
    **dict.fromkeys(_WHOLE, _same_if(int)),
    "UUIDField": _hex,
    "DateTimeField": _moment_text,
    "DateField": _day_text,
    "JSONField": _json_text,
    "BinaryField": _same_if(bytes),
}
_POSTGRESQL: dict[str, Handed] = {
    **_SHARED,
    "UUIDField": _same_if(UUID),
    "DateTimeField": _moment,
    "DateField": _same_if(date),
}
