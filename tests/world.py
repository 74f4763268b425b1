"""A small world for tests: one organisation, two teams, two wards, an account for each role."""

from __future__ import annotations

import copy
import re
import time
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection

from kinweave.core.ids import uuid7
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import add_organisation, add_place, add_programme, add_team, grant_role
from kinweave.house.models import Account
from kinweave.people.actions import record_consent, register_person

PASSWORD = "a bench under a tree"


@dataclass
class World:
    organisation: UUID
    programme: UUID
    district: UUID
    wards: tuple[UUID, UUID]
    teams: tuple[UUID, UUID]
    accounts: dict[str, Account] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return Actor.of(self.accounts[name].id)

    def person(self, by: str = "amina", consent: bool = True, **more: Any) -> UUID:
        """Someone new, by default with consent to care and to statistics; alias "Rudo"."""
        asked = {
            "organisation_id": self.organisation,
            "programme_id": self.programme,
            "team_id": self.teams[0],
            "place_id": self.wards[0],
            "alias": "Rudo",
            **more,
        }
        new = register_person(by=self.actor(by), **asked).result["person"]
        if consent:
            for purpose in ("care", "statistics"):
                record_consent(by=self.actor(by), person_id=new, purpose=purpose, given=True)
        return new


ROLES = {
    # account: role, team number (None: whole organisation), whether anchored to the district
    "amina": ("worker", 0),
    "baraka": ("worker", 0),
    "chipo": ("worker", 1),
    "dalia": ("supervisor", 0),
    "esi": ("supervisor", 1),
    "farai": ("coordinator", None),
    "gloria": ("evaluator", None),
    "hope": ("keeper", None),
    "imani": ("voice", None),
}


@cache
def hashed() -> str:
    """The password of every test account, hashed once: hashing is slow on purpose."""
    return make_password(PASSWORD)


def account(name: str) -> Account:
    return Account.objects.create(id=uuid7(), username=name, shown_name=name.title(), password=hashed())


def make_world() -> World:
    organisation = add_organisation(by=SYSTEM, name="Open Bench").result["organisation"]
    bench = add_programme(by=SYSTEM, organisation_id=organisation, name="Bench", zone="Africa/Harare")
    district = add_place(by=SYSTEM, code="D1", name="District", kind="district").result["place"]
    wards = tuple(
        add_place(by=SYSTEM, code=f"W{n}", name=f"Ward {n}", kind="ward", parent_id=district).result["place"]
        for n in (1, 2)
    )
    teams = tuple(add_team(by=SYSTEM, organisation_id=organisation, name=f"Team {n}").result["team"] for n in (1, 2))
    world = World(organisation, bench.result["programme"], district, wards, teams)  # type: ignore[arg-type]
    for name, (role, team) in ROLES.items():
        world.accounts[name] = account(name)
        grant_role(
            by=SYSTEM,
            account_id=world.accounts[name].id,
            role=role,
            organisation_id=None if role == "keeper" else organisation,
            team_id=None if team is None else teams[team],
            place_id=district if role in {"coordinator", "evaluator"} else None,
        )
    return world


# ------------------------------------------------------------------------- the same again, by copying its rows

ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])")
CLOCK = time.time() - time.perf_counter()


@dataclass
class Kept:
    """The first world of this run with all its rows: by table, (statement, names of its columns, rows)."""

    world: World
    rows: list[tuple[str, list[str], list[tuple[Any, ...]]]]

    @property
    def ids(self) -> list[str]:
        found = [(row[names.index("id")]) for _, names, rows in self.rows if "id" in names for row in rows]
        return sorted({UUID(str(one)).hex for one in found})


_kept: list[Kept] = []


def world_again() -> World:
    """A world as `make_world` makes it, under ids of its own: its rows are copied from the first one of this run.

    It is made anew where a test has moved the clock, at that clock's time, and until one was made in an empty database.
    """
    if abs(time.time() - time.perf_counter() - CLOCK) > 60:
        return make_world()
    if not _kept:
        alone = not _rows()
        made = make_world()
        if alone:
            _kept.append(Kept(copy.deepcopy(made), _rows()))
        return made
    first = _kept[0]
    new = dict(zip(first.ids, (uuid7().hex for _ in first.ids), strict=True))

    def fresh(value: Any) -> Any:
        if isinstance(value, UUID):
            return UUID(new.get(value.hex, value.hex))
        return ID.sub(lambda m: _as(m[0], new), value) if isinstance(value, str) else value

    with connection.cursor() as cursor:
        for statement, _, rows in first.rows:
            cursor.executemany(statement, [tuple(map(fresh, row)) for row in rows])
    made = copy.deepcopy(first.world)
    accounts = made.accounts
    for one in accounts.values():
        one.id = fresh(one.id)
    return replace(
        made, organisation=fresh(made.organisation), programme=fresh(made.programme), district=fresh(made.district),
        wards=tuple(map(fresh, made.wards)), teams=tuple(map(fresh, made.teams)), accounts=accounts,
    )  # fmt: skip


def _as(old: str, new: dict[str, str]) -> str:
    """The new id written as the old one was; what is no id of this world stays."""
    found = new.get(old.replace("-", ""))
    return old if found is None else str(UUID(found)) if "-" in old else found


def _rows() -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Every row that a test's database holds, beside what it was made with."""
    quote, found = connection.ops.quote_name, []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in {"contenttypes", "auth"} or not model._meta.managed:
                continue
            names = [str(f.column) for f in model._meta.concrete_fields]
            columns, table = ", ".join(map(quote, names)), quote(model._meta.db_table)
            cursor.execute(f"SELECT {columns} FROM {table}")
            if rows := [tuple(row) for row in cursor.fetchall()]:
                marks = ", ".join(["%s"] * len(names))
                found.append((f"INSERT INTO {table} ({columns}) VALUES ({marks})", names, rows))
    return found
