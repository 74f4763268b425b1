"""Who got in, who waits, who came back, and how many of all inhabitants were reached."""

from __future__ import annotations

from typing import Any

import ibis

from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MISSED, RATE, SHARE, Indicator, Parameters, one, started
from kinweave.learn.lake import Lake


def _unmet_need(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone who came to us, by what they had `wait_months` later. Parts are tried in order:
    began, not needed (told and the door left open), unmet (still waiting, or closed for a reason that is
    ours), own choice (closed for another reason), missed (the record does not say).
    """
    steps = usable(lake.pathway, grid).select("person", "place", "month", "state", "reason")
    first = steps.group_by("person").aggregate(month=steps.month.min())
    seen = steps.select("person", "state", "reason", "place", at=steps.month).join(first, "person")
    # The place is that of the first step; of two in one month the lower number, so that it never varies.
    start = seen.filter(seen["at"] == seen.month)
    where = start.group_by("person").aggregate(place=start.place.min(), month=start.month.min())
    seen = seen.filter(seen["at"] <= seen.month + parameters.wait_months)
    closed = seen.state == parameters.closed_state
    ours = closed & seen.reason.isin(parameters.our_reasons).fill_null(False)
    marks = seen.group_by("person").aggregate(
        begun=one(seen.state.isin(parameters.begun_states)).max(),
        enough=one(seen.state.isin(parameters.not_needed_states)).max(),
        ours=one(ours).max(),
        closed=one(closed).max(),
        waiting=one(seen.state.isin(parameters.waiting_states)).max(),
    )
    p = where.join(marks, "person")
    rest = 1 - p.begun
    enough = rest * p.enough
    rest = rest - enough
    unmet = rest * ibis.greatest(p.ours, p.waiting * (1 - p.closed))
    rest = rest - unmet
    return p.select(
        "person",
        "place",
        "month",
        n=ibis.literal(1, "int64"),
        began=p.begun,
        not_needed=enough,
        unmet=unmet,
        own_choice=rest * p.closed,
        missed=rest * (1 - p.closed),
    )


def _reentry(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone whose care closed for the first time, by whether they came back within `reentry_months`.

    Of those who moved, died or cannot be found we do not know: they are `missed` unless they came back.
    """
    steps = usable(lake.pathway, grid).select("person", "place", "month", "state", "reason")
    ends = steps.filter(steps.state == parameters.closed_state)
    first = ends.group_by("person").aggregate(first=ends.month.min())
    ends = ends.join(first, "person")
    ends = ends.filter(ends.month == ends["first"])
    lost = one(ends.reason.isin(parameters.beyond_reach))
    ends = ends.group_by("person").aggregate(month=ends.month.min(), place=ends.place.min(), lost=lost.max())
    later = steps.filter(steps.state.isin(parameters.reentered_states)).select("person", again=steps.month)
    later = later.join(ends.select("person", "month"), "person")
    back = later.filter(later.again > later.month, later.again <= later.month + parameters.reentry_months)
    back = back.group_by("person").aggregate(times=back.count())
    p = ends.join(back, "person", how="left")
    came = one(p.times > 0)
    missed = (1 - came) * p.lost
    return p.select(
        "person",
        "place",
        "month",
        n=ibis.literal(1, "int64"),
        came_back=came,
        stayed_away=1 - came - missed,
        missed=missed,
    )


def _reach(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    p = started(lake, grid)
    return p.select("person", "place", "month", n=ibis.literal(1, "int64"), reached=ibis.literal(1, "int64"))


UNMET_NEED = Indicator(
    slug="unmet-need",
    level="system",
    framework="ecological",
    asks="Of everyone who came to us, how many still had nothing from us months later?",
    kind=SHARE,
    population="came",
    part_names=lambda _: ("unmet", "began", MISSED, "own_choice", "not_needed"),
    facts=_unmet_need,
    follow_up=lambda p: p.wait_months,
)

REENTRY = Indicator(
    slug="re-entry",
    level="person",
    framework="systems",
    asks="Of everyone whose care ended, how many came back within three months?",
    kind=SHARE,
    population="closed",
    part_names=lambda _: ("came_back", MISSED, "stayed_away"),
    facts=_reentry,
    follow_up=lambda p: p.reentry_months,
)

REACH = Indicator(
    slug="reach",
    level="community",
    framework="ecological",
    asks="Of 1,000 people who live here, how many started with us?",
    kind=RATE,
    population="inhabitants",
    part_names=lambda _: ("reached",),
    facts=_reach,
    follow_up=lambda _: 0,
    counted_as={"reached": "started"},
)
