"""How many people changed by more than chance: three published methods, always better and worse together.

The three judge the same people differently, so the method is named wherever a figure is shown. The denominator is
everyone who started: who was not seen again is a part of its own, not left out.

Jacobson & Truax (1991), J Consult Clin Psychol 59:12-19 (see `change`). Edwards & Nunnally: Speer (1992), J Consult
Clin Psychol 60:402-408, with 95 % about the true score expected from regression to the mean. Hageman & Arrindell
(1999), Behav Res Ther 37:1169-1193, which takes regression to the mean out of both the change and the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinweave.measures.change import Outcome, Thresholds, reliable_change
from kinweave.measures.frames import Floats, check_level, read
from kinweave.measures.intervals import wilson
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, TooFew
from kinweave.measures.results import Estimate, Result, Table, some

JACOBSON_TRUAX: Final = "Jacobson-Truax"
EDWARDS_NUNNALLY: Final = "Edwards-Nunnally"
HAGEMAN_ARRINDELL: Final = "Hageman-Arrindell"
CITATIONS: Final = {
    JACOBSON_TRUAX: "Jacobson & Truax (1991), J Consult Clin Psychol 59:12-19, doi:10.1037/0022-006X.59.1.12",
    EDWARDS_NUNNALLY: "Speer (1992), J Consult Clin Psychol 60:402-408, doi:10.1037/0022-006X.60.3.402",
    HAGEMAN_ARRINDELL: "Hageman & Arrindell (1999), Behav Res Ther 37:1169-1193, doi:10.1016/S0005-7967(99)00032-7",
}
FEWEST: Final = 3  # people seen twice, where the method takes its spreads from them; ours
Bools = NDArray[np.bool_]
WORDS: Final = {
    Outcome.RECOVERED: "recovered", Outcome.IMPROVED: "improved", Outcome.UNCHANGED: "unchanged",
    Outcome.DETERIORATED: "got worse", Outcome.UNKNOWN: "not seen again",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Change(Result):
    """Result of `count_change`. counts: of all five outcomes, adding up to n. cutoff, reliable: as used, in points."""

    counts: dict[str, int]
    cutoff: float | None
    reliable: float | None
    source: str

    @property
    def says(self) -> str:
        c = {o: self.counts[o.value] for o in Outcome}
        better = c[Outcome.RECOVERED] + c[Outcome.IMPROVED]
        told = (
            f"Of {self.n} {'person' if self.n == 1 else 'people'} who started, {better} improved by more than chance, "
            f"{c[Outcome.DETERIORATED]} got worse by more than chance and {c[Outcome.UNCHANGED]} did neither"
        )
        if c[Outcome.UNKNOWN]:
            told += f"; {c[Outcome.UNKNOWN]} were not seen again"
        into = f" Of those who improved, {c[Outcome.RECOVERED]} also reached the range of people without the trouble."
        return f"{told} ({self.method})." + (into if self.cutoff is not None and better else "")

    def table(self) -> Table:
        rows = [(e.name, self.counts.get(_key(e.name)), e.value, e.low, e.high) for e in self.estimates]
        return Table(("outcome", "people", "share", "low", "high"), tuple(rows))


def _key(name: str) -> str:
    return next((o.value for o, word in WORDS.items() if word == name), "")


def count_change(
    data: Any, *, before: str = "before", after: str = "after", method: str = JACOBSON_TRUAX,
    thresholds: Thresholds | None = None, reliability: float | None = None, sd: float | None = None,
    mean: float | None = None, cutoff: float | None = None, source: str = "", higher_is_worse: bool = True,
    important: float | None = None, level: float = 0.95,
) -> Change:  # fmt: skip
    """How many recovered, improved, stayed, got worse, were not seen again.

    data: one row for each person. thresholds: published ones (Jacobson-Truax only); otherwise `reliability` (0 to 1)
    and `source` are needed, and `sd` and `mean` of the first score are those of the people themselves unless given.
    cutoff: from where on a score counts as troubled; without it nobody can be told recovered. important: the smallest
    change in points that matters to people (MID); counted besides, both ways, without regard to chance.
    """
    check_level(level)
    if method not in CITATIONS:
        raise BadChoice(name="method", allowed=", ".join(CITATIONS))
    frame = read(data, [before, after])
    start, end = frame.numbers(before), frame.numbers(after)
    began = np.isfinite(start)
    sign = 1.0 if (thresholds.higher_is_worse if thresholds else higher_is_worse) else -1.0
    x, y = sign * start[began], sign * end[began]
    if not len(x):
        raise TooFew(what="people with a first score", found=0, needed=1)
    reliable: float | None
    if thresholds is not None:
        if method != JACOBSON_TRUAX:
            raise BadChoice(name="thresholds", allowed="used with Jacobson-Truax; other methods need reliability")
        reliable, cutoff, source = thresholds.reliable, thresholds.cutoff, thresholds.source
        both: Callable[[Floats, Floats], tuple[Bools, Bools, Bools]] = _by_points(
            thresholds.reliable, _turned(cutoff, sign)
        )
    else:
        if reliability is None or not 0 < reliability < 1 or not source.strip():
            raise BadChoice(name="reliability", allowed="above 0 and below 1, with the source it comes from")
        both, reliable = _method(method, x, y, reliability, sd, _turned(mean, sign), _turned(cutoff, sign))
    seen = np.isfinite(y)
    better, worse, well = both(x[seen], y[seen])
    counts = {
        Outcome.RECOVERED: int((better & well).sum()), Outcome.IMPROVED: int((better & ~well).sum()),
        Outcome.UNCHANGED: int((~better & ~worse).sum()), Outcome.DETERIORATED: int(worse.sum()),
        Outcome.UNKNOWN: int((~seen).sum()),
    }  # fmt: skip
    told = [o for o in counts if o is not Outcome.RECOVERED or cutoff is not None]
    shares = [_share(WORDS[o], counts[o], len(x), level) for o in told]
    if important is not None:
        if not (math.isfinite(important) and important > 0):
            raise BadChoice(name="important", allowed="a number of points above nought")
        gone = y[seen] - x[seen]
        shares.append(_share(f"better by {important:g} or more", int((gone <= -important).sum()), len(x), level))
        shares.append(_share(f"worse by {important:g} or more", int((gone >= important).sum()), len(x), level))
    return Change(
        method=method, citation=CITATIONS[method], n=len(x), level=level, estimates=tuple(shares),
        left_out=some([("people without a first score", int((~began).sum()))]), cutoff=cutoff, reliable=reliable,
        counts={o.value: k for o, k in counts.items()}, source=source,
        notes=("Some would have felt better, or worse, without anybody's help.",),
    )  # fmt: skip


def _turned(value: float | None, sign: float) -> float | None:
    return None if value is None else sign * value


def _share(name: str, part: int, whole: int, level: float) -> Estimate:
    ends = wilson(part, whole, level)
    low, high = ends or (None, None)
    return Estimate(name, part / whole, low, high, unit="of all who started", how="Wilson")


def _method(
    method: str, x: Floats, y: Floats, reliability: float, sd: float | None, mean: float | None, cutoff: float | None
) -> tuple[Callable[[Floats, Floats], tuple[Bools, Bools, Bools]], float | None]:
    """How to judge, and the smallest change that counts if that is the same for everybody."""
    if sd is None:
        if len(x) < FEWEST:
            raise TooFew(what="people to take the spread of first scores from", found=len(x), needed=FEWEST)
        sd = float(np.std(x, ddof=1))
    if not sd > 0 or not math.isfinite(sd):
        raise NoSpread(column="the first score")
    if method == JACOBSON_TRUAX:
        points = reliable_change(sd, reliability)
        return _by_points(points, cutoff), points
    error = sd * math.sqrt(1 - reliability)
    centre = float(np.mean(x)) if mean is None else mean
    if method == EDWARDS_NUNNALLY:
        return _edwards_nunnally(centre, error, reliability, cutoff), None
    return _hageman_arrindell(x, y, sd, error, cutoff), None


def _well(x: Floats, y: Floats, cutoff: float | None) -> Bools:
    """From the troubled side, the cut-off included, to the other."""
    if cutoff is None:
        return np.zeros(len(x), dtype=bool)
    return (x >= cutoff) & (y < cutoff)


def _by_points(points: float, cutoff: float | None) -> Callable[[Floats, Floats], tuple[Bools, Bools, Bools]]:
    def judge(x: Floats, y: Floats) -> tuple[Bools, Bools, Bools]:
        return x - y >= points, y - x >= points, _well(x, y, cutoff)

    return judge


def _edwards_nunnally(
    centre: float, error: float, reliability: float, cutoff: float | None
) -> Callable[[Floats, Floats], tuple[Bools, Bools, Bools]]:
    def judge(x: Floats, y: Floats) -> tuple[Bools, Bools, Bools]:
        index = (y - (reliability * (x - centre) + centre)) / error
        return index <= -1.96, index >= 1.96, _well(x, y, cutoff)

    return judge


def _hageman_arrindell(
    x: Floats, y: Floats, sd: float, error: float, cutoff: float | None
) -> Callable[[Floats, Floats], tuple[Bools, Bools, Bools]]:
    seen = np.isfinite(y)
    if seen.sum() < FEWEST:
        raise TooFew(what="people seen twice", found=int(seen.sum()), needed=FEWEST)
    first, last = x[seen], y[seen]
    sd_last = float(np.std(last, ddof=1))
    together = float(np.cov(first, last)[0, 1]) if sd_last > 0 else 0.0
    change = sd**2 + sd_last**2 - 2 * together
    of_change = (sd**2 - error**2 + sd_last**2 - error**2 - 2 * together) / change if change > 0 else -1.0
    of_last = 1 - error**2 / sd_last**2 if sd_last > 0 else -1.0
    if not of_change > 0 or not of_last > 0:
        raise CannotTell(
            why="changes differ less between people than the questionnaire's own error",
            instead="Use Jacobson-Truax with published thresholds",
        )
    m_first, m_last = float(np.mean(first)), float(np.mean(last))

    def judge(x: Floats, y: Floats) -> tuple[Bools, Bools, Bools]:
        index = ((y - x) * of_change + (m_last - m_first) * (1 - of_change)) / (
            math.sqrt(of_change) * math.sqrt(2) * error
        )
        well = np.zeros(len(x), dtype=bool)
        if cutoff is not None:
            end = (m_last + of_last * (y - m_last) - cutoff) / (math.sqrt(of_last) * error)
            well = (end <= -1.65) & (x >= cutoff)
        return index <= -1.65, index >= 1.65, well

    return judge
