"""What this week's count would usually be, from the same season of past years, with a trend and extra spread.

Noufaily, Enki, Farrington, Garthwaite, Andrews & Charlett (2013), An improved algorithm for outbreak detection in
multiple surveillance systems, Stat Med 32:1206-1222, after Farrington et al. (1996), J R Stat Soc A 159:547-563: a
log-linear model with overdispersion, past outbreaks weighted down, and the limit from a negative binomial distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np

from kinweave.measures import quantiles
from kinweave.measures.frames import Floats, Ints
from kinweave.measures.refusals import BadChoice, CannotTell, TooFew
from kinweave.measures.results import plain
from kinweave.measures.signals import Judged, Signals, made
from kinweave.measures.timeline import Timeline, read_timelines

METHOD: Final = "negative binomial baseline with season and trend"
CITATION: Final = "Noufaily et al. (2013), doi:10.1002/sim.5595; Farrington et al. (1996), doi:10.2307/2983331"
EPOCH: Final = date(1970, 1, 1)
# A model fitted by rounds of weighted least squares has settled when its deviance moves by less than this share.
SETTLED: Final = 1e-10


@dataclass(frozen=True)
class Season:
    """How the past is used. Defaults for weeks from Noufaily et al. (2013); for months ours.

    years: how many are looked back. window: periods each side of the same time of year that count as now. blocks:
    levels of the season, the window among them (1: only the window is used). recent: latest periods left out, so that
    an outbreak does not hide itself. alpha: of the limit. heavy: residual from which on a past count weighs less.
    few: (cases, periods): not judged with fewer cases in the last so many periods.
    """

    years: int = 5
    window: int = 3
    blocks: int = 10
    recent: int = 26
    alpha: float = 0.01
    heavy: float = 2.58
    few: tuple[int, int] = (5, 4)

    def __post_init__(self) -> None:
        if not (2 <= self.years <= 50 and 0 <= self.window <= 20 and 1 <= self.blocks <= 26 and 0 < self.alpha < 0.5):
            raise BadChoice(name="season", allowed="2 to 50 years, a window to 20, 1 to 26 blocks, alpha below 0.5")
        if self.recent < self.window or self.heavy <= 0:
            raise BadChoice(name="recent", allowed="at least as long as the window, and heavy above nought")


MONTHS: Final = Season(window=1, blocks=4, recent=6)


@dataclass(frozen=True)
class _Past:
    """positions: of the counts used; season: the block of each; now: the block of the judged period."""

    positions: Ints
    season: Ints
    now: int


def seasonal(
    data: Any, count: str, time: str, by: str | None = None, *, season: Season | None = None, since: str | None = None
) -> Signals:
    """Judges every week or month from `since` (a date as in the data; None: as early as the past allows).

    Refuses days (add them up to weeks) and a past shorter than `season.years`.
    """
    found: list[Judged] = []
    few = unclear = gaps = 0
    chosen = season or Season()
    for line in read_timelines(data, count, time, by):
        if line.step not in ("week", "month"):
            raise CannotTell(why=f"a season of single {line.step}s is not known", instead="Add the counts up to weeks.")
        chosen = season or (MONTHS if line.step == "month" else Season())
        judged_any = False
        for at in range(len(line.counts)):
            if since is not None and line.times[at] < since:
                continue
            past = _past(line, at, chosen)
            if past is None:
                continue
            judged_any = True
            near = line.counts[max(0, at - chosen.few[1] + 1) : at + 1]
            if math.isnan(line.counts[at]):
                gaps += 1
            elif np.nansum(near) < chosen.few[0]:
                few += 1
            elif (one := _judge(line, at, past, chosen)) is None:
                unclear += 1
            else:
                found.append(one)
        if not judged_any:
            needed = chosen.years * (line.per_year or 1) + chosen.window + 1
            raise TooFew(what=f"{line.step}s ({line.name})", found=len(line.counts), needed=needed)
    left = [
        (f"fewer than {chosen.few[0]} cases in {chosen.few[1]} periods", few),
        ("a report is missing", gaps),
        ("the past could not be described", unclear),
    ]
    usual = plain(chosen.alpha * len(found))
    says = f"If nothing happened, about {usual} false alarms would be usual, perhaps twice as many."
    return made(METHOD, CITATION, found, left, says)


def _anniversaries(line: Timeline, at: int, years: int) -> list[int] | None:
    """Positions of this time of year, latest first, this year's among them; None if the past is too short."""
    if line.step == "month":
        found = [at - 12 * i for i in range(years + 1)]
    else:
        day = EPOCH + timedelta(days=int(line.days[at]))
        found = [at]
        for i in range(1, years + 1):
            try:
                then = day.replace(year=day.year - i)
            except ValueError:
                then = date(day.year - i, 3, 1)
            away = (then - EPOCH).days - int(line.days[0])
            found.append(math.floor(away / 7 + 0.5))
    return found if found[-1] >= 0 else None


def _past(line: Timeline, at: int, season: Season) -> _Past | None:
    marks = _anniversaries(line, at, season.years)
    if marks is None or marks[-1] - season.window < 0:
        return None
    block = np.zeros(at + 1, dtype=np.int64)
    block[at - season.window :] = season.blocks
    for later, mark in pairwise(marks):
        first = mark + season.window + 1
        if season.blocks > 1:
            between = np.array_split(np.arange(first, later - season.window), season.blocks - 1)
            for level, positions in enumerate(between, 1):
                block[positions] = level
        block[mark - season.window : first] = season.blocks
    use = np.flatnonzero(block[: at - season.recent] > 0)
    use = use[~np.isnan(line.counts[use])]
    return _Past(use, block[use], season.blocks) if len(use) > season.blocks + 2 else None


@dataclass(frozen=True)
class _Model:
    """A log-linear fit. values: (columns,); spread: overdispersion, at least 1; covariance: (columns, columns)."""

    values: Floats
    spread: float
    covariance: Floats


def _fit(counts: Floats, design: Floats, weights: Floats) -> tuple[_Model, Floats, Floats] | None:
    """Quasi-Poisson by weighted least squares; means and leverages beside it. None if it does not settle."""
    means = np.maximum(counts, 0.1)
    before = math.inf
    for _ in range(60):
        working = np.log(means) + (counts - means) / means
        root = np.sqrt(weights * means)
        values, _, rank, _ = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)
        if rank < design.shape[1]:
            return None
        means = np.exp(np.clip(design @ values, -30, 30))
        ratio = np.divide(counts, means, out=np.ones_like(means), where=counts > 0)
        deviance = 2 * float((weights * (counts * np.log(ratio) - (counts - means))).sum())
        if abs(deviance - before) <= SETTLED * (abs(deviance) + 0.1):
            break
        before = deviance
    else:
        return None
    root = np.sqrt(weights * means)
    inside = np.linalg.inv((design * root[:, None]).T @ (design * root[:, None]))
    spread = float((weights * (counts - means) ** 2 / means).sum()) / (len(counts) - design.shape[1])
    leverage = np.einsum("ij,jk,ik->i", design, inside, design) * root**2
    model = _Model(np.asarray(values, dtype=np.float64), max(spread, 1.0), inside * spread)
    return model, means, leverage


def _reweighted(counts: Floats, design: Floats, heavy: float) -> _Model | None:
    """Fitted twice: counts far above their mean weigh less the second time (Noufaily 2013, section 3.4)."""
    first = _fit(counts, design, np.ones(len(counts)))
    if first is None:
        return None
    model, means, leverage = first
    anscombe = 1.5 * (counts ** (2 / 3) * means ** (-1 / 6) - np.sqrt(means))
    anscombe /= np.sqrt(model.spread * np.maximum(1 - leverage, 1e-9))
    weights = np.where(anscombe > heavy, np.maximum(anscombe, 1e-9) ** -2.0, 1.0)
    second = _fit(counts, design, weights * len(counts) / weights.sum())
    return None if second is None else second[0]


def _judge(line: Timeline, at: int, past: _Past, season: Season) -> Judged | None:
    counts = line.counts[past.positions]
    years = (past.positions - at) / (line.per_year or 1)
    levels = [b for b in np.unique(past.season) if b != past.now]
    # The intercept is the present season at the present time, so that it is the prediction.
    flat = np.column_stack([np.ones(len(counts)), *(past.season == b for b in levels)]).astype(np.float64)
    if counts.sum() == 0:
        return None
    trend = _trend(counts, np.column_stack([flat, years]), season)
    model = trend if trend is not None else _reweighted(counts, flat, season.heavy)
    if model is None:
        return None
    expected = math.exp(float(model.values[0]))
    limit = _limit(expected, model.spread, season.alpha)
    now = float(line.counts[at])
    told = f"{len(counts)} {line.step}s of {season.years} years{', with trend' if trend is not None else ''}"
    why = f"{told}; spread {plain(model.spread)} times Poisson"
    score = (now - expected) / (limit - expected) if limit > expected else 0.0
    return Judged(line.name, line.times[at], now, expected, limit, score, now > limit, why)


def _trend(counts: Floats, design: Floats, season: Season) -> _Model | None:
    """The model with a trend, if there is one: three years, p < .05, and no higher than what was ever seen."""
    model = _reweighted(counts, design, season.heavy) if season.years >= 3 else None
    if model is None:
        return None
    se = math.sqrt(float(model.covariance[-1, -1]))
    p = 2 * quantiles.student_above(abs(float(model.values[-1])) / se, len(counts) - design.shape[1]) if se > 0 else 1.0
    return model if p < 0.05 and math.exp(float(model.values[0])) <= counts.max() else None


def _limit(expected: float, spread: float, alpha: float) -> float:
    """The highest count that is still usual."""
    if spread > 1 + 1e-9:
        return quantiles.negative_binomial(1 - alpha, expected / (spread - 1), 1 / spread)
    return quantiles.poisson(1 - alpha, expected)
