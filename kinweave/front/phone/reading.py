"""What a phone's request holds, read within bounds. Faults name fields, never values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from kinweave.core.bounded import read_object
from kinweave.front.api import Unreadable
from kinweave.front.api_bounds import TooLarge
from kinweave.house.typed import BadInput

MOST_BYTES = 1_000_000


def read(request: HttpRequest) -> dict[str, Any]:
    """The body as one JSON object. Raises TooLarge, Unreadable."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise Unreadable() from None
    if size > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES)
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES)
    if len(raw) != size:  # cut on its way: nothing of it counts
        raise Unreadable()
    try:
        return read_object(raw.decode())
    except ValueError:
        raise Unreadable() from None


def text(sent: dict[str, Any], name: str, most: int) -> str:
    value = sent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise BadInput(fields=name)
    return value


def number(sent: dict[str, Any], name: str, default: int = 0) -> int:
    value = sent.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise BadInput(fields=name)
    return value


def one_id(value: Any, name: str) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise BadInput(fields=name) from None


def ids(value: Any) -> tuple[UUID, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise BadInput(fields="people")
    try:
        return tuple(UUID(str(one)) for one in value)
    except ValueError:
        raise BadInput(fields="people") from None


def moment(value: Any) -> datetime | None:
    """A phone's clock; one that cannot be read tells nothing, and nothing is refused for it."""
    try:
        found = datetime.fromisoformat(str(value))
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of all years have no UTC everywhere
        return None
