"""Who changed last at which position: filled as positions are given, made anew from the journal at any time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from kinweave.house.models import Entry, Position, Touched

# Where a decision names further people beside its subject (a merge has two, an erasure many).
ALSO = ("person", "into", "from")
BATCH = 2_000


def subjects_of(entry: Entry) -> set[UUID]:
    """The ids that an entry is about. Some are not people: an account, a place; they do no harm here."""
    found: set[UUID] = set() if entry.subject_id is None else {entry.subject_id}
    for part in json.loads(entry.parts):
        found |= set(_named(part))
    return found


def _named(part: dict[str, Any]) -> Iterator[UUID]:
    given = part["o"]
    persons = given.get("persons")
    for text in (part.get("p"), *(given.get(name) for name in ALSO), *(persons if isinstance(persons, list) else ())):
        if isinstance(text, str) and len(text) == 36:
            try:
                yield UUID(text)
            except ValueError:
                continue


def note(placed: Iterable[tuple[int, Entry]], using: str = "default") -> None:
    """Write down what these newly placed entries touch."""
    last: dict[UUID, int] = {}
    for position, entry in placed:
        last.update(dict.fromkeys(subjects_of(entry), position))
    rows = [Touched(subject_id=one, position=at) for one, at in last.items()]
    Touched.objects.using(using).bulk_create(
        rows, batch_size=400, update_conflicts=True, unique_fields=["subject_id"], update_fields=["position"]
    )


def rebuild(using: str = "default") -> int:
    """The whole table again from the journal; returns how many subjects there are."""
    with transaction.atomic(using=using):
        Touched.objects.using(using).all().delete()
        at = 0
        while True:
            some = list(Position.objects.using(using).filter(position__gt=at).order_by("position")[:BATCH])
            if not some:
                return Touched.objects.using(using).count()
            entries = Entry.objects.using(using).in_bulk([p.serial for p in some])
            note([(p.position, entries[p.serial]) for p in some], using)
            at = some[-1].position


def since(persons: Collection[UUID], position: int) -> dict[UUID, int]:
    """Which of these people changed after a position, and when last. One query; its cost is that of `persons`."""
    rows = Touched.objects.filter(subject_id__in=list(persons), position__gt=position)
    return dict(rows.values_list("subject_id", "position"))
