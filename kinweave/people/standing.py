"""What rooms and flows may know of a record by its id, without opening it: where it stands, never who it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kinweave.house import quick
from kinweave.people.door import shown_names
from kinweave.people.models import Person


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands: whose it is and in what state. For the system's own decisions."""

    id: UUID
    state: str
    programme_id: UUID | None
    organisation_id: UUID
    team_id: UUID | None
    place_id: UUID | None
    worker_id: UUID | None
    erased: bool


def standing(person_id: UUID | None) -> Standing | None:
    """Where a record stands; None where there is no such record."""
    row = quick.by_id(Person, person_id)
    if row is None:
        return None
    return Standing(
        row.id, row.state, row.programme_id, row.organisation_id, row.team_id, row.place_id, row.worker_id,
        row.erased_at is not None,
    )  # fmt: skip


def known(person_id: UUID | None) -> UUID | None:
    """The id where such a person is held and not erased."""
    found = standing(person_id)
    return None if found is None or found.erased else found.id


def names_of(ids: Sequence[UUID]) -> dict[UUID, str]:
    """What to call people whom the reader was already allowed to list."""
    return shown_names(list(Person.objects.filter(id__in=list(ids))))
