"""The keystore: one wrapped data key for each person, outside the database.

A key is written here, durably, before the entry that uses it commits; a key without an entry is
harmless, an entry without a key would be lost. Destroying a key is how a person is erased: what was
sealed under it stays in the journal as bytes that nobody can read.
Keys are wrapped with AES-256-GCM under the house key, bound to their id (NIST SP 800-38D).
The id of a destroyed key stays, so that no repeated send and no older copy makes it anew.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kinweave.core.problems import Problem

KEY_BYTES = 32
NONCE_BYTES = 12
AS_IT_IS = "ON CONFLICT DO NOTHING"


class KeysBusy(Problem):
    status, code = 503, "keys-busy"
    says = "The keys are gone from use, but another program still reads the file they stood in."
    remedy = "Run `kinweave verify` in a minute; it overwrites what is left."


class Keystore:
    """A SQLite file (write-ahead log, full synchronisation), usable from threads and processes."""

    def __init__(self, path: Path, house_key: bytes) -> None:
        if len(house_key) != KEY_BYTES:
            raise ValueError("the house key has 32 bytes")
        self.path = path
        self._wrap = AESGCM(house_key)
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db().execute("CREATE TABLE IF NOT EXISTS key (id BLOB PRIMARY KEY, wrapped BLOB NOT NULL)")
        self._db().execute("CREATE TABLE IF NOT EXISTS gone (id BLOB PRIMARY KEY)")

    def _db(self) -> sqlite3.Connection:
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "db", None)
        if held is None or held[0] != os.getpid():  # a forked process must not share a connection
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA secure_delete=ON")
            held = self._local.db = (os.getpid(), db)
        return held[1]

    def close(self) -> None:
        held = getattr(self._local, "db", None)
        if held is not None:
            held[1].close()
            self._local.db = None

    def _wrapped(self, key_id: UUID, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrap.encrypt(nonce, key, key_id.bytes)

    def create(self, key_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Make a key for each id that has none, durably; returns the keys of all but the destroyed ones."""
        ids = list(dict.fromkeys(key_ids))
        fresh = [(k.bytes, self._wrapped(k, os.urandom(KEY_BYTES))) for k in ids]
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(f"INSERT INTO key SELECT ?, ? WHERE ?1 NOT IN (SELECT id FROM gone) {AS_IT_IS}", fresh)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return self.read(ids)

    def read(self, key_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys that exist; an id whose key was destroyed is not among them."""
        ids = list(dict.fromkeys(key_ids))
        found: dict[UUID, bytes] = {}
        for start in range(0, len(ids), 500):
            some = [k.bytes for k in ids[start : start + 500]]
            marks = ",".join("?" * len(some))
            for raw, wrapped in self._db().execute(f"SELECT id, wrapped FROM key WHERE id IN ({marks})", some):
                found[UUID(bytes=raw)] = self._wrap.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], raw)
        return found

    def destroy(self, key_ids: Iterable[UUID]) -> None:
        """Destroy keys for good: rows overwritten, the log folded in and cut. Raises KeysBusy."""
        ids = [(k.bytes,) for k in key_ids]
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany("DELETE FROM key WHERE id = ?", ids)
            db.executemany(f"INSERT INTO gone VALUES (?) {AS_IT_IS}", ids)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise KeysBusy()

    def ids(self) -> Iterator[UUID]:
        """The ids of all keys, in their order, without the keys."""
        for (raw,) in self._db().execute("SELECT id FROM key ORDER BY id"):
            yield UUID(bytes=raw)

    def absorb(self, other: Keystore) -> None:
        """Take in the keys of another store that this one does not have, as one step; the gone stay gone."""
        key_ids = list(other.ids())
        with_keys = ((k.bytes, self._wrapped(k, key)) for k, key in other.read(key_ids).items())
        gone = other._db().execute("SELECT id FROM gone").fetchall()
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(f"INSERT INTO gone VALUES (?) {AS_IT_IS}", gone)
            db.executemany(f"INSERT INTO key VALUES (?, ?) {AS_IT_IS}", with_keys)
            db.execute("DELETE FROM key WHERE id IN (SELECT id FROM gone)")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def count(self) -> int:
        return int(self._db().execute("SELECT count(*) FROM key").fetchone()[0])

    def copy_to(self, target: Path) -> None:
        """A consistent copy while others write, as one plain file (the second file of a backup pair)."""
        copy = sqlite3.connect(target)
        try:
            self._db().backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()


def read_house_key(path: Path) -> bytes:
    """The house key from its file, made on first use with access for the owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.urandom(8).hex()}.new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # the first of several starting processes or threads wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
