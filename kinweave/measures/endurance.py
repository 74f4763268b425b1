"""Does what was gained stay after the money has ended? Fades, holds, grows, or not shown.

Three stretches of time: before, with the programme, after. The gain at the end is what the programme's last month has
over the continued trend of before (and over the comparison, if there is one). `change after` is how far that gain has
moved some time later. A word is given only where the interval says so: "holds" when the gain has moved by less than
`margin` of itself either way, the interval of both limits being kept (equivalence); "fades" and "grows" when the
interval lies below or above nought; "not shown" otherwise, and wherever no gain was shown in the first place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import check_level
from kinweave.measures.moments import take_moments
from kinweave.measures.refusals import BadChoice, CannotTell, TooFew
from kinweave.measures.results import Estimate, LeftOut, Result, plain
from kinweave.measures.series import CITATION, Break, Errors, Shape, estimate, fit_rows, read_series

MARGIN: Final = 1 / 3  # of the gain; ours
FEWEST_SITES: Final = 5  # ours; spreads between sites are not given below ten
FEWEST_FOR_SPREAD: Final = 10
Contrast = Callable[[Mapping[str, float]], tuple[float, float, float]]


class Lasts(StrEnum):
    """What may be said of the gain."""

    FADES = "fades"
    HOLDS = "holds"
    GROWS = "grows"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, kw_only=True)
class Endurance(Result):
    """Result of `fit_endurance` and `fit_endurance_by_site`. horizon: how long after the end. margin: as asked for."""

    verdict: Lasts
    why: str
    ends: float
    horizon: float
    margin: float
    time: str
    sites: int | None = None

    @property
    def says(self) -> str:
        told = {
            Lasts.FADES: "What was gained fades",
            Lasts.HOLDS: "What was gained holds",
            Lasts.GROWS: "What was gained grows further",
            Lasts.NOT_SHOWN: "Whether anything lasts is not shown",
        }[self.verdict]
        parts = "; ".join(f"{e.name} {e}" for e in self.estimates[:3])
        return f"{told} {plain(self.horizon)} ({self.time}) after the end: {self.why}. {parts[0].upper()}{parts[1:]}."


@dataclass(frozen=True)
class Asked:
    """Which coefficients make up the gain and what becomes of it; sign: 1 if more is better, −1 if less is."""

    gain: Mapping[str, float] | None
    after: Mapping[str, float]
    sign: float
    margin: float
    level: float
    ratio: bool

    def judge(self, contrast: Contrast) -> tuple[Lasts, str, tuple[Estimate, ...]]:
        after = estimate("change after the end", contrast(self.after), self.level, self.ratio)
        moved = self._signed(contrast, self.after)
        if self.gain is None:
            limits = [moved.low + self.margin, moved.high - self.margin]
            return *self._verdict(moved, limits[0], limits[1]), (after,)
        gain = estimate("gain at the end", contrast(self.gain), self.level, self.ratio)
        still = {k: self.gain.get(k, 0) + self.after.get(k, 0) for k in {*self.gain, *self.after}}
        left = estimate("gain that is left", contrast(still), self.level, self.ratio)
        found = (gain, after, left)
        if not self._signed(contrast, self.gain).low > 0:
            return Lasts.NOT_SHOWN, "no gain was shown at the end", found
        lost = {k: self.after.get(k, 0) + self.margin * self.gain.get(k, 0) for k in still}
        more = {k: self.after.get(k, 0) - self.margin * self.gain.get(k, 0) for k in still}
        return *self._verdict(moved, self._signed(contrast, lost).low, self._signed(contrast, more).high), found

    def _verdict(self, moved: _Ends, lost: float, more: float) -> tuple[Lasts, str]:
        if lost > 0 and more < 0:
            return Lasts.HOLDS, "it moved by less than the margin"
        if moved.high < 0:
            return Lasts.FADES, "it became less, beyond chance"
        if moved.low > 0:
            return Lasts.GROWS, "it became more, beyond chance"
        return Lasts.NOT_SHOWN, "the numbers allow both a loss and none"

    def _signed(self, contrast: Contrast, weights: Mapping[str, float]) -> _Ends:
        value, se, df = contrast(weights)
        half = lmm.quantile(self.level, df) * se
        return _Ends(self.sign * value - half, self.sign * value + half)


@dataclass(frozen=True)
class _Ends:
    low: float
    high: float


def fit_endurance(
    data: Any, *, ends: float, starts: float | None = None, horizon: float | None = None, time: str = "month",
    value: str | None = None, count: str | None = None, exposure: str | None = None, series: str | None = None,
    ours: str | None = None, season: float | None = None, harmonics: int = 1, jump: bool = True,
    higher_is_better: bool = True, margin: float | None = None,
    errors: Errors | None = None, lags: int | None = None, level: float = 0.95,
) -> Endurance:  # fmt: skip
    """One series, one row a time; with `series` and `ours`, comparison series besides.

    starts, ends: first time with the programme, first time without its money. horizon: how long after `ends` to judge,
    by default to the last time. Without `starts` no gain can be tested: then `margin` is in units of the value (on the
    log scale for counts) and must be given; otherwise it is a share of the gain, ours by default: a third.
    jump: whether the level may change at once at the end. Other arguments as in `fit_series`.
    """
    _check(level, starts, ends, margin)
    if (series is None) != (ours is None):
        raise BadChoice(name="ours", allowed="given together with series")
    rows = read_series(data, time, value, count, exposure, (series, ours) if series and ours else None)
    horizon = _horizon(float(rows.t[-1]), ends, horizon)
    shape = _shape(starts, ends, jump, season, harmonics, float(rows.t.mean()))
    names, columns = shape.base(rows.t)
    mark = ""
    if series is not None:
        mark = "ours "
        columns += [c * rows.ours for c in columns]
        names += [f"{mark}{n}" for n in names]
    more, waves = shape.year(rows.t)
    fit = fit_rows(rows, (*names, *more), np.column_stack([*columns, *waves]), errors, lags)
    asked = _asked(starts, ends, horizon, jump, mark, higher_is_better, margin, level, rows.counted)
    verdict, why, found = asked.judge(fit.contrast)
    kind = errors or ("quasi" if rows.counted else "ar1")
    return Endurance(
        method=f"segmented regression, {'Poisson' if rows.counted else 'linear'}, {kind} errors", citation=CITATION,
        n=len(rows.t), counted="times" if series is None else "times of all series", left_out=rows.left, level=level,
        estimates=found, verdict=verdict, why=why, ends=ends, horizon=horizon, margin=asked.margin, time=time,
        notes=_notes(starts, series is not None),
    )  # fmt: skip


def fit_endurance_by_site(
    data: Any, *, ends: float, starts: float | None = None, horizon: float | None = None, site: str = "site",
    time: str = "month", value: str = "value", group: str | None = None, ours: str | None = None,
    season: float | None = None, harmonics: int = 1, jump: bool = True, higher_is_better: bool = True,
    margin: float | None = None, level: float = 0.95,
) -> Endurance:  # fmt: skip
    """Many sites, one row for each site and time: a mixed model in which sites differ in level, gain and what follows.

    group, ours: a column of sites and which of its values had the programme, where others are a comparison. Other
    arguments as in `fit_endurance`. Refuses fewer than five sites (of each kind); spreads are given from ten on.
    """
    _check(level, starts, ends, margin)
    if (group is None) != (ours is None):
        raise BadChoice(name="ours", allowed="given together with group")
    m = take_moments(data, person=site, time=time, score=value, groups=[group] if group else [])
    for g in m.groups:
        many = sum(p.n for p in m.patterns if p.group == g)
        if many < FEWEST_SITES:
            raise TooFew(what=f"sites{f' of {g[0]}' if g else ''}", found=many, needed=FEWEST_SITES)
    if group and (len(m.groups) < 2 or (str(ours),) not in m.groups):
        raise BadChoice(name="ours", allowed=f"one of at least two values of {group}")
    t = np.array(m.times)
    horizon = _horizon(float(t[-1]), ends, horizon)
    shape = _shape(starts, ends, jump, season, harmonics, float(t.mean()))
    names, columns = shape.base(t)
    more, waves = shape.year(t)
    basis = np.column_stack([*columns, *waves])
    size = np.maximum(np.abs(basis).max(axis=0), 1e-300)
    kind = np.array([float(not g or g[0] == str(ours)) for g in m.groups])
    everybody = np.ones(len(m.groups))
    fixed = [(i, everybody) for i in range(basis.shape[1])]
    labels = [*names, *more]
    mark = ""
    if group:
        mark = "ours "
        fixed += [(i, kind) for i in range(len(names))]
        labels += [f"{mark}{n}" for n in names]
    random = [0] + [names.index(n) for n in ("programme level", "after slope") if n in names]
    model = lmm.Model(basis / size, tuple(random), tuple(fixed), tuple(labels))
    sums = lmm.gather(m, model)
    if not np.any(sums.visits > basis.shape[1]):
        raise TooFew(what="times of a site", found=int(sums.visits.max()), needed=basis.shape[1] + 1)
    fit = lmm.fit(sums, tuple(labels))
    scale = np.array([size[i] for i, _ in fixed])

    def contrast(weights: Mapping[str, float]) -> tuple[float, float, float]:
        w = np.array([weights.get(n, 0.0) for n in labels]) / scale
        found, se, df = fit.contrast(w)
        return found * m.unit, se * m.unit, df

    asked = _asked(starts, ends, horizon, jump, mark, higher_is_better, margin, level, False)
    verdict, why, found = asked.judge(contrast)
    notes = list(_notes(starts, group is not None))
    if m.n >= FEWEST_FOR_SPREAD:
        spread = np.sqrt(np.diag(fit.between)) / size[random] * m.unit
        found += tuple(
            Estimate(f"spread between sites: {names[i]}", float(s), how="none: standard deviation")
            for i, s in zip(random, spread, strict=True)
        )
    else:
        notes.append("Too few sites to say how much sites differ.")
    left = tuple(LeftOut(x.reason.replace("people", "sites").replace("a person", "a site"), x.n) for x in m.left_out)
    return Endurance(
        method="segmented mixed model by site, REML", citation=CITATION, n=m.scores, counted="values of sites",
        left_out=left, level=level, estimates=found, verdict=verdict, why=why, ends=ends, horizon=horizon,
        margin=asked.margin, time=time, sites=m.n, notes=tuple(notes),
    )  # fmt: skip


def _check(level: float, starts: float | None, ends: float, margin: float | None) -> None:
    check_level(level)
    if starts is not None and not starts < ends:
        raise BadChoice(name="starts", allowed="before ends")
    if margin is None and starts is None:
        raise BadChoice(name="margin", allowed="given, in units of the value, where no start is known")
    if (margin is not None and not (math.isfinite(margin) and margin > 0)) or (
        starts is not None and (margin or 0) > 1
    ):
        raise BadChoice(name="margin", allowed="above nought, and with a start at most 1 (the whole gain)")


def _horizon(last: float, ends: float, horizon: float | None) -> float:
    found = last - ends if horizon is None else horizon
    if not found > 0 or ends + found > last + 1e-9 * abs(last):
        raise CannotTell(
            why="there are no numbers so long after the end", instead="Judge at a time that the numbers reach"
        )
    return found


def _shape(starts: float | None, ends: float, jump: bool, season: float | None, harmonics: int, centre: float) -> Shape:
    breaks: dict[str, tuple[float, Break]] = {} if starts is None else {"programme": (starts, "both")}
    breaks["after"] = (ends, "both" if jump else "slope")
    if season is not None and not (season > 2 and 1 <= harmonics <= 6):
        raise BadChoice(name="season", allowed="the length of a year in units of time, with 1 to 6 harmonics")
    return Shape(breaks, season, harmonics, centre)


def _asked(
    starts: float | None, ends: float, horizon: float, jump: bool, mark: str, higher_is_better: bool,
    margin: float | None, level: float, ratio: bool,
) -> Asked:  # fmt: skip
    after = {f"{mark}after slope": horizon} | ({f"{mark}after level": 1.0} if jump else {})
    gain: dict[str, float] | None = None
    if starts is None:
        after[f"{mark}trend"] = horizon
    else:
        gain = {f"{mark}programme level": 1.0, f"{mark}programme slope": ends - starts}
        after[f"{mark}programme slope"] = horizon
    sign = 1.0 if higher_is_better else -1.0
    return Asked(gain, after, sign, MARGIN if margin is None else margin, level, ratio)


def _notes(starts: float | None, compared: bool) -> tuple[str, ...]:
    notes = []
    if starts is None:
        notes.append("Whether anything was gained was not tested: the numbers do not reach back to before the start.")
    if not compared:
        notes.append("Without a comparison, whatever else changed at the same time counts as the programme's.")
    return tuple(notes)
