"""The scores of many people at once, kept apart by person."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kinweave.listen.models import Score

Line = tuple[str, str]  # instrument, scale


def lines_of_each(persons: Collection[UUID], instruments: Collection[str]) -> dict[UUID, dict[Line, list[float]]]:
    """Each person's scores in points, oldest first, by (instrument, scale). One query."""
    rows = Score.objects.filter(person_id__in=list(persons), instrument__in=list(instruments), current=True)
    rows = rows.exclude(scaled=None).order_by("taken_on", "response__received_at")
    found: dict[UUID, dict[Line, list[float]]] = {}
    for person, instrument, scale, scaled, digits in rows.values_list(
        "person_id", "instrument", "scale", "scaled", "digits"
    ):
        found.setdefault(person, {}).setdefault((instrument, scale), []).append(scaled / 10**digits)
    return found
