"""The sequencer: a gapless position for every committed entry, in an order that keeps cause before effect.

Writers commit first; their entries wait in `house_arrival`. Whoever needs positions calls `sequence`,
which takes one lock and numbers all that has committed, by serial. A serial is drawn while its subject is
locked, so of two entries about one subject the earlier has the smaller serial; and an entry that depends
on another was decided after that one committed, so both are seen together or the cause alone.
A timestamp, a plain sequence or a transaction-id cursor cannot promise this: see tests/house/test_cursors.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC
from uuid import UUID

from django.db import connections, transaction

from kinweave.core.ids import uuid7
from kinweave.house import quick, together, touched
from kinweave.house.journal import canonical
from kinweave.house.models import Entry, Position, Site

LOCK = 7_215_520_110_843_102  # any number, the same for every process of a site
START = bytes(32)
BATCH = 500  # at once: SQLite's writers wait meanwhile
WAITING = "WHERE serial IN (SELECT serial FROM house_arrival ORDER BY serial LIMIT %s) ORDER BY serial"


def digest(before: bytes, entry: Entry) -> bytes:
    """SHA-256 over the digest before and everything the journal holds of this entry."""
    content = [
        entry.id, entry.action, entry.actor_id, entry.device,
        entry.happened_at.astimezone(UTC), entry.happened_offset, entry.precision,
        entry.received_at.astimezone(UTC), entry.subject_id, entry.asked, entry.parts,
    ]  # fmt: skip
    return hashlib.sha256(before + canonical(content).encode()).digest()


def sequence(using: str = "default") -> int:
    """Give every committed entry that waits its position; returns the last position of all."""
    # Looked at before the lock, which holds up SQLite's writers.
    while quick.ask("SELECT serial FROM house_arrival LIMIT 1", (), using):
        with together.one_transaction() if using == "default" else transaction.atomic(using=using):
            _lock(using)
            last = Position.objects.using(using).order_by("-position").first()
            position, chained = (last.position, bytes(last.digest)) if last else (0, START)
            placed: list[tuple[int, int, bytes]] = []
            touching = []
            for entry in quick.rows(Entry, WAITING, [BATCH], using):
                position, chained = position + 1, digest(chained, entry)
                placed.append((position, entry.serial, chained))
                touching.append((position, entry))
            quick.tell_many("INSERT INTO house_position (position, serial, digest) VALUES (%s, %s, %s)", placed, using)
            touched.note(touching, using)
            # These alone: one with a smaller serial may commit after this look.
            quick.tell_many("DELETE FROM house_arrival WHERE serial = %s", [(one,) for _, one, _ in placed], using)
    return last_position(using)


def last_position(using: str = "default") -> int:
    """The last position given so far; 0 when there is none."""
    found = Position.objects.using(using).order_by("-position").values_list("position", flat=True).first()
    return found or 0


def _lock(using: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def since(position: int, limit: int = BATCH, using: str = "default") -> list[tuple[int, Entry]]:
    """The entries after a position, at most `limit`, with their positions."""
    placed = list(Position.objects.using(using).filter(position__gt=position).order_by("position")[:limit])
    entries = Entry.objects.using(using).in_bulk([p.serial for p in placed])
    return [(p.position, entries[p.serial]) for p in placed]


def stream(using: str = "default", batch: int = BATCH) -> Iterator[list[Entry]]:
    """All placed entries in their order, in batches."""
    at = 0
    while found := since(at, batch, using):
        at = found[-1][0]
        yield [entry for _, entry in found]


def site(using: str = "default") -> Site:
    """This installation's row, made on first use."""
    found = quick.rows(Site, "WHERE id = %s", [1], using)
    return found[0] if found else Site.objects.using(using).get_or_create(id=1, defaults={"epoch": uuid7()})[0]


def epoch() -> UUID:
    return site().epoch


def new_epoch(using: str = "default") -> UUID:
    """After a restore or a move: cursors made before are not valid any more."""
    row = site(using)
    row.epoch = uuid7()
    row.save(using=using, update_fields=["epoch"])
    return row.epoch
