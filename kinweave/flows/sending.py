"""The one way in for what is sent with nobody there to mend it: the JSON API's batches, phones, OpenRosa.

A fact that cannot be placed is held whole, also when its own fields do not fit; what is no fact is refused with
its reason. Whatever becomes of it, a safety answer or a worry in it reaches someone at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.core.risk import KINDS, URGENCIES
from kinweave.flows.receive import open_alert, open_alert_for, signs_in
from kinweave.house import registry
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.models import Entry
from kinweave.house.registry import ACTIONS, Receipt, Spec, action
from kinweave.house.typed import BadInput, parsed
from kinweave.people.standing import known as known_person
from kinweave.people.standing import standing

INTERNAL = ("house.hold", "own.")
ANSWERS, WORRY = "flows.receive_response", "flows.voice_worry"
AHEAD = timedelta(hours=24)  # how far a sender's clock may run ahead


class HappenedAhead(Problem):
    status, code = 422, "happened-ahead"
    says = "This happened in the future, as its sender's clock has it."
    remedy = "Put the device's clock right, then correct the time."


class NoSuchOperation(Problem):
    status, code = 404, "no-such-operation"
    says = "There is no such operation."
    remedy = "Look at /api/openapi.json for what there is."
    holds = False


def is_open(spec: Spec) -> bool:
    """Whether senders may ask for an action; what only the system, a flow or a person's own page does is not."""
    return not spec.inner and not spec.permission.startswith(INTERNAL)


def open_action(name: str) -> Spec:
    """An action that may be asked for by name. Raises NoSuchOperation."""
    spec = ACTIONS.get(name)
    if spec is None or not is_open(spec):
        raise NoSuchOperation()
    return spec


def check_ahead(head: Head) -> None:
    """Raises HappenedAhead."""
    if head.happened_at > head.received_at + AHEAD:
        raise HappenedAhead()


def take_in(name: str, asked: Mapping[str, Any], *, by: Actor, head: Head) -> Receipt:
    """Run one sent entry as its sender; `asked` holds JSON values. Sent again, it answers as the first time.

    The receipt says accepted or held (with its code). Raises Problem for what is neither: no such action, no
    fact and not possible now, not this sender's work.
    """
    spec = open_action(name)
    _refuse_erased(name, asked)
    head = replace(head, unattended=True)
    # The registry holds what a role no longer includes without deciding it: a danger in it would reach nobody.
    told_here = name == WORRY or (is_dangerous(name, asked) and not by.may(spec.permission))
    try:
        check_ahead(head)
        ready = parsed(name, asked)
        if not told_here:
            return registry.run(name, by=by, head=head, **ready)
        return registry.run(name, by=by, head=replace(head, unattended=False), **ready)
    except registry.IdReused:
        before = Entry.objects.filter(id=head.id, action="flows.hold_sent").first()
        if before is None:
            raise
        return hold_whole(name, asked, code=code_of(before), sent_by=by.account_id, head=head)
    except Problem as problem:
        mended = told_here or isinstance(problem, (BadInput, HappenedAhead))
        if not (mended and spec.fact and problem.holds):
            raise
        if not registry._ever_allowed(spec, by):
            raise
        return hold_whole(name, asked, code=problem.code, sent_by=by.account_id, head=head)


def hold_whole(
    name: str, asked: Mapping[str, Any], *, code: str, sent_by: UUID | None, head: Head, known: bool = True
) -> Receipt:
    """Keep an entry as it came, for a person to decide about, under its own id; what is dangerous in it is told.

    `known`: the sender is who they say; else nothing of it is put beside the person it names.
    """
    _refuse_erased(name, asked)
    head = replace(head, happened_at=min(head.happened_at, head.received_at), unattended=False)
    content: dict[str, Any] = {"action": name, "code": code, "asked": asked, "sent_by": sent_by}
    if Entry.objects.filter(id=head.id, action="house.hold_fact").exists():  # held by an earlier release
        return registry.run("house.hold_fact", by=SYSTEM, head=head, **content)
    return registry.run("flows.hold_sent", by=SYSTEM, head=head, known=known, **content)


@action(permission="house.hold")
def hold_sent(
    *,
    by: Actor,
    head: Head,
    action: str,
    code: str,
    asked: Mapping[str, Any],
    sent_by: UUID | None = None,
    known: bool = True,
) -> Decision:
    """Keep what was sent, whole, until a person decides; a safety answer or a worry in it reaches someone now.

    Result: `held`, its `code`, and `risk` where an alert was opened.
    """
    whose = _whose(asked) if known else None
    kept = registry.run(
        "house.hold_fact", by=by, action=action, code=code, asked=asked, person_id=whose, sent_by=sent_by
    )
    registry._inside().state = "held"
    told = dict(kept.result)
    if (risk := _alert(action, asked, whose, told["held"])) is not None:
        told["risk"] = risk
    return Decision(whose, result=told)


registry.no_rows("flows.hold_sent")


def code_of(entry: Entry) -> str:
    """Why an entry was held."""
    parts = json.loads(entry.parts)
    return str(next((p["o"]["code"] for p in parts if p["a"] == "house.hold_fact"), ""))


def is_dangerous(name: str, asked: Mapping[str, Any]) -> bool:
    """Whether somebody has to be told of an entry now, wherever it came from and whatever it waits for."""
    return name == WORRY or (name == ANSWERS and bool(signs_in(str(asked.get("instrument")), asked.get("answers"))))


def _alert(name: str, asked: Mapping[str, Any], whose: UUID | None, ref: object) -> UUID | None:
    if name == ANSWERS and (signs := signs_in(str(asked.get("instrument")), asked.get("answers"))):
        return open_alert(whose, signs, str(ref))
    if name != WORRY:
        return None
    kinds = [kind for kind in asked.get("kinds") or () if kind in KINDS] if isinstance(asked.get("kinds"), list) else []
    urgency = asked.get("urgency") if asked.get("urgency") in URGENCIES else "now"
    return open_alert_for(whose, kinds or ["other"], str(urgency), "worry", str(ref))


def _refuse_erased(name: str, asked: Mapping[str, Any]) -> None:
    """What was erased at a person's wish is not taken in again, nor kept in quarantine. A danger still reaches
    someone. Raises Erased."""
    try:
        found = standing(UUID(str(asked.get("person_id"))))
    except ValueError:
        return
    if found is not None and found.erased and not is_dangerous(name, asked):
        raise registry.Erased()


def _whose(asked: Mapping[str, Any]) -> UUID | None:
    try:
        return known_person(UUID(str(asked.get("person_id"))))
    except ValueError:
        return None
