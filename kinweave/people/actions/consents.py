"""Consent: one purpose at a time, unbundled; saying no changes nothing else; withdrawal is one step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.alongside import CONSENT, also
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.people.actions.persons import happened
from kinweave.people.door import Seen, access
from kinweave.people.models import Consent, Tie

PURPOSES = ("care", "statistics", "research", "referral", "story")
TO_ONE = frozenset({"referral", "story"})  # agreed to one recipient at a time, never in general
OWN_PAGE = "own"  # by the person, on their own page; nobody else can write that down
HOW = ("spoken", "witnessed", "signed", "thumb", "before", OWN_PAGE)  # before: given on paper before this system
ADULT = chosen.define(
    "people.adult_age",
    18,
    says="From which age a person consents alone.",
    source="Convention on the Rights of the Child, article 1; national law may differ",
    fits=chosen.whole(10, 25),
    hint="Give an age in years between 10 and 25.",
)


class GuardianNeeded(Problem):
    status, code = 422, "guardian-needed"
    says = "A person under {age} needs a guardian's consent beside their own assent."
    remedy = "Name the guardian, and ask the young person too. If the guardian is the danger, say so there."


class AssentNeeded(Problem):
    status, code = 422, "assent-needed"
    says = "A guardian cannot agree against the young person's own no."
    remedy = "Ask the young person. Write down their own answer."


def under_age(seen: Seen, on: date) -> bool:
    """Whether a person is under age by their birth year (the whole year counts as under age)."""
    age = chosen.value(ADULT, str(seen.row.programme_id or ""))
    return seen.row.birth_year is not None and on.year - seen.row.birth_year < age


@action(permission="consent.record", locks=("person_id",), fact=True)
def record_consent(
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
    """What the person said when asked: yes or no, for one purpose and one recipient, until when."""
    seen = access(person_id, by=by, permission="consent.record")
    if purpose not in PURPOSES or how not in HOW or (purpose in TO_ONE and not recipient):
        raise Unknown(what="consent")
    if how == OWN_PAGE and by.kind == "account":
        raise Unknown(what="consent")
    if given and under_age(seen, head.happened_at.date()):
        check_guardian(seen, guardian_tie_id, assent)
    if guardian_tie_id is not None and not Tie.objects.filter(id=guardian_tie_id, person_id__in=seen.ids).exists():
        raise NotFound(what="guardian")
    also(CONSENT, purpose=purpose, recipient=recipient[:120], keeps=(items or []) if given else [])
    open_ = {
        "id": head.child("consent"), "person": seen.id, "purpose": purpose, "given": given, "how": how,
        "items": items or [], "recipient": recipient[:120], "until": until, "language": language[:12],
        "assent": assent, "guardian": guardian_tie_id,
    }  # fmt: skip
    return Decision(seen.id, open_, result={"consent": head.child("consent")})


def check_guardian(seen: Seen, tie_id: UUID | None, assent: bool | None) -> None:
    """Assent and a guardian's yes, unless every guardian is the danger: then the young person's word counts."""
    guardians = Tie.objects.filter(person_id__in=seen.ids, guardian=True, ended_at=None)
    if assent is not True:
        raise AssentNeeded()
    if guardians.exists() and not guardians.filter(danger=False).exists():
        return
    if tie_id is None or not guardians.filter(id=tie_id, danger=False).exists():
        raise GuardianNeeded(age=chosen.value(ADULT, str(seen.row.programme_id or "")))


@applies("people.record_consent")
def _consent(part: Part) -> Iterator[Row]:
    same = ("id", "purpose", "given", "how", "items", "recipient", "until", "language", "assent")
    yield Put(
        "people.Consent",
        {
            **{k: part[k] for k in same}, "person_id": part["person"], "guardian_tie_id": part["guardian"],
            "from_at": part.happened_at,
        },
    )  # fmt: skip
    kind = "consented" if part["given"] else "declined"
    yield happened(part, UUID(part["person"]), kind, purpose=part["purpose"])


@action(permission="consent.withdraw", locks=("person_id",), fact=True)
def withdraw_consent(*, by: Actor, head: Head, person_id: UUID, consent_id: UUID) -> Decision:
    """The person takes a consent back; it counts from this moment."""
    seen = access(person_id, by=by, permission="consent.withdraw")
    row = Consent.objects.filter(id=consent_id, person_id__in=seen.ids).first()
    if row is None:
        raise NotFound(what="consent")
    also(CONSENT, purpose=row.purpose, recipient=row.recipient, keeps=[])
    return Decision(seen.id, {"id": consent_id, "person": seen.id, "purpose": row.purpose})


@applies("people.withdraw_consent")
def _withdrawn(part: Part) -> Iterator[Row]:
    yield Change("people.Consent", UUID(part["id"]), {"withdrawn_at": part.happened_at})
    yield happened(part, UUID(part["person"]), "withdrew", purpose=part["purpose"])
