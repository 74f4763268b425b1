"""What may come in at all: how long, how often; how deep and which signs stands in core.bounded."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

from kinweave.core.bounded import read_object
from kinweave.core.problems import Problem

MOST_BYTES = 2_000_000
PER_MINUTE = 1_200  # requests of one account to one server process
KNOWN = 10_000  # accounts remembered


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
            return read_object(request.body.decode())
        except ValueError:  # also of bytes that are no UTF-8
            raise HttpError(400, "unreadable") from None


def check_size(request: HttpRequest) -> None:
    """Before anything is read: nothing longer than MOST_BYTES."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        size = 0
    if size > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES)


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
