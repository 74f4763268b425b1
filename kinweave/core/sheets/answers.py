"""One cell as an answer to one question: codes, labels in any of the questionnaire's languages, or silence."""

from __future__ import annotations

import re

from kinweave.core.instruments import Instrument

from .fields import LONGEST_TEXT, Fault
from .response_map import ResponseMap
from .table import Cell, as_text
from .words import ascii_digits, fold, tidy

DECLINED = "declined"
LEADING = re.compile(r"^(-?\d+) (?P<label>.+)$")
TRAILING = re.compile(r"^(?P<label>.+) (-?\d+)$")


class Answers:
    """Reads one cell as an answer to one item."""

    def __init__(self, found: ResponseMap, instrument: Instrument) -> None:
        self.allowed = {item.code: frozenset(item.values) for item in instrument.items}
        self.own = {word_of(w): code for w, code in found.values.items()}
        self.words = {item.code: labels(instrument, item.code, item.response) for item in instrument.items}
        self.missing = frozenset(map(word_of, found.missing))
        self.declined = frozenset(map(word_of, found.declined))

    def read(self, item: str, cell: Cell) -> int | str | None:
        """A coded answer, "declined" or None for missing. What the map says wins. Errors: Fault."""
        text = tidy(as_text(cell))
        if len(text) > LONGEST_TEXT:
            raise Fault("raw-too-long")
        word = word_of(text)
        code = self._coded(item, word)
        if code is not None:
            return code
        if word in self.declined:
            return DECLINED
        if not word or word in self.missing:
            return None
        if len(parts := word.split()) > 1 and all(self._coded(item, part) is not None for part in parts):
            raise Fault("answers-several")
        raise Fault("answer-unreadable" if whole(text) is None else "answer-out-of-range")

    def _coded(self, item: str, word: str) -> int | None:
        """The code that a word stands for; of "1. Several days" the label counts, as numbers are often shifted."""
        allowed = self.allowed[item]
        if word in self.own:
            return self.own[word] if self.own[word] in allowed else None
        number = whole(word)
        if number is not None:
            return number if number in allowed else None
        if word in self.words[item]:
            return self.words[item][word]
        for pattern in (LEADING, TRAILING):
            if (match := pattern.match(word)) and match["label"] in self.words[item]:
                return self.words[item][match["label"]]
        return None


def word_of(text: str) -> str:
    """Folded, but the minus of -99 kept, and signs that fold to nothing as they are."""
    text = ascii_digits(tidy(text)).casefold()
    number = whole(text)
    return str(number) if number is not None else fold(text) or text


def whole(text: str) -> int | None:
    """'3', '3.0', '٣', ' -99 ' and "'3" as whole numbers."""
    text = ascii_digits(text.strip().lstrip("'"))
    head, _, tail = text.partition(".")
    if len(text) > 12 or tail.strip("0") or not head.lstrip("+-").isascii() or not head.lstrip("+-").isdecimal():
        return None
    try:
        return int(head)
    except ValueError:
        return None


def labels(instrument: Instrument, item: str, response: str) -> dict[str, int]:
    """Every label of the item's answers in every language, folded -> code; one that means two codes is left out."""
    table: dict[str, int] = {}
    unclear: set[str] = set()
    for words in instrument.wordings.values():
        for code, label in words.options.get(response, {}).items():
            word = word_of(label)
            if table.setdefault(word, code) != code:
                unclear.add(word)
    return {word: code for word, code in table.items() if word not in unclear and word}
