"""A questionnaire arrives: safety first of all, then the record, in one entry.

Whatever is wrong with the form (unfinished, unknown person, no consent, a questionnaire that is switched
off), a safety answer in it reaches someone, and the form itself is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from kinweave.care.actions import move_on, open_risk, settle_asked, to_ask_again
from kinweave.core.pathway import ACTIVE, BELOW, CONSENTED
from kinweave.core.problems import Problem
from kinweave.core.safety import SafetySign, find
from kinweave.flows.replaced import alert_already, earlier, put_aside
from kinweave.flows.told import tell_about
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.registry import action, attempt, hold, no_rows
from kinweave.listen.actions import record_response
from kinweave.listen.shelf import UnknownInstrument, compiled
from kinweave.people.standing import standing

# How urgent, as instrument files and as care say it, the most urgent first.
URGENCY = {"now": "now", "today": "today", "this-week": "week", "week": "week"}


@action(permission="listen.record", locks=("person_id",), fact=True)
def receive_response(
    *,
    by: Actor,
    head: Head,
    person_id: UUID | None,
    instrument: str,
    answers: Mapping[str, Any],
    language: str = "",
    mode: str = "screen",
    taken_on: date | None = None,
    sheet: str = "",
    replaces: UUID | None = None,
) -> Decision:
    """A questionnaire as it came. Result: `response` or `held` with its code, and `risk` where one was opened.

    `replaces`: the response, or the form in quarantine, whose place it takes; an answer that has raised an
    alert there, still open, raises no second one (`risk` is then that alert).
    """
    signs = signs_in(instrument, answers)
    asked = {
        "person_id": person_id, "instrument": instrument, "answers": answers, "language": language, "mode": mode,
        "taken_on": taken_on, "sheet": sheet, "replaces": replaces,
    }  # fmt: skip
    person = standing(person_id)
    whose = None if person is None or person.erased else person.id
    before = earlier(by, replaces, whose)
    if before is not None and before.held:
        asked["replaces"] = None
    told = _record(by, asked, head, signs, whose, person.state if person else "")
    if before is not None and ("response" in told or before.held):
        put_aside(before)
        already = alert_already(before, signs, [s for one in before.answers for s in signs_in(instrument, one)])
        if signs and already is not None:
            return Decision(whose, result={**told, "risk": str(already)})
    if signs:
        told["risk"] = str(open_alert(whose, signs, told.get("response") or told.get("held")))
    return Decision(whose, result=told)


no_rows("flows.receive_response")


def signs_in(instrument: str, answers: object) -> tuple[SafetySign, ...]:
    """The safety signs of a form, also of one whose questionnaire this site does not hold (none then)."""
    try:
        table, _ = compiled(instrument)
    except UnknownInstrument:
        return ()
    return find(table, answers)


def _record(
    by: Actor, asked: dict[str, Any], head: Head, signs: Iterable[SafetySign], whose: UUID | None, state: str
) -> dict[str, Any]:
    try:
        with attempt():
            receipt = record_response(by=by, **asked)
            if state == ACTIVE and to_ask_again(by=by, head=head, person_id=asked["person_id"]):
                settle_asked(by=by, person_id=asked["person_id"])
            if state in {CONSENTED, BELOW}:  # a first questionnaire moves someone on
                move_on(by=by, person_id=asked["person_id"], move="screen", entry="score")
            return {"response": str(receipt.result["response"]), "scales": receipt.result["scales"]}
    except Problem as fault:
        if not (head.unattended or signs) or not fault.holds:
            if signs:  # an erased person's form is not kept, but the answer in it still reaches someone
                return {"code": fault.code}
            raise
        held = hold(by=by, name="listen.record_response", fault=fault, asked=asked, person_id=whose)
        return {"held": str(held["held"]), "code": fault.code}


def open_alert(whose: UUID | None, signs: Iterable[SafetySign], ref: str | None) -> UUID:
    """One alert for all signs of a form, as urgent as the most urgent of them. The system opens it: an alert
    is never lost because the sender may not see the person."""
    urgencies = [URGENCY.get(sign.urgency, "now") for sign in signs]  # a word we do not know counts as now
    urgency = next(u for u in ("now", "today", "week") if u in urgencies)
    return open_alert_for(whose, sorted({sign.kind for sign in signs}), urgency, "answer", ref)


def open_alert_for(whose: UUID | None, kinds: list[str], urgency: str, source: str, ref: str | None) -> UUID:
    """An alert opened by the system; whose turn it is gets told once it is written."""
    receipt = open_risk(
        by=SYSTEM,
        person_id=whose,
        kinds=kinds,
        urgency=urgency,
        source=source,
        ref_id=uuid.UUID(ref) if ref else None,
    )
    risk = UUID(str(receipt.result["risk"]))
    transaction.on_commit(lambda: tell_about(risk))
    return risk


@action(permission="care.worry", locks=("person_id",), fact=True)
def voice_worry(*, by: Actor, head: Head, person_id: UUID, kinds: list[str], urgency: str, note: str = "") -> Decision:
    """The "I am worried" button: no questionnaire, no consent needed. Result: `risk`."""
    receipt = open_risk(by=by, person_id=person_id, kinds=kinds, urgency=urgency, source="worry", note=note)
    risk = UUID(str(receipt.result["risk"]))
    transaction.on_commit(lambda: tell_about(risk))
    return Decision(person_id, result={"risk": risk})


no_rows("flows.voice_worry")
