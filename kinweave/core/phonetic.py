"""Names that sound alike, in any script: for asking "possibly the same person?", never for deciding it.

A name is brought to rough Latin letters by the names that the Unicode Character Database gives its letters
(ARABIC LETTER KHAH -> kh, CYRILLIC SMALL LETTER EL -> l, ETHIOPIC SYLLABLE HA -> ha), and then to consonant
classes after Soundex (R. C. Russell, US patent 1,261,167, 1918; rules as the US National Archives print them),
with four changes of ours so that spellings from different scripts meet:
- vowels, h, w and y are dropped everywhere but in front, as short vowels are not written in Arabic or Hebrew;
- equal neighbours count once even when a vowel stood between them, for the same reason;
- f and v have a class apart from b and p; s, z, j, sh and ch one apart from k, g and q; no four-sign limit;
- "c" before e, i or y counts as s, "ph" as f, "dj" as j (Metaphone, L. Philips, Computer Language, 1990).
A letter without a sound in Unicode (Chinese characters) stands for itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 400  # characters of a name that are looked at
CLASSES = {"bp": "1", "fv": "2", "ckgqx": "3", "dt": "4", "szj": "5", "l": "6", "r": "7", "mn": "8"}
CLASS_OF = {sound: sign for sounds, sign in CLASSES.items() for sound in sounds}
# Words in a letter's Unicode name that describe the letter and are not its sound.
ABOUT = frozenset(
    "SMALL CAPITAL SHORT LONG FINAL FARSI SIGN VOWEL LETTER SYLLABLE CANDRA VOCALIC GLOTTAL PHARYNGEAL".split()
)
SILENT = frozenset("ALEF AIN AYIN AYN HAMZA VIRAMA HALANT HARD SOFT NUKTA".split())
# Short words that come and go between spellings of one name: articles and "son or daughter of".
PARTICLES = frozenset(
    "al el ul ad as ar an ash bin ben ibn bint bent abu abou um umm de da do dos das del di la le van von".split()
)
ARTICLE = re.compile(r"^ال(?=..)")
ARTICLES = frozenset({"al", "el", "ul", "ar", "as", "ad", "an", "az"})
ABD = re.compile(r"^abd[aeu]l(?=..)")
ABD_ALONE = frozenset({"abd", "abdul", "abdel", "abdal"})
DIGRAPHS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"^kh"), "h"),
    (re.compile(r"dj|dzh|tch|ch|sh|zh|ts|tz"), "j"),
    (re.compile(r"kh|gh|ck"), "k"),
    (re.compile(r"[td]h"), "t"),
    (re.compile(r"c(?=[eiy])"), "s"),
)


@lru_cache(maxsize=4_096)
def _latin(char: str) -> str:
    """A letter as rough Latin: its own base letter, or the start of its Unicode name; "" for marks."""
    base = unicodedata.normalize("NFKD", char)
    letter = next((c for c in base if unicodedata.category(c).startswith("L")), "")
    if letter.isascii():
        return letter.lower()
    if not letter:
        return "a" if unicodedata.name(char, "").find("VOWEL SIGN") > 0 else ""
    name = unicodedata.name(char, "")
    if "IDEOGRAPH" in name:
        return char
    script, _, rest = name.partition(" ")
    words = [w for w in rest.split(" WITH ")[0].split() if w not in ABOUT]
    if not words or words[0] in SILENT or "MARBUTA" in words or "MAKSURA" in words:
        return "a" if words and words[0] in ("ALEF", "AIN", "AYIN", "AYN") else ""
    return _sound(script, words[0].lower())


def _sound(script: str, word: str) -> str:
    """The sound within a letter's name: KHAH -> kh, EL -> l, LAMDA -> l; syllables keep their vowel."""
    if script in ("ETHIOPIC", "HANGUL", "HIRAGANA", "KATAKANA", "LATIN"):
        return word
    if re.fullmatch(r"[aeiou][^aeiou]+", word):
        return word[1:]
    start = re.match(r"[^aeiou]+", word)
    return start[0].rstrip("h") if start and len(start[0]) > 2 else start[0] if start else word[0]


def _tokens(name: str) -> list[str]:
    """The parts of a name in rough Latin, articles and particles left out unless nothing else is there."""
    text = unicodedata.normalize("NFKC", name[:LONGEST]).casefold()
    # Marks belong to the letter before them (Indic vowels); apostrophes and joiners stand within a name.
    apart = "".join(c if unicodedata.category(c)[0] in "LM" else "" if c in "'’ʼ\u200c\u200d" else " " for c in text)
    plain = ["".join(map(_latin, ARTICLE.sub("", part))) for part in apart.split()]
    plain = _servants([p for p in plain if p])
    return [p for p in plain if p not in PARTICLES] or plain


def _servants(parts: list[str]) -> list[str]:
    """ "Abd al-Rahman", "Abdul Rahman", "Abdurrahman": one name, written as one or two or three words."""
    out: list[str] = []
    waiting = False
    for part in parts:
        if waiting and part in ARTICLES:
            continue
        out.append("abd" + part if waiting else ABD.sub("abd", part))
        waiting = not waiting and part in ABD_ALONE
        if waiting:
            out.pop()
    return [*out, "abd"] if waiting else out


@lru_cache(maxsize=50_000)
def _key(token: str) -> str:
    """The consonant classes of one part; in front a letter says which vowel-like sound it began with."""
    for pattern, sound in DIGRAPHS:
        token = pattern.sub(sound, token)
    first = token[:1]
    signs = ["h" if first == "h" else "w" if first == "w" else "y" if first == "y" else "a" if first in "aeiou" else ""]
    for sound in token:
        sign = CLASS_OF.get(sound, sound if not sound.isascii() else "")
        if sign and sign != signs[-1]:
            signs.append(sign)
    return "".join(signs)


def token_keys(name: str) -> tuple[str, ...]:
    """One key for each part of the name, sorted, so that "Amina Juma" and "JUMA, Amina" agree."""
    return tuple(sorted({key for token in _tokens(name) if (key := _key(token))}))


def name_key(name: str) -> str:
    """The whole name as one key; "" when there is nothing to hear. Equal keys: ask, never merge."""
    return " ".join(token_keys(name))


def sounds_alike(one: str, other: str) -> bool:
    """Whether two names may be spellings of one: equal keys, or all parts of the shorter within the longer.

    Of names with a single part, only equal keys count.
    """
    a, b = set(token_keys(one)), set(token_keys(other))
    if not a or not b:
        return False
    return a == b or (min(len(a), len(b)) >= 2 and (a <= b or b <= a))
