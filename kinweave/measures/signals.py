"""Is this week's count unusual? A signal asks somebody to look; it proves nothing.

EARS C1 to C3: Hutwagner et al. (2003), J Urban Health 80(2 Suppl 1):i89-i96; Fricker, Hegler & Dunfee (2008), Stat Med
27:3407-3429. CUSUM: Page (1954), Biometrika 41:100-115; run lengths after Brook & Evans (1972), Biometrika 59:539-549.
The baseline with season and trend is in `seasonal.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import special

from kinweave.measures import quantiles
from kinweave.measures.frames import Floats
from kinweave.measures.refusals import BadChoice, TooFew
from kinweave.measures.results import Result, Table, plain, some
from kinweave.measures.timeline import Timeline, read_timelines, windows

EARS: Final = "Hutwagner et al. (2003), J Urban Health 80:i89-i96; Fricker et al. (2008), doi:10.1002/sim.3197"
PAGE: Final = "Page (1954), doi:10.1093/biomet/41.1-2.100; Brook & Evans (1972), doi:10.1093/biomet/59.3.539"
LAGS: Final = {"C1": 0, "C2": 2, "C3": 2}


@dataclass(frozen=True)
class Judged:
    """One period. expected, limit: what was usual, and the highest count that still is (None: no single limit).

    score: of the method. alarm: whether somebody should look. rests_on: what the judgement was made of.
    """

    group: str
    time: str
    count: float
    expected: float
    limit: float | None
    score: float
    alarm: bool
    rests_on: str


@dataclass(frozen=True, kw_only=True)
class Signals(Result):
    """periods: every judged one, in order; n: how many. false_alarms: expected if nothing at all happened."""

    periods: tuple[Judged, ...]
    false_alarms: str

    @property
    def alarms(self) -> tuple[Judged, ...]:
        return tuple(p for p in self.periods if p.alarm)

    @property
    def says(self) -> str:
        if not self.n:
            return f"Nothing could be judged: {self.left_out[0].reason}."
        many = len(self.alarms)
        told = "none is unusual" if not many else f"{many} should be looked at"
        return f"Of {self.n} periods judged, {told}. {self.false_alarms}"

    def table(self) -> Table:
        head = ("group", "time", "count", "expected", "limit", "score", "rests on")
        rows = tuple((p.group, p.time, p.count, p.expected, p.limit, p.score, p.rests_on) for p in self.alarms)
        return Table(head, rows)


def made(
    method: str, citation: str, periods: Sequence[Judged], left: Sequence[tuple[str, int]], false_alarms: str,
    notes: tuple[str, ...] = (),
) -> Signals:  # fmt: skip
    return Signals(
        method=method, citation=citation, n=len(periods), counted="periods", left_out=some(left), notes=notes,
        periods=tuple(periods), false_alarms=false_alarms,
    )  # fmt: skip


def ears(
    data: Any,
    count: str,
    time: str,
    by: str | None = None,
    *,
    method: str = "C1",
    baseline: int = 7,
    alpha: float = 0.001,
    least: float = 3,
    today: bool = True,
) -> Signals:
    """A count far above the mean of the last `baseline` ones: C1 the ones just before, C2 two periods earlier.

    C3 adds up how far C2 was above 1 in this period and the two before it, and shows slow rises; today=False leaves
    this period out, as R's surveillance does. least: fewer cases never raise an alarm (ours; 0 for none). Needs no
    past years. Refuses a timeline shorter than its baseline.
    """
    if method not in LAGS:
        raise BadChoice(name="method", allowed="C1, C2 or C3")
    if not 3 <= baseline <= 400 or not 0 < alpha < 0.5:
        raise BadChoice(name="baseline or alpha", allowed="a baseline of 3 to 400 periods, an alpha below 0.5")
    z = quantiles.normal(1 - alpha)
    judge = _third if method == "C3" else _first
    needed = baseline + LAGS[method] + (3 if method == "C3" else 1)
    found, left = [], 0
    for line in read_timelines(data, count, time, by):
        if len(line.counts) < needed:
            raise TooFew(what=f"periods ({line.name})", found=len(line.counts), needed=needed)
        judged = judge(line, baseline, LAGS[method], z, least, today)
        left += len(line.counts) - needed + 1 - len(judged)
        found += judged
    _some(found)
    usual = plain(ears_false_alarms(method, baseline, alpha, today) * len(found))
    says = f"If nothing happened, about {usual} false alarms would be usual."
    return made(f"EARS {method}", EARS, found, [("a report is missing", left)], says)


def ears_false_alarms(method: str = "C1", baseline: int = 7, alpha: float = 0.001, today: bool = True) -> float:
    """Share of periods that alarm when normal values never change.

    Far more than alpha, for a mean and spread of seven periods are themselves uncertain: for C1 and C2 by Student's t,
    for C3 from 100,000 simulated periods (fixed seed). Small counts alarm more seldom or more often still.
    """
    z = quantiles.normal(1 - alpha)
    if method != "C3":
        return quantiles.student_above(z / math.sqrt(1 + 1 / baseline), baseline - 1)
    values = np.random.default_rng(1).normal(size=100_000 + baseline + 4)
    before = np.lib.stride_tricks.sliding_window_view(values, baseline)[: -LAGS["C3"] - 1]
    scores = (values[baseline + LAGS["C3"] :] - before.mean(axis=1)) / before.std(axis=1, ddof=1)
    above = np.maximum(scores - 1, 0.0)
    total = above[:-2] + above[1:-1] + (above[2:] if today else 0.0)
    return float((total > z).mean())


def _some(found: Sequence[Judged]) -> None:
    if not found:
        raise TooFew(what="periods with everything reported before them", found=0, needed=1)


def _usual(before: Floats) -> tuple[float, float]:
    return float(before.mean()), float(before.std(ddof=1))


def _score(count: float, mean: float, sd: float) -> float:
    """In spreads above the mean; without any spread before, a higher count is beyond every limit (99)."""
    return (count - mean) / sd if sd > 0 else 0.0 if count <= mean else 99.0


def _first(line: Timeline, baseline: int, lag: int, z: float, least: float, today: bool) -> list[Judged]:
    found = []
    for at, before in windows(line, baseline, lag):
        count = float(line.counts[at])
        if np.isnan(before).any() or math.isnan(count):
            continue
        mean, sd = _usual(before)
        limit = mean + z * sd
        why = f"mean {plain(mean)} and spread {plain(sd)} of {baseline} periods"
        found.append(Judged(line.name, line.times[at], count, mean, limit, _score(count, mean, sd),
                            count > limit and count >= least, why))  # fmt: skip
    return found


def _third(line: Timeline, baseline: int, lag: int, z: float, least: float, today: bool) -> list[Judged]:
    scores = {}
    for at, before in windows(line, baseline, lag):
        if not np.isnan(before).any() and not math.isnan(line.counts[at]):
            mean, sd = _usual(before)
            scores[at] = (_score(float(line.counts[at]), mean, sd), mean)
    found = []
    for at in sorted(scores):
        near = [at - 2, at - 1, at] if today else [at - 2, at - 1]
        if at - 2 in scores and at - 1 in scores:
            score = sum(max(0.0, scores[i][0] - 1) for i in near)
            cases = float(line.counts[at - 2 : at + 1].sum())
            why = f"{'three' if today else 'two earlier'} periods, each against {baseline} before"
            found.append(Judged(line.name, line.times[at], float(line.counts[at]), scores[at][1], None, score,
                                score > z and line.counts[at] > 0 and cases >= least, why))  # fmt: skip
    return found


def cusum(
    data: Any,
    value: str,
    time: str,
    by: str | None = None,
    *,
    baseline: int = 26,
    k: float = 0.5,
    h: float = 4.0,
    least: float = 0,
) -> Signals:
    """Small steps that last, up or down: sums of what lies more than `k` spreads from the baseline's mean.

    The first `baseline` periods say what is usual. An alarm when a sum passes `h`; it then begins anew. least: a rise
    to fewer than that raises none. Refuses a baseline without spread or under 8 periods.
    """
    if baseline < 8 or not 0 < k <= 5 or not 0 < h <= 50:
        raise BadChoice(name="baseline, k or h", allowed="a baseline of 8 or more, k above 0 to 5, h above 0 to 50")
    found, left = [], 0
    for line in read_timelines(data, value, time, by, whole=False):
        known = line.counts[:baseline][~np.isnan(line.counts[:baseline])]
        if len(line.counts) <= baseline or len(known) < 8:
            raise TooFew(what=f"periods ({line.name})", found=len(line.counts), needed=baseline + 1)
        mean, sd = _usual(known)
        if not sd > 0:
            raise TooFew(what=f"different values among the first {baseline} ({line.name})", found=1, needed=2)
        left += int(np.isnan(line.counts[baseline:]).sum())
        found += _summed(line, baseline, mean, sd, k, h, least)
    _some(found)
    run = average_run_length(k, h)
    says = f"If nothing changed, about one false alarm in {plain(run)} periods would be usual."
    notes = ("the baseline is taken as known; with few periods in it false alarms are more frequent",)
    return made("CUSUM, two-sided", PAGE, found, [("a report is missing", left)], says, notes)


def _summed(line: Timeline, baseline: int, mean: float, sd: float, k: float, h: float, least: float) -> list[Judged]:
    found, up, down, since = [], 0.0, 0.0, baseline
    for at in range(baseline, len(line.counts)):
        value = float(line.counts[at])
        if math.isnan(value):
            continue
        z = (value - mean) / sd
        up, down = max(0.0, up + z - k), max(0.0, down - z - k)
        risen = up >= down
        alarm = (up > h and value >= least) or down > h
        why = f"mean {plain(mean)}, spread {plain(sd)} of the first {baseline}; summed over {at - since + 1} periods"
        found.append(Judged(line.name, line.times[at], value, mean, None, up if risen else -down, alarm, why))
        if alarm:
            up, down, since = 0.0, 0.0, at + 1
    return found


def average_run_length(k: float = 0.5, h: float = 4.0, *, shift: float = 0.0, states: int = 200) -> float:
    """Periods until a two-sided CUSUM of standard normal values, moved by `shift`, alarms: 167.7 for k .5, h 4.

    The sum cut into `states` steps is a Markov chain (Brook & Evans 1972); the two sides add up as rates. Carried to
    the limit of ever finer steps by halving them once.
    """

    def one_side(moved: float, cut: Callable[[int], int] = int) -> float:
        def length(m: int) -> float:
            width = 2 * h / (2 * m - 1)
            to, start = np.arange(m) * width, np.arange(m) * width
            edge = to[None, :] - start[:, None] + k - moved
            share = special.ndtr(edge + width / 2) - special.ndtr(edge - width / 2)
            share[:, 0] = special.ndtr(edge[:, 0] + width / 2)
            return float(np.linalg.solve(np.eye(m) - share, np.ones(m))[0])

        coarse, fine = length(cut(states // 2)), length(cut(states))
        return fine + (fine - coarse) / 3

    return 1 / (1 / one_side(shift) + 1 / one_side(-shift))
