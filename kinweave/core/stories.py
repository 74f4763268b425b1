"""A story as one person tells it and as a report shows it: her words with a salt, and the mark that stands for both.

Her yes and a report's signed bytes hold the mark alone. Without the salt, which is destroyed with the words, nobody
can try whether a guessed text was hers.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

SHORTEST, LONGEST = 20, 1_200  # letters (ours)
MOST = 2  # stories in one report (ours): beside a number, never in its place
PUBLIC_REPORT = "public-report"  # the kind of place that a yes is for: reports that anyone can read
SALT_BYTES = 16
# The part of a report that a story about an indicator stands in, under its number.
BESIDE: Mapping[str, str] = {
    "better-and-worse": "lead",
    "reach": "missed",
    "unmet-need": "owed",
    "sessions-held": "owed",
    "continuity": "owed",
    "re-entry": "owed",
    "support": "owed",
    "caregivers-load": "owed",
    "own-goals": "more",
    "wellbeing": "more",
    "loneliness": "more",
    "circles": "more",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What is shown and no more. language: a code; about: an indicator's slug or ""; year: when it was told."""

    text: str
    language: str
    about: str
    year: int


def salted(story: Story) -> str:
    """The story with a fresh salt, as one text to be sealed."""
    return json.dumps({**asdict(story), "salt": secrets.token_hex(SALT_BYTES)}, ensure_ascii=False, sort_keys=True)


def mark(words: str) -> str:
    """SHA-256 of a salted story: what a yes and a signature name."""
    return hashlib.sha256(words.encode()).hexdigest()


def unsalted(words: str) -> Story:
    """The story of a salted text."""
    told = json.loads(words)
    del told["salt"]
    return Story(**told)
