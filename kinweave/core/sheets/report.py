"""What became of a file, row by row, and the rows set aside as a file that can be mended and sent again."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from . import problems
from .rows import RowResult
from .table import Cell, Notice, Table, as_text

ROW = "Row in the first file"
WHY = "Why it was set aside"
# OWASP, "CSV Injection": a cell that begins with one of these may be run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def fingerprint(namespace: UUID, kind: str, told: Mapping[str, Any]) -> UUID:
    """The same content gives the same id, from whichever file, row or program it came (uuid5, RFC 9562)."""
    text = json.dumps(_canonical(told), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return uuid5(namespace, f"{kind}:{text}")


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _canonical(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(v) for v in value]
    if hasattr(value, "precision"):
        return [value.on.isoformat(), value.precision, value.at.isoformat() if value.at else ""]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)


@dataclass(frozen=True)
class Line:
    """What is said about one row. Rows that were simply accepted have none."""

    row_no: int
    status: str
    notices: tuple[Notice, ...]


@dataclass
class Report:
    """Counts, and a line for each row that needs a word. Holds no cell of the file.

    `lines_kept` bounds what is shown; rows set aside are all remembered, for `write_set_aside`.
    """

    lines_kept: int = 5_000
    total: int = 0
    accepted: int = 0
    set_aside: int = 0
    duplicates: int = 0
    already_here: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    bad: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def add(self, result: RowResult, *, already_here: bool = False) -> str:
        """Count a row; `already_here`: its fingerprint was imported before. Returns its status."""
        status = "already-here" if already_here and result.status != "set-aside" else result.status
        self.total += 1
        self.accepted += status == "accepted"
        self.set_aside += status == "set-aside"
        self.duplicates += status == "duplicate"
        self.already_here += status == "already-here"
        self.reasons.update(n.code for n in result.faults)
        self.hints.update(n.code for n in result.warnings)
        notices = (*result.faults, *result.warnings)
        if status == "set-aside":
            self.bad[result.row_no] = tuple(n.sentence for n in result.faults)
        if (notices or status != "accepted") and len(self.lines) < self.lines_kept:
            self.lines.append(Line(result.row_no, status, notices))
        return status

    def set_row_aside(self, row_no: int, notice: Notice) -> None:
        """For the caller who finds a reason of its own (an unknown place, say) after the row was accepted."""
        self.accepted -= 1
        self.set_aside += 1
        self.reasons[notice.code] += 1
        self.bad[row_no] = (notice.sentence,)
        self.lines.append(Line(row_no, "set-aside", (notice,)))

    def as_dict(self) -> dict[str, Any]:
        """Totals and reasons by code, for a page or a program."""
        return {
            "total": self.total,
            "accepted": self.accepted,
            "set_aside": self.set_aside,
            "duplicates": self.duplicates,
            "already_here": self.already_here,
            "reasons": dict(self.reasons.most_common()),
            "hints": dict(self.hints.most_common()),
        }


def read_all(results: Iterable[RowResult], report: Report | None = None) -> Report:
    """A dry run: walk every row and only count."""
    told = report or Report()
    for result in results:
        told.add(result)
    return told


def write_set_aside(path: Path, table: Table, report: Report) -> int:
    """Write the rows set aside, as they came, with their row number and reasons; returns how many.

    The headings stay as they were, so that the same map reads the mended file. CSV, UTF-8 with its mark (Excel
    needs it), readable by its owner alone, put in place whole or not at all. Cells that a spreadsheet would run
    begin with '. Errors: SheetProblem; FileMissing when the place cannot be written.
    """
    if not report.bad:
        return 0
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".set-aside-", suffix=".csv")
    except OSError:
        raise problems.FileMissing from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as out:
            written = _write_rows(csv.writer(out), table, report)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return written


def aside_bytes(table: Table, report: Report) -> bytes:
    """The same file in memory, for a caller who seals it before it touches a disk; empty when there is none."""
    if not report.bad:
        return b""
    text = io.StringIO(newline="")
    _write_rows(csv.writer(text), table, report)
    return text.getvalue().encode("utf-8-sig")


def _write_rows(out: Any, table: Table, report: Report) -> int:
    kept = [i for i, c in enumerate(table.columns) if c not in (ROW, WHY)]
    out.writerow([*(safe_cell(table.columns[i]) for i in kept), ROW, WHY])
    written = 0
    for row in table.rows():
        if reasons := report.bad.get(row.number):
            cells = [row.cells[i] for i in kept]
            surplus = [safe_cell(c) for c in row.surplus]
            out.writerow([*map(safe_cell, cells), row.number, safe_cell(" ".join(reasons)), *surplus])
            written += 1
    return written


def safe_cell(cell: Cell) -> str:
    """The cell as text that no spreadsheet runs. A quote that was already in front is not doubled."""
    text = as_text(cell)
    return "'" + text if text.startswith(FORMULA) else text
