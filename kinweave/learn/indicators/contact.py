"""What the programme itself kept: the same worker, the sessions it planned."""

from __future__ import annotations

from typing import Any

import ibis

from kinweave.learn.engine import share
from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MEAN, MISSED, Indicator, Parameters, one, started
from kinweave.learn.lake import Lake

# Below two contacts "the same worker again" means nothing.
FEWEST_CONTACTS = 2


def _contacts_within(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Contacts from the start to `window` months after it, of everyone who started."""
    people = started(lake, grid)
    people = people.select("person", start=people.month)
    c = usable(lake.contacts, grid).select("person", "month", "planned", "held", "worker")
    c = c.join(people, "person")
    return c.filter(c.month >= c.start, c.month <= c.start + parameters.window)


def mean_of(people: Any, shares: Any) -> Any:
    """One row a person: the person's own share, 0 to 1, as `total`; `missed` where there is none."""
    p = people.join(shares, "person", how="left")
    known = p.share.notnull()
    value = p.share.fill_null(0.0)
    return p.select(
        "person",
        "place",
        "month",
        n=ibis.literal(1, "int64"),
        measured=one(known),
        missed=1 - one(known),
        total=value,
        squares=value * value,
    )


def _continuity(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    c = _contacts_within(lake, grid, parameters)
    c = c.filter(c.held, c.worker.notnull())
    each = c.group_by("person", "worker").aggregate(met=c.count())
    own = each.group_by("person").aggregate(most=each.met.max(), met=each.met.sum())
    own = own.filter(own.met >= FEWEST_CONTACTS)
    return mean_of(started(lake, grid), own.select("person", share=share(own.most, own.met)))


def _sessions_held(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    c = _contacts_within(lake, grid, parameters)
    c = c.filter(c.planned)
    own = c.group_by("person").aggregate(held=one(c.held).sum(), planned=c.count())
    return mean_of(started(lake, grid), own.select("person", share=share(own.held, own.planned)))


CONTINUITY = Indicator(
    slug="continuity",
    level="relationship",
    framework="salutogenesis",
    asks="Of ten meetings, how many were with the worker the person knows?",
    kind=MEAN,
    population="started",
    part_names=lambda _: ("measured", MISSED),
    facts=_continuity,
    follow_up=lambda p: p.window,
)

SESSIONS_HELD = Indicator(
    slug="sessions-held",
    level="system",
    framework="salutogenesis",
    asks="Of ten sessions we planned with people, how many took place?",
    kind=MEAN,
    population="started",
    part_names=lambda _: ("measured", MISSED),
    facts=_sessions_held,
    follow_up=lambda p: p.window,
)
