"""Nobody is in two files of one questionnaire's sums: whom a question may be answered about now.

Two files about the same people, by other groups, other months or on another day, can be subtracted, and what is left
may be one person. So each file is about everyone who started after those of the file before it, up to the beginning
of a quarter; all of them have had all the months that were asked for. Files about different people can be added, and
nothing is gained by subtracting them. The same question again is answered with the same file, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from kinweave.core.problems import Problem

NEAR: Final = 1  # months before or after a window that still belong to it; ours
LATE: Final = 1  # months more in which answers still come in from phones and paper; ours
QUARTER: Final = 3
BEGINNING: Final = 0


class SumsOver(Problem):
    status, code = 409, "sums-given-already"
    says = (
        "Sums of everyone who started before {until} were given out already, for another question ({given}). "
        "Two files about the same people could be subtracted, and show one of them."
    )
    remedy = (
        "Ask the earlier question for the same file again, or this one from {month} on, of those who started later."
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What a file answers. windows: months after the start, ascending. groups: columns of the fixed grid."""

    scale: str
    purpose: str
    windows: tuple[int, ...]
    groups: tuple[str, ...]

    def is_same(self, other: Mapping[str, Any]) -> bool:
        """In whatever order its groups stand."""
        return (
            (self.scale, self.purpose) == (other["scale"], other["purpose"])
            and self.windows == tuple(other["windows"])
            and set(self.groups) == set(other["groups"])
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """Whom a new file is about: who started in the lake months from `since` until before `until`."""

    since: int
    until: int


class Given(Protocol):
    """A file that left the site: whom it is about, and its question as a mapping."""

    since: int
    until: int
    question: Any


G = TypeVar("G", bound=Given)


def closed_before(windows: Sequence[int], month: int) -> int:
    """The last beginning of a quarter before which everyone who started has had all windows, seen from this month."""
    return (month - max(windows) - NEAR - LATE) // QUARTER * QUARTER


def turn(given: Sequence[G], question: Question, month: int) -> Turn | G:
    """Whom a question asked in this lake month is about, or the newest earlier file that answers it.

    given: all files of the questionnaire, first to last. Raises SumsOver where only those are left who were given out
    for another question.
    """
    last = given[-1].until if given else BEGINNING
    until = closed_before(question.windows, month)
    if until > last:
        return Turn(last, until)
    for one in reversed(given):
        if question.is_same(one.question):
            return one
    opens = last + QUARTER + max(question.windows) + NEAR + LATE
    raise SumsOver(until=name_of(last), given=_words(given[-1].question), month=name_of(opens))


def name_of(month: int) -> str:
    """A lake month as people write it: 2026-07. Nothing for the beginning."""
    return f"{month // 12}-{month % 12 + 1:02}" if month else ""


def _words(question: Mapping[str, Any]) -> str:
    parts = [str(question["scale"]), str(question["purpose"]), ",".join(map(str, question["windows"]))]
    return " ".join([*parts, *question["groups"]])
