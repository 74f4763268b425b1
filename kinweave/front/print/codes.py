"""The numbers that stand for words on registers: printed beside the words, typed from the sheet. One place for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kinweave.core.pathway import MISSED
from kinweave.front import sentences
from kinweave.front import sentences_care as care_words
from kinweave.front import sentences_rooms as room_words
from kinweave.gather.actions import KINDS
from kinweave.house import settings as chosen
from kinweave.team.reads import kinds_of_work

MET = ("yes", *MISSED)
HOMEWORK = ("done", "partly", "not", "none")
GOING = ("easier", "same", "harder", "reached")
WAYS = ("call", "visit")
PAID = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register. `kind`: date, code, number, choice, words, none (not typed). `codes` are in the order
    of their numbers, from 1; `share`: how wide it is on paper, in twelfths."""

    name: str
    label: Any
    kind: str
    codes: tuple[str, ...] = ()
    words: Mapping[str, Any] | None = None
    needed: bool = False
    share: int = 1

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """Each number with its words."""
        return [(n, str((self.words or {}).get(code, code))) for n, code in enumerate(self.codes, 1)]


@dataclass(frozen=True, slots=True)
class Register:
    """A sheet with rows, as it is printed and as it is typed."""

    kind: str
    title: Any
    lines: Sequence[Any]
    columns: tuple[Column, ...]
    permission: str
    note: Any = ""
    kinds: tuple[str, ...] = ()  # of people, for the columns kind_0, kind_1, …


def _met(label: Any) -> Column:
    words = {"yes": _("yes"), **sentences.MISSED}
    return Column("met", label, "choice", MET, words, needed=True)


_DATE = Column("on", _("Date"), "date", needed=True, share=2)
_CODE = Column("code", _("Code"), "code", needed=True, share=2)
_NEXT = Column("next", _("Next date"), "date", share=2)
_WORRY = Column("worry", _("Worried?"), "choice", ("yes",), {"yes": _("yes")})
_AGREED = Column("homework", _("What was agreed"), "choice", HOMEWORK, care_words.HOMEWORK)
_GOAL = Column("mood", _("Goal"), "choice", GOING, care_words.GOING)


def register(kind: str, scope: str = "") -> Register | None:
    """One of the registers, with the lists that hold in a programme (`scope`); None for an unknown kind."""
    made = {"meetings": _meetings, "attempts": _attempts, "circles": _circles, "hours": _hours}.get(kind)
    return made(scope) if made else None


def _meetings(scope: str) -> Register:
    return Register(
        "meetings", _("Register of meetings"), (_("Worker"), _("Place"), _("Month")),
        (_DATE, _CODE, _met(_("Met?")), _AGREED, _GOAL, _NEXT, _WORRY), "care.act",
    )  # fmt: skip


def _attempts(scope: str) -> Register:
    ways = {"call": _("a call"), "visit": _("a visit")}
    how = Column("way", _("How"), "choice", WAYS, ways, needed=True)
    return Register(
        "attempts", _("Register of calls and visits"), (_("Worker"), _("Place"), _("Month")),
        (_DATE, _CODE, how, _met(_("Reached?")), _NEXT, _WORRY, Column("said", _("To remember"), "words", share=3)),
        "care.act", _("Say only what was agreed to whoever answers. Write no name here."),
    )  # fmt: skip


def _circles(scope: str) -> Register:
    kinds = chosen.value(KINDS, scope)
    words = room_words.CIRCLE_KINDS
    counts = tuple(Column(f"kind_{n}", words.get(code, code), "number") for n, code in enumerate(kinds))
    return Register(
        "circles", _("Register of a circle"), (_("Circle"), _("Who keeps it"), _("Place")),
        (_DATE, Column("head", _("How many came"), "number", needed=True),
         Column("new", _("For the first time"), "number"), *counts),
        "gather.meet", _("How many came, no names. What is said in a circle stays there."), tuple(kinds),
    )  # fmt: skip


def _hours(scope: str) -> Register:
    kinds = tuple(kinds_of_work())
    return Register(
        "hours", _("Sheet of hours"), (_("Worker"), _("Month")),
        (_DATE, Column("hours", _("Hours"), "number", needed=True), Column("minutes", _("Minutes"), "number"),
         Column("kind", _("What for"), "choice", kinds, room_words.WORK, needed=True),
         Column("paid", _("Paid?"), "choice", PAID, {"yes": _("paid"), "no": _("unpaid")}, needed=True),
         Column("note", _("To remember"), "words", share=3)),
        "team.hours",
    )  # fmt: skip
