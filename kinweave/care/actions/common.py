"""What care's actions share: dues opened and closed, the episode that is running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kinweave.care.models import Episode
from kinweave.house import quick
from kinweave.house.journal import Part
from kinweave.house.models import Due
from kinweave.house.rows import Change, Put, Row, table
from kinweave.people.door import Seen

SOON = timedelta(days=3)  # a meeting a little early counts as the one that is due (ours)


def running(seen: Seen) -> Episode | None:
    """The episode a person is in now (the last one, closed or not)."""
    tail = f"WHERE person_id IN ({_marks(seen.ids)}) ORDER BY opened_at DESC, number DESC LIMIT 1"
    return next(iter(quick.rows(Episode, tail, list(seen.ids))), None)


def open_dues(
    persons: Sequence[UUID], kinds: Iterable[str] | None = None, ref: UUID | None = None, until: datetime | None = None
) -> list[UUID]:
    """Ids of what is open for a person: of some kinds, about one thing, due until a time."""
    if kinds is not None and not (kinds := tuple(kinds)):
        return []
    tail = f"WHERE person_id IN ({_marks(persons)}) AND state = 'open'"
    given: list[Any] = list(persons)
    if kinds is not None:
        tail += f" AND kind IN ({_marks(kinds)})"
        given += kinds
    if ref is not None:
        tail += " AND ref_id = %s"
        given.append(ref)
    if until is not None:
        tail += " AND at <= %s"
        given.append(table("house.Due", "default").handed("at", until, "default"))
    return quick.ids(Due, f"{tail} ORDER BY id", given)


def open_follow_ups(persons: Sequence[UUID], by: datetime, ref: UUID | None = None) -> list[UUID]:
    """Meetings after an alert that a contact at `by` settles: all that are late, and one due within days."""
    return open_dues(persons, ["risk_follow"], ref, until=by + SOON)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def put_due(part: Part, name: str, kind: str, at: datetime | str, **more: Any) -> Put:
    """Something due. `name` tells several of one part apart."""
    return Put("house.Due", {"id": part.child(f"due/{name}"), "kind": kind, "at": at, **more})


def end_dues(part: Part, ids: Iterable[str], state: str = "done") -> Iterator[Row]:
    for one in ids:
        yield Change("house.Due", UUID(one), {"state": state, "done_at": part.received_at})
