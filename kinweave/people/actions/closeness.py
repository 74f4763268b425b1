"""Safe ways to contact a person, and who is close to them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people import fields
from kinweave.people.actions.persons import happened
from kinweave.people.door import access
from kinweave.people.facts import clean_name
from kinweave.people.models import Tie

CONTACT_KINDS = ("phone", "visit", "through")
ALLOWED = ("any", "call", "message", "visit", "none")
TIE_KINDS = ("supporter", "guardian", "partner", "child", "parent", "family", "friend", "healer", "other")


@action(permission="people.change", locks=("person_id",), fact=True)
def add_contact(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    kind: str,
    value: str,
    allowed: str = "any",
    who_answers: str = "",
    cover: str = "",
) -> Decision:
    """A way to reach a person: what is allowed there, who may answer, and what to say to them."""
    seen = access(person_id, by=by, permission="people.change")
    if kind not in CONTACT_KINDS or allowed not in ALLOWED or not value.strip():
        raise Unknown(what="contact")
    return Decision(
        seen.id,
        {"id": head.child("contact"), "person": seen.id, "kind": kind, "allowed": allowed},
        closed={
            "value": Secret(fields.CONTACT, value.strip()[:200]),
            "who_answers": Secret(fields.WHO_ANSWERS, who_answers[:200]) if who_answers else None,
            "cover": Secret(fields.COVER, cover[:500]) if cover else None,
        },
        result={"contact": head.child("contact")},
    )


@applies("people.add_contact")
def _contact(part: Part) -> Iterator[Row]:
    yield Put(
        "people.Contact",
        {
            "id": part["id"], "person_id": part["person"], "kind": part["kind"], "allowed": part["allowed"],
            "value": part.sealed.get("value"), "who_answers": part.sealed.get("who_answers"),
            "cover": part.sealed.get("cover"),
        },
    )  # fmt: skip


@applies("people.end_contact")  # its action, of version 2, stands in `versions`
def _contact_ended(part: Part) -> Iterator[Row]:
    yield Change("people.Contact", UUID(part["id"]), {"ended_at": part.happened_at})


@action(permission="people.change", locks=("person_id",), fact=True)
def add_tie(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    kind: str,
    other_id: UUID | None = None,
    name: str | None = None,
    guardian: bool = False,
    danger: bool = False,
) -> Decision:
    """Someone close to a person: known here too (`other_id`) or by name. `danger`: the harm may come from them.

    A guardian never inherits the notes; a guardian who is the danger gives no consent.
    """
    seen = access(person_id, by=by, permission="people.change")
    if kind not in TIE_KINDS:
        raise Unknown(what="tie")
    other = access(other_id, by=by).id if other_id else None
    name = clean_name(name)
    if other is None and name is None:
        raise NotFound(what="supporter")
    new = head.child("tie")
    return Decision(
        seen.id,
        {
            "id": new,
            "person": seen.id,
            "kind": kind,
            "other": other,
            "guardian": guardian or kind == "guardian",
        },
        closed={"name": Secret(fields.TIE_NAME, name) if name else None, "danger": danger},
        result={"tie": new},
    )


@applies("people.add_tie")
def _tie(part: Part) -> Iterator[Row]:
    yield Put(
        "people.Tie",
        {
            "id": part["id"], "person_id": part["person"], "kind": part["kind"], "other_id": part["other"],
            "guardian": part["guardian"], "name": part.sealed.get("name"), "danger": part.get("danger", False),
        },
    )  # fmt: skip
    yield happened(part, UUID(part["person"]), "tie_added", tie=part["kind"])


@action(permission="people.change", locks=("person_id",))
def end_tie(*, by: Actor, head: Head, person_id: UUID, tie_id: UUID) -> Decision:
    seen = access(person_id, by=by, permission="people.change")
    if not Tie.objects.filter(id=tie_id, person_id__in=seen.ids).exists():
        raise NotFound(what="tie")
    return Decision(seen.id, {"id": tie_id})


@applies("people.end_tie")
def _tie_ended(part: Part) -> Iterator[Row]:
    yield Change("people.Tie", UUID(part["id"]), {"ended_at": part.happened_at})
