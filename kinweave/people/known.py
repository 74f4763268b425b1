"""Who of a file is already here: by number, by alias, by how a name sounds. For imports; nobody is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kinweave.core.problems import Problem
from kinweave.core.sheets.words import fold
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.actions.consents import ADULT
from kinweave.people.actions.persons import name_digests
from kinweave.people.door import within
from kinweave.people.models import NameKey, Person, Tie
from kinweave.people.reads import read_code

BATCH = 5_000
UNDONE = "undone"  # the state of a record that an import had made by mistake


class ManyOfThem(Problem):
    status, code = 409, "person-not-sure"
    says = "More than one person goes by this."
    remedy = "Write the person's code in that row."


@dataclass(frozen=True, slots=True)
class Known:
    """Folded numbers and aliases → the person's id; None where more than one person goes by it."""

    numbers: Mapping[str, UUID | None]
    aliases: Mapping[str, UUID | None]

    def find(self, by: Actor, text: str) -> UUID | None:
        """Whose code, number or alias this is. Raises ManyOfThem when that is not certain."""
        if code := read_code(text):
            found = within(by, "listen.record").filter(code=code).values_list("id", flat=True)[:2]
            if len(found) == 1:
                return found[0]
        word = fold(text) or text
        for table in (self.numbers, self.aliases):
            if word in table:
                if table[word] is None:
                    raise ManyOfThem()
                return table[word]
        return None


def known_to(by: Actor, permission: str) -> Known:
    """Numbers and aliases of everyone in reach, opened in batches (about 10 microseconds each)."""
    return _opened(within(by, permission))


def numbers_of(organisation_id: UUID) -> Mapping[str, UUID | None]:
    """The numbers in use in an organisation, whoever may see their owners: a number belongs to one person."""
    rows = Person.objects.filter(organisation_id=organisation_id, merged_into=None, erased_at=None)
    return _opened(rows.exclude(external_id=None)).numbers


def _opened(rows: QuerySet[Person]) -> Known:
    numbers: dict[str, UUID | None] = {}
    aliases: dict[str, UUID | None] = {}
    batch: list[tuple[UUID, Any, Any]] = []

    def take() -> None:
        opened = Opener([one for one, _, _ in batch])
        for one, number, alias in batch:
            _put(numbers, opened(one, fields.EXTERNAL_ID, number), one)
            _put(aliases, opened(one, fields.ALIAS, alias), one)
        batch.clear()

    for row in rows.order_by().values_list("id", "external_id", "alias").iterator(BATCH):
        batch.append(row)
        if len(batch) >= BATCH:
            take()
    take()
    return Known(numbers, aliases)


def _put(table: dict[str, UUID | None], text: str | None, one: UUID) -> None:
    if text and (word := fold(text) or text):
        table[word] = one if table.get(word, one) == one else None


def heard(names: Iterable[tuple[str | None, str | None]], but: Collection[UUID] = ()) -> list[int]:
    """For each (alias, name): how many records sound alike, those of `but` left out. One query."""
    digests = [name_digests(*pair) for pair in names]
    rows = NameKey.objects.filter(digest__in={d for some in digests for d in some})
    here: dict[str, set[UUID]] = {}
    for digest, person in rows.values_list("digest", "person_id"):
        if person not in but:
            here.setdefault(str(digest), set()).add(person)
    return [len(set().union(*(here.get(d, set()) for d in some))) for some in digests]


def too_young(birth_year: int | None, on: date, programme_id: UUID | None) -> bool:
    """Whether consent would need a guardian: under age in the year of `on`."""
    return birth_year is not None and on.year - birth_year < chosen.value(ADULT, str(programme_id or ""))


def undone(persons: Iterable[UUID]) -> set[UUID]:
    """Which of these records an import had made and taken back."""
    return set(Person.objects.filter(id__in=list(persons), state=UNDONE).values_list("id", flat=True))


def linked(persons: Collection[UUID]) -> set[UUID]:
    """Which of these another record leans on: merged into them, or tied to them."""
    into = Person.objects.filter(merged_into_id__in=persons).values_list("merged_into_id", flat=True)
    tied = Tie.objects.filter(other_id__in=persons).values_list("other_id", flat=True)
    return {one for one in (*into, *tied) if one is not None}
