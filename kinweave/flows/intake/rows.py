"""What people's rows and rows of answers share: entry ids that a second run meets again, batches, the outcome."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import OperationalError, transaction

from kinweave.core.problems import Problem
from kinweave.core.sheets.dates import Dated
from kinweave.core.sheets.problems import SheetProblem
from kinweave.core.sheets.report import Report
from kinweave.core.sheets.rows import RowResult, at
from kinweave.core.sheets.table import Notice, Table
from kinweave.house.journal import Head
from kinweave.house.models import Entry
from kinweave.house.sealing import house_key

BATCH = 100  # rows written in one transaction: a live site waits for no more than these
TRIES = 6
PRECISIONS = {"day": "day", "month": "month", "year": "year", "about": "year"}
T = TypeVar("T")
Tell = Callable[[int, int], None]  # rows done, rows in all


def quiet(done: int, total: int) -> None:
    """Tells nobody how far it is."""


def namespace_of(organisation_id: UUID) -> UUID:
    """Fingerprints hang on the house key: nobody without it can try a name against an entry's id."""
    digest = hmac.new(house_key(), b"import|" + organisation_id.bytes, hashlib.sha256).digest()
    return UUID(bytes=digest[:16])


def entry_id(key: UUID, turn: int = 0) -> UUID:
    """The entry of a row. `turn`: how many times it was imported and taken back before."""
    return uuid5(key, f"import:{turn}")


def alarm_id(key: UUID) -> UUID:
    """The entry of an alert from a row that was not taken in."""
    return uuid5(key, "alarm")


@dataclass(frozen=True)
class Stored:
    """An entry of an earlier import: its row's fingerprint, and what came of it."""

    mark: UUID | None
    result: Mapping[str, Any]


def stored(ids: Iterable[UUID]) -> dict[UUID, Stored]:
    """Which of these entries there are."""
    found = {}
    for one, parts in Entry.objects.filter(id__in=list(ids)).values_list("id", "parts"):
        last = json.loads(parts)[-1]
        mark = last["o"].get("mark")
        found[one] = Stored(UUID(mark) if mark else None, last.get("r", {}))
    return found


def free_ids(
    keys: Sequence[UUID], is_undone: Callable[[list[Stored]], set[int]]
) -> dict[UUID, tuple[UUID, Stored | None]]:
    """Key → the entry id of its turn, and what stands under it already (None: nothing).

    `is_undone`: the positions of those stored entries whose outcome was taken back; their keys get another turn.
    """
    open_ = dict.fromkeys(keys, 0)
    settled: dict[UUID, tuple[UUID, Stored | None]] = {}
    for _ in range(20):
        ids = {key: entry_id(key, turn) for key, turn in open_.items()}
        there = stored(ids.values())
        taken = [(key, there[one]) for key, one in ids.items() if one in there]
        again = is_undone([what for _, what in taken])
        for key, one in ids.items():
            if one not in there:
                settled[key] = (one, None)
        for n, (key, what) in enumerate(taken):
            if n not in again:
                settled[key] = (ids[key], what)
        open_ = {taken[n][0]: open_[taken[n][0]] + 1 for n in again}
        if not open_:
            break
    return settled


def head_for(one: UUID, on: Dated | None, device: str, zone: ZoneInfo) -> Head:
    """When a row's fact happened, as exactly as its date says; noon where only the day is known."""
    now = datetime.now(UTC)
    if on is None:
        return Head.now(id=one, device=device, unattended=True)
    moment = on.at or datetime(on.on.year, on.on.month, on.on.day, 12, tzinfo=zone)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    precision = "minute" if on.at else PRECISIONS[on.precision]
    return Head(one, min(moment, now), precision, device, now, unattended=True)


@dataclass
class Outcome:
    """What a dry run says would happen, or what a real run did. Holds no cell but names that matched nothing."""

    kind: str
    report: Report = field(default_factory=Report)
    extra: Counter[str] = field(default_factory=Counter)
    unmatched: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stopped: dict[str, Any] | None = None  # the problem at which the file breaks off
    written: bool = False
    import_id: UUID | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        lines = [
            {"row": line.row_no, "status": line.status, "says": [n.sentence for n in line.notices]}
            for line in self.report.lines
        ]
        return {
            "kind": self.kind, **self.report.as_dict(), "extra": dict(self.extra), "unmatched": self.unmatched,
            "notes": self.notes, "stopped": self.stopped, "written": self.written, "lines": lines,
            "import_id": str(self.import_id) if self.import_id else None, "seconds": round(self.seconds, 1),
            "says": reasons(self.report),
        }  # fmt: skip


def reasons(report: Report) -> dict[str, str]:
    """Reason's code → its sentence without the place, from the first line that has it."""
    found: dict[str, str] = {}
    for line in report.lines:
        for notice in line.notices:
            found.setdefault(notice.code, notice.sentence.partition(": ")[2] or notice.sentence)
    return found


@dataclass(frozen=True)
class Step:
    """One row of a batch, judged. `write` is None when there is nothing to write; `aside` sets it aside."""

    row: RowResult
    already: bool = False
    aside: Notice | None = None
    write: Callable[[], Mapping[str, Any]] | None = None
    alarm: Callable[[], Mapping[str, Any]] | None = None
    counts: tuple[str, ...] = ()


def chunks(rows: Iterator[T], size: int = BATCH) -> Iterator[list[T]]:
    """Batches of rows. Where the file breaks off, the rows before come first: they may hold a cry for help."""
    some: list[T] = []
    broken: SheetProblem | None = None
    try:
        for row in rows:
            some.append(row)
            if len(some) == size:
                yield some
                some = []
    except SheetProblem as fault:
        broken = fault
    if some:
        yield some
    if broken is not None:
        raise broken


def own_fault(row: RowResult, code: str, says: str, column: int = 0) -> Notice:
    return at(row.row_no, column, code, says)


def count(outcome: Outcome, step: Step) -> None:
    """Note a judged row in the report."""
    status = outcome.report.add(step.row, already_here=step.already)
    if step.aside is not None and status == "accepted":
        outcome.report.set_row_aside(step.row.row_no, step.aside)
    outcome.extra.update(step.counts)


def write_batch(
    outcome: Outcome, steps: Sequence[Step], after: Callable[[list[Mapping[str, Any]]], None] = lambda results: None
) -> list[Mapping[str, Any]]:
    """Write a batch in one transaction, alerts among it; the report learns of it once it is on disk.

    A row that meets a problem is set aside alone. `after` runs inside the transaction with all results.
    """
    for tries in range(TRIES):
        try:
            with transaction.atomic():
                done = [_written(step) for step in steps]
                results = [result for _, result in done if result]
                after(results)
            break
        except OperationalError:  # another writer held the database for too long
            if tries == TRIES - 1:
                raise
            time.sleep(0.2 * 2**tries)
    for step, _ in done:
        count(outcome, step)
    return results


def _written(step: Step) -> tuple[Step, Mapping[str, Any] | None]:
    do = step.write or step.alarm
    if do is None:
        return step, None
    try:
        return step, do()
    except Problem as fault:
        aside = own_fault(step.row, fault.code, f"{fault.sentence} {fault.what_to_do}")
        return Step(step.row, aside=aside, already=fault.code == "entry-id-reused"), None


def rows_in(table: Table) -> int:
    return sum(1 for _ in table.rows())


def tag(language: str | None) -> str:
    """A language code as it is kept; empty for a name that we do not know."""
    return language if language and language.isascii() and len(language) <= 12 and " " not in language else ""


def day_of(on: Dated | None) -> date | None:
    return on.on if on else None
