"""People's only door to learn: who may be counted, by place, month and group. No name leaves, no exact day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from kinweave.people.facts import disability
from kinweave.people.models import Consent, Person, Tie

BATCH = 5_000
# Ten-year bands of age at the day of the extract; one open band at each end (ours).
AGES = ((18, "under18"), (30, "18-29"), (45, "30-44"), (60, "45-59"), (200, "60+"))


@dataclass(frozen=True, slots=True)
class Counted:
    """Someone who agreed to be counted. `whole`: the record itself or the one it was merged into."""

    id: UUID
    whole: UUID
    place_id: UUID | None
    organisation_id: UUID
    programme_id: UUID | None
    gender: str
    age_band: str
    disability: str
    language: str
    dimension: str
    caregiver: bool
    purpose: str  # statistics, research, both


def age_band(birth_year: int | None, on: date) -> str:
    if birth_year is None:
        return ""
    return next(name for limit, name in AGES if on.year - birth_year < limit)


def purposes(into: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """What each person may be counted for: the last word on statistics and on research, over all records of one
    person (`into`: a merged record → the one it went into). Absent: neither."""
    said: dict[tuple[UUID, str], bool] = {}
    asked = Consent.objects.filter(purpose__in=("statistics", "research"), recipient="").order_by("from_at", "id")
    today = timezone.localdate()
    for person, purpose, given, withdrawn, until in asked.values_list(
        "person_id", "purpose", "given", "withdrawn_at", "until"
    ).iterator(BATCH):
        yes = given and withdrawn is None and (until is None or until >= today)
        said[_end(person, into), purpose] = yes
    found: dict[UUID, str] = {}
    for (person, purpose), yes in said.items():
        if yes:
            found[person] = "both" if person in found else purpose
    return found


def counted(dimension: str = "", on: date | None = None) -> Iterator[Counted]:
    """Everyone who may be counted, whole records first; a record merged into another counts as the other."""
    on = on or timezone.localdate()
    into: Mapping[UUID, UUID] = dict(
        Person.objects.exclude(merged_into=None).values_list("id", "merged_into_id")  # type: ignore[arg-type]
    )
    use = purposes(into)
    carers = set(
        Tie.objects.filter(kind="supporter", ended_at=None).exclude(other=None).values_list("other", flat=True)
    )
    for row in Person.objects.filter(erased_at=None).order_by("id").iterator(BATCH):
        whole = _end(row.id, into)
        purpose = use.get(whole)
        if purpose is None:
            continue
        yield Counted(
            row.id, whole, row.place_id, row.organisation_id, row.programme_id, row.gender,
            age_band(row.birth_year, on), disability(row.facts), row.language,
            str(row.facts.get(dimension, "")) if dimension else "", row.id in carers, purpose,
        )  # fmt: skip


def _end(one: UUID, into: Mapping[UUID, UUID]) -> UUID:
    for _ in range(8):
        if one not in into:
            return one
        one = into[one]
    return one
