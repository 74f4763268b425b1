"""Reach: the filter for lists and the check of one row give the same answer, for every role and anchor."""

from __future__ import annotations

from itertools import product

import pytest

from kinweave.house.access import ROLES, SYSTEM, Actor, Held, reached, scope_of
from kinweave.house.actions import add_organisation, add_team
from kinweave.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(world):
    """People of every combination of worker, team, organisation and place."""
    other = add_organisation(by=SYSTEM, name="Others").result["organisation"]
    elsewhere = add_team(by=SYSTEM, organisation_id=other, name="Theirs").result["team"]
    ids = world.accounts["amina"].id, world.accounts["chipo"].id
    for worker, ward in product(ids, (*world.wards, None)):
        for team in (*world.teams, None):
            world.person(by="farai", worker_id=worker, team_id=team, place_id=ward, consent=False)
    theirs = Person.objects.order_by("id")[:4]
    Person.objects.filter(id__in=[p.id for p in theirs]).update(organisation=other, team=elsewhere)
    return world, other, elsewhere


def actors(world, other, elsewhere):
    account = world.accounts["amina"].id
    paths = (None, "/D1/", "/D1/W1/", "/D2/")
    for role in ROLES:
        for organisation, team, path in product(
            (None, world.organisation, other), (None, world.teams[0], elsewhere), paths
        ):
            yield Actor(account, (Held(role, organisation, team, path),))
    yield SYSTEM
    yield Actor(None, kind="person", person_id=Person.objects.first().id)


def test_a_list_and_a_single_look_reach_the_same_people(many):
    rows = list(Person.objects.select_related("place"))
    permissions = ("people.see", "people.same", "people.erase", "listen.scores")
    seen = 0
    for actor in actors(*many):
        for permission in permissions:
            listed = set(Person.objects.filter(scope_of(actor, permission)).values_list("id", flat=True))
            single = {
                r.id
                for r in rows
                if reached(
                    actor, permission, worker_id=r.worker_id, team_id=r.team_id,
                    organisation_id=r.organisation_id, path=r.place.path if r.place else None,
                )
            }  # fmt: skip
            assert listed == single, (actor, permission)
            seen += len(single)
    assert seen > 100


def test_no_role_has_what_only_the_system_does():
    for role, table in ROLES.items():
        assert not [p for p in table if p in {"house.hold", "risk.escalate", "own.open"}], role


def test_who_keeps_the_house_sees_nobody():
    assert not [p for p in ROLES["keeper"] if p.split(".")[0] in {"people", "care", "listen", "risk", "consent"}]
