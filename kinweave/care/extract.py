"""Care's only door to learn: contacts, moves and how alerts were answered. Notes, kinds and people stay."""

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
    """An alert without its person."""

    place_id: UUID | None
    at: datetime
    in_time: bool
    closed: bool


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
    rows = Risk.objects.order_by("id").values_list("place_id", "opened_at", "acknowledged_at", "level", "state")
    for place, at, acknowledged, level, state in rows.iterator(BATCH):
        yield RiskFact(place, at, acknowledged is not None and level == 0, state == "closed")
