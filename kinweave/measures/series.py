"""Regression of a monthly or weekly series with breaks, season and a comparison series; errors that hold in time.

Bernal, Cummins & Gasparrini (2017), Int J Epidemiol 46:348-355, doi:10.1093/ije/dyw098. Errors of values that
follow each other: first-order autocorrelation, averaged over how strong it may be by its restricted likelihood (`ar1`);
in short series this keeps the promise of an interval, which Newey & West (1987, Econometrica 55:703-708; `hac`) does
only in long ones. Of counts: Pearson's dispersion (`quasi`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import Floats, Ints, check_level, read
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, TooFew, TwiceTheSame
from kinweave.measures.results import Estimate, LeftOut, Result, some

CITATION: Final = (
    "Bernal, Cummins & Gasparrini (2017), Int J Epidemiol 46:348-355, doi:10.1093/ije/dyw098; "
    "Newey & West (1987), Econometrica 55:703-708"
)
Break = Literal["level", "slope", "both"]
Errors = Literal["quasi", "poisson", "ar1", "hac", "model"]


@dataclass(frozen=True)
class Shape:
    """What the mean is made of. breaks: name → (time, kind). season: length of a year in units of time, or None."""

    breaks: Mapping[str, tuple[float, Break]]
    season: float | None = None
    harmonics: int = 1
    centre: float = 0.0

    def base(self, t: Floats) -> tuple[list[str], list[Floats]]:
        """1, time and what each break adds, (rows,) each. A break's own time belongs to what comes after it."""
        names, columns = ["start", "trend"], [np.ones_like(t), t - self.centre]
        for name, (at, kind) in self.breaks.items():
            if kind in {"level", "both"}:
                names.append(f"{name} level")
                columns.append((t >= at).astype(float))
            if kind in {"slope", "both"}:
                names.append(f"{name} slope")
                columns.append(np.maximum(t - at, 0.0))
        return names, columns

    def year(self, t: Floats) -> tuple[list[str], list[Floats]]:
        """Waves of the year."""
        if self.season is None:
            return [], []
        names, columns = [], []
        for k in range(1, self.harmonics + 1):
            turn = 2 * math.pi * k * t / self.season
            names += [f"season sin{k}", f"season cos{k}"]
            columns += [np.sin(turn), np.cos(turn)]
        return names, columns


@dataclass(frozen=True)
class SeriesFit:
    """beta: (p,). cov: (p, p). df: of t. dispersion: Pearson's, or the residual variance."""

    names: tuple[str, ...]
    beta: Floats
    cov: Floats
    df: float
    dispersion: float

    def contrast(self, weights: Mapping[str, float]) -> tuple[float, float, float]:
        """Value, standard error and degrees of freedom of a sum of coefficients."""
        w = np.array([weights.get(name, 0.0) for name in self.names])
        return float(w @ self.beta), math.sqrt(max(float(w @ self.cov @ w), 0.0)), self.df


@dataclass(frozen=True, kw_only=True)
class Series(Result):
    """Result of `fit_series`. Estimates are ratios for counts."""

    family: str
    errors: str
    dispersion: float


def fit_series(
    data: Any, *, time: str = "time", value: str | None = None, count: str | None = None, exposure: str | None = None,
    breaks: Mapping[str, tuple[float, Break]], season: float | None = None, harmonics: int = 1,
    errors: Errors | None = None, lags: int | None = None, level: float = 0.95,
) -> Series:  # fmt: skip
    """One series with breaks.

    One row a time: `value` (linear model) or `count` with `exposure` (rate model). errors: `quasi` (counts by default),
    `poisson`, `ar1` (values by default), `model`, or `hac` for long series of either. lags: of `hac`; by default
    4 (n/100)^(2/9).
    """
    check_level(level)
    rows = read_series(data, time, value, count, exposure, None)
    shape = Shape(dict(breaks), season, harmonics, float(rows.t.mean()))
    names, columns = shape.base(rows.t)
    more, waves = shape.year(rows.t)
    fit = fit_rows(rows, (*names, *more), np.column_stack([*columns, *waves]), errors, lags)
    counted = count is not None
    kind = errors or ("quasi" if counted else "ar1")
    found = []
    for i, name in enumerate(fit.names):
        found.append(estimate(name, fit.contrast({name: 1.0}), level, counted and i > 0))
    return Series(
        method=f"segmented regression, {'Poisson' if counted else 'linear'}, {kind} errors", citation=CITATION,
        n=len(rows.t), counted="times", left_out=rows.left, level=level, estimates=tuple(found),
        family="poisson" if counted else "gaussian", errors=kind, dispersion=fit.dispersion,
    )  # fmt: skip


def estimate(name: str, found: tuple[float, float, float], level: float, ratio: bool) -> Estimate:
    """A contrast with its interval; as a ratio where the model is on the log scale."""
    value, se, df = found
    half = lmm.quantile(level, df) * se
    ends = (value, value - half, value + half)
    if ratio:
        if max(abs(x) for x in ends) > 300:
            raise CannotTell(why="a ratio is beyond all bounds", instead="Look at the plain series")
        ends = (math.exp(ends[0]), math.exp(ends[1]), math.exp(ends[2]))
    plain_df = df if math.isfinite(df) else None
    return Estimate(name, *ends, se=se, df=plain_df, unit="ratio" if ratio else "", how="t")


# ---------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Rows:
    """t, y: (rows,). offset: log exposure. ours: 1 for the series in question, 0 for the comparison. at: which time.
    series: which of them a row belongs to."""

    t: Floats
    y: Floats
    offset: Floats
    ours: Floats
    at: Ints
    series: Ints
    counted: bool
    left: tuple[LeftOut, ...]


def read_series(
    data: Any, time: str, value: str | None, count: str | None, exposure: str | None, series: tuple[str, str] | None
) -> Rows:
    """The rows of one series, or of two: series = (column, which of its values is ours)."""
    if (value is None) == (count is None) or (exposure is not None and count is None):
        raise BadChoice(name="value", allowed="given, or count (with exposure), but not both")
    frame = read(data, [time, value, count, exposure, series[0] if series else None])
    t, y = frame.numbers(time), frame.numbers(value or count or "", low=None if value else 0, whole=value is None)
    size = np.ones(frame.rows) if exposure is None else frame.numbers(exposure, low=0)
    ours, code = np.ones(frame.rows), np.zeros(frame.rows, dtype=np.int64)
    if series is not None:
        label = frame.labels(series[0])
        if series[1] not in label.names or len(label.names) < 2:
            raise BadChoice(name="ours", allowed=f"one of at least two values of {series[0]}")
        code = label.codes
        ours = (code == label.names.index(series[1])).astype(float)
    known = np.isfinite(t) & np.isfinite(y) & np.isfinite(size) & (size > 0) & (code >= 0)
    left = some([("times without a number", int((~known).sum()))])
    pairs, first, many = np.unique(
        np.column_stack([code[known], t[known]]), axis=0, return_index=True, return_counts=True
    )
    if len(pairs) < known.sum():
        row = int(np.flatnonzero(known)[first[many > 1].min()]) + 1
        raise TwiceTheSame(
            found=int((many > 1).sum()), keys=time if series is None else f"{series[0]} and {time}", row=row
        )
    order = np.lexsort((code[known], t[known]))
    t, y, size, ours = (v[known][order] for v in (t, y, size, ours))
    code = code[known][order]
    if not len(t):
        raise TooFew(what="times with a number", found=0, needed=1)
    if float(np.ptp(y)) == 0:
        raise NoSpread(column=value or count or "")
    at = np.unique(t, return_inverse=True)[1].astype(np.int64)
    return Rows(t, y, np.log(size), ours, at, code, count is not None, left)


def fit_rows(rows: Rows, names: Sequence[str], x: Floats, errors: str | None, lags: int | None) -> SeriesFit:
    """Least squares or Poisson likelihood with the errors asked for."""
    n, p = x.shape
    if n < p + 3:
        raise TooFew(what="times", found=n, needed=p + 3)
    size = np.sqrt((x**2).sum(axis=0))
    if size.min() <= 0 or np.linalg.cond(x / np.where(size > 0, size, 1)) > 1e8:
        raise CannotTell(why="a break has no time before or after it", instead="Look at the first and last times")
    kind = errors or ("quasi" if rows.counted else "ar1")
    if kind not in ({"quasi", "poisson", "hac"} if rows.counted else {"ar1", "hac", "model"}):
        raise BadChoice(name="errors", allowed="quasi, poisson or hac for counts; ar1, hac or model for values")
    unit = 1.0 if rows.counted else float(np.max(np.abs(rows.y)))
    cov: Floats
    beta = _poisson(rows, x) if rows.counted else np.asarray(np.linalg.lstsq(x, rows.y / unit, rcond=None)[0])
    mu = np.exp(x @ beta + rows.offset) if rows.counted else x @ beta
    weight = mu if rows.counted else np.ones(n)
    off = (rows.y if rows.counted else rows.y / unit) - mu
    bread: Floats = np.asarray(np.linalg.inv((x * weight[:, None]).T @ x), dtype=np.float64)
    dispersion = float((off**2 / weight).sum() / (n - p))
    if kind == "ar1":
        beta, cov = _averaged(rows, x, rows.y / unit)
    elif kind == "hac":
        cov = bread @ _newey_west(x * off[:, None], rows.at, lags) @ bread * n / (n - p)
    else:
        cov = bread * (1.0 if kind == "poisson" else max(dispersion, 0.0))
    df = math.inf if kind == "poisson" else float(len(np.unique(rows.at)) - p) if kind == "hac" else float(n - p)
    if df < 2:
        raise TooFew(what="times", found=len(np.unique(rows.at)), needed=p + 2)
    if not dispersion > 1e-20:
        raise CannotTell(why="the series lies exactly on its line", instead="Show the series itself")
    return SeriesFit(tuple(names), np.asarray(beta * unit, dtype=np.float64), cov * unit**2, df, dispersion * unit**2)


def _poisson(rows: Rows, x: Floats) -> Floats:
    if not rows.y.sum() > 0:
        raise NoSpread(column="the count")
    beta = np.zeros(x.shape[1])
    beta[0] = math.log(rows.y.sum()) - math.log(float(np.exp(rows.offset).sum()))
    for _ in range(100):
        mu = np.exp(np.clip(x @ beta + rows.offset, -700, 700))
        step = np.linalg.lstsq((x * mu[:, None]).T @ x, x.T @ (rows.y - mu), rcond=None)[0]
        beta = beta + step * min(1.0, 2.0 / max(float(np.max(np.abs(x @ step))), 1e-12))
        if float(np.max(np.abs(x @ step))) < 1e-10:
            return np.asarray(beta, dtype=np.float64)
    raise CannotTell(why="a part of the series holds no events at all", instead="Take longer periods, or fewer breaks")


def _averaged(rows: Rows, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Generalised least squares, averaged over the autocorrelation by its restricted likelihood from 0 to 0.98."""
    n, p = x.shape
    grid = np.concatenate([np.linspace(0, 0.9, 46), np.linspace(0.91, 0.98, 8)])
    wide = np.gradient(grid)
    step = float(np.min(np.diff(np.unique(rows.t)), initial=1.0))
    order = np.lexsort((rows.t, rows.series))
    first = np.concatenate([[True], np.diff(rows.series[order]) != 0])
    gap = np.where(first, np.inf, np.concatenate([[0.0], np.diff(rows.t[order])]) / step)
    found, logs = [], []
    for rho in grid:
        back = np.where(first, 0.0, rho ** np.where(first, 1.0, gap))
        size = np.sqrt(1 - back**2)
        x2, y2 = x[order] / size[:, None], y[order] / size
        x2[1:] -= (back / size)[1:, None] * x[order][:-1]
        y2[1:] -= (back / size)[1:] * y[order][:-1]
        xx = x2.T @ x2
        beta = np.linalg.solve(xx, x2.T @ y2)
        rss = max(float(((y2 - x2 @ beta) ** 2).sum()), 1e-300)
        logs.append(-0.5 * (2 * np.log(size).sum() + np.linalg.slogdet(xx)[1] + (n - p) * math.log(rss)))
        found.append((beta, np.linalg.inv(xx) * rss / (n - p)))
    weight = np.exp(np.array(logs) - max(logs)) * wide
    weight /= weight.sum()
    mean = sum(w * beta for w, (beta, _) in zip(weight, found, strict=True))
    cov = sum(w * (c + np.outer(b - mean, b - mean)) for w, (b, c) in zip(weight, found, strict=True))
    return np.asarray(mean), np.asarray(cov)


def _newey_west(scores: Floats, at: Ints, lags: int | None) -> Floats:
    """Σ of weighted products of scores some times apart. at: which time each row is of."""
    total = np.zeros((int(at.max()) + 1, scores.shape[1]))
    np.add.at(total, at, scores)
    n = len(total)
    most = math.floor(4 * (n / 100) ** (2 / 9)) if lags is None else lags
    found = total.T @ total
    for lag in range(1, min(most, n - 1) + 1):
        cross = total[lag:].T @ total[:-lag]
        found += (1 - lag / (most + 1)) * (cross + cross.T)
    return found
