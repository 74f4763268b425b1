"""What pages ask of listen: scores over time and one response with its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.house.sealing import open_sealed
from kinweave.listen.actions import ANSWERS, answers_from
from kinweave.listen.models import Response, Score


@dataclass(frozen=True, slots=True)
class Point:
    """One score on one day. value in points, None with a reason."""

    response_id: UUID
    taken_on: date
    value: float | None
    band: str | None
    missing: int
    reason: str


def scores_over_time(persons: Sequence[UUID]) -> dict[tuple[str, str], list[Point]]:
    """For each (instrument, scale) the points in time, oldest first. One query."""
    lines: dict[tuple[str, str], list[Point]] = {}
    rows = Score.objects.filter(person_id__in=list(persons), current=True)
    for s in rows.order_by("instrument", "scale", "taken_on", "response__received_at"):
        point = Point(s.response_id, s.taken_on, s.value, s.band, s.missing, s.reason)
        lines.setdefault((s.instrument, s.scale), []).append(point)
    return lines


def one_response(persons: Sequence[UUID], response_id: UUID) -> tuple[Response, dict[str, Any]] | None:
    """A response of these records with its opened answers."""
    row = Response.objects.filter(id=response_id, person_id__in=list(persons)).first()
    if row is None:
        return None
    return row, answers_from(open_sealed(row.person_id, ANSWERS, row.answers))
