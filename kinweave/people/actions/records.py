"""A record as a whole: merged and unmerged, opened in need, shown to the person, contested."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.actions import NotFound
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people import fields
from kinweave.people.actions.glass import tell_supervisors
from kinweave.people.actions.persons import happened
from kinweave.people.door import PersonNotFound, access
from kinweave.people.models import Contest, OwnLink, Person

GLASS_HOURS = chosen.define(
    "people.glass_hours",
    3,
    says="How many hours a record opened in need stays open.",
    source="DHIS2's break-the-glass, 3 hours",
    fits=chosen.whole(1, 24),
    hint="Give whole hours between 1 and 24.",
)
LINK_HOURS = chosen.define(
    "people.link_hours",
    72,
    says="How many hours a link to the person's own page waits to be opened.",
    source="ours",
    fits=chosen.whole(1, 336),
    hint="Give whole hours between 1 and 336.",
)


class SamePerson(Problem):
    status, code = 422, "same-record"
    says = "These are already one record."
    remedy = "Choose two different records."


class ReasonNeeded(Problem):
    status, code = 422, "reason-needed"
    says = "Opening a record in need takes a reason of at least ten letters."
    remedy = "Say in one sentence why you need it now. The person and the supervisor can read it."


class LinkUsed(Problem):
    status, code = 410, "link-used"
    says = "This link was opened before, or its time is over."
    remedy = "Ask your worker for a new one. Nobody else could see your page without your worker's help."


@action(permission="people.merge", locks=("person_id", "into_id"))
def merge_persons(*, by: Actor, head: Head, person_id: UUID, into_id: UUID) -> Decision:
    """Two records are one person: the first stays whole behind the second. Reversible."""
    one, other = (
        access(person_id, by=by, permission="people.merge"),
        access(into_id, by=by, permission="people.merge"),
    )
    if one.id == other.id:
        raise SamePerson()
    return Decision(one.id, {"id": one.id, "into": other.id})


@applies("people.merge_persons")
def _merged(part: Part) -> Iterator[Row]:
    yield Change("people.Person", UUID(part["id"]), {"merged_into_id": part["into"]})
    yield happened(part, UUID(part["into"]), "merged", ref=part["id"])


@action(permission="people.merge", locks=("person_id",))
def unmerge_person(*, by: Actor, head: Head, person_id: UUID) -> Decision:
    """The two records were two persons after all. What was written since stays with the second."""
    row = Person.objects.filter(id=person_id).exclude(merged_into=None).first()
    if row is None or row.merged_into_id is None:
        raise PersonNotFound()
    whole = access(row.merged_into_id, by=by, permission="people.merge")
    return Decision(row.id, {"id": row.id, "from": whole.id})


@applies("people.unmerge_person")
def _unmerged(part: Part) -> Iterator[Row]:
    yield Change("people.Person", UUID(part["id"]), {"merged_into_id": None})
    yield happened(part, UUID(part["from"]), "unmerged", ref=part["id"])


@action(permission="break.glass", locks=("person_id",))
def break_glass(*, by: Actor, head: Head, person_id: UUID, reason: str) -> Decision:
    """Open a record of one's own organisation for reading, for some hours; the supervisor is told at once.

    Never a colleague's own care record. Absent and forbidden look the same here too.
    """
    if len(reason.strip()) < 10:
        raise ReasonNeeded()
    homes = {r.organisation_id for r in by.reaches("break.glass")}
    row = Person.objects.filter(id=person_id, merged_into=None, erased_at=None, colleague_account=None).first()
    if row is None or row.organisation_id not in homes or by.account_id is None:
        raise PersonNotFound()
    tell_supervisors(row, by.account_id, head.child("glass"))
    hours = chosen.value(GLASS_HOURS, str(row.programme_id or ""))
    return Decision(
        row.id,
        {
            "id": head.child("glass"), "person": row.id, "account": by.account_id, "worker": row.worker_id,
            "until": head.received_at + timedelta(hours=hours),
        },
        closed={"reason": Secret(fields.GLASS_REASON, reason.strip()[:500])},
        result={"glass": head.child("glass")},
    )  # fmt: skip


@applies("people.break_glass")
def _opened(part: Part) -> Iterator[Row]:
    yield Put(
        "people.Glass",
        {
            "id": part["id"], "person_id": part["person"], "account_id": part["account"], "at": part.received_at,
            "until": part["until"], "reason": part.sealed.get("reason"),
        },
    )  # fmt: skip
    yield Put(
        "house.Due",
        {
            "id": part.child("due"), "kind": "glass_review", "role": "supervisor", "person_id": part["person"],
            "ref_id": part["id"], "at": part.received_at, "priority": 1,
        },
    )  # fmt: skip
    yield happened(part, UUID(part["person"]), "opened_in_need", ref=part["id"])


@action(permission="people.link", locks=("person_id",))
def make_own_link(*, by: Actor, head: Head, person_id: UUID, token_digest: str) -> Decision:
    """A one-time link to the person's own page. The token is made by the caller and never stored."""
    seen = access(person_id, by=by, permission="people.link")
    if len(token_digest) != 64:
        raise NotFound(what="link")
    until = head.received_at + timedelta(hours=chosen.value(LINK_HOURS, str(seen.row.programme_id or "")))
    open_ = {"id": head.child("link"), "person": seen.id, "digest": token_digest, "until": until}
    return Decision(seen.id, open_, result={"link": head.child("link")})


@applies("people.make_own_link")
def _link(part: Part) -> Iterator[Row]:
    yield Put(
        "people.OwnLink",
        {"id": part["id"], "person_id": part["person"], "digest": part["digest"], "made_at": part.received_at,
         "until": part["until"]},
    )  # fmt: skip
    yield happened(part, UUID(part["person"]), "link_made")


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action(permission="own.open")
def use_own_link(*, by: Actor, head: Head, token_digest: str) -> Decision:
    """Open a one-time link; it works once. Result: `person`. Called by the system for whoever holds the link."""
    row = OwnLink.objects.select_for_update().filter(digest=token_digest, used_at=None).first()
    if row is None or row.until < datetime.now(UTC):
        raise LinkUsed()
    return Decision(row.person_id, {"id": row.id, "person": row.person_id}, result={"person": row.person_id})


@applies("people.use_own_link")
def _used(part: Part) -> Iterator[Row]:
    yield Change("people.OwnLink", UUID(part["id"]), {"used_at": part.received_at})
    yield happened(part, UUID(part["person"]), "own_page_opened")


@action(permission="own.contest", locks=("person_id",))
def contest_record(*, by: Actor, head: Head, person_id: UUID, text: str) -> Decision:
    """The person says what is wrong, in their own words; a supervisor answers within a week (ours)."""
    seen = access(person_id, by=by)
    if by.kind != "person" or not text.strip():
        raise NotAllowed(permission="own.contest")
    return Decision(
        seen.id,
        {"id": head.child("contest"), "person": seen.id, "answer_by": head.received_at + timedelta(days=7)},
        closed={"text": Secret(fields.CONTEST, text.strip()[:4000])},
    )


@applies("people.contest_record")
def _contested(part: Part) -> Iterator[Row]:
    yield Put(
        "people.Contest",
        {
            "id": part["id"],
            "person_id": part["person"],
            "at": part.received_at,
            "text": part.sealed.get("text"),
        },
    )
    yield Put(
        "house.Due",
        {
            "id": part.child("due"), "kind": "contest", "role": "supervisor", "person_id": part["person"],
            "ref_id": part["id"], "at": part["answer_by"], "priority": 1,
        },
    )  # fmt: skip
    yield happened(part, UUID(part["person"]), "contested", ref=part["id"])


@action(permission="people.merge", locks=("person_id",))
def answer_contest(*, by: Actor, head: Head, person_id: UUID, contest_id: UUID, answer: str) -> Decision:
    """What was done about it; the person reads the answer on their own page."""
    seen = access(person_id, by=by, permission="people.merge")
    if not Contest.objects.filter(id=contest_id, person_id__in=seen.ids, state="open").exists():
        raise NotFound(what="question")
    due = Due.objects.filter(ref_id=contest_id, state="open").values_list("id", flat=True).first()
    return Decision(
        seen.id,
        {"id": contest_id, "person": seen.id, "due": due},
        closed={"answer": Secret(fields.CONTEST_ANSWER, answer.strip()[:4000])},
    )


@applies("people.answer_contest")
def _answered(part: Part) -> Iterator[Row]:
    yield Change("people.Contest", UUID(part["id"]), {"state": "answered", "answer": part.sealed.get("answer")})
    if part["due"]:
        yield Change("house.Due", UUID(part["due"]), {"state": "done", "done_at": part.received_at})
    yield happened(part, UUID(part["person"]), "contest_answered", ref=part["id"])
