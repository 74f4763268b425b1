"""The scores of many people at once, kept apart by person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

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


LAST = 6  # scores of each scale that a phone shows


def last_scores_of_each(whose: dict[UUID, UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The last scores of each person and scale, oldest first; `whose`: every record → the person. One query."""
    part = (F("person_id"), F("instrument"), F("scale"))
    rank = Window(RowNumber(), partition_by=part, order_by=(F("taken_on").desc(), F("id").desc()))
    rows = Score.objects.filter(person_id__in=list(whose), current=True).annotate(rank=rank).filter(rank__lte=LAST)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows.order_by("taken_on", "id"):
        one = {
            "instrument": row.instrument,
            "scale": row.scale,
            "taken_on": row.taken_on.isoformat(),
            "scaled": row.scaled,
            "digits": row.digits,
            "band": row.band,
        }
        found.setdefault(whose[row.person_id], []).append(one)
    return found
