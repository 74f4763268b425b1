"""The programme that the benchmarks measure: 40 places, 50 teams, 300 workers, one questionnaire switched on.

Runs inside a site (see bench.inside). Everything goes through the real actions; nobody in it exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.contrib.auth.hashers import make_password

from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import add_organisation, add_place, add_programme, add_team, count_place, grant_role
from kinweave.house.models import Account, Grant, Organisation, Place, Programme, Team
from kinweave.house.sequencer import site
from kinweave.house.tokens import make_token
from kinweave.listen.actions import switch_instrument

SPACE = UUID("0b6f6f0e-8f0b-5d0c-9c55-7f5a1f7d1c01")
INSTRUMENT = "phq-9"
INHABITANTS = 25_000  # of each place


@dataclass
class World:
    organisation: UUID
    programme: UUID
    places: list[UUID] = field(default_factory=list)
    teams: list[UUID] = field(default_factory=list)
    workers: list[UUID] = field(default_factory=list)

    def team_of(self, worker: int) -> int:
        return worker % len(self.teams)


def make(*, places: int = 40, teams: int = 50, workers: int = 300) -> World:
    """The whole world, in a fresh site. One supervisor for each team, one coordinator for the district."""
    row = site()
    row.invented = row.ready = True
    row.save(update_fields=["invented", "ready"])
    organisation = _id(add_organisation(by=SYSTEM, name="Open Bench"), "organisation")
    programme = _id(add_programme(by=SYSTEM, organisation_id=organisation, name="Bench", zone="UTC"), "programme")
    world = World(organisation, programme)
    district = _id(add_place(by=SYSTEM, code="D", name="District", kind="district"), "place")
    for n in range(places):
        place = add_place(by=SYSTEM, code=f"D{n:02}", name=f"Ward {n + 1}", kind="ward", parent_id=district)
        world.places.append(_id(place, "place"))
        for year in (2023, 2024, 2025, 2026):
            count_place(by=SYSTEM, place_id=world.places[-1], year=year, population=INHABITANTS, source="invented")
    for n in range(teams):
        team = add_team(by=SYSTEM, organisation_id=organisation, name=f"Team {n + 1}")
        world.teams.append(_id(team, "team"))
    hashed = make_password(None)  # nobody signs in with a password here
    for n in range(workers):
        world.workers.append(_account(world, f"worker-{n}", "worker", hashed, team=world.teams[world.team_of(n)]))
    for n in range(teams):
        _account(world, f"supervisor-{n}", "supervisor", hashed, team=world.teams[n])
    _account(world, "coordinator", "coordinator", hashed, place=district)
    switch_instrument(by=SYSTEM, slug=INSTRUMENT, on=True)
    return world


def _account(
    world: World, name: str, role: str, hashed: str, *, team: UUID | None = None, place: UUID | None = None
) -> UUID:
    account = Account.objects.create(
        id=uuid5(SPACE, name), username=name, shown_name=name.title(), password=hashed, must_change=False
    )
    grant_role(
        by=SYSTEM, account_id=account.id, role=role, organisation_id=world.organisation, team_id=team, place_id=place
    )
    return account.id


def _id(receipt: object, name: str) -> UUID:
    return UUID(str(receipt.result[name]))  # type: ignore[attr-defined]


def there() -> World:
    """The world of a site that has one, found again."""
    organisation = Organisation.objects.get()
    workers = Grant.objects.filter(role="worker").values_list("account_id", flat=True)
    names = dict(Account.objects.filter(id__in=workers).values_list("username", "id"))
    return World(
        organisation.id,
        Programme.objects.get().id,
        list(Place.objects.filter(kind="ward").order_by("code").values_list("id", flat=True)),
        [t.id for t in sorted(Team.objects.all(), key=lambda t: int(t.name.split()[1]))],
        [names[f"worker-{n}"] for n in range(len(names))],
    )


def token_for(account: UUID) -> str:
    """A token of the API for one account."""
    return make_token(by=Actor.of(account), name="bench")[1]
