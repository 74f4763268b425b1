"""A goal changed on two sides: both versions stay until the person's worker says which one holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from kinweave.care.actions.pathway import GOAL
from kinweave.care.models import Goal
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.people.actions.persons import happened
from kinweave.people.actions.versions import asks
from kinweave.people.door import access

CHANGED = "changed"  # the state of a goal that another took the place of
STATES = ("open", "reached", "let_go")
MOST_STEPS = 20


@action(permission="care.act", locks=("person_id",), fact=True)
def change_goal(*, by: Actor, head: Head, person_id: UUID, instead_of: UUID, text: str) -> Decision:
    """A goal put in other words, in place of the one that whoever changes it saw. Where somebody else has changed
    that one meanwhile, both stay and the person's worker is asked. Result: `goal`, and `conflict` in that case."""
    seen = access(person_id, by=by, permission="care.act")
    said = text.strip()[:500]
    if not said:
        raise Unknown(what="goal")
    old = Goal.objects.filter(id=instead_of, person_id__in=seen.ids).first()
    if old is None:
        raise NotFound(what="goal")
    theirs = _current(old)
    if theirs.id != old.id and open_sealed(theirs.person_id, GOAL, theirs.text) == said:
        return Decision(seen.id, {"id": None, "person": seen.id}, result={"goal": theirs.id})
    new = head.child("goal")
    conflict = head.child("conflict") if old.state == CHANGED else None
    told: dict[str, Any] = {"goal": new, **({"conflict": conflict} if conflict else {})}
    open_ = {
        "id": new, "person": seen.id, "replaces": old.id if conflict is None else None, "conflict": conflict,
        "theirs": theirs.id, "worker": seen.row.worker_id or by.account_id,
    }  # fmt: skip
    return Decision(seen.id, open_, {"text": Secret(GOAL, said)}, result=told)


def _current(row: Goal) -> Goal:
    """The version that holds now."""
    for _ in range(MOST_STEPS):
        after = Goal.objects.filter(id=row.followed_by).first() if row.followed_by else None
        if after is None:
            break
        row = after
    return row


@applies("care.change_goal")
def _changed(part: Part) -> Iterator[Row]:
    if part["id"] is None:
        return
    person = UUID(part["person"])
    yield Put(
        "care.Goal",
        {"id": part["id"], "person_id": person, "at": part.happened_at, "text": part.sealed.get("text")},
    )
    if part["replaces"]:
        yield Change("care.Goal", UUID(part["replaces"]), {"state": CHANGED, "followed_by": part["id"]})
    if part["conflict"]:
        facts = {"what": "goal", "ours": part["id"], "theirs": part["theirs"]}
        yield asks(part, part["conflict"], facts, who=part["worker"], person=person, ref=part["id"])
    yield happened(part, person, "goal_changed", ref=part["id"])


@action(permission="care.act", locks=("person_id",), inner=True)
def keep_goal(*, by: Actor, head: Head, person_id: UUID, goal_id: UUID, drops: UUID) -> Decision:
    """Of two versions of a goal, this one holds and the other does not (flows calls this)."""
    seen = access(person_id, by=by, permission="care.act")
    if Goal.objects.filter(id__in=(goal_id, drops), person_id__in=seen.ids).count() != 2:
        raise NotFound(what="goal")
    return Decision(seen.id, {"id": goal_id, "drops": drops})


@applies("care.keep_goal")
def _kept(part: Part) -> Iterator[Row]:
    yield Change("care.Goal", UUID(part["drops"]), {"state": CHANGED, "followed_by": part["id"]})


@action(permission="care.act", locks=("person_id",), fact=True)
def mark_goal(*, by: Actor, head: Head, person_id: UUID, goal_id: UUID, state: str, seen: str) -> Decision:
    """A goal was reached, let go or taken up again, as seen by someone to whom it stood at `seen`. Where it stands
    elsewhere by now, it stays there and the person's worker is asked. Result: `conflict` in that case."""
    person = access(person_id, by=by, permission="care.act")
    row = Goal.objects.filter(id=goal_id, person_id__in=person.ids).first()
    if row is None:
        raise NotFound(what="goal")
    if state not in STATES or seen not in STATES:
        raise Unknown(what="goal")
    clash = row.state not in (seen, state)
    open_ = {
        "id": goal_id, "person": person.id, "state": state, "theirs": row.state,
        "conflict": head.child("conflict") if clash else None, "worker": person.row.worker_id or by.account_id,
    }  # fmt: skip
    return Decision(person.id, open_, result={"conflict": open_["conflict"]} if clash else {})


@applies("care.mark_goal")
def _marked(part: Part) -> Iterator[Row]:
    person = UUID(part["person"])
    if part["conflict"]:
        facts = {"what": "goal-state", "ours": part["state"], "theirs": part["theirs"]}
        yield asks(part, part["conflict"], facts, who=part["worker"], person=person, ref=part["id"])
        return
    yield Change("care.Goal", UUID(part["id"]), {"state": part["state"]})
    yield happened(part, person, "goal_state", ref=part["id"], state=part["state"])
