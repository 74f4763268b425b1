"""Whether the house itself lies within an actor's reach: its organisations, programmes, places, settings, quarantine.

A permission says what; these say where. Absent and out of reach look the same to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from kinweave.house.access import ALL, ORGANISATION, PLACE, ROLES, Actor, NotAllowed
from kinweave.house.models import Grant, Held, Organisation, Place, Programme


def everywhere(by: Actor, permission: str) -> bool:
    """Whether the permission reaches the whole site."""
    return any(reach.scope == ALL for reach in by.reaches(permission))


def homes(by: Actor, permission: str) -> set[UUID]:
    """The organisations that the permission reaches as a whole or in one of their places."""
    wide = (ORGANISATION, PLACE)
    return {r.organisation_id for r in by.reaches(permission) if r.scope in wide and r.organisation_id}


def reaches_home(by: Actor, permission: str, organisation_id: UUID | None) -> bool:
    return everywhere(by, permission) or organisation_id in homes(by, permission)


def reaches_site(by: Actor, permission: str) -> bool:
    """The whole site is theirs: by right, or because no other organisation is on it."""
    if everywhere(by, permission):
        return True
    own = homes(by, permission)
    return bool(own) and not Organisation.objects.exclude(id__in=own).exists()


def require_site(by: Actor, permission: str) -> None:
    """Raises NotAllowed."""
    if not reaches_site(by, permission):
        raise NotAllowed(permission=permission)


def require_scope(by: Actor, permission: str, scope: str) -> None:
    """What is set for the whole site ("") needs the whole site, for a programme its organisation. Raises NotAllowed."""
    if everywhere(by, permission):
        return
    if not scope:
        require_site(by, permission)
        return
    own = Programme.objects.filter(organisation_id__in=homes(by, permission)).values_list("id", flat=True)
    if scope not in {str(one) for one in own}:
        raise NotAllowed(permission=permission)


def reaches_place(by: Actor, permission: str, place: Place | None) -> bool:
    """Places are shared: someone anchored in a place keeps what lies within it, others need the whole site."""
    if everywhere(by, permission):
        return True
    paths = [reach.place_path for reach in by.reaches(permission) if reach.place_path]
    if any(place is not None and place.path.startswith(path) for path in paths):
        return True
    return reaches_site(by, permission)


def works_in(account_id: UUID, organisation_id: UUID) -> bool:
    """Whether an account holds, or held, a role in an organisation."""
    return Grant.objects.filter(account_id=account_id, organisation_id=organisation_id).exists()


def held_once(by: Actor, permission: str) -> bool:
    """Whether an account ever had a permission: a worker who left hands in what was written down before."""
    roles = [role for role, table in ROLES.items() if permission in table]
    return by.account_id is not None and Grant.objects.filter(account_id=by.account_id, role__in=roles).exists()


# Who may decide about a held fact: the house knows no persons, so the one door (people) hands its rule in.
_doors: list[Callable[[Actor, Held], bool]] = []


def held_door(rule: Callable[[Actor, Held], bool]) -> None:
    _doors.append(rule)


def may_decide(by: Actor, row: Held) -> bool:
    """Whether a held fact lies within reach; nobody but the system where no door was handed in."""
    return by.kind == "system" or (bool(_doors) and all(rule(by, row) for rule in _doors))
