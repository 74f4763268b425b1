"""Two people sign exactly the same thing; the second signature publishes. Withdrawing stays visible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from kinweave.house.access import ROLES, Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Organisation
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.published.actions.common import OPEN, release_for, standing
from kinweave.published.models import Release
from kinweave.published.problems import (
    NoteNeeded,
    NotWhatYouRead,
    Overtaken,
    ReadingNeeded,
    ReleaseNotFound,
    SecondPerson,
)
from kinweave.published.states import PUBLISHED, SIGNED, WITHDRAWN

SIGNATURES = 2


@action(permission="published.sign", locks=("release_id",))
def sign_release(*, by: Actor, head: Head, release_id: UUID, hash: str) -> Decision:
    """Sign what was read (`hash` as shown on the page). The second signature publishes. Result: `state`."""
    row = release_for(by, "published.sign", release_id, *OPEN)
    if by.account_id is None:
        raise ReleaseNotFound()
    if not set(row.reading) & set(row.wrong):
        raise ReadingNeeded()
    if hash != row.hash:
        raise NotWhatYouRead()
    signed = [one for one in standing(row.id) if one.hash == row.hash]
    if any(one.account_id == by.account_id for one in signed):
        raise SecondPerson()
    last = len(signed) + 1 >= SIGNATURES
    if last:
        _still_fits(row)
    role = next((r for r in sorted(by.roles) if "published.sign" in ROLES.get(r, {})), "")
    state = PUBLISHED if last else SIGNED
    open_ = {
        "id": row.id, "signature": head.child("signature"), "account": by.account_id, "role": role, "hash": hash,
        "state": state,
    }  # fmt: skip
    return Decision(row.id, open_, result={"state": state, "slug": row.slug})


def _still_fits(row: Release) -> None:
    """No other numbers went out since the draft was made, unless they are the very same. Raises Overtaken."""
    # One at a time: two drafts published at once would never have been looked at together.
    list(Organisation.objects.select_for_update().order_by("id")[:1])
    known = set(row.head.get("after", ()))
    out = Release.objects.filter(state__in=(PUBLISHED, WITHDRAWN)).exclude(content_hash__in=known)
    if out.exclude(tables_hash=row.tables_hash).exists():
        raise Overtaken()


@applies("published.sign_release")
def _signed(part: Part) -> Iterator[Row]:
    values = {
        "id": part["signature"], "release_id": part["id"], "account_id": part["account"], "role": part["role"],
        "hash": part["hash"], "at": part.received_at,
    }  # fmt: skip
    yield Put("published.Signature", values)
    changes: Mapping[str, Any] = {"state": part["state"]}
    if part["state"] == PUBLISHED:
        changes = {**changes, "published_at": part.received_at}
    yield Change("published.Release", UUID(part["id"]), changes)


@action(permission="published.sign", locks=("release_id",))
def withdraw_release(*, by: Actor, head: Head, release_id: UUID, note: str) -> Decision:
    """Take a published report back. Its address stays, with the reason in place of the numbers."""
    row = release_for(by, "published.sign", release_id, PUBLISHED)
    note = " ".join(note.split())
    if not 10 <= len(note) <= 500:
        raise NoteNeeded()
    return Decision(row.id, {"id": row.id, "note": note})


@applies("published.withdraw_release")
def _withdrawn(part: Part) -> Iterator[Row]:
    changes = {"state": WITHDRAWN, "withdrawn_at": part.received_at, "withdrawn_note": part["note"]}
    yield Change("published.Release", UUID(part["id"]), changes)
