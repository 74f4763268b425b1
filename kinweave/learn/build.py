"""Rebuild the lake whole, from the rooms' extracts only.

Everyone gets a fresh number at every rebuild, made with a random key that is forgotten at the end, so that no two
lakes can be joined by person and no number leads back. Correction, merge, withdrawal and erasure need no special
case: what a room no longer tells is no longer there. Nothing finer than a month is written.

Run it in a process that ends (`python -m kinweave.learn build`); a web server must never load this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from kinweave.care import extract as care
from kinweave.gather import extract as gather
from kinweave.house.sealing import house_key
from kinweave.learn.build_answers import answer_batches
from kinweave.learn.build_people import Everyone, code, meet
from kinweave.learn.build_places import Zones, place_rows
from kinweave.learn.lake import write_lake
from kinweave.learn.shape import SCHEMAS, month_index
from kinweave.listen import extract as listen
from kinweave.team import extract as team

ROWS = 1 << 15
NEVER = 1 << 30  # a month that does not come
Say = Callable[[str, int], None]


@dataclass(frozen=True)
class Built:
    """What a rebuild wrote: rows by table, facts of people who are not counted, seconds."""

    rows: dict[str, int]
    left_out: int
    seconds: float

    @property
    def rate(self) -> float:
        """Rows a second, all tables together."""
        return sum(self.rows.values()) / max(self.seconds, 1e-9)


def lake_key() -> bytes:
    """The lake's key, derived from the house key: a copied lake folder alone opens nothing."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"kinweave lake").derive(house_key())


def build(folder: Path | None = None, dimension: str = "", say: Say = lambda step, rows: None) -> Built:
    """Write the lake anew; the old one stands until the new one is whole. One at a time: see `build_alone`.

    `dimension`: the programme's own group to keep beside gender, age and disability. `say(step, rows so far)` is
    called as batches are written.
    """
    began = time.perf_counter()
    everyone = meet(dimension)
    zones = Zones()
    teller = _Teller(say)
    opened = listen.open_answers()
    tables = {
        "people": teller.batches("people", everyone.rows()),
        "scores": teller.batches("scores", _scores(everyone, opened)),
        "answers": teller.told("answers", answer_batches(everyone, opened)),
        "contacts": teller.batches("contacts", _contacts(everyone, zones)),
        "pathway": teller.batches("pathway", _pathway(everyone, zones)),
        "goals": teller.batches("goals", _goals(everyone, zones)),
        "risks": teller.batches("risks", _risks(everyone, zones)),
        "circles": teller.batches("circles", _circles(zones)),
        "hours": teller.batches("hours", _hours(everyone)),
        "places": teller.batches("places", place_rows()),
    }
    rows = write_lake(folder or settings.LAKE, tables, lake_key())
    return Built(rows, everyone.left_out, time.perf_counter() - began)


class _Teller:
    """Makes record batches of a table's rows and says how far it has come."""

    def __init__(self, say: Say) -> None:
        self.say, self.done = say, 0

    def batches(self, table: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[pa.RecordBatch]:
        waiting: list[tuple[Any, ...]] = []
        for row in rows:
            waiting.append(row)
            if len(waiting) == ROWS:
                yield self._batch(table, waiting)
                waiting = []
        if waiting:
            yield self._batch(table, waiting)

    def told(self, table: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Batches that are made already, counted as they go by."""
        for batch in batches:
            self.done += batch.num_rows
            self.say(table, self.done)
            yield batch

    def _batch(self, table: str, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
        schema = SCHEMAS[table]
        columns = zip(*rows, strict=True)
        arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        self.done += len(rows)
        self.say(table, self.done)
        return pa.RecordBatch.from_arrays(arrays, names=schema.names)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def _scores(everyone: Everyone, opened: listen.Opened) -> Iterator[tuple[Any, ...]]:
    for fact in listen.scores(opened.doubted):
        one = everyone.of(fact.person_id)
        if one is None:
            continue
        month = month_index(fact.taken_on.year, fact.taken_on.month)
        yield (
            one.number, one.place, fact.instrument, fact.scale, code(fact.language), month, one.since(month),
            fact.value, code(fact.band), fact.missing, fact.doubtful, one.purpose,
        )  # fmt: skip


def _contacts(everyone: Everyone, zones: Zones) -> Iterator[tuple[Any, ...]]:
    for fact in care.contacts():
        one = everyone.of(fact.person_id)
        if one is None:
            continue
        worker = None if fact.worker_id is None else everyone.number(fact.worker_id)
        step = None if fact.step is None else str(fact.step)
        month = zones.month(fact.at, one.zone)
        yield (
            one.number, one.place, month, one.since(month), fact.kind, fact.planned, fact.held,
            code(fact.missed_reason), worker, step, one.purpose,
        )  # fmt: skip


def _pathway(everyone: Everyone, zones: Zones) -> Iterator[tuple[Any, ...]]:
    for fact in care.turns():
        one = everyone.of(fact.person_id)
        if one is not None:
            month = zones.month(fact.at, one.zone)
            yield one.number, one.place, month, fact.state, code(fact.reason), one.purpose


def _goals(everyone: Everyone, zones: Zones) -> Iterator[tuple[Any, ...]]:
    for fact in care.goals():
        one = everyone.of(fact.person_id)
        if one is not None:
            month = zones.month(fact.at, one.zone)
            yield one.number, one.place, month, one.since(month), fact.what, one.purpose


def _risks(everyone: Everyone, zones: Zones) -> Iterator[tuple[Any, ...]]:
    """Alerts without their persons. Of one person's in three months only the one answered worst, so that a number of
    alerts cannot stand on one person alone; in an order that tells nothing."""
    worst: dict[tuple[int, int], tuple[Any, ...]] = {}
    for fact in care.risks():
        one = None if fact.person_id is None else everyone.of(fact.person_id)
        if one is None:
            continue
        month = zones.month(fact.at, one.zone)
        closed = None if fact.closed_at is None else zones.month(fact.closed_at, one.zone)
        place = one.place if fact.place_id is None else zones.number(fact.place_id)
        mine = (fact.in_time, -(NEVER if closed is None else closed), -month, place, one.purpose)
        quarter = one.number, month // 3
        worst[quarter] = min(mine, worst.get(quarter, mine))
    for in_time, closed, month, place, purpose in sorted(worst.values()):
        yield place, -month, in_time, None if closed == -NEVER else -closed, purpose


def _circles(zones: Zones) -> Iterator[tuple[Any, ...]]:
    """One row for each who came to a circle for the first time; no single meeting stands in the lake."""
    found = (
        (zones.number(fact.place_id), month_index(fact.on.year, fact.on.month), fact.new) for fact in gather.meetings()
    )
    for place, month, new in sorted(found):
        yield from ((place, month) for _ in range(new))


def _hours(everyone: Everyone) -> Iterator[tuple[Any, ...]]:
    """A worker's months, in the order of their numbers: no single day stands in the lake."""
    sums: dict[tuple[int, int], list[int]] = {}
    for fact in team.hours():
        mine = sums.setdefault((everyone.number(fact.worker_id), month_index(fact.on.year, fact.on.month)), [0, 0])
        mine[0 if fact.paid else 1] += fact.minutes
    for (worker, month), minutes in sorted(sums.items()):
        yield worker, month, *minutes
