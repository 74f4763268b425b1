"""From a sign to something done: were alerts answered in time, and seen through?"""

from __future__ import annotations

from typing import Any

from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MISSED, SHARE, Indicator, Parameters, one, shown
from kinweave.learn.lake import Lake


def _alerts(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Every alert of the lake: late (the first one asked did not answer in time), done (answered in time and closed
    within `wait_months`), missed (answered in time, and what came of it is not written down by then).
    """
    r = usable(lake.risks, grid)
    late = 1 - one(r.acknowledged_in_time)
    done = (1 - late) * one(r.closed_month <= r.month + parameters.wait_months)
    return shown(r, grid, late=late, done=done, missed=1 - late - done)


ALERTS_ANSWERED = Indicator(
    slug="alerts-answered",
    level="community",
    framework="systems",
    asks="Of ten alerts, how many were answered in time and seen through?",
    kind=SHARE,
    population="alerts",
    part_names=lambda _: ("late", "done", MISSED),
    facts=_alerts,
    follow_up=lambda p: p.wait_months,
    by_group=False,
)
