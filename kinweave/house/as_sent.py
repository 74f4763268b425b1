"""A held entry written down later, as its sender sent it: under its own ids, at its own time.

What later entries of a phone name (a person added without signal, the meeting with them) has ids that follow from
the entry's own id. So whoever lets a held entry in, a person or the line of a phone, lets it in under these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

from kinweave.core.ids import child
from kinweave.house import registry
from kinweave.house.journal import Head
from kinweave.house.models import Entry, Held

NOWHERE = UUID(int=0)
MOST_CALLS = 12  # actions within an entry before the one that held it


@dataclass(frozen=True, slots=True)
class _AsSent(Head):
    """The head of the entry that places another, as that one's action sees it. `skip`: actions of the placing entry
    so far, which the sent one did not have."""

    sent: UUID = NOWHERE
    skip: int = 0

    def child(self, name: str) -> UUID:
        return child(self.sent, f"{self.branch}/{name}")

    def below(self, branch: str) -> Head:
        number = int(branch) - self.skip
        return replace(self, branch=f"/{number}" if number else "")


@contextmanager
def as_sent(entry_id: UUID, happened_at: datetime, precision: str) -> Iterator[None]:
    """Actions within get the ids that they would have got in that entry. The entry being made happened when that one
    did, and is received now."""
    draft = registry._inside()
    own = replace(draft.head, happened_at=min(happened_at, draft.head.received_at), precision=precision)
    draft.head = _AsSent(
        own.id, own.happened_at, precision, own.device, own.received_at, sent=entry_id, skip=draft.calls
    )
    try:
        yield
    finally:
        draft.head = own


def held_by(row: Held) -> Entry | None:
    """The entry in which a fact was held; None where it cannot be told (an import holds many in one)."""
    about = [one for one in (row.id, row.person_id) if one is not None]
    for entry in Entry.objects.filter(subject_id__in=about, received_at=row.at).order_by("serial"):
        branches = ["", *(f"/{n}" for n in range(1, MOST_CALLS))]
        if any(child(entry.id, f"{branch}/held") == row.id for branch in branches):
            return entry
    return None


def when(entry: Entry) -> datetime:
    """When an entry happened, in the zone it was written in."""
    return entry.happened_at.astimezone(timezone(timedelta(minutes=entry.happened_offset)))
