"""Bands of one questionnaire among everyone who started: support around people, load on caregivers."""

from __future__ import annotations

from typing import Any

from kinweave.learn.grid import Grid
from kinweave.learn.indicators.base import (
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


def _bands(indicator: str, parameters: Parameters) -> tuple[str, ...]:
    bands = need_instrument(parameters, indicator).bands
    if not bands:
        raise ParameterMissing(indicator=indicator, parameter="a list of bands")
    return bands


def _columns(parameters: Parameters) -> tuple[str, ...]:
    bands = _bands("bands", parameters)
    return (*(f"band_{i + 1}" for i in range(len(bands))), MISSED)


def last_band(lake: Lake, grid: Grid, parameters: Parameters, people: Any, indicator: str) -> Any:
    """`people` with one 0/1 column a band (band_1 …, in the questionnaire's order) and `missed`.

    A person's band is that of the latest score from just before the start to `window` months after it; of two
    scores in one month the band of more points.
    """
    bands = _bands(indicator, parameters)
    s = scores_of(lake, grid, need_instrument(parameters, indicator))
    s = s.filter(s.since >= -parameters.baseline_by, s.since <= parameters.window, s.band.isin(bands))
    # Month and band in one number, so that the greatest is the latest: far quicker than argmax.
    at = s.band.cases(*((code, i) for i, code in enumerate(bands)))
    packed = (s.since + parameters.baseline_by) * len(bands) + at.cast("int32")
    latest = s.group_by("person").aggregate(band=packed.max() % len(bands))
    p = people.join(latest, "person", how="left")
    flags = {f"band_{i + 1}": one(p.band == i) for i in range(len(bands))}
    return shown(p, grid, caregiver=p.caregiver, missed=one(p.band.isnull()), **flags)


def _support(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    return last_band(lake, grid, parameters, started(lake, grid), "support").drop("caregiver")


def _loneliness(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    return last_band(lake, grid, parameters, started(lake, grid), "loneliness").drop("caregiver")


def _caregivers_load(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    people = last_band(lake, grid, parameters, started(lake, grid), "caregivers-load")
    cares = one(people.caregiver)
    names = (*_columns(parameters),)
    return shown(people, grid, no_caregiver=1 - cares, **{name: people[name] * cares for name in names})


SUPPORT = Indicator(
    slug="support",
    level="relationship",
    framework="ecological",
    asks="Of everyone who started, how many have people they can count on?",
    kind=SHARE,
    population="started",
    part_names=_columns,
    facts=_support,
    follow_up=lambda p: p.window,
)

CAREGIVERS_LOAD = Indicator(
    slug="caregivers-load",
    level="relationship",
    framework="capabilities",
    asks="Of everyone who started, how many care for someone, and how heavy is that for them?",
    kind=SHARE,
    # Everyone, not caregivers alone: two tables of nested groups could be subtracted from each other.
    population="started",
    part_names=lambda p: (*_columns(p), "no_caregiver"),
    facts=_caregivers_load,
    follow_up=lambda p: p.window,
)

LONELINESS = Indicator(
    slug="loneliness",
    level="person",
    framework="social capital",
    asks="Of everyone who started, how many feel lonely?",
    kind=SHARE,
    population="started",
    part_names=_columns,
    facts=_loneliness,
    follow_up=lambda p: p.window,
)
