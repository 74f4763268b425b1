"""Team's only door to learn: minutes that workers wrote down, paid or not. What they did and their notes stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kinweave.team.models import Hours

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class HoursFact:
    """One row of hours."""

    worker_id: UUID
    on: date
    minutes: int
    paid: bool


def hours() -> Iterator[HoursFact]:
    rows = Hours.objects.filter(superseded_by=None).order_by("id").values_list("account_id", "on", "minutes", "paid")
    for row in rows.iterator(BATCH):
        yield HoursFact(*row)
