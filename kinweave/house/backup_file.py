"""The backup's file: a header in clear, then the content, compressed and sealed piece by piece.

    "KINWEAVE BACKUP\\n" · length (4 bytes, big-endian) · header (JSON) · pieces
    piece = length (4 bytes) · AES-256-GCM of up to 256 kB of one zlib stream of JSON lines

The key comes from the house key and the file's own salt (HKDF, RFC 5869). Each piece's nonce is its number
and whether it is the last, and its associated data is the header's digest: pieces cannot be taken away, doubled,
put in another order or into another file (the STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizár, 2015).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import OperationalError as DjangoOperationalError

from kinweave.core.problems import Problem

MAGIC = b"KINWEAVE BACKUP\n"
FORMAT = 1
PIECE = 256 * 1024
LONGEST_HEADER = 64 * 1024
FAST = 3  # zlib's level: sealed content hardly shrinks further


class NoSpace(Problem):
    status, code = 507, "no-space"
    says = "The disk is full. Nothing half done was left behind."
    remedy = "Free some space, or choose another disk."


class CannotWrite(Problem):
    status, code = 500, "cannot-write"
    says = "The files cannot be written there ({why})."
    remedy = "Choose a folder that you may write to."


class NoBackup(Problem):
    status, code = 422, "no-backup"
    says = "This file is not a Kinweave backup, or its first part is damaged."
    remedy = "Choose the file that ends in .backup."


class NewerBackup(Problem):
    status, code = 422, "newer-backup"
    says = "This backup has format {format}; this release reads formats up to {known}."
    remedy = "Install the release that made it, or a later one."


class WrongHouseKey(Problem):
    status, code = 422, "wrong-house-key"
    says = "This house key did not make this backup."
    remedy = "Use the key file or the paper key of the site where the backup was made."


class BackupDamaged(Problem):
    status, code = 422, "backup-damaged"
    says = "The backup is damaged at piece {piece}. Nothing was restored."
    remedy = "Copy the file again from where it is kept, or take the backup before it."


class BackupCut(Problem):
    status, code = 422, "backup-cut"
    says = "The end of the backup is missing. Nothing was restored."
    remedy = "Copy the file again from where it is kept, or take the backup before it."


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself in clear: nothing about people. `pair` names its keystore copy."""

    format: int
    made: str
    release: str
    epoch: str
    position: int
    head: str
    invented: bool
    ready: bool
    pair: str
    salt: str
    check: str

    def written(self) -> bytes:
        text = json.dumps(asdict(self), sort_keys=True).encode()
        return MAGIC + struct.pack(">I", len(text)) + text


def derived(house_key: bytes, salt: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"kinweave backup 1 " + use).derive(house_key)


def check_of(house_key: bytes, salt: bytes) -> str:
    """Tells at once whether a house key is the right one, without telling anything about it."""
    return derived(house_key, salt, b"check")[:16].hex()


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Writer:
    """Writes the pieces of one backup: `line` as often as there are lines, then `close`."""

    def __init__(self, file: BinaryIO, header: Header, house_key: bytes) -> None:
        head = header.written()
        self._file, self._bound = file, hashlib.sha256(head).digest()
        self._aead = AESGCM(derived(house_key, bytes.fromhex(header.salt), b"pieces"))
        self._packer = zlib.compressobj(FAST)
        self._waits = bytearray()
        self._number = 0
        file.write(head)

    def line(self, values: Any) -> None:
        text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
        self._waits += self._packer.compress(text.encode() + b"\n")
        while len(self._waits) > PIECE:
            self._piece(bytes(self._waits[:PIECE]), last=False)
            del self._waits[:PIECE]

    def close(self) -> None:
        self._waits += self._packer.flush()
        while len(self._waits) > PIECE:
            self._piece(bytes(self._waits[:PIECE]), last=False)
            del self._waits[:PIECE]
        self._piece(bytes(self._waits), last=True)

    def _piece(self, content: bytes, last: bool) -> None:
        sealed = self._aead.encrypt(_nonce(self._number, last), content, self._bound)
        self._file.write(struct.pack(">I", len(sealed)) + sealed)
        self._number += 1


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """The header and its bytes. Raises NoBackup, NewerBackup."""
    start = file.read(len(MAGIC) + 4)
    if len(start) != len(MAGIC) + 4 or not start.startswith(MAGIC):
        raise NoBackup()
    (length,) = struct.unpack(">I", start[len(MAGIC) :])
    if length > LONGEST_HEADER:
        raise NoBackup()
    text = file.read(length)
    try:
        values = json.loads(text)
        number = int(values["format"])
        if number > FORMAT:
            raise NewerBackup(format=number, known=FORMAT)
        header = Header(**values)
        bytes.fromhex(header.salt + header.check + header.pair + header.head)
    except (ValueError, KeyError, TypeError):
        raise NoBackup() from None
    return header, start + text


def read_lines(path: Path, house_key: bytes) -> Iterator[Any]:
    """The content of a backup, line by line, each piece proved before it is looked at.

    Raises NoBackup, NewerBackup, WrongHouseKey, BackupDamaged, BackupCut.
    """
    with open(path, "rb") as file:
        header, head = read_header(file)
        salt = bytes.fromhex(header.salt)
        if check_of(house_key, salt) != header.check:
            raise WrongHouseKey()
        aead = AESGCM(derived(house_key, salt, b"pieces"))
        unpacker, rest = zlib.decompressobj(), b""
        for content in _pieces(file, aead, hashlib.sha256(head).digest()):
            rest += unpacker.decompress(content)
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield json.loads(line)
        if rest or not unpacker.eof:
            raise BackupCut()


def _pieces(file: BinaryIO, aead: AESGCM, bound: bytes) -> Iterator[bytes]:
    number, size = 0, file.read(4)
    while True:
        length = struct.unpack(">I", size)[0] if len(size) == 4 else None
        if length is None:
            raise BackupCut()
        if length > PIECE + 16:
            raise BackupDamaged(piece=number + 1)
        sealed, size = file.read(length), file.read(4)
        if len(sealed) != length:
            raise BackupCut()
        last = size == b""
        try:
            yield aead.decrypt(_nonce(number, last), sealed, bound)
        except InvalidTag:
            raise (
                BackupCut() if last and _opens(aead, number, sealed, bound) else BackupDamaged(piece=number + 1)
            ) from None
        if last:
            return
        number += 1


def _opens(aead: AESGCM, number: int, sealed: bytes, bound: bytes) -> bool:
    """Whether this last piece of the file was written as one in the middle."""
    try:
        aead.decrypt(_nonce(number, False), sealed, bound)
    except InvalidTag:
        return False
    return True


@contextmanager
def disk_faults(*made: Path) -> Iterator[None]:
    """Whatever the disk refuses becomes a clear problem, and the files in the making go."""
    try:
        yield
    except BaseException as fault:
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            full = fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise (NoSpace() if full else CannotWrite(why=errno.errorcode.get(fault.errno or 0, "unknown"))) from None
        if isinstance(fault, (OperationalError, DjangoOperationalError)):
            if "is full" in str(fault):
                raise NoSpace() from None
            if "disk I/O" in str(fault):
                raise CannotWrite(why="EIO") from None
        raise


def flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
