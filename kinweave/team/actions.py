"""Hours are written down by the worker who gave them, corrected, or taken back within seven days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people.actions.persons import check_when
from kinweave.team.models import Hours

NOTE = "team.hours.note"
DAY = 24 * 60  # minutes
UNDO = timedelta(days=7)  # practice rule 6
KINDS = chosen.define(
    "team.kinds_of_work",
    ["meeting", "circle", "travel", "writing", "supervision", "training", "night", "other"],
    says="The kinds of work that hours are written down for.",
    source="ours",
    fits=lambda v: chosen.texts(v) and 0 < len(v) <= 20 and len(set(v)) == len(v) and all(len(t) <= 40 for t in v),
    hint="Give up to 20 short names.",
)


class NotADay(Problem):
    status, code = 422, "not-a-day"
    says = "A day has 24 hours; this would be more, or nothing."
    remedy = "Check the minutes, and what is already written for that day."


class TooLateForHours(Problem):
    status, code = 409, "too-late-for-hours"
    says = "This was written more than 7 days ago."
    remedy = "Write it down anew as a correction; both stay in the history."


@action(permission="team.hours", fact=True)
def record_hours(
    *,
    by: Actor,
    head: Head,
    on: date,
    minutes: int,
    kind: str,
    paid: bool,
    note: str = "",
    replaces: UUID | None = None,
    sheet: str = "",
) -> Decision:
    """One's own time on one day, paid or unpaid. `replaces`: the row that this corrects. Result: `hours`."""
    by.require("team.hours")
    if by.account_id is None:
        raise NotFound(what="account")
    if kind not in chosen.value(KINDS):
        raise Unknown(what="kind of work")
    check_when(on, head)
    mine = Hours.objects.filter(account_id=by.account_id, superseded_by=None)
    if replaces is not None:
        if not mine.filter(id=replaces).exists():
            raise NotFound(what="row of hours")
        mine = mine.exclude(id=replaces)
    before = mine.filter(on=on).aggregate(n=Sum("minutes"))["n"] or 0
    if not 0 < minutes <= DAY - before:
        raise NotADay()
    new = head.child("hours")
    homes = sorted({grant.organisation_id for grant in by.grants if grant.organisation_id})
    return Decision(
        by.account_id,
        {
            "id": new, "account": by.account_id, "organisation": homes[0] if len(homes) == 1 else None, "on": on,
            "minutes": minutes, "kind": kind, "paid": paid, "replaces": replaces,
            "sheet": " ".join(sheet.split())[:40],
        },
        {"note": Secret(NOTE, note.strip()[:500]) if note.strip() else None},
        result={"hours": new},
        new_key=bool(note.strip()),
    )  # fmt: skip


@applies("team.record_hours")
def _recorded(part: Part) -> Iterator[Row]:
    yield Put(
        "team.Hours",
        {
            "id": part["id"], "account_id": part["account"], "organisation_id": part["organisation"],
            "on": part["on"], "minutes": part["minutes"], "kind": part["kind"], "paid": part["paid"],
            "note": part.sealed.get("note"), "written_at": part.received_at, "sheet": part["sheet"],
        },
    )  # fmt: skip
    if part["replaces"]:
        yield Change("team.Hours", UUID(part["replaces"]), {"superseded_by": part["id"]})


@action(permission="team.hours", locks=("hours_id",))
def undo_hours(*, by: Actor, head: Head, hours_id: UUID) -> Decision:
    """One's own row of hours is taken back within seven days; the journal keeps it."""
    row = Hours.objects.filter(id=hours_id, superseded_by=None).first()
    if row is None or row.account_id != by.account_id:
        raise NotFound(what="row of hours")
    if head.received_at - row.written_at > UNDO:
        raise TooLateForHours()
    return Decision(by.account_id, {"id": row.id})


@applies("team.undo_hours")
def _undone(part: Part) -> Iterator[Row]:
    yield Change("team.Hours", UUID(part["id"]), {"superseded_by": part["id"]})
