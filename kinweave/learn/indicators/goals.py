"""What people wanted for themselves: goals in their own words, and whether one was reached."""

from __future__ import annotations

from typing import Any

from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MISSED, SHARE, Indicator, Parameters, one, shown, started
from kinweave.learn.lake import Lake

REACHED = "reached"


def _own_goals(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone who started, by what became of their own goals up to `goal_months` after the start.

    Parts are tried in order: goal_reached (at least one), no_goal (none was written down), not_reached (met at least
    once in a later month than the one in which the first goal was written down), missed (not met again).
    """
    people, until = started(lake, grid), parameters.goal_months
    g = usable(lake.goals, grid)
    g = g.filter(g.months_since_start <= until)
    own = g.group_by("person").aggregate(first=g.months_since_start.min(), reached=one(g.what == REACHED).max())
    c = usable(lake.contacts, grid)
    c = c.filter(c.held, c.months_since_start <= until)
    met = c.group_by("person").aggregate(last=c.months_since_start.max())
    p = people.join(own, "person", how="left").drop("person_right")
    p = p.join(met, "person", how="left").drop("person_right")
    some, reached, again = one(p["first"].notnull()), one(p.reached > 0), one(p["last"] > p["first"])
    open_ = some - reached
    return shown(p, grid, goal_reached=reached, not_reached=open_ * again, missed=open_ * (1 - again), no_goal=1 - some)


OWN_GOALS = Indicator(
    slug="own-goals",
    level="person",
    framework="capabilities",
    asks="Of everyone who started, how many reached a goal of their own?",
    kind=SHARE,
    population="started",
    part_names=lambda _: ("goal_reached", "not_reached", MISSED, "no_goal"),
    facts=_own_goals,
    follow_up=lambda p: p.goal_months,
)
