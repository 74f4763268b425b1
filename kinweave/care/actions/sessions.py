"""The session note, in at most six touches: held, homework, goal, next date, worry, save."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kinweave.care.actions.common import end_dues, open_dues, open_follow_ups, put_due, running
from kinweave.care.models import Session
from kinweave.core.pathway import MISSED
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people.actions.persons import InTheFuture, happened
from kinweave.people.door import access, require_consent

NOTE = "care.session.note"
KINDS = ("session", "visit", "call", "group")
HOMEWORK = ("", "done", "partly", "not", "none")
MOODS = ("", "easier", "same", "harder", "reached")
PLACES = ("", "bench", "home", "clinic", "school", "mobile", "phone", "other")
UNDO_DAYS = 7  # practice rule 6


class TooLateForSession(NotFound):
    status, code = 409, "too-late-for-session"
    says = "This note was written more than 7 days ago, or by someone else."
    remedy = "Write a correction instead; both stay in the history."


@action(permission="care.act", locks=("person_id",), fact=True)
def note_session(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    held: bool,
    kind: str = "session",
    at: datetime | None = None,
    planned: bool = True,
    missed_reason: str = "",
    homework: str = "",
    mood: str = "",
    next_at: datetime | None = None,
    where: str = "",
    worry: bool = False,
    note: str = "",
    replaces: UUID | None = None,
    sheet: str = "",
) -> Decision:
    """A meeting that was held, or missed with its reason. `sheet`: the paper it was typed from. Result: `session`."""
    seen = access(person_id, by=by, permission="care.act")
    require_consent(seen, "care")
    when = at or head.happened_at
    if when - head.received_at > timedelta(days=1):
        raise InTheFuture()
    _choices(kind, missed_reason if not held else "", homework, mood, where)
    if not held and not missed_reason:
        raise Unknown(what="reason")
    if replaces is not None and not Session.objects.filter(id=replaces, person_id__in=seen.ids).exists():
        raise NotFound(what="session")
    episode = running(seen)
    return Decision(
        subject=seen.id,
        open={
            "id": head.child("session"), "person": seen.id, "episode": episode.id if episode else None,
            "worker": by.account_id or seen.row.worker_id, "owner": seen.row.worker_id, "kind": kind,
            "planned": planned, "held": held, "at": when, "where": where,
            "missed": missed_reason if not held else "", "step": episode.step if episode else None,
            "homework": homework, "mood": mood, "next": next_at, "replaces": replaces,
            "ends": open_dues(seen.ids, ("session", "first_meeting", "missed"))
            + (open_follow_ups(seen.ids, when) if held else []),
            "sheet": " ".join(sheet.split())[:40],
        },
        closed={"note": Secret(NOTE, note.strip()[:4000]) if note.strip() else None, "worry": worry},
        result={"session": head.child("session")},
    )  # fmt: skip


def _choices(kind: str, missed: str, homework: str, mood: str, where: str) -> None:
    if kind not in KINDS or where not in PLACES or homework not in HOMEWORK or mood not in MOODS:
        raise Unknown(what="session")
    if missed and missed not in MISSED:
        raise Unknown(what="reason")


@applies("care.note_session")
def _noted(part: Part) -> Iterator[Row]:
    person = UUID(part["person"])
    yield Put(
        "care.Session",
        {
            "id": part["id"], "person_id": person, "episode_id": part["episode"], "worker_id": part["worker"],
            "kind": part["kind"], "planned": part["planned"], "held": part["held"], "at": part["at"],
            "precision": part.precision, "where": part["where"], "missed_reason": part["missed"],
            "step": part["step"], "homework": part["homework"], "mood": part["mood"], "next_at": part["next"],
            "worry": part.get("worry", False), "note": part.sealed.get("note"),
            "sheet": part.open.get("sheet", ""),  # older entries have none
        },
    )  # fmt: skip
    if part["replaces"]:
        yield Change("care.Session", UUID(part["replaces"]), {"superseded_by": part["id"]})
    yield from end_dues(part, part["ends"])
    if part["next"]:
        yield _due(part, "session", part["next"], 2)
    elif not part["held"]:
        yield _due(part, "missed", part.happened_at + timedelta(days=1), 1)
    kind = "met" if part["held"] else "missed"
    facts: dict[str, Any] = {"kind": part["kind"], "reason": part["missed"]}
    yield happened(part, person, kind, ref=part["id"], **facts)


def _due(part: Part, kind: str, at: Any, priority: int) -> Put:
    return put_due(
        part, kind, kind, at, priority=priority, who=part["owner"], person_id=part["person"], ref_id=part["id"]
    )


@action(permission="care.act", locks=("person_id",))
def correct_session(*, by: Actor, head: Head, person_id: UUID, session_id: UUID, note: str) -> Decision:
    """A correction to a note; the old one stays behind it."""
    seen = access(person_id, by=by, permission="care.act")
    row = Session.objects.filter(id=session_id, person_id__in=seen.ids, superseded_by=None).first()
    if row is None:
        raise NotFound(what="session")
    open_ = {"id": row.id, "person": seen.id, "key": row.person_id}
    return Decision(seen.id, open_, {"note": Secret(NOTE, note.strip()[:4000])}, key=row.person_id)


@applies("care.correct_session")
def _corrected(part: Part) -> Iterator[Row]:
    yield Change("care.Session", UUID(part["id"]), {"note": part.sealed.get("note")})
    yield happened(part, UUID(part["person"]), "note_corrected", ref=part["id"])


@action(permission="care.act", locks=("person_id",))
def undo_session(*, by: Actor, head: Head, person_id: UUID, session_id: UUID) -> Decision:
    """The author takes a note back within seven days; the journal keeps it, what was due comes back."""
    seen = access(person_id, by=by, permission="care.act")
    row = Session.objects.filter(id=session_id, person_id__in=seen.ids, superseded_by=None).first()
    if row is None:
        raise NotFound(what="session")
    if row.worker_id != by.account_id or head.received_at - row.at > timedelta(days=UNDO_DAYS):
        raise TooLateForSession(what="session")
    return Decision(
        seen.id,
        {"id": row.id, "person": seen.id, "owner": seen.row.worker_id, "ends": open_dues(seen.ids, ref=row.id)},
    )


@applies("care.undo_session")
def _undone(part: Part) -> Iterator[Row]:
    yield Change("care.Session", UUID(part["id"]), {"superseded_by": part["id"]})
    yield from end_dues(part, part["ends"], "dropped")
    yield _due(part, "session", part.happened_at, 2)
    yield happened(part, UUID(part["person"]), "note_undone", ref=part["id"])
