"""Which column means what: suggestions with a reason, for a person to accept or change."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from .table import Cell, Table, as_text, is_blank
from .words import data, fold, lookup, tidy

LOOK = 200  # rows looked at to see what a column holds
NAMES_OF_LANGUAGES = {
    "en": "English", "fr": "French", "es": "Spanish", "pt": "Portuguese", "ar": "Arabic", "sw": "Swahili",
}  # fmt: skip
DATE = re.compile(r"^\D{0,12}\d{1,4}[-/. ]\D{0,3}\w{1,12}[-/. ]\d{1,4}")
PHONE = re.compile(r"^\+?[\d ()./-]{7,20}$")
PLAIN_AGE = re.compile(r"^\d{1,3}$")
CLOSE = 0.86  # likeness of two headings (difflib ratio) from which we dare to suggest; ours
SURE_ENOUGH = 0.45


@dataclass(frozen=True)
class Suggestion:
    """`column` is the heading, `number` its place from 1; `field` None when we do not know. `confidence` 0 to 1."""

    column: str = field(repr=False)
    number: int
    field: str | None
    confidence: float
    why: str


@dataclass(frozen=True)
class _Guess:
    number: int
    field: str
    confidence: float
    why: str


@cache
def _headings() -> dict[str, list[tuple[str, str]]]:
    """Folded heading -> (field, language), the order of the file deciding between fields."""
    table: dict[str, list[tuple[str, str]]] = {}
    for name, languages in data("headers.toml").items():
        for code, words in languages.items():
            for word in words:
                table.setdefault(fold(word), []).append((name, code))
    return table


def suggest_columns(table: Table) -> list[Suggestion]:
    """One suggestion a column, in order; no field is suggested twice. The best guesses are placed first."""
    sample = list(itertools.islice(table.rows(), LOOK))
    guesses = [
        guess
        for n, heading in enumerate(table.columns, start=1)
        for guess in _guesses(n, heading, [row.cells[n - 1] for row in sample])
    ]
    ours = {fold(w) for w in data("values.toml")["written_by_us"]["words"]}
    taken: dict[int, _Guess] = {}
    used: set[str] = set()
    for guess in sorted(guesses, key=lambda g: (-g.confidence, g.number)):
        if guess.number not in taken and guess.field not in used and guess.confidence >= SURE_ENOUGH:
            taken[guess.number] = guess
            used.add(guess.field)
    out = []
    for n, heading in enumerate(table.columns, start=1):
        if fold(heading) in ours:
            out.append(Suggestion(heading, n, None, 1.0, "Kinweave wrote this column; it is left out."))
        elif n in taken:
            g = taken[n]
            out.append(Suggestion(heading, n, g.field, round(g.confidence, 2), g.why))
        else:
            out.append(Suggestion(heading, n, None, 0.0, "We do not know this heading."))
    return out


def _guesses(number: int, heading: str, cells: Sequence[Cell]) -> list[_Guess]:
    found: list[_Guess] = []
    folded = fold(heading)
    fits = _fits(cells)
    for text, weight, how in _readings(folded, heading):
        for name, language in _headings().get(text, []):
            confidence = weight * (
                0.4 if name == "external_id" and not fits.get(name, True) else 1.0 if fits.get(name, True) else 0.5
            )
            unfit = "" if fits.get(name, True) else ", but its cells look different"
            why = f"The heading {how} a known {NAMES_OF_LANGUAGES.get(language, language)} one{unfit}."
            found.append(_Guess(number, name, confidence, why))
    if not found and len(folded) >= 4:
        found = _close(number, folded, fits)
    return found


def _readings(folded: str, heading: str) -> list[tuple[str, float, str]]:
    """The heading itself, its part after a group, and the longest known phrase inside it."""
    readings = [(folded, 1.0, "is")]
    last = fold(re.split(r"[/:]", heading)[-1])
    if last and last != folded:
        readings.append((last, 0.9, "ends in"))
    bare = fold(re.sub(r"\(.*?\)|\[.*?\]", " ", heading))
    if bare and bare != folded:
        readings.append((bare, 0.95, "is"))
    words = folded.split()
    for size in range(min(len(words) - 1, 5), 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            if len(phrase) >= 3 and phrase in _headings():
                readings.append((phrase, 0.45 + 0.4 * size / len(words), "holds"))
    return readings


def _close(number: int, folded: str, fits: dict[str, bool]) -> list[_Guess]:
    near = difflib.get_close_matches(folded, _headings(), n=1, cutoff=CLOSE)
    return [
        _Guess(
            number,
            name,
            0.7 if fits.get(name, True) else 0.3,
            "The heading is spelled much like a known one.",
        )
        for word in near
        for name, _ in _headings()[word][:1]
    ]


def _fits(cells: Sequence[Cell]) -> dict[str, bool]:
    """For fields with a recognisable content, whether most filled cells look like it. No text is kept."""
    filled = [c for c in cells if not is_blank(c)]
    if not filled:
        return {}
    texts = [tidy(as_text(c))[:60] for c in filled]
    digits = ["".join(str(int(ch)) if ch.isdecimal() else ch for ch in t) for t in texts]
    dates = sum(
        not isinstance(c, (str, int, float)) or bool(DATE.match(t)) for c, t in zip(filled, digits, strict=True)
    )
    ages = sum(bool(PLAIN_AGE.match(t)) for t in digits)
    years = sum(t.isdecimal() and 1900 <= int(t) <= 2100 for t in digits)
    phones = sum(bool(PHONE.match(t)) for t in digits)
    wordless = sum(not any(ch.isalpha() for ch in t) for t in texts)
    half = len(filled) / 2
    return {
        "birth_date": dates + years > half,
        "registered_on": dates > half or years + dates > half,
        "age": ages >= half or wordless < half,
        "birth_year": years >= half,
        "phone": phones >= half,
        "supporter_phone": phones >= half,
        "external_id": not _counts_up(texts),
        "gender": sum(fold(t) in lookup("gender") for t in texts) > half,
        "name": wordless < half,
        "given_name": wordless < half,
        "family_name": wordless < half,
    } | {
        name: sum(fold(t) in lookup("yes_no") for t in texts) > half
        for name in ("consent_care", "consent_statistics", "consent_research")
    }


def _counts_up(texts: Sequence[str]) -> bool:
    """1, 2, 3 …: a line number, which would make strangers in two files look like one person."""
    return (
        len(texts) >= 3 and texts[:50] == [str(n) for n in range(int(texts[0]), int(texts[0]) + len(texts[:50]))]
        if texts and texts[0] in ("0", "1")
        else False
    )
