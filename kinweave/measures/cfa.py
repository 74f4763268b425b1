"""Confirmatory factor analysis of several groups by maximum likelihood, from means and covariances alone.

Jöreskog (1971), Simultaneous factor analysis in several populations, Psychometrika 36:409-426,
doi:10.1007/BF02291366. Every item belongs to one factor; errors are uncorrelated. Fisher scoring on the expected
information, which needs no second derivatives. Sums suffice: people are never looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy import stats
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, solve_triangular

from kinweave.measures.fit_indices import rmsea
from kinweave.measures.frames import Floats
from kinweave.measures.refusals import CannotTell, NoSpread

ROUNDS: Final = 150
# A step that would gain less than this of the criterion ends the search.
SETTLED: Final = 1e-13
FALLBACK: Final = "Ask fewer things at once: one factor, fewer items, or larger groups."


@dataclass(frozen=True)
class ItemMoments:
    """What one group's answers come to. mean: (items,); covariance: (items, items), divisor n; n: people."""

    n: int
    mean: Floats
    covariance: Floats


class Free(NamedTuple):
    """One free number of the model. kind: loading, factor (its variance or covariance), error, intercept, mean.

    row, col: item and factor, or two factors. group: which group it belongs to, None where all share it.
    """

    kind: str
    row: int
    col: int
    group: int | None


@dataclass(frozen=True)
class Fit:
    """A fitted model. chi2 on df degrees of freedom against the saturated one; rmsea_low, rmsea_high: 90 %.

    values: in the order of `free`, for items divided by `scale`. proper: no variance below nought.
    """

    level: str
    chi2: float
    df: int
    p: float
    cfi: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    proper: bool
    values: tuple[float, ...]
    free: tuple[Free, ...]
    scale: tuple[float, ...]
    information: Floats

    def of(self, kind: str, group: int = 0) -> dict[tuple[int, int], float]:
        """The free numbers of one kind in one group, by (row, col), on the standardised scale."""
        named = zip(self.free, self.values, strict=True)
        return {(f.row, f.col): v for f, v in named if f.kind == kind and f.group in (None, group)}


LEVELS: Final = ("configural", "metric", "scalar")


def parameters(level: str, factor_of: Sequence[int], groups: int) -> tuple[Free, ...]:
    """The free numbers. metric: loadings alike in all groups; scalar: intercepts too.

    Factors of the first group have variance 1 and mean 0; the others' are free where the items are tied.
    """
    factors = max(factor_of) + 1
    found: list[Free] = []
    own: Sequence[int | None] = range(groups)
    for group in [None] if level != "configural" else own:
        found += [Free("loading", item, factor, group) for item, factor in enumerate(factor_of)]
    for g in range(groups):
        tied = level != "configural" and g > 0
        found += [
            Free("factor", a, b, g) for a in range(factors) for b in range(a + 1) if a != b or tied
        ]  # fmt: skip
        found += [Free("error", item, item, g) for item in range(len(factor_of))]
        if level == "scalar" and g > 0:
            found += [Free("mean", k, k, g) for k in range(factors)]
    if level == "scalar":
        found += [Free("intercept", item, item, None) for item in range(len(factor_of))]
    return tuple(found)


class _Group:
    """The matrices of one group at given values, and how they move with each of its free numbers."""

    def __init__(self, free: Sequence[Free], values: Floats, items: int, factors: int, group: int) -> None:
        self.mine = [i for i, f in enumerate(free) if f.group in (None, group)]
        self.loads, self.psi = np.zeros((items, factors)), np.eye(factors)
        self.errors, self.intercepts, self.means = np.zeros(items), np.zeros(items), np.zeros(factors)
        for i in self.mine:
            f, v = free[i], values[i]
            if f.kind == "loading":
                self.loads[f.row, f.col] = v
            elif f.kind == "factor":
                self.psi[f.row, f.col] = self.psi[f.col, f.row] = v
            elif f.kind == "error":
                self.errors[f.row] = v
            elif f.kind == "intercept":
                self.intercepts[f.row] = v
            else:
                self.means[f.row] = v
        self.sigma = self.loads @ self.psi @ self.loads.T + np.diag(self.errors)
        self.mu = self.intercepts + self.loads @ self.means

    def slopes(self, free: Sequence[Free]) -> tuple[Floats, Floats]:
        """How sigma (mine, items, items) and mu (mine, items) move with each free number of this group."""
        items = len(self.errors)
        sigma, mu = np.zeros((len(self.mine), items, items)), np.zeros((len(self.mine), items))
        through = self.loads @ self.psi
        for j, i in enumerate(self.mine):
            f = free[i]
            if f.kind == "loading":
                sigma[j, f.row, :] += through[:, f.col]
                sigma[j, :, f.row] += through[:, f.col]
                mu[j, f.row] = self.means[f.col]
            elif f.kind == "factor":
                both = np.outer(self.loads[:, f.row], self.loads[:, f.col])
                sigma[j] = both if f.row == f.col else both + both.T
            elif f.kind == "error":
                sigma[j, f.row, f.row] = 1.0
            elif f.kind == "intercept":
                mu[j, f.row] = 1.0
            else:
                mu[j] = self.loads[:, f.row]
        return sigma, mu


def _distance(model: _Group, seen: ItemMoments, means: bool) -> float:
    """Maximum likelihood discrepancy of one group; infinite where the model's covariance is none."""
    try:
        root = cholesky(model.sigma, lower=True)
    except (LinAlgError, ValueError):
        return math.inf
    inside = solve_triangular(root, seen.covariance, lower=True)
    trace = float(np.trace(solve_triangular(root, inside.T, lower=True)))
    value = 2 * float(np.log(np.diag(root)).sum()) + trace
    value -= float(np.linalg.slogdet(seen.covariance)[1]) + len(seen.mean)
    if means:
        away = solve_triangular(root, seen.mean - model.mu, lower=True)
        value += float(away @ away)
    return value


def _push(model: _Group, seen: ItemMoments, free: Sequence[Free], means: bool) -> tuple[Floats, Floats]:
    """Score and expected information of one group, for a single person's weight."""
    root = cholesky(model.sigma, lower=True)
    sigma, mu = model.slopes(free)
    away = seen.mean - model.mu if means else np.zeros(len(seen.mean))
    rest = seen.covariance + np.outer(away, away) - model.sigma
    inverse = solve_triangular(root, np.eye(len(root)), lower=True)
    rest = inverse @ rest @ inverse.T
    flat = (inverse @ sigma @ inverse.T).reshape(len(sigma), -1)
    moved = mu @ inverse.T
    score = flat @ rest.ravel() / 2 + (moved @ (inverse @ away) if means else 0.0)
    information = flat @ flat.T / 2 + (moved @ moved.T if means else 0.0)
    return score, information


def _start(free: Sequence[Free], seen: Sequence[ItemMoments], factor_of: Sequence[int]) -> Floats:
    """Loadings along each factor's first axis, errors for the rest, means as they are."""
    weights = np.array([m.n for m in seen], dtype=float)
    pooled = np.average([m.covariance for m in seen], axis=0, weights=weights)
    signs = np.ones(len(factor_of))
    for k in set(factor_of):
        at = [i for i, f in enumerate(factor_of) if f == k]
        axis = np.linalg.eigh(pooled[np.ix_(at, at)])[1][:, -1]
        signs[at] = np.where(axis >= 0, 1.0, -1.0) * (1.0 if axis.sum() >= 0 else -1.0)
    begin = {"factor": 0.0, "mean": 0.0}
    return np.array(
        [
            0.7 * signs[f.row] * math.sqrt(pooled[f.row, f.row])
            if f.kind == "loading"
            else 0.5 * (seen[f.group or 0].covariance[f.row, f.row])
            if f.kind == "error"
            else float(np.average([m.mean[f.row] for m in seen], weights=weights))
            if f.kind == "intercept"
            else float(f.kind == "factor" and f.row == f.col) or begin[f.kind]
            for f in free
        ]
    )


def _search(
    free: tuple[Free, ...], seen: Sequence[ItemMoments], factor_of: Sequence[int]
) -> tuple[Floats, float, Floats]:
    """Values, criterion (chi-square) and information at the best fit. CannotTell if it is not found."""
    items, factors = len(factor_of), max(factor_of) + 1
    means = any(f.kind == "intercept" for f in free)
    values = _start(free, seen, factor_of)

    def models(at: Floats) -> list[_Group]:
        return [_Group(free, at, items, factors, g) for g in range(len(seen))]

    def criterion(at: Floats) -> float:
        return sum(m.n * _distance(model, m, means) for model, m in zip(models(at), seen, strict=True))

    now = criterion(values)
    people = sum(m.n for m in seen)
    for _ in range(ROUNDS):
        score, information = np.zeros(len(free)), np.zeros((len(free), len(free)))
        for model, m in zip(models(values), seen, strict=True):
            s, i = _push(model, m, free, means)
            score[model.mine] += m.n * s
            information[np.ix_(model.mine, model.mine)] += m.n * i
        try:
            step = cho_solve(cho_factor(information), score)
        except LinAlgError:
            break
        if float(score @ step) <= SETTLED * people:
            return values, now, information
        size = 1.0
        while size > 1e-8 and not criterion(values + size * step) < now:
            size /= 2
        if size <= 1e-8:
            # At the floor of rounding a tiny step can no longer be seen to gain.
            if float(score @ step) <= 1e-7 * people:
                return values, now, information
            break
        values = values + size * step
        now = criterion(values)
    raise CannotTell(why="the factor model found no best fit", instead=FALLBACK)


def baseline(seen: Sequence[ItemMoments]) -> tuple[float, int]:
    """Chi-square and df of the model in which no item goes with another."""
    items = len(seen[0].mean)
    gap = [m.n * (float(np.log(np.diag(m.covariance)).sum()) - float(np.linalg.slogdet(m.covariance)[1])) for m in seen]
    return sum(gap), len(seen) * items * (items - 1) // 2


def standardised(seen: Sequence[ItemMoments], names: Sequence[str]) -> tuple[list[ItemMoments], Floats]:
    """The same with every item divided by its pooled spread and centred on the first group; and those spreads."""
    people = sum(m.n for m in seen)
    spread = np.sqrt(sum(m.n * np.diag(m.covariance) for m in seen) / people)
    for i, name in enumerate(names):
        if not spread[i] > 0 or any(not m.covariance[i, i] > 1e-12 * spread[i] ** 2 for m in seen):
            raise NoSpread(column=name)
    centre = seen[0].mean
    scaled = [ItemMoments(m.n, (m.mean - centre) / spread, m.covariance / np.outer(spread, spread)) for m in seen]
    for m in scaled:
        if np.linalg.eigvalsh(m.covariance)[0] < 1e-9:
            raise CannotTell(why="one item is the sum or the copy of others", instead="Leave one of them out.")
    return scaled, spread


def fit(level: str, seen: Sequence[ItemMoments], factor_of: Sequence[int], names: Sequence[str]) -> Fit:
    """The model of that level. seen: one entry a group, items in one order; factor_of: each item's factor, from 0.

    CannotTell where it has more free numbers than the data, or no best fit; NoSpread for a constant item.
    """
    scaled, spread = standardised(seen, names)
    free = parameters(level, factor_of, len(seen))
    items, people = len(factor_of), sum(m.n for m in seen)
    given = len(seen) * (items * (items + 1) // 2 + (items if level == "scalar" else 0))
    df = given - len(free)
    if df < 0:
        raise CannotTell(why="a factor of fewer than three items has no single answer", instead=FALLBACK)
    values, chi2, information = _search(free, scaled, factor_of)
    chi2 = max(chi2, 0.0)
    empty, empty_df = baseline(scaled)
    worst = max(empty - empty_df, chi2 - df, 0.0)
    cfi = 1.0 if worst == 0 or df == 0 else 1.0 - max(chi2 - df, 0.0) / worst
    middle, low, high = rmsea(chi2, df, people, len(seen))
    p = float(stats.chi2.sf(chi2, df)) if df else 1.0
    proper = _proper(free, values, items, max(factor_of) + 1, len(seen))
    return Fit(level, chi2, df, p, cfi, middle, low, high, proper, tuple(map(float, values)), free,
               tuple(map(float, spread)), information)  # fmt: skip


def _proper(free: Sequence[Free], values: Floats, items: int, factors: int, groups: int) -> bool:
    for g in range(groups):
        model = _Group(free, values, items, factors, g)
        if model.errors.min() < 0 or np.linalg.eigvalsh(model.psi)[0] < 0:
            return False
    return True
