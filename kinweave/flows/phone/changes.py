"""What a phone has to know since it last asked: who is new to it, who changed, who is no longer its worker's.

A cursor is (epoch, position). The cost is that of the phone's own people and of what changed among them, never of
the site: see tests/phone/test_changes.py for the counted queries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from kinweave.core.ids import child, uuid7
from kinweave.core.problems import Problem
from kinweave.flows.phone.documents import SHOW_NAMES, documents
from kinweave.house import settings as chosen
from kinweave.house import touched
from kinweave.house.access import Actor
from kinweave.house.models import Device, Due
from kinweave.house.sequencer import sequence, site
from kinweave.people.reads_each import caseload

MOST_PEOPLE = chosen.define(
    "phone.most_people",
    400,
    says="How many people one phone holds at most; a worker's own come first.",
    source="ours",
    fits=chosen.whole(10, 2_000),
    hint="Give a number from 10 to 2000.",
)
OFFER_DAYS = 30  # how long a phone keeps what was acknowledged, and offers it again after a restore (design §3)
PAGE = 100
AHEAD = timedelta(days=14)
MOST_DUE = 100
CAPPED = gettext_noop("This phone holds {most} people and no more. The others are on the desk.")


class TooManyPeople(Problem):
    status, code = 413, "too-many-people"
    says = "A phone holds at most {most} people."
    remedy = "Update the app on this phone."


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a phone has read, and what it holds: `have` is a digest of its people's ids, `people` the ids
    themselves where the site asked for them. `want`: how many documents at most."""

    epoch: UUID | None
    position: int
    have: str
    people: tuple[UUID, ...] | None
    want: int = PAGE


def digest_of(persons: Collection[UUID]) -> str:
    """SHA-256 of the ids in hex, sorted, one a line: the same on the phone."""
    return hashlib.sha256("\n".join(sorted(one.hex for one in persons)).encode()).hexdigest()


NOBODY = digest_of(())


def changes(by: Actor, cursor: Cursor, device: Device | None = None) -> dict[str, Any]:
    """What follows after a cursor. Where `more` is true the phone asks again once it has stored this."""
    here, ours = sequence(), epochs()
    most = int(chosen.value(MOST_PEOPLE))
    if cursor.people is not None and len(cursor.people) > 2 * most + PAGE:
        raise TooManyPeople(most=most)
    other = cursor.epoch is not None and cursor.epoch not in ours
    again = cursor.epoch != ours[-1] or cursor.position > here
    if other and device is not None:  # after a restore the phone's line goes on wherever it says
        Device.objects.filter(id=device.id).update(seen_to=-1, beyond=[])
    position = 0 if again else max(cursor.position, 0)
    mine, more_than = caseload(by, most)
    told = _compared(by, mine, cursor, position, here)
    return {
        "epoch": str(ours[-1]), **told,
        "today": _today(by),
        "capped": {"most": most, "says": CAPPED} if more_than else None,
        "offer_from": str(_from(OFFER_DAYS if other else 0)) if again and cursor.epoch is not None else None,
    }  # fmt: skip


def epochs() -> list[UUID]:
    """The epochs of this site's life since it was last restored or moved, the one in force last. Each change of how
    people are called on phones begins one, so that every document is told again, and no name stays behind."""
    own = site().epoch
    return [own, *(child(own, f"names/{n}") for n in range(1, chosen.version(SHOW_NAMES) + 1))]


def _compared(by: Actor, mine: Sequence[UUID], cursor: Cursor, position: int, here: int) -> dict[str, Any]:
    wanted = min(max(cursor.want, 1), PAGE)
    same = cursor.have == digest_of(mine)
    held = () if cursor.have == NOBODY else cursor.people
    if not same and held is None:  # which they are has to be told first; nothing is lost meanwhile
        return {"position": position, "more": True, "ask": "people", "gained": [], "changed": [], "lost": []}
    theirs = set(mine) if same else set(held or ())
    since = touched.since([one for one in mine if one in theirs], position)
    later = sorted(since.items(), key=lambda one: one[1])
    fresh = [one for one in mine if one not in theirs]
    changed = _whole_steps(later, wanted)
    gained = fresh[: wanted - len(changed)] if len(changed) < wanted else []
    versions = {**touched.since(gained, 0), **since}
    rest = len(changed) < len(later)
    made = {UUID(one["id"]): one for one in documents(by, [*changed, *gained], versions)}
    return {
        "position": since[changed[-1]] if rest else here,
        "more": rest or len(gained) < len(fresh),
        "ask": "people" if len(gained) < len(fresh) else None,
        "gained": [made[one] for one in gained if one in made],
        "changed": [made[one] for one in changed if one in made],
        "lost": sorted(str(one) for one in theirs - set(mine)),
    }


def _whole_steps(later: Sequence[tuple[UUID, int]], most: int) -> list[UUID]:
    """The first of these, never cutting between two that changed at one position."""
    end = min(most, len(later))
    while 0 < end < len(later) and later[end][1] == later[end - 1][1]:
        end += 1
    return [one for one, _ in later[:end]]


def _today(by: Actor) -> list[dict[str, Any]]:
    """What someone has to do in the next fourteen days. One query."""
    rows = Due.objects.filter(state="open", who=by.account_id, at__lte=timezone.now() + AHEAD)
    found = rows.order_by("priority", "at", "id")[:MOST_DUE]
    return [
        {
            "id": str(row.id), "kind": row.kind, "person": str(row.person_id) if row.person_id else None,
            "ref": str(row.ref_id) if row.ref_id else None, "at": row.at.isoformat(), "priority": row.priority,
        }
        for row in found
    ]  # fmt: skip


def _from(days: int) -> UUID:
    """The smallest uuid7 of that many days ago."""
    at = timezone.now() - timedelta(days=days)
    return UUID(int=uuid7(int(at.timestamp() * 1000)).int >> 80 << 80 | 0x7 << 76 | 0b10 << 62)
