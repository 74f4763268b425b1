"""What pages ask of people: one person's facts, opened. Who may see them was decided at the door: a `Seen`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from kinweave.house import settings as chosen
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.door import Seen
from kinweave.people.listing import read_code as read_code  # a code is read the same way everywhere
from kinweave.people.models import Consent, Contact, Contest, Glass, OwnLink, Residence, Tie

SHOW_READERS = chosen.define(
    "people.show_readers",
    "names",
    says="What a person's own page says of who looked: their names with roles, or roles only.",
    source="ours",
    fits=chosen.one_of("names", "roles"),
    hint="Give names or roles.",
)


# --------------------------------------------------------------------------- one person, opened


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach someone: what is allowed there, who may answer, what to say to them."""

    id: UUID
    kind: str
    value: str
    allowed: str
    who_answers: str
    cover: str


@dataclass(frozen=True, slots=True)
class Close:
    """Someone close to a person, by name here; `other_id` where they are known here too."""

    id: UUID
    kind: str
    name: str
    other_id: UUID | None
    guardian: bool
    danger: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says is wrong, and the answer."""

    id: UUID
    at: datetime
    text: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class Names:
    alias: str
    name: str


def names(seen: Seen) -> Names:
    opened = Opener([seen.id])
    return Names(
        opened(seen.id, fields.ALIAS, seen.row.alias) or "",
        opened(seen.id, fields.NAME, seen.row.name) or "",
    )


def ways(seen: Seen) -> list[Way]:
    """The ways to reach a person that still hold, the permitted ones first."""
    rows = list(Contact.objects.filter(person_id__in=seen.ids, ended_at=None).order_by("id"))
    opened = Opener(seen.ids)
    found = [
        Way(
            row.id, row.kind, opened(row.person_id, fields.CONTACT, row.value) or "", row.allowed,
            opened(row.person_id, fields.WHO_ANSWERS, row.who_answers) or "",
            opened(row.person_id, fields.COVER, row.cover) or "",
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda way: way.allowed == "none")


def close_ones(seen: Seen) -> list[Close]:
    rows = list(Tie.objects.filter(person_id__in=seen.ids, ended_at=None).select_related("other").order_by("id"))
    others = [row.other for row in rows if row.other is not None]
    opened = Opener([*seen.ids, *(o.id for o in others)])
    found = []
    for row in rows:
        name = opened(row.person_id, fields.TIE_NAME, row.name) or ""
        if not name and row.other is not None:
            name = opened(row.other.id, fields.ALIAS, row.other.alias) or row.other.code
        found.append(Close(row.id, row.kind, name, row.other_id, row.guardian, row.danger))
    return found


@dataclass(frozen=True, slots=True)
class Given:
    """One answer to being asked; state: given, declined, withdrawn, over."""

    id: UUID
    purpose: str
    state: str
    recipient: str
    items: tuple[str, ...]
    how: str
    at: datetime
    until: date | None
    withdrawn_at: datetime | None


def consents(seen: Seen, on: date) -> list[Given]:
    """The last word for each purpose and recipient, the purposes in the order in which they are asked."""
    last: dict[tuple[str, str], Consent] = {}
    for row in Consent.objects.filter(person_id__in=seen.ids).order_by("from_at", "id"):
        last[row.purpose, row.recipient] = row
    order = {"care": 0, "statistics": 1, "research": 2}
    rows = sorted(last.values(), key=lambda r: (bool(r.recipient), order.get(r.purpose, 9), r.recipient))
    return [
        Given(r.id, r.purpose, consent_state(r, on), r.recipient, tuple(map(str, r.items)), r.how, r.from_at, r.until,
              r.withdrawn_at)
        for r in rows
    ]  # fmt: skip


def consent_state(row: Consent, on: date) -> str:
    if not row.given:
        return "declined"
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "over" if row.until and row.until < on else "given"


def homes(seen: Seen) -> list[Residence]:
    """Where a person lived, the latest first, with the places."""
    rows = Residence.objects.filter(person_id__in=seen.ids).select_related("place")
    return list(rows.order_by(F("until_on").desc(nulls_first=True), "-from_on"))


def contests(seen: Seen) -> list[Said]:
    rows = Contest.objects.filter(person_id__in=seen.ids).order_by("-at")
    opened = Opener(seen.ids)
    return [
        Said(
            r.id, r.at, opened(r.person_id, fields.CONTEST, r.text) or "", r.state,
            opened(r.person_id, fields.CONTEST_ANSWER, r.answer) or "",
        )
        for r in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """A record that was opened in need: by whom, when, why."""

    id: UUID
    person_id: UUID
    account_id: UUID
    at: datetime
    until: datetime
    reason: str


def openings(persons: Sequence[UUID], glass_id: UUID | None = None) -> list[Opening]:
    rows = Glass.objects.filter(person_id__in=list(persons)).order_by("-at")
    if glass_id is not None:
        rows = rows.filter(id=glass_id)
    opened = Opener(persons)
    return [
        Opening(r.id, r.person_id, r.account_id, r.at, r.until,
                opened(r.person_id, fields.GLASS_REASON, r.reason) or "")
        for r in rows
    ]  # fmt: skip


def person_of_glass(glass_id: UUID) -> UUID | None:
    """Whose record an opening in need was about."""
    return Glass.objects.filter(id=glass_id).values_list("person_id", flat=True).first()


def person_of_contest(contest_id: UUID) -> UUID | None:
    """Who said that something is wrong."""
    return Contest.objects.filter(id=contest_id).values_list("person_id", flat=True).first()


def link_used_at(digest: str) -> datetime | None:
    """When a link to a person's own page was opened."""
    return OwnLink.objects.filter(digest=digest).values_list("used_at", flat=True).first()
