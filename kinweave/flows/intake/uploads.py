"""Uploads wait sealed: the file, what was decided about it, the report. Gone after use, or after a day.

A folder for each upload under KINWEAVE_HOME/uploads. Everything in it is AES-256-GCM under a key that follows
from the house key and the upload's id, in pieces, so that a large file is sealed as it arrives.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.sealing import house_key
from kinweave.house.worker import every

KEPT_HOURS = 24
LARGEST = 60_000_000  # bytes; the reader's own bound
MOST_AT_ONCE = 5  # uploads of one account that wait at a time
PIECE = 1 << 18
LENGTH = struct.Struct(">I")


class NoSuchUpload(Problem):
    status, code = 404, "no-such-upload"
    says = "This file is not here any more. Files wait for {hours} hours."
    remedy = "Send it again. What was imported from it is not imported twice."


class UploadTooLarge(Problem):
    status, code = 413, "upload-too-large"
    says = "The file is larger than {limit} MB."
    remedy = "Split it into smaller files."


class TooManyUploads(Problem):
    status, code = 409, "too-many-uploads"
    says = "{most} of your files are waiting already."
    remedy = "Finish or delete one of them first."


@dataclass(frozen=True)
class Upload:
    """The folder of one upload and its key. Files: data, state, aside."""

    id: UUID
    folder: Path
    key: bytes

    def write(self, name: str, pieces: Iterable[bytes], most: int = LARGEST) -> int:
        """Seal pieces under a name, put in place whole; returns the bytes. Raises UploadTooLarge."""
        size, number = 0, 0
        fresh = self.folder / f".{name}.{os.getpid()}.{uuid7().hex}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                for number, piece in enumerate(pieces):
                    size += len(piece)
                    if size > most:
                        raise UploadTooLarge(limit=most // 1_000_000)
                    self._put(out, name, number + 1, piece)
                self._put(out, name, 0, b"")  # the end: a file cut short does not open
            fresh.replace(self.folder / name)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        return size

    def _put(self, out: Any, name: str, number: int, piece: bytes) -> None:
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, piece, f"{name}/{number}".encode())
        out.write(LENGTH.pack(len(sealed)) + sealed)

    def read(self, name: str) -> bytes:
        """The whole content. Raises NoSuchUpload where it is gone or was changed."""
        try:
            return b"".join(self._pieces(name, (self.folder / name).read_bytes()))
        except (OSError, InvalidTag, struct.error, ValueError):
            raise NoSuchUpload(hours=KEPT_HOURS) from None

    def _pieces(self, name: str, raw: bytes) -> Iterator[bytes]:
        at, number = 0, 1
        while True:
            (length,) = LENGTH.unpack_from(raw, at)
            sealed = raw[at + LENGTH.size : at + LENGTH.size + length]
            at += LENGTH.size + length
            last = at >= len(raw)
            yield AESGCM(self.key).decrypt(sealed[:12], sealed[12:], f"{name}/{0 if last else number}".encode())
            if last:
                return
            number += 1

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def drop(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.read("state")))

    def save(self, **changes: Any) -> dict[str, Any]:
        """Change what is known of the upload; returns all of it."""
        told = {**(self.state() if self.has("state") else {}), **changes, "beat": time.time()}
        self.write("state", [json.dumps(told).encode()])
        return told

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def home() -> Path:
    return Path(settings.HOME) / "uploads"


def _at(one: UUID) -> Upload:
    key = hmac.new(house_key(), b"upload|" + one.bytes, hashlib.sha256).digest()
    return Upload(one, home() / one.hex, key)


def receive(by: Actor, kind: str, name: str, pieces: Iterable[bytes], **more: Any) -> Upload:
    """Seal a file that arrives. Raises UploadTooLarge, TooManyUploads; NotAllowed."""
    by.require(f"import.{kind}")
    if len(waiting(by)) >= MOST_AT_ONCE:
        raise TooManyUploads(most=MOST_AT_ONCE)
    found = _at(uuid7())
    found.folder.mkdir(parents=True, mode=0o700)
    try:
        size = found.write("data", pieces)
        found.save(account=str(by.account_id), kind=kind, name=name[:120], size=size, stage="new", **more)
    except BaseException:
        found.delete()
        raise
    return found


def open_upload(by: Actor, one: UUID) -> Upload:
    """An account's own upload. Absent and another's look the same. Raises NoSuchUpload."""
    found = _at(one)
    if not found.has("state") or found.state().get("account") != str(by.account_id):
        raise NoSuchUpload(hours=KEPT_HOURS)
    return found


def opened_by_job(one: UUID) -> Upload:
    """For the process that works on it. Raises NoSuchUpload."""
    found = _at(one)
    if not found.has("state"):
        raise NoSuchUpload(hours=KEPT_HOURS)
    return found


def waiting(by: Actor) -> list[tuple[Upload, dict[str, Any]]]:
    """An account's uploads that are not finished, the newest first."""
    found = []
    for folder in sorted(home().glob("*"), reverse=True) if home().exists() else ():
        try:
            one = _at(UUID(hex=folder.name))
            told = one.state()
        except (ValueError, Problem):
            continue
        if told.get("account") == str(by.account_id) and told.get("stage") not in ("done", "undone"):
            found.append((one, told))
    return found


def some_are_old() -> bool:
    return home().exists() and any(_old(folder) for folder in home().iterdir())


def _old(folder: Path) -> bool:
    try:
        newest = max([folder.stat().st_mtime, *(file.stat().st_mtime for file in folder.glob("*"))])
    except OSError:
        return False
    return time.time() - newest > KEPT_HOURS * 3600


@every(600, "flows.old_uploads", some_are_old)
def clear_old() -> int:
    """Delete what nobody came back for; returns how many."""
    old = [folder for folder in home().iterdir() if _old(folder)]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
