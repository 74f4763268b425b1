"""What pages ask of promises: those within reach, what is owed first, each with how it stands on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q

from kinweave.core.promises import STANDINGS, Days, may_be_named, standing
from kinweave.decide.models import Promise
from kinweave.decide.rules import BROKEN_AFTER, REPLY_DAYS
from kinweave.house import settings as chosen
from kinweave.house.access import Actor, scope_of
from kinweave.house.actions import NotFound

SEE, KEEP = "decide.see", "decide.keep"
OPEN = Q(kept_on=None, dropped_on=None)
MOST = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A promise with how it stands. `named`: whether a report of that day may name it."""

    row: Promise
    standing: str
    named: bool


def promise_for(by: Actor, permission: str, promise_id: UUID) -> Promise:
    """A promise within reach. Absent and out of reach look the same. Raises NotFound, NotAllowed."""
    by.require(permission)
    row = Promise.objects.select_related("place").filter(scope_of(by, permission), id=promise_id).first()
    if row is None:
        raise NotFound(what="promise")
    return row


def promises(by: Actor, on: date) -> list[Standing]:
    """The promises within reach, what is owed first, each kind by its day. At most MOST, the open ones first of all."""
    by.require(SEE)
    still = ExpressionWrapper(OPEN, output_field=BooleanField())
    rows = Promise.objects.select_related("place").filter(scope_of(by, SEE)).annotate(still_open=still)
    rows = rows.order_by("-still_open", "-said_on", "id")[:MOST]
    return sorted(standings(rows, on), key=lambda one: (STANDINGS.index(one.standing), one.row.due_on, one.row.id))


def standings(rows: Iterable[Promise], on: date) -> list[Standing]:
    """Each with how it stands on the day `on`. Two queries besides that of the rows."""
    broken_after, reply_days = int(chosen.value(BROKEN_AFTER)), int(chosen.value(REPLY_DAYS))
    return [
        Standing(row, standing(days, on, broken_after), may_be_named(days, on, broken_after, reply_days))
        for row in rows
        for days in (days_of(row),)
    ]


def days_of(row: Promise) -> Days:
    return Days(row.due_on, row.kept_on, row.dropped_on, row.asked_on, row.replied_on)
