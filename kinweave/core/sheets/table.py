"""A table as it lies in a file: headings, and rows that can be walked again and again without holding them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time

Cell = str | int | float | bool | datetime | date | clock_time | None


@dataclass(frozen=True)
class Limits:
    """How much of a file is read before it is refused. These bounds are ours, settings and not findings.

    `size` in bytes as stored; `unpacked` in bytes once unzipped; `cell` in characters (32,767 is what an
    Excel cell can hold); `line` in characters of one row; `seconds` of reading, our caller's time not counted.
    """

    size: int = 60_000_000
    rows: int = 1_000_000
    columns: int = 2_000
    cell: int = 32_767
    line: int = 1_000_000
    seconds: float = 300.0
    entries: int = 2_000
    unpacked: int = 400_000_000
    shared_strings: int = 100_000_000
    ratio: int = 200


@dataclass(frozen=True)
class Notice:
    """Something to tell a person about a file, a row or a cell. `column` counts from 1; 0 means all of it."""

    column: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells padded to the headings, and what was odd.

    `surplus` holds cells beyond the last heading, which usually means that values have shifted.
    """

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    surplus: tuple[Cell, ...] = field(default=(), repr=False)
    too_long: int = 0


@dataclass(frozen=True)
class Table:
    """Headings, and `rows()` that opens the file afresh each time it is called."""

    columns: tuple[str, ...] = field(repr=False)
    kind: str
    encoding: str | None
    delimiter: str | None
    header_row: int
    warnings: tuple[Notice, ...]
    open_rows: Callable[[], Iterator[Row]] = field(repr=False)

    def rows(self) -> Iterator[Row]:
        """Every row that has something in it. Errors: any SheetProblem, at the row where it is met."""
        return self.open_rows()

    def number_of(self, column: str) -> int:
        """The place of a heading, from 1; 0 when there is none."""
        return self.columns.index(column) + 1 if column in self.columns else 0


class Watch:
    """Adds up the time spent reading, so that a slow file stops and a slow caller does not."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.since = time.perf_counter()

    def out(self) -> bool:
        """Stop counting; true when the time is used up. Call before handing a row over."""
        now = time.perf_counter()
        self.left -= now - self.since
        self.since = now
        return self.left < 0

    def on(self) -> None:
        """Count again. Call when the caller comes back for the next row."""
        self.since = time.perf_counter()


def letter(column: int) -> str:
    """The spreadsheet's letter for a column that counts from 1: 1 is A, 27 is AA."""
    out = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """What a person would see in the cell: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == clock_time(0)
        return cell.date().isoformat() if midnight else cell.isoformat()
    return cell.isoformat() if isinstance(cell, (date, clock_time)) else str(cell)
