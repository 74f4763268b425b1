"""One line of a register: read from what was typed, checked, and written by the action of its room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.care.actions import note_session
from kinweave.care.reads_sheets import lines_typed as meetings_typed
from kinweave.core.ids import child
from kinweave.flows.receive import voice_worry
from kinweave.front.desk import typing
from kinweave.front.print.codes import Column, Register
from kinweave.gather.actions import record_circle_meeting
from kinweave.gather.reads import lines_typed as circles_typed
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.people.door import access
from kinweave.team.actions import record_hours
from kinweave.team.reads import lines_typed as hours_typed

USUAL_HOUR = time(10, 0)  # a register holds the day, not the hour


@dataclass
class Line:
    """One line as it was typed. `values` hold what was read; `faults` say per column what does not fit."""

    number: int
    typed: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    problem: Any = None
    made: dict[str, Any] | None = None

    @property
    def empty(self) -> bool:
        return not any(self.typed.values())


def read_lines(register: Register, given: Any, count: int, by: Actor) -> list[Line]:
    """The lines of a sent form, in their order. An open date is that of the line above."""
    lines, last = [], None
    for number in range(1, count + 1):
        typed = {c.name: given.get(f"{c.name}_{number}", "").strip()[:500] for c in register.columns}
        line = Line(number, typed)
        if not line.empty:
            for column in register.columns:
                _read(line, column, by, last)
            last = line.values.get("on", last)
        lines.append(line)
    return lines


def _read(line: Line, column: Column, by: Actor, last: date | None) -> None:
    text = line.typed[column.name]
    if not text and column.kind == "date" and column.name == "on" and last is not None:
        line.values["on"] = last
        return
    if not text:
        if column.needed:
            line.faults[column.name] = _("This is needed.")
        return
    value, fault = _READ[column.kind](text, column, by, line)
    if fault:
        line.faults[column.name] = fault
    else:
        line.values[column.name] = value


Read = tuple[Any, str]


def _date(text: str, column: Column, by: Actor, line: Line) -> Read:
    ahead = column.name == "next"
    near = line.values.get("on") if ahead else None
    found = typing.read_day(text, near, ahead)
    if found is None:
        return None, _("This is no day. Write 15.1. or 15.1.2026.")
    if not ahead and found > timezone.localdate():
        return None, _("This day has not come yet.")
    return found, ""


def _code(text: str, column: Column, by: Actor, line: Line) -> Read:
    row = typing.exact_code(by, text)
    return (row, "") if row else (None, _("Nobody fits. Look at the code again."))


def _number(text: str, column: Column, by: Actor, line: Line) -> Read:
    plain = text.translate(typing.DIGITS)
    if not plain.isascii() or not plain.isdigit() or len(plain) > 4:
        return None, _("This is no number.")
    return int(plain), ""


def _choice(text: str, column: Column, by: Actor, line: Line) -> Read:
    number, fault = _number(text, column, by, line)
    if column.name == "worry" and number == 0:
        return None, ""
    if fault or not 1 <= number <= len(column.codes):
        return None, _("This number is not among the answers.")
    return column.codes[number - 1], ""


def _words(text: str, column: Column, by: Actor, line: Line) -> Read:
    return text, ""


_READ: dict[str, Callable[[str, Column, Actor, Line], Read]] = {
    "date": _date, "code": _code, "number": _number, "choice": _choice, "words": _words,
}  # fmt: skip


# ------------------------------------------------------------------------------ typed before, written


def typed_already(kind: str, by: Actor, sheet: str, lines: Iterable[Line]) -> set[int]:
    """The lines of this sheet that were typed before and still stand."""
    if not sheet:
        return set()
    names = {f"{sheet}/{line.number}": line.number for line in lines}
    found = {
        "circles": lambda: circles_typed(names),
        "hours": lambda: hours_typed(by, names),
    }.get(kind, lambda: meetings_typed(names))()
    return {names[one] for one in found}


def write(register: Register, by: Actor, entry: UUID, sheet: str, line: Line, circle: UUID | None) -> dict[str, Any]:
    """Write one line under an id of its own, so that a repeated send writes nothing twice. Raises Problem."""
    name = f"{sheet}/{line.number}" if sheet else ""
    if register.kind == "circles":
        return _write_circle(register, by, entry, name, line, circle)
    if register.kind == "hours":
        return _write_hours(by, entry, name, line)
    return _write_meeting(register.kind, by, entry, name, line)


def _write_meeting(kind: str, by: Actor, entry: UUID, name: str, line: Line) -> dict[str, Any]:
    """A meeting, or an attempt to reach someone. Held in quarantine where a rule is not met: it happened."""
    got, person = line.values, line.values["code"]
    worry = tell_worry(by, entry, line)
    held = got["met"] == "yes"
    way = got.get("way", "session")
    receipt = note_session(
        by=by, head=Head.now(id=child(entry, f"line/{line.number}"), unattended=True, precision="day"),
        person_id=person.id, held=held, kind=way, at=_at(got["on"]), planned=kind == "meetings",
        missed_reason="" if held else got["met"], homework=got.get("homework", "") if held else "",
        mood=got.get("mood", "") if held else "", next_at=_at(got["next"]) if got.get("next") else None,
        worry=bool(worry), note=got.get("said", ""), sheet=name,
    )  # fmt: skip
    made = receipt.result.get("session")
    undo = reverse("note-undo", args=[person.id, made]) if made else ""
    return {
        "id": str(made or receipt.result.get("held")), "person": str(person.id), "sheet": name, "held": not made,
        "undo": undo, "card": worry,
    }  # fmt: skip


def tell_worry(by: Actor, entry: UUID, line: Line) -> str:
    """A worried line reaches someone at once, before anything else of it is looked at; the card's address."""
    person = line.values.get("code")
    if line.values.get("worry") != "yes" or person is None:
        return ""
    seen = access(person.id, by=by, permission="care.worry")
    head = Head.now(id=child(entry, f"worry/{line.number}"))
    risk = voice_worry(by=by, head=head, person_id=seen.id, kinds=["other"], urgency="now").result["risk"]
    return reverse("safety-card", args=[seen.id, risk])


def _write_circle(
    register: Register, by: Actor, entry: UUID, name: str, line: Line, circle: UUID | None
) -> dict[str, Any]:
    got = line.values
    counts = {code: got[f"kind_{n}"] for n, code in enumerate(register.kinds) if got.get(f"kind_{n}") is not None}
    made = record_circle_meeting(
        by=by, head=Head.now(id=child(entry, f"line/{line.number}")), circle_id=circle, on=got["on"],
        head_count=got["head"], new_count=got.get("new", 0), kinds=counts, sheet=name,
    ).result["meeting"]  # fmt: skip
    return {"id": str(made), "sheet": name, "undo": reverse("circle-meeting-undo", args=[circle, made])}


def _write_hours(by: Actor, entry: UUID, name: str, line: Line) -> dict[str, Any]:
    got = line.values
    made = record_hours(
        by=by, head=Head.now(id=child(entry, f"line/{line.number}")), on=got["on"],
        minutes=got["hours"] * 60 + got.get("minutes", 0), kind=got["kind"], paid=got["paid"] == "yes",
        note=got.get("note", ""), sheet=name,
    ).result["hours"]  # fmt: skip
    return {"id": str(made), "sheet": name, "undo": reverse("hours-undo", args=[made])}


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, USUAL_HOUR))
