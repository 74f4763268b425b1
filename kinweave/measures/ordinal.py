"""Cumulative logit regression from counts: how the share at or above each answer moves with a few numbers.

McCullagh (1980), Regression models for ordinal data, J R Stat Soc B 42:109-142. With two answers it is logistic
regression. Fisher scoring on sums: one row per combination of covariates, however many people stand behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from kinweave.measures.frames import Floats

ROUNDS: Final = 100
# Beyond this many units of log-odds over the data a coefficient has no finite value (separation).
FAR: Final = 25.0


@dataclass(frozen=True)
class OrdinalFit:
    """slopes: (columns,), log-odds of a higher answer per unit; covariance of them; loglik at the best fit."""

    slopes: Floats
    covariance: Floats
    loglik: float


def ordinal(counts: Floats, design: Floats) -> OrdinalFit | None:
    """counts: (rows, answers), people; design: (rows, columns), no intercept. None where there is no finite best fit.

    Answers that nobody gave must be left out beforehand.
    """
    seen, answers = counts.sum(axis=1), counts.shape[1]
    counts, design = counts[seen > 0], design[seen > 0]
    columns = design.shape[1]
    spread = np.ptp(design, axis=0) if len(design) else np.zeros(columns)
    if answers < 2 or (spread == 0).any():
        return None
    middle = design.mean(axis=0)
    scaled = (design - middle) / spread
    shares = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    values = np.concatenate([logit(shares), np.zeros(columns)])
    now = _loglik(values, counts, scaled)
    for _ in range(ROUNDS):
        score, information = _push(values, counts, scaled)
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            return None
        gain = float(score @ step)
        if gain < 1e-10:
            covariance = np.linalg.inv(information)[answers - 1 :, answers - 1 :]
            return OrdinalFit(values[answers - 1 :] / spread, covariance / np.outer(spread, spread), now)
        size, new = 1.0, _loglik(values + step, counts, scaled)
        while new < now and size > 1e-6:
            size /= 2
            new = _loglik(values + size * step, counts, scaled)
        if size <= 1e-6:
            return None
        values, now = values + size * step, new
        if np.abs(values[answers - 1 :]).max(initial=0.0) > FAR:
            return None
    return None


def _shares(values: Floats, design: Floats, answers: int) -> tuple[Floats, Floats]:
    """Probability of each answer in each row, and the density at the lines between answers."""
    lines = values[: answers - 1] - (design @ values[answers - 1 :])[:, None]
    below = expit(lines)
    edges = np.zeros((len(design), 1))
    return np.diff(below, axis=1, prepend=edges, append=edges + 1), below * (1 - below)


def _loglik(values: Floats, counts: Floats, design: Floats) -> float:
    shares, _ = _shares(values, design, counts.shape[1])
    if (shares[counts > 0] <= 0).any() or (np.diff(values[: counts.shape[1] - 1]) <= 0).any():
        return -np.inf
    return float((counts[counts > 0] * np.log(shares[counts > 0])).sum())


def _push(values: Floats, counts: Floats, design: Floats) -> tuple[Floats, Floats]:
    answers = counts.shape[1]
    shares, density = _shares(values, design, answers)
    shares = np.maximum(shares, 1e-300)
    rows = len(design)
    moves = np.zeros((rows, answers, len(values)))
    for line in range(answers - 1):
        moves[:, line, line] += density[:, line]
        moves[:, line + 1, line] -= density[:, line]
    edge = np.zeros((rows, 1))
    along = -np.diff(density, axis=1, prepend=edge, append=edge)
    moves[:, :, answers - 1 :] = along[:, :, None] * design[:, None, :]
    score = np.einsum("ra,rak->k", counts / shares, moves)
    weight = counts.sum(axis=1)[:, None] / shares
    information = np.einsum("ra,raj,rak->jk", weight, moves, moves, optimize=True)
    return score, information
