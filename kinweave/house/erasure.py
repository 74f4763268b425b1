"""Erasure: the ledger of who was erased, what an erasure empties, and finishing one that was cut short.

The order is ledger, entry, keys. The ledger (one line of JSON for each erasure: ids and a time, nothing else)
lies outside the database and outside every backup; what stands in it will be erased, whatever happens next.
A crash before the entry, before the keys, or a restore from an older backup leaves an erasure half done:
`settle` finishes it, at every `verify`, restore and start of the server.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import Q

from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.house.access import SYSTEM
from kinweave.house.journal import Head
from kinweave.house.models import Entry
from kinweave.house.registry import run
from kinweave.house.rows import Wipe
from kinweave.house.sealing import keystore

ERASE = "flows.erase_person"


class LedgerUnreadable(Problem):
    status, code = 500, "ledger-unreadable"
    says = "Line {line} of the erasure ledger cannot be read."
    remedy = "Put back a copy of the ledger; without this line an erased person might return at a restore."


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure: the entry that says it, the records it empties, the keys it destroys."""

    entry: UUID
    persons: tuple[UUID, ...]
    keys: tuple[UUID, ...]
    at: datetime

    def written(self) -> bytes:
        plain = {
            "entry": str(self.entry),
            "persons": [str(p) for p in self.persons],
            "keys": [str(k) for k in self.keys],
            "at": self.at.astimezone(UTC).isoformat(),
        }
        return json.dumps(plain, separators=(",", ":")).encode() + b"\n"


def ledger(path: Path | None = None) -> list[Line]:
    """Every erasure so far, in its order, each entry once. A last line cut short by a crash does not count."""
    path = path or settings.ERASURE_LEDGER
    if not path.exists():
        return []
    whole = path.read_bytes().split(b"\n")
    found: dict[UUID, Line] = {}
    for number, raw in enumerate(whole[:-1], 1):
        try:
            read = json.loads(raw) if raw.strip() else None
            if read is not None:
                line = _line(read)
                found.setdefault(line.entry, line)
        except (ValueError, KeyError, TypeError):
            if not _torn(whole, number):
                raise LedgerUnreadable(line=number) from None
    return list(found.values())


def _line(read: Any) -> Line:
    return Line(
        UUID(read["entry"]),
        tuple(UUID(p) for p in read["persons"]),
        tuple(UUID(k) for k in read["keys"]),
        datetime.fromisoformat(read["at"]),
    )


def _torn(whole: Sequence[bytes], number: int) -> bool:
    """A line that a crash cut short was closed by the empty line that the next append puts after it."""
    return number < len(whole) - 1 and whole[number] == b""


def write_line(line: Line, path: Path | None = None) -> None:
    """Add an erasure to the ledger; on disk when this returns. One write, so that processes do not mix."""
    path = path or settings.ERASURE_LEDGER
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    cut = not fresh and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (b"\n\n" if cut else b"") + line.written())
        os.fsync(handle)
    finally:
        os.close(handle)
    if fresh:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A new name in a folder is on disk only when the folder is (POSIX; Windows does it by itself)."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def erasable() -> Iterator[tuple[type[models.Model], str, tuple[str, ...]]]:
    """Every table of ours with something to empty: the model, its person column, the columns."""
    for config in apps.get_app_configs():
        if not config.name.startswith("kinweave."):
            continue
        for model in config.get_models():
            privacy = getattr(model, "Privacy", None)
            person, columns = getattr(privacy, "person", None), getattr(privacy, "erase", ())
            if person and columns:
                yield model, person, tuple(sorted(columns))


def wipes_for(persons: Iterable[UUID]) -> list[Wipe]:
    """What an erasure of these records empties today (an entry keeps this list, so that replay is frozen)."""
    ids = tuple(persons)
    return [Wipe(model._meta.label, person, ids, columns) for model, person, columns in erasable()]


def keys_about(persons: Sequence[UUID]) -> set[UUID]:
    """The persons' keys, and the own keys of rows that are about nobody else."""
    found = set(persons)
    for model, person, _ in erasable():
        if not any(f.name == "key_id" for f in model._meta.concrete_fields):
            continue
        every = model._base_manager
        own = every.filter(**{f"{person}__in": persons}).exclude(key_id__in=persons)
        keys = set(own.values_list("key_id", flat=True))
        others = every.filter(key_id__in=keys).exclude(**{f"{person}__in": persons})
        found |= keys - set(others.values_list("key_id", flat=True))
    return found


def still_there(persons: Sequence[UUID], using: str = "default") -> list[str]:
    """The tables that hold anything of these records which an erasure empties (there should be none)."""
    found = []
    for model, person, columns in erasable():
        empty = Q()
        for name in columns:
            empty &= _is_empty(model._meta.get_field(name))
        rows = model._base_manager.using(using).filter(**{f"{person}__in": persons})
        if rows.exclude(empty).exists():
            found.append(model._meta.label)
    return found


def _is_empty(field: Any) -> Q:
    return Q(**{f"{field.name}__isnull": True}) if field.null else Q(**{field.name: field.get_default()})


def destroy(keys: Iterable[UUID]) -> None:
    """Destroy keys and fold SQLite's log into its file, so that no older page lies beside it."""
    keystore().destroy(keys)
    connection = connections["default"]
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def settle(lines: Sequence[Line] | None = None) -> int:
    """Finish every erasure of the ledger that is only half done; returns how many were."""
    held = keystore()
    finished = 0
    for line in ledger() if lines is None else lines:
        done = Entry.objects.filter(id=line.entry).exists()
        late = done and bool(still_there(line.persons))  # written by someone who had begun before
        keys = held.read(line.keys) if done and not late else None
        if keys == {}:
            continue
        if not done or late:
            head_id = line.entry if not done else child(line.entry, Head.now().id.hex)
            run(ERASE, by=SYSTEM, head=Head.now(id=head_id), person_id=line.persons[0], only=list(line.persons))
        if not connections["default"].in_atomic_block:
            destroy(line.keys)
        else:
            transaction.on_commit(lambda keys=line.keys: destroy(keys))  # type: ignore[misc]
        finished += 1
    return finished
