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

from kinweave.learn.lake import Lake

DIMENSIONS: Final = ("gender", "age_band", "disability", "dimension")
ALL: Final = "all"
UNSAID: Final = "unsaid"
DEEPEST: Final = 12
UPWARDS: Final = pa.schema([("place", pa.int64()), ("within", pa.int64())])
SPANS: Final = pa.schema([("month", pa.int32()), ("period", pa.int32())])


@dataclass(frozen=True)
class Grid:
    """What to count: months `first` to `last` (lake months, both counted), rows usable for `purpose`.

    `dimensions` may leave some of DIMENSIONS out (a threat profile may forbid one), never add to them.
    """

    first: int
    last: int
    purpose: str = "statistics"
    dimensions: tuple[str, ...] = DIMENSIONS

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
    return table.filter(table.purpose.isin([grid.purpose, "both"]))


def ancestors(lake: Lake) -> list[dict[str, int]]:
    """Every place with itself and each place above it, by the newest year's map: a few thousand rows."""
    rows = lake.places.select("place", "parent", "year").order_by("year").to_pyarrow().to_pylist()
    parent = {row["place"]: row["parent"] for row in rows}
    pairs = []
    for place in parent:
        above: int | None = place
        line: list[int] = []
        while above is not None and above not in line and len(line) < DEEPEST:
            line.append(above)
            above = parent.get(above)
        pairs += [{"place": place, "within": up} for up in line]
    return pairs


def _by_quarter(facts: Any, lake: Lake, grid: Grid, sums: tuple[str, ...]) -> Any:
    """One pass over the facts: sums by place, quarter and every combination of the groups."""
    people = lake.people.select("person", *grid.dimensions)
    joined = facts.join(people, "person", how="left")
    groups = {d: joined[d].cast("string").fill_null(UNSAID) for d in grid.dimensions}
    keys = {"place": joined.place, "month": joined.month, **groups}
    return joined.group_by(**keys).aggregate(**{s: joined[s].sum() for s in sums})


def _quarter_start(month: Any) -> Any:
    return month - month % 3


def grid_sums(facts: Any, lake: Lake, grid: Grid, follow_up: int, sums: tuple[str, ...]) -> Any:
    """facts (person, place, month, and a number per name in `sums`; one row a person) summed over the grid.

    Gives: place int64, period int32 (`period_key`), dimension, group (strings), and the sums. Rows with
    nobody in them are left out.
    """
    small = _by_quarter(facts, lake, grid, sums)
    small = small.mutate(month=_quarter_start(small.month).cast("int32"))
    up = ibis.memtable(pa.Table.from_pylist(ancestors(lake), schema=UPWARDS))
    small = small.join(up, "place").drop("place").rename(place="within")
    wanted = grid.periods(follow_up)
    quarters = [{"month": span[0], "period": key} for key, span in wanted.items() if key % 10]
    quarters += [
        {"month": month, "period": key}
        for key, span in wanted.items()
        if not key % 10
        for month in range(span[0], span[1], 3)
    ]
    spans = ibis.memtable(pa.Table.from_pylist(quarters, schema=SPANS))
    small = small.join(spans, "month")
    years = small.filter(small.period % 10 == 0)
    parts = [_sum_by(small, ALL, None, sums)]
    parts += [_sum_by(years, name, years[name], sums) for name in grid.dimensions]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _sum_by(small: Any, name: str, column: Any, sums: tuple[str, ...]) -> Any:
    group = ibis.literal(ALL) if column is None else column
    keyed = small.select("place", "period", *sums, dimension=ibis.literal(name), group=group)
    keys = ("place", "period", "dimension", "group")
    return keyed.group_by(*keys).aggregate(**{name: keyed[name].sum() for name in sums})
