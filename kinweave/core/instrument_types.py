"""What a questionnaire is made of: frozen values, no rules. Read from text files by `instruments`.

Units: every scaled number is a whole number of 10**-digits of a point (digits belong to its scale), so that
Python and JavaScript agree exactly. Sources of wordings and figures stand beside them as citations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from kinweave.core.problems import Problem

Points = tuple[tuple[int, int], ...]
"""Pairs (coded answer, points it is worth), ascending by coded answer."""


class InstrumentFault(Problem):
    """A questionnaire's files break a rule. Facts: file, where (a dotted key), fault (a fixed phrase)."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "instrument-fault"
    says: ClassVar[str] = "The questionnaire file {file} has a fault at {where}: {fault}."
    remedy: ClassVar[str] = "Correct that line and load the file again. docs/instruments.md has the rules."


class NoWording(Problem):
    """A questionnaire has scoring but no words: its owner does not let us ship them."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "instrument-without-words"
    says: ClassVar[str] = "The questionnaire {slug} has no questions in any language here."
    remedy: ClassVar[str] = "Add its wording and your licence statement as docs/instruments.md describes."


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `values` are the coded answers of its response scale, in the order shown."""

    code: str
    response: str
    values: tuple[int, ...]
    loinc: str | None


@dataclass(frozen=True, slots=True)
class Implied:
    """When `when` was answered with one of `values`, `item` need not be asked and counts as `value`."""

    when: str
    values: tuple[int, ...]
    item: str
    value: int


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of a scale, both ends included, in scaled units."""

    code: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Scale:
    """One score. `op` is sum, mean or any; `need` answers at least; `fill` is none, prorate or skip.

    higher_is: "worse" or "better", what more points mean for the person; higher_is_by: who says so.

    lowest and highest are the possible ends in scaled units; times is a fraction (numerator, denominator).
    """

    code: str
    op: str
    items: tuple[tuple[str, Points], ...]
    need: int
    fill: str
    times: tuple[int, int]
    digits: int
    lowest: int
    highest: int
    bands: tuple[Band, ...]
    citation: str
    higher_is: str
    higher_is_by: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """A threshold that somebody published for a language and a population; never true in general."""

    code: str
    scale: str
    rule: str
    value: int
    language: str
    population: str
    citation: str


@dataclass(frozen=True, slots=True)
class Change:
    """How much change means something: kind reliable, caseness or smallest-that-matters, in points."""

    scale: str
    kind: str
    value: Decimal
    population: str
    citation: str


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """An answer that a human must see before anything else happens. `basis` says who chose it."""

    code: str
    item: str
    values: tuple[int, ...]
    kind: str
    urgency: str
    says_key: str
    basis: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Tier A: words shipped. B: words in a separate pack. C: scoring only, the deployer brings the words."""

    tier: str
    statement: str
    citation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who answers, and how it may be asked."""

    of: str
    alone: bool
    interviewer: bool
    ages: str


@dataclass(frozen=True, slots=True)
class Wording:
    """All words of one questionnaire in one language, complete, with where they came from."""

    language: str
    direction: str
    shown_as: str
    shown_as_by: str
    instruction: str
    recall: str
    items: Mapping[str, str]
    options: Mapping[str, Mapping[int, str]]
    help: Mapping[str, str]
    source: str
    url: str
    original: bool
    checked: bool
    checked_by: str
    licence_held: str
    unverified: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire, validated. `key` is the only name an address, a title or a file may show."""

    slug: str
    version: str
    key: str
    name: str
    origin: str
    recall_days: int
    asked: Asked
    licence: Licence
    items: tuple[Item, ...]
    implied: tuple[Implied, ...]
    scales: tuple[Scale, ...]
    cutoffs: tuple[CutOff, ...]
    changes: tuple[Change, ...]
    safety: tuple[SafetyRule, ...]
    unverified: tuple[str, ...]
    wordings: Mapping[str, Wording]


@dataclass(frozen=True, slots=True)
class Question:
    """One question ready to be asked. `fell_back` says that `language` is not the one that was wanted.

    `translated` and not `checked`: a translation that no speaker has compared with its source here.
    skip_when: (other question, its answers) that make this one needless.
    """

    code: str
    lead: str
    text: str
    options: tuple[tuple[int, str], ...]
    help: str
    is_safety: bool
    language: str
    direction: str
    translated: bool
    checked: bool
    fell_back: bool
    skip_when: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Language:
    """A language a questionnaire can be asked in; `checked` when a speaker has checked our copy."""

    code: str
    direction: str
    shown_as: str
    translated: bool
    checked: bool
