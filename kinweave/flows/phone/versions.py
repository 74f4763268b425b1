"""Two versions of one thing, made on two sides without knowing of each other: both are kept, the worker decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from kinweave.care.actions import keep_goal, mark_goal
from kinweave.care.reads_each import goals_by_id
from kinweave.house.access import Actor
from kinweave.house.actions import Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Row
from kinweave.people.actions import end_contact, keep_contact
from kinweave.people.actions.versions import TWO_VERSIONS
from kinweave.people.door import PersonNotFound, access
from kinweave.people.reads_each import ways_by_id

BOTH = "both"
# What a phone wrote, for the sentence that names it.
WROTE = {
    "contact": "people.change_contact",
    "contact-end": "people.end_contact",
    "goal": "care.change_goal",
    "goal-state": "care.mark_goal",
}


@action(permission="care.act", fact=True)
def decide_version(*, by: Actor, head: Head, conflict_id: UUID, keep: str) -> Decision:
    """Which of two versions holds: its id (of a goal's state, the state), or `both`."""
    due = Due.objects.filter(id=conflict_id, kind=TWO_VERSIONS).first()
    if due is None or due.person_id is None:
        raise PersonNotFound()  # absent and out of reach look the same
    seen = access(due.person_id, by=by, permission="care.act")
    facts = due.facts
    what, ours, theirs = str(facts.get("what")), str(facts.get("ours")), str(facts.get("theirs"))
    if due.state != "open":  # somebody has decided: their word stays
        return Decision(seen.id, {"due": None, "person": seen.id})
    if keep not in {ours, theirs, BOTH} or (keep == BOTH and what in {"goal-state", "contact-end"}):
        raise Unknown(what="version")
    if keep != BOTH:
        _keep(by, seen.id, due, what, keep, theirs if keep == ours else ours)
    return Decision(seen.id, {"due": due.id, "person": seen.id})


def _keep(by: Actor, person: UUID, due: Due, what: str, keep: str, drops: str) -> None:
    if what == "goal-state":
        if keep != due.facts["theirs"] and due.ref_id is not None:
            mark_goal(by=by, person_id=person, goal_id=due.ref_id, state=keep, seen=due.facts["theirs"])
    elif what == "contact-end":
        if keep == due.facts["ours"]:  # the way is to be used no more, whatever it was changed into
            end_contact(by=by, person_id=person, contact_id=UUID(drops))
    elif drops != "None":
        if what == "contact":
            keep_contact(by=by, person_id=person, contact_id=UUID(keep), drops=UUID(drops))
        else:
            keep_goal(by=by, person_id=person, goal_id=UUID(keep), drops=UUID(drops))


@applies("flows.decide_version")
def _decided(part: Part) -> Iterator[Row]:
    if part["due"]:
        yield Change("house.Due", UUID(part["due"]), {"state": "done", "done_at": part.received_at})


# --------------------------------------------------------------------------------------------- reading


def conflicts_of(persons: Collection[UUID], whose: dict[UUID, UUID] | None = None) -> list[dict[str, Any]]:
    """What waits for a word about these people (who the reader may see), oldest first: which two versions there are.
    One query where there is none, three otherwise."""
    dues = list(Due.objects.filter(person_id__in=list(persons), kind=TWO_VERSIONS, state="open").order_by("at", "id"))
    if not dues:
        return []
    ids = {UUID(text) for due in dues for text in _versions(due) if len(text) == 36}
    ways, goals = ways_by_id(ids), goals_by_id(ids)

    def said(text: str) -> dict[str, Any]:
        return ways.get(text) or {"value": goals.get(text, text)}

    return [
        {
            "id": str(due.id), "what": due.facts["what"], "action": WROTE[due.facts["what"]],
            "person": str((whose or {}).get(due.person_id, due.person_id) if due.person_id else ""),
            "at": due.at.isoformat(),
            "versions": [
                {**said(text), "id": text, "mine": n == 0, "ends": n == 0 and due.facts["what"] == "contact-end"}
                for n, text in enumerate(_versions(due))
            ],
        }
        for due in dues
        if due.facts.get("what") in WROTE
    ]  # fmt: skip


def _versions(due: Due) -> list[str]:
    return [str(due.facts[name]) for name in ("ours", "theirs") if due.facts.get(name)]
