"""Paper sheets that were typed: was this number here before, and what stood on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.house.sealing import Opener
from kinweave.listen.actions import ANSWERS, answers_from
from kinweave.listen.models import Response
from kinweave.people.door import within


@dataclass(frozen=True, slots=True)
class Typed:
    """A sheet that was typed. `reached`: within the reader's reach, so that it can be opened."""

    id: UUID
    person_id: UUID
    instrument: str
    taken_on: date
    reached: bool


def typed_before(by: Actor, number: str) -> Typed | None:
    """The first sheet of this number that still stands, also one out of reach (then only that it was typed)."""
    # Saying that the number is not empty is what lets SQLite use the index over sheets alone.
    found = Response.objects.filter(sheet=number, superseded_by=None).exclude(sheet="")
    row = found.order_by("received_at").first() if number else None
    if row is None:
        return None
    reached = within(by, "listen.record").filter(id=row.person_id).exists()
    return Typed(row.id, row.person_id, row.instrument, row.taken_on, reached)


def answers_typed(persons: tuple[UUID, ...], response_id: UUID) -> dict[str, Any]:
    """What was typed from a sheet of a person, by item code."""
    row = Response.objects.filter(id=response_id, person_id__in=persons, superseded_by=None).first()
    if row is None:
        return {}
    return answers_from(Opener([row.person_id])(row.person_id, ANSWERS, row.answers))
