"""Register and change persons, where they live, who accompanies them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from kinweave.core.phonetic import name_key
from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Organisation, Place, Programme, Team
from kinweave.house.reach import works_in
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Drop, Put, Row
from kinweave.house.sealing import Opener, Secret, house_key
from kinweave.people import fields
from kinweave.people.door import access
from kinweave.people.facts import NameNeeded, check_facts, check_gender, check_year, clean_name
from kinweave.people.models import NameKey, Residence


class InTheFuture(Problem):
    status, code = 422, "in-the-future"
    says = "This date has not come yet."
    remedy = "Check the date. If it is a plan, write it as the next date."


class OutOfReach(Problem):
    status, code = 403, "out-of-reach"
    says = "You cannot place someone there."
    remedy = "Choose one of your own teams and places."


def code_of(person_id: UUID) -> str:
    """A short code to say aloud, derived from the id (no letters that look or sound alike)."""
    raw = hashlib.blake2b(person_id.bytes, digest_size=5).digest()
    text = base64.b32encode(raw).decode().translate(str.maketrans("IO01", "WXYZ"))
    return f"{text[:2]}-{text[2:6]}"


def name_digest(key: str) -> str:
    """The keyed digest of a phonetic key: useless outside this site."""
    return hmac.new(house_key(), b"possibly-the-same|" + key.encode(), hashlib.sha256).hexdigest()[:32]


def name_digests(*names: str | None) -> list[str]:
    return sorted({name_digest(key) for name in names if name and (key := name_key(name))})


def check_when(day: date, head: Head) -> None:
    """A day for something that happened; a day's grace for time zones."""
    if (day - head.received_at.astimezone(UTC).date()).days > 1:
        raise InTheFuture()


def _anchors(by: Actor, permission: str, organisation_id: UUID, team_id: UUID | None, place_id: UUID | None) -> None:
    """The actor must hold the permission in this organisation, and the places must exist."""
    reaches = by.reaches(permission)
    if not any(r.organisation_id in (None, organisation_id) for r in reaches):
        raise OutOfReach()
    if not Organisation.objects.filter(id=organisation_id).exists():
        raise NotFound(what="organisation")
    if team_id and not Team.objects.filter(id=team_id, organisation_id=organisation_id).exists():
        raise NotFound(what="team")
    if place_id and not Place.objects.filter(id=place_id).exists():
        raise NotFound(what="place")


def _check_worker(by: Actor, worker_id: UUID | None, organisation_id: UUID) -> None:
    """Whoever accompanies someone belongs to the same organisation: their own list shows the name."""
    if worker_id is not None and worker_id != by.account_id and not works_in(worker_id, organisation_id):
        raise NotFound(what="worker")


@action(permission="people.register", fact=True)
def register_person(
    *,
    by: Actor,
    head: Head,
    organisation_id: UUID,
    alias: str | None = None,
    name: str | None = None,
    programme_id: UUID | None = None,
    team_id: UUID | None = None,
    place_id: UUID | None = None,
    worker_id: UUID | None = None,
    birth_year: int | None = None,
    gender: str = "",
    language: str = "",
    facts: Mapping[str, Any] | None = None,
    met_on: date | None = None,
    external_id: str | None = None,
    colleague_account: UUID | None = None,
) -> Decision:
    """Someone new, under an alias or a name. The worker who registers accompanies, unless told otherwise.

    Result: `person`, `code`, `possibly_same` (a count only; who it may be is for a supervisor to see).
    """
    alias, name = clean_name(alias), clean_name(name)
    if alias is None and name is None:
        raise NameNeeded()
    _anchors(by, "people.register", organisation_id, team_id, place_id)
    if programme_id and not Programme.objects.filter(id=programme_id, organisation_id=organisation_id).exists():
        raise NotFound(what="programme")
    _check_worker(by, worker_id, organisation_id)
    met = met_on or head.happened_at.date()
    check_when(met, head)
    new = head.child("person")
    digests = name_digests(alias, name)
    same = NameKey.objects.filter(digest__in=digests).values("person_id").distinct().count()
    code = code_of(new)
    return Decision(
        subject=new,
        new_key=True,
        open={
            "id": new, "code": code, "organisation": organisation_id, "programme": programme_id, "team": team_id,
            "place": place_id, "worker": worker_id or by.account_id, "met_on": met, "keys": len(digests),
        },
        closed={
            "name": Secret(fields.NAME, name) if name else None,
            "alias": Secret(fields.ALIAS, alias) if alias else None,
            "external_id": Secret(fields.EXTERNAL_ID, external_id[:120]) if external_id else None,
            "birth_year": check_year(birth_year, met),
            "gender": check_gender(gender),
            "language": language[:12],
            "facts": check_facts(facts or {}, str(programme_id or "")),
            "colleague_account": colleague_account,
            "digests": digests or None,
        },
        result={"person": new, "code": code, "possibly_same": same},
    )  # fmt: skip


@applies("people.register_person")
def _registered(part: Part) -> Iterator[Row]:
    person = part["id"]
    yield Put(
        "people.Person",
        {
            "id": person, "code": part["code"], "organisation_id": part["organisation"],
            "programme_id": part["programme"], "team_id": part["team"], "place_id": part["place"],
            "worker_id": part["worker"], "since": part.happened_at, "met_on": part["met_on"],
            "met_precision": "day", "name": part.sealed.get("name"), "alias": part.sealed.get("alias"),
            "external_id": part.sealed.get("external_id"), "birth_year": part.get("birth_year"),
            "gender": part.get("gender", ""), "language": part.get("language", ""),
            "facts": part.get("facts", {}), "colleague_account": part.get("colleague_account"),
        },
    )  # fmt: skip
    digests = part.get("digests", [None] * part["keys"])
    for number, one in enumerate(digests):
        yield Put("people.NameKey", {"id": part.child(f"key{number}"), "person_id": person, "digest": one})
    if part["place"]:
        yield Put(
            "people.Residence",
            {
                "id": part.child("residence"),
                "person_id": person,
                "place_id": part["place"],
                "from_on": part["met_on"],
            },
        )
    yield happened(part, UUID(person), "registered")


def happened(part: Part, person: UUID, kind: str, /, *, guarded: str = "", ref: Any = None, **facts: Any) -> Put:
    """One line of a person's timeline."""
    return Put(
        "house.Happened",
        {
            "id": part.child(f"happened/{kind}"), "person_id": person, "at": part.happened_at,
            "precision": part.precision, "kind": kind, "actor_id": part.actor_id, "ref_id": ref,
            "guarded": guarded, "facts": {} if part.erased else facts,
        },
    )  # fmt: skip


CHANGEABLE = ("birth_year", "gender", "language", "facts")


@action(permission="people.change", locks=("person_id",))
def change_person(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    alias: str | None = None,
    name: str | None = None,
    birth_year: int | None = None,
    gender: str | None = None,
    language: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Decision:
    """Correct what is written about a person; what is not given stays. The journal keeps what was."""
    seen = access(person_id, by=by, permission="people.change")
    alias, name = clean_name(alias), clean_name(name)
    given = {
        "birth_year": check_year(birth_year, head.received_at.date()),
        "gender": None if gender is None else check_gender(gender),
        "language": None if language is None else language[:12],
        "facts": None if facts is None else check_facts({**seen.row.facts, **facts}, str(seen.row.programme_id or "")),
    }
    changed = {k: v for k, v in given.items() if v is not None}
    old = list(NameKey.objects.filter(person_id=seen.id).order_by("id").values_list("id", flat=True))
    renamed = alias is not None or name is not None
    digests = _digests_after(seen.row, alias, name) if renamed else []
    return Decision(
        subject=seen.id,
        open={
            "id": seen.id,
            "changed": sorted(changed),
            "drop": old if renamed else [],
            "keys": len(digests),
        },
        closed={
            **changed,
            "name": Secret(fields.NAME, name) if name else None,
            "alias": Secret(fields.ALIAS, alias) if alias else None,
            "digests": digests or None,
        },
    )


def _digests_after(row: Any, alias: str | None, name: str | None) -> list[str]:
    opened = Opener([row.id])
    kept_alias = alias or opened(row.id, fields.ALIAS, row.alias)
    kept_name = name or opened(row.id, fields.NAME, row.name)
    return name_digests(kept_alias, kept_name)


@applies("people.change_person")
def _changed(part: Part) -> Iterator[Row]:
    person = UUID(part["id"])
    if not part.erased:
        values: dict[str, Any] = {name: part.get(name) for name in part["changed"]}
        values |= {name: part.sealed[name] for name in ("name", "alias") if name in part.sealed}
        if values:
            yield Change("people.Person", person, values)
    for old in part["drop"]:
        yield Drop("people.NameKey", UUID(old))
    for number, one in enumerate(part.get("digests", [None] * part["keys"])):
        yield Put("people.NameKey", {"id": part.child(f"key{number}"), "person_id": person, "digest": one})
    yield happened(part, person, "corrected")


@action(permission="people.change", locks=("person_id",), fact=True)
def move_person(*, by: Actor, head: Head, person_id: UUID, place_id: UUID, on: date) -> Decision:
    """A person moved; the history of residence stays."""
    seen = access(person_id, by=by, permission="people.change")
    if not Place.objects.filter(id=place_id).exists():
        raise NotFound(what="place")
    check_when(on, head)
    last = Residence.objects.filter(person_id=seen.id, until_on=None).order_by("-from_on").first()
    return Decision(seen.id, {"id": seen.id, "place": place_id, "on": on, "ends": last.id if last else None})


@applies("people.move_person")
def _moved(part: Part) -> Iterator[Row]:
    person = UUID(part["id"])
    if part["ends"]:
        yield Change("people.Residence", UUID(part["ends"]), {"until_on": part["on"]})
    yield Put(
        "people.Residence",
        {
            "id": part.child("residence"),
            "person_id": person,
            "place_id": part["place"],
            "from_on": part["on"],
        },
    )
    yield Change("people.Person", person, {"place_id": part["place"]})
    yield happened(part, person, "moved")


@action(permission="care.assign", locks=("person_id",))
def assign_worker(
    *, by: Actor, head: Head, person_id: UUID, worker_id: UUID | None, team_id: UUID | None = None
) -> Decision:
    """Who accompanies a person from now on; what was due moves along."""
    seen = access(person_id, by=by, permission="care.assign")
    if team_id and not Team.objects.filter(id=team_id, organisation_id=seen.row.organisation_id).exists():
        raise NotFound(what="team")
    if worker_id is not None and not works_in(worker_id, seen.row.organisation_id):
        raise NotFound(what="worker")
    dues = Due.objects.filter(person_id__in=seen.ids, state="open", who=seen.row.worker_id).order_by("id")
    moved = list(dues.values_list("id", flat=True)) if seen.row.worker_id else []
    team = team_id or seen.row.team_id
    return Decision(seen.id, {"id": seen.id, "worker": worker_id, "team": team, "dues": moved})


@applies("people.assign_worker")
def _assigned(part: Part) -> Iterator[Row]:
    person = UUID(part["id"])
    yield Change("people.Person", person, {"worker_id": part["worker"], "team_id": part["team"]})
    for one in part["dues"]:
        yield Change("house.Due", UUID(one), {"who": part["worker"]})
    yield happened(part, person, "assigned")


def at_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
