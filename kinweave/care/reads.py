"""What pages ask of care: today's list, the timeline, one person's way, alerts in reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from kinweave.care.models import Episode, Goal, Risk, Session
from kinweave.house.access import Actor
from kinweave.house.models import Due, Happened
from kinweave.people.door import within
from kinweave.people.standing import names_of

MOST = 10  # practice rule 9: at most ten tasks
DANGER = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One line of today's list: who, what, when, one thing to do."""

    id: UUID
    kind: str
    at: datetime
    priority: int
    person_id: UUID | None
    name: str
    ref_id: UUID | None
    late: bool


@dataclass(frozen=True, slots=True)
class Today:
    tasks: tuple[Task, ...]
    more: int  # how many wait behind the ten
    met: int
    better: int
    worse: int


def today(by: Actor, now: datetime | None = None) -> Today:
    """What an actor must do by tonight, danger first, then by priority and time; at most ten, but every danger.

    Five queries, however many people there are.
    """
    now = now or timezone.now()
    until = now + timedelta(days=1)
    mine = Due.objects.filter(state="open", who=by.account_id, at__lte=until)
    found = mine
    roles = [r for r in by.roles if r in {"supervisor", "coordinator"}]
    if roles:
        people = _reached(by, "risk.answer")
        asked = Q(role="supervisor") | Q(role="coordinator") if "coordinator" in roles else Q(role="supervisor")
        found = mine | Due.objects.filter(asked, people | Q(person_id=None), state="open", at__lte=until)
    # A risk counts from the moment it is open, not from when its time is over.
    risky = Due.objects.filter(state="open", priority=DANGER, who=by.account_id)
    if roles:
        risky |= Due.objects.filter(asked, people | Q(person_id=None), state="open", priority=DANGER)
    rows = _one_each((found | risky).order_by("priority", "at", "id").distinct()[: MOST * 20])
    dangers = sum(row.priority == DANGER for row in rows)
    shown = rows[: max(MOST, dangers)]
    names = names_of([row.person_id for row in shown if row.person_id])
    tasks = tuple(
        Task(r.id, r.kind, r.at, r.priority, r.person_id, names.get(r.person_id, ""), r.ref_id, r.at < now)  # type: ignore[arg-type]
        for r in shown
    )
    return Today(tasks, len(rows) - len(shown), 0, 0, 0)


def _reached(by: Actor, permission: str) -> Q:
    """Of rows with a `person_id`: those whose person is in reach. Asked of each row, since the rows are few and the
    people many; `person_id__in` begins with the people."""
    return Q(Exists(within(by, permission).filter(id=OuterRef("person_id"))))


def _one_each(rows: Iterable[Due]) -> list[Due]:
    """One line for a person, a kind and a matter: what was missed three times is still one thing to do."""
    seen: dict[object, Due] = {}
    for row in rows:
        key = (row.person_id, row.kind, row.ref_id if row.priority == DANGER else None) if row.person_id else row.id
        seen.setdefault(key, row)
    return list(seen.values())


def timeline(persons: Sequence[UUID], by: Actor, limit: int = 50, before: datetime | None = None) -> list[Happened]:
    """What happened, the latest first; risks only for who may see risks."""
    found = Happened.objects.filter(person_id__in=list(persons))
    if before is not None:
        found = found.filter(at__lt=before)
    guarded = {"risk"} if by.may("risk.see") else set()
    return list(found.filter(guarded__in={"", *guarded}).order_by("-at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class Way:
    """Where a person is: the episode, how many sessions were held, what comes next."""

    episode: Episode | None
    held: int
    sessions: tuple[Session, ...]
    goals: tuple[Goal, ...]
    next: Due | None


def way_of(persons: Sequence[UUID]) -> Way:
    ids = list(persons)
    episode = Episode.objects.filter(person_id__in=ids).order_by("-opened_at", "-number").first()
    sessions = tuple(Session.objects.filter(person_id__in=ids, superseded_by=None).order_by("-at")[:20])
    held = Session.objects.filter(person_id__in=ids, superseded_by=None, held=True)
    if episode is not None:
        held = held.filter(episode=episode)
    goals = tuple(Goal.objects.filter(person_id__in=ids).exclude(state="changed").order_by("-at")[:10])
    due = (
        Due.objects.filter(person_id__in=ids, state="open", kind__in=("session", "first_meeting"))
        .order_by("at")
        .first()
    )
    return Way(episode, held.count(), sessions, goals, due)


def risks_in_reach(by: Actor, states: Sequence[str] = ("open", "acknowledged", "contacted", "planned")) -> list[Risk]:
    """Alerts of the people in reach, and those of nobody known, the most urgent and oldest first."""
    by.require("risk.see")
    found = Risk.objects.filter(_reached(by, "risk.see") | _nobodys(by), state__in=list(states))
    order: dict[str, Any] = {"open": 0, "acknowledged": 1, "contacted": 2, "planned": 3}
    return sorted(found, key=lambda r: (order.get(r.state, 9), r.answer_by))


def unanswered(risk_id: UUID | None = None) -> list[Risk]:
    """Alerts that nobody has answered yet, the oldest first (for the clocks; no person is opened)."""
    found = Risk.objects.filter(state="open")
    return list((found if risk_id is None else found.filter(id=risk_id)).order_by("opened_at"))


def _nobodys(by: Actor) -> Q:
    """Alerts without a known person: for the supervisors and coordinators of their house (of any, where nothing says
    whose), and for who opened them."""
    mine = Q(person_id=None, opened_by=by.account_id)
    homes = [reach.organisation_id for reach in by.reaches("risk.answer") if reach.organisation_id]
    whose = Q(organisation_id=None) | Q(organisation_id__in=homes)
    return Q(person_id=None) & whose | mine if by.may("risk.answer") else mine
