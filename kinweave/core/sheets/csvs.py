"""CSV: which letters, which separator, and the rows, read as a stream so that memory does not grow."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from . import problems
from .table import Limits, Watch

Opener = Callable[[], BinaryIO]
CHUNK = 1 << 16
DELIMITERS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters above 127 stand alone or in pairs in the Western languages that cp1252 was made for. Longer runs
# mean another alphabet, and reading it as cp1252 would turn every name into nonsense without a word.
RUN = re.compile(rb"[\xc0-\xff]{3,}")
HIGH = re.compile(rb"[\x80-\xff]")


def sniff_encoding(opener: Opener) -> str:
    """utf-8, utf-8-sig, utf-16 (with or without its mark), utf-32 or cp1252; the whole file is checked.

    Errors: EncodingUnknown with the place of the first byte that does not fit.
    """
    with opener() as raw:
        head = raw.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return checked(opener, name)
    if bare := _utf16_without_mark(head):
        return checked(opener, bare)
    try:
        return checked(opener, "utf-8")
    except problems.EncodingUnknown:
        if _looks_western(opener):
            return checked(opener, "cp1252")
        raise


def _utf16_without_mark(head: bytes) -> str | None:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half >= 4 and odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if half >= 4 and even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return None


def checked(opener: Opener, encoding: str) -> str:
    """The encoding's name, once every byte of the file has been decoded with it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with opener() as raw:
        try:
            while chunk := raw.read(CHUNK):
                decoder.decode(chunk)
                done += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise problems.EncodingUnknown(byte=done + getattr(error, "start", 0)) from None
    return encoding


def _looks_western(opener: Opener) -> bool:
    high = in_runs = 0
    with opener() as raw:
        while chunk := raw.read(CHUNK):
            high += len(HIGH.findall(chunk))
            in_runs += sum(map(len, RUN.findall(chunk)))
    return in_runs * 4 <= high


def text_lines(opener: Opener, encoding: str, limits: Limits) -> Iterator[str]:
    """Physical lines without NULs. Errors: RowTooLong for a line beyond the limit."""
    with opener() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        number = 0
        try:
            while line := text.readline(limits.line + 1):
                number += 1
                if len(line) > limits.line:
                    raise problems.RowTooLong(row=number)
                yield line.replace("\0", "") if "\0" in line else line
        except UnicodeError:
            raise problems.EncodingUnknown(byte=0) from None


def sniff_delimiter(sample: str) -> str:
    """The separator that splits most rows of the sample into the same number of cells, more than one."""
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        widths: Counter[int] = Counter()
        with suppress(csv.Error):
            for n, cells in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=candidate)):
                if len(cells) > 1:
                    widths[len(cells)] += 1
                if n > 200:
                    break
        if widths:
            width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
            score = (times * min(width, 20) ** 0.5, width)
            if score > best:
                best, delimiter = score, candidate
    return delimiter


def records(opener: Opener, encoding: str, delimiter: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet counts it, cells). Empty rows are counted and not handed over.

    Errors: RowTooLong, QuoteOpen, TooWide, TooLarge, TooSlow.
    """
    watch, number, filled = Watch(limits.seconds), 0, 0
    counted = _Counted(text_lines(opener, encoding, limits), limits)
    reader = csv.reader(counted, delimiter=delimiter)
    while True:
        counted.start(number + 1)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise problems.QuoteOpen(row=number + 1) from None
        number += 1
        if watch.out():
            raise problems.TooSlow(limit=limits.seconds, row=number)
        if counted.ended and counted.lines > 1 and counted.quotes % 2:
            raise problems.QuoteOpen(row=number)
        if not any(cells):
            continue
        filled += 1
        if len(cells) > limits.columns and len("".join(cells[limits.columns :]).strip()):
            raise problems.TooWide(row=number, limit=limits.columns)
        if filled > limits.rows:
            raise problems.TooLarge(limit=limits.rows, unit="rows")
        yield number, cells
        watch.on()


class _Counted:
    """Counts the lines, quotation marks and letters of one record, which is how an unclosed quote shows."""

    def __init__(self, lines: Iterator[str], limits: Limits) -> None:
        self.source, self.limits = lines, limits
        self.ended = False
        self.start(1)

    def start(self, row: int) -> None:
        self.row, self.lines, self.quotes, self.letters = row, 0, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self.source)
        except StopIteration:
            self.ended = True
            raise
        self.lines += 1
        self.quotes += line.count('"')
        self.letters += len(line)
        if self.letters > self.limits.line:
            raise problems.QuoteOpen(row=self.row)
        return line
