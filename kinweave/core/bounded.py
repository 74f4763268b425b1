"""JSON from somebody else, within bounds: how deep it nests, which numbers and signs a database holds."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

DEEPEST = 20
BIGGEST = 2**63 - 1  # the largest whole number that both databases hold
# Everything but brackets outside texts: a text with its escapes, or one other sign.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[^"\[\]{}]+', re.DOTALL)


def read_object(text: str) -> dict[str, Any]:
    """One JSON object. Raises ValueError, with no word of what was sent, for whatever is not one within bounds."""
    try:
        if depth(text) > DEEPEST:
            raise ValueError
        read = json.loads(text, parse_constant=_no, parse_int=_whole, parse_float=_number)
    except (ValueError, RecursionError):
        raise ValueError("unreadable") from None
    if not isinstance(read, dict) or not writable(read):
        raise ValueError("unreadable")
    return read


def depth(text: str) -> int:
    """How deep brackets nest, at most; what stands between quotes does not count."""
    deepest = now = 0
    for sign in _BRACKETS.sub("", text):
        now += 1 if sign in "[{" else -1
        deepest = max(deepest, now)
    return deepest


def writable(value: Any) -> bool:
    """No text that a database cannot hold: no NUL, no half of a pair."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value))
    if isinstance(value, dict):
        return all(writable(k) and writable(v) for k, v in value.items())
    if isinstance(value, list):
        return all(writable(v) for v in value)
    return True


def _no(text: str) -> NoReturn:
    raise ValueError(text)


def _whole(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > BIGGEST:
        raise ValueError
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError
    return value
