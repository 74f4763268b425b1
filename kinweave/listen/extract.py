"""Listen's only door to learn: scores by person, month and scale; and for one use answers, of many people together.

`doubtful` is a check on data quality, not a verdict: the same worker wrote the same answers, which were not
all alike, for two people on one day (practice.md §3: fabricated and copied rows are common and rational).

Answers leave only where a questionnaire was asked in two languages or more, to see whether its questions mean the same
in both: each person's first whole ones, without what looks copied. What is unsealed never touches a disk here.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F

from kinweave.core.instrument_types import Instrument
from kinweave.house.sealing import Opener
from kinweave.listen.actions import ANSWERS, answers_from
from kinweave.listen.models import Response, Score, ScoringTable, Switch
from kinweave.listen.shelf import instruments

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """One score that has a value, in points."""

    person_id: UUID
    response_id: UUID
    instrument: str
    scale: str
    language: str
    taken_on: date
    value: float
    band: str
    missing: int
    doubtful: bool


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """A person's first whole answers to a questionnaire: coded answers, in the order of that version's questions."""

    person_id: UUID
    taken_on: int  # as date.toordinal
    answers: tuple[int, ...]


@dataclass(slots=True)
class Block:
    """First whole answers in one version and language, packed: some 80 bytes a person."""

    instrument: str
    version: str
    language: str
    items: int
    ids: bytearray = field(default_factory=bytearray, repr=False)  # person and response, 16 bytes each
    held: array[int] = field(default_factory=lambda: array("i"), repr=False)  # the day, then the answers

    def take(self, row: Response, answers: list[int]) -> None:
        self.ids += row.person_id.bytes + row.id.bytes
        self.held.extend((row.taken_on.toordinal(), *answers))

    def facts(self, doubted: Collection[UUID]) -> Iterator[AnswerFact]:
        """Those that do not look copied; whose first answers do is left out altogether."""
        for n in range(len(self.ids) // 32):
            response = UUID(bytes=bytes(self.ids[32 * n + 16 : 32 * n + 32]))
            if response not in doubted:
                day, *answers = self.held[n * (self.items + 1) : (n + 1) * (self.items + 1)]
                yield AnswerFact(UUID(bytes=bytes(self.ids[32 * n : 32 * n + 16])), day, tuple(answers))


@dataclass(frozen=True, slots=True)
class Opened:
    """What one opening of all answers told. doubted: responses that look copied. blocks: see `Block`."""

    doubted: frozenset[UUID]
    blocks: tuple[Block, ...]


def scores(doubted: Collection[UUID]) -> Iterator[ScoreFact]:
    """All current scores with a value, streamed. doubted: responses that look copied (`open_answers`)."""
    rows = Score.objects.filter(current=True).exclude(scaled=None).order_by("id")
    values = rows.annotate(lang=F("response__language")).values_list(
        "person_id", "response_id", "instrument", "scale", "lang", "taken_on", "scaled", "digits", "band", "missing"
    )
    for person, response, instrument, scale, language, on, scaled, digits, band, missing in values.iterator(BATCH):
        value, doubt = scaled / 10**digits, response in doubted
        yield ScoreFact(person, response, instrument, scale, language, on, value, band or "", missing, doubt)


def questionnaires() -> dict[str, Instrument]:
    """The questionnaires of this site by slug, asked or not."""
    return instruments()


def asked() -> set[str]:
    """The questionnaires that are switched on, on the whole site or in one programme."""
    last: dict[tuple[str, str], bool] = {}
    for slug, scope, on in Switch.objects.order_by("at", "id").values_list("slug", "scope", "on"):
        last[slug, scope] = on
    return {slug for (slug, _), on in last.items() if on}


def open_answers() -> Opened:
    """Opens all answers once, in batches: which look copied, and who answered what first.

    Held meanwhile: a few numbers of each response, and each person's first whole answers, packed.
    """
    tables = {row.hash: row.table for row in ScoringTable.objects.all()}
    copies, firsts = _Copies(), _Firsts(tables)
    # By the index over persons; of one person and questionnaire the first day comes last.
    rows = Response.objects.filter(superseded_by=None).exclude(answers=None)
    rows = rows.order_by("person_id", "instrument", "-taken_on", "-id")
    for batch in _batches(rows.iterator(BATCH)):
        opened = Opener({r.person_id for r in batch})
        for row in batch:
            answers = answers_from(opened(row.person_id, ANSWERS, row.answers))
            copies.look(row, answers)
            firsts.look(row, answers)
    return Opened(frozenset(copies.doubted), firsts.blocks())


class _Copies:
    """Finds responses that look copied."""

    def __init__(self) -> None:
        self.seen: dict[bytes, tuple[UUID, UUID]] = {}
        self.doubted: set[UUID] = set()

    def look(self, row: Response, answers: Mapping[str, Any]) -> None:
        if len(set(map(str, answers.values()))) < 2:
            return
        content = f"{row.by_id}|{row.instrument}|{row.taken_on}|{sorted(answers.items())}".encode()
        first = self.seen.setdefault(hashlib.blake2b(content, digest_size=16).digest(), (row.id, row.person_id))
        if first[1] != row.person_id:
            self.doubted |= {first[0], row.id}


class _Firsts:
    """Keeps the last whole answers of each run of rows of one person and questionnaire: the first ones given."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        self.kept: dict[tuple[str, str, str, int], Block] = {}
        self.waiting: tuple[Response, list[int]] | None = None

    def look(self, row: Response, answers: Mapping[str, Any]) -> None:
        found = _whole(self.tables.get(row.table_hash), answers) if row.language else None
        if self.waiting and (self.waiting[0].person_id, self.waiting[0].instrument) != (row.person_id, row.instrument):
            self._take()
        if found is not None:
            self.waiting = row, found

    def _take(self) -> None:
        if self.waiting is not None:
            row, answers = self.waiting
            at = row.instrument, str(self.tables[row.table_hash]["version"]), row.language, len(answers)
            self.kept.setdefault(at, Block(*at)).take(row, answers)
            self.waiting = None

    def blocks(self) -> tuple[Block, ...]:
        """Only those of a questionnaire that was asked in two languages: of others no answer is needed."""
        self._take()
        languages: dict[tuple[str, str], set[str]] = defaultdict(set)
        for block in self.kept.values():
            languages[block.instrument, block.version].add(block.language)
        return tuple(b for at, b in sorted(self.kept.items()) if len(languages[at[:2]]) > 1)


def _whole(table: Any, answers: Mapping[str, Any]) -> list[int] | None:
    """The coded answer to every question, implied ones too; None where one is missing or was declined."""
    if table is None:
        return None
    given = {code: value for code, value in answers.items() if type(value) is int}
    for rule in table["implied"]:
        if given.get(rule["when"]) in rule["values"]:
            given.setdefault(rule["item"], rule["value"])
    found = [given.get(item["code"]) for item in table["items"]]
    return None if None in found else [value for value in found if value is not None]


def _batches(rows: Iterator[Response]) -> Iterator[list[Response]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
