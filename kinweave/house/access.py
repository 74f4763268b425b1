"""Who may do what, and how far: role × permission × scope, in one table.

A grant anchors a role (an organisation, a team, a place); the table says how far each permission of the
role reaches from there. Nothing else in the product decides by role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house import quick
from kinweave.house.models import Grant, Place

OWN, TEAM, ORGANISATION, PLACE, ALL = "own", "team", "organisation", "place", "all"

_WORKER = {
    "people.see": OWN,
    "people.register": OWN,
    "people.change": OWN,
    "people.notes": OWN,
    "consent.record": OWN,
    "consent.withdraw": OWN,
    "listen.record": OWN,
    "listen.scores": OWN,
    "listen.story": OWN,
    "care.act": OWN,
    "care.worry": OWN,
    "risk.see": OWN,
    "break.glass": ORGANISATION,
    "learn.own": OWN,
    "gather.see": TEAM,
    "gather.meet": TEAM,
    "gather.keep": OWN,
    "connect.refer": OWN,
    "team.hours": OWN,
    "due.own": OWN,
    "api.use": OWN,
}
_SELF = {"due.own", "api.use", "learn.own", "team.hours"}  # about the account itself, whatever the role
_SUPERVISOR = {
    **{k: TEAM for k in _WORKER if k not in {"break.glass", *_SELF}},
    **dict.fromkeys(_SELF, OWN),
    "break.glass": ORGANISATION,
    "care.assign": TEAM,
    "risk.answer": TEAM,
    "risk.close": TEAM,
    "people.same": ORGANISATION,
    "accounts.recover": TEAM,
    "people.merge": TEAM,
    "people.link": TEAM,
    "held.decide": TEAM,
    "reads.see": TEAM,
}
_COORDINATOR = {
    **{k: PLACE for k in _SUPERVISOR if k not in _SELF},
    **dict.fromkeys(_SELF, OWN),
    "people.same": ORGANISATION,
    "accounts.recover": ORGANISATION,
    "people.erase": PLACE,
    "import.people": PLACE,
    "import.responses": PLACE,
    "house.settings": ORGANISATION,
    "house.places": ORGANISATION,
    "house.rota": ORGANISATION,
    "forms.keep": ORGANISATION,
    "forms.phones": ORGANISATION,
    "forms.answers": ORGANISATION,
    "learn.see": PLACE,
    "published.draft": ORGANISATION,
    "published.sign": ORGANISATION,
    "published.read": ORGANISATION,
    "decide.see": PLACE,
    "decide.keep": PLACE,
    "reads.see": PLACE,
}

# What a role may do, and how far each permission reaches from where the grant is anchored.
ROLES: Mapping[str, Mapping[str, str]] = {
    "worker": _WORKER,
    "supervisor": _SUPERVISOR,
    "coordinator": _COORDINATOR,
    "evaluator": {
        "learn.see": PLACE,
        "published.draft": ORGANISATION,
        "published.sign": ORGANISATION,
        "published.read": ORGANISATION,
        "decide.see": PLACE,
        "decide.keep": PLACE,
        "due.own": OWN,
        "api.use": OWN,
    },
    # Speaks for an organisation of people who use services: reads drafts, signs or does not. Sees no person.
    "voice": {
        "published.read": ORGANISATION,
        "published.voice": ORGANISATION,
        "decide.see": ORGANISATION,
        "due.own": OWN,
        "api.use": OWN,
    },
    # Keeps the house, sees no person: accounts, roles, settings, backups.
    "keeper": {
        "house.accounts": ALL,
        "accounts.recover": ALL,
        "house.settings": ALL,
        "house.places": ALL,
        "house.rota": ALL,
        "house.keep": ALL,
        "due.own": OWN,
        "api.use": OWN,
    },
}


# What a person may do on their own page, with their own record only.
PERSON_MAY = frozenset({"people.see", "consent.withdraw", "own.contest", "own.story"})


class NotAllowed(Problem):
    status, code = 403, "not-allowed"
    says = "Your role does not include this."
    remedy = "Ask your coordinator if you need it for your work."


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission goes for one grant: the scope and its anchors."""

    scope: str
    organisation_id: UUID | None
    team_id: UUID | None
    place_path: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as an actor carries it."""

    role: str
    organisation_id: UUID | None = None
    team_id: UUID | None = None
    place_path: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its grants, the system's clocks, or a person on their own page."""

    account_id: UUID | None
    grants: tuple[Held, ...] = ()
    kind: str = "account"  # account, system, person
    person_id: UUID | None = None

    @classmethod
    def of(cls, account_id: UUID, at: datetime | None = None) -> Actor:
        """The actor of an account, with the grants that hold at `at` (now)."""
        at = at or timezone.now()
        found = quick.rows(Grant, "WHERE account_id = %s ORDER BY role, id", [account_id])
        holds = [g for g in found if g.since <= at and (g.until is None or g.until > at)]
        return cls(account_id, tuple(Held(g.role, g.organisation_id, g.team_id, place_path(g.place_id)) for g in holds))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(g.role for g in self.grants)

    def reaches(self, permission: str) -> tuple[Reach, ...]:
        """How far the actor's permission goes; empty when the actor does not have it."""
        if self.kind == "system":
            return (Reach(ALL, None, None, None),)
        if self.kind == "person":
            return (Reach(OWN, None, None, None),) if permission in PERSON_MAY else ()
        return tuple(
            Reach(ROLES[g.role][permission], g.organisation_id, g.team_id, g.place_path)
            for g in self.grants
            if permission in ROLES.get(g.role, {})
        )

    def may(self, permission: str) -> bool:
        return bool(self.reaches(permission))

    def require(self, permission: str) -> None:
        if not self.may(permission):
            raise NotAllowed(permission=permission)


@cache
def _path(place_id: UUID) -> str:
    found = quick.by_id(Place, place_id)
    if found is None:
        raise LookupError("no such place")
    return found.path


def place_path(place_id: UUID | None) -> str | None:
    """The path of a place. It never changes, so each process reads it once."""
    try:
        return None if place_id is None else _path(place_id)
    except LookupError:
        return None


SYSTEM = Actor(None, kind="system")


def scope_of(
    actor: Actor,
    permission: str,
    *,
    worker: str = "worker_id",
    team: str = "team_id",
    organisation: str = "organisation_id",
    path: str = "place__path",
) -> Q:
    """The rows within the actor's reach, as a filter on a model with these columns."""
    within = Q(pk__in=())
    for reach in actor.reaches(permission):
        within |= _within(actor, reach, worker, team, organisation, path)
    return within


def _within(actor: Actor, reach: Reach, worker: str, team: str, organisation: str, path: str) -> Q:
    home = Q(**{organisation: reach.organisation_id}) if reach.organisation_id else Q()
    if reach.scope == ALL:
        return Q(pk__isnull=False)
    if reach.scope == OWN:
        return Q(**{worker: actor.account_id}) if actor.account_id else Q(pk__in=())
    if reach.scope == TEAM:
        # A team is of one organisation; naming that too would lead the planner to the longer index.
        return Q(**{team: reach.team_id}) if reach.team_id else Q(pk__in=())
    if reach.scope == PLACE and reach.place_path:
        inside = Q(**{f"{path}__startswith": reach.place_path})
        # Someone whose place nobody wrote down yet belongs to the organisation's coordinators.
        return home & (inside | Q(**{f"{path}__isnull": True})) if reach.organisation_id else inside
    return home if reach.organisation_id else Q(pk__in=())


def reached(
    actor: Actor,
    permission: str,
    *,
    worker_id: UUID | None,
    team_id: UUID | None,
    organisation_id: UUID | None,
    path: str | None,
) -> bool:
    """Whether one row lies within the actor's reach: `scope_of` for a row already read.

    tests/house/test_access.py holds the two to the same answer.
    """
    return any(_covers(actor, reach, worker_id, team_id, organisation_id, path) for reach in actor.reaches(permission))


def _covers(
    actor: Actor,
    reach: Reach,
    worker_id: UUID | None,
    team_id: UUID | None,
    organisation_id: UUID | None,
    path: str | None,
) -> bool:
    if reach.scope == ALL:
        return True
    if reach.scope == OWN:
        return actor.account_id is not None and worker_id == actor.account_id
    home = reach.organisation_id is None or reach.organisation_id == organisation_id
    if reach.scope == TEAM:
        return reach.team_id is not None and reach.team_id == team_id
    if reach.scope == PLACE and reach.place_path:
        if path is None:
            return home and reach.organisation_id is not None
        return home and path.startswith(reach.place_path)
    return reach.organisation_id is not None and home


def everyone_with(
    permission: str, *, organisation_id: UUID | None = None, at: datetime | None = None
) -> Iterable[Grant]:
    """Grants whose role holds a permission (to find who can be asked)."""
    at = at or timezone.now()
    roles = [role for role, table in ROLES.items() if permission in table]
    found = Grant.objects.filter(Q(until=None) | Q(until__gt=at), role__in=roles, since__lte=at)
    return found if organisation_id is None else found.filter(organisation_id=organisation_id)
