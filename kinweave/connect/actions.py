"""A referral is drafted, with the consent it needs, or dropped. Sending it comes later and changes nothing here.

Consent for a referral is a consent of its own (purpose `referral`): it names exactly what is told, and its recipient
is this one referral. Who that is stands sealed in the referral, so that no table says in clear where somebody goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from kinweave.connect.models import Referral
from kinweave.connect.rules import DRAFT_HOURS, ITEMS, NEEDS, NO_OVERRIDE, URGENCIES
from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people.actions import record_consent
from kinweave.people.actions.consents import under_age
from kinweave.people.actions.persons import happened
from kinweave.people.door import Seen, access
from kinweave.people.facts import clean_name

TO = "connect.referral.to"
NOTE = "connect.referral.note"
OVERRIDE = "connect.referral.override"
PURPOSE = "referral"
DUE = "referral_draft"


class NobodyToAsk(Problem):
    status, code = 422, "nobody-to-ask"
    says = "It is not said who is to be asked for help."
    remedy = "Write the partner's name, or what kind of place it is."


class NothingToTell(Problem):
    status, code = 422, "nothing-to-tell"
    says = "It is not said what may be told."
    remedy = "Choose each item alone, together with the person."


class OwnYesNeeded(Problem):
    status, code = 422, "own-yes-needed"
    says = "For this need an adult is never referred without their own yes."
    remedy = "Ask the person. Until they agree, nothing is sent."


class OverrideTooShort(Problem):
    status, code = 422, "override-too-short"
    says = "Going without consent takes a reason of at least ten letters."
    remedy = "Say in one sentence why the person cannot be asked. The person and the supervisor can read it."


@action(permission="connect.refer", locks=("person_id",), fact=True)
def draft_referral(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    to: str,
    need: str,
    consent_items: list[str],
    urgency: str = "normal",
    agreed: bool | None = None,
    how: str = "spoken",
    assent: bool | None = None,
    guardian_tie_id: UUID | None = None,
    override_reason: str = "",
    note: str = "",
) -> Decision:
    """A referral in the making. `agreed`: what the person said to exactly these items, None where not asked yet.

    A yes or a no is recorded with it as a consent of its own. Result: `referral`, `consent` (or None).
    """
    seen = access(person_id, by=by, permission="connect.refer")
    scope = str(seen.row.programme_id or "")
    partner = clean_name(to)
    if partner is None:
        raise NobodyToAsk()
    if need not in chosen.value(NEEDS, scope) or urgency not in URGENCIES:
        raise Unknown(what="referral")
    items = _items(consent_items, scope)
    reason = override_reason.strip()
    if reason:
        _check_override(seen, head, need, reason, scope)
    new = head.child("referral")
    consent = None
    if agreed is not None:
        consent = record_consent(
            by=by, person_id=seen.id, purpose=PURPOSE, given=agreed, how=how, items=items, recipient=recipient(new),
            assent=assent, guardian_tie_id=guardian_tie_id,
        ).result["consent"]  # fmt: skip
    hours = chosen.value(DRAFT_HOURS, scope)[urgency]
    return Decision(
        seen.id,
        {
            "id": new, "person": seen.id, "worker": by.account_id or seen.row.worker_id, "urgency": urgency,
            "consent": consent, "until": head.received_at + timedelta(hours=hours),
        },
        {
            "need": need, "items": items, "to": Secret(TO, partner),
            "note": Secret(NOTE, note.strip()[:2000]) if note.strip() else None,
            "override": Secret(OVERRIDE, reason[:2000]) if reason else None,
        },
        result={"referral": new, "consent": consent},
    )  # fmt: skip


def recipient(referral_id: UUID) -> str:
    """How a consent names the referral it is for."""
    return f"{PURPOSE}:{referral_id}"


def _items(given: Sequence[str], scope: str) -> list[str]:
    known = chosen.value(ITEMS, scope)
    if not given:
        raise NothingToTell()
    if set(given) - set(known):
        raise Unknown(what="what may be told")
    return [code for code in known if code in given]


def _check_override(seen: Seen, head: Head, need: str, reason: str, scope: str) -> None:
    if need in chosen.value(NO_OVERRIDE, scope) and not under_age(seen, head.happened_at.date()):
        raise OwnYesNeeded()
    if len(reason) < 10:
        raise OverrideTooShort()


@applies("connect.draft_referral")
def _drafted(part: Part) -> Iterator[Row]:
    yield Put(
        "connect.Referral",
        {
            "id": part["id"], "person_id": part["person"], "worker_id": part["worker"], "urgency": part["urgency"],
            "made_at": part.happened_at, "consent_id": part["consent"], "need": part.get("need", ""),
            "items": part.get("items", []), "to": part.sealed.get("to"), "note": part.sealed.get("note"),
            "override": part.sealed.get("override"),
        },
    )  # fmt: skip
    yield Put(
        "house.Due",
        {
            "id": part.child("due"), "kind": DUE, "who": part["worker"], "person_id": part["person"],
            "ref_id": part["id"], "at": part["until"], "priority": 1 if part["urgency"] == "emergency" else 2,
        },
    )  # fmt: skip
    yield happened(part, UUID(part["person"]), "referral_drafted", ref=part["id"])


@action(permission="connect.refer", locks=("person_id",), fact=True)
def cancel_referral_draft(*, by: Actor, head: Head, person_id: UUID, referral_id: UUID) -> Decision:
    """A draft is dropped; nothing was sent. A consent given for it was for this one alone."""
    seen = access(person_id, by=by, permission="connect.refer")
    row = Referral.objects.filter(id=referral_id, person_id__in=seen.ids, state="draft").first()
    if row is None:
        raise NotFound(what="draft")
    dues = Due.objects.filter(ref_id=row.id, kind=DUE, state="open").order_by("id").values_list("id", flat=True)
    return Decision(seen.id, {"id": row.id, "person": seen.id, "ends": list(dues)})


@applies("connect.cancel_referral_draft")
def _cancelled(part: Part) -> Iterator[Row]:
    yield Change("connect.Referral", UUID(part["id"]), {"state": "dropped", "ended_at": part.happened_at})
    for one in part["ends"]:
        yield Change("house.Due", UUID(one), {"state": "dropped", "done_at": part.received_at})
    yield happened(part, UUID(part["person"]), "referral_dropped", ref=part["id"])
