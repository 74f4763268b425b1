"""Who got in, who waits, who came back, and how many of all inhabitants were reached."""

from __future__ import annotations

from typing import Any

import ibis

from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MISSED, RATE, SHARE, Indicator, Parameters, one, shown, started, where
from kinweave.learn.lake import PLACE_BITS, Lake


def _unmet_need(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone who came to us, by what they had `wait_months` later. Parts are tried in order:
    began, not needed (told and the door left open), unmet (still waiting, or closed for a reason that is
    ours), own choice (closed for another reason), missed (the record does not say).
    """
    s = usable(lake.pathway, grid)
    closed = s.state == parameters.closed_state
    # The first month of each kind of step is enough: it lies within the wait, or none of its kind does.
    p = s.group_by("person").aggregate(
        first=_when_and_where(s).min(),
        begun=where(s.state.isin(parameters.begun_states), s.month).min(),
        enough=where(s.state.isin(parameters.not_needed_states), s.month).min(),
        ours=where(closed & s.reason.isin(parameters.our_reasons), s.month).min(),
        closed=where(closed, s.month).min(),
        waiting=where(s.state.isin(parameters.waiting_states), s.month).min(),
    )
    p = p.mutate(place=_where(p["first"]), month=_when(p["first"]))
    by = p.month + parameters.wait_months
    p = p.mutate(**{name: one(p[name] <= by) for name in ("begun", "enough", "ours", "closed", "waiting")})
    rest = 1 - p.begun
    enough = rest * p.enough
    rest = rest - enough
    unmet = rest * ibis.greatest(p.ours, p.waiting * (1 - p.closed))
    rest = rest - unmet
    p = p.mutate(
        began=p.begun,
        not_needed=enough,
        unmet=unmet,
        own_choice=rest * p.closed,
        missed=rest * (1 - p.closed),
    )
    p = _with_groups(p, lake, grid)
    return shown(p, grid, **{name: p[name] for name in ("unmet", "began", MISSED, "own_choice", "not_needed")})


def _reentry(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone whose care closed for the first time, by whether they came back within `reentry_months`.

    Of those who moved, died or cannot be found we do not know: they are `missed` unless they came back.
    """
    s = usable(lake.pathway, grid)
    ends = s.filter(s.state == parameters.closed_state)
    ends = ends.group_by("person").aggregate(
        first=_when_and_where(ends).min(),
        gone=where(ends.reason.isin(parameters.beyond_reach), ends.month).min(),
    )
    ends = ends.mutate(place=_where(ends["first"]), month=_when(ends["first"]))
    later = s.filter(s.state.isin(parameters.reentered_states)).select("person", again=s.month)
    later = later.join(ends.select("person", "month"), "person")
    back = later.filter(later.again > later.month, later.again <= later.month + parameters.reentry_months)
    back = back.group_by("person").aggregate(times=back.count())
    p = _with_groups(ends.join(back, "person", how="left").drop("person_right"), lake, grid)
    came = one(p.times > 0)
    missed = (1 - came) * one(p.gone == p.month)
    return shown(p, grid, came_back=came, stayed_away=1 - came - missed, missed=missed)


def _reach(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    return shown(started(lake, grid), grid, reached=ibis.literal(1, "int32"))


def _when_and_where(steps: Any) -> Any:
    """Month and place in one number, so that the least is the first step; of two in one month the lower place."""
    return steps.month.cast("int64") * (1 << PLACE_BITS) + steps.place


def _when(packed: Any) -> Any:
    return (packed >> PLACE_BITS).cast("int32")


def _where(packed: Any) -> Any:
    return packed & ((1 << PLACE_BITS) - 1)


def _with_groups(people: Any, lake: Lake, grid: Grid) -> Any:
    """`people` with the dimensions of the grid, null for those whose row is not in the lake."""
    return people.join(lake.people.select("person", *grid.dimensions), "person", how="left").drop("person_right")


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
