"""Two kinds of places compared when each place has one number and how sure it is: random-effects meta-regression.

Spread between places by Paule & Mandel (1982), J Res Natl Bur Stand 87:377-385; variance by Knapp & Hartung (2003),
Stat Med 22:2693-2710, doi:10.1002/sim.1482, with t on the number of places less two. So a place that moves for reasons
of its own widens the interval, as it must, also with few places.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from kinweave.measures.frames import Floats

CITATION = "Paule & Mandel (1982), J Res NBS 87:377-385; Knapp & Hartung (2003), doi:10.1002/sim.1482"


def difference(value: Floats, variance: Floats, ours: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Places with `ours` less the others: (difference, standard error, degrees of freedom).

    value, variance: (places,), of each place's number; variances above nought. At least three places, of both kinds.
    """
    x = np.column_stack([np.ones(len(value)), ours.astype(float)])
    df = len(value) - 2

    def at(spread: float) -> tuple[Floats, Floats, float]:
        w = 1 / (variance + spread)
        c = np.linalg.inv((x.T * w) @ x)
        beta = c @ ((x.T * w) @ value)
        rest = value - x @ beta
        return beta, c, float(w @ rest**2)

    spread = 0.0
    if at(0.0)[2] > df:
        top = float(np.var(value)) + float(variance.max())
        while at(top)[2] > df:
            top *= 2
        spread = float(optimize.brentq(lambda s: at(s)[2] - df, 0.0, top, xtol=1e-12 * top))
    beta, c, q = at(spread)
    return float(beta[1]), math.sqrt(q / df * float(c[1, 1])), float(df)
