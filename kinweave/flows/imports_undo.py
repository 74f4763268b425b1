"""An import taken back by whoever made it, within seven days: what nobody has worked with since.

People who were brought in by mistake leave as after an erasure: their names and keys are destroyed, and they
can be brought in again from the file. Answers are taken back as single ones are; the history keeps them.
Alerts stay open: someone may be in danger whatever was wrong with the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from kinweave.core.problems import Problem
from kinweave.flows.imports import history_line
from kinweave.house import erasure
from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Entry, Happened
from kinweave.house.quarantine import set_held_aside
from kinweave.house.registry import action, applies, attempt, no_rows
from kinweave.house.rows import Change, Row, Wipe
from kinweave.house.together import lock
from kinweave.listen.actions import undo_response
from kinweave.people import known
from kinweave.people.door import within

DAYS = 7  # practice rule 6: correct or undo within 7 days
MOST = 200


class NotYours(Problem):
    status, code = 409, "import-not-yours"
    says = "This import was made more than {days} days ago, or by someone else."
    remedy = "Ask its author within {days} days; later, correct the records one by one."


def require_author(by: Actor, head: Head, import_id: UUID) -> Entry:
    """The beginning of an import that this account may undo now. Raises NotYours."""
    begun = Entry.objects.filter(id=import_id, action="flows.begin_import").first()
    late = begun is None or head.received_at - begun.received_at > timedelta(days=DAYS)
    if begun is None or late or begun.actor_id != by.account_id:
        raise NotYours(days=DAYS)
    return begun


@action(permission="import.people", locks=("persons",))
def undo_people(*, by: Actor, head: Head, import_id: UUID, persons: list[UUID]) -> Decision:
    """Take back these people of an import, at most 200 at once. Result: `undone` and `kept` (counts)."""
    require_author(by, head, import_id)
    asked = sorted(set(persons))[:MOST]
    lock(asked)
    reach = set(within(by, "people.erase").filter(id__in=asked).values_list("id", flat=True))
    worked_with = touched(import_id, asked)
    gone = [one for one in asked if one in reach and one not in worked_with]
    open_: dict[str, Any] = {"persons": gone, "wipes": [], "dues": []}
    if gone:
        keys = sorted(erasure.keys_about(gone))
        erasure.write_line(erasure.Line(head.id, tuple(gone), tuple(keys), head.received_at))
        transaction.on_commit(lambda: erasure.destroy(keys))
        dues = Due.objects.filter(person_id__in=gone, state="open").order_by("id")
        open_["wipes"] = [[w.model, w.person, w.persons, w.columns] for w in erasure.wipes_for(gone)]
        open_["dues"] = list(dues.values_list("id", flat=True))
    return Decision(None, open_, result={"undone": len(gone), "kept": len(asked) - len(gone)})


@applies("flows.undo_people")
def _people_gone(part: Part) -> Iterator[Row]:
    for model, column, persons, columns in part["wipes"]:
        yield Wipe(model, column, tuple(UUID(p) for p in persons), tuple(columns))
    for one in part["persons"]:
        yield Change("people.Person", UUID(one), {"erased_at": part.received_at, "state": known.UNDONE})
    for one in part["dues"]:
        yield Change("house.Due", UUID(one), {"state": "dropped", "done_at": part.received_at})


def touched(import_id: UUID, persons: list[UUID]) -> set[UUID]:
    """Those whom anybody has written about since the import, and those other records lean on."""
    device = device_of(import_id)
    since = Entry.objects.filter(subject_id__in=persons).exclude(device=device).values_list("subject_id", flat=True)
    # What an entry does on the side (an alert from elsewhere, a merge) shows in the timeline.
    mine = Entry.objects.filter(subject_id__in=persons, device=device).values_list("subject_id", "received_at")
    made = dict(mine)
    lines = Happened.objects.filter(person_id__in=persons).values_list("person_id", "kind")
    others = {p for p, kind in lines if kind not in OWN_LINES}
    return {one for one in (*since, *others) if one} | known.linked(persons) | (set(persons) - set(made))


# The lines that bringing someone in writes by itself.
OWN_LINES = frozenset({"registered", "consented", "declined", "tie_added", "move_consent"})


def device_of(import_id: UUID) -> str:
    """What the entries of an import name as their device."""
    return f"import:{import_id.hex}"


@action(permission="import.responses")
def undo_responses(
    *, by: Actor, head: Head, import_id: UUID, responses: list[tuple[UUID, UUID]], held: list[UUID]
) -> Decision:
    """Take back answers of an import: (person, response) pairs and held ones, at most 200 at once.

    Result: `undone` and `kept` (counts).
    """
    require_author(by, head, import_id)
    undone = kept = 0
    for person, response in responses[:MOST]:
        try:
            with attempt():
                undo_response(by=by, person_id=person, response_id=response)
            undone += 1
        except Problem:  # corrected, moved out of reach or erased since: it stays as it is now
            kept += 1
    for one in held[:MOST]:
        try:
            with attempt():
                set_held_aside(by=by, held_id=one, reason="The import that brought this was undone.")
            undone += 1
        except Problem:
            kept += 1
    return Decision(None, {"import": import_id}, result={"undone": undone, "kept": kept})


no_rows("flows.undo_responses")


@action(permission="import.people")
def end_undo(*, by: Actor, head: Head, import_id: UUID, undone: int, kept: int) -> Decision:
    """The undoing of an import has come to its end."""
    require_author(by, head, import_id)
    return Decision(None, {"id": import_id, "facts": {"undone": undone, "kept": kept}})


@applies("flows.end_undo")
def _undone(part: Part) -> Iterator[Row]:
    yield history_line(part, "import_undone")
