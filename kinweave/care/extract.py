"""Care's only door to learn: contacts, moves, goals reached, alerts answered. Notes, kinds and words stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kinweave.care.models import Goal, Risk, Session, Turn
from kinweave.house.models import Happened

BATCH = 10_000
SET, REACHED = "set", "reached"


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
class GoalFact:
    """A goal of the person's own was written down (`set`), or reached; never its words."""

    person_id: UUID
    at: datetime
    what: str


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


def goals() -> Iterator[GoalFact]:
    """Reached: as it stands now, from when it was last said so; or as a note of a session held says of the goal."""
    reached = set()
    for one, person, at, state in Goal.objects.order_by("id").values_list("id", "person_id", "at", "state"):
        yield GoalFact(person, at, SET)
        if state == REACHED:
            reached.add(one)
    when: dict[UUID, tuple[UUID, datetime]] = {}
    lines = Happened.objects.filter(kind="goal_state").order_by("at", "id")
    for ref, who, at, facts in lines.values_list("ref_id", "person_id", "at", "facts").iterator(BATCH):
        if ref in reached and who is not None and facts.get("state") == REACHED:
            when[ref] = who, at
    notes = Session.objects.filter(superseded_by=None, held=True, mood=REACHED).order_by("id")
    for person, at in [*when.values(), *notes.values_list("person_id", "at")]:
        yield GoalFact(person, at, REACHED)


def risks() -> Iterator[RiskFact]:
    """In time: the one who was asked first answered before the next one had to be asked."""
    rows = Risk.objects.order_by("id").values_list(
        "person_id", "place_id", "opened_at", "acknowledged_at", "answer_by", "level", "closed_at"
    )
    for person, place, at, acknowledged, by, level, closed in rows.iterator(BATCH):
        yield RiskFact(person, place, at, acknowledged is not None and level == 0 and acknowledged <= by, closed)
