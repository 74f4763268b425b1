"""Gather's only door to learn: how many came for the first time, where and when. Circles, aliases and kinds stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kinweave.gather.models import Meeting

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class MeetingFact:
    """One meeting, without its circle."""

    place_id: UUID | None
    on: date
    new: int


def meetings() -> Iterator[MeetingFact]:
    rows = Meeting.objects.filter(undone_at=None).order_by("id")
    for row in rows.values_list("circle__place_id", "on", "new_count").iterator(BATCH):
        yield MeetingFact(*row)
