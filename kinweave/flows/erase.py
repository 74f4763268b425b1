"""A person is erased: everything about them that is not a bare count, in every room, for good.

What goes is decided here and stored in the entry, so that a replay in ten years empties the same columns.
What stays is a tombstone: ids, states and dates, so that sums that were published still add up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from kinweave.house import erasure
from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Entry, Held
from kinweave.house.quarantine import ASKED
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Row, Wipe
from kinweave.house.sealing import Opener
from kinweave.house.together import lock
from kinweave.people.door import PersonNotFound, access


@action(permission="people.erase", locks=("person_id",))
def erase_person(*, by: Actor, head: Head, person_id: UUID, only: list[UUID] | None = None) -> Decision:
    """Erase a person and every record merged into them. It cannot be undone, and holds after every restore.

    `only`: exactly these records, as the erasure ledger names them; for the system when it finishes an erasure.
    """
    persons = _records(by, person_id, only)
    held = _held_about(persons)
    wipes = erasure.wipes_for(persons)
    if held:
        wipes.append(Wipe("house.Held", "id", tuple(held), ("asked", "reason")))
    keys = sorted(erasure.keys_about(persons) | set(held.values()))
    dues = Due.objects.filter(person_id__in=persons, state="open").order_by("id")
    # The ledger first: from here on the erasure will be finished, whatever breaks (see house.erasure).
    line = erasure.Line(head.id, tuple(persons if only is None else only), tuple(keys), head.received_at)
    erasure.write_line(line)
    transaction.on_commit(lambda: erasure.destroy(keys))
    open_ = {
        "persons": persons,
        "wipes": [[w.model, w.person, w.persons, w.columns] for w in wipes],
        "dues": list(dues.values_list("id", flat=True)),
        "keys": keys,
    }
    return Decision(person_id, open_, result={"erased": len(persons)})


@applies("flows.erase_person")
def _erased(part: Part) -> Iterator[Row]:
    for model, column, persons, columns in part["wipes"]:
        yield Wipe(model, column, tuple(UUID(p) for p in persons), tuple(columns))
    for one in part["persons"]:
        yield Change("people.Person", UUID(one), {"erased_at": part.received_at})
    for one in part["dues"]:
        yield Change("house.Due", UUID(one), {"state": "dropped", "done_at": part.received_at})


def _records(by: Actor, person_id: UUID, only: Sequence[UUID] | None) -> list[UUID]:
    """The records to erase, each locked until the end, so that nobody writes about them meanwhile."""
    if only is not None:
        if by.kind != "system":
            raise PersonNotFound()
        lock(list(only))
        # Through the registry of models: a restored backup may be older than some of these people.
        standing = apps.get_model("people.Person")._base_manager.filter(id__in=only)
        return sorted(standing.values_list("id", flat=True))
    seen = access(person_id, by=by, permission="people.erase")
    lock(list(seen.ids))
    again = access(person_id, by=by, permission="people.erase")
    if set(again.ids) != set(seen.ids):  # merged or unmerged by someone else between the two looks
        raise PersonNotFound()
    return sorted(again.ids)


def _held_about(persons: Sequence[UUID]) -> dict[UUID, UUID]:
    """Facts in quarantine that name these records or were released into them: held id → its own key."""
    names = [str(p) for p in persons]
    released = dict(
        Entry.objects.filter(action="house.release_held", subject_id__isnull=False).values_list("subject_id", "parts")
    )
    rows = list(Held.objects.exclude(asked=None).only("id", "key_id", "asked"))
    opened = Opener([row.key_id for row in rows])
    found: dict[UUID, UUID] = {}
    for row in rows:
        text = opened(row.key_id, ASKED, row.asked) or ""
        subjects: set[Any] = {p.get("p") for p in json.loads(released.get(row.id, "[]"))}
        if any(name in text or name in subjects for name in names):
            found[row.id] = row.key_id
    return found
