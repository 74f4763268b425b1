"""The words of a story before they are kept: cleaned, neither too short nor too long, and without what points at
someone. What is looked for comes from the record itself; what was found is said to nobody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kinweave.core.problems import Problem
from kinweave.core.stories import LONGEST, SHORTEST
from kinweave.people import reads
from kinweave.people.door import Seen

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NUMBER = re.compile(r"\+?\d(?:[ ().\-–/]{0,2}\d){6,}")
_YEARS = re.compile(r"(?:19|20)\d\d\W{1,3}(?:19|20)\d\d")  # "2019-2024" is no telephone
_NAME_LETTERS = 3  # shorter parts of a name are too common as words, where letters have capitals (ours)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # written without spaces: Thai, Han …
_LAST_DIGITS = 6  # of a telephone number, however it begins (ours)


class StoryLength(Problem):
    status, code = 422, "story-length"
    says = "A story has {least} to {most} letters."
    remedy = "Choose together what matters most, and keep it in their own words."


class PointsAtSomeone(Problem):
    status, code = 422, "story-points-at-someone"
    says = "The story holds {what}. Someone could be found by it."
    remedy = "Say it in another way: my sister, our ward, a friend."


def cleaned(text: str) -> str:
    """The text as it is kept (NFC, one kind of line end, nothing invisible that turns letters round).
    Raises StoryLength."""
    lines = _CONTROL.sub("", unicodedata.normalize("NFC", text).replace("\r\n", "\n")).split("\n")
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()
    if not SHORTEST <= len(kept) <= LONGEST:
        raise StoryLength(least=SHORTEST, most=LONGEST)
    return kept


def check_names_nobody(text: str, seen: Seen) -> None:
    """No own name, no name of someone close, no place they live in, no telephone number. Raises PointsAtSomeone.

    It finds what stands in the record and looks the same; whoever writes the story down looks for the rest.
    """
    folded = _folded(text)
    held = reads.names(seen)
    if _any_word(folded, [held.name, held.alias]):
        raise PointsAtSomeone(what="a name from the record")
    # A tie may be written down as "Mother": as it is spelled there, and whole.
    if any(_stands_in(text, close.name) for close in reads.close_ones(seen) if close.name):
        raise PointsAtSomeone(what="a name from the record")
    if seen.row.place is not None and _stands_in(folded, _folded(seen.row.place.name)):
        raise PointsAtSomeone(what="the name of the place they live in")
    if _has_number(folded, [way.value for way in reads.ways(seen)]):
        raise PointsAtSomeone(what="a telephone number")


def _folded(text: str) -> str:
    """Without capitals, accents and vowel signs, digits of every script as 0 to 9."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() else c for c in plain if not unicodedata.combining(c)
    )  # fmt: skip


def _any_word(folded: str, names: Iterable[str]) -> bool:
    words = {word.strip(".,'’-") for name in names for word in _folded(name).split()}
    least = {word: _NAME_LETTERS if word.upper() != word else 2 for word in words}
    return any(_stands_in(folded, word) for word in words if len(word) >= least[word])


def _stands_in(text: str, name: str) -> bool:
    """As a whole word, also behind the short words that Arabic writes onto the next; anywhere where a script has no
    spaces."""
    if _UNSPACED.search(name):
        return name in text
    return re.search(rf"(?<!\w)(?:[وفبلك]|ال){{0,2}}{re.escape(name)}(?!\w)", text) is not None


def _has_number(folded: str, ways: Iterable[str]) -> bool:
    found = ["".join(re.findall(r"\d", run)) for run in _NUMBER.findall(_YEARS.sub(" ", folded))]
    known = [digits[-_LAST_DIGITS:] for way in ways if len(digits := "".join(re.findall(r"\d", _folded(way)))) >= 6]
    return bool(found) or any(one in "".join(re.findall(r"\d", folded)) for one in known)
