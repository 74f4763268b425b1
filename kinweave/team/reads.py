"""What a worker sees of their own hours. Nobody else's are read here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kinweave.house import settings as chosen
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.sealing import open_sealed
from kinweave.team.actions import KINDS, NOTE
from kinweave.team.models import Hours

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Given:
    """One row of hours."""

    id: UUID
    on: date
    minutes: int
    kind: str
    paid: bool
    note: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Month:
    """A worker's own month: the rows, the newest day first, and minutes paid and unpaid."""

    year: int
    month: int
    rows: tuple[Given, ...]
    paid: int
    unpaid: int


def own_month(by: Actor, on: date) -> Month:
    """The month of `on`, of the actor alone. Raises NotAllowed."""
    if by.account_id is None or not by.may("team.hours"):
        raise NotAllowed(permission="team.hours")
    first, last = on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1])
    found = Hours.objects.filter(account_id=by.account_id, superseded_by=None, on__range=(first, last))
    rows = tuple(
        Given(r.id, r.on, r.minutes, r.kind, r.paid, open_sealed(r.account_id, NOTE, r.note) or "", r.sheet)
        for r in found.order_by("-on", "-written_at", "id")
    )
    paid = sum(r.minutes for r in rows if r.paid)
    return Month(on.year, on.month, rows, paid, sum(r.minutes for r in rows) - paid)


def kinds_of_work() -> list[str]:
    return list(chosen.value(KINDS))


def lines_typed(by: Actor, numbers: Iterable[str]) -> set[str]:
    """Which of these numbers (a sheet's number and its line) this worker typed, and still stand. One query."""
    mine = Hours.objects.filter(account_id=by.account_id or NOBODY, sheet__in=list(numbers), superseded_by=None)
    return set(mine.values_list("sheet", flat=True))
