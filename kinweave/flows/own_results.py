"""A worker's own results, for that worker first: of the people met this month, how many feel better or worse.

Change is reliable change by the questionnaire's own published figure (`Instrument.changes`, kind "reliable");
which way is better stands in the questionnaire's file (`Scale.higher_is`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from kinweave.house.access import Actor
from kinweave.house.models import Happened
from kinweave.listen.reads_each import Line, lines_of_each
from kinweave.listen.shelf import instruments
from kinweave.people.door import within

ENOUGH = 5  # fewer than five people say nothing about a month, and point at someone


@dataclass(frozen=True, slots=True)
class OwnResults:
    """met: people met this month; better, worse, same: by reliable change from their first score to their last;
    unknown: met, but asked fewer than twice."""

    met: int
    better: int
    worse: int
    same: int
    unknown: int

    @property
    def enough(self) -> bool:
        return self.met >= ENOUGH


def own_results(by: Actor, now: datetime | None = None) -> OwnResults:
    """The results of an actor's own people in this calendar month. Three queries."""
    now = timezone.localtime(now)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    met = met_since(by, start)
    lines = lines_of_each(met, {slug for slug, _ in thresholds()})
    verdicts = [change_of(lines.get(one, {}), thresholds()) for one in met]
    counts = {word: verdicts.count(word) for word in ("better", "worse", "same", "unknown")}
    return OwnResults(len(met), **counts)


def met_since(by: Actor, start: datetime) -> list[UUID]:
    """The actor's own people whom the actor met since a moment, without the meetings taken back."""
    if not by.may("learn.own") or by.account_id is None:
        return []
    own = within(by).filter(worker_id=by.account_id).values("id")
    lines = Happened.objects.filter(person_id__in=own, at__gte=start, kind__in=("met", "note_undone"))
    rows = list(lines.values_list("person_id", "kind", "ref_id", "actor_id"))
    undone = {ref for _, kind, ref, _ in rows if kind == "note_undone"}
    mine = (p for p, kind, ref, who in rows if kind == "met" and ref not in undone and who == by.account_id)
    return sorted({p for p in mine if p is not None})


def thresholds() -> Mapping[Line, Decimal]:
    """For each (questionnaire, scale) the points that count as reliable change; below nought where more is better."""
    return {
        (slug, scale.code): change.value if scale.higher_is == "worse" else -change.value
        for slug, one in instruments().items()
        for change in one.changes
        for scale in one.scales
        if change.kind == "reliable" and scale.code == change.scale
    }


def change_of(lines: Mapping[Line, Sequence[float]], reliable: Mapping[Line, Decimal]) -> str:
    """ "better", "worse", "same" or "unknown" for one person. Worse on one measure counts as worse: getting
    better elsewhere does not hide it."""
    falls = [
        (Decimal(str(points[0])) - Decimal(str(points[-1])))
        / reliable[line]  # in steps of reliable change, worse below 0
        for line, points in lines.items()
        if line in reliable and len(points) > 1
    ]
    if not falls:
        return "unknown"
    return "worse" if min(falls) <= -1 else "better" if max(falls) >= 1 else "same"
