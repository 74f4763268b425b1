"""Rates of small places, drawn towards the whole as far as chance explains them: empirical Bayes.

Marshall (1991), Appl Stat 40:283-294: the rates of places are taken to have one mean and one variance beyond chance,
both estimated by moments. Intervals are ours: those of the gamma distribution with these two moments after the counts
of the place were seen; they do not hold that the two moments are themselves estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from kinweave.measures.frames import Floats, check_level, read
from kinweave.measures.intervals import rate_interval
from kinweave.measures.refusals import NoSpread, NotAllowedHere, TooFew, TwiceTheSame
from kinweave.measures.results import Estimate, Result, Table, plain, some

CITATION: Final = (
    "Marshall (1991), Appl Stat 40:283-294, doi:10.2307/2347593 (global); intervals by the gamma distribution"
)
FEWEST: Final = 10  # places: below it a variance between them means little; ours


@dataclass(frozen=True, slots=True)
class Area:
    """One place. raw: events / people × per. value, low, high: smoothed. kept: share of its own rate in `value`."""

    name: str
    events: float
    people: float
    raw: float
    value: float
    low: float
    high: float
    kept: float


@dataclass(frozen=True, kw_only=True)
class Areas(Result):
    """Result of `smooth_areas`. between: variance of true rates between places (of events / people)."""

    areas: tuple[Area, ...]
    per: float
    between: float
    mean: float

    @property
    def says(self) -> str:
        if self.between == 0:
            return (
                f"The {len(self.areas)} places differ no more than chance would make them: take "
                f"{plain(self.mean * self.per)} for every {self.per:g} everywhere."
            )
        apart = sum(a.low > self.mean * self.per or a.high < self.mean * self.per for a in self.areas)
        return (
            f"{plain(self.mean * self.per)} for every {self.per:g} people over all {len(self.areas)} places; "
            f"once chance is taken out, {apart} of them differ from that."
        )

    def table(self) -> Table:
        head = ("place", "events", "people", "raw", "value", "low", "high", "kept")
        return Table(
            head, tuple((a.name, a.events, a.people, a.raw, a.value, a.low, a.high, a.kept) for a in self.areas)
        )


def marshall(events: Floats, people: Floats) -> tuple[float, float]:
    """Variance between places, never below nought, and mean: `a` and `b` of spdep's EBest."""
    mean = float(events.sum() / people.sum())
    spread = float((people * (events / people - mean) ** 2).sum() / people.sum())
    return max(0.0, spread - mean * len(people) / float(people.sum())), mean


def smooth_areas(
    data: Any, *, place: str = "place", events: str = "events", people: str = "people", per: float = 1000.0,
    level: float = 0.95,
) -> Areas:  # fmt: skip
    """One row a place: how many events, among how many people (or how much time).

    Places without people are left out; fewer than ten are refused.
    """
    check_level(level)
    frame = read(data, [place, events, people])
    names = frame.labels(place)
    y, n = frame.numbers(events, low=0, whole=True), frame.numbers(people, low=0)
    known = np.isfinite(y) & np.isfinite(n) & (names.codes >= 0) & (n > 0)
    if (odd := np.isfinite(y) & (n == 0) & (y > 0)).any():
        raise NotAllowedHere(row=int(np.argmax(odd)) + 1, column=events, rule="there are events but no people")
    code, y, n = names.codes[known], y[known], n[known]
    if len(np.unique(code)) < len(code):
        kinds, count = np.unique(code, return_counts=True)
        first = int(np.flatnonzero(known)[np.argmax(code == kinds[count > 1][0])]) + 1
        raise TwiceTheSame(found=int((count > 1).sum()), keys=place, row=first)
    if len(y) < FEWEST:
        raise TooFew(what="places", found=len(y), needed=FEWEST)
    if not y.sum() > 0:
        raise NoSpread(column=events)
    between, mean = marshall(y, n)
    tail = (1 - level) / 2
    if between > 0:
        shape, rate = mean * mean / between + y, mean / between + n
        value, low, high = shape / rate, stats.gamma.ppf(tail, shape) / rate, stats.gamma.isf(tail, shape) / rate
        kept = between / (between + mean / n)
    else:
        one = rate_interval(round(float(y.sum())), float(n.sum()), 1.0, level) or (mean, mean)
        value, low, high, kept = (np.full(len(y), v) for v in (mean, *one, 0.0))
    whole = rate_interval(round(float(y.sum())), float(n.sum()), per, level)
    overall = Estimate(
        "all places", mean * per, whole.low if whole else None, whole.high if whole else None, unit=f"per {per:g}",
        how="exact Poisson",
    )  # fmt: skip
    areas = tuple(
        Area(names.names[c], *(float(x) for x in (e, m, e / m * per, v * per, lo * per, hi * per, k)))
        for c, e, m, v, lo, hi, k in zip(code, y, n, value, low, high, kept, strict=True)
    )
    return Areas(
        method="empirical Bayes, Marshall's global", citation=CITATION, n=round(float(n.sum())), level=level,
        counted="people or person-time", left_out=some([("places without people or numbers", int((~known).sum()))]),
        estimates=(overall,), areas=areas,
        per=per, between=between, mean=mean,
        notes=("Smoothed rates are for seeing a map, not for ranking places.",),
    )  # fmt: skip
