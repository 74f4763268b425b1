"""A file that somebody sends: CSV or Parquet into columns by name, or a refusal that names the row.

CSV is read as text; what is a number is decided where a number is needed, so that a village called "007" stays one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kinweave.core.problems import Problem

# A cell longer than this is no answer and no name; a file beyond these is for a database.
LONGEST_CELL: Final = 10_000
MOST_BYTES: Final = 2 * 1024**3
MOST_COLUMNS: Final = 5_000
# What many programmes write for "no answer".
CODES: Final = ("-9", "-99", "-999", "-9999", "99", "999", "9999")
COMMA: Final = re.compile(r"^\s*[+-]?\d+,\d+\s*$")


class NoFile(Problem):
    code = "no-file"
    says = "There is no file {name} that can be read."
    remedy = "Check the name and the folder."


class NotAKind(Problem):
    code = "not-a-kind"
    says = "{name} is not a kind of file that can be read."
    remedy = "Save it as CSV (from a spreadsheet: save as, CSV, UTF-8) or Parquet."


class NotATable(Problem):
    code = "not-a-table"
    says = "{name} is not a table: {why}."
    remedy = "The first line holds the names of the columns, each later line one value for each of them."


class NotUtf8(Problem):
    code = "not-utf-8"
    says = "{name} is not written in UTF-8; the first letter that cannot be read is in {where}."
    remedy = "Save it anew as CSV UTF-8 (from a spreadsheet: save as, then this kind of CSV)."


def read_file(path: str | Path, *, decimal: str = ".", missing: Sequence[str] = ("NA",)) -> dict[str, Any]:
    """The columns of a .csv (also .tsv, .txt) or .parquet file; cells of a CSV are text, None where empty.

    decimal: "," where numbers are written 3,5. missing: what stands for "no answer", besides an empty cell. Comma,
    semicolon and tab are told apart by the heading; a byte order mark is passed over.
    """
    found = Path(path)
    kind = found.suffix.lower()
    if not found.is_file():
        raise NoFile(name=found.name)
    if found.stat().st_size > MOST_BYTES:
        raise NotATable(name=found.name, why="it is larger than 2 GB, which is work for a database")
    if kind in (".parquet", ".pq"):
        return _parquet(found)
    if kind not in (".csv", ".tsv", ".txt"):
        raise NotAKind(name=found.name)
    return _csv(found, decimal, set(missing))


def looks_missing(cells: Sequence[str | None]) -> tuple[str, int] | None:
    """A number that may stand for "no answer", and how often: below nought among none such, or far from all others.

    cells: one column as `read_file` gives it. None where there is no such number, or the column is not of numbers.
    """
    given = {cell for cell in cells if cell is not None}
    found = [code for code in CODES if code in given]
    try:
        others = [float(cell) for cell in given.difference(found)]
    except ValueError:
        return None
    if not others:
        return None
    low, high = min(others), max(others)
    for code in found:
        far = not 2 * low - high <= float(code) <= 2 * high - low
        if far or float(code) < 0 <= low:
            return code, sum(cell == code for cell in cells)
    return None


def _parquet(path: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        table = pq.read_table(path)
    except (ArrowException, OSError) as fault:
        raise NotATable(name=path.name, why="it is damaged, or no Parquet file") from fault
    return {str(name): table[name] for name in table.column_names}


def _csv(path: Path, decimal: str, missing: set[str]) -> dict[str, Any]:
    columns: list[list[str | None]] = []
    heading: list[str] = []
    row = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            mark = max(",;\t", key=first.count)
            for cells in csv.reader(lines, delimiter=mark, strict=True):
                if not heading:
                    heading = _heading(cells, path.name)
                    columns = [[] for _ in heading]
                    continue
                if not cells or cells == [""]:
                    continue  # an empty line, often the last
                row += 1
                if len(cells) != len(heading):
                    why = f"row {row} has {len(cells)} cells, the heading {len(heading)}"
                    raise NotATable(name=path.name, why=why)
                for column, cell in zip(columns, cells, strict=True):
                    if len(cell) > LONGEST_CELL:
                        raise NotATable(name=path.name, why=f"row {row} has a cell of {len(cell)} characters")
                    text = cell.strip()
                    column.append(None if not text or text in missing else text)
    except UnicodeDecodeError:
        raise NotUtf8(name=path.name, where=_unreadable(path)) from None
    except csv.Error:
        raise NotATable(
            name=path.name, why=f"in row {row + 1} a quotation mark is not closed, or stands wrong"
        ) from None
    if not heading:
        raise NotATable(name=path.name, why="it is empty")
    if decimal == ",":
        columns = [[c.replace(",", ".") if c and COMMA.match(c) else c for c in column] for column in columns]
    return dict(zip(heading, columns, strict=True))


def _unreadable(path: Path) -> str:
    with path.open("rb") as lines:
        for row, line in enumerate(lines):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"row {row}" if row else "the heading"
    return "the file"


def _heading(cells: Sequence[str], name: str) -> list[str]:
    found = [c.strip() for c in cells]
    for at, cell in enumerate(found, 1):
        if not cell:
            raise NotATable(name=name, why=f"column {at} has no name")
        if cell in found[: at - 1]:
            raise NotATable(name=name, why=f"two columns are called {cell[:60]}")
    if len(found) > MOST_COLUMNS:
        raise NotATable(name=name, why=f"it has {len(found)} columns")
    return found
