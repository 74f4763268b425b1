"""A small world for tests: one organisation, two teams, two wards, an account for each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

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
