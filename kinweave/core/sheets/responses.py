"""Answers collected elsewhere, row by row. A row that fails still tells its answers, so that safety comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.core.instruments import Instrument

from . import fields, problems
from .answers import DECLINED, Answers
from .dates import SAYS as DATE_SAYS
from .dates import Order, OrderSeen, Unreadable, read_date
from .fields import Fault
from .report import fingerprint
from .response_map import ResponseMap, read_map, write_map
from .response_study import CodesSeen, suggest_map, unread_words
from .rows import RowResult, Twin, at, shape_faults
from .table import Notice, Row, Table, as_text, is_blank
from .words import tidy

__all__ = [
    "DECLINED",
    "ResponseMap",
    "ResponseReading",
    "ResponseRow",
    "parse_responses",
    "read_map",
    "study_responses",
    "suggest_map",
    "unread_words",
    "write_map",
]

SAYS = DATE_SAYS | fields.SAYS | {
    "answer-unreadable": "this answer is not one of the questionnaire's. Say in the map what it means.",
    "answer-out-of-range": "this number is not one of the question's answers.",
    "answers-several": "more than one answer was given to a question that takes one.",
    "nothing-answered": "no question of this questionnaire was answered.",
    "person-missing": "nothing says whose answers these are.",
    "date-missing": "nothing says when this was answered.",
    "same-submission": "an earlier row has the same submission number but differs. Decide which one is right.",
    "same-row": "the very same row came before.",
    "raw-too-long": "the answer is too long to be one.",
    "date-order-unknown": "dates are read as day, month, year where it matters; nothing proves that order.",
}  # fmt: skip


@dataclass(frozen=True)
class ResponseReading:
    """How a file is going to be read: the order of its dates, and what to tell about the file."""

    order: Order
    notes: tuple[Notice, ...]


@dataclass(frozen=True)
class ResponseRow(RowResult):
    """A row of answers. The four mappings are there whatever the faults, also when `values` is None.

    `about`: person, instance, on (Dated), language, worker, as far as they could be read.
    `answers`: item -> coded answer, or "declined". `raw`: item -> text as written, all that was not blank.
    `for_safety`: what to give to `kinweave.core.safety.find` before anything else: coded answers where they
    could be read, and else the text itself, which safety treats as "a human must look".
    """

    answers: Mapping[str, int | str] = field(default_factory=dict, repr=False)
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)
    for_safety: Mapping[str, int | str] = field(default_factory=dict, repr=False)
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)


def parse_responses(
    table: Table,
    found: ResponseMap,
    instrument: Instrument,
    *,
    today: date,
    namespace: UUID,
    reading: ResponseReading | None = None,
) -> Iterator[ResponseRow]:
    """Every row as a ResponseRow, in order.

    `values` of an accepted row: person (text), instance (text), on (Dated), language, worker, answers. Rows
    without a person or a date are accepted with a warning: the answers happened. Errors: SheetProblem only.
    """
    where = _places(table, found)
    try:
        order = (reading or study_responses(table, found, instrument)).order
    except problems.SheetProblem:
        # The file breaks off somewhere. The rows before that place may hold a cry for help: they come first,
        # and the walk below ends in the same problem.
        order = Order()
    reader = Answers(found, instrument)
    marks: dict[object, int] = {}
    for row in table.rows():
        yield _read_row(row, table, found, where, reader, order, today, namespace, marks)


def _places(table: Table, found: ResponseMap) -> dict[str, int]:
    """Role, or "item:code" -> place from 0. Errors: NoSuchColumn, MapWrong."""
    wanted = dict(found.columns) | {f"item:{code}": heading for code, heading in found.items.items()}
    unknown = sum(1 for heading in wanted.values() if heading not in table.columns)
    if unknown:
        raise problems.NoSuchColumn(count=unknown)
    if not found.items:
        raise problems.MapWrong(reason="no item of the questionnaire was found")
    return {key: table.number_of(heading) - 1 for key, heading in wanted.items()}


def study_responses(
    table: Table, found: ResponseMap, instrument: Instrument, *, day_first: bool | None = None
) -> ResponseReading:
    """A first walk over the file: the order of its dates, and whether its codes run like the questionnaire's."""
    where = _places(table, found)
    place = where.get("date")
    dates, codes = OrderSeen(), CodesSeen(found, instrument)
    for row in table.rows():
        if place is not None:
            dates.add(row.cells[place])
        codes.add({code: row.cells[where[f"item:{code}"]] for code in found.items})
    order = dates.order(table.columns[place]) if place is not None else Order()
    if day_first is not None:
        order = Order("day" if day_first else "month", order.calendar)
    notes = codes.notes()
    if place is not None and order.first in ("mixed", "unknown") and dates.any:
        notes.append(Notice(place + 1, f"date-order-{order.first}", SAYS[f"date-order-{order.first}"]))
    return ResponseReading(order, tuple(notes))


def _read_row(
    row: Row,
    table: Table,
    found: ResponseMap,
    where: Mapping[str, int],
    reader: Answers,
    order: Order,
    today: date,
    namespace: UUID,
    marks: dict[object, int],
) -> ResponseRow:
    answers, raw, safe, faults = _answers(row, found, where, reader)
    faults = shape_faults(row, len(table.columns)) + faults
    about, more, warnings = _about(row, where, order, today)
    faults += more
    if not raw and not faults:
        faults.append(at(row.number, 0, "nothing-answered", SAYS["nothing-answered"]))
    told: dict[str, Any] = about | {"answers": answers}
    content = told | ({"raw": raw} if faults else {})
    if "instance" not in about and not ("person" in about and "on" in about):
        # Two strangers may give the same answers: without a name for either, each row counts by its turn.
        plain = ("turn", fingerprint(namespace, "content", content))
        marks[plain] = marks.get(plain, 0) + 1
        content |= {"turn": marks[plain]}
    mark = fingerprint(namespace, f"response:{found.instrument}", content)
    identity, twins = _meet(row.number, namespace, mark, about, marks, faulty=bool(faults))
    for twin in twins:
        notice = at(row.number, where.get("instance", -1) + 1, twin.kind, f"row {twin.row_no}: {SAYS[twin.kind]}")
        (faults if twin.kind == "same-submission" else warnings).append(notice)
    values: dict[str, Any] | None = None if faults else told
    return ResponseRow(
        row.number, values, tuple(faults), tuple(warnings), twins, mark, identity, answers, raw, safe, about
    )  # fmt: skip


def _answers(
    row: Row, found: ResponseMap, where: Mapping[str, int], reader: Answers
) -> tuple[dict[str, int | str], dict[str, str], dict[str, int | str], list[Notice]]:
    """Coded answers, raw texts, what safety should see, and faults; one item's fault never hides another's answer."""
    answers: dict[str, int | str] = {}
    raw: dict[str, str] = {}
    safe: dict[str, int | str] = {}
    faults: list[Notice] = []
    for code in found.items:
        place = where[f"item:{code}"]
        cell = row.cells[place]
        if is_blank(cell):
            continue
        raw[code] = tidy(as_text(cell))
        try:
            answer = reader.read(code, cell)
        except Fault as fault:
            safe[code] = raw[code]
            faults.append(at(row.number, place + 1, fault.code, SAYS[fault.code]))
            continue
        if answer is not None:
            answers[code] = safe[code] = answer
    return answers, raw, safe, faults


def _about(
    row: Row, where: Mapping[str, int], order: Order, today: date
) -> tuple[dict[str, Any], list[Notice], list[Notice]]:
    """Who, when, in which language: values, faults, warnings."""
    about: dict[str, Any] = {}
    faults: list[Notice] = []
    warnings: list[Notice] = []
    for role in ("person", "instance", "worker", "language", "date"):
        if role not in where:
            continue
        cell, column = row.cells[where[role]], where[role] + 1
        try:
            if role == "date":
                value = read_date(cell, order, today=today)
                hints = value.hints if value else ()
            else:
                value, hints = fields.read_language(cell, {}) if role == "language" else fields.read_text(cell)
        except (Fault, Unreadable) as error:
            faults.append(at(row.number, column, error.code, SAYS[error.code]))
            continue
        if value is not None:
            about["on" if role == "date" else role] = value
        warnings += [at(row.number, column, hint, SAYS[hint]) for hint in hints if hint in SAYS]
    faulty = {n.column for n in faults}
    for role, key in (("person", "person"), ("date", "on")):
        if key not in about and where.get(role, -1) + 1 not in faulty:
            warnings.append(at(row.number, where.get(role, -1) + 1, f"{role}-missing", SAYS[f"{role}-missing"]))
    return about, faults, warnings


def _meet(
    row: int, namespace: UUID, mark: UUID, about: Mapping[str, Any], marks: dict[object, int], *, faulty: bool
) -> tuple[UUID | None, tuple[Twin, ...]]:
    """The submission's own id where the tool gave one, and the earlier row it repeats."""
    identity = None
    if "instance" in about:
        told = {"instance": str(about["instance"]).removeprefix("uuid:")}
        identity = fingerprint(namespace, "submission", told)
    before = marks.get(mark)
    if before is not None:
        return identity, (Twin("same-row", before),)
    if identity is not None and (before := marks.get(identity)) is not None:
        return identity, (Twin("same-submission", before),)
    if not faulty:
        marks[mark] = row
        if identity is not None:
            marks[identity] = row
    return identity, ()
