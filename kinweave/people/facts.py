"""What may be written down about a person, checked: years, genders, groups, the Washington Group questions.

"I would rather not say" is an answer everywhere: the code `declined`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen

DECLINED = "declined"
GENDERS = ("woman", "man", "other", DECLINED, "")
# The six domains of the Washington Group short set and its four levels (washingtongroup-disability.com).
WASHINGTON = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
LEVELS = (1, 2, 3, 4)
SENSITIVE = frozenset({"faith", "ethnicity", "sexuality", "exact_location"})
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x1f\x7f]")


class BadFact(Problem):
    status, code = 422, "bad-fact"
    says = "This does not fit the question: {field}."
    remedy = "Change it, or choose “I would rather not say”."


class NotCollected(Problem):
    status, code = 422, "not-collected"
    says = "This site does not write down {field}."
    remedy = "Leave it out. The site's threat profile says why."


class NameNeeded(Problem):
    status, code = 422, "name-needed"
    says = "An alias or a name is needed."
    remedy = "An invented name is enough."


def clean_name(text: str | None) -> str | None:
    """A name in any script: composed (NFC), without invisible control characters, at most 120 letters."""
    if text is None:
        return None
    plain = " ".join(_HIDDEN.sub("", unicodedata.normalize("NFC", text)).split())
    if len(plain) > 120:
        raise BadFact(field="name")
    return plain or None


def check_year(year: int | None, on: date) -> int | None:
    if year is not None and not on.year - 120 <= year <= on.year:
        raise BadFact(field="birth year")
    return year


def check_gender(gender: str) -> str:
    if gender not in GENDERS:
        raise BadFact(field="gender")
    return gender


def check_facts(facts: Mapping[str, Any], scope: str = "") -> dict[str, Any]:
    """Washington Group answers under `wg`, each programme-defined group under its code."""
    allowed = chosen.value(chosen.FACTS, scope)
    groups = {d["code"]: {c["code"] for c in d["choices"]} for d in chosen.value(chosen.DIMENSIONS, scope)}
    kept: dict[str, Any] = {}
    for name, value in facts.items():
        if value in (None, ""):
            continue
        if name in SENSITIVE and not allowed.get(name):
            raise NotCollected(field=name)
        if name == "wg":
            kept[name] = _washington(value)
        elif name in groups:
            if value not in groups[name] | {DECLINED}:
                raise BadFact(field=name)
            kept[name] = value
        elif name in SENSITIVE and isinstance(value, str) and len(value) <= 120:
            kept[name] = value
        else:
            raise BadFact(field="facts")  # the name is the sender's own text: it is not repeated
    return kept


def _washington(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise BadFact(field="wg")
    kept = {}
    for domain, level in given.items():
        if domain not in WASHINGTON or level not in (*LEVELS, DECLINED):
            raise BadFact(field="wg")
        kept[domain] = level
    return kept


def disability(facts: Mapping[str, Any]) -> str:
    """ "yes" where any domain is at least "a lot of difficulty" (level 3), the set's own rule; "" if not asked."""
    levels = [v for v in facts.get("wg", {}).values() if v != DECLINED]
    if not levels:
        return ""
    return "yes" if max(levels) >= 3 else "no"
