"""Safety answers: looked for first of all, on whatever came, finished or not, valid or not. Never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kinweave.core.instrument_table import Table, TableSafety

MOST_PARTS = 200
"""Parts of one nested answer that are read before it counts as unreadable; ours."""
MOST_DIGITS = 40
SEPARATORS = "/:.-"
"""What export tools put between a group and a question's name."""


@dataclass(frozen=True, slots=True)
class SafetySign:
    """An answer that a human must see now. `certain` is False when the answer could not be read as a code.

    Holds codes only; `says_key` names the text of the card, `kind` and `urgency` come from the questionnaire.
    """

    code: str
    item: str
    kind: str
    urgency: str
    says_key: str
    certain: bool


def find(table: Table, answers: object) -> tuple[SafetySign, ...]:
    """Every safety rule that the answers set off, in the table's order; at most one sign a rule.

    Reads numbers also from text ("3", "3.0", digits of any script), lists and nested values, and question
    names behind group prefixes. An answer that is there but is no coded answer of that question gives a
    sign with certain=False: a human looks rather than nobody. Absent, empty and "declined" give none.
    """
    if not isinstance(answers, Mapping):
        return ()
    allowed = {item["code"]: item["values"] for item in table["items"]}
    found: list[SafetySign] = []
    for rule in table["safety"]:
        given = [answer for key, answer in answers.items() if _names(key, rule["item"])]
        certain = _judge(rule, allowed[rule["item"]], given)
        if certain is not None:
            found.append(_sign(rule, certain))
    return tuple(found)


def _sign(rule: TableSafety, certain: bool) -> SafetySign:
    return SafetySign(rule["code"], rule["item"], rule["kind"], rule["urgency"], rule["says_key"], certain)


def _names(key: object, item: str) -> bool:
    """Whether a key of the answers means this item, perhaps behind a group prefix."""
    if not isinstance(key, str):
        return False
    name = key.strip().casefold()
    return name == item or (name.endswith(item) and name[-len(item) - 1] in SEPARATORS)


def _judge(rule: TableSafety, allowed: list[int], given: list[Any]) -> bool | None:
    """True: set off for certain. False: something unreadable is there. None: nothing to see."""
    unsure = None
    for part in _parts(given):
        number = _number(part)
        if number in rule["values"]:
            return True
        if number not in allowed:
            unsure = False
    return unsure


def _parts(given: list[Any]) -> Iterator[Any]:
    """The single values within lists and tables, silence left out; beyond MOST_PARTS one unreadable part."""
    waiting: list[Any] = list(given)
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, (list, tuple)):
            waiting.extend(part)
        elif not _is_silence(part):
            yield part
    if waiting:
        yield "?"


def _is_silence(part: object) -> bool:
    return part is None or (isinstance(part, str) and part.strip().casefold() in ("", "declined"))


def _number(part: object) -> int | None:
    """The whole number that this is or reads as; None when it is none. True reads as 1: "yes"."""
    if isinstance(part, int):
        return int(part)
    if not isinstance(part, (str, float)) or (isinstance(part, str) and len(part) > MOST_DIGITS):
        return None
    try:
        number = float(part)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
