"""An envelope opened and read: what a phone wrote, whose phone it was, and whether that phone vouches for it.

Nothing here writes. Unknown fields of a later app are passed over; what this site cannot read at all stays on
the phone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kinweave.core.bounded import read_object
from kinweave.core.problems import Problem
from kinweave.house.intake_key import NotReadable, open_envelope, unb64u
from kinweave.house.journal import PRECISIONS

MOST_TEXT = 400_000  # characters of one envelope's ciphertext
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
YEAR_MS = 366 * 24 * 3_600_000


class NotGenuine(Problem):
    status, code = 422, "envelope-not-genuine"
    says = "The phone that this names did not write it."
    remedy = "It stays on the phone. Show it to your supervisor."


@dataclass(frozen=True, slots=True)
class Body:
    """What a phone wrote down. `happened_at` by its own clock; `segment` names a stretch of that clock and
    `skew_ms` how far the site's clock was ahead when they last met in it (None: never)."""

    id: UUID
    device: UUID
    account: UUID
    seq: int
    action: str
    asked: Mapping[str, Any]
    happened_at: datetime
    precision: str
    segment: str
    skew_ms: int | None
    app: str
    text: str
    mac: bytes

    def vouched_for(self, secret: bytes) -> bool:
        """Whether the phone with this secret wrote it."""
        made = hmac.new(secret, self.text.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(made, self.mac)


def read_envelope(envelope: object) -> Body:
    """Open and read one envelope. Raises NotOurs, NotReadable; never repeats what was in it."""
    if not isinstance(envelope, Mapping) or len(str(envelope.get("ct", ""))) > MOST_TEXT:
        raise NotReadable()
    try:
        outer = read_object(open_envelope(envelope).decode())
        body = _body(str(outer["body"]), unb64u(outer["mac"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise NotReadable() from None
    if str(body.id) != envelope.get("id"):
        raise NotReadable()
    return body


def _body(text: str, mac: bytes) -> Body:
    told = read_object(text)
    made = Body(
        id=UUID(told["id"]), device=UUID(told["device"]), account=UUID(told["account"]), seq=_whole(told["seq"], 1),
        action=str(told["action"])[:80], asked=told["asked"], happened_at=_moment(told["happened_at"]),
        precision=str(told.get("precision") or "second"), segment=str(told.get("segment") or "")[:64],
        skew_ms=_skew(told.get("skew_ms")), app=str(told.get("app") or "")[:20], text=text, mac=mac,
    )  # fmt: skip
    if made.id.version != 7 or made.precision not in PRECISIONS or not isinstance(made.asked, dict):
        raise ValueError
    return made


def _moment(text: Any) -> datetime:
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None or not EARLIEST <= found < LATEST:
        raise ValueError
    return found


def _whole(value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**31:
        raise ValueError
    return value


def _skew(value: Any) -> int | None:
    """Milliseconds. Beyond a hundred and twenty years it tells nothing."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 120 * YEAR_MS:
        return None
    return int(value)
