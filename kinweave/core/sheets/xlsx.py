"""XLSX: bounds checked before anything is unpacked, then rows as a stream. Macros and links are never touched."""

from __future__ import annotations

import itertools
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from . import problems
from .csvs import CHUNK, Opener
from .table import Cell, Limits, Notice, Watch, as_text, is_blank
from .words import tidy

# The library's warnings can quote a cell, and a cell can be somebody's.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")

Numbered = Callable[[], Iterator[tuple[int, Sequence[Cell]]]]
MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
MOST_MERGES = 20_000
RATIO_FROM = 10_000_000  # small parts may shrink a lot; the ratio counts from here on (bytes unpacked)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. `number` counts from 1; `filled` is how many of its first rows hold something."""

    number: int
    name: str = field(repr=False)
    hidden: bool
    filled: int


@dataclass(frozen=True)
class Merge:
    """A merged range, columns and rows from 1, both ends included."""

    left: int
    top: int
    right: int
    bottom: int


def check_archive(open_it: Opener, limits: Limits) -> None:
    """Refuse what a spreadsheet program would not write. Errors: SuspiciousArchive, OldOrLocked, NotATable."""
    with _guard(), open_it() as raw, zipfile.ZipFile(raw) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "mimetype" in names and "content.xml" in names:
            raise problems.NotATable(looks_like="OpenDocument spreadsheet")
        if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
            raise problems.Packed
        if len(parts) > limits.entries or len(names) != len(parts):
            raise problems.SuspiciousArchive(reason="its parts")
        if any(part.flag_bits & 1 for part in parts):
            raise problems.OldOrLocked
        _check_sizes(parts, limits)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                _refuse_doctype(archive, part)


def _check_sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    """zipfile never hands out more than the declared size, so that the declared sizes can be trusted as bounds."""
    if sum(part.file_size for part in parts) > limits.unpacked:
        raise problems.SuspiciousArchive(reason="its size unpacked")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise problems.SuspiciousArchive(reason="how far it unpacks")
        if part.filename.endswith("sharedStrings.xml") and part.file_size > limits.shared_strings:
            raise problems.SuspiciousArchive(reason="the size of its texts")


class _FirstElement(Exception):
    """The prolog is over: no document type can follow."""


def _refuse_doctype(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet needs a DOCTYPE; it is where entities that grow without end are declared."""

    def found(*_: object) -> None:
        raise problems.SuspiciousArchive(reason="entity declarations")

    def begun(*_: object) -> None:
        raise _FirstElement

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = found
    parser.EntityDeclHandler = found
    parser.StartElementHandler = begun
    with archive.open(part) as stream:
        try:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
        except _FirstElement:
            return


@contextmanager
def _guard(row: list[int] | None = None) -> Iterator[None]:
    """The one place where anything may go wrong inside a library: it becomes one sentence, without its text."""
    try:
        yield
    except (problems.SheetProblem, GeneratorExit):
        raise
    except Exception:
        raise problems.BrokenWorkbook(row=row[0] if row else 0) from None


@contextmanager
def _workbook(open_it: Opener) -> Iterator[Any]:
    with open_it() as raw:
        # Only here: it brings numpy with it, which a server that reads no workbook never needs.
        from openpyxl import load_workbook

        book = load_workbook(raw, read_only=True, data_only=True, keep_links=False, keep_vba=False)
        try:
            yield book
        finally:
            book.close()


def list_sheets(open_it: Opener, limits: Limits) -> list[Sheet]:
    """Every sheet that holds cells. Its name is for the person who chooses, never for a log."""
    sheets = []
    with _guard(), _workbook(open_it) as book:
        for number, sheet in enumerate(book.worksheets, start=1):
            filled, watch = 0, Watch(limits.seconds)
            sheet.reset_dimensions()
            for n, cells in enumerate(sheet.iter_rows(values_only=True)):
                filled += not all(map(is_blank, cells))
                if filled >= 2 or n > 1_000:
                    break
                if watch.out():
                    raise problems.TooSlow(limit=limits.seconds, row=n)
            sheets.append(Sheet(number, sheet.title, sheet.sheet_state != "visible", filled))
    return sheets


def choose_sheet(open_it: Opener, limits: Limits, wanted: int | None) -> tuple[int, list[Notice]]:
    """The sheet to read: the one asked for, else the only visible one that has a heading and a row."""
    sheets = list_sheets(open_it, limits)
    if wanted is not None:
        if not 1 <= wanted <= len(sheets):
            raise problems.NoSuchSheet(number=wanted, count=len(sheets))
        return wanted, []
    seen = [s for s in sheets if not s.hidden and s.filled >= 2]
    if len(seen) > 1:
        raise problems.ChooseSheet(count=len(seen))
    if not seen:
        raise problems.FileEmpty
    hidden = sum(1 for s in sheets if s.hidden and s.filled)
    says = f"{hidden} hidden sheet(s) with rows were not read."
    return seen[0].number, [Notice(0, "hidden-sheets", says)] if hidden else []


def merged_ranges(open_it: Opener, sheet: int, limits: Limits) -> tuple[Merge, ...]:
    """The merged cells of a sheet, from its file's end; the streaming reader does not tell."""
    from openpyxl.utils import range_boundaries

    found: list[Merge] = []
    with _guard(), _workbook(open_it) as book:
        path = getattr(book.worksheets[sheet - 1], "_worksheet_path", "")
        with book._archive.open(path.lstrip("/")) as stream:
            tail = b""
            while (chunk := stream.read(1 << 20)) and len(found) < MOST_MERGES:
                text = tail + chunk
                end = 0
                for match in MERGE.finditer(text):
                    found.append(Merge(*range_boundaries(match[1].decode("ascii"))))
                    end = match.end()
                tail = text[max(end, len(text) - 200) :]
    return tuple(found[:MOST_MERGES])


def group_headings(numbered: Numbered, merged: Sequence[Merge], rows: int = 60) -> dict[int, dict[int, str]]:
    """row -> column -> text, for merged cells among the first rows: a group's heading over its columns."""
    early = [m for m in merged if m.top <= rows]
    groups: dict[int, dict[int, str]] = {}
    for number, cells in itertools.takewhile(lambda row: row[0] <= rows, numbered() if early else ()):
        for m in early:
            if m.top == number and m.left <= len(cells) and not is_blank(cells[m.left - 1]):
                text = tidy(as_text(cells[m.left - 1]))
                for row in range(m.top, min(m.bottom, rows) + 1):
                    groups.setdefault(row, {}).update(dict.fromkeys(range(m.left, min(m.right, 500) + 1), text))
    return groups


def records(
    open_it: Opener, sheet: int, limits: Limits, merged: Sequence[Merge]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    """(row number, cells) of every row with something in it; a cell merged downwards counts for each of its rows."""
    down = {(m.top, m.left): m.bottom for m in merged if m.left == m.right and m.bottom > m.top}
    held: dict[int, tuple[int, Cell]] = {}
    at, filled, watch = [0], 0, Watch(limits.seconds)
    with _guard(at), _workbook(open_it) as book:
        worksheet = book.worksheets[sheet - 1]
        worksheet.reset_dimensions()
        for number, cells in enumerate(worksheet.iter_rows(values_only=True), start=1):
            at[0] = number
            if watch.out():
                raise problems.TooSlow(limit=limits.seconds, row=number)
            if all(map(is_blank, cells)):
                continue
            row = _trimmed(cells, number, limits)
            if down:
                row = _filled_down(row, number, down, held)
            filled += 1
            if filled > limits.rows:
                raise problems.TooLarge(limit=limits.rows, unit="rows")
            yield number, row
            watch.on()


def _trimmed(cells: Sequence[Cell], number: int, limits: Limits) -> list[Cell]:
    last = len(cells)
    while last and is_blank(cells[last - 1]):
        last -= 1
    if last > limits.columns:
        raise problems.TooWide(row=number, limit=limits.columns)
    return list(cells[:last])


def _filled_down(
    row: list[Cell], number: int, down: dict[tuple[int, int], int], held: dict[int, tuple[int, Cell]]
) -> list[Cell]:
    for column, (bottom, value) in list(held.items()):
        if number > bottom:
            del held[column]
            continue
        row += [None] * (column - len(row))
        if is_blank(row[column - 1]):
            row[column - 1] = value
    for column, value in enumerate(row, start=1):
        if (number, column) in down:
            held[column] = (down[number, column], value)
    return row
