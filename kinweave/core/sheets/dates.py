"""Dates as people write them, with how exactly they are known. Other calendars are named, never converted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from .table import Cell, as_text
from .words import ascii_digits, data, fold, lookup, says_nothing, tidy

SERIAL_DAY_0 = date(1899, 12, 30)  # ECMA-376 part 1, 18.17.4.1: the 1900 date system, from March 1900 on
SERIALS = (10_000, 80_000)  # 1927 to 2119: whole numbers of five digits in a column of dates
ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]+(\d{1,2}:\d{2}\S*(?: ?[+-]\d\d:?\d\d)?).*)?$")
NUMERIC = re.compile(r"^(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4}|\d{2})(?:[T ,]+\d{1,2}:\d{2}.*)?$")
MONTH_YEAR = re.compile(r"^(\d{1,2})\s*[-/.]\s*(\d{4})$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
YEAR = re.compile(r"^\d{4}$")
PARTS = re.compile(r"\d+|[^\W\d_]+(?:[ ][^\W\d_]+)*")

SAYS = {
    "date-unreadable": "this is not a date we can read. Write it as year-month-day.",
    "date-in-future": "this date is in the future.",
    "date-too-early": "this date is too long ago.",
    "date-impossible": "there is no such day in the calendar.",
    "date-order-mixed": "day and month could be swapped, and this column has both ways. Write it as year-month-day.",
    "other-calendar": "this seems to be in another calendar. Write it as a Gregorian year-month-day.",
    "date-order-assumed": "read as day, month, year; nothing in the column proves that order.",
    "two-digit-year": "the year has two digits; we took the latest that is not in the future.",
    "date-about": "the date was said to be a guess; only its year is kept.",
}


@dataclass(frozen=True)
class Dated:
    """A day with its precision: day, month, year or about (a guess of the year). `at`: the moment, if told."""

    on: date = field(repr=False)
    precision: str
    at: datetime | None = field(default=None, repr=False)
    hints: tuple[str, ...] = ()

    @property
    def year(self) -> int:
        return self.on.year


class Unreadable(Exception):
    """Not a date; `code` is one of SAYS. Holds no text of the cell."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Order:
    """What a whole column says about the order of day and month.

    `first`: day, month, mixed (both occur) or unknown (nothing proves either). `calendar`: the heading names another.
    """

    first: str = "unknown"
    calendar: bool = False


class OrderSeen:
    """Learns the order from every cell of a column: 25/3/2024 proves day first, 3/25/2024 month first."""

    def __init__(self) -> None:
        self.day = self.month = self.any = False

    def add(self, cell: Cell) -> None:
        if isinstance(cell, str) and (m := NUMERIC.match(ascii_digits(tidy(cell)))):
            self.any = True
            self.day = self.day or int(m[1]) > 12 >= int(m[2])
            self.month = self.month or int(m[2]) > 12 >= int(m[1])

    def order(self, heading: str) -> Order:
        both = self.day and self.month
        first = "mixed" if both else "day" if self.day else "month" if self.month else "unknown"
        return Order(first, calendar=_names_calendar(heading))


@cache
def _calendar_words() -> frozenset[str]:
    return frozenset(fold(w) for w in data("values.toml")["other_calendars"]["words"])


def _names_calendar(text: str) -> bool:
    padded = f" {fold(text)} "
    return any(f" {word} " in padded for word in _calendar_words())


def _other_year(year: int) -> bool:
    return any(low <= year <= high for low, high in data("values.toml")["other_calendars"]["years"])


def read_date(cell: Cell, order: Order, *, today: date, earliest: int = 1900) -> Dated | None:
    """A date from a cell; None when the cell says nothing.

    Two-digit years mean the latest one not in the future. Errors: Unreadable with a code of SAYS.
    """
    if isinstance(cell, (datetime, date)):
        found = _day(cell)
    else:
        text = tidy(ascii_digits(as_text(cell)))
        if says_nothing(text):
            return None
        if order.calendar:
            raise Unreadable("other-calendar")
        found = _read_text(text[:80], order, today)
    if (_other_year(found.year) and found.year > today.year + 10) or found.year < 1600:
        raise Unreadable("other-calendar")
    if found.on > today:
        raise Unreadable("date-in-future")
    if found.year < earliest:
        raise Unreadable("date-too-early")
    return found


def _day(cell: date) -> Dated:
    if isinstance(cell, datetime):
        moment = cell if (cell.hour or cell.minute or cell.second) else None
        return Dated(cell.date(), "day", moment)
    return Dated(cell, "day")


def _read_text(text: str, order: Order, today: date) -> Dated:
    if m := ISO.match(text):
        return _iso(m, text)
    if (m := COMPACT.match(text)) and 1800 <= int(m[1]) <= 2200:
        return _made(int(m[1]), int(m[2]), int(m[3]))
    if YEAR.match(text):
        return _made(int(text), None, None)
    if m := MONTH_YEAR.match(text):
        return _made(int(m[2]), int(m[1]), None)
    if m := NUMERIC.match(text):
        return _numeric(int(m[1]), int(m[2]), m[3], order, today)
    if (m := re.match(r"^(\d{5})(?:\.\d+)?$", text)) and SERIALS[0] <= int(m[1]) <= SERIALS[1]:
        return Dated(SERIAL_DAY_0 + timedelta(days=int(m[1])), "day")
    return _worded(text, today)


def _iso(m: re.Match[str], text: str) -> Dated:
    found = _made(int(m[1]), int(m[2]), int(m[3]) if m[3] else None)
    if not m[4] or not m[3]:
        return found
    try:
        return Dated(
            found.on,
            "day",
            datetime.fromisoformat(text.replace(" ", "T", 1).replace("/", "-").replace(" ", "")),
        )
    except ValueError:
        return found


def _made(year: int, month: int | None, day: int | None, *hints: str) -> Dated:
    precision = "day" if day else "month" if month else "year"
    try:
        return Dated(date(year, 1 if month is None else month, 1 if day is None else day), precision, None, hints)
    except ValueError:
        raise Unreadable("other-calendar" if _other_year(year) else "date-impossible") from None


def _numeric(a: int, b: int, written: str, order: Order, today: date) -> Dated:
    year, hints = _century(written, today)
    if a > 12 or b > 12:
        day, month = (a, b) if a > 12 else (b, a)
    elif a == b:
        day = month = a
    elif order.first == "mixed":
        raise Unreadable("date-order-mixed")
    else:
        day, month = (b, a) if order.first == "month" else (a, b)
        hints += ("date-order-assumed",) if order.first == "unknown" else ()
    if _other_year(year) and year > today.year:
        raise Unreadable("other-calendar")
    return _made(year, month, day, *hints)


def _century(written: str, today: date) -> tuple[int, tuple[str, ...]]:
    year = int(written)
    if len(written) > 2:
        return year, ()
    return (2000 + year if 2000 + year <= today.year else 1900 + year), ("two-digit-year",)


@cache
def _said(group: str) -> tuple[str, ...]:
    words = {fold(w) for w in data("values.toml")["about"][group]}
    return tuple(sorted(words, key=len, reverse=True))


def without(text: str, group: str) -> tuple[str, bool]:
    """The folded text without some small words, and whether any was there. `group`: words (about) or filler."""
    padded, found = f" {text} ", False
    for word in _said(group):
        while f" {word} " in padded:
            padded, found = padded.replace(f" {word} ", " "), True
    return padded.strip(), found


def _worded(text: str, today: date) -> Dated:
    """'3 March 2024', 'March 3, 2024', '3-Mar-24', 'mars 2024', 'about 1985', '~1985', '١٢ مارس ٢٠٢٤'."""
    folded = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", fold(text))
    folded, about = without(folded, "words")
    about = about or text.startswith("~") or text.endswith("?")
    folded, _ = without(folded, "filler")
    if about and YEAR.match(folded):
        return Dated(_made(int(folded), None, None).on, "about", None, ("date-about",))
    months = lookup("months")
    numbers = [p for p in PARTS.findall(folded) if p.isdecimal()]
    names = [p for p in PARTS.findall(folded) if not p.isdecimal()]
    month = next((int(months[n]) for n in names if n in months), None)
    if month is None or len(names) > 1 or not 1 <= len(numbers) <= 2:
        raise Unreadable("other-calendar" if _names_calendar(text) else "date-unreadable")
    if len(numbers) == 1:
        if len(numbers[0]) != 4:
            raise Unreadable("date-unreadable")
        return _made(int(numbers[0]), month, None)
    day, written = sorted(numbers, key=len) if len(numbers[0]) != len(numbers[1]) else numbers
    if len(day) > 2 or len(written) not in (2, 4):
        raise Unreadable("date-unreadable")
    year, hints = _century(written, today)
    return _made(year, month, int(day), *hints)
