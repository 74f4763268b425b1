"""Where the headings are, when a title, a logo's empty rows or merged group headings come first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .table import Cell, Notice, as_text, is_blank
from .words import data, fold, tidy

LOOK = 40  # rows looked at before giving up
NUMBER = re.compile(r"^[\d\s./:,+-]+$")
HEADING = 1_000  # characters of a heading; exports with labels use whole questions as headings

Numbered = tuple[int, Sequence[Cell]]


def known_words() -> frozenset[str]:
    """Every heading we know, folded, from headers.toml and responses.toml."""
    words = {fold(w) for field in data("headers.toml").values() for lang in field.values() for w in lang}
    words |= {fold(w) for group in data("responses.toml")["columns"].values() for w in group}
    return frozenset(words)


def _score(cells: Sequence[Cell], words: frozenset[str]) -> float:
    """Distinct short texts count for a heading row, known words more, numbers against it."""
    texts = [tidy(as_text(c)) for c in cells if isinstance(c, str) and not is_blank(c)]
    others = sum(1 for c in cells if not isinstance(c, str) and not is_blank(c))
    plain = [t for t in texts if not NUMBER.match(t)]
    if not plain:
        return 0.0
    known = sum(1 for t in plain if fold(t) in words)
    return len(set(plain)) + 2.0 * known - 1.5 * (others + len(texts) - len(plain))


def find_header(first: Sequence[Numbered]) -> int:
    """The position (from 0) in `first` of the row of headings; the earliest of equals, 0 when unsure."""
    words = known_words()
    scores = [_score(cells, words) for _, cells in first[:LOOK]]
    return max(range(len(scores)), key=lambda i: (scores[i], -i)) if scores else 0


def titles(first: Sequence[Numbered], at: int, width: int, groups: dict[int, dict[int, str]]) -> list[str]:
    """One heading per column. `groups`: row number -> column -> text of a merged heading that covers it.

    A column whose own heading is empty takes the merged one above it; equal headings are told apart by the
    group above them, then by a number.
    """
    number, cells = first[at]
    own = [tidy(as_text(cells[i])) if i < len(cells) else "" for i in range(width)]
    above = groups.get(number - 1, {})
    if at and first[at - 1][0] == number - 1:
        for i, cell in enumerate(first[at - 1][1][:width]):
            if not is_blank(cell):
                above = {i + 1: tidy(as_text(cell)), **above}
        own = [own[i] or above.get(i + 1, "") for i in range(width)]
    repeated = {t for t, n in Counter(own).items() if n > 1}
    named = [
        f"{above[i + 1]} / {t}" if t in repeated and t and above.get(i + 1, t) != t else t for i, t in enumerate(own)
    ]
    return _unique([t[:HEADING] or f"(column {i})" for i, t in enumerate(named, start=1)])


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    taken = set(names)
    out = []
    for name in names:
        times = seen[name] = seen.get(name, 0) + 1
        fresh = name
        while times > 1 and (fresh := f"{name} ({times})") in taken:
            times += 1
        seen[name] = times
        taken.add(fresh)
        out.append(fresh)
    return out


def doubts(cells: Sequence[Cell], number: int, first_filled: int) -> list[Notice]:
    """What to tell a person about the headings that were found."""
    notes = []
    if number != first_filled:
        notes.append(
            Notice(0, "header-not-first", f"The headings were found in row {number}; rows above were left out.")
        )
    if any(not isinstance(c, str) or NUMBER.match(tidy(c)) for c in cells if not is_blank(c)):
        notes.append(
            Notice(
                0,
                "header-unsure",
                f"Row {number} was taken as headings but holds numbers. Check that it is not a person's row.",
            )
        )
    return notes
