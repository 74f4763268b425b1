"""Invented communities whose truth is known, and what several test files need of them."""

from __future__ import annotations

import math
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from scipy.special import expit


def repeated(
    seed: int, people: int = 60, times: tuple[float, ...] = (0, 3, 6, 12), leave: bool = True
) -> dict[str, Any]:
    """Scores of two groups; group B loses 0.3 points a month more than A, truth −0.2 and −0.5.

    Who has a high score is less likely to come again: missing at random.
    """
    rng = np.random.default_rng(seed)
    group = np.where(np.arange(people) % 2 == 0, "A", "B")
    slope = np.where(group == "A", -0.2, -0.5) + rng.normal(0, 0.25, people)
    start = 15 + rng.normal(0, 3.5, people)
    rows: dict[str, list[Any]] = {"person": [], "month": [], "score": [], "arm": []}
    for i in range(people):
        for t in times:
            score = start[i] + slope[i] * t + rng.normal(0, 2.0)
            for name, value in (("person", f"p{i}"), ("month", t), ("score", score), ("arm", group[i])):
                rows[name].append(value)
            if leave and rng.random() < 1 / (1 + math.exp(3 - 0.12 * score)):
                break
    return {
        name: np.array(column, dtype=object if name in {"person", "arm"} else float) for name, column in rows.items()
    }


COLUMNS = ["gender", "place", "age"]  # of `community`


def community(
    seed: int, people: int = 2000, spread: float = 0.5, binary: bool = True, own: float = 0.0
) -> dict[str, Any]:
    """People in 2 × 4 × 4 strata; additive parts of variance about spread² / 3 each, and `own` of each stratum."""
    rng = np.random.default_rng(seed)
    names = [("f", "m"), ("hill", "market", "river", "station"), ("18", "30", "45", "60")]
    parts = [rng.normal(0, spread / math.sqrt(3), len(n)) for n in names]
    apart = rng.normal(0, own, (2, 4, 4))
    at = [rng.integers(0, len(n), people) for n in names]
    eta = -0.5 + sum(p[i] for p, i in zip(parts, at, strict=True)) + apart[at[0], at[1], at[2]]
    y = (rng.random(people) < expit(eta)).astype(float) if binary else 20 + eta + rng.normal(0, 1, people)
    return {c: np.array(n, dtype=object)[i] for c, n, i in zip(COLUMNS, names, at, strict=True)} | {"y": y}


def as_table(rows: dict[str, Any], name: str = "t") -> Any:
    """The same rows as an Ibis table in DuckDB."""
    import ibis
    import pyarrow as pa

    arrow = pa.table({k: pa.array(v.tolist()) for k, v in rows.items()})
    return ibis.duckdb.connect().create_table(name, arrow)


def in_r(code: str, package: str) -> list[float]:
    """The numbers that R prints; the test is skipped, with the reason, where R or the package is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed: the live comparison is left out, the stored numbers are not")
    done = subprocess.run(
        [program, "--vanilla", "-e", f"suppressMessages(library({package}));{code}"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode and "there is no package" in done.stderr:
        pytest.skip(f"R has no package {package}: the live comparison is left out, the stored numbers are not")
    assert done.returncode == 0, done.stderr
    return [float(word) for word in done.stdout.split()]


def within(covered: int, of: int) -> None:
    """Coverage of 95 % intervals: 93 to 97 %."""
    assert 0.93 <= covered / of <= 0.97, f"{covered} of {of}"
