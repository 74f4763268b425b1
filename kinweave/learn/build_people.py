"""Who is counted in this rebuild, under which number, from when on."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kinweave.care import extract as care
from kinweave.core.problems import Problem
from kinweave.learn.build_places import Zones
from kinweave.people import extract as people
from kinweave.people.extract import Counted

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}")
START = "start"


class NumbersClash(Problem):
    status, code = 500, "numbers-clash"
    says = "Two people drew the same number. Nothing was written."
    remedy = "Rebuild the lake: they draw again."


def code(text: str | None) -> str | None:
    """A short code, or nothing: the lake takes no other text."""
    return text if text and _CODE.fullmatch(text) else None


@dataclass(slots=True)
class One:
    """What every fact of a person needs. started: lake month of the first start, None if not yet."""

    number: int
    place: int
    purpose: str
    zone: UUID | None
    started: int | None = None

    def since(self, month: int) -> int | None:
        """Months from the start to a lake month, below nought before it; None for who has not started."""
        return None if self.started is None else month - self.started


class Everyone:
    """All who may be counted; also finds a person by a record that was merged into theirs."""

    def __init__(self) -> None:
        self._key, self._apart = secrets.token_bytes(32), secrets.token_bytes(32)  # forgotten with this object
        self._by_id: dict[UUID, One] = {}
        self._into: dict[UUID, UUID] = {}
        self._wholes: set[UUID] = set()  # records that others were merged into
        self._rows: list[tuple[Any, ...]] = []
        self.left_out = 0

    def number(self, one: UUID) -> int:
        """The fresh number of an id: 63 bits of a keyed hash."""
        return int.from_bytes(hashlib.blake2b(one.bytes, digest_size=8, key=self._key).digest(), "big") >> 1

    def of(self, record: UUID) -> One | None:
        """The person a record belongs to; None (and counted as left out) for who is not counted."""
        found = self._by_id.get(self._into.get(record, record))
        if found is None:
            self.left_out += 1
        return found

    def joined(self, record: UUID) -> bool:
        """Whether the person a record belongs to has more than this one."""
        return record in self._into or record in self._wholes

    def apart(self, record: UUID) -> tuple[int, str] | None:
        """A number that joins with no other table, and the purpose; None for who is not counted."""
        whole = self._into.get(record, record)
        found = self._by_id.get(whole)
        if found is None:
            return None
        number = int.from_bytes(hashlib.blake2b(whole.bytes, digest_size=8, key=self._apart).digest(), "big") >> 1
        return number, found.purpose

    def take(self, row: Counted, zones: Zones) -> None:
        if row.id != row.whole:
            # Counted with the record it now belongs to, and only if that one may be counted: its word is the last.
            self._into[row.id] = row.whole
            self._wholes.add(row.whole)
            return
        one = One(self.number(row.id), zones.number(row.place_id), row.purpose, row.programme_id)
        self._by_id[row.id] = one
        self._rows.append((row.id, group_code(row.organisation_id), group_code(row.programme_id), *_facts(row)))

    def start(self, zones: Zones) -> None:
        """The month of each person's first start; then nobody comes in any more."""
        for turn in care.turns():
            one = self._by_id.get(self._into.get(turn.person_id, turn.person_id)) if turn.move == START else None
            if one is not None:
                month = zones.month(turn.at, one.zone)
                one.started = month if one.started is None else min(month, one.started)
        if len({one.number for one in self._by_id.values()}) != len(self._by_id):
            raise NumbersClash()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The lake's people, in the order of their numbers: the order in which they came says who they are."""
        for row in sorted(self._rows, key=lambda r: self._by_id[r[0]].number):
            one = self._by_id[row[0]]
            yield one.number, one.place, *row[1:-1], one.started, row[-1], one.purpose


def group_code(one: UUID | None) -> str:
    """A short code for an organisation or a programme."""
    return "none" if one is None else hashlib.blake2b(one.bytes, digest_size=5).hexdigest()


def _facts(row: Counted) -> tuple[Any, ...]:
    said = (row.gender, row.age_band, row.disability, row.language, row.dimension)
    return (*(code(text) for text in said), row.caregiver)


def meet(dimension: str = "") -> Everyone:
    """Everyone who agreed to be counted, with the month they started."""
    everyone, zones = Everyone(), Zones()
    for row in people.counted(dimension):
        everyone.take(row, zones)
    everyone.start(zones)
    return everyone
