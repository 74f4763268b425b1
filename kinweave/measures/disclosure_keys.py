"""The counts of a table as named cells, and every sum that ties those cells together.

A cell is one count: a series (whom or what is counted), a place, a period (year * 10 + quarter, year * 10 for
the whole year), a dimension and a group. A family says: this cell is the sum of those cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kinweave.core.problems import Problem

ALL = "all"
# Joins the names of dimensions, and of groups, where people are told apart by several at once: `gender*disability` has
# the group `woman*yes`. No code of a dimension or a group can hold it.
CROSS = "*"


class Key(NamedTuple):
    """The name of one count."""

    series: str
    place: int
    period: int
    dimension: str
    group: str


class Family(NamedTuple):
    """whole = the sum of parts, always."""

    whole: Key
    parts: tuple[Key, ...]


class NotTheGrid(Problem):
    status = 500
    code = "not-the-grid"
    says = "The table {table} is not on the fixed grid: {rule}."
    remedy = "Build it from the catalogue of indicators; other tables cannot be made safe."


def outside(place: int) -> int:
    """The number standing for people counted in `place` but in none of the places inside it."""
    return -place - 1


def _group_families(keys: set[Key]) -> Iterable[Family]:
    split: dict[tuple[Key, str], list[Key]] = defaultdict(list)
    for key in keys:
        if key.dimension != ALL:
            split[key._replace(dimension=ALL, group=ALL), key.dimension].append(key)
    return (Family(whole, tuple(sorted(found))) for (whole, _), found in split.items() if whole in keys)


def _cross_families(keys: set[Key]) -> Iterable[Family]:
    """Combinations add up to each of the dimensions they are made of, and to each coarser combination."""
    names = {key.dimension for key in keys} - {ALL}
    coarser = {fine: [d for d in names if set(d.split(CROSS)) < set(fine.split(CROSS))] for fine in names}
    inside: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        mine = dict(zip(key.dimension.split(CROSS), key.group.split(CROSS), strict=False))
        for name in coarser.get(key.dimension, ()):
            group = CROSS.join(mine.get(one, "") for one in name.split(CROSS))
            inside[key._replace(dimension=name, group=group)].append(key)
    return (Family(whole, tuple(sorted(found))) for whole, found in inside.items() if whole in keys)


def _place_families(keys: set[Key], parent: Mapping[int, int | None]) -> Iterable[Family]:
    inside: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        up = outside(key.place) if key.place < 0 else parent.get(key.place)
        if up is not None:
            inside[key._replace(place=up)].append(key)
    return (Family(whole, tuple(sorted(found))) for whole, found in inside.items() if whole in keys)


def _period_families(keys: set[Key]) -> Iterable[Family]:
    for key in keys:
        if key.period % 10 == 0:
            quarters = tuple(key._replace(period=key.period + q) for q in (1, 2, 3, 4))
            if keys.issuperset(quarters):
                yield Family(key, quarters)


def _part_families(keys: set[Key], made_of: Iterable[tuple[str, tuple[str, ...]]]) -> Iterable[Family]:
    for population, series in made_of:
        for key in [k for k in keys if k.series == population]:
            parts = tuple(key._replace(series=name) for name in series)
            if keys.issuperset(parts):
                yield Family(key, parts)


def families(
    keys: set[Key], parent: Mapping[int, int | None], made_of: Iterable[tuple[str, tuple[str, ...]]]
) -> list[Family]:
    """Every family among `keys`, in a fixed order.

    parent: place → the place around it. made_of: (population, series of its parts) of every table.
    """
    found = [*_group_families(keys), *_cross_families(keys), *_place_families(keys, parent), *_period_families(keys)]
    found += _part_families(keys, made_of)
    return sorted(set(found))
