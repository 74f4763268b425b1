"""The exact counts of one table, before anything is hidden. They never leave the process that made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kinweave.measures.disclosure_keys import ALL, Key, NotTheGrid, outside

KINDS: Final = ("share", "mean", "rate")


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of the grid. n: people; parts: people in each part of the table, in its order.

    total, squares: sums of the measured values and of their squares (`mean` tables only).
    """

    place: int
    period: int
    dimension: str
    group: str
    n: int
    parts: tuple[int, ...]
    total: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True)
class Counts:
    """One indicator's exact results over the grid.

    name: of this table, the same at every release. population: whom n counts; tables of one population share
    n. kind: `share` and `mean` have parts that add up to n; `rate` has n inhabitants, which are public, and
    parts that do not. parts: names, the one that matters most first: when a second part has to be hidden to
    guard the first, it is taken from the end. counted_as: a part that is the same count as another table's n or part.
    parent: place → the place around it. inhabitants: (place, year) → number. scale: what a mean is
    multiplied with before it is shown. lowest, highest: the ends of a mean's scale, where known.
    """

    name: str
    population: str
    kind: str
    parts: tuple[str, ...]
    rows: tuple[Row, ...]
    parent: Mapping[int, int | None] = field(default_factory=dict)
    inhabitants: Mapping[tuple[int, int], int] = field(default_factory=dict)
    counted_as: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1.0
    lowest: float | None = None
    highest: float | None = None

    def __repr__(self) -> str:
        # Never the rows: a repr ends in logs.
        return f"Counts({self.name!r}, {len(self.rows)} rows)"

    @property
    def series(self) -> tuple[str, ...]:
        """The series of each part."""
        return tuple(self.counted_as.get(part, f"{self.name}/{part}") for part in self.parts)

    @property
    def public_n(self) -> bool:
        return self.kind == "rate"


@dataclass(frozen=True)
class Full:
    """Every count of a table by its key, nought where the table had no row; and those nobody lists.

    unlisted: people inside a place but in none of the places within it; a reader never sees them as a cell,
    but an attacker can subtract.
    """

    truth: dict[Key, int]
    unlisted: set[Key]


def _check(table: Counts) -> None:
    seen: set[tuple[int, int, str, str]] = set()
    for row in table.rows:
        at = (row.place, row.period, row.dimension, row.group)
        counts = (row.n, *row.parts)
        if at in seen:
            raise NotTheGrid(table=table.name, rule="a cell stands twice")
        if len(row.parts) != len(table.parts) or min(counts) < 0 or row.place < 0:
            raise NotTheGrid(table=table.name, rule="a row has the wrong parts or a number below nought")
        if not table.public_n and sum(row.parts) != row.n:
            raise NotTheGrid(table=table.name, rule="the parts of a cell must add up to its people")
        if (row.dimension == ALL) != (row.group == ALL) or row.period % 10 > 4:
            raise NotTheGrid(table=table.name, rule="a cell stands outside the periods and groups")
        seen.add(at)
    if table.kind not in KINDS or not table.parts:
        raise NotTheGrid(table=table.name, rule="the kind must be share, mean or rate, with parts")


def _frame(table: Counts) -> set[tuple[int, int, str, str]]:
    """Every cell the table must have: its places × its periods × its groups.

    Groups may stand in whole years only; then no quarter has them.
    """
    places, periods = {row.place for row in table.rows}, {row.period for row in table.rows}
    for year in {p - p % 10 for p in periods}:
        if year in periods and periods & {year + q for q in (1, 2, 3, 4)}:
            periods |= {year + q for q in (1, 2, 3, 4)}
    groups = {(row.dimension, row.group) for row in table.rows} | {(ALL, ALL)}
    at = {(row.period % 10 > 0, row.dimension) for row in table.rows} | {(True, ALL), (False, ALL)}
    return {
        (place, period, dimension, group)
        for place in places
        for period in periods
        for dimension, group in groups
        if (period % 10 > 0, dimension) in at
    }


def fill(table: Counts) -> Full:
    """`table` with every cell of its grid; NotTheGrid where sums do not fit each other."""
    _check(table)
    names = table.series if table.public_n else (table.population, *table.series)
    given = {(r.place, r.period, r.dimension, r.group): r for r in table.rows}
    truth: dict[Key, int] = {}
    for at in _frame(table):
        row = given.get(at)
        counts = (row.parts if table.public_n else (row.n, *row.parts)) if row else (0,) * len(names)
        truth |= {Key(series, *at): count for series, count in zip(names, counts, strict=True)}
    unlisted = _outside(table, truth)
    truth |= unlisted
    return Full(truth, set(unlisted))


def _outside(table: Counts, truth: dict[Key, int]) -> dict[Key, int]:
    """The people of each place that stand in none of the places inside it, if there are any at all."""
    inside: dict[Key, int] = defaultdict(int)
    for key, count in truth.items():
        up = table.parent.get(key.place)
        if up is not None:
            inside[key._replace(place=up)] += count
    left = {key: truth[key] - count for key, count in inside.items() if key in truth}
    if any(count < 0 for count in left.values()):
        raise NotTheGrid(table=table.name, rule="a place holds fewer people than the places inside it")
    used = {key.place for key, count in left.items() if count}
    return {key._replace(place=outside(key.place)): n for key, n in left.items() if key.place in used}
