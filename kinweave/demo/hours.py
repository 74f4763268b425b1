"""The hours of an invented team: a worker adds up a month at the first meeting of the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from kinweave.team.actions import DAY

# Invented: each third worker writes nothing down; of ten minutes with people two more are travel that nobody pays for.
SILENT: Final = 3
TRAVEL: Final = 5


@dataclass(frozen=True, slots=True)
class Given:
    """What `team.record_hours` is told."""

    on: date
    minutes: int
    kind: str
    paid: bool


@dataclass
class Sheets:
    """Minutes with people by worker since they last wrote them down. until: the first day without money."""

    until: date
    open: dict[int, tuple[date, int]] = field(default_factory=dict)

    def met(self, worker: int, on: date, minutes: int) -> list[Given]:
        """A session was held; the rows of an earlier month, where this ends one."""
        last, sum_ = self.open.get(worker, (on, 0))
        if (last.year, last.month) == (on.year, on.month):
            self.open[worker] = on, sum_ + minutes
            return []
        self.open[worker] = on, minutes
        if worker % SILENT == 0:
            return []
        with_people, travel = min(sum_, DAY * 2 // 3), min(sum_ // TRAVEL, DAY // 3)
        rows = [Given(last, with_people, "meeting", last < self.until), Given(last, travel, "travel", False)]
        return [row for row in rows if row.minutes]
