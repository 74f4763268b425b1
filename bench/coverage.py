"""`python -m bench.coverage [--runs 1000]`: how often 95 % intervals hold the truth, in wider ranges than tests use.

The tests run each in one stated range. Here the ranges vary, so that it can be seen where a promise ends.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.table import progress

Drawn = Callable[[int], list[bool]]


def change_over_time(people: int, leave: bool) -> Drawn:
    """A difference in change between two groups, random start and slope; truth −3.6 over 12 months."""
    from kinweave.measures import fit_slopes
    from tests.measures.simulate import repeated

    def draw(seed: int) -> list[bool]:
        rows = repeated(seed, people, leave=leave)
        e = fit_slopes(rows, person="person", time="month", score="score", group="arm").difference("B", "A")
        return [e.low <= -3.6 <= e.high]

    return draw


def gaps(strata: int, each: int, variance: float, kind: Any) -> Drawn:
    """The VPC, and every stratum's own level."""
    from scipy.special import expit

    from kinweave.measures import fit_gaps

    noise = math.pi**2 / 3 if kind == "binomial" else 1.0

    def draw(seed: int) -> list[bool]:
        rng = np.random.default_rng(seed)
        own = rng.normal(0, math.sqrt(variance), strata)
        at = rng.integers(0, strata, strata * each)
        eta = -0.4 + own[at]
        y = (rng.random(len(at)) < expit(eta)).astype(float) if kind == "binomial" else eta + rng.normal(0, 1, len(at))
        e = fit_gaps({"s": at, "y": y}, strata=["s"], outcome="y", kind=kind)["VPC"]
        return [e.low <= variance / (variance + noise) <= e.high]

    return draw


def lasting(months: int, rho: float, errors: Any) -> Drawn:
    """The change after the end of a series of three equal stretches; truth nought."""
    from kinweave.measures import fit_endurance

    def draw(seed: int) -> list[bool]:
        rng = np.random.default_rng(seed)
        t, y = np.arange(3.0 * months), np.zeros(3 * months)
        for i in range(len(y)):
            y[i] = rho * y[i - 1] + rng.normal(0, math.sqrt(1 - rho**2)) if i else rng.normal()
        rows = {"month": t, "y": y + 3 * (t >= months)}
        e = fit_endurance(rows, starts=months, ends=2 * months, value="y", errors=errors)["change after the end"]
        return [e.low <= 0 <= e.high]

    return draw


def cases() -> dict[str, Drawn]:
    found: dict[str, Drawn] = {}
    for people in (12, 20, 40, 200):
        for leave in (False, True):
            found[f"change over time: {people} people{', some leave' if leave else ''}"] = change_over_time(
                people, leave
            )
    for kind in ("binomial", "gaussian"):
        for strata, each, variance in ((12, 50, 0.25), (32, 75, 0.25), (32, 75, 0.05), (100, 20, 0.25)):
            found[f"gaps, {kind}: {strata} strata of {each}, variance {variance}"] = gaps(strata, each, variance, kind)
    for months in (12, 24, 60):
        for rho in (0.0, 0.3, 0.6):
            for errors in ("ar1", "hac"):
                found[f"what lasts: 3 × {months} months, autocorrelation {rho}, {errors}"] = lasting(
                    months, rho, errors
                )
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", default="", help="cases whose name begins so")
    asked = parser.parse_args(argv)
    print(f"| What, {asked.runs} drawings | 95 % intervals held |\n|---|---|", flush=True)
    for name, draw in cases().items():
        if name.startswith(asked.only):
            progress(name)
            hits = sum(all(draw(seed)) for seed in range(asked.runs))
            print(f"| {name} | {hits / asked.runs:.1%} |", flush=True)


if __name__ == "__main__":
    main()
