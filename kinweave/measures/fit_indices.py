"""How far a model is from the data, with how sure that is."""

from __future__ import annotations

import math

from scipy import stats
from scipy.optimize import brentq


def rmsea(chi2: float, df: int, people: int, groups: int) -> tuple[float, float, float]:
    """Root mean square error of approximation with its 90 % interval (Steiger 1998: times √groups)."""
    if df == 0:
        return 0.0, 0.0, 0.0

    def size(noncentral: float) -> float:
        return math.sqrt(groups * max(noncentral, 0.0) / (people * df))

    def bound(level: float) -> float:
        if stats.chi2.cdf(chi2, df) < level:
            return 0.0
        top = max(chi2, 1.0) * 4 + 100
        return float(brentq(lambda x: float(stats.ncx2.cdf(chi2, df, x)) - level if x > 0 else 1.0, 0.0, top))

    return size(chi2 - df), size(bound(0.95)), size(bound(0.05))
