"""Words as people write them, in any script, made comparable; and the word lists, which are data."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

# Unicode TR9 explicit and implicit direction marks: they reorder what a reader sees and are never part of a name.
BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# Arabic letters that writers use for one another in headings and place names.
ARABIC = str.maketrans("أإآٱىةؤئکی", "اااايهويكي", "ـ")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
APART = re.compile(r"[\W_]+")


def tidy(text: str, *, keep_lines: bool = False) -> str:
    """NFC, without direction marks and control characters, spaces single; joiners that scripts need stay."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text.translate(BIDI))
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cn") or c in "\n\t" else " " for c in text)
    return "\n".join(" ".join(x.split()) for x in kept.splitlines()).strip() if keep_lines else " ".join(kept.split())


def ascii_digits(text: str) -> str:
    """Arabic-Indic, Devanagari, Ethiopic-free: every decimal digit of Unicode as 0-9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The comparable form of a word: no case, accents, punctuation or spelling variants of Arabic letters."""
    text = ascii_digits(CAMEL.sub(" ", tidy(text)))
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return APART.sub(" ", bare.casefold().translate(ARABIC)).strip()


@cache
def data(name: str) -> dict[str, Any]:
    """One of the word lists beside this file (TOML)."""
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))


@cache
def lookup(section: str) -> dict[str, str]:
    """Folded word -> code, for a section of values.toml such as `gender`, in all its languages."""
    table: dict[str, str] = {}
    for code, words in data("values.toml")[section].items():
        table.setdefault(fold(code), code)
        for word in words:
            # A sign such as a tick folds to nothing; taken as "" it would give every empty cell a meaning.
            table.setdefault(fold(word) or word.casefold(), code)
    return table


@cache
def blanks() -> frozenset[str]:
    """What people write to say that there is nothing, as written (case aside): `fold` would empty a dash."""
    return frozenset(word.casefold() for word in data("values.toml")["blank"]["words"])


def says_nothing(text: str) -> bool:
    return not text or text.casefold() in blanks()
