"""How a promise stands on a day, and whether a report may name it. Computed from its days, never typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

KEPT, KEPT_LATE, HAS_TIME, LATE, BROKEN, DROPPED = "kept", "kept_late", "has_time", "late", "broken", "dropped"
STANDINGS = (BROKEN, LATE, HAS_TIME, KEPT_LATE, KEPT, DROPPED)  # what is owed first
OWED = (BROKEN, LATE)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one promise: until when it was to be kept, and what came of it. None: not so far."""

    due: date
    kept: date | None = None
    dropped: date | None = None
    asked: date | None = None
    replied: date | None = None


def standing(days: Days, on: date, broken_after: int) -> str:
    """One of STANDINGS on the day `on`, which ends the promise's time only once it is over.

    broken_after: days; a promise later than that is called broken.
    """
    if _by(days.dropped, on):
        return DROPPED
    if days.kept is not None and days.kept <= on:
        return KEPT if days.kept <= days.due else KEPT_LATE
    if on <= days.due:
        return HAS_TIME
    return BROKEN if (on - days.due).days > broken_after else LATE


def may_be_named(days: Days, on: date, broken_after: int, reply_days: int) -> bool:
    """The right of reply: what is owed is named once its owner answered, or had `reply_days` whole days to."""
    if standing(days, on, broken_after) not in OWED:
        return True
    return _by(days.replied, on) or (days.asked is not None and (on - days.asked).days >= reply_days)


def _by(day: date | None, on: date) -> bool:
    return day is not None and day <= on
