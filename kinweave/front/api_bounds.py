"""What may come in at all: how long, how deep, how often, and which numbers and signs."""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from typing import Any, NoReturn
from uuid import UUID

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

from kinweave.core.problems import Problem

MOST_BYTES = 2_000_000
DEEPEST = 20
BIGGEST = 2**63 - 1  # the largest whole number that both databases hold
PER_MINUTE = 1_200  # requests of one account to one server process
KNOWN = 10_000  # accounts remembered
# Everything but brackets outside texts: a text with its escapes, or one other sign.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[^"\[\]{}]+', re.DOTALL)


class TooLarge(Problem):
    status, code = 413, "too-large"
    says = "This is more than {most} bytes."
    remedy = "Send it in smaller parts."


class TooMany(Problem):
    status, code = 429, "too-many-requests"
    says = "These are too many requests in one minute."
    remedy = "Wait a minute; use /api/entries to send many entries at once."


class BoundedParser(Parser):
    """JSON within bounds; everything else is a plain 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            text = request.body.decode()
            if depth(text) > DEEPEST:
                raise ValueError
            read = json.loads(text, parse_constant=_no, parse_int=_whole, parse_float=_number)
        except (UnicodeDecodeError, ValueError, RecursionError):
            raise HttpError(400, "unreadable") from None
        if not isinstance(read, dict) or not writable(read):
            raise HttpError(400, "unreadable")
        return read


def check_size(request: HttpRequest) -> None:
    """Before anything is read: nothing longer than MOST_BYTES."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        size = 0
    if size > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES)


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
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
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


_seen: OrderedDict[UUID | None, tuple[float, float]] = OrderedDict()


def allow(account_id: UUID | None, now: float | None = None) -> bool:
    """A bucket that fills with PER_MINUTE tokens a minute; False when it is empty. For each process its own."""
    now = time.monotonic() if now is None else now
    full, at = _seen.pop(account_id, (float(PER_MINUTE), now))
    full = min(PER_MINUTE, full + (now - at) * PER_MINUTE / 60)
    _seen[account_id] = (full - 1 if full >= 1 else full, now)
    while len(_seen) > KNOWN:
        _seen.popitem(last=False)
    return full >= 1
