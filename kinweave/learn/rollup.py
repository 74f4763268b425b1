"""From sums by place and quarter to every cell of the grid: thousands of rows, added up in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

ALL: Final = "all"
UNSAID: Final = "unsaid"


@dataclass(frozen=True)
class _Rows:
    """Sums by place, month (or, later, period) and group: four int64 columns side by side, and the sums."""

    place: Any
    when: Any
    group: Any
    sums: dict[str, Any]

    def carried(self, name: str, pairs: list[tuple[int, int]]) -> _Rows:
        """Each row once for every pair whose first is the row's `name`, which becomes the pair's second."""
        ends = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        mine = getattr(self, name)
        low, high = np.searchsorted(ends[:, 0], mine, "left"), np.searchsorted(ends[:, 0], mine, "right")
        times = high - low
        rows = np.repeat(np.arange(len(mine)), times)
        nth = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        columns = {one: getattr(self, one)[rows] for one in ("place", "when", "group")}
        columns[name] = ends[low[rows] + nth, 1]
        return _Rows(**columns, sums={one: values[rows] for one, values in self.sums.items()}).together()

    def together(self) -> _Rows:
        """Rows of the same place, time and group as one."""
        flat = np.zeros(len(self.place), dtype=np.int64)
        for column in (self.place, self.when, self.group):
            different, at = np.unique(column, return_inverse=True)
            flat = flat * len(different) + at
        _, one, at = np.unique(flat, return_index=True, return_inverse=True)
        # bincount adds in float64: exact for counts below 2**53.
        sums = {name: np.bincount(at, values, len(one)) for name, values in self.sums.items()}
        return _Rows(self.place[one], self.when[one], self.group[one], sums)


def roll_up(
    small: pa.Table,
    upwards: Mapping[int, list[int]],
    periods: Mapping[int, tuple[int, int]],
    dimensions: tuple[str, ...],
    sums: tuple[str, ...],
) -> pa.Table:
    """`small` (see grid.grouped) summed into each place above, into quarters and years, and by group.

    upwards: each place with itself and all above it. periods: key to first and last month. Gives: place int64,
    period int32, dimension, group (strings), and the sums. Places not in `upwards` are left out.
    """
    up = [(place, above) for place, line in upwards.items() for above in line]
    spans = [(month, key) for key, span in periods.items() for month in range(span[0], span[1] + 1, 3)]
    years = [(month, key) for month, key in spans if key % 10 == 0]
    half = small["half"].to_numpy()
    first = small.filter(pa.array(half == 0))
    made = [_cells(first, None, ALL, up, spans, sums)]
    for i, name in enumerate(dimensions):
        rows = first if i < 2 else small.filter(pa.array(half == i // 2))
        made.append(_cells(rows, "ab"[i % 2], name, up, years, sums))
    return pa.concat_tables(made)


def _cells(
    small: pa.Table,
    column: str | None,
    dimension: str,
    up: list[tuple[int, int]],
    spans: list[tuple[int, int]],
    sums: tuple[str, ...],
) -> pa.Table:
    """The cells of one dimension, or of everyone."""
    groups, group = _groups(small, column)
    values = {name: np.asarray(small[name].to_numpy(), dtype=np.float64) for name in sums}
    place, month = (small[name].to_numpy().astype(np.int64) for name in ("place", "month"))
    rows = _Rows(place, month, group, values).together().carried("place", up).carried("when", spans)
    whole = {name: pa.types.is_integer(small.schema.field(name).type) for name in sums}
    return pa.table(
        {
            "place": rows.place,
            "period": rows.when.astype(np.int32),
            "dimension": pa.array([dimension] * len(rows.place), pa.string()),
            "group": groups.take(pa.array(rows.group)),
            **{name: rows.sums[name].astype(np.int64 if whole[name] else np.float64) for name in sums},
        }
    )


def _groups(small: pa.Table, column: str | None) -> tuple[pa.Array, Any]:
    """The names of the groups, and each row's place in that list."""
    if column is None:
        return pa.array([ALL], pa.string()), np.zeros(small.num_rows, dtype=np.int64)
    coded = small[column].cast(pa.string()).fill_null(UNSAID).combine_chunks().dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
