"""The way in: a file or its bytes become a Table, whatever program wrote it."""

from __future__ import annotations

import io
import itertools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from . import csvs, problems, xlsx
from .header import LOOK, doubts, find_header, titles
from .table import Cell, Limits, Notice, Row, Table, is_blank

Source = str | Path | bytes
T = TypeVar("T")
OTHER_KINDS = (
    (b"%PDF", "PDF document"),
    (b"{\\rtf", "text document"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"SQLite format 3", "database"),
    (b"PAR1", "data file"),
)
PACKED = (b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel, and the wrapper of a workbook with a password


def opener_of(source: Source, limits: Limits) -> csvs.Opener:
    """A function that opens the source afresh. Errors: FileMissing, FileEmpty, TooLarge."""
    if isinstance(source, bytes):
        size, held = len(source), source

        def open_it() -> BinaryIO:
            return io.BytesIO(held)
    else:
        path = Path(source)
        try:
            if not path.is_file():
                raise problems.FileMissing
            size = path.stat().st_size
        except (OSError, ValueError):
            raise problems.FileMissing from None

        def open_it() -> BinaryIO:
            try:
                return path.open("rb")
            except OSError:
                raise problems.FileMissing from None

    if not size:
        raise problems.FileEmpty
    if size > limits.size:
        raise problems.TooLarge(limit=limits.size // 1_000_000, unit="MB")
    return open_it


def read_table(
    source: Source,
    filename: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    sheet: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
) -> Table:
    """Read a CSV or XLSX file. The content decides the kind; `filename` only helps with the wording.

    `sheet` counts from 1; `encoding`, `delimiter` and `header_row` (the number a spreadsheet shows) overrule
    what is guessed. Errors: SheetProblem and its kinds, and nothing else, for any bytes whatever.
    """
    open_it = opener_of(source, limits)
    with open_it() as raw:
        head = raw.read(512)
    if head.startswith(b"PK\x03\x04"):
        return _from_workbook(open_it, filename, limits, sheet, header_row)
    if head.startswith(OLE):
        raise problems.OldOrLocked
    if head.startswith(PACKED):
        raise problems.Packed
    for mark, looks_like in OTHER_KINDS:
        if head.startswith(mark):
            raise problems.NotATable(looks_like=looks_like)
    return _from_csv(open_it, limits, encoding, delimiter, header_row)


def sheets_of(source: Source, limits: Limits = Limits()) -> list[xlsx.Sheet]:  # noqa: B008 - frozen
    """The sheets of a workbook with their names, for the person who chooses. Errors: SheetProblem."""
    open_it = opener_of(source, limits)
    xlsx.check_archive(open_it, limits)
    return xlsx.list_sheets(open_it, limits)


def _from_csv(
    open_it: csvs.Opener, limits: Limits, encoding: str | None, delimiter: str | None, header_row: int | None
) -> Table:
    try:
        code = csvs.checked(open_it, encoding) if encoding else csvs.sniff_encoding(open_it)
    except LookupError:
        raise problems.EncodingUnknown(byte=0) from None
    notes = _encoding_notes(open_it, code)
    sample = "".join(_first(lambda: csvs.text_lines(open_it, code, limits), 200))[:200_000]
    odd = sum(unicodedata.category(c) in ("Cc", "Cn", "Co") and not c.isspace() for c in sample)
    if odd > len(sample) * 0.1:
        raise problems.NotATable(looks_like="program or data file")
    if sample[:4].lower() == "sep=" and len(sample.splitlines()[0]) == 5:
        delimiter = delimiter or sample[4]
        header_row = header_row or 2
    comma = delimiter if delimiter and len(delimiter) == 1 else csvs.sniff_delimiter(sample)

    def numbered() -> Iterator[tuple[int, Sequence[Cell]]]:
        return csvs.records(open_it, code, comma, limits)

    return _table("csv", numbered, limits, notes, {}, header_row, code, comma)


def _encoding_notes(open_it: csvs.Opener, code: str) -> list[Notice]:
    notes = []
    if code == "cp1252":
        says = "The letters were read as Western European (cp1252). Check a few names with accents."
        notes.append(Notice(0, "encoding-guessed", says))
    if not code.startswith(("utf-16", "utf-32")):
        with open_it() as raw:
            if any(b"\0" in chunk for chunk in iter(lambda: raw.read(csvs.CHUNK), b"")):
                notes.append(Notice(0, "nul-removed", "Empty bytes (NUL) were found and left out."))
    return notes


def _from_workbook(
    open_it: csvs.Opener, filename: str, limits: Limits, sheet: int | None, header_row: int | None
) -> Table:
    xlsx.check_archive(open_it, limits)
    chosen, notes = xlsx.choose_sheet(open_it, limits, sheet)
    if filename.lower().endswith((".xlsm", ".xltm", ".xlam")):
        notes.append(Notice(0, "macros-ignored", "The macros in this workbook were not run."))
    merged = xlsx.merged_ranges(open_it, chosen, limits)

    def numbered() -> Iterator[tuple[int, Sequence[Cell]]]:
        return xlsx.records(open_it, chosen, limits, merged)

    return _table("xlsx", numbered, limits, notes, xlsx.group_headings(numbered, merged), header_row, None, None)


def _table(
    kind: str,
    numbered: xlsx.Numbered,
    limits: Limits,
    notes: list[Notice],
    groups: dict[int, dict[int, str]],
    header_row: int | None,
    encoding: str | None,
    delimiter: str | None,
) -> Table:
    """Find the headings among the first rows and tie them to a walk over the rest."""
    first = _first(numbered, LOOK if header_row is None else max(LOOK, header_row))
    if not first:
        raise problems.FileEmpty
    places = {number: i for i, (number, _) in enumerate(first)}
    at = find_header(first) if header_row is None else places.get(header_row, 0)
    number, cells = first[at]
    filled = [i for i, c in enumerate(cells, start=1) if not is_blank(c)]
    covered = [c for row in (number, number - 1) for c in groups.get(row, {})]
    width = max([*filled, *covered, 1])
    columns = tuple(titles(first, at, width, groups))
    notes += doubts(cells, number, first[0][0]) if header_row is None else []

    def rows() -> Iterator[Row]:
        for row_number, found in numbered():
            if row_number > number and not all(map(is_blank, found)):
                yield _row(row_number, found, width, limits.cell)

    return Table(columns, kind, encoding, delimiter, number, tuple(notes), rows)


def _first(walk: Callable[[], Iterator[T]], most: int) -> list[T]:
    """Up to `most` of a walk. Where it breaks off after a beginning, the beginning is given: whoever walks the
    table meets the same problem at the same row, after the rows before it."""
    found: list[T] = []
    try:
        for one in itertools.islice(walk(), most):
            found.append(one)  # noqa: PERF402 - extend would lose what came before the break
    except problems.SheetProblem:
        if not found:
            raise
    return found


def _row(number: int, cells: Sequence[Cell], width: int, longest: int) -> Row:
    too_long = 0
    for i, cell in enumerate(cells, start=1):
        if isinstance(cell, str) and len(cell) > longest:
            too_long = i
            break
    surplus = tuple(cells[width:])
    if all(map(is_blank, surplus)):
        surplus = ()
    return Row(number, (*cells[:width], *[None] * (width - len(cells))), surplus, too_long)
