"""Bulk loading: many entries composed in memory, through the same parts and the same apply functions.

The caller has decided everything (an import, the invented communities, the benchmarks' generator); nothing
is looked up. What it writes is what the actions would have written: tests/demo/test_load.py compares.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kinweave.house import rows
from kinweave.house.journal import APPLIES, Decision, Head, Part, canonical, sealed_part
from kinweave.house.models import Entry
from kinweave.house.sealing import Secret, keystore

Row = dict[str, Any]
SOME = 500  # ids in one statement


class Bulk:
    """Collects entries and writes them in batches, each batch in one transaction."""

    def __init__(self, *, batch: int = 2_000, device: str = "") -> None:
        self.batch, self.device = batch, device
        self.written = 0
        self._keys: dict[UUID, bytes] = {}
        self._entries: list[Row] = []
        self._rows: list[rows.Row] = []

    def make_keys(self, ids: Iterable[UUID]) -> None:
        """Make the data keys of people to come, durably, in one go."""
        self._keys |= keystore().create(ids)

    def add(
        self, head: Head, action: str, decided: Sequence[tuple[str, Decision]], actor_id: UUID | None
    ) -> list[rows.Row]:
        """One entry of these parts; returns the row changes it makes (for callers that keep a mirror)."""
        raws: list[dict[str, Any]] = []
        made: list[rows.Row] = []
        for index, (name, decision) in enumerate(decided):
            key_id = decision.key or decision.subject
            raws.append(sealed_part(name, 1, decision, self._keys.get(key_id) if key_id else None))
            made += APPLIES[name, 1](self._part(head, name, index, decision, raws[-1], actor_id))
        subject = next((d.subject for _, d in reversed(decided) if d.subject), None)
        self._entries.append(
            {
                "id": head.id, "action": action, "actor_id": actor_id, "device": self.device,
                "happened_at": head.happened_at.astimezone(UTC), "happened_offset": _offset(head.happened_at),
                "precision": head.precision, "received_at": head.received_at, "subject_id": subject,
                "asked": "", "parts": canonical(raws),
            }
        )  # fmt: skip
        self._rows += made
        if len(self._entries) >= self.batch:
            self.flush()
        return made

    def _part(
        self, head: Head, name: str, index: int, decision: Decision, raw: dict[str, Any], actor_id: UUID | None
    ) -> Part:
        closed = {k: v for k, v in decision.closed.items() if v is not None and not isinstance(v, Secret)}
        sealed = {k: base64.b64decode(v) for k, v in raw.get("s", {}).items()}
        return Part(
            name, 1, head.id, index, actor_id, head.happened_at.astimezone(UTC), head.precision, head.received_at,
            decision.subject, raw["o"], json.loads(canonical(closed)), sealed, erased=False,
        )  # fmt: skip

    def flush(self) -> None:
        """Write what has been collected."""
        if not self._entries:
            return
        with transaction.atomic():
            rows.write_many(self._rows)
            _append(self._entries)
        self.written += len(self._entries)
        self._entries, self._rows = [], []


def _append(entries: Sequence[Row]) -> None:
    """Insert entries into the journal and tell the sequencer, many with one statement (see journal.append)."""
    to = rows.table("house.Entry", "default")
    key = to.by_name["id"]
    ids = [to.handed("id", entry["id"], "default") for entry in entries]
    with connection.cursor() as cursor:
        cursor.executemany(to.insert, [to.prepared(entry, "default") for entry in entries])
        for start in range(0, len(ids), SOME):
            some = ids[start : start + SOME]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"INSERT INTO house_arrival (serial) SELECT serial FROM house_entry WHERE {key.column} IN ({marks})",  # noqa: S608
                some,
            )


def _offset(moment: datetime) -> int:
    shift = moment.utcoffset()
    return int(shift.total_seconds() // 60) if shift else 0


def parsed_parts(entry: Entry) -> list[dict[str, Any]]:
    """The raw parts of an entry (for tests and tools)."""
    return list(json.loads(entry.parts))
