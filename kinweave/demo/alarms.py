"""The risks of an invented community, as the parts of care's actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kinweave.care.actions.common import SOON
from kinweave.care.actions.risks import KINDS, SAFETY_PLAN
from kinweave.core import pathway
from kinweave.core import risk as protocol
from kinweave.core.risk import Clocks
from kinweave.demo.chapters import Chapter, Decided
from kinweave.house.journal import Decision, Head, canonical
from kinweave.house.sealing import Secret

PLAN_TEXT = "Invented: who to call, what helps, what to keep away."


@dataclass
class Alarm:
    """One risk so far."""

    id: UUID
    person: Chapter
    told: datetime
    urgency: str
    state: str = protocol.OPEN
    level: int = 0
    planned: bool = False

    def due(self, *kinds: str) -> list[UUID]:
        return self.person.due(kinds, self.id)


def opened(head: Head, who: Chapter, given: Mapping[str, Any], clocks: Clocks) -> tuple[Alarm, list[Decided]]:
    alarm = Alarm(head.child("risk"), who, head.received_at, given["urgency"])
    open_ = {
        "id": alarm.id, "person": who.id, "key": who.id, "team": who.team, "organisation": who.organisation,
        "place": who.place, "worker": who.worker, "urgency": alarm.urgency, "source": given["source"], "ref": None,
        "answer_by": protocol.acknowledge_by(alarm.told, alarm.urgency, clocks),
        "contact_by": protocol.contact_by(alarm.told, alarm.urgency, clocks),
    }  # fmt: skip
    closed = {"kinds": Secret(KINDS, canonical(list(given["kinds"])))}
    return alarm, [("care.open_risk", Decision(who.id, open_, closed, {"risk": alarm.id}))]


def _part(alarm: Alarm, name: str, open_: Mapping[str, Any], **closed: Any) -> list[Decided]:
    who = alarm.person.id
    return [(f"care.{name}", Decision(who, {"id": alarm.id, "person": who, **open_}, closed, key=who))]


def escalated(head: Head, alarm: Alarm, to: UUID, clocks: Clocks) -> list[Decided]:
    alarm.level += 1
    at = protocol.acknowledge_by(alarm.told, alarm.urgency, clocks, alarm.level)
    open_ = {"level": alarm.level, "answer_by": max(at, head.received_at), "to": to, "ends": alarm.due("risk_answer")}
    return _part(alarm, "escalate_risk", open_)


def acknowledged(alarm: Alarm, by: UUID, clocks: Clocks) -> list[Decided]:
    alarm.state = protocol.after(alarm.state, "acknowledge")
    plan = protocol.plan_by(alarm.told, clocks)
    open_ = {"state": alarm.state, "ends": alarm.due("risk_answer"), "plan_by": plan, "who": by}
    return _part(alarm, "acknowledge_risk", open_)


def followed(head: Head, alarm: Alarm, what: str, clocks: Clocks) -> list[Decided]:
    """A contact, or the safety plan looked at together."""
    if what == "plan":
        alarm.state = protocol.after(alarm.state, "plan")
        times = [] if alarm.planned else list(protocol.follow_ups(head.received_at, clocks))
        alarm.planned = True
        ends = alarm.due("risk_plan", "risk_contact")
        open_ = {"state": alarm.state, "ends": ends, "follow": times, "worker": alarm.person.worker}
        return _part(alarm, "plan_after_risk", open_, plan=Secret(SAFETY_PLAN, PLAN_TEXT))
    alarm.state = protocol.after(alarm.state, "contact")
    ends = alarm.due("risk_contact") or alarm.person.due(("risk_follow",), alarm.id, head.received_at + SOON)
    return _part(alarm, "contact_after_risk", {"state": alarm.state, "ends": ends})


def closed(alarm: Alarm, by: UUID) -> list[Decided]:
    alarm.state = protocol.after(alarm.state, "close")
    kinds = ["risk_answer", "risk_contact", "risk_plan"]
    if alarm.person.state == pathway.CLOSED:
        kinds.append("risk_follow")
    alarm.person.alerts_over.add(str(alarm.id))
    ends = alarm.due(*kinds)
    return _part(alarm, "close_risk", {"state": alarm.state, "ends": ends, "who": by})
