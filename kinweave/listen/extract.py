"""Listen's only door to learn: scores by person, month and scale. Answers stay.

`doubtful` is a check on data quality, not a verdict: the same worker wrote the same answers, which were not
all alike, for two people on one day (practice.md §3: fabricated and copied rows are common and rational).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.db.models import F

from kinweave.house.sealing import Opener
from kinweave.listen.actions import ANSWERS, answers_from
from kinweave.listen.models import Response, Score

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """One score that has a value, in points."""

    person_id: UUID
    response_id: UUID
    instrument: str
    scale: str
    language: str
    taken_on: date
    value: float
    band: str
    missing: int
    doubtful: bool


def scores() -> Iterator[ScoreFact]:
    """All current scores with a value, streamed."""
    doubted = doubtful_responses()
    rows = Score.objects.filter(current=True).exclude(scaled=None).order_by("id")
    values = rows.annotate(lang=F("response__language")).values_list(
        "person_id", "response_id", "instrument", "scale", "lang", "taken_on", "scaled", "digits", "band", "missing"
    )
    for person, response, instrument, scale, language, on, scaled, digits, band, missing in values.iterator(BATCH):
        value, doubt = scaled / 10**digits, response in doubted
        yield ScoreFact(person, response, instrument, scale, language, on, value, band or "", missing, doubt)


def doubtful_responses() -> set[UUID]:
    """Responses that look copied. Opens answers in batches and lets none of them out."""
    seen: dict[tuple[str, bytes], tuple[UUID, UUID]] = {}
    doubted: set[UUID] = set()
    rows = Response.objects.filter(superseded_by=None).exclude(answers=None).order_by("id")
    for batch in _batches(rows.iterator(BATCH)):
        opened = Opener({r.person_id for r in batch})
        for row in batch:
            answers = answers_from(opened(row.person_id, ANSWERS, row.answers))
            if len(set(map(str, answers.values()))) < 2:
                continue
            content = f"{sorted(answers.items())}".encode()
            key = (f"{row.by_id}|{row.instrument}|{row.taken_on}", hashlib.blake2b(content, digest_size=16).digest())
            first = seen.setdefault(key, (row.id, row.person_id))
            if first[1] != row.person_id:
                doubted |= {first[0], row.id}
    return doubted


def _batches(rows: Iterator[Response]) -> Iterator[list[Response]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
