"""Mixed logistic regression from counts, by adaptive Gauss-Hermite quadrature.

events ~ Binomial(n, logit⁻¹(x'β + σ z)), z ~ N(0, 1) one for each stratum. The likelihood of counts is that of the
people they count, so nothing is lost by adding up first. Pinheiro & Bates (1995), J Comput Graph Stat 4:12-35; the
gradient is the posterior mean of the complete-data score, under the same nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize
from scipy.special import expit, gammaln

from kinweave.measures.frames import Floats, Ints
from kinweave.measures.refusals import CannotTell


@dataclass(frozen=True)
class Counts:
    """x: (R, p). events, n: (R,). stratum: (R,), which of J."""

    x: Floats
    events: Floats
    n: Floats
    stratum: Ints
    strata: int

    def over(self, rows: Floats) -> Floats:
        """Sums by stratum: (R, …) to (J, …)."""
        found = np.zeros((self.strata, *rows.shape[1:]))
        np.add.at(found, self.stratum, rows)
        return found

    @property
    def constant(self) -> float:
        return float((gammaln(self.n + 1) - gammaln(self.events + 1) - gammaln(self.n - self.events + 1)).sum())


class Quadrature:
    """The likelihood of `counts`; remembers between calls each stratum's mode, and the best β for each σ tried."""

    def __init__(self, counts: Counts, nodes: int = 7) -> None:
        self.c = counts
        self.nodes, self.weights = np.polynomial.hermite.hermgauss(nodes)
        self.mode = np.zeros(counts.strata)
        self.best: dict[float, Floats] = {}
        self._last: tuple[Floats, Floats, Floats] | None = None  # θ, with the modes and spreads there
        # One row a stratum in order needs no adding up.
        self.plain = counts.strata == len(counts.n) and bool((counts.stratum == np.arange(counts.strata)).all())

    def _sum(self, rows: Floats) -> Floats:
        return rows if self.plain else self.c.over(rows)

    def _modes(self, theta: Floats, fixed: Floats) -> tuple[Floats, Floats]:
        """Mode and spread of z in each stratum. Newton on a concave function, with bounded steps."""
        if self._last is not None and np.array_equal(self._last[0], theta):
            return self._last[1:]
        c, z, sigma = self.c, self.mode.copy(), float(theta[-1])
        for _ in range(100):
            mu = expit(fixed + sigma * z[c.stratum])
            slope = sigma * self._sum(c.events - c.n * mu) - z
            bend = sigma * sigma * self._sum(c.n * mu * (1 - mu)) + 1
            step = np.clip(slope / bend, -1.0, 1.0)
            z += step
            if np.max(np.abs(step)) < 1e-10:
                break
        self.mode = z
        self._last = theta.copy(), z, 1 / np.sqrt(bend)
        return self._last[1:]

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """−log likelihood (without the binomial coefficients) and its gradient by (β, σ)."""
        value, slope = self._both(theta)
        if len(self.nodes) >= 5:
            return value, slope
        # One node is Laplace's approximation, whose gradient is not the posterior mean.
        steps = 1e-5 * np.maximum(1.0, np.abs(theta))[:, None] * np.eye(len(theta))
        return value, np.array([(self._both(theta + s)[0] - self._both(theta - s)[0]) / (2 * s.sum()) for s in steps])

    def _both(self, theta: Floats) -> tuple[float, Floats]:
        c, sigma = self.c, float(theta[-1])
        fixed = c.x @ theta[:-1]
        mode, spread = self._modes(theta, fixed)
        z = mode[:, None] + math.sqrt(2) * spread[:, None] * self.nodes  # (J, K)
        eta = fixed[:, None] + sigma * z[c.stratum]
        log = self._sum(c.events[:, None] * eta - c.n[:, None] * np.logaddexp(0, eta)) - z * z / 2
        log += np.log(self.weights) + self.nodes**2
        top = log.max(axis=1, keepdims=True)
        weight = np.exp(log - top)
        total = weight.sum(axis=1, keepdims=True)
        value = float((top[:, 0] + np.log(total[:, 0]) + np.log(spread) - 0.5 * math.log(math.pi)).sum())
        weight /= total
        off = c.events[:, None] - c.n[:, None] * expit(eta)  # (R, K)
        w = weight[c.stratum]
        slope = np.append(c.x.T @ (w * off).sum(axis=1), float((w * off * z[c.stratum]).sum()))
        return -value, -slope

    def laplace(self, theta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Joint curvature at the modes: β given z integrated, (p, p); h (J, p); bend (J,); modes (J,)."""
        c, sigma = self.c, float(theta[-1])
        fixed = c.x @ theta[:-1]
        mode, spread = self._modes(theta, fixed)
        mu = expit(fixed + sigma * mode[c.stratum])
        w = c.n * mu * (1 - mu)
        h = sigma * self._sum(w[:, None] * c.x)
        bend = 1 / spread**2
        return (c.x * w[:, None]).T @ c.x - (h / bend[:, None]).T @ h, h, bend, mode


@dataclass(frozen=True)
class LogitFit:
    """beta: (p,). sigma: between strata. cov: (p + 1, p + 1) of both. mode: (J,) of z. loglik: with coefficients."""

    beta: Floats
    sigma: float
    cov: Floats
    loglik: float
    mode: Floats
    quadrature: Quadrature

    @property
    def theta(self) -> Floats:
        return np.append(self.beta, self.sigma)


def fit_logit(counts: Counts, nodes: int = 7) -> LogitFit:
    """The most likely β and σ. CannotTell if no maximum is found."""
    at = Quadrature(counts, nodes)
    start = np.append(_logistic(counts), 0.4)
    found = _minimise(at, start)
    if found[-1] < 0:
        found[-1] = -found[-1]
        at.mode = -at.mode
    value, slope = at(found)
    curve = _curvature(at, found)
    if found[-1] < 1e-3:  # on the edge: σ counts as known
        curve[-1, :] = curve[:, -1] = 0
        curve[-1, -1] = 1
    if not np.isfinite(value) or np.max(np.abs(slope[:-1])) > 1e-3 * max(1.0, float(counts.n.sum()) ** 0.5):
        raise CannotTell(why="no best answer was found", instead="Leave out a column, or merge small groups")
    cov = np.asarray(np.linalg.inv(curve), dtype=np.float64)
    return LogitFit(np.array(found[:-1], dtype=np.float64), float(found[-1]), cov, counts.constant - value, at.mode, at)


def _logistic(counts: Counts) -> Floats:
    """Plain logistic regression, as a start."""
    beta = np.zeros(counts.x.shape[1])
    share = (counts.events.sum() + 0.5) / (counts.n.sum() + 1)
    beta[0] = math.log(share / (1 - share))
    for _ in range(25):
        mu = expit(counts.x @ beta)
        w = counts.n * mu * (1 - mu)
        step = np.linalg.solve(
            (counts.x * w[:, None]).T @ counts.x + 1e-9 * np.eye(len(beta)),
            counts.x.T @ (counts.events - counts.n * mu),
        )
        beta = beta + np.clip(step, -2, 2)
        if np.max(np.abs(step)) < 1e-8:
            break
    return beta


def _minimise(at: Quadrature, start: Floats) -> Floats:
    inner, *_ = at.laplace(start)
    first = np.eye(len(start)) / max(at.c.strata, 1)
    first[:-1, :-1] = np.linalg.pinv(inner)
    options: dict[str, Any] = {"maxiter": 300, "hess_inv0": (first + first.T) / 2, "gtol": 1e-6}
    found: Floats = np.asarray(optimize.minimize(at, start, jac=True, method="BFGS", options=options).x)
    for _ in range(4):  # the line search of BFGS stops early; Newton goes to the top
        _, slope = at(found)
        if np.max(np.abs(slope)) < 1e-8 * max(1.0, float(at.c.n.sum()) ** 0.5) or abs(found[-1]) < 1e-3:
            break
        step = np.linalg.lstsq(_curvature(at, found), slope, rcond=None)[0]
        if np.max(np.abs(step)) > 1:
            break
        found = found - step
    return found


def _curvature(at: Quadrature, theta: Floats) -> Floats:
    """Second derivatives of −log likelihood, by central differences of the gradient."""
    size = 1e-5 * np.maximum(1.0, np.abs(theta))
    rows = []
    for i, h in enumerate(size):
        step = np.zeros_like(theta)
        step[i] = h
        rows.append((at(theta + step)[1] - at(theta - step)[1]) / (2 * h))
    found = np.array(rows)
    half: Floats = (found + found.T) / 2
    return half


def profile(fit: LogitFit, sigma: float) -> float:
    """−log likelihood at a given σ with the best β, adjusted for having estimated β (Cox & Reid 1987, JRSS B 49:1-39).

    Without the adjustment intervals for σ lie too low, as plain maximum likelihood does beside REML.
    """
    at = fit.quadrature
    near = min(at.best, key=lambda known: abs(known - sigma), default=None)
    beta = (fit.beta if near is None else at.best[near]).copy()
    best = math.inf
    for _ in range(50):
        theta = np.append(beta, sigma)
        value, slope = at(theta)
        curve, *_ = at.laplace(theta)
        step = np.linalg.lstsq(curve, slope[:-1], rcond=None)[0]
        left = np.max(np.abs(step))
        if left < 1e-7 or (abs(best - value) < 1e-9 and left < 1e-5):
            break
        best = min(best, value)
        beta = beta - np.clip(step, -1, 1)
    at.best[sigma] = beta
    return value + 0.5 * float(np.linalg.slogdet(curve)[1])


def top_of_profile(fit: LogitFit) -> tuple[float, float]:
    """σ at the top of the adjusted likelihood, and `profile` there."""
    limits = (0.0, 2 * fit.sigma + 0.3)
    found = optimize.minimize_scalar(
        lambda s: profile(fit, s), bounds=limits, method="bounded", options={"xatol": 1e-4}
    )
    edge = profile(fit, 0.0)
    return (0.0, edge) if edge <= found.fun else (float(found.x), float(found.fun))


def profile_interval(criterion: Any, top: float, best: float, drop: float) -> tuple[float, float]:
    """Where −log likelihood exceeds its least value by `drop` on either side of `top`; nought if never below."""

    def over(x: float) -> float:
        return float(criterion(x)) - best - drop

    low = 0.0
    if top > 1e-6 and over(0.0) > 0:
        low = float(optimize.brentq(over, 0.0, top, xtol=1e-6 * max(top, 1e-3)))
    high = max(2 * top, 0.05)
    for _ in range(60):
        if over(high) > 0:
            break
        high *= 1.6
    return low, float(optimize.brentq(over, max(top, 0.0), high, xtol=1e-6 * max(top, 1e-3)))
