"""A way to reach someone changed on two sides: both versions stay until the person's worker says which one holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.people import fields
from kinweave.people.actions.closeness import ALLOWED, CONTACT_KINDS
from kinweave.people.actions.persons import happened
from kinweave.people.door import Seen, access
from kinweave.people.models import Contact

TWO_VERSIONS = "two_versions"  # the kind of what is due
MOST_STEPS = 20  # versions after versions that are followed


@action(permission="people.change", locks=("person_id",), fact=True)
def change_contact(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    instead_of: UUID,
    kind: str,
    value: str,
    allowed: str = "any",
    who_answers: str = "",
    cover: str = "",
) -> Decision:
    """A way to reach a person, in place of the one that whoever changes it saw. Where somebody else has changed that
    one meanwhile, both stay and the person's worker is asked. Result: `contact`, and `conflict` in that case."""
    seen = access(person_id, by=by, permission="people.change")
    if kind not in CONTACT_KINDS or allowed not in ALLOWED or not value.strip():
        raise Unknown(what="contact")
    old = Contact.objects.filter(id=instead_of, person_id__in=seen.ids).first()
    if old is None:
        raise NotFound(what="contact")
    theirs = _current(old)
    new = head.child("contact")
    if theirs is not None and theirs.id != old.id and _same(theirs, kind, value, allowed, who_answers, cover):
        return Decision(seen.id, {"id": None, "person": seen.id}, result={"contact": theirs.id})
    conflict = None if old.ended_at is None else head.child("conflict")
    told: dict[str, Any] = {"contact": new, **({"conflict": conflict} if conflict else {})}
    return Decision(
        seen.id,
        {
            "id": new, "person": seen.id, "kind": kind, "allowed": allowed,
            "ends": old.id if conflict is None else None, "conflict": conflict,
            "theirs": theirs.id if theirs else None, "worker": seen.row.worker_id or by.account_id,
        },
        closed={
            "value": Secret(fields.CONTACT, value.strip()[:200]),
            "who_answers": Secret(fields.WHO_ANSWERS, who_answers[:200]) if who_answers else None,
            "cover": Secret(fields.COVER, cover[:500]) if cover else None,
        },
        result=told,
    )  # fmt: skip


@action(permission="people.change", version=2, locks=("person_id",), fact=True)
def end_contact(*, by: Actor, head: Head, person_id: UUID, contact_id: UUID) -> Decision:
    """This way is no longer safe or no longer theirs. Where somebody has changed it meanwhile, what they made of it
    stays, and the person's worker is asked. Result: `conflict` in that case."""
    seen = access(person_id, by=by, permission="people.change")
    row = Contact.objects.filter(id=contact_id, person_id__in=seen.ids).first()
    if row is None:
        raise NotFound(what="contact")
    theirs = _current(row)
    clash = theirs is not None and theirs.id != row.id
    open_ = {
        "id": row.id, "person": seen.id, "ends": row.ended_at is None,
        "conflict": head.child("conflict") if clash else None, "theirs": theirs.id if theirs and clash else None,
        "worker": seen.row.worker_id or by.account_id,
    }  # fmt: skip
    return Decision(seen.id, open_, result={"conflict": open_["conflict"]} if clash else {})


@applies("people.end_contact", version=2)
def _ended(part: Part) -> Iterator[Row]:
    if part["ends"]:
        yield Change("people.Contact", UUID(part["id"]), {"ended_at": part.happened_at})
    if part["conflict"]:
        facts = {"what": "contact-end", "ours": part["id"], "theirs": part["theirs"]}
        yield asks(part, part["conflict"], facts, who=part["worker"], person=part["person"], ref=part["id"])


def _current(row: Contact) -> Contact | None:
    """The version that holds now, following what took each one's place; None where it was only ended."""
    at: Contact | None = row
    for _ in range(MOST_STEPS):
        if at is None or at.ended_at is None:
            return at
        at = Contact.objects.filter(id=at.followed_by).first() if at.followed_by else None
    return None


def _same(row: Contact, kind: str, value: str, allowed: str, who_answers: str, cover: str) -> bool:
    """Whether both sides wrote the same."""
    opened = [
        open_sealed(row.person_id, field, sealed) or ""
        for field, sealed in (
            (fields.CONTACT, row.value),
            (fields.WHO_ANSWERS, row.who_answers),
            (fields.COVER, row.cover),
        )
    ]
    given = [value.strip()[:200], who_answers[:200], cover[:500]]
    return (row.kind, row.allowed, opened) == (kind, allowed, given)


@applies("people.change_contact")
def _changed(part: Part) -> Iterator[Row]:
    if part["id"] is None:
        return
    yield Put(
        "people.Contact",
        {
            "id": part["id"], "person_id": part["person"], "kind": part["kind"], "allowed": part["allowed"],
            "value": part.sealed.get("value"), "who_answers": part.sealed.get("who_answers"),
            "cover": part.sealed.get("cover"),
        },
    )  # fmt: skip
    if part["ends"]:
        yield Change("people.Contact", UUID(part["ends"]), {"ended_at": part.happened_at, "followed_by": part["id"]})
    if part["conflict"]:
        facts = {"what": "contact", "ours": part["id"], "theirs": part["theirs"]}
        yield asks(part, part["conflict"], facts, who=part["worker"], person=part["person"], ref=part["id"])
    yield happened(part, UUID(part["person"]), "contact_changed", ref=part["id"])


def asks(part: Part, due: Any, facts: dict[str, Any], *, who: Any, person: Any, ref: Any) -> Put:
    """The worker is asked which of two versions holds."""
    return Put(
        "house.Due",
        {
            "id": due, "kind": TWO_VERSIONS, "who": who, "person_id": person, "ref_id": ref,
            "at": part.received_at, "priority": 2, "facts": {} if part.erased else facts,
        },
    )  # fmt: skip


@action(permission="people.change", locks=("person_id",), inner=True)
def keep_contact(*, by: Actor, head: Head, person_id: UUID, contact_id: UUID, drops: UUID) -> Decision:
    """Of two versions of a way to reach someone, this one holds and the other does not (flows calls this)."""
    seen = access(person_id, by=by, permission="people.change")
    found = _both(seen, contact_id, drops)
    if found != {contact_id, drops}:
        raise NotFound(what="contact")
    return Decision(seen.id, {"id": contact_id, "drops": drops})


def _both(seen: Seen, *ids: UUID) -> set[UUID]:
    return set(Contact.objects.filter(id__in=ids, person_id__in=seen.ids).values_list("id", flat=True))


@applies("people.keep_contact")
def _kept(part: Part) -> Iterator[Row]:
    yield Change("people.Contact", UUID(part["drops"]), {"ended_at": part.happened_at, "followed_by": part["id"]})
