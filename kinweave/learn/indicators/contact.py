"""What the programme itself kept: the same worker, the sessions it planned."""

from __future__ import annotations

from typing import Any

from kinweave.learn.engine import share
from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MEAN, MISSED, Indicator, Parameters, one, shown, started
from kinweave.learn.lake import Lake

# Below two contacts "the same worker again" means nothing.
FEWEST_CONTACTS = 2


def _contacts(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Everyone who started, with their contacts from the start to `window` months after it, null where none.

    met: held, with a worker who is known. most: those with the worker met most. planned: planned. kept: planned
    and held.
    """

    def make() -> Any:
        people = started(lake, grid)
        c = usable(lake.contacts, grid)
        c = c.filter(c.months_since_start >= 0, c.months_since_start <= parameters.window)
        each = c.group_by("person", "worker").aggregate(
            met=one(c.held & c.worker.notnull()).sum(), planned=one(c.planned).sum(), kept=one(c.planned & c.held).sum()
        )
        own = each.group_by("person").aggregate(
            most=each.met.max(), met=each.met.sum(), planned=each.planned.sum(), kept=each.kept.sum()
        )
        return people.join(own, "person", how="left").drop("person_right", "caregiver")

    return lake.once(("contacts", grid.purpose, grid.dimensions, parameters.window), make)


def mean_of(people: Any, grid: Grid, own: Any) -> Any:
    """Facts of a mean: each person's own share, 0 to 1, as `total`; `missed` where it is null."""
    p = people.mutate(share=own)
    known = p.share.notnull()
    value = p.share.fill_null(0.0)
    return shown(p, grid, measured=one(known), missed=1 - one(known), total=value, squares=value * value)


def _continuity(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    p = _contacts(lake, grid, parameters)
    return mean_of(p, grid, (p.met >= FEWEST_CONTACTS).ifelse(share(p.most, p.met), None))


def _sessions_held(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    p = _contacts(lake, grid, parameters)
    return mean_of(p, grid, share(p.kept, p.planned))


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
