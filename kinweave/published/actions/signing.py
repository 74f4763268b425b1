"""Two people sign, and an organisation of people who use services: all exactly the same thing. The last signature
publishes. Withdrawing stays visible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from kinweave.house.access import ROLES, Actor
from kinweave.house.alongside import PUBLISHING, also
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Organisation
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.published.actions.common import OPEN, VOICE, missing, release_for, standing
from kinweave.published.models import Release
from kinweave.published.problems import (
    NoteNeeded,
    NotWhatYouRead,
    OneVoice,
    Overtaken,
    ReadingNeeded,
    ReleaseNotFound,
    SecondPerson,
)
from kinweave.published.states import PUBLISHED, SIGNED, WITHDRAWN


@action(permission="published.sign", locks=("release_id",))
def sign_release(*, by: Actor, head: Head, release_id: UUID, hash: str) -> Decision:
    """Sign what was read (`hash` as shown on the page), as one of two. The last publishes. Result: `state`."""
    role = next((r for r in sorted(by.roles) if "published.sign" in ROLES.get(r, {})), "")
    return _sign(by, head, "published.sign", release_id, hash, role)


@action(permission="published.voice", locks=("release_id",))
def voice_release(*, by: Actor, head: Head, release_id: UUID, hash: str) -> Decision:
    """Sign what was read for an organisation of people who use services. Result: `state`."""
    return _sign(by, head, "published.voice", release_id, hash, VOICE)


def _sign(by: Actor, head: Head, permission: str, release_id: UUID, hash: str, role: str) -> Decision:
    row = release_for(by, permission, release_id, *OPEN)
    if by.account_id is None:
        raise ReleaseNotFound()
    if not set(row.reading) & set(row.wrong):
        raise ReadingNeeded()
    if hash != row.hash:
        raise NotWhatYouRead()
    signed = [one for one in standing(row.id) if one.hash == row.hash]
    if any(one.account_id == by.account_id for one in signed):
        raise SecondPerson()
    if role == VOICE and any(one.role == VOICE for one in signed):
        raise OneVoice()
    last = not missing([one.role for one in signed] + [role])
    if last:
        _still_fits(row)
        also(PUBLISHING, release_id=row.id)
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
@applies("published.voice_release")
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
