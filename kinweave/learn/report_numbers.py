"""From safe tables to what a sentence needs: so many of ten, with the reach of chance.

Only shown (rounded) numbers come in here, so nothing that goes out can tell more than the tables do.
Intervals are Wilson's, 95 % (measures.intervals).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kinweave.measures.disclosure import Cell, SafeTable
from kinweave.measures.disclosure_noise import NoisyTable
from kinweave.measures.intervals import wilson

Readable = SafeTable | NoisyTable  # as it leaves the house; where a site wants noise, averages are left out
ALL = "all"
REST = "rest"
TEN = 10


@dataclass(frozen=True)
class Share:
    """count of n people, as tenths with the reach of chance (all 0 to 10)."""

    count: int
    n: int
    value: float
    low: float
    high: float

    @property
    def ten(self) -> int:
        """Whole people of ten."""
        return math.floor(self.value + 0.5)


def share(count: int, n: int) -> Share:
    """count of n; a rounded count may stand above its rounded n and is then taken as n."""
    count = min(count, n)
    reach = wilson(count, n)
    if reach is None:
        raise ValueError("a share needs somebody")
    return Share(count, n, TEN * count / n, TEN * reach.low, TEN * reach.high)


@dataclass(frozen=True)
class View:
    """One table as seen from one place."""

    table: Readable
    place: int

    def cell(self, period: int, dimension: str = ALL, group: str = ALL) -> Cell | None:
        wanted = (self.place, period, dimension, group)
        return next((c for c in self.table.cells if (c.place, c.period, c.dimension, c.group) == wanted), None)

    def n(self, period: int) -> int | None:
        found = self.cell(period)
        return None if found is None else found.n

    def part(self, period: int, name: str) -> int | None:
        found = self.cell(period)
        return None if found is None else found.parts[self.table.parts.index(name)]

    def share(self, period: int, name: str, dimension: str = ALL, group: str = ALL) -> Share | None:
        """The part's share where both it and its people are shown."""
        found = self.cell(period, dimension, group)
        if found is None or not found.n:
            return None
        count = found.parts[self.table.parts.index(name)]
        return None if count is None else share(count, found.n)

    def mean(self, period: int) -> float | None:
        found = self.cell(period)
        return None if found is None else found.mean

    def groups(self, period: int) -> dict[str, list[str]]:
        """The groups of each dimension that has at least one shown group besides "not said"."""
        found: dict[str, list[str]] = {}
        for c in self.table.cells:
            if (c.place, c.period) == (self.place, period) and c.dimension != ALL and c.n != 0:
                found.setdefault(c.dimension, []).append(c.group)
        return found


def of_ten(cell: Cell, names: tuple[str, ...]) -> Mapping[str, int]:
    """Ten people shared out over the shown parts; who is not shown one by one is `rest`. Largest remainder.

    Empty where the number of people is hidden, or nothing else is shown.
    """
    if not cell.n or all(part is None for part in cell.parts):
        return {}
    shown = {name: part for name, part in zip(names, cell.parts, strict=True) if part is not None}
    rest = cell.n - sum(shown.values())
    if None in cell.parts:
        shown[REST] = max(rest, 0)
    whole = sum(shown.values())
    exact = {name: TEN * count / whole for name, count in shown.items()}
    floor = {name: math.floor(value) for name, value in exact.items()}
    left = TEN - sum(floor.values())
    by_remainder = sorted(exact, key=lambda name: (floor[name] - exact[name], list(exact).index(name)))
    return {name: floor[name] + (name in by_remainder[:left]) for name in shown}
