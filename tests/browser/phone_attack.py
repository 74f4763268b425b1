"""What somebody does who copied a browser's profile from a phone: reads every byte of it in every way known here.

    loot = Loot(folder)                      # a copy of the profile
    loot.find(["Zaftoquil"])                 # {(word, encoding, where)}

Looked into, besides the raw files: LevelDB's logs and tables (blocks unpacked from Snappy, keys and values put
together over block borders), Chromium's own Snappy around large values, SQLite tables, gzip and zlib streams.
"""

from __future__ import annotations

import base64
import sqlite3
import struct
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

SNAPPY = pa.Codec("snappy")
MOST_UNPACKED = 64 * 1024 * 1024
BLOCK = 32768  # of a LevelDB log
FOOTER = bytes.fromhex("57fb808b247547db")  # LevelDB's magic number, as it stands in the file
WRAPPED = b"\xff\x11\x02"  # Chromium's mark of a value packed with Snappy


def varint(raw: bytes, at: int) -> tuple[int, int]:
    """A LEB128 number and where it ends."""
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
        if shift > 63:
            raise ValueError("no number")


def unsnapped(packed: bytes) -> bytes | None:
    """What was packed with Snappy; None when it was not."""
    try:
        size, _ = varint(packed, 0)
        if not 0 < size <= MOST_UNPACKED:
            return None
        return SNAPPY.decompress(packed, size).to_pybytes()
    except (ValueError, IndexError, OSError):
        return None


def table_blocks(raw: bytes) -> Iterator[bytes]:
    """The data blocks of a LevelDB table, unpacked."""
    if len(raw) < 48 or raw[-8:] != FOOTER:
        return
    at = len(raw) - 48
    _, at = varint(raw, at)  # the meta index's handle: start, then size
    _, at = varint(raw, at)
    start, at = varint(raw, at)
    size, _ = varint(raw, at)
    for _, handle in entries(block(raw, start, size)):
        begin, after = varint(handle, 0)
        yield block(raw, begin, varint(handle, after)[0])


def block(raw: bytes, start: int, size: int) -> bytes:
    kind, body = raw[start + size], raw[start : start + size]
    return (unsnapped(body) or b"") if kind == 1 else body


def entries(plain: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of an unpacked block; keys share their beginnings with the one before."""
    if len(plain) < 4:
        return
    end = len(plain) - 4 - 4 * struct.unpack("<I", plain[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = varint(plain, at)
        fresh, at = varint(plain, at)
        size, at = varint(plain, at)
        key = key[:shared] + plain[at : at + fresh]
        yield key, plain[at + fresh : at + fresh + size]
        at += fresh + size


def log_records(raw: bytes) -> Iterator[bytes]:
    """The write batches of a LevelDB log, put together from their pieces."""
    pieces = b""
    for start in range(0, len(raw), BLOCK):
        page, at = raw[start : start + BLOCK], 0
        while at + 7 <= len(page):
            size, kind = struct.unpack("<HB", page[at + 4 : at + 7])
            body = page[at + 7 : at + 7 + size]
            at += 7 + size
            if kind in (1, 4):  # whole, or the last piece
                yield pieces + body if kind == 4 else body
            pieces = pieces + body if kind in (2, 3) else b""
            if kind == 0 and size == 0:
                break


def batch_values(batch: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one write batch."""
    at = 12
    while at < len(batch):
        kind, at = batch[at], at + 1
        try:
            size, at = varint(batch, at)
            key, at = batch[at : at + size], at + size
            value = b""
            if kind == 1:
                size, at = varint(batch, at)
                value, at = batch[at : at + size], at + size
        except IndexError:
            return
        yield key, value


def unwrapped(value: bytes) -> Iterator[bytes]:
    """Chromium's Snappy within a value, wherever its mark stands near the beginning."""
    at = value.find(WRAPPED, 0, 64)
    if at >= 0:
        plain = unsnapped(value[at + len(WRAPPED) :])
        if plain:
            yield plain


def from_sqlite(path: Path) -> Iterator[bytes]:
    """Every cell of every table."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
            base.text_factory = bytes
            for (table,) in base.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in base.execute(f'select * from "{table.decode()}"'):
                    for cell in row:
                        if isinstance(cell, bytes):
                            yield cell
                            yield from unwrapped(cell)
    except sqlite3.Error:
        return


def from_streams(raw: bytes) -> Iterator[bytes]:
    """gzip and zlib streams anywhere in a file."""
    for mark, bits in ((b"\x1f\x8b\x08", 31), (b"\x78\x9c", 15), (b"\x78\x01", 15), (b"\x78\xda", 15)):
        at = raw.find(mark)
        while at >= 0:
            try:
                plain = zlib.decompressobj(bits).decompress(raw[at:], MOST_UNPACKED)
                if plain:
                    yield plain
            except zlib.error:
                pass
            at = raw.find(mark, at + 1)


def from_leveldb(raw: bytes) -> Iterator[bytes]:
    """What lies in a LevelDB log or table; nothing for another file."""
    try:
        for plain in table_blocks(raw):
            yield plain
            for key, value in entries(plain):
                yield key
                yield from unwrapped(value)
    except (IndexError, ValueError):
        pass
    try:
        for batch in log_records(raw):
            yield batch
            for _key, value in batch_values(batch):
                yield from unwrapped(value)
    except (IndexError, ValueError, struct.error):
        pass


def spellings(word: str) -> dict[bytes, str]:
    """Every way to write a word that is looked for: {bytes: how}."""
    found: dict[bytes, str] = {}
    for turn, text in (("", word), ("reversed ", word[::-1])):
        for case, shown in (("", text), ("lower ", text.lower()), ("upper ", text.upper())):
            for name in ("utf-8", "utf-16-le", "utf-16-be"):
                raw = shown.encode(name)
                how = f"{turn}{case}{name}"
                found.setdefault(raw, how)
                found.setdefault(raw.hex().encode(), f"{how} hex")
                found.setdefault(raw.hex().upper().encode(), f"{how} hex")
                for skip in range(3):  # wherever in a triple of bytes it begins
                    for coded in (base64.b64encode, base64.urlsafe_b64encode):
                        inner = coded(b"\0" * skip + raw + b"\0" * 2)
                        first, last = (0, 2, 3)[skip], (skip + len(raw)) * 4 // 3
                        found.setdefault(inner[first:last], f"{how} base64")
            found.setdefault(urllib.parse.quote(shown).encode(), f"{turn}{case}percent")
            found.setdefault("".join(f"%{byte:02x}" for byte in shown.encode()).encode(), f"{turn}{case}percent")
            found.setdefault("".join(f"%{byte:02X}" for byte in shown.encode()).encode(), f"{turn}{case}percent")
            found.setdefault("".join(f"\\u{ord(letter):04x}" for letter in shown).encode(), f"{turn}{case}escaped")
        found.setdefault(text.encode()[::-1], f"{turn}bytes reversed")
    return {raw: how for raw, how in found.items() if len(raw) >= 4}


class Loot:
    """A copied profile, opened in every way."""

    def __init__(self, folder: Path) -> None:
        self.parts: dict[str, bytes] = {}
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            raw = file.read_bytes()
            where = str(file.relative_to(folder))
            self.parts[where] = where.encode() + b"\0" + raw
            inner = [*from_leveldb(raw), *from_streams(raw)]
            if raw[:15] == b"SQLite format 3":
                inner += from_sqlite(file)
            if inner:
                self.parts[f"{where} (unpacked)"] = b"\0".join(inner)

    @property
    def size(self) -> int:
        return sum(map(len, self.parts.values()))

    def find(self, words: list[str]) -> set[tuple[str, str, str]]:
        """{(word, how it was written, file)} for every word that lies somewhere in any spelling."""
        return {
            (word, how, where)
            for word in words
            for raw, how in spellings(word).items()
            for where, part in self.parts.items()
            if raw in part
        }
