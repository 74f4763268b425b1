"""The house's own actions: organisations, places, programmes, teams, settings, grants, quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.core.zones import time_zones
from kinweave.house import reach
from kinweave.house.access import ROLES, Actor, NotAllowed
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Grant, Organisation, Place, PlaceYear, Setting, Team
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.settings import check


class NotFound(Problem):
    status, code = 404, "not-found"
    says = "There is no such {what} here."
    remedy = "Go back and choose from the list."


class NameMissing(Problem):
    status, code = 422, "name-missing"
    says = "A name is needed, 120 letters at most."
    remedy = "Write a short name and save again."


class CodeTaken(Problem):
    status, code = 409, "code-taken"
    says = "This code is already used for another {what}."
    remedy = "Choose another code."


class Unknown(Problem):
    status, code = 422, "unknown-choice"
    says = "This is not one of the choices for {what}."
    remedy = "Choose from the list."


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 120:
        raise NameMissing()
    return name


@action(permission="house.places")
def add_organisation(*, by: Actor, head: Head, name: str) -> Decision:
    """An organisation, the controller of its own people. Result: `organisation`."""
    if not reach.everywhere(by, "house.places"):
        raise NotAllowed(permission="house.places")
    new = head.child("organisation")
    return Decision(new, {"id": new, "name": _name(name)}, result={"organisation": new})


@applies("house.add_organisation")
def _organisation(part: Part) -> Iterator[Row]:
    yield Put("house.Organisation", {"id": part["id"], "name": part["name"]})


def _home(by: Actor, organisation_id: UUID) -> None:
    """An organisation within reach; absent and another's look the same."""
    there = Organisation.objects.filter(id=organisation_id).exists()
    if not there or not reach.reaches_home(by, "house.places", organisation_id):
        raise NotFound(what="organisation")


def _place_within(by: Actor, place_id: UUID) -> Place:
    found = Place.objects.filter(id=place_id).first()
    if found is None or not reach.reaches_place(by, "house.places", found):
        raise NotFound(what="place")
    return found


@action(permission="house.places")
def add_team(*, by: Actor, head: Head, organisation_id: UUID, name: str) -> Decision:
    """A team of workers with its supervisor. Result: `team`."""
    _home(by, organisation_id)
    new = head.child("team")
    return Decision(new, {"id": new, "organisation": organisation_id, "name": _name(name)}, result={"team": new})


@applies("house.add_team")
def _team(part: Part) -> Iterator[Row]:
    yield Put("house.Team", {"id": part["id"], "organisation_id": part["organisation"], "name": part["name"]})


@action(permission="house.places")
def add_programme(*, by: Actor, head: Head, organisation_id: UUID, name: str, zone: str = "UTC") -> Decision:
    """A programme with its own time zone (IANA name). Result: `programme`."""
    _home(by, organisation_id)
    if zone not in time_zones():
        raise Unknown(what="time zone")
    new = head.child("programme")
    open_ = {"id": new, "organisation": organisation_id, "name": _name(name), "zone": zone}
    return Decision(new, open_, result={"programme": new})


@applies("house.add_programme")
def _programme(part: Part) -> Iterator[Row]:
    yield Put(
        "house.Programme",
        {
            "id": part["id"],
            "organisation_id": part["organisation"],
            "name": part["name"],
            "timezone": part["zone"],
        },
    )


@action(permission="house.places")
def add_place(
    *,
    by: Actor,
    head: Head,
    code: str,
    name: str,
    kind: str,
    parent_id: UUID | None = None,
    valid_from: date | None = None,
) -> Decision:
    """A place within another. Its code is short, unique and stays; its path is found from its parents'."""
    code = code.strip()
    if not code or "/" in code or len(code) > 40:
        raise Unknown(what="place code")
    above = "/"
    if parent_id is not None:
        above = _place_within(by, parent_id).path
    else:
        reach.require_site(by, "house.places")
    if Place.objects.filter(code=code).exists():
        raise CodeTaken(what="place")
    new = head.child("place")
    open_ = {
        "id": new, "code": code, "name": _name(name), "kind": kind, "parent": parent_id,
        "path": f"{above}{code}/", "from": valid_from,
    }  # fmt: skip
    return Decision(new, open_, result={"place": new})


@applies("house.add_place")
def _place(part: Part) -> Iterator[Row]:
    values = {k: part[k] for k in ("id", "code", "name", "kind", "path")}
    yield Put("house.Place", {**values, "parent_id": part["parent"], "valid_from": part["from"]})


@action(permission="house.places", locks=("place_id",))
def close_place(*, by: Actor, head: Head, place_id: UUID, until: date, successor_id: UUID | None = None) -> Decision:
    """A place ends (a ward redrawn, a camp closed), with the place that follows it where there is one."""
    _place_within(by, place_id)
    if successor_id is not None and not Place.objects.filter(id=successor_id).exists():
        raise NotFound(what="place")
    return Decision(place_id, {"id": place_id, "until": until, "successor": successor_id})


@applies("house.close_place")
def _closed_place(part: Part) -> Iterator[Row]:
    yield Change("house.Place", UUID(part["id"]), {"valid_until": part["until"], "successor_id": part["successor"]})


@action(permission="house.places", locks=("place_id",))
def count_place(*, by: Actor, head: Head, place_id: UUID, year: int, population: int, source: str = "") -> Decision:
    """How many people live in a place in a year, and who says so. A later count replaces it."""
    _place_within(by, place_id)
    if not (1900 <= year <= 2200 and 0 <= population <= 1_000_000_000):
        raise Unknown(what="population")
    held = PlaceYear.objects.filter(place_id=place_id, year=year).first()
    row = held.id if held else head.child("year")
    open_ = {"id": row, "place": place_id, "year": year, "population": population, "source": source[:200]}
    return Decision(place_id, {**open_, "replaces": held is not None})


@applies("house.count_place")
def _counted(part: Part) -> Iterator[Row]:
    values = {"population": part["population"], "source": part["source"]}
    if part["replaces"]:
        yield Change("house.PlaceYear", UUID(part["id"]), values)
    else:
        yield Put("house.PlaceYear", {"id": part["id"], "place_id": part["place"], "year": part["year"], **values})


@action(permission="house.settings")
def change_setting(*, by: Actor, head: Head, key: str, value: Any, scope: str = "") -> Decision:
    """A new version of a setting, for the site or one programme. Old versions stay for ever."""
    reach.require_scope(by, "house.settings", scope)
    check(key, value)
    last = Setting.objects.filter(key=key, scope=scope).order_by("-version").first()
    new = head.child("setting")
    open_ = {
        "id": new,
        "key": key,
        "scope": scope,
        "version": (last.version if last else 0) + 1,
        "value": value,
    }
    return Decision(None, {**open_, "since": head.received_at})


@applies("house.change_setting")
def _setting(part: Part) -> Iterator[Row]:
    yield Put("house.Setting", {k: part[k] for k in ("id", "key", "scope", "version", "value", "since")})


@action(permission="house.accounts", locks=("account_id",))
def grant_role(
    *,
    by: Actor,
    head: Head,
    account_id: UUID,
    role: str,
    organisation_id: UUID | None = None,
    team_id: UUID | None = None,
    place_id: UUID | None = None,
    until: datetime | None = None,
) -> Decision:
    """Give an account a role from now on, anchored where it holds. Result: `grant`."""
    if role not in ROLES:
        raise Unknown(what="role")
    for model, one in ((Organisation, organisation_id), (Team, team_id), (Place, place_id)):
        if one is not None and not model._default_manager.filter(pk=one).exists():
            raise NotFound(what=model._meta.model_name)
    new = head.child("grant")
    open_ = {
        "id": new, "account": account_id, "role": role, "organisation": organisation_id, "team": team_id,
        "place": place_id, "since": head.received_at, "until": until,
    }  # fmt: skip
    return Decision(account_id, open_, result={"grant": new})


@applies("house.grant_role")
def _granted(part: Part) -> Iterator[Row]:
    anchors = {f"{k}_id": part[k] for k in ("organisation", "team", "place")}
    yield Put(
        "house.Grant",
        {"id": part["id"], "account_id": part["account"], "role": part["role"], **anchors,
         "since": part["since"], "until": part["until"]},
    )  # fmt: skip


@action(permission="house.accounts", locks=("grant_id",))
def end_grant(*, by: Actor, head: Head, grant_id: UUID) -> Decision:
    """Take a role back from now on."""
    if not Grant.objects.filter(id=grant_id).exists():
        raise NotFound(what="role")
    return Decision(grant_id, {"id": grant_id, "until": head.received_at})


@applies("house.end_grant")
def _ended(part: Part) -> Iterator[Row]:
    yield Change("house.Grant", UUID(part["id"]), {"until": part["until"]})
