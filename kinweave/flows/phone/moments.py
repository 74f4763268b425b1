"""When something on a phone with a wrong clock happened, as well as that can be known.

The phone's clock may be years off. What is known: how far it was off in the stretch of its clock in which the entry
was written (its segment), if the site and the phone met in it; and always the order of the phone's entries, and
when this one arrived. A time that had to be put right is never told more exactly than it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from kinweave.house.journal import PRECISIONS

NEAR = timedelta(minutes=5)  # an id and a time made in one breath (ours)
DRIFT = timedelta(seconds=5)  # what two clocks that met may differ by without a word (ours)
SHIFTED = timedelta(hours=12)  # from here on, days that were written by the wrong clock are moved too (ours)
DAYS = ("taken_on", "met_on", "on")  # what an action asks for that the phone's clock filled in
TIMES = ("at", "next_at")
WIDTHS = (("minute", timedelta(minutes=1)), ("day", timedelta(days=1)), ("month", timedelta(days=31)))


@dataclass(frozen=True, slots=True)
class Moment:
    """`happened`: put right. `written`: when the entry itself was written, put right (the next one's lower bound)."""

    happened: datetime
    written: datetime
    precision: str
    shift: timedelta


def put_right(
    told: datetime, precision: str, entry: UUID, skew_ms: int | None, after: datetime | None, received: datetime
) -> Moment:
    """`told`: by the phone's clock; `entry`: its uuid7, whose time is the phone's clock too; `after`: when the entry
    before it was written, at the earliest."""
    clock = _clock(told, precision, entry)
    if skew_ms is not None:
        shift = timedelta(milliseconds=skew_ms)
        written, known = clock + shift, "second"
        if written > received:  # the clock drifted since they met
            written, known = received, "second" if written - received <= DRIFT else _width(written - received)
    else:
        after = min(after, received) if after is not None else None
        written = min(clock, received) if after is None else max(after, min(clock, received))
        known = "second" if written == clock else _width(received - after) if after is not None else "year"
    shift = written - clock
    happened = min(told + shift, received)
    return Moment(happened.astimezone(told.tzinfo), written, _coarser(precision, known), happened - told)


def _clock(told: datetime, precision: str, entry: UUID) -> datetime:
    """What the phone's clock showed when the entry was written: the time in its id, unless the told time is a clock's
    too and says otherwise (an id may be made elsewhere)."""
    made = datetime.fromtimestamp((entry.int >> 80) / 1000, UTC) if (entry.int >> 80) < 7_258_118_400_000 else told
    return told if abs(made - told) <= NEAR or precision in ("second", "minute") else made


def _width(span: timedelta) -> str:
    return next((name for name, width in WIDTHS if span <= width), "year")


def _coarser(one: str, other: str) -> str:
    return max(one, other, key=PRECISIONS.index)


def shifted(asked: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
    """What was asked, with the days and times that a wrong clock wrote into it moved by the same stretch."""
    if abs(shift) < SHIFTED:
        return dict(asked)
    moved = dict(asked)
    for name in DAYS:
        if isinstance(moved.get(name), str):
            moved[name] = _day(moved[name], shift)
    for name in TIMES:
        if isinstance(moved.get(name), str):
            moved[name] = _time(moved[name], shift)
    return moved


def _day(text: str, shift: timedelta) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=round(shift / timedelta(days=1)))).isoformat()
    except (ValueError, OverflowError):
        return text  # it is judged as it came


def _time(text: str, shift: timedelta) -> str:
    try:
        return (datetime.fromisoformat(text) + shift).isoformat()
    except (ValueError, OverflowError):
        return text
