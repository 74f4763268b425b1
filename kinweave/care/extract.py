"""Care's only door to learn: contacts, moves and how alerts were answered. Notes, kinds and words stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kinweave.care.models import Risk, Session, Turn

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class ContactFact:
    person_id: UUID
    at: datetime
    kind: str
    planned: bool
    held: bool
    missed_reason: str
    worker_id: UUID | None
    step: int | None


@dataclass(frozen=True, slots=True)
class TurnFact:
    person_id: UUID
    at: datetime
    state: str
    move: str
    reason: str


@dataclass(frozen=True, slots=True)
class RiskFact:
    """How an alert was answered. person_id: empty where it is not known whose answer it was."""

    person_id: UUID | None
    place_id: UUID | None
    at: datetime
    in_time: bool
    closed_at: datetime | None


def contacts() -> Iterator[ContactFact]:
    rows = (
        Session.objects.filter(superseded_by=None)
        .order_by("id")
        .values_list("person_id", "at", "kind", "planned", "held", "missed_reason", "worker_id", "step")
    )
    for row in rows.iterator(BATCH):
        yield ContactFact(*row)


def turns() -> Iterator[TurnFact]:
    rows = Turn.objects.order_by("at", "id").values_list("person_id", "at", "to_state", "move", "reason")
    for row in rows.iterator(BATCH):
        yield TurnFact(*row)


def risks() -> Iterator[RiskFact]:
    """In time: the one who was asked first answered before the next one had to be asked."""
    rows = Risk.objects.order_by("id").values_list(
        "person_id", "place_id", "opened_at", "acknowledged_at", "answer_by", "level", "closed_at"
    )
    for person, place, at, acknowledged, by, level, closed in rows.iterator(BATCH):
        yield RiskFact(person, place, at, acknowledged is not None and level == 0 and acknowledged <= by, closed)
