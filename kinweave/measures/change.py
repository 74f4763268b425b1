"""Has one person changed by more than chance, and into the range of people without the trouble?

Jacobson & Truax (1991), Clinical significance, J Consult Clin Psychol 59:12-19, doi:10.1037/0022-006X.59.1.12.
Other methods (Edwards-Nunnally, Hageman-Arrindell) judge the same people differently, so name this one wherever
a figure from here is shown. Improvement is never given without deterioration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

METHOD = "Jacobson-Truax"


class Outcome(StrEnum):
    """What became of one person by Jacobson and Truax. UNKNOWN: a score is missing."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Thresholds:
    """reliable: a change of at least so many points is more than chance. cutoff: between the two ranges.

    source: where both figures come from; a threshold without one is refused.
    """

    reliable: float
    cutoff: float
    source: str
    higher_is_worse: bool = True

    def __post_init__(self) -> None:
        if not self.source.strip() or not self.reliable > 0 or not math.isfinite(self.reliable + self.cutoff):
            raise ValueError("thresholds are finite, above nought, and have a source")


def standard_error_of_difference(sd: float, reliability: float) -> float:
    """Spread of the difference of two scores of an unchanged person, in points: sd √2 √(1 − reliability)."""
    if not sd > 0 or not 0 <= reliability < 1:
        raise ValueError("sd must be above nought and reliability from 0 to below 1")
    return sd * math.sqrt(2.0) * math.sqrt(1.0 - reliability)


def reliable_change_index(before: float, after: float, sd: float, reliability: float) -> float:
    """(after − before) / standard error of difference; beyond ±1.96 a change is more than chance (p < .05)."""
    return (after - before) / standard_error_of_difference(sd, reliability)


def reliable_change(sd: float, reliability: float, z: float = 1.96) -> float:
    """The smallest change in points that the index calls more than chance."""
    return z * standard_error_of_difference(sd, reliability)


def cutoff_c(mean_troubled: float, sd_troubled: float, mean_well: float, sd_well: float) -> float:
    """Criterion c: the score that is equally likely in both groups, weighted by their spread."""
    if not sd_troubled > 0 or not sd_well > 0:
        raise ValueError("both spreads must be above nought")
    return (sd_well * mean_troubled + sd_troubled * mean_well) / (sd_troubled + sd_well)


def judge(before: float | None, after: float | None, thresholds: Thresholds) -> Outcome:
    """One person's outcome. Recovered: improved, and from the troubled side of the cut-off to the other.

    A score at the cut-off counts as troubled.
    """
    if before is None or after is None or not math.isfinite(before) or not math.isfinite(after):
        return Outcome.UNKNOWN
    sign = 1.0 if thresholds.higher_is_worse else -1.0
    start, end, line = sign * before, sign * after, sign * thresholds.cutoff
    if end - start >= thresholds.reliable:
        return Outcome.DETERIORATED
    if start - end < thresholds.reliable:
        return Outcome.UNCHANGED
    return Outcome.RECOVERED if start >= line > end else Outcome.IMPROVED


def judge_all(before: NDArray[np.float64], after: NDArray[np.float64], thresholds: Thresholds) -> dict[Outcome, int]:
    """How many people had each outcome; always all five, so that none can be left out. nan: score missing.

    before, after: shape (people,), in points. ValueError if the shapes differ.
    """
    if before.shape != after.shape or before.ndim != 1:
        raise ValueError("before and after must be one row of people each")
    sign = 1.0 if thresholds.higher_is_worse else -1.0
    start, end, line = sign * before, sign * after, sign * thresholds.cutoff
    known = np.isfinite(start) & np.isfinite(end)
    worse = known & (end - start >= thresholds.reliable)
    better = known & (start - end >= thresholds.reliable)
    recovered = better & (start >= line) & (end < line)
    count: Any = np.count_nonzero
    return {
        Outcome.RECOVERED: int(count(recovered)),
        Outcome.IMPROVED: int(count(better & ~recovered)),
        Outcome.UNCHANGED: int(count(known & ~worse & ~better)),
        Outcome.DETERIORATED: int(count(worse)),
        Outcome.UNKNOWN: int(count(~known)),
    }
