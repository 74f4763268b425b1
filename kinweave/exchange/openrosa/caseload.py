"""The people of an app user as an entity list: what they are called here, and an id, so that follow-up works offline.

Aliases and codes only: a phone with ODK Collect keeps this list in clear (docs/openrosa.md says so).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from uuid import UUID

from kinweave.core import pathway
from kinweave.house import touched
from kinweave.house.access import Actor
from kinweave.house.readlog import looked
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.door import within

MOST = 1_000  # people on one phone's list; ours
COLUMNS = ("name", "label", "__version")


def caseload(by: Actor, handed: bool = False) -> bytes:
    """CSV: the person's id, alias and code, and a version that grows with every change. In the order of codes.

    `handed`: it goes out now, which is written down as a look at these people.
    """
    if by.account_id is None or not by.may("listen.record"):
        return _csv([])
    found = within(by, "listen.record").filter(worker_id=by.account_id).exclude(state=pathway.CLOSED)
    rows = list(found.order_by("code", "id")[:MOST])
    opened = Opener([row.id for row in rows])
    changed = touched.since([row.id for row in rows], 0)
    if handed:
        looked(by, "openrosa", [row.id for row in rows])
    lines = []
    for row in rows:
        alias = " ".join((opened(row.id, fields.ALIAS, row.alias) or "").split())
        label = f"{alias} ({row.code})" if alias else row.code
        lines.append((str(row.id), label, str(changed.get(row.id, 0) + 1)))
    return _csv(lines)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return out.getvalue().encode()


def gone(by: Actor, ids: Sequence[str]) -> list[tuple[str, bool]]:
    """For each id whether it is to leave the phone: not within reach, or not one's own any more."""
    wanted = {}
    for text in ids[:MOST]:
        try:
            wanted[text] = UUID(text)
        except ValueError:
            continue
    mine = within(by, "listen.record").filter(worker_id=by.account_id, id__in=wanted.values())
    there = set(mine.exclude(state=pathway.CLOSED).values_list("id", flat=True)) if wanted else set()
    return [(text, one not in there) for text, one in wanted.items()]
