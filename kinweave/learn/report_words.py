"""The report's words: one text file a language, read as data. A new file in `texts` is a new language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"
TEN = 10


@dataclass(frozen=True)
class Words:
    """All texts of one language. `say("lead.same", …)` fills a sentence in."""

    texts: Mapping[str, Any]

    @property
    def language(self) -> str:
        return str(self.texts["language"])

    @property
    def checked(self) -> bool:
        """Has a speaker read these texts? If not, the page says so."""
        return bool(self.texts["checked"])

    def say(self, key: str, **values: Any) -> str:
        group, name = key.split(".")
        return str(self.texts[group][name]).format(**values)

    def ten(self, key: str, count: int, **values: Any) -> str:
        """A sentence about `count` of ten people; with its own wording for almost none."""
        group, name = key.split(".")
        if count == 0 and f"{name}_none" in self.texts[group]:
            return self.say(f"{key}_none", **values)
        return self.say(key, x=self.texts["numbers"][count], x_after=self.texts["numbers_after"][count], **values)

    def number(self, count: int) -> str:
        return str(self.texts["numbers"][count])

    def listed(self, parts: list[str]) -> str:
        """Parts of a sentence, the last one joined by "and"."""
        *first, last = parts
        return self.texts["last_comma"].join([self.texts["comma"].join(first), last]) if first else last

    def comma_of(self, parts: list[str]) -> str:
        """Names side by side."""
        return str(self.texts["comma"]).join(parts)

    def period(self, key: int, form: str = "quarters") -> str:
        """`January to March 2025`, or `2025`; form `middle`: `Jan–Mar 2025`, `short`: `1/25`."""
        year, quarter = divmod(key, 10)
        text = self.texts["period"]
        pattern = text["year"] if quarter == 0 else text[form][quarter - 1]
        return str(pattern).format(year=year, yy=f"{year % 100:02}")

    def digits(self, count: int) -> str:
        """A whole number in digits, its thousands parted as the language does."""
        return f"{count:,}".replace(",", str(self.texts["thousands"]))

    def months(self, count: int) -> str:
        return str(self.texts["months"].get(str(count), count))

    def group(self, code: str, own: Mapping[str, str]) -> str:
        """A group's name: the report's own for the codes everyone has, else the programme's."""
        return str(self.texts["group"].get(code) or own.get(code, code))


@cache
def words(language: str) -> Words:
    """The texts of a language. KeyError where there is no file."""
    path = TEXTS / f"{language}.toml"
    if language not in languages():
        raise KeyError(language)
    return Words(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    return tuple(sorted(path.stem for path in TEXTS.glob("*.toml")))
