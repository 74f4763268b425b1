"""What one cell means for one field: the value as kept, faults and hints as codes. Cells never reach a message."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from .dates import Dated, Order, Unreadable, read_date, without
from .table import Cell, as_text
from .words import ascii_digits, data, fold, lookup, says_nothing, tidy

LONGEST_NAME = 200
LONGEST_TEXT = 500
OLDEST = 125
E164_DIGITS = 15  # ITU-T E.164 (11/2010): at most 15 digits
SHORTEST_PHONE = 5
LANGUAGE_TAG = re.compile(r"^[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?$")
AGE = re.compile(r"(?<!\d)(\d{1,4})(?:[.,٫]\d+)?(?!\d)")
MENDED = re.compile(r"^'(?=[=+\-@\t\r])")

SAYS = {
    "name-too-long": "the name is too long.",
    "name-without-letters": "there is no letter in this name.",
    "text-too-long": "the text is too long.",
    "age-unreadable": "this is not an age we can read. Write whole years.",
    "age-impossible": "nobody has this age.",
    "birth-year-unreadable": "this is not a year of birth. Write four digits.",
    "phone-rounded": "the spreadsheet rounded this phone number. Type it again as text.",
    "phone-unreadable": "this does not look like a phone number.",
    "phone-zero-lost": "stored as a number, so a zero in front may be lost.",
    "gender-unknown": "we do not know this word for gender. Say in the map what it means.",
    "answer-unknown": "we do not know whether this means yes or no, so consent will be asked again.",
    "language-unknown": "we do not know this language's name; it is kept as written.",
    "spreadsheet-error": "the cell holds a spreadsheet's error message.",
}


class Fault(Exception):
    """The cell cannot be used; `code` is one of SAYS."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


Read = tuple[Any, tuple[str, ...]]


def plain(cell: Cell) -> str:
    """The cell as one tidy line, without the quote that keeps a spreadsheet from running it as a formula."""
    text = tidy(as_text(cell))
    if text.startswith("#") and text.casefold() in data("values.toml")["spreadsheet_faults"]["words"]:
        raise Fault("spreadsheet-error")
    return MENDED.sub("", text)


def read_name(cell: Cell) -> Read:
    text = plain(cell)
    if says_nothing(text):
        return None, ()
    if len(text) > LONGEST_NAME:
        raise Fault("name-too-long")
    if not any(c.isalpha() for c in text):
        raise Fault("name-without-letters")
    return text, ()


def read_text(cell: Cell) -> Read:
    text = plain(cell)
    if len(text) > LONGEST_TEXT:
        raise Fault("text-too-long")
    return (None if says_nothing(text) else text), ()


def read_age(cell: Cell) -> Read:
    """Whole years, from '23', '23 yrs', '8 months', 'about 40', '٤٥ سنة'; hint `about` when it is a guess."""
    text = plain(cell)
    if says_nothing(text):
        return None, ()
    match = AGE.search(ascii_digits(text))
    if not match:
        raise Fault("age-unreadable")
    before, guess = without(fold(text[: match.start()]), "words")
    after, guess_too = without(fold(text[match.end() :]), "words")
    unit = lookup("age_units").get(after) if after else "years"
    if before or unit is None:
        raise Fault("age-unreadable")
    about = guess or guess_too or text.startswith("~")
    years = int(match[1]) if unit == "years" else int(match[1]) // 12
    if years > OLDEST:
        raise Fault("age-impossible")
    return years, ("about",) if about else ()


def read_birth_year(cell: Cell, today: date) -> Read:
    try:
        found = read_date(cell, Order(), today=today)
    except Unreadable as error:
        raise Fault("birth-year-unreadable" if error.code == "date-unreadable" else error.code) from None
    if found is None:
        return None, ()
    return Dated(date(found.year, 1, 1), "about" if found.precision == "about" else "year"), ()


def read_phones(cell: Cell) -> Read:
    """Numbers as typed, spaces and signs removed, a leading + kept, 00 read as +. Never checked by country."""
    if isinstance(cell, float) and not cell.is_integer():
        raise Fault("phone-unreadable")
    text = ascii_digits(plain(cell))
    if says_nothing(text):
        return None, ()
    if re.match(r"^\d([.,]\d+)?e\+?\d+$", text, re.IGNORECASE):
        raise Fault("phone-rounded")
    numbers = []
    for part in re.split(r"[/;,|\n]| or | ou | o | au | أو ", text):
        digits = re.sub(r"[^\d+]", "", part.strip())
        digits = "+" + digits[2:] if digits.startswith("00") else digits
        bare = digits.lstrip("+")
        if not part.strip():
            continue
        if not SHORTEST_PHONE <= len(bare) <= E164_DIGITS or "+" in bare or sum(c.isalpha() for c in part) > 12:
            raise Fault("phone-unreadable")
        numbers.append(digits)
    hints = ("phone-zero-lost",) if isinstance(cell, (int, float)) else ()
    return tuple(numbers) or None, hints


def word_reader(section: str, unknown: str, extra: dict[str, str]) -> Callable[[Cell], Read]:
    """A reader of words with a fixed meaning; `extra` (folded word -> code) comes from the programme's map."""

    def read(cell: Cell) -> Read:
        text = plain(cell)
        word = fold(text)
        code = extra.get(word) or lookup(section).get(word)
        if code or says_nothing(text):
            return code, ()
        code = lookup(section).get(text.casefold())
        if code is None:
            raise Fault(unknown)
        return code, ()

    return read


def read_consent(cell: Cell, extra: dict[str, str]) -> Read:
    """yes, no or None; a word we do not know counts as not asked, which is the safe way to be wrong."""
    try:
        code, _ = word_reader("yes_no", "answer-unknown", extra)(cell)
    except Fault as fault:
        if fault.code != "answer-unknown":
            raise
        return None, ("answer-unknown",)
    return code, ()


def read_language(cell: Cell, extra: dict[str, str]) -> Read:
    text = plain(cell)
    if says_nothing(text):
        return None, ()
    word = fold(text)
    code = extra.get(word) or lookup("language").get(word)
    if code is None and LANGUAGE_TAG.match(text.lower().replace("_", "-")):
        code = text.lower().replace("_", "-")
    if code:
        return code, ()
    if len(text) > 80:
        raise Fault("text-too-long")
    return text, ("language-unknown",)
