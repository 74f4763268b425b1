"""How sure a number is: intervals for shares, means and rates. 95 % unless said otherwise."""

from __future__ import annotations

import math
from typing import NamedTuple

from kinweave.measures import quantiles


class Interval(NamedTuple):
    low: float
    high: float


def _quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    return quantiles.normal(0.5 + level / 2)


def wilson(part: int, whole: int, level: float = 0.95) -> Interval | None:
    """Share part / whole, 0 to 1; None if nobody was counted.

    Wilson (1927), J Am Stat Assoc 22:209-212; holds near nought and one and in small groups
    (Brown, Cai & DasGupta 2001, Stat Sci 16:101-133).
    """
    if not 0 <= part <= whole:
        raise ValueError("a part lies between nought and the whole")
    z = _quantile(level)
    if whole == 0:
        return None
    share, square = part / whole, z * z / whole
    middle = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    # At the ends the formula gives exactly 0 and 1; the last bit of the sum does not.
    return Interval(0.0 if part == 0 else middle - half, 1.0 if part == whole else middle + half)


def mean_interval(mean: float, spread: float, n: int, level: float = 0.95) -> Interval | None:
    """A mean of n people whose values have the standard deviation `spread`; Student's t. None below two people."""
    if spread < 0 or n < 0:
        raise ValueError("spread and number are not below nought")
    _quantile(level)
    if n < 2:
        return None
    half = quantiles.student(0.5 + level / 2, n - 1) * spread / math.sqrt(n)
    return Interval(mean - half, mean + half)


def mean_interval_of_sums(total: float, squares: float, n: int, level: float = 0.95) -> Interval | None:
    """The same from a sum and a sum of squares, which can be added up over sites."""
    if n < 2:
        return None
    mean = total / n
    return mean_interval(mean, math.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1)), n, level)


def rate_interval(count: int, exposure: float, per: float = 1000.0, level: float = 0.95) -> Interval | None:
    """`count` events per `per` of `exposure` (inhabitants, person-months), exact Poisson.

    Garwood (1936), Biometrika 28:437-442. None without exposure.
    """
    if count < 0 or exposure < 0:
        raise ValueError("count and exposure are not below nought")
    _quantile(level)
    if exposure == 0:
        return None
    tail = (1 - level) / 2
    low = quantiles.chi2(tail, 2 * count) / 2 if count else 0.0
    high = quantiles.chi2(1 - tail, 2 * count + 2) / 2
    return Interval(low * per / exposure, high * per / exposure)


def difference_interval(part_a: int, whole_a: int, part_b: int, whole_b: int, level: float = 0.95) -> Interval | None:
    """Share a minus share b. Newcombe (1998), Stat Med 17:873-890, method 10. None if a group is empty."""
    a, b = wilson(part_a, whole_a, level), wilson(part_b, whole_b, level)
    if a is None or b is None:
        return None
    p, q = part_a / whole_a, part_b / whole_b
    down = math.hypot(p - a.low, b.high - q)
    up = math.hypot(a.high - p, q - b.low)
    return Interval(p - q - down, p - q + up)
