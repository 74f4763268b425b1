"""Linear mixed models by restricted maximum likelihood from sums: the optimiser never sees a person.

y = X β + Z b + e, b ~ N(0, D), e ~ N(0, σ²). Both X and Z are made of a basis of time (columns of `basis`, such as 1
and t), X besides of what is known of a group. Then everything follows from T'T, T'y, Z'yy'Z and y'y summed by visit
pattern, by the identity W = V⁻¹ = I − Z A Z', A = Λ (I + Λ'Z'ZΛ)⁻¹ Λ', with D = σ² Λ Λ'.

Criterion: Bates, Mächler, Bolker & Walker (2015), J Stat Softw 67(1), doi:10.18637/jss.v067.i01, eq. 41, with its
gradient. Degrees of freedom: Satterthwaite (1941) with the expected information, as in Giesbrecht & Burns (1985),
Biometrics 41:477-486.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import optimize, stats

from kinweave.measures.frames import Floats
from kinweave.measures.moments import Moments
from kinweave.measures.refusals import CannotTell, OutOfRange


@dataclass(frozen=True)
class Model:
    """What is fitted. basis: (times, k). random: which columns of the basis vary between people.

    fixed: for each coefficient, its column of the basis and what it multiplies it with in each group, (groups,).
    names: of the coefficients.
    """

    basis: Floats
    random: tuple[int, ...]
    fixed: tuple[tuple[int, Floats], ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Sums:
    """The data of a model. P patterns of visits, G groups, k columns of the basis, q of them random."""

    tt: Floats  # (P, k, k)
    ts: Floats  # (P, G, k)
    zsz: Floats  # (P, q, q)
    yy: float
    people: Floats  # (P, G)
    visits: Floats  # (P,)
    select: Floats  # (G, k, p): which coefficient belongs to which column of the basis in which group
    random: tuple[int, ...]

    @property
    def scores(self) -> float:
        return float((self.people.sum(axis=1) * self.visits).sum())


def gather(moments: Moments, model: Model) -> Sums:
    """The sums that `model` needs."""
    groups = {g: i for i, g in enumerate(moments.groups)}
    kinds = sorted({p.visits for p in moments.patterns})
    where = {v: i for i, v in enumerate(kinds)}
    k, q = model.basis.shape[1], len(model.random)
    random = list(model.random)
    ts, zsz = np.zeros((len(kinds), len(groups), k)), np.zeros((len(kinds), q, q))
    people, yy = np.zeros((len(kinds), len(groups))), 0.0
    bases = [model.basis[list(v)] for v in kinds]
    for p in moments.patterns:
        i, g = where[p.visits], groups[p.group]
        t = bases[i]
        ts[i, g] += t.T @ p.total
        zsz[i] += t[:, random].T @ p.products @ t[:, random]
        people[i, g] += p.n
        yy += float(np.trace(p.products))
    select = np.zeros((len(groups), k, len(model.fixed)))
    for c, (column, values) in enumerate(model.fixed):
        select[:, column, c] = values
    tt = np.array([t.T @ t for t in bases])
    return Sums(tt, ts, zsz, yy, people, np.array([float(len(v)) for v in kinds]), select, model.random)


def sandwich(select: Floats, by_group: Floats) -> Floats:
    """Σ over groups of select'· by_group · select, (p, p): as one product of matrices, which is many times faster."""
    many = select.shape[2]
    found: Floats = select.reshape(-1, many).T @ (by_group @ select).reshape(-1, many)
    return found


class State:
    """The criterion and all that follows from it at one Λ (relative to σ)."""

    def __init__(self, sums: Sums, lam: Floats) -> None:
        self.sums, self.lam = sums, lam
        r = list(sums.random)
        self.z_t = sums.tt[:, r, :]  # Z'T (P, q, k)
        self.zz = self.z_t[:, :, r]
        inner = np.eye(len(r)) + lam.T @ self.zz @ lam
        self.logdet = np.linalg.slogdet(inner)[1]  # (P,)
        self.a = lam @ np.linalg.solve(inner, np.broadcast_to(lam.T, inner.shape))
        self.many = sums.people.sum(axis=1)
        t_z_a = np.swapaxes(self.z_t, 1, 2) @ self.a
        twt = sums.tt - t_z_a @ self.z_t
        tws = sums.ts - np.einsum("pkq,pgq->pgk", t_z_a, sums.ts[:, :, r])
        by_group = np.einsum("pg,pkl->gkl", sums.people, twt)
        self.xwx = sandwich(sums.select, by_group)
        self.xwy = np.einsum("gkc,pgk->c", sums.select, tws)
        self.ywy = sums.yy - float(np.einsum("pqr,prq->", self.a, sums.zsz))
        self.p = len(self.xwy)
        self.root = np.linalg.cholesky(self.xwx)
        self.beta = np.linalg.solve(self.xwx, self.xwy)
        self.rss = self.ywy - float(self.xwy @ self.beta)
        self.df = sums.scores - self.p

    @property
    def criterion(self) -> float:
        """−2 log restricted likelihood, σ² profiled out."""
        fixed = 2 * float(np.log(np.diag(self.root)).sum())
        return float(self.many @ self.logdet) + fixed + self.df * (1 + math.log(2 * math.pi * self.rss / self.df))

    @cached_property
    def c(self) -> Floats:
        found: Floats = np.asarray(np.linalg.inv(self.xwx), dtype=np.float64)
        return found

    @cached_property
    def c_by_pattern(self) -> Floats:
        """Summed over the people of a pattern, (P, k, k)"""
        by_group = self.sums.select @ self.c @ np.swapaxes(self.sums.select, 1, 2)
        found: Floats = np.tensordot(self.sums.people, by_group, axes=1)
        return found

    @cached_property
    def keep(self) -> Floats:
        """I − A Z'Z, so that W Z = Z keep. (P, q, q)"""
        return np.eye(self.a.shape[1]) - self.a @ self.zz

    @cached_property
    def zwt(self) -> Floats:
        """Z'WT (P, q, k)"""
        return np.swapaxes(self.keep, 1, 2) @ self.z_t

    def slope(self) -> Floats:
        """Gradient of the criterion by ΛΛ', (q, q)."""
        s = self.sums
        zwz = np.swapaxes(self.keep, 1, 2) @ self.zz
        fixed = np.einsum("pqk,pkl,prl->qr", self.zwt, self.c_by_pattern, self.zwt)
        means = np.einsum("gkc,c->gk", s.select, self.beta)
        z_mean = np.einsum("pqk,gk->pgq", self.z_t, means)
        z_sum = s.ts[:, :, list(s.random)]
        cross = np.swapaxes(z_sum, 1, 2) @ z_mean
        squares = np.swapaxes(z_mean * s.people[:, :, None], 1, 2) @ z_mean
        left = s.zsz - cross - np.swapaxes(cross, 1, 2) + squares
        zwrwz = np.swapaxes(self.keep, 1, 2) @ left @ self.keep
        found: Floats = np.einsum("p,pqr->qr", self.many, zwz) - fixed - self.df / self.rss * zwrwz.sum(axis=0)
        return found


def _lower(theta: Floats, q: int) -> Floats:
    lam = np.zeros((q, q))
    lam[np.tril_indices(q)] = theta
    return lam


@dataclass(frozen=True)
class Fit:
    """beta: (p,). cov: (p, p). between: D, (q, q). residual: σ. criterion: −2 log restricted likelihood.

    information: of (σ², D11, D21, D22 …), expected. sensitivity: (variances, p, p), X'V⁻¹ Vᵢ V⁻¹ X.
    edge: whether a variance came out as nought.
    """

    names: tuple[str, ...]
    beta: Floats
    cov: Floats
    between: Floats
    residual: float
    criterion: float
    information: Floats
    sensitivity: Floats
    edge: bool

    def contrast(self, weights: Floats) -> tuple[float, float, float]:
        """Value, standard error and Satterthwaite's degrees of freedom of weights'β."""
        value, variance = float(weights @ self.beta), float(weights @ self.cov @ weights)
        if variance <= 0:
            raise OutOfRange(what="a contrast")
        side = self.cov @ weights
        slope = np.array([float(side @ each @ side) for each in self.sensitivity])
        spread = float(slope @ np.linalg.pinv(self.information) @ slope)
        return value, math.sqrt(variance), 2 * variance * variance / spread if spread > 0 else math.inf


def fit(sums: Sums, names: tuple[str, ...]) -> Fit:
    """The model that makes the scores most likely. CannotTell where the sums do not determine it."""
    q = len(sums.random)
    _determined(sums, q)
    diagonal = [i == j for i, j in zip(*np.tril_indices(q), strict=True)]

    def at(theta: Floats) -> tuple[float, Floats]:
        lam = _lower(theta, q)
        try:
            state = State(sums, lam)
            if not state.rss > 0:
                return 1e300, np.zeros_like(theta)
            return state.criterion, (2 * state.slope() @ lam)[np.tril_indices(q)]
        except np.linalg.LinAlgError:
            return 1e300, np.zeros_like(theta)

    best: Any = None
    for start in (1.0, 0.2):
        theta = np.where(diagonal, start, 0.0)
        found = optimize.minimize(
            at, theta, jac=True, method="L-BFGS-B", bounds=[(0 if d else None, None) for d in diagonal],
            options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-7 * max(1.0, sums.scores) ** 0.5, "maxls": 50},
        )  # fmt: skip
        if best is None or found.fun < best.fun - 1e-9 * abs(best.fun):
            best = found
    lam = _lower(best.x, q)
    state = State(sums, lam)
    if not state.rss > 1e-12 * sums.yy or np.max(np.abs(lam)) > 1e5:
        raise CannotTell(
            why="every person's scores lie exactly on the model's line, so there is nothing left to judge by",
            instead="Show the plain changes",
        )
    variance = state.rss / state.df
    information, sensitivity = _information(state, variance)
    return Fit(
        names=names, beta=state.beta, cov=variance * state.c, between=variance * lam @ lam.T,
        residual=math.sqrt(variance), criterion=state.criterion, information=information, sensitivity=sensitivity,
        edge=bool(np.min(np.abs(np.diag(lam))) < 1e-4),
    )  # fmt: skip


def _determined(sums: Sums, q: int) -> None:
    if not sums.yy > 0:
        raise CannotTell(why="all scores are the same", instead="Say the one score and how many people had it")
    flat = State(sums, np.zeros((q, q))) if _full_rank(sums) else None
    if flat is None:
        raise CannotTell(
            why="some group was seen too seldom to tell its change from its start",
            instead="Merge groups, or leave out the groups seen at one time only",
        )
    if flat.df < 1 or float(sums.people.sum()) <= flat.p / max(1, q):
        raise CannotTell(why="there are hardly more scores than numbers to estimate", instead="Show the plain changes")
    if not np.any(sums.visits > q):
        raise CannotTell(
            why=f"nobody has more than {q} visits, so people's own differences cannot be told from chance",
            instead="Use fewer random parts (random='intercept'), or the change between two visits",
        )


def _full_rank(sums: Sums) -> bool:
    by_group = np.einsum("pg,pkl->gkl", sums.people, sums.tt)
    xx = sandwich(sums.select, by_group)
    size = np.sqrt(np.diag(xx))
    if np.min(size) <= 0:
        return False
    return bool(np.linalg.eigvalsh(xx / np.outer(size, size))[0] > 1e-10)


def _information(state: State, variance: float) -> tuple[Floats, Floats]:
    """½ tr(P Vᵢ P Vⱼ) over (σ², D11, D21, D22 …), and X'V⁻¹ Vᵢ V⁻¹ X in units of the scores."""
    s, q = state.sums, len(state.sums.random)
    eye = np.eye(q)
    pairs = zip(*np.tril_indices(q), strict=True)
    kinds = [np.outer(eye[i], eye[j]) + (np.outer(eye[j], eye[i]) if i != j else 0) for i, j in pairs]
    keep, zz, z_t, a = state.keep, state.zz, state.z_t, state.a
    zwz = np.swapaxes(keep, 1, 2) @ zz
    zwwz = zwz @ keep
    zwt, zwwt = state.zwt, np.swapaxes(keep, 1, 2) @ state.zwt
    ag = a @ zz
    t_z = np.swapaxes(z_t, 1, 2)
    tww_t = s.tt - t_z @ (2 * a - ag @ a) @ z_t
    twww_t = s.tt - t_z @ (3 * a - 3 * ag @ a + ag @ ag @ a) @ z_t
    many = state.many
    trace = np.trace

    def over(x: Floats) -> float:
        return float(many @ trace(x, axis1=1, axis2=2))

    def sided(x: Floats) -> Floats:
        return sandwich(s.select, np.einsum("pg,pkl->gkl", s.people, x))

    def against_c(x: Floats) -> float:
        return float(np.einsum("pkl,plk->", x, state.c_by_pattern))

    twz, twwz = np.swapaxes(zwt, 1, 2), np.swapaxes(zwwt, 1, 2)
    sides = [sided(tww_t), *(sided(twz @ e @ zwt) for e in kinds)]
    n = len(sides)
    t = np.zeros((n, n))
    t[0, 0] = float(many @ s.visits) - 2 * over(ag) + over(ag @ ag) - 2 * against_c(twww_t)
    for i, e in enumerate(kinds, 1):
        t[0, i] = t[i, 0] = over(zwwz @ e) - 2 * against_c(twwz @ e @ zwt)
        for j, f in enumerate(kinds, 1):
            t[i, j] = over(zwz @ e @ zwz @ f) - 2 * against_c(twz @ e @ zwz @ f @ zwt)
    c_side = [state.c @ side for side in sides]
    t += np.array([[float(trace(x @ y)) for y in c_side] for x in c_side])
    return (t + t.T) / 4 / variance**2, np.array(sides) / variance**2


def quantile(level: float, df: float | None) -> float:
    """Of t with `df` degrees of freedom, or of the normal (None, infinite)."""
    tail = 0.5 + level / 2
    return float(stats.norm.ppf(tail) if df is None or not math.isfinite(df) else stats.t.ppf(tail, df))
