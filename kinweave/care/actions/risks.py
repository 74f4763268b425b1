"""Risks: opened by an answer or a worry, answered, the person met again, a plan made, closed by a supervisor.

Opening never fails for want of anything: no consent, no score, no known person. Escalation is by the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from kinweave.care.actions.common import end_dues, open_follow_ups, put_due
from kinweave.care.clocks import clocks
from kinweave.care.models import Risk
from kinweave.core import pathway
from kinweave.core import risk as protocol
from kinweave.core.problems import Problem
from kinweave.house.access import SYSTEM, Actor, scope_of
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part, canonical
from kinweave.house.models import Due, Message
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.people.actions.persons import happened
from kinweave.people.door import PersonNotFound, access
from kinweave.people.standing import standing

KINDS, NOTE, SAFETY_PLAN = "care.risk.kinds", "care.risk.note", "care.risk.plan"


class PlanNeeded(Problem):
    status, code = 422, "safety-plan-needed"
    says = "An alert is closed with a safety plan and after talking with the worker."
    remedy = "Write the plan you made together, and talk with the worker first."


@action(permission="care.worry", locks=("person_id",), fact=True, inner=True)
def open_risk(
    *,
    by: Actor,
    head: Head,
    person_id: UUID | None,
    kinds: list[str],
    urgency: str,
    source: str = "worry",
    ref_id: UUID | None = None,
    note: str = "",
) -> Decision:
    """Someone must be told. `person_id` may be unknown; then the alert has a key of its own. Result: `risk`."""
    if urgency not in protocol.URGENCIES or not kinds:
        raise Unknown(what="worry")
    if person_id is not None and by.kind == "account":
        access(person_id, by=by, permission="care.worry")  # absent and out of reach look the same
    row = standing(person_id)
    known = row is not None and not row.erased
    new = head.child("risk")
    # A phone's clock may be a year wrong: the clocks of the protocol run from when this site heard of it.
    told = head.received_at
    times = clocks(row.programme_id if row else None)
    return Decision(
        subject=row.id if row and known else new,
        key=row.id if row and known else new,
        new_key=not known,
        open={
            "id": new, "person": row.id if row and known else None, "key": row.id if row and known else new,
            "team": row.team_id if row else None, "organisation": row.organisation_id if row else None,
            "place": row.place_id if row else None, "worker": row.worker_id if row else by.account_id,
            "urgency": urgency, "source": source, "ref": ref_id,
            "answer_by": protocol.acknowledge_by(told, urgency, times),
            "contact_by": protocol.contact_by(told, urgency, times),
        },
        closed={
            "kinds": Secret(KINDS, canonical(kinds)),
            "note": Secret(NOTE, note.strip()[:2000]) if note.strip() else None,
        },
        result={"risk": new},
    )  # fmt: skip


@applies("care.open_risk")
def _opened(part: Part) -> Iterator[Row]:
    yield Put(
        "care.Risk",
        {
            "id": part["id"], "person_id": part["person"], "key_id": part["key"], "team_id": part["team"],
            "organisation_id": part["organisation"], "place_id": part["place"], "source": part["source"],
            "ref_id": part["ref"], "urgency": part["urgency"], "kinds": part.sealed.get("kinds"),
            "note": part.sealed.get("note"), "opened_at": part.happened_at, "told_at": part.received_at,
            "opened_by": part.actor_id, "answer_by": part["answer_by"],
        },
    )  # fmt: skip
    same = {"person_id": part["person"], "ref_id": part["id"], "priority": 0}
    yield put_due(part, "answer", "risk_answer", part["answer_by"], role="supervisor", **same)
    yield put_due(part, "contact", "risk_contact", part["contact_by"], who=part["worker"], **same)
    if part["person"]:
        yield happened(part, UUID(part["person"]), "risk_opened", guarded="risk", ref=part["id"])


# What someone who was alerted may do with that one alert, also when the person is of another team.
FOR_THE_ASKED = frozenset({"risk.see", "risk.answer"})


def _was_asked(by: Actor, risk_id: UUID) -> bool:
    """Whether this account was told of this alert: on call, or the next rung when nobody answered."""
    return by.account_id is not None and Message.objects.filter(to_account=by.account_id, ref_id=risk_id).exists()


def risk_within(by: Actor, risk_id: UUID, permission: str) -> Risk:
    """A risk within the actor's reach: by the person's door, or by the team where nobody is known."""
    row = Risk.objects.filter(id=risk_id).first()
    if row is None:
        raise NotFound(what="alert")
    by.require(permission)
    if permission in FOR_THE_ASKED and _was_asked(by, row.id):
        return row
    try:
        if row.person_id is not None:
            access(row.person_id, by=by, permission=permission)
            return row
    except PersonNotFound:
        raise NotFound(what="alert") from None
    wide = any(
        r.scope in {"all", "organisation", "place"} and row.organisation_id in (None, r.organisation_id)
        for r in by.reaches(permission)
    )
    reach = scope_of(by, permission, worker="opened_by", path="organisation_id")  # an unknown person has no place
    if not wide and not Risk.objects.filter(reach, id=risk_id).exists():
        raise NotFound(what="alert")
    return row


def _of(risk_id: UUID, *kinds: str) -> list[UUID]:
    found = Due.objects.filter(ref_id=risk_id, state="open", kind__in=kinds)
    return list(found.order_by("at", "id").values_list("id", flat=True))


def _follow_ups(row: Risk, head: Head) -> list[UUID]:
    return open_follow_ups([row.person_id], head.received_at, row.id) if row.person_id else []


def _decided(row: Risk, open_: dict[str, Any], **closed: Any) -> Decision:
    """A decision about a risk: its subject and key are the person's, or its own."""
    return Decision(row.person_id or row.id, {"id": row.id, "person": row.person_id, **open_}, closed, key=row.key_id)


@action(permission="risk.answer", locks=("risk_id",))
def acknowledge_risk(*, by: Actor, head: Head, risk_id: UUID) -> Decision:
    """A supervisor has seen it and takes it on. A repeat by another is welcome and changes nothing."""
    row = risk_within(by, risk_id, "risk.answer")
    state = protocol.after(row.state, "acknowledge")
    plan = protocol.plan_by(row.told_at, clocks(_programme(row)))
    return _decided(row, {"state": state, "ends": _of(row.id, "risk_answer"), "plan_by": plan, "who": by.account_id})


@applies("care.acknowledge_risk")
def _acknowledged(part: Part) -> Iterator[Row]:
    values = {"state": part["state"], "acknowledged_at": part.received_at, "acknowledged_by": part["who"]}
    yield Change("care.Risk", UUID(part["id"]), values)
    yield from end_dues(part, part["ends"])
    yield put_due(part, "plan", "risk_plan", part["plan_by"], priority=0, who=part["who"], person_id=part["person"],
                  ref_id=part["id"])  # fmt: skip
    yield from _line(part, "risk_acknowledged")


def _line(part: Part, kind: str) -> Iterator[Row]:
    if part["person"]:
        yield happened(part, UUID(part["person"]), kind, guarded="risk", ref=part["id"])


@action(permission="care.worry", locks=("risk_id",), fact=True)
def contact_after_risk(*, by: Actor, head: Head, risk_id: UUID, note: str = "") -> Decision:
    """The person was met or called again."""
    row = risk_within(by, risk_id, "care.worry")
    state = protocol.after(row.state, "contact")
    return _decided(
        row,
        {"state": state, "ends": _of(row.id, "risk_contact") or _follow_ups(row, head)},
        note=Secret(NOTE, _joined(row, note)) if note.strip() else None,
    )


def _joined(row: Risk, note: str) -> str:
    """The words kept so far and the new ones below them; the journal has each as it was written."""
    before = open_sealed(row.key_id, NOTE, row.note)
    words = note.strip()[:2000]
    return words if not before or words.startswith(before) else f"{before}\n{words}"[:8000]


@applies("care.contact_after_risk")
def _contacted(part: Part) -> Iterator[Row]:
    values: dict[str, Any] = {"state": part["state"], "contacted_at": part.happened_at}
    if "note" in part.sealed:
        values["note"] = part.sealed["note"]
    yield Change("care.Risk", UUID(part["id"]), values)
    yield from end_dues(part, part["ends"])
    yield from _line(part, "risk_contacted")


@action(permission="risk.answer", locks=("risk_id",))
def plan_after_risk(*, by: Actor, head: Head, risk_id: UUID, plan: str) -> Decision:
    """The safety plan that was made or reviewed together; the next meetings become due."""
    row = risk_within(by, risk_id, "risk.answer")
    state = protocol.after(row.state, "plan")
    if not plan.strip():
        raise PlanNeeded()
    times = protocol.follow_ups(head.received_at, clocks(_programme(row)))
    first = row.planned_at is None
    person = standing(row.person_id)
    worker = person.worker_id if person else None
    ends = _of(row.id, "risk_plan", "risk_contact")
    return _decided(
        row,
        {"state": state, "ends": ends, "follow": list(times) if first else [], "worker": worker},
        plan=Secret(SAFETY_PLAN, plan.strip()[:4000]),
    )


@applies("care.plan_after_risk")
def _planned(part: Part) -> Iterator[Row]:
    yield Change(
        "care.Risk",
        UUID(part["id"]),
        {"state": part["state"], "planned_at": part.received_at, "plan": part.sealed.get("plan")},
    )
    yield from end_dues(part, part["ends"])
    for number, at in enumerate(part["follow"]):
        yield put_due(part, f"follow{number}", "risk_follow", at, priority=1, who=part["worker"],
                      person_id=part["person"], ref_id=part["id"])  # fmt: skip
    yield from _line(part, "risk_planned")


@action(permission="risk.close", locks=("risk_id",))
def close_risk(*, by: Actor, head: Head, risk_id: UUID, debriefed: bool) -> Decision:
    """A supervisor closes an alert, with its safety plan and after talking with the worker. Meetings stay due
    while the person is accompanied."""
    row = risk_within(by, risk_id, "risk.close")
    state = protocol.after(row.state, "close")
    if not debriefed or row.plan is None:
        raise PlanNeeded()
    kinds = ["risk_answer", "risk_contact", "risk_plan"]
    person = standing(row.person_id)
    if person is not None and person.state == pathway.CLOSED:  # care is over too: no more meetings after it
        kinds.append("risk_follow")
    return _decided(row, {"state": state, "ends": _of(row.id, *kinds), "who": by.account_id})


@applies("care.close_risk")
def _closed(part: Part) -> Iterator[Row]:
    values = {"state": part["state"], "closed_at": part.received_at, "closed_by": part["who"], "debriefed": True}
    yield Change("care.Risk", UUID(part["id"]), values)
    yield from end_dues(part, part["ends"])
    yield from _line(part, "risk_closed")


@action(permission="risk.escalate", locks=("risk_id",))
def escalate_risk(*, by: Actor, head: Head, risk_id: UUID, to: UUID | None) -> Decision:
    """Nobody answered in time: the next person is asked (`to`), with the same time again. The system calls this."""
    row = Risk.objects.filter(id=risk_id, state=protocol.OPEN).first()
    if row is None or by.kind != SYSTEM.kind:
        raise NotFound(what="alert")
    at = protocol.acknowledge_by(row.told_at, row.urgency, clocks(_programme(row)), row.level + 1)
    at = max(at, head.received_at)
    return _decided(row, {"level": row.level + 1, "answer_by": at, "to": to, "ends": _of(row.id, "risk_answer")})


@applies("care.escalate_risk")
def _escalated(part: Part) -> Iterator[Row]:
    yield Change("care.Risk", UUID(part["id"]), {"level": part["level"], "answer_by": part["answer_by"]})
    yield from end_dues(part, part["ends"], "dropped")
    yield put_due(part, "answer", "risk_answer", part["answer_by"], priority=0, who=part["to"],
                  role="" if part["to"] else "coordinator", person_id=part["person"], ref_id=part["id"])  # fmt: skip
    yield from _line(part, "risk_escalated")


@action(permission="care.worry", locks=("person_id",), fact=True)
def note_call_to_emergency(*, by: Actor, head: Head, person_id: UUID | None, at: datetime | None = None) -> Decision:
    """The printed number was called from the safety card, with nobody told yet."""
    if person_id is not None:
        access(person_id, by=by, permission="care.worry")
    return Decision(person_id, {"person": person_id, "at": at or head.happened_at})


@applies("care.note_call_to_emergency")
def _called(part: Part) -> Iterator[Row]:
    yield Put(
        "house.Happened",
        {
            "id": part.child("call"), "person_id": part["person"], "at": part["at"], "kind": "emergency_called",
            "actor_id": part.actor_id, "guarded": "risk",
        },
    )  # fmt: skip


def _programme(row: Risk) -> UUID | None:
    person = standing(row.person_id)
    return person.programme_id if person else None
