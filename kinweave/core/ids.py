"""Identifiers: uuid7 for what a sender makes (RFC 9562 §5.7), uuid5 for what follows from it."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5


def uuid7(at_ms: int | None = None) -> UUID:
    """A time-ordered random id. `at_ms`: Unix time in milliseconds, now by default."""
    stamp = (time.time_ns() // 1_000_000 if at_ms is None else at_ms) & 0xFFFF_FFFF_FFFF
    tail = int.from_bytes(os.urandom(10), "big")
    value = stamp << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return UUID(int=value)


def child(parent: UUID, name: str) -> UUID:
    """The id of something an entry creates: the same entry always gives the same child."""
    return uuid5(parent, name)
