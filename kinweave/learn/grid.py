"""The one fixed grid every number is published on: place × period × group, and nothing in between.

Everyone is counted by quarter and by year; groups by whole year only: in one quarter of one place they are nearly
always too few to be shown, and each cell that has to be hidden pulls others with it.

Whole periods only, and only once the indicator's follow-up time has passed as well, so that a published value
never has to change. A person counts in each place above her own, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import ibis
import pyarrow as pa

from kinweave.learn.judged import language_dimension
from kinweave.learn.lake import Lake
from kinweave.learn.rollup import roll_up

DIMENSIONS: Final = ("gender", "age_band", "disability", "dimension")
DEEPEST: Final = 12
ASKED_IN: Final = "asked_in"
# Asked in a language that may not be compared, in two languages, or not at all: one group, so that it tells nothing.
NOT_COMPARED: Final = "not-compared"


@dataclass(frozen=True)
class Asked:
    """The language in which a scale was asked, as a further dimension; only of `languages` that may be compared.

    window: months after the start within which scores count. Each scale has a dimension of its own name, since people
    are asked one thing in one language and another in another.
    """

    instrument: str
    scale: str
    languages: tuple[str, ...]
    window: int

    @property
    def name(self) -> str:
        return language_dimension(self.instrument, self.scale)


@dataclass(frozen=True)
class Grid:
    """What to count: months `first` to `last` (lake months, both counted), rows usable for `purpose`.

    `dimensions` may leave some of DIMENSIONS out (a threat profile may forbid one), never add to them. `asked`: only
    for tables of one questionnaire, and only by a verdict (`languages.judge`).
    """

    first: int
    last: int
    purpose: str = "statistics"
    dimensions: tuple[str, ...] = DIMENSIONS
    asked: Asked | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns by which people are grouped."""
        return (*self.dimensions, ASKED_IN) if self.asked else self.dimensions

    @property
    def names(self) -> tuple[str, ...]:
        """What those columns are called in tables."""
        return (*self.dimensions, self.asked.name) if self.asked else self.dimensions

    def __post_init__(self) -> None:
        if set(self.dimensions) - set(DIMENSIONS) or self.purpose not in ("statistics", "research"):
            raise ValueError("a grid has fixed dimensions and purposes")

    def periods(self, follow_up: int) -> dict[int, tuple[int, int]]:
        """Whole periods: key (see `period_key`) → first and last lake month. `follow_up` in months."""
        found: dict[int, tuple[int, int]] = {}
        end = self.last - follow_up
        for year in range(self.first // 12, end // 12 + 1):
            spans = {year * 10: (year * 12, year * 12 + 11)}
            spans |= {year * 10 + q: (year * 12 + 3 * q - 3, year * 12 + 3 * q - 1) for q in (1, 2, 3, 4)}
            found |= {key: span for key, span in spans.items() if self.first <= span[0] and span[1] <= end}
        return found


def period_key(month: int, whole_year: bool = False) -> int:
    """year * 10 + quarter (1 to 4), or year * 10 for the whole year."""
    return month // 12 * 10 + (0 if whole_year else month % 12 // 3 + 1)


def period_name(key: int) -> str:
    """`2026-Q1`, or `2026` for a whole year."""
    return f"{key // 10}-Q{key % 10}" if key % 10 else f"{key // 10}"


def usable(table: Any, grid: Grid) -> Any:
    """The rows whose consent covers the grid's purpose."""
    return usable_for(table, grid.purpose)


def usable_for(table: Any, purpose: str) -> Any:
    return table.filter(table.purpose.isin([purpose, "both"]))


def upwards(lake: Lake) -> dict[int, list[int]]:
    """Every place with itself and each place above it, by the newest year's map: a few thousand rows."""
    found: dict[int, list[int]] = lake.remember("upwards", lambda: _upwards(lake))
    return found


def _upwards(lake: Lake) -> dict[int, list[int]]:
    rows = lake.places.select("place", "parent", "year").order_by("year").to_pyarrow().to_pylist()
    parent = {row["place"]: row["parent"] for row in rows}
    found: dict[int, list[int]] = {}
    for place in parent:
        above: int | None = place
        line: list[int] = []
        while above is not None and above not in line and len(line) < DEEPEST:
            line.append(above)
            above = parent.get(above)
        found[place] = line
    return found


def grouped(facts: Any, grid: Grid, sums: tuple[str, ...]) -> Any:
    """facts summed by place, quarter and two dimensions at a time: the one pass over people's rows.

    All combinations of four dimensions at once would be nearly as many rows as people. Gives: half (0, 1 …),
    place, month (the quarter's first; the year's first from half 1 on), a, b (groups of the half's two
    dimensions, null where not said), and the sums.
    """
    halves = [grid.columns[i : i + 2] for i in range(0, len(grid.columns), 2)] or [()]
    tables = []
    for i, names in enumerate(halves):
        start = facts.month - facts.month % (12 if i else 3)
        keys = {"place": facts.place, "month": start, **{key: facts[n] for key, n in zip("ab", names, strict=False)}}
        counted = {name: facts.count() if name == "n" else facts[name].sum() for name in sums}
        small = facts.group_by(**keys).aggregate(**counted)
        text = {key: small[key].cast("string") if key in keys else ibis.null("string") for key in "ab"}
        tables.append(small.select("place", "month", *sums, half=ibis.literal(i, "int8"), **text))
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def grid_sums(facts: Any, lake: Lake, grid: Grid, follow_up: int, sums: tuple[str, ...]) -> pa.Table:
    """facts (person, place, month, the grid's dimensions, and a number per name in `sums` but n; one row a
    person) summed over the grid. n counts the rows.

    Gives: place int64, period int32 (`period_key`), dimension, group (strings), and the sums. Rows with
    nobody in them are left out. The engine sums people; the few thousand sums are added up here.
    """
    wanted = grid.periods(follow_up)
    if wanted:
        first, last = min(s[0] for s in wanted.values()), max(s[1] for s in wanted.values())
        facts = facts.filter(facts.month >= first, facts.month <= last)
    else:
        facts = facts.limit(0)
    small = grouped(facts, grid, sums).to_pyarrow()
    return roll_up(small, upwards(lake), wanted, grid.names, sums)
