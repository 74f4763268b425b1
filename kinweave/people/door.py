"""The one door to a person: `access`. Absent and forbidden look the same.

`people.see` and the other permissions reach as far as the access table says; break-glass widens
reading for three hours; a record that was merged into another is reached through that other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house import quick
from kinweave.house.access import Actor, NotAllowed, place_path, reached, scope_of
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.models import Consent, Glass, Person

# What break-glass opens: reading, and nothing that is guarded.
BY_GLASS = frozenset({"people.see", "listen.scores"})


class PersonNotFound(Problem):
    status, code = 404, "person-not-found"
    says = "There is no such person among the people you can see."
    remedy = "Look for the person in your list, or ask your supervisor."


class NoConsent(Problem):
    status, code = 409, "no-consent"
    says = "The person has not agreed to this ({purpose})."
    remedy = "Ask for consent first, in their own language. Saying no changes nothing else."


@dataclass(frozen=True, slots=True)
class Seen:
    """A person as the door hands it over: the row, the ids of all records merged into it, by what right."""

    row: Person
    ids: tuple[UUID, ...]
    glass: bool = False

    @property
    def id(self) -> UUID:
        return self.row.id


def access(person_id: UUID, *, by: Actor, permission: str = "people.see") -> Seen:
    """The only way to get a person. Raises PersonNotFound for absent and forbidden alike."""
    if by.kind == "person":
        return _own(person_id, by)
    by.require(permission)
    row = _unmerged(person_id)
    if row is None or row.erased_at is not None:
        raise PersonNotFound()
    if row.colleague_account is not None and _is_colleague(row, by):
        raise PersonNotFound()
    if _in_reach(row, by, permission):
        return Seen(row, _with_merged(row))
    if permission in BY_GLASS and _opened_by_glass(row, by):
        return Seen(row, _with_merged(row), glass=True)
    raise PersonNotFound()


def _in_reach(row: Person, by: Actor, permission: str) -> bool:
    return reached(
        by,
        permission,
        worker_id=row.worker_id,
        team_id=row.team_id,
        organisation_id=row.organisation_id,
        path=place_path(row.place_id),
    )


def _own(person_id: UUID, by: Actor) -> Seen:
    row = _unmerged(person_id)
    if row is None or row.erased_at is not None or by.person_id not in _with_merged(row):
        raise PersonNotFound()
    return Seen(row, _with_merged(row))


def _unmerged(person_id: UUID) -> Person | None:
    row = quick.by_id(Person, person_id)
    for _ in range(8):  # merges of merges end somewhere
        if row is None or row.merged_into_id is None:
            return row
        row = quick.by_id(Person, row.merged_into_id)
    return None


def _with_merged(row: Person) -> tuple[UUID, ...]:
    ids, frontier = [row.id], [row.id]
    while frontier:
        frontier = [p.id for one in frontier for p in quick.rows(Person, "WHERE merged_into_id = %s", [one])]
        ids += frontier
    return tuple(ids)


def _is_colleague(row: Person, by: Actor) -> bool:
    """A worker's own care record stays between that worker and the one who accompanies them."""
    return by.kind == "account" and by.account_id != row.worker_id


def _opened_by_glass(row: Person, by: Actor) -> bool:
    if row.colleague_account is not None or by.account_id is None:
        return False
    return Glass.objects.filter(person=row, account_id=by.account_id, until__gt=timezone.now()).exists()


def within(by: Actor, permission: str = "people.see") -> QuerySet[Person]:
    """The people an actor can list: in scope, not merged away, not erased, no colleague's own record."""
    if not by.may(permission):
        raise NotAllowed(permission=permission)
    colleagues = Q(colleague_account=None) | Q(worker_id=by.account_id)
    live = Person.objects.filter(merged_into=None, erased_at=None).filter(colleagues)
    return live.filter(scope_of(by, permission))


def shown_names(rows: Sequence[Person]) -> dict[UUID, str]:
    """What to call people on a page: the alias, else the name, else the code."""
    opened = Opener([row.id for row in rows])
    return {
        row.id: opened(row.id, fields.ALIAS, row.alias) or opened(row.id, fields.NAME, row.name) or row.code
        for row in rows
    }


def consent_for(persons: Iterable[UUID], purpose: str, on: date | None = None) -> Consent | None:
    """The consent in force for a purpose: the last word counts, a no and an expiry too."""
    return consent_to(persons, purpose, "", on)


def consent_to(persons: Iterable[UUID], purpose: str, recipient: str, on: date | None = None) -> Consent | None:
    """The same for one recipient ("" is whoever the purpose itself names)."""
    on = on or timezone.now().date()
    ids = list(persons)
    among = ", ".join(["%s"] * len(ids))
    tail = f"WHERE person_id IN ({among}) AND purpose = %s AND recipient = %s ORDER BY from_at DESC LIMIT 1"
    last = next(iter(quick.rows(Consent, tail, [*ids, purpose, recipient])), None)
    if last is None or not last.given or last.withdrawn_at is not None or (last.until and last.until < on):
        return None
    return last


def require_consent(person: Seen, purpose: str) -> Consent:
    found = consent_for(person.ids, purpose)
    if found is None:
        raise NoConsent(purpose=purpose)
    return found
