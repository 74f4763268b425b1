"""Restore: from the pair of files and the house key (or its paper) to a running site, on either database.

Nothing is half restored: SQLite gets a new file that takes its place at the end, PostgreSQL one transaction.
Whom the erasure ledger names stays erased, even where the backup still has them and their keys.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.db import connections

from kinweave.core.problems import Problem
from kinweave.house import sealing
from kinweave.house.backup_file import (
    Header,
    WrongHouseKey,
    check_of,
    disk_faults,
    flush_to_disk,
    read_header,
)
from kinweave.house.backup_load import load
from kinweave.house.erasure import ERASE, Line, ledger, settle, sync_folder, write_line
from kinweave.house.keystore import Keystore
from kinweave.house.models import Entry, Site
from kinweave.house.paperkey import from_paper
from kinweave.house.scratch import add_connection, drop_connection
from kinweave.house.verify import line_of

Progress = Callable[[int, int], None]


class NotEmpty(Problem):
    status, code = 409, "not-empty"
    says = "There is a site here already. A restore never writes over one."
    remedy = "Choose an empty folder or database, or move the old one away first."


class NotAPair(Problem):
    status, code = 422, "not-a-pair"
    says = "These two files were not made together."
    remedy = "Take the .backup and the .keys file of the same name."


class KeysDamaged(Problem):
    status, code = 422, "keys-damaged"
    says = "The keystore copy is damaged. Nothing was restored."
    remedy = "Copy the .keys file again from where it is kept, or take the backup before it."


class NoHouseKey(Problem):
    status, code = 422, "no-house-key"
    says = "A restore needs the house key: its file, or its paper."
    remedy = "Give the key file, or type the groups from the paper."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. `erased`: erasures done once more; `had_ledger`: whether a ledger was found."""

    position: int
    head: str
    epoch: UUID
    rows: int
    erased: int
    had_ledger: bool


def restore(
    backup: Path,
    keys: Path,
    *,
    paper: str | None = None,
    house_key: bytes | None = None,
    ledgers: Sequence[Path] = (),
    anyway: bool = False,
    on_progress: Progress | None = None,
) -> Restored:
    """Restore a pair onto this site's empty database. `ledgers`: further copies of the erasure ledger.

    The house key comes from the paper, else as given, else from the site's own file.
    Raises one of the problems above or of house.backup_file; then nothing has changed.
    """
    with open(backup, "rb") as file:
        header, _ = read_header(file)
    key = _house_key(header, paper, house_key)
    _must_be_empty(key)
    had_ledger = settings.ERASURE_LEDGER.exists() or bool(ledgers)
    lines = _ledger_with(ledgers)
    with disk_faults(), _store_of(keys, header, key, lines) as store:
        loaded = _postgres if connections["default"].vendor == "postgresql" else _sqlite

        def keep() -> None:
            _keep_keys(key, store, lines)

        counted = loaded(backup, header, key, store, keep, anyway, on_progress)
    for entry in Entry.objects.filter(action=ERASE).order_by("serial"):
        if entry.id not in {line.entry for line in ledger()}:
            write_line(line_of(entry))
    erased = settle()
    return Restored(header.position, header.head, Site.objects.get(id=1).epoch, counted, erased, had_ledger)


def _house_key(header: Header, paper: str | None, given: bytes | None) -> bytes:
    if paper is not None:
        key = from_paper(paper)
    elif given is not None:
        key = given
    elif settings.HOUSE_KEY_FILE.exists():
        key = settings.HOUSE_KEY_FILE.read_bytes()
    else:
        raise NoHouseKey()
    if len(key) != 32 or check_of(key, bytes.fromhex(header.salt)) != header.check:
        raise WrongHouseKey()
    return key


def _must_be_empty(key: bytes) -> None:
    """No entry, no account, and no keys under another house key."""
    home = connections["default"]
    if home.vendor == "postgresql" or Path(home.settings_dict["NAME"]).exists():
        there = set(home.introspection.table_names())
        for label in ("house.Entry", "house.Account"):
            model = apps.get_model(label)
            if model._meta.db_table in there and model._base_manager.exists():
                raise NotEmpty()
    file = settings.HOUSE_KEY_FILE
    other = file.exists() and file.read_bytes() != key and settings.KEYSTORE_FILE.exists()
    if other and Keystore(settings.KEYSTORE_FILE, file.read_bytes()).count():
        raise NotEmpty()


def _ledger_with(ledgers: Sequence[Path]) -> list[Line]:
    lines = {line.entry: line for path in ledgers for line in ledger(path)}
    return [*lines.values(), *(line for line in ledger() if line.entry not in lines)]


@contextmanager
def _store_of(keys: Path, header: Header, key: bytes, lines: Sequence[Line]) -> Iterator[Keystore]:
    """The keystore copy, opened beside its place, without the keys of erased people. Raises NotAPair, KeysDamaged."""
    with tempfile.TemporaryDirectory(prefix="kinweave-") as folder:
        copy = Path(folder) / "keys.sqlite3"
        shutil.copyfile(keys, copy)
        try:
            db = sqlite3.connect(copy)
            try:
                pair = db.execute("SELECT id FROM pair").fetchone()
                whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            finally:
                db.close()
            if not whole:
                raise KeysDamaged()
            if pair is None or pair[0] != header.pair:
                raise NotAPair()
            store = Keystore(copy, key)
            store.destroy(k for line in lines for k in line.keys)
            store.read(list(store.ids()))  # every key opens
        except (sqlite3.DatabaseError, InvalidTag):
            raise KeysDamaged() from None
        try:
            yield store
        finally:
            store.close()


def _keep_keys(key: bytes, store: Keystore, lines: Sequence[Line]) -> None:
    """The house key, the keys and the ledger to their places; harmless should the database not follow."""
    file = settings.HOUSE_KEY_FILE
    if not file.exists() or file.read_bytes() != key:
        file.parent.mkdir(parents=True, exist_ok=True)
        for stale in (settings.KEYSTORE_FILE, *_beside(settings.KEYSTORE_FILE)):  # it held no key: _must_be_empty
            stale.unlink(missing_ok=True)
        fresh = file.with_suffix(".restored")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, key)
        os.fsync(handle)
        os.close(handle)
        fresh.replace(file)
        sync_folder(file.parent)
    with suppress(Exception):
        sealing.keystore().close()
    sealing.house_key.cache_clear()
    sealing.keystore.cache_clear()
    known = {line.entry for line in ledger()}
    for line in lines:
        if line.entry not in known:
            write_line(line)
    sealing.keystore().absorb(store)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]


def _sqlite(
    backup: Path,
    header: Header,
    key: bytes,
    store: Keystore,
    keep: Callable[[], None],
    anyway: bool,
    on_progress: Progress | None,
) -> int:
    place = Path(connections["default"].settings_dict["NAME"])
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(place.name + ".restoring")
    for stale in (fresh, *_beside(fresh)):
        stale.unlink(missing_ok=True)
    quick = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-64000;"
    with disk_faults(fresh, *_beside(fresh)):
        add_connection("restoring", NAME=fresh, options={"init_command": quick})
        try:
            count = load(backup, header, key, store, "restoring", anyway=anyway, on_progress=on_progress)
        finally:
            drop_connection("restoring")
        flush_to_disk(fresh)
        keep()
        connections["default"].close()
        for stale in _beside(place):
            stale.unlink(missing_ok=True)
        fresh.replace(place)
        sync_folder(place.parent)
    return count


def _postgres(
    backup: Path,
    header: Header,
    key: bytes,
    store: Keystore,
    keep: Callable[[], None],
    anyway: bool,
    on_progress: Progress | None,
) -> int:
    return load(backup, header, key, store, "default", keep, anyway=anyway, on_progress=on_progress)
