"""How people go on who began equally badly, where the programme does not work: from sums, never from rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Usual:
    """A usual score: windows[months] + slope · first score. Rounded to hundredths of a point."""

    windows: Mapping[float, float]
    slope: float


def usual_course(asked: Any, smallest: int) -> Usual | None:
    """By least squares over everyone next door, a level for each window and one slope. asked: person, window, first,
    value. A window with fewer than `smallest` people is left out; None where nothing is left, or all began alike.
    """
    small = asked.group_by("window").aggregate(
        n=asked.count(), x=asked.first.sum(), y=asked.value.sum(), xx=(asked.first * asked.first).sum(),
        xy=(asked.first * asked.value).sum(),
    )  # fmt: skip
    rows = sorted((r for r in small.to_pyarrow().to_pylist() if r["n"] >= smallest), key=lambda r: r["window"])
    if not rows:
        return None
    n, x, y, xx, xy = (np.array([float(r[name]) for r in rows]) for name in ("n", "x", "y", "xx", "xy"))
    within = float((xx - x * x / n).sum())
    if not within > 1e-9 * max(float(xx.sum()), 1.0):
        return None
    slope = round(float((xy - x * y / n).sum()) / within, 2)
    levels = (y - slope * x) / n
    return Usual({float(r["window"]): round(float(level), 2) for r, level in zip(rows, levels, strict=True)}, slope)
