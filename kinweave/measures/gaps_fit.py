"""The two models behind `gaps`: one number between strata, for yes-or-no outcomes and for measured ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats
from scipy.special import expit

from kinweave.measures import aghq, lmm
from kinweave.measures.frames import Floats
from kinweave.measures.refusals import NoSpread, Separated
from kinweave.measures.strata import Strata

LOGISTIC: Final = math.pi**2 / 3  # variance of a logistic variable


@dataclass(frozen=True)
class Between:
    """One fitted model. variance: between strata, with ends. vpc: share of all variance, with ends.

    beta, cov: of the fixed part; names of it. level: (J,) each stratum's mean (or share) as the model sees it, shrunk,
    low, high. apart: (J,) what is the stratum's own beyond the fixed part, on the model's scale, low, high.
    fixed: (J,) mean or share by the fixed part alone. p_none: probability of so much variance if there were none.
    """

    names: tuple[str, ...]
    beta: Floats
    cov: Floats
    variance: tuple[float, float, float]
    vpc: tuple[float, float, float]
    residual: float | None
    level: Floats
    apart: Floats
    fixed: Floats
    p_none: float


def rows_of(strata: Strata) -> tuple[Any, int]:
    """Which stratum each cell belongs to, and how many there are."""
    wide = len(strata.columns)
    kinds = sorted({name[:wide] for name in strata.names})
    where = {name: i for i, name in enumerate(kinds)}
    return np.array([where[name[:wide]] for name in strata.names], dtype=np.int64), len(kinds)


def dummies(strata: Strata, columns: tuple[str, ...]) -> tuple[Floats, tuple[str, ...]]:
    """0/1 columns of the values of `columns` but the first of each, (cells, p − 1), and their names."""
    every = (*strata.columns, *strata.others)
    made, names = [], []
    for column in columns:
        at = every.index(column)
        for kind in sorted({name[at] for name in strata.names})[1:]:
            made.append([float(name[at] == kind) for name in strata.names])
            names.append(f"{column}|{kind}")
    return np.array(made).T.reshape(len(strata.names), len(made)), tuple(names)


# -------------------------------------------------------------------------------------------- yes or no


def check_separated(strata: Strata, columns: tuple[str, ...], outcome: str) -> None:
    """Refuse what has no finite answer: everybody or nobody, overall or in a whole value of a column."""
    events, n = strata.events, strata.n
    if events.sum() in {0, n.sum()}:
        raise NoSpread(column=outcome)
    every = (*strata.columns, *strata.others)
    for column in columns:
        at = every.index(column)
        kinds = {name[at] for name in strata.names}
        odd = 0
        for kind in kinds:
            mine = np.array([name[at] == kind for name in strata.names])
            odd += events[mine].sum() in {0, n[mine].sum()}
        if odd:
            raise Separated(found=odd, column=column)


def binomial(strata: Strata, columns: tuple[str, ...], level: float, nodes: int) -> Between:
    """Logistic model with one random number for each stratum. columns: main effects in the fixed part."""
    extra, names = dummies(strata, (*columns, *strata.others))
    x = np.column_stack([np.ones(len(strata.names)), extra])
    row, many = rows_of(strata)
    order = np.argsort(row, kind="stable")  # one row a stratum in order is summed quickest
    counts = aghq.Counts(x[order], strata.events[order], strata.n[order], row[order], many)
    fit = aghq.fit_logit(counts, nodes)
    top, best = aghq.top_of_profile(fit)
    z = float(stats.norm.ppf(0.5 + level / 2))
    low, high = aghq.profile_interval(lambda s: aghq.profile(fit, s), top, best, z * z / 2)
    low, high = min(low, fit.sigma), max(high, fit.sigma)
    none = max(0.0, 2 * (aghq.profile(fit, 0.0) - best))
    curve, h, bend, mode = fit.quadrature.laplace(fit.theta)
    c = np.linalg.inv(curve)
    weight = strata.n / np.bincount(row, weights=strata.n, minlength=many)[row]
    x_of = np.zeros((many, x.shape[1]))
    np.add.at(x_of, row, x * weight[:, None])
    own = fit.sigma * mode
    side = x_of - fit.sigma * h / bend[:, None]
    spread = np.sqrt(np.einsum("jp,pq,jq->j", side, c, side) + fit.sigma**2 / bend)
    eta = x_of @ fit.beta + own
    lone = fit.sigma * h / bend[:, None]
    apart = np.sqrt(np.einsum("jp,pq,jq->j", lone, c, lone) + fit.sigma**2 / bend)
    v = tuple(s * s for s in (fit.sigma, low, high))
    return Between(
        names=("start", *names), beta=fit.beta, cov=fit.cov[:-1, :-1], variance=(v[0], v[1], v[2]),
        vpc=(v[0] / (v[0] + LOGISTIC), v[1] / (v[1] + LOGISTIC), v[2] / (v[2] + LOGISTIC)), residual=None,
        level=expit(np.column_stack([eta, eta - z * spread, eta + z * spread])),
        apart=np.column_stack([own, own - z * apart, own + z * apart]), fixed=expit(x_of @ fit.beta),
        p_none=_half(none),
    )  # fmt: skip


def _half(deviance: float) -> float:
    """P of a variance on its edge: half chi-squared with one degree of freedom (Self & Liang 1987, JASA 82:605)."""
    return 0.5 * float(stats.chi2.sf(deviance, 1)) if deviance > 1e-8 else 1.0


def auc(events: Floats, n: Floats, score: Floats) -> float:
    """Chance that somebody with the outcome stands in a stratum with a higher share than somebody without it."""
    order = np.argsort(score, kind="stable")
    kinds, at = np.unique(score[order], return_inverse=True)
    yes = np.bincount(at, weights=events[order], minlength=len(kinds))
    no = np.bincount(at, weights=(n - events)[order], minlength=len(kinds))
    below = np.cumsum(no) - no
    return float((yes * (below + no / 2)).sum() / (yes.sum() * no.sum()))


def response_vpc(intercept: float, sigma: float) -> float:
    """Share of the variance of a 0/1 outcome that lies between strata of equal size, by quadrature."""
    x, w = np.polynomial.hermite_e.hermegauss(61)
    p = expit(intercept + sigma * x)
    w = w / w.sum()
    mean = float(w @ p)
    between = float(w @ (p - mean) ** 2)
    return between / (between + float(w @ (p * (1 - p))))


# --------------------------------------------------------------------------------------------- measured


def gaussian(strata: Strata, columns: tuple[str, ...], level: float) -> Between:
    """Linear model with one random number for each stratum, REML; covariates enter the fixed part."""
    extra, names = dummies(strata, (*columns, *strata.others))
    cells, j = rows_of(strata)
    n, mean = strata.n, strata.mean
    centre = (n @ mean) / n.sum()
    scale = np.sqrt(np.einsum("scc->c", strata.cross) + n @ (mean - centre) ** 2) / math.sqrt(float(n.sum()))
    if not scale[0] > 0:
        raise NoSpread(column="the outcome")
    scale = np.where(scale > 0, scale, 1.0)
    away = (mean - centre) / scale  # outcome first, then numeric covariates
    full = np.column_stack([np.ones(len(n)), away[:, 1:], extra])
    inner = strata.cross / np.outer(scale, scale)
    c, p = mean.shape[1] - 1, full.shape[1]
    xx = n[:, None, None] * full[:, :, None] * full[:, None, :]
    xx[:, 1 : 1 + c, 1 : 1 + c] += inner[:, 1:, 1:]
    xy = n[:, None] * full * away[:, [0]]
    xy[:, 1 : 1 + c] += inner[:, 0, 1:]

    def over(rows: Floats) -> Floats:
        found = np.zeros((j, *rows.shape[1:]))
        np.add.at(found, cells, rows)
        return found

    size = over(n)
    tt, ts, total = over(xx), over(xy), over(n * away[:, 0])
    yy = float((n * away[:, 0] ** 2 + inner[:, 0, 0]).sum())
    sums = lmm.Sums(tt, ts[:, None, :], (total**2)[:, None, None], yy, np.ones((j, 1)), size, np.eye(p)[None], (0,))
    fit = lmm.fit(sums, ("start", *names))
    ratio = math.sqrt(fit.between[0, 0]) / fit.residual
    z = float(stats.norm.ppf(0.5 + level / 2))

    def criterion(theta: float) -> float:
        return lmm.State(sums, np.array([[theta]])).criterion / 2

    low, high = aghq.profile_interval(criterion, ratio, fit.criterion / 2, z * z / 2)
    none = max(0.0, 2 * criterion(0.0) - fit.criterion)
    unit = float(scale[0])
    keep = size * ratio**2 / (1 + size * ratio**2)
    x_mean = over(n[:, None] * full) / size[:, None]
    x_of = x_mean.copy()
    x_of[:, 1 : 1 + c] = 0  # at the average of the numeric covariates
    own = keep * (total / size - x_mean @ fit.beta)
    left = fit.between[0, 0] * (1 - keep)
    t = float(stats.t.ppf(0.5 + level / 2, max(j - p, 1)))
    side = x_of - keep[:, None] * x_mean
    spread = t * np.sqrt(left + np.einsum("jp,pq,jq->j", side, fit.cov, side))
    lone = keep[:, None] * x_mean
    apart = t * np.sqrt(left + np.einsum("jp,pq,jq->j", lone, fit.cov, lone))
    mean_of = x_of @ fit.beta + own
    v = fit.residual**2 * unit**2
    back = np.concatenate([[1.0], 1 / scale[1:], np.ones(p - 1 - c)]) * unit
    return Between(
        names=("start", *names), beta=_drop(fit.beta * back, c, centre[0]),
        cov=_drop2(fit.cov * np.outer(back, back), c),
        variance=(ratio**2 * v, low**2 * v, high**2 * v),
        vpc=(ratio**2 / (1 + ratio**2), low**2 / (1 + low**2), high**2 / (1 + high**2)), residual=v,
        level=centre[0] + unit * np.column_stack([mean_of, mean_of - spread, mean_of + spread]),
        apart=unit * np.column_stack([own, own - apart, own + apart]),
        fixed=centre[0] + unit * (x_of @ fit.beta), p_none=_half(none),
    )  # fmt: skip


def _drop(beta: Floats, c: int, centre: float) -> Floats:
    """Without the numeric covariates, at whose averages the rest holds."""
    kept = np.delete(beta, range(1, 1 + c))
    kept[0] += centre
    return kept


def _drop2(cov: Floats, c: int) -> Floats:
    return np.delete(np.delete(cov, range(1, 1 + c), axis=0), range(1, 1 + c), axis=1)
