"""Verify: has anything in the journal changed since it was written, and can everything in it still be read?

The chain of digests is computed again from the entries. A changed entry is found by its own position; a chain
that was rewritten as a whole is found by a head that was printed earlier (on a receipt or a release).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import connections

from kinweave.house import rows
from kinweave.house.erasure import ERASE, Line, destroy, ledger, settle, write_line
from kinweave.house.journal import APPLIES, read_part
from kinweave.house.models import Entry, Position
from kinweave.house.scratch import snapshot
from kinweave.house.sealing import keystore
from kinweave.house.sequencer import BATCH, START, digest, sequence

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, as a code.

    changed         the entry, or its digest, is not what was written
    gap             no entry has this position
    entry-missing   the position points to an entry that is not there
    not-placed      an entry has no position and does not wait for one
    unreadable      what the entry holds does not open under its key, or is no entry
    unknown-action  this release does not know the action or its version
    key-missing     a key is gone, and no erasure of the ledger took it
    key-unreadable  a key does not open under this house key
    head-differs    the chain is not the one whose head was printed
    """

    code: str
    position: int | None = None
    entry: UUID | None = None


@dataclass
class Verdict:
    """What `verify` found. `head`: the chain's last digest in hex; `finished`: erasures that were half done."""

    entries: int = 0
    position: int = 0
    head: str = START.hex()
    finished: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


@dataclass
class _State:
    """What is carried from one batch to the next."""

    using: str
    verdict: Verdict
    known: Mapping[int, str]
    erased: frozenset[UUID]
    chain: tuple[bytes, ...] = (START,)  # what the next entry may follow: the stored digest, the computed one
    named: set[UUID] = field(default_factory=set)  # keys already reported
    erasures: list[Entry] = field(default_factory=list)

    def fault(self, code: str, position: int | None, entry: UUID | None = None) -> None:
        self.verdict.faults.append(Fault(code, position, entry))


def verify(*, known: Mapping[int, str] | None = None, on_progress: Progress | None = None) -> Verdict:
    """Finish half-done erasures, then check the whole journal as it is now. `known`: position → printed head."""
    verdict = Verdict(finished=settle())
    sequence()
    lines = ledger()
    erased = frozenset(key for line in lines for key in line.keys)
    with snapshot() as using:
        state = _State(using, verdict, known or {}, erased)
        total = Position.objects.using(using).count()
        at = 0
        while placed := list(Position.objects.using(using).filter(position__gt=at).order_by("position")[:BATCH]):
            _batch(placed, at, state)
            at = placed[-1].position
            if on_progress:
                on_progress(verdict.entries, total)
        verdict.position = at
        _not_placed(state)
        for position in state.known:
            if position > at:
                state.fault("head-differs", position)
    verdict.finished += _into_ledger(state.erasures, {line.entry for line in lines})
    return verdict


def _batch(placed: Sequence[Position], at: int, state: _State) -> None:
    entries = _entries(placed, state)
    odd = _written_otherwise(placed, entries, state.using)
    for one in placed:
        if one.position != at + 1:
            state.fault("gap", at + 1)
        at = one.position
        entry = entries.get(one.serial)
        stored = bytes(one.digest)
        if entry is None:
            state.fault("entry-missing", at)
            state.chain = (stored,)
            continue
        _link(entry, at, stored, one.serial in odd, state)
    _open([(p.position, entries[p.serial]) for p in placed if entries.get(p.serial)], state)
    state.verdict.entries += len(placed)


def _link(entry: Entry, at: int, stored: bytes, odd: bool, state: _State) -> None:
    """Compare the entry's digest with the one computed from it, after either digest of the one before."""
    try:
        computed = [digest(before, entry) for before in state.chain]
    except (AttributeError, TypeError, ValueError):
        computed = []
    if odd or stored not in computed:
        state.fault("changed", at, entry.id if isinstance(entry.id, UUID) else None)
    state.chain = tuple(dict.fromkeys([stored, *computed]))
    state.verdict.head = stored.hex()
    if at in state.known and state.known[at] != stored.hex():
        state.fault("head-differs", at)


def _entries(placed: Sequence[Position], state: _State) -> dict[int, Entry]:
    """Serial → entry. A row that does not even decode is read alone, and stands as an entry without content."""
    try:
        return Entry.objects.using(state.using).in_bulk([p.serial for p in placed])
    except (ValueError, TypeError, AttributeError):
        pass
    found = {}
    for one in placed:
        try:
            entry = Entry.objects.using(state.using).filter(serial=one.serial).first()
        except (ValueError, TypeError, AttributeError):
            entry = Entry(serial=one.serial)
        if entry is not None:
            found[one.serial] = entry
    return found


def _written_otherwise(placed: Sequence[Position], entries: Mapping[int, Entry], using: str) -> set[int]:
    """Serials whose stored text is not how we write this value (SQLite keeps ids and times as text)."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return set()
    to = rows.table("house.Entry", using)
    quote = connection.ops.quote_name
    columns = ", ".join(f"CAST({quote(f.column)} AS TEXT)" for f in to.fields)
    serials = [p.serial for p in placed]
    marks = ", ".join(str(int(s)) for s in serials)
    odd = set()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT serial, {columns} FROM house_entry WHERE serial IN ({marks})")  # noqa: S608
        for serial, *raw in cursor.fetchall():
            try:
                ours = to.prepared({f.attname: getattr(entries[serial], f.attname) for f in to.fields}, using)
            except (ValueError, TypeError, AttributeError, KeyError):
                odd.add(serial)
                continue
            if raw != [None if value is None else str(value) for value in ours]:
                odd.add(serial)
    return odd


def _open(entries: Sequence[tuple[int, Entry]], state: _State) -> None:
    """Every part opens under its key, and this release knows what to do with it."""
    parsed: list[tuple[int, Entry, list[dict[str, Any]]]] = []
    for position, entry in entries:
        try:
            parts = json.loads(entry.parts)
            if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
                raise TypeError
            keys = [UUID(p["k"]) for p in parts if "k" in p]
        except (ValueError, TypeError, AttributeError):
            state.fault("unreadable", position)
            continue
        parsed.append((position, entry, parts))
        if entry.action == ERASE:
            state.erasures.append(entry)
        del keys
    found = _keys(parsed, state)
    for position, entry, parts in parsed:
        for index, raw in enumerate(parts):
            try:
                part = read_part(entry, index, raw, found)
            except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
                state.fault("unreadable", position, entry.id)
                continue
            if (part.action, part.version) not in APPLIES:
                state.fault("unknown-action", position, entry.id)


def _keys(parsed: Sequence[tuple[int, Entry, list[dict[str, Any]]]], state: _State) -> dict[UUID, bytes]:
    used: dict[UUID, int] = {}
    for position, _, parts in parsed:
        for raw in parts:
            if "k" in raw:
                used.setdefault(UUID(raw["k"]), position)
    store, found = keystore(), {}
    try:
        found = store.read(used)
        unreadable: set[UUID] = set()
    except InvalidTag:
        unreadable = set()
        for key_id in used:
            try:
                found |= store.read([key_id])
            except InvalidTag:
                unreadable.add(key_id)
    for key_id, position in used.items():
        if key_id not in found and key_id not in state.erased and key_id not in state.named:
            state.named.add(key_id)
            state.fault("key-unreadable" if key_id in unreadable else "key-missing", position)
    return found


def _not_placed(state: _State) -> None:
    with connections[state.using].cursor() as cursor:
        cursor.execute(
            "SELECT e.serial FROM house_entry e LEFT JOIN house_position p ON p.serial = e.serial"
            " LEFT JOIN house_arrival a ON a.serial = e.serial WHERE p.serial IS NULL AND a.serial IS NULL"
        )
        for _ in cursor.fetchall():
            state.fault("not-placed", None)


def _into_ledger(erasures: Sequence[Entry], known: set[UUID]) -> int:
    """Erasures that the journal has and the ledger lacks (a lost or an older ledger): written there again."""
    lost = [entry for entry in erasures if entry.id not in known]
    for entry in lost:
        line = line_of(entry)
        write_line(line)
        destroy(line.keys)
    return len(lost)


def line_of(entry: Entry) -> Line:
    """The ledger's line for an erasure, from its entry."""
    open_ = json.loads(entry.parts)[-1]["o"]
    persons, keys = (tuple(UUID(one) for one in open_[name]) for name in ("persons", "keys"))
    return Line(entry.id, persons, keys, entry.received_at)
