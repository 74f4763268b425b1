"""Someone is welcomed: registered, asked for consent, and on the way, in one entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.care.actions import move_on
from kinweave.core.pathway import IDENTIFIED
from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.registry import action, no_rows
from kinweave.house.typed import parsed
from kinweave.people.actions import add_contact, record_consent, register_person
from kinweave.people.standing import standing


@action(permission="people.register", fact=True)
def welcome_person(
    *,
    by: Actor,
    head: Head,
    person: Mapping[str, Any],
    consents: list[dict[str, Any]] | None = None,
    contact: Mapping[str, Any] | None = None,
    met_on: date | None = None,
) -> Decision:
    """Register someone with what they agreed to and one safe way to contact them. Result: as register_person."""
    receipt = register_person(by=by, **parsed("people.register_person", {**person, "met_on": met_on}))
    new = UUID(str(receipt.result["person"]))
    for consent in consents or []:
        agree(by=by, **parsed("flows.agree", {**consent, "person_id": new}))
    if contact and contact.get("value"):
        add_contact(by=by, **parsed("people.add_contact", {**contact, "person_id": new}))
    return Decision(new, result=dict(receipt.result))


no_rows("flows.welcome_person")


@action(permission="consent.record", locks=("person_id",), fact=True)
def agree(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    purpose: str,
    given: bool,
    how: str = "spoken",
    items: list[str] | None = None,
    recipient: str = "",
    until: date | None = None,
    language: str = "",
    assent: bool | None = None,
    guardian_tie_id: UUID | None = None,
) -> Decision:
    """What a person said to one purpose; the first yes to care starts the way. Result: `consent`."""
    receipt = record_consent(
        by=by, person_id=person_id, purpose=purpose, given=given, how=how, items=items, recipient=recipient,
        until=until, language=language, assent=assent, guardian_tie_id=guardian_tie_id,
    )  # fmt: skip
    found = standing(person_id)
    if purpose == "care" and given and not recipient and found is not None and found.state == IDENTIFIED:
        move_on(by=by, person_id=person_id, move="consent")
    return Decision(person_id, result=dict(receipt.result))


no_rows("flows.agree")
