"""What a file of answers looks like before it is read: a map suggested, shifted codes found, unknown words shown."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kinweave.core.instruments import Instrument

from .answers import Answers, labels, whole, word_of
from .fields import Fault
from .response_map import ROLES, ResponseMap, default_words
from .table import Cell, Notice, Table, as_text, is_blank
from .words import data, fold, tidy

LOOK = 500
MOST_WORDS = 20  # unknown words shown for a question
LONGEST_WORD = 40  # longer texts are somebody's own words, not an answer's name
GROUPS = re.compile(r"[/:.]|(?<=[^\W_])-(?=[^\W])")  # "group/item" (Kobo), "group-item" (ODK Central), "group:item"


def suggest_map(table: Table, instrument: Instrument) -> ResponseMap:
    """A guess for a person to look over; `why` says for each role and item what it rests on.

    Items are found by their code behind any group prefix, by the text of the question in any language, or by a
    shared stem with the item's number ("phq9_1", "PHQ 1"). Nothing is guessed from the answers alone.
    """
    items, why = _find_items(table.columns, instrument)
    columns: dict[str, str] = {}
    taken = set(items.values())
    filled = _filled(table)
    for role in ROLES:
        for heading in _named(role, table.columns):
            if heading not in taken and heading in filled:
                columns[role] = heading
                taken.add(heading)
                why[role] = "The heading is one that collection tools use for this."
                break
    missing, declined = default_words("missing"), default_words("declined")
    found = ResponseMap(instrument.slug, columns, items, {}, missing, declined, why)
    return _suggest_values(table, found, instrument) if items else found


def _filled(table: Table) -> set[str]:
    """Headings with at least one cell filled among the first rows."""
    seen: set[str] = set()
    for row in itertools.islice(table.rows(), LOOK):
        seen.update(c for c, cell in zip(table.columns, row.cells, strict=True) if not is_blank(cell))
    return seen


def _named(role: str, columns: Sequence[str]) -> Iterable[str]:
    """Headings for a role, best first: in the order of the words in responses.toml."""
    for word in data("responses.toml")["columns"][role]:
        wanted = fold(word)
        for heading in columns:
            if wanted in (fold(heading), fold(last_part(heading))):
                yield heading


def last_part(heading: str) -> str:
    """The question's own name behind its groups: 'screening/phq9_1' and 'screening-phq9_1' give 'phq9_1'."""
    return GROUPS.split(tidy(heading))[-1]


def _find_items(columns: Sequence[str], instrument: Instrument) -> tuple[dict[str, str], dict[str, str]]:
    names = {c: {_squeezed(c), _squeezed(last_part(c))} for c in columns}
    texts = {c: {fold(c), fold(re.split(r"[/:](?=\S)", c)[-1])} for c in columns}
    stem = _stem(columns, instrument)
    items: dict[str, str] = {}
    why: dict[str, str] = {}
    for number, item in enumerate(instrument.items, start=1):
        asked = {fold(w.items[item.code]) for w in instrument.wordings.values() if item.code in w.items}
        code, numbered = _squeezed(item.code), f"{stem}{number}" if stem else None
        ways = (
            ("The heading is the item's code.", [c for c in columns if code in names[c]]),
            ("The heading is the question's text.", [c for c in columns if asked & texts[c]]),
            ("The heading has the item's number.", [c for c in columns if numbered in names[c]]),
        )
        for reason, found in ways:
            heading = _one(found, instrument)
            if heading is not None and heading not in items.values():
                items[item.code], why[item.code] = heading, reason
                break
    return items, why


def _one(found: Sequence[str], instrument: Instrument) -> str | None:
    """The only heading, or the only one that names the questionnaire: forms often hold several of them."""
    named = [c for c in found if _squeezed(instrument.slug) in _squeezed(c)]
    return found[0] if len(found) == 1 else named[0] if len(named) == 1 else None


def _squeezed(name: str) -> str:
    """'PHQ-9_01' and 'phq9_1' alike: no signs, no zeros in front of a number."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", fold(name)).replace(" ", "_").replace("_", "")


def _stem(columns: Sequence[str], instrument: Instrument) -> str | None:
    """A beginning shared by columns numbered 1 to n, n the number of items, if there is just one such."""
    found: Counter[str] = Counter()
    count = len(instrument.items)
    for name in {_squeezed(last_part(c)) for c in columns}:
        for digits in {name[-1:], name[-2:]}:
            if digits.isdecimal() and digits[0] != "0" and 1 <= int(digits) <= count:
                found[name[: -len(digits)]] += 1
    slug = _squeezed(instrument.slug)
    whole = [s for s, n in found.items() if n == count and s]
    of_ours = [s for s in whole if slug.rstrip("0123456789") in s]
    return of_ours[0] if len(of_ours) == 1 else whole[0] if len(whole) == 1 else None


class CodesSeen:
    """Notices when a form counts its answers from 1 where the questionnaire counts from 0, or the reverse."""

    def __init__(self, found: ResponseMap, instrument: Instrument) -> None:
        self.items = {i.code: i.values for i in instrument.items if i.code in found.items}
        self.told = bool(found.values)
        self.seen: dict[str, set[int]] = {code: set() for code in self.items}

    def add(self, cells: Mapping[str, Cell]) -> None:
        for code, cell in cells.items():
            number = whole(as_text(cell)) if cell is not None else None
            if number is not None and code in self.seen and abs(number) < 20:
                self.seen[code].add(number)

    def shift(self) -> int:
        """1 when every number is one too high for the questionnaire, -1 when too low, 0 when they fit."""
        for by in (1, -1):
            out = {(max(v) if by > 0 else min(v)) + by for v in self.items.values()}
            end = {min(v) if by > 0 else max(v) for v in self.items.values()}
            seen = set().union(*self.seen.values())
            if len(out) == len(end) == 1 and out <= seen and not end & seen:
                return by
        return 0

    def notes(self) -> list[Notice]:
        if self.told or not self.shift():
            return []
        says = "The numbers seem to be counted from another start than the questionnaire's. Look at the map."
        return [Notice(0, "codes-shifted", says)]


def _suggest_values(table: Table, found: ResponseMap, instrument: Instrument) -> ResponseMap:
    """Adds meanings for shifted numbers, and for words that are part of one label only."""
    codes = CodesSeen(found, instrument)
    places = {code: table.number_of(heading) - 1 for code, heading in found.items.items()}
    for row in itertools.islice(table.rows(), LOOK):
        codes.add({code: row.cells[place] for code, place in places.items()})
    values: dict[str, int] = {}
    why = dict(found.why)
    if by := codes.shift():
        values |= {str(v + by): v for item in codes.items.values() for v in item}
        why["values"] = f"The file's numbers run {abs(by)} {'above' if by > 0 else 'below'} the questionnaire's."
    responses = {item.code: item.response for item in instrument.items}
    for code, words in unread_words(table, found, instrument).items():
        known = labels(instrument, code, responses[code])
        for word in words:
            parts = set(word_of(word).split())
            near = {value for label, value in known.items() if len(parts) > 1 and parts <= set(label.split())}
            if len(near) == 1 and values.setdefault(word, min(near)) != min(near):
                del values[word]
    return replace(found, values=values, why=why)


def unread_words(table: Table, found: ResponseMap, instrument: Instrument) -> dict[str, list[str]]:
    """Item -> words that mean nothing to us yet, for the person who makes the map. Never for a log."""
    reader = Answers(found, instrument)
    places = {code: table.number_of(heading) - 1 for code, heading in found.items.items()}
    out: dict[str, list[str]] = {}
    for row in itertools.islice(table.rows(), LOOK):
        for code, place in places.items():
            try:
                reader.read(code, row.cells[place])
            except Fault:
                text, words = tidy(as_text(row.cells[place])), out.setdefault(code, [])
                if len(text) <= LONGEST_WORD and text not in words and len(words) < MOST_WORDS:
                    words.append(text)
    return out
