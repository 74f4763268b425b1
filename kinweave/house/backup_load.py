"""Loading a backup's lines into an empty database: entries, their rows by replay, operational tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connections, transaction

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house import rows, touched
from kinweave.house.backup import ENTRY_FIELDS
from kinweave.house.backup_file import BackupCut, Header, read_lines
from kinweave.house.first_tables import bring_up
from kinweave.house.keystore import Keystore
from kinweave.house.models import Entry, Position, Site
from kinweave.house.replay import apply_batch
from kinweave.house.sequencer import BATCH, START, digest

Progress = Callable[[int, int], None]


class ChainDiffers(Problem):
    status, code = 422, "chain-differs"
    says = "The entries of this backup do not make the chain that its header names. Nothing was restored."
    remedy = "Take the backup before it, or restore with `--anyway` and then run `kinweave verify`."


def load(
    backup: Path,
    header: Header,
    key: bytes,
    store: Keystore,
    using: str,
    before_commit: Callable[[], None] = lambda: None,
    *,
    anyway: bool = False,
    on_progress: Progress | None = None,
) -> int:
    """Entries, rows and operational tables into an empty database, in one transaction; returns the rows."""
    bring_up(using)
    with transaction.atomic(using=using):
        loader = _Loader(header, store, using, anyway, on_progress)
        for line in read_lines(backup, key):
            loader.take(line)
        loader.finish()
        before_commit()
    return loader.rows


class _Loader:
    """Takes the lines of a backup in their order."""

    def __init__(self, header: Header, store: Keystore, using: str, anyway: bool, on_progress: Progress | None) -> None:
        self.header, self.store, self.using, self.anyway = header, store, using, anyway
        self.on_progress = on_progress
        self.entries: list[Entry] = []
        self.digests: list[bytes] = []
        self.chain, self.position, self.rows = START, 0, 0
        self.label, self.names = "", [""]
        self.puts: list[rows.Row] = []
        self.ended = False

    def take(self, line: list[Any]) -> None:
        kind, values = line[0], line[1:]
        if kind == "e":
            entry = Entry(**dict(zip(ENTRY_FIELDS, values[1:], strict=True)))
            for field in Entry._meta.concrete_fields:
                setattr(entry, field.attname, field.to_python(getattr(entry, field.attname)))
            self.entries.append(entry)
            self.digests.append(bytes.fromhex(values[0]))
            if len(self.entries) >= BATCH:
                self.flush()
        elif kind == "t":
            self.flush()
            self.label, self.names = values
        elif kind == "r":
            self._row(values)
        elif kind == "end":
            self.flush()
            self.ended = values == [self.position, self.rows]

    def _row(self, values: list[Any]) -> None:
        to = rows.table(self.label, self.using)
        known = {name: v for name, v in zip(self.names, values, strict=True) if name in to.by_name}
        self.puts.append(rows.Put(self.label, known))  # an id that the database gives is given anew
        self.rows += 1
        if len(self.puts) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """What has gathered goes into the tables: entries, their positions and their rows."""
        rows.write(self.puts, self.using)
        self.puts.clear()
        if not self.entries:
            return
        placed = []
        for entry, stored in zip(self.entries, self.digests, strict=True):
            self.position += 1
            if digest(self.chain, entry) != stored and not self.anyway:
                raise ChainDiffers()
            self.chain = stored
            entry.serial = self.position
            placed.append(Position(position=self.position, serial=self.position, digest=stored))
        Entry.objects.using(self.using).bulk_create(self.entries)
        Position.objects.using(self.using).bulk_create(placed)
        touched.note(zip(range(placed[0].position, self.position + 1), self.entries, strict=True), self.using)
        apply_batch(self.entries, self.using, self.store)
        self.entries, self.digests = [], []
        if self.on_progress:
            self.on_progress(self.position, self.header.position)

    def finish(self) -> None:
        if not self.ended:
            raise BackupCut()
        if (self.position, self.chain.hex()) != (self.header.position, self.header.head):
            raise ChainDiffers()
        here = {"epoch": uuid7(), "invented": self.header.invented, "ready": self.header.ready}
        Site.objects.using(self.using).update_or_create(id=1, defaults=here)
        connection = connections[self.using]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Entry]):
                cursor.execute(statement)
