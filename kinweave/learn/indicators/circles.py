"""Circles, by heads: nobody is named there, so nothing is known of anyone but that they came."""

from __future__ import annotations

from typing import Any

import ibis

from kinweave.learn.grid import Grid
from kinweave.learn.indicators.base import RATE, Indicator, Parameters, shown
from kinweave.learn.lake import Lake


def _circles(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    return shown(lake.circles, grid, joined=ibis.literal(1, "int32"))


CIRCLES = Indicator(
    slug="circles",
    level="relationship",
    framework="social capital",
    asks="Of 1,000 people who live here, how many came to a circle for the first time?",
    kind=RATE,
    population="inhabitants",
    part_names=lambda _: ("joined",),
    facts=_circles,
    follow_up=lambda _: 0,
    by_group=False,
)
