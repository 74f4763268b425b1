"""What was promised to people of a place, frozen for a report as it stood on the day the draft was made.

Promises are not people, so no number here is rounded or hidden; what is owed is named only after the right of reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from kinweave.core.promises import OWED, STANDINGS
from kinweave.decide import extract
from kinweave.decide.extract import Named, PromiseFact
from kinweave.learn.periods import ends

MOST: Final = 60  # named one by one; ours
Frozen = dict[str, Any]


def promised(organisation_id: UUID, path: str, period: int, on: date) -> Frozen:
    """The register for a place and those beneath, for a report of `period` (year * 10 + quarter); {} where empty.

    Said before the period was over; open still, or settled since its year began: one that was settled before that is
    history. day, counts: by how it stands; unnamed: owed and not named yet; unasked: of these, nobody was asked;
    rows: the named ones, what is owed first; more: how many named ones are left out.
    """
    over = ends(period)[1] + 1
    until = date(over // 12, over % 12 + 1, 1) - timedelta(days=1)
    facts = extract.promises(organisation_id, path, date(period // 10, 1, 1), until, on)
    return frozen(facts, on, extract.broken_after()) if facts else {}


def frozen(facts: Sequence[PromiseFact], on: date, broken_after: int) -> Frozen:
    """As `promised` says, of what the register told."""
    counts = Counter(one.standing for one in facts)
    hidden = [one for one in facts if one.named is None and one.standing in OWED]
    rows = [_row(one.standing, one.named) for name in STANDINGS for one in facts if one.standing == name and one.named]
    return {
        "day": on.isoformat(), "broken_after": broken_after, "counts": {name: counts[name] for name in STANDINGS},
        "unnamed": len(hidden), "unasked": sum(not one.asked for one in hidden), "rows": rows[:MOST],
        "more": max(len(rows) - MOST, 0),
    }  # fmt: skip


def _row(standing: str, one: Named) -> Mapping[str, Any]:
    days = {"said": one.said_on, "due": one.due_on, "settled": one.settled_on, "asked": one.asked_on,
            "replied": one.replied_on}  # fmt: skip
    return {
        "standing": standing, "sector": one.sector, "owner": one.owner, "what": one.what, "reply": one.reply,
        **{name: "" if day is None else day.isoformat() for name, day in days.items()},
    }  # fmt: skip
