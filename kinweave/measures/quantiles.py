"""The few distributions that intervals and tests need, from scipy.special alone.

scipy.stats holds the same and much more, and takes a second and tens of megabytes to load; a command that answers at
once and a small server do without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import special


def normal(p: float) -> float:
    """The value that a standard normal stays below with probability p."""
    return float(special.ndtri(p))


def student(p: float, df: float) -> float:
    """The same for Student's t."""
    return float(special.stdtrit(df, p))


def student_above(t: float, df: float) -> float:
    """How likely Student's t lies above `t`."""
    return float(special.stdtr(df, -t))


def chi2(p: float, df: float) -> float:
    """The value that chi-square stays below with probability p."""
    return 2 * float(special.gammaincinv(df / 2, p))


def poisson(p: float, mean: float) -> float:
    """The lowest count that is not exceeded with probability p at least."""
    return _lowest(p, lambda k: float(special.pdtr(k, mean)), float(special.pdtrik(p, mean)))


def negative_binomial(p: float, size: float, share: float) -> float:
    """The same with `size` successes to wait for (any number above nought), each of probability `share`."""
    return _lowest(p, lambda k: float(special.betainc(size, k + 1, share)), size * (1 - share) / share)


def _lowest(p: float, below: Callable[[float], float], near: float) -> float:
    """The lowest whole k with below(k) ≥ p, looked for from `near` outwards."""
    low, high = -1.0, max(float(math.floor(near)) if math.isfinite(near) else 1.0, 1.0)
    while below(high) < p:
        low, high = high, 2 * high
    while high - low > 1:
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if below(middle) >= p else (middle, high)
    return high
