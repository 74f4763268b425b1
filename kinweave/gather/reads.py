"""What pages and the phone ask of circles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max

from kinweave.gather.actions import ALIASES, KINDS, RULES
from kinweave.gather.door import circle_for, reaches, within
from kinweave.gather.models import Circle, Meeting
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.sealing import Opener, open_sealed

MOST_MEETINGS = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """A circle in a list: when it met last and how often."""

    row: Circle
    meetings: int
    last: date | None


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting as it is shown. `aliases` only for who keeps the circle."""

    id: UUID
    on: date
    head_count: int
    new_count: int
    kinds: dict[str, int]
    aliases: tuple[str, ...]
    written_by: UUID | None
    sheet: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One circle with its rules (for who keeps it) and its latest meetings, the newest first."""

    row: Circle
    keeps: bool
    rules: str
    met: tuple[Met, ...]


def circles(by: Actor, states: Sequence[str] = ("open",)) -> list[Listed]:
    """The circles in reach, by name. Two queries."""
    rows = within(by).filter(state__in=list(states)).select_related("place").order_by("name", "id")
    met = Meeting.objects.filter(circle_id__in=rows.values("id"), undone_at=None)
    sums = {r["circle_id"]: r for r in met.values("circle_id").annotate(n=Count("id"), last=Max("on")).order_by()}
    return [
        Listed(row, sums[row.id]["n"] if row.id in sums else 0, sums[row.id]["last"] if row.id in sums else None)
        for row in rows
    ]


def circle(circle_id: UUID, by: Actor) -> Whole:
    """One circle in reach. Raises CircleNotFound."""
    row = circle_for(circle_id, by, "gather.see")
    keeps = by.may("gather.keep") and reaches(row, by, "gather.keep")
    rules = open_sealed(row.id, RULES, row.rules) if keeps else None
    found = Meeting.objects.filter(circle_id=row.id, undone_at=None).order_by("-on", "-written_at")[:MOST_MEETINGS]
    opened = Opener([row.id]) if keeps and row.with_aliases else None
    return Whole(row, keeps, rules or "", tuple(_met(one, row.id, opened) for one in found))


def _met(one: Meeting, circle_id: UUID, opened: Opener | None) -> Met:
    names = (opened(circle_id, ALIASES, one.aliases) or "").splitlines() if opened else []
    return Met(one.id, one.on, one.head_count, one.new_count, dict(one.kinds), tuple(names), one.written_by, one.sheet)


def kinds_for(row: Circle) -> list[str]:
    """Which kinds of people are counted at this circle."""
    return list(chosen.value(KINDS, str(row.programme_id or "")))


def lines_typed(numbers: Iterable[str]) -> set[str]:
    """Which of these numbers (a sheet's number and its line) were typed and still stand. One query."""
    return set(Meeting.objects.filter(sheet__in=list(numbers), undone_at=None).values_list("sheet", flat=True))
