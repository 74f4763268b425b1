"""Imports of the past: who brought in what when, and taking one back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from kinweave.core.ids import child, uuid7
from kinweave.flows.imports_undo import DAYS, device_of, end_undo, require_author, undo_people, undo_responses
from kinweave.flows.intake.rows import Tell, quiet
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.keystore import KeysBusy
from kinweave.house.models import Entry, Happened

BATCH = 100


@dataclass(frozen=True, slots=True)
class Past:
    """One import. state: undone, whole, or open (it did not come to its end; the same file can be sent again)."""

    id: UUID
    kind: str
    instrument: str
    at: datetime
    actor_id: UUID | None
    state: str
    counts: Mapping[str, int]
    undo: bool  # whether the reader may take it back now


def history(by: Actor, most: int = 30) -> list[Past]:
    """The latest imports of the reader's own organisations. Two queries."""
    homes = {str(r.organisation_id) for kind in ("people", "responses") for r in by.reaches(f"import.{kind}")}
    lines = Happened.objects.filter(person_id=None)
    begun = lines.filter(kind="import_begun").order_by("-at")[: most * 4]
    mine = [row for row in begun if row.facts.get("organisation") in homes][:most]
    after = lines.filter(kind__in=("import_ended", "import_undone"), ref_id__in=[row.ref_id for row in mine])
    said: dict[tuple[Any, str], Mapping[str, int]] = {(row.ref_id, row.kind): row.facts for row in after}
    since = timezone.now() - timedelta(days=DAYS)
    found = []
    for row in mine:
        undone, ended = said.get((row.ref_id, "import_undone")), said.get((row.ref_id, "import_ended"))
        state = "undone" if undone is not None else "whole" if ended is not None else "open"
        counts = undone if undone is not None else ended or {"total": row.facts.get("rows", 0)}
        may = undone is None and row.actor_id == by.account_id and row.at > since
        told = (row.facts.get("kind", ""), row.facts.get("instrument", ""))
        found.append(Past(row.ref_id, *told, row.at, row.actor_id, state, counts, may))  # type: ignore[arg-type]
    return found


def undo_import(by: Actor, import_id: UUID, tell: Tell = quiet) -> dict[str, int]:
    """Take an import back, in batches; run again it goes on where it stopped. Returns `undone` and `kept`.

    Raises NotYours. What somebody has worked with since is kept.
    """
    head = Head.now(id=child(import_id, "undone"))
    begun = require_author(by, head, import_id)
    persons, responses, held = made_by(import_id, begun.serial)
    total = len(persons) + len(responses) + len(held)
    sums = {"undone": 0, "kept": 0}

    def note(result: Mapping[str, Any]) -> None:
        for name in sums:
            sums[name] += int(result[name])
        tell(sum(sums.values()), total)

    for some in _chunks(persons):
        # The keys are gone from use; a reader that keeps their file open is named by `verify`.
        with suppress(KeysBusy):
            note(undo_people(by=by, head=_part(), import_id=import_id, persons=some).result)
    for pairs in _chunks(responses):
        note(undo_responses(by=by, head=_part(), import_id=import_id, responses=pairs, held=[]).result)
    for ids in _chunks(held):
        note(undo_responses(by=by, head=_part(), import_id=import_id, responses=[], held=ids).result)
    if not Entry.objects.filter(id=head.id).exists():
        end_undo(by=by, head=head, import_id=import_id, **sums)
    return sums


def _part() -> Head:
    return Head.now(id=uuid7())


def made_by(import_id: UUID, since: int) -> tuple[list[UUID], list[tuple[UUID, UUID]], list[UUID]]:
    """What the entries of an import made: persons, (person, response) pairs, held answers."""
    persons: list[UUID] = []
    responses: list[tuple[UUID, UUID]] = []
    held: list[UUID] = []
    entries = Entry.objects.filter(serial__gt=since, device=device_of(import_id))
    for action, subject, parts in entries.order_by("serial").values_list("action", "subject_id", "parts").iterator():
        result = json.loads(parts)[-1].get("r", {})
        if action == "flows.import_person":
            persons.append(UUID(result["person"]))
        elif "response" in result and subject is not None:
            responses.append((subject, UUID(result["response"])))
        elif "held" in result:
            held.append(UUID(result["held"]))
    return persons, responses, held


def _chunks(every: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(every), BATCH):
        yield list(every[start : start + BATCH])
