"""A programme's caseload, row by row: persons as far as the file tells, faults where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from . import fields, problems
from .dates import SAYS as DATE_SAYS
from .dates import Dated, Order, OrderSeen, Unreadable, read_date
from .fields import Fault
from .report import fingerprint
from .rows import RowResult, at, shape_faults
from .table import Cell, Notice, Row, Table, is_blank, letter
from .twins import Twins
from .words import data, fold

FIELDS = tuple(data("headers.toml"))
DATES = ("birth_date", "registered_on")
SAYS = DATE_SAYS | fields.SAYS | {
    "nobody-named": "there is no name, alias or number to know the person by.",
    "row-almost-empty": "only one cell is filled, as in a title or a total.",
    "born-after-registration": "the birth is later than the registration.",
    "age-and-birth-differ": "age and birth do not agree; birth is kept.",
    "same-id": "another row has the same number but differs. Decide which one is right.",
    "same-row": "the very same row came before.",
    "same-name-and-birth": "another row has the same name and birth. Is it the same person?",
    "sounds-alike": "another row has a name that sounds alike and a near birth year. Is it the same person?",
}  # fmt: skip
Reader = Callable[[Cell], fields.Read]


@dataclass(frozen=True)
class Reading:
    """How a file is going to be read: the order of dates for each column, and what to tell about it."""

    orders: Mapping[str, Order]
    notes: tuple[Notice, ...]


def check_mapping(table: Table, mapping: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column (from 0). Errors: NoSuchColumn, MapWrong."""
    unknown = sum(1 for column in mapping if column not in table.columns)
    if unknown:
        raise problems.NoSuchColumn(count=unknown)
    if set(mapping.values()) - set(FIELDS):
        raise problems.MapWrong(reason="it names a field that Kinweave does not have")
    if len(set(mapping.values())) != len(mapping):
        raise problems.MapWrong(reason="two columns are given the same meaning")
    if not mapping:
        raise problems.MapWrong(reason="no column has a meaning yet")
    return {name: table.number_of(column) - 1 for column, name in mapping.items()}


def study_people(table: Table, mapping: Mapping[str, str], *, day_first: bool | None = None) -> Reading:
    """A first walk over the file, to learn from whole columns how dates are written; `day_first` overrules."""
    where = {name: i for name, i in check_mapping(table, mapping).items() if name in DATES}
    seen = {name: OrderSeen() for name in where}
    for row in table.rows() if where and day_first is None else ():
        for name, i in where.items():
            seen[name].add(row.cells[i])
    orders = {name: seen[name].order(table.columns[i]) for name, i in where.items()}
    if day_first is not None:
        said = "day" if day_first else "month"
        orders = {name: Order(said, o.calendar) for name, o in orders.items()}
    notes = [_note(where[name] + 1, order) for name, order in orders.items()]
    return Reading(orders, tuple(notes))


def _note(column: int, order: Order) -> Notice:
    says = {
        "day": "dates are read as day, month, year.",
        "month": "dates are read as month, day, year.",
        "mixed": "dates are written both ways round; rows that could be either are set aside.",
        "unknown": "dates are read as day, month, year where it matters; nothing proves that order.",
    }[order.first]
    if order.calendar:
        says = "the heading names another calendar; its dates are set aside, not converted."
    return Notice(column, f"date-order-{order.first}", f"Column {letter(column)}: {says}")


def parse_people(
    table: Table,
    mapping: Mapping[str, str],
    *,
    today: date,
    namespace: UUID,
    reading: Reading | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[RowResult]:
    """Every row as a RowResult, in order.

    `mapping`: heading -> field. `today` bounds dates and turns ages into years where no registration date is
    told. `words`: the programme's own words, as {"gender": {"FM": "woman"}}. `values` of an accepted row may
    hold alias, name, birth (Dated), age, gender, language, phones, place, programme_group, worker, external_id,
    supporter, supporter_phones, registered_on (Dated), consent_care, consent_statistics, consent_research
    ("yes", "no"; absent: not asked). Errors: SheetProblem only.
    """
    where = check_mapping(table, mapping)
    known = reading or study_people(table, mapping)
    readers = _readers(known, today, words or {})
    seen = Twins(namespace)
    for row in table.rows():
        yield _result(row, table, where, readers, today, seen)


def _readers(reading: Reading, today: date, words: Mapping[str, Mapping[str, str]]) -> dict[str, Reader]:
    extra = {name: {fold(w): code for w, code in own.items()} for name, own in words.items()}

    def dated(name: str) -> Reader:
        def read(cell: Cell) -> fields.Read:
            try:
                found = read_date(cell, reading.orders.get(name, Order()), today=today)
            except Unreadable as error:
                raise Fault(error.code) from None
            return found, found.hints if found else ()

        return read

    def consent(cell: Cell) -> fields.Read:
        return fields.read_consent(cell, extra.get("yes_no", {}))

    names = dict.fromkeys(("alias", "name", "given_name", "family_name", "supporter"), fields.read_name)
    texts = dict.fromkeys(("place", "programme_group", "worker", "external_id"), fields.read_text)
    return {
        **names,
        **texts,
        "birth_date": dated("birth_date"),
        "registered_on": dated("registered_on"),
        "birth_year": lambda cell: fields.read_birth_year(cell, today),
        "age": fields.read_age,
        "phone": fields.read_phones,
        "supporter_phone": fields.read_phones,
        "gender": fields.word_reader("gender", "gender-unknown", extra.get("gender", {})),
        "language": lambda cell: fields.read_language(cell, extra.get("language", {})),
        "consent_care": consent,
        "consent_statistics": consent,
        "consent_research": consent,
    }


def _result(
    row: Row, table: Table, where: Mapping[str, int], readers: Mapping[str, Reader], today: date, seen: Twins
) -> RowResult:
    faults = shape_faults(row, len(table.columns))
    warnings: list[Notice] = []
    values: dict[str, Any] = {}
    for name, i in where.items():
        try:
            value, hints = readers[name](row.cells[i])
        except Fault as fault:
            faults.append(at(row.number, i + 1, fault.code, SAYS[fault.code]))
            continue
        if value is not None:
            values[name] = value
        if name == "age" and "about" in hints:
            values["age_about"] = True
        warnings += [at(row.number, i + 1, hint, SAYS[hint]) for hint in hints if hint in SAYS]
    if alone := _whole_row(row, table, values, broken=bool(faults)):
        faults = alone
    told = dict(values)
    notes = _settle(values, row.number, today)
    faults += [n for n in notes if n.code == "born-after-registration"]
    warnings += [n for n in notes if n.code != "born-after-registration"]
    if faults:
        return RowResult(row.number, None, tuple(faults), tuple(warnings))
    mark = fingerprint(seen.namespace, "person", told)
    identity, twins = seen.meet(row.number, mark, values)
    differs = any(t.kind == "same-id" for t in twins)
    places = {"same-id": where.get("external_id", -1) + 1}
    notices = [at(row.number, places.get(t.kind, 0), t.kind, f"row {t.row_no}: {SAYS[t.kind]}") for t in twins]
    if differs:
        return RowResult(row.number, None, tuple(notices), tuple(warnings), twins, mark, identity)
    return RowResult(row.number, values, (), (*warnings, *notices), twins, mark, identity)


def _whole_row(row: Row, table: Table, values: Mapping[str, Any], *, broken: bool) -> list[Notice]:
    filled = sum(not is_blank(cell) for cell in row.cells)
    if filled <= 1 and len(table.columns) >= 4 and "external_id" not in values:
        return [at(row.number, 0, "row-almost-empty", SAYS["row-almost-empty"])]
    named = any(name in values for name in ("alias", "name", "given_name", "family_name", "external_id"))
    if not named and not broken:
        return [at(row.number, 0, "nobody-named", SAYS["nobody-named"])]
    return []


def _settle(values: dict[str, Any], row: int, today: date) -> list[Notice]:
    """Joins names, turns birth date, year or age into `birth`, and says where they do not agree."""
    notes: list[Notice] = []
    parts = [values.pop(n) for n in ("given_name", "family_name") if n in values]
    if parts:
        values.setdefault("name", " ".join(parts))
    for phone, phones in (("phone", "phones"), ("supporter_phone", "supporter_phones")):
        if phone in values:
            values[phones] = values.pop(phone)
    birth = values.pop("birth_date", None)
    year = values.pop("birth_year", None)
    birth = birth or year
    registered = values.get("registered_on")
    age, values_about = values.get("age"), values.pop("age_about", False)
    if age is not None:
        then = registered.on if registered else today
        if birth is None:
            # Someone who is 23 in April was more likely born in the year 24 years ago, in October 23 years ago.
            birth = Dated(date(then.year - age - (1 if then.month <= 6 else 0), 1, 1), "about")
        elif abs(then.year - birth.year - age) > (5 if values_about else 1):
            notes.append(at(row, 0, "age-and-birth-differ", SAYS["age-and-birth-differ"]))
    if birth is not None:
        values["birth"] = birth
    if birth and registered and birth.year > registered.year:
        notes.append(at(row, 0, "born-after-registration", SAYS["born-after-registration"]))
    return notes
