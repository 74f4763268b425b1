"""How people felt at the start and later: clearly better, clearly worse, and by how much."""

from __future__ import annotations

from typing import Any

from kinweave.learn.grid import Grid
from kinweave.learn.indicators.base import (
    MEAN,
    MISSED,
    SHARE,
    Indicator,
    ParameterMissing,
    Parameters,
    need_instrument,
    one,
    scores_of,
    shown,
    started,
)
from kinweave.learn.lake import Lake


def first_and_last(lake: Lake, grid: Grid, parameters: Parameters, indicator: str) -> Any:
    """Everyone who started, with `first` and `last` severity (higher is worse); null where there is none.

    first: the earliest score up to `baseline_by` months after the start. last: the latest score from
    `fresh` to `window` months after it. Of two scores in one month the milder is taken as first and the
    worse as last, so that a double entry can never flatter.
    """
    facts = need_instrument(parameters, indicator)
    early_by, fresh, window = parameters.baseline_by, parameters.fresh, parameters.window

    def make() -> Any:
        s = scores_of(lake, grid, facts)
        s = s.filter(s.since <= max(early_by, window))
        s = s.mutate(bad=s.value if facts.higher_is_worse else -s.value)
        # Months far outweigh points in the key, so one pass picks month first and points second.
        key = s.since.cast("float64") * 1e6 + s.bad
        late = (s.since >= fresh) & (s.since <= window)
        pairs = s.group_by("person").aggregate(
            first=s.bad.argmin(key, where=s.since <= early_by), last=s.bad.argmax(key, where=late)
        )
        return started(lake, grid).join(pairs, "person", how="left").drop("person_right", "caregiver")

    of = (facts.slug, facts.scale, facts.higher_is_worse, early_by, fresh, window)
    return lake.once(("first-and-last", grid.purpose, grid.dimensions, grid.asked, *of), make)


def _better_and_worse(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    facts = need_instrument(parameters, "better-and-worse")
    return _moved(lake, grid, parameters, "better-and-worse", facts.reliable_change)


def _wellbeing(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    return _moved(lake, grid, parameters, "wellbeing", need_instrument(parameters, "wellbeing").step)


def _moved(lake: Lake, grid: Grid, parameters: Parameters, indicator: str, step: float | None) -> Any:
    """Everyone who started: better or worse by `step` points or more, the same, or missed."""
    if step is None:
        raise ParameterMissing(indicator=indicator, parameter="a reliable change")
    p = first_and_last(lake, grid, parameters, indicator)
    down, known = p["first"] - p["last"], p["first"].notnull() & p["last"].notnull()
    better, worse = known & (down >= step), known & (down <= -step)
    same = one(known & (down.abs() < step))
    return shown(p, grid, better=one(better), worse=one(worse), same=same, missed=1 - one(known))


def _symptom_change(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    p = first_and_last(lake, grid, parameters, "symptom-change")
    known = p["first"].notnull() & p["last"].notnull()
    change = known.ifelse(p["last"] - p["first"], 0.0)
    return shown(
        p,
        grid,
        measured=one(known),
        missed=1 - one(known),
        total=change,
        squares=change * change,
    )


BETTER_AND_WORSE = Indicator(
    slug="better-and-worse",
    level="person",
    framework="systems",
    asks="Of everyone who started, how many felt clearly better, and how many clearly worse?",
    kind=SHARE,
    population="started",
    part_names=lambda _: ("better", "worse", MISSED, "same"),
    facts=_better_and_worse,
    follow_up=lambda p: p.window,
)

SYMPTOM_CHANGE = Indicator(
    slug="symptom-change",
    level="person",
    framework="ecological",
    asks="By how many points did people's distress change, on average?",
    kind=MEAN,
    population="started",
    part_names=lambda _: ("measured", MISSED),
    # Whom one table hides the other must not show: less those who felt better, few others would be left.
    counted_as={MISSED: f"better-and-worse/{MISSED}"},
    facts=_symptom_change,
    follow_up=lambda p: p.window,
)

WELLBEING = Indicator(
    slug="wellbeing",
    level="person",
    framework="salutogenesis",
    asks="Of everyone who started, how many told of clearly more wellbeing, and how many of clearly less?",
    kind=SHARE,
    population="started",
    part_names=lambda _: ("better", "worse", MISSED, "same"),
    facts=_wellbeing,
    follow_up=lambda p: p.window,
)
