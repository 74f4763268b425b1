"""What asking needs to know: who was asked what and when, which forms a form replaces, which are switched on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.house.sealing import Opener
from kinweave.listen.actions import ANSWERS, UNDO_DAYS, answers_from
from kinweave.listen.models import Response, Score, Switch

MOST_BEFORE = 20  # corrections of corrections that are followed


@dataclass(frozen=True, slots=True)
class State:
    """Whether a questionnaire is asked, since when, with what licence statement."""

    on: bool
    at: datetime
    licence: str


def last_asked(persons: Sequence[UUID]) -> dict[str, date]:
    """For each questionnaire (by slug) the day it was last answered. One query."""
    rows = Response.objects.filter(person_id__in=list(persons), superseded_by=None)
    return dict(rows.order_by("taken_on").values_list("instrument", "taken_on"))


def switches(scope: str) -> dict[str, State]:
    """The last word on each questionnaire for exactly this scope. One query."""
    rows = Switch.objects.filter(scope=scope).order_by("at", "id")
    return {row.slug: State(row.on, row.at, row.licence_statement) for row in rows}


def forms_before(response_id: UUID) -> list[tuple[UUID, dict[str, Any]]]:
    """A form with its answers, and those it replaced in their turn, the latest first."""
    rows = list(Response.objects.filter(id=response_id))
    for _ in range(MOST_BEFORE):
        older = Response.objects.filter(superseded_by=rows[-1].id).exclude(id=rows[-1].id).first() if rows else None
        if older is None:
            break
        rows.append(older)
    opened = Opener([row.person_id for row in rows])
    return [(row.id, answers_from(opened(row.person_id, ANSWERS, row.answers))) for row in rows]


def scales_of(response_id: UUID) -> list[Score]:
    """The scores of one form."""
    return list(Score.objects.filter(response_id=response_id).order_by("id"))


def can_undo(row: Response, by: Actor, now: datetime) -> bool:
    """Whether this account may still take a form back."""
    return (
        row.superseded_by is None and row.by_id == by.account_id and now - row.received_at <= timedelta(days=UNDO_DAYS)
    )
