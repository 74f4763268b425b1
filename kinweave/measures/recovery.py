"""How long until a service is back where it was before a shock? One series, one shock.

Engineering resilience: Holling (1996), in Schulze, Engineering within Ecological Constraints; loss and time after
Bruneau et al. (2003), Earthq Spectra 19:733-752. Usual is the prediction interval of the periods before the shock.
Back is the first period that, with the next ones, lies within it. What has not come back by the end is said to be so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinweave.measures import quantiles
from kinweave.measures.frames import check_level
from kinweave.measures.refusals import BadChoice, NoSpread, TooFew
from kinweave.measures.results import Estimate, Result, Table, plain, some
from kinweave.measures.timeline import Timeline, read_timelines

METHOD: Final = "time to recovery within the usual range before the shock"
CITATION: Final = "Holling (1996); Bruneau et al. (2003), doi:10.1193/1.1623497"
# Ours: with fewer periods before, the usual range is too wide to leave.
FEWEST: Final = 8


class State(StrEnum):
    """back: recovered. not-yet: still beyond at the end (censored). not-shaken: never clearly left the usual range."""

    BACK = "back"
    NOT_YET = "not-yet"
    NOT_SHAKEN = "not-shaken"


@dataclass(frozen=True, kw_only=True)
class Recovery(Result):
    """Estimates: `usual` (with its range) and, once shaken, `lost` (sum of what was missing) and `deepest`.

    periods: from the shock until back; for not-yet, how long was watched. back_at: when.
    """

    state: State
    shock: str
    periods: int
    back_at: str | None

    @property
    def says(self) -> str:
        if self.state is State.NOT_SHAKEN:
            return f"After {self.shock} it stayed where it usually is."
        if self.state is State.BACK:
            return f"After {self.shock} it was back where it usually is {self.periods} periods later ({self.back_at})."
        return f"After {self.shock} it is not back yet: {self.periods} periods were watched."

    def table(self) -> Table:
        head = ("state", "periods", "back at", *(e.name for e in self.estimates))
        return Table(head, ((self.state.value, self.periods, self.back_at, *(e.value for e in self.estimates)),))


def recovery(
    data: Any,
    value: str,
    time: str,
    shock: str,
    *,
    worse: str = "low",
    hold: int = 3,
    beyond: int = 2,
    within: int = 4,
    level: float = 0.95,
) -> Recovery:
    """data: one row a period. shock: the first period after it, written as in the column `time`.

    worse: "low" or "high" values. Shaken: `beyond` periods in a row outside the usual range, beginning within `within`
    periods of the shock. Back: `hold` periods in a row inside it again. Refuses under 8 periods before the shock.
    """
    check_level(level)
    if worse not in ("low", "high") or min(hold, beyond, within) < 1:
        raise BadChoice(name="worse, hold, beyond or within", allowed='"low" or "high", and whole numbers from 1')
    lines = read_timelines(data, value, time, whole=False)
    if not lines:
        raise TooFew(what="periods", found=0, needed=FEWEST + 1)
    line = lines[0]
    if shock not in line.times:
        raise BadChoice(name="shock", allowed=f"a period from {line.times[0]} to {line.times[-1]}")
    start = line.times.index(shock)
    before = line.counts[:start][~np.isnan(line.counts[:start])]
    if len(before) < FEWEST:
        raise TooFew(what="periods before the shock", found=len(before), needed=FEWEST)
    mean, sd = float(before.mean()), float(before.std(ddof=1))
    if not sd > 1e-12 * max(abs(mean), 1e-300):
        raise NoSpread(column=value)
    reach = quantiles.student(0.5 + level / 2, len(before) - 1) * sd * math.sqrt(1 + 1 / len(before))
    usual = Estimate("usual", mean, mean - reach, mean + reach, how="prediction interval of one period")
    return _follow(line, start, usual, worse, (hold, beyond, within), len(before), level)


def _follow(
    line: Timeline, start: int, usual: Estimate, worse: str, rules: tuple[int, int, int], before: int, level: float
) -> Recovery:
    hold, beyond, within = rules
    after, times = line.counts[start:], line.times[start:]
    missing = int(np.isnan(after).sum())
    sign = -1.0 if worse == "low" else 1.0
    low, high = usual.low or 0.0, usual.high or 0.0
    outside = sign * after > sign * (low if worse == "low" else high)  # a missing period is neither out nor back
    inside = ~outside & ~np.isnan(after)
    left = _run(outside, beyond, 0)
    estimates = [usual]
    if left is None or left >= within:
        state, periods, back = State.NOT_SHAKEN, len(after), None
    else:
        back = _run(inside, hold, left)
        end = len(after) if back is None else back
        short = np.maximum(sign * (after[:end] - usual.value), 0.0)
        how = "one event: no interval"
        estimates.append(Estimate("lost", float(np.nansum(short)), how=how))
        estimates.append(Estimate("deepest", float(np.nanmax(short)), how=how))
        state, periods = (State.NOT_YET, len(after)) if back is None else (State.BACK, back)
    notes = [f"usual: mean {plain(usual.value)} of {before} periods before"]
    if state is State.NOT_YET:
        notes.append(f"censored: back means {hold} periods in a row within the usual range")
    return Recovery(
        method=METHOD, citation=CITATION, n=before + len(after) - missing, counted="periods",
        left_out=some([("a report is missing", missing)]), level=level, estimates=tuple(estimates), notes=tuple(notes),
        state=state, shock=line.times[start], periods=periods, back_at=None if back is None else times[back],
    )  # fmt: skip


def _run(flags: NDArray[np.bool_], length: int, start: int) -> int | None:
    """Where the first run of `length` true flags from `start` on begins."""
    for at in range(start, len(flags) - length + 1):
        if flags[at : at + length].all():
            return at
    return None
