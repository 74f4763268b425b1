"""The way of many people at once: a fixed number of queries, however many there are and however long their history."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from kinweave.care.actions.goals import CHANGED
from kinweave.care.actions.pathway import GOAL
from kinweave.care.actions.sessions import NOTE
from kinweave.care.models import Episode, Goal, Risk, Session
from kinweave.core.risk import CLOSED
from kinweave.house.models import Due
from kinweave.house.sealing import Opener

MEETINGS = 10  # of each person
GOALS = 10
Whose = dict[UUID, UUID]  # every record, also merged ones → the person
NEXT = ("session", "first_meeting")


def steps_of_each(whose: Whose) -> dict[UUID, int | None]:
    """The step each person is on in the episode that runs. One query."""
    rows = Episode.objects.filter(person_id__in=list(whose)).order_by("opened_at", "number")
    return {whose[person]: step for person, step in rows.values_list("person_id", "step")}


def meetings_of_each(whose: Whose, opened: Opener, *, notes: bool) -> dict[UUID, list[dict[str, Any]]]:
    """The last meetings of each person, the latest first, with their notes where these may be read. One query."""
    rows = _last(Session.objects.filter(person_id__in=list(whose), superseded_by=None), MEETINGS)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        one = {"id": str(row.id), "at": row.at.isoformat(), "held": row.held, "kind": row.kind}
        if row.missed_reason:
            one["reason"] = row.missed_reason
        if notes and (note := opened(row.person_id, NOTE, row.note)):
            one["note"] = note
        found.setdefault(whose[row.person_id], []).append(one)
    return {person: some[:MEETINGS] for person, some in found.items()}


def goals_of_each(whose: Whose, opened: Opener) -> dict[UUID, list[dict[str, Any]]]:
    """What each person wants to change, the latest first. One query."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in _last(Goal.objects.filter(person_id__in=list(whose)).exclude(state=CHANGED), GOALS):
        one = {"id": str(row.id), "text": opened(row.person_id, GOAL, row.text) or "", "state": row.state}
        found.setdefault(whose[row.person_id], []).append(one)
    return {person: some[:GOALS] for person, some in found.items()}


def goals_by_id(ids: Collection[UUID]) -> dict[str, str]:
    """The words of goals, also of changed ones, by their ids. One query, and one look at the keys."""
    rows = list(Goal.objects.filter(id__in=list(ids)))
    opened = Opener([row.person_id for row in rows])
    return {str(row.id): opened(row.person_id, GOAL, row.text) or "" for row in rows}


def next_of_each(whose: Whose) -> dict[UUID, dict[str, Any]]:
    """The next meeting of each person. One query."""
    rows = Due.objects.filter(person_id__in=list(whose), state="open", kind__in=NEXT).order_by("-at")
    found = rows.values_list("person_id", "kind", "at")
    return {whose[person]: {"kind": kind, "at": at.isoformat()} for person, kind, at in found if person is not None}


def risk_of_each(whose: Whose) -> dict[UUID, dict[str, Any]]:
    """The alert about each person that is not closed, the most urgent of several. One query."""
    order = {"now": 0, "today": 1, "week": 2}
    rows = Risk.objects.filter(person_id__in=list(whose)).exclude(state=CLOSED).order_by("opened_at")
    found: dict[UUID, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: -order.get(r.urgency, 0)):
        opened_at = row.opened_at.isoformat()
        one = {"id": str(row.id), "urgency": row.urgency, "state": row.state, "opened_at": opened_at}
        if row.person_id is not None:
            found[whose[row.person_id]] = one
    return found


def _last(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    """The latest rows of each record."""
    rank = Window(RowNumber(), partition_by=F("person_id"), order_by=(F("at").desc(), F("id").desc()))
    return rows.annotate(rank=rank).filter(rank__lte=most).order_by("-at", "-id")
