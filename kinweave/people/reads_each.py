"""Many people at once, as a phone or an export needs them: a fixed number of queries, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, When

from kinweave.house.access import Actor
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.door import within
from kinweave.people.models import Consent, Contact, Person
from kinweave.people.reads import consent_state

MERGES = 8  # merges of merges that are followed


def caseload(by: Actor, most: int) -> tuple[list[UUID], bool]:
    """The people that someone's phone holds: their own first, then others in reach, at most `most`; and whether
    there were more. Closed records come last. Two queries at most."""
    seen = within(by, "people.see").order_by(Case(When(state="closed", then=1), default=0), "-since", "id")
    own = list(seen.filter(worker_id=by.account_id).values_list("id", flat=True)[: most + 1])
    if len(own) > most:
        return own[:most], True
    if not any(reach.scope != "own" for reach in by.reaches("people.see")):
        return own, False
    left = most - len(own)
    not_own = ~Q(worker_id=by.account_id) | Q(worker_id=None)
    rest = list(seen.filter(not_own).values_list("id", flat=True)[: left + 1])
    return [*own, *rest[:left]], len(rest) > left


def records_of(persons: Collection[UUID]) -> dict[UUID, UUID]:
    """Every record of these people, also those merged into them → the person."""
    whose = {one: one for one in persons}
    frontier = list(whose)
    for _ in range(MERGES):
        found = Person.objects.filter(merged_into__in=frontier).values_list("id", "merged_into_id")
        fresh = {one: whose[into] for one, into in found if into is not None and one not in whose}
        if not fresh:
            break
        whose |= fresh
        frontier = list(fresh)
    return whose


def persons_by_id(persons: Collection[UUID]) -> dict[UUID, Person]:
    """The rows of people whom the reader was already allowed to list."""
    return Person.objects.in_bulk(list(persons))


def called(opened: Opener, row: Person, *, by_name: bool) -> str:
    """What a phone calls someone: the alias, or the name where the site wants names on phones; else the code."""
    alias = opened(row.id, fields.ALIAS, row.alias)
    name = opened(row.id, fields.NAME, row.name)
    return ((name or alias) if by_name else alias) or row.code


def ways_of_each(whose: dict[UUID, UUID], opened: Opener) -> dict[UUID, list[dict[str, Any]]]:
    """Each person's ways to be reached, those that still hold. One query."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = Contact.objects.filter(person_id__in=list(whose), ended_at=None).order_by("id")
    for row in rows:
        found.setdefault(whose[row.person_id], []).append(_way(row, opened))
    return found


def ways_by_id(ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """Ways to reach people, also ended ones, by their ids. One query, and one look at the keys."""
    rows = list(Contact.objects.filter(id__in=list(ids)))
    opened = Opener([row.person_id for row in rows])
    return {str(row.id): _way(row, opened) for row in rows}


def _way(row: Contact, opened: Opener) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "value": opened(row.person_id, fields.CONTACT, row.value) or "",
        "allowed": row.allowed,
        "who_answers": opened(row.person_id, fields.WHO_ANSWERS, row.who_answers) or "",
        "cover": opened(row.person_id, fields.COVER, row.cover) or "",
    }


def consents_of_each(whose: dict[UUID, UUID], on: date) -> dict[UUID, list[dict[str, Any]]]:
    """Each person's last word for each purpose, where it is for this programme itself. One query."""
    last: dict[tuple[UUID, str], Consent] = {}
    for row in Consent.objects.filter(person_id__in=list(whose), recipient="").order_by("from_at", "id"):
        last[whose[row.person_id], row.purpose] = row
    found: dict[UUID, list[dict[str, Any]]] = {}
    for (person, purpose), row in sorted(last.items(), key=lambda one: one[0][1]):
        state = consent_state(row, on)
        until = row.until.isoformat() if row.until else None
        one = {"id": str(row.id), "purpose": purpose, "given": state == "given", "state": state, "until": until}
        found.setdefault(person, []).append(one)
    return found


def keys_of(whose: dict[UUID, UUID]) -> Sequence[UUID]:
    """Under whose keys the sealed values of these people lie."""
    return list(whose)
