"""Which languages the pages speak, and whether a speaker has looked them over (languages.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("languages.toml")


@dataclass(frozen=True, slots=True)
class Spoken:
    """`made_by`: "people" or "machine"; `checked`: a native speaker has read every sentence."""

    code: str
    made_by: str
    checked: bool
    checked_by: str = ""


@cache
def spoken() -> dict[str, Spoken]:
    """Every language of the pages by its code, as the file has them."""
    with FILE.open("rb") as file:
        return {code: Spoken(code=code, **facts) for code, facts in tomllib.load(file).items()}


def unchecked(language: str) -> bool:
    """Whether pages in this language must say that a machine made them and no speaker has checked them.

    A language that the file does not name counts as unchecked: silence is no proof.
    """
    known = spoken().get(language.partition("-")[0])
    return known is None or not known.checked
