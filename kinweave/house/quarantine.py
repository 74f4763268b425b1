"""Quarantine: a fact that could not be placed, held whole and sealed until a person decides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from kinweave.house import reach
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.as_sent import as_sent, held_by, when
from kinweave.house.journal import Decision, Head, Part, canonical
from kinweave.house.models import Due, Held
from kinweave.house.registry import action, applies, run
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.house.typed import parsed

ASKED = "house.held.asked"
MENDABLE = frozenset({"person_id", "taken_on", "answers"})  # what a decider may put right; the rest stays as it came


@action(permission="house.hold")
def hold_fact(
    *,
    by: Actor,
    head: Head,
    action: str,
    code: str,
    asked: Mapping[str, Any],
    person_id: UUID | None = None,
    sent_by: UUID | None = None,
) -> Decision:
    """Keep a fact that cannot be placed, whole and sealed, until a person decides. Only the system calls this."""
    new = head.child("held")
    known = person_id
    return Decision(
        subject=known or new,
        key=known or new,
        new_key=known is None,
        open={
            "id": new,
            "action": action,
            "code": code,
            "key": known or new,
            "person": known,
            "sent_by": sent_by,
        },
        closed={"asked": Secret(ASKED, canonical(asked))},
        result={"held": new, "code": code},
    )


@applies("house.hold_fact")
def _held(part: Part) -> Iterator[Row]:
    yield Put(
        "house.Held",
        {
            "id": part["id"], "action": part["action"], "code": part["code"], "key_id": part["key"],
            "person_id": part["person"], "sent_by": part["sent_by"], "at": part.received_at,
            "asked": part.sealed.get("asked"),
        },
    )  # fmt: skip
    yield Put(
        "house.Due",
        {
            "id": part.child("due"), "kind": "held", "role": "supervisor", "ref_id": part["id"],
            "person_id": part["person"], "at": part.received_at, "priority": 1,
        },
    )  # fmt: skip


@action(permission="held.decide", locks=("held_id",))
def release_held(*, by: Actor, head: Head, held_id: UUID, mended: Mapping[str, Any] | None = None) -> Decision:
    """Let a held fact in, with what had to be mended (for instance whose it is); it runs as it was sent, under the
    ids and at the time that it would have had."""
    row = _waiting(by, held_id)
    text = open_sealed(row.key_id, ASKED, row.asked)
    if text is None:
        raise NotFound(what="held entry")
    if set(mended or {}) - MENDABLE:
        raise Unknown(what="what can be mended")
    asked = parsed(row.action, {**json.loads(text), **(mended or {})})
    came = held_by(row)
    with nullcontext() if came is None else as_sent(came.id, when(came), came.precision):
        receipt = run(row.action, by=by, **asked)
    return Decision(held_id, {"id": held_id, "due": _due_of(held_id), "state": "released"}, result=receipt.result)


@action(permission="held.decide", locks=("held_id",))
def set_held_aside(*, by: Actor, head: Head, held_id: UUID, reason: str) -> Decision:
    """A person decides that a held fact does not belong here; it is kept, with the reason."""
    row = _waiting(by, held_id)
    return Decision(
        held_id,
        {"id": held_id, "due": _due_of(held_id), "state": "set_aside"},
        closed={"reason": Secret("house.held.reason", reason[:2000])},
        key=row.key_id,
    )


@applies("house.release_held")
@applies("house.set_held_aside")
def _decided(part: Part) -> Iterator[Row]:
    yield Change("house.Held", UUID(part["id"]), {"state": part["state"], "reason": part.sealed.get("reason")})
    if part["due"]:
        yield Change("house.Due", UUID(part["due"]), {"state": "done", "done_at": part.received_at})


def _waiting(by: Actor, held_id: UUID) -> Held:
    """What waits and lies within reach; absent, decided and out of reach look the same."""
    row = Held.objects.filter(id=held_id, state="waiting").first()
    if row is None or not reach.may_decide(by, row):
        raise NotFound(what="held entry")
    return row


def _due_of(held_id: UUID) -> UUID | None:
    return Due.objects.filter(ref_id=held_id, state="open").values_list("id", flat=True).first()
