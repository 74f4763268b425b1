"""The line of one phone: its entries in the order in which they were written, also when they arrive in another.

`Device.seen_to` is the seq up to which all have arrived, `beyond` the later ones that have. An entry from beyond
a gap waits in quarantine and is written down in its turn, under its own ids, as if it had come then. A gap that
nobody closes is given up after some days.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone as clock

from kinweave.core.problems import Problem
from kinweave.flows.phone.envelopes import Body
from kinweave.house import registry
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import NotFound
from kinweave.house.as_sent import as_sent
from kinweave.house.journal import Decision, Head, Part, canonical
from kinweave.house.models import Device, Due, Entry, Held, InLine
from kinweave.house.quarantine import ASKED
from kinweave.house.registry import Receipt, action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.house.typed import parsed
from kinweave.house.worker import every

log = logging.getLogger("kinweave.phone")
WAIT, PLACE = "flows.wait_in_line", "flows.place_in_turn"
CODE = "out-of-order"
OUR_FAULT = "site-fault"  # why an entry is held that this site could not take in though nothing is wrong with it
FURTHEST = 10_000  # how far beyond a gap entries are told apart
GAP_DAYS = chosen.define(
    "phone.gap_days",
    5,
    says="For how many days something from a phone waits for what was written before it.",
    source="ODK Central holds entries that come before their time for 5 days (docs.getodk.org, Entities)",
    fits=chosen.whole(0, 30),
    hint="Give whole days, 0 to 30.",
)


def waits(device: Device, seq: int) -> bool:
    """Whether something that was written before this has not arrived."""
    return device.seen_to >= 0 and seq > device.seen_to + 1


def count(device: Device, seq: int) -> Iterator[InLine]:
    """An entry is here; yields what has waited for it, in its turn. The caller holds the device's row."""
    if device.seen_to < 0:  # after a restore: the phone says where it goes on
        device.seen_to = seq
        return
    if seq <= device.seen_to:
        return
    if seq > device.seen_to + 1:
        if seq not in device.beyond and len(device.beyond) < FURTHEST:
            device.beyond = sorted([*device.beyond, seq])
        return
    device.seen_to = seq
    yield from _catch_up(device)


def _catch_up(device: Device) -> Iterator[InLine]:
    while device.beyond and device.beyond[0] <= device.seen_to + 1:
        device.seen_to = max(device.seen_to, device.beyond[0])
        device.beyond = device.beyond[1:]
        yield from InLine.objects.filter(device=device, seq=device.seen_to, state="waiting").order_by("id")


def keep(device: Device) -> None:
    """Write the line's state down."""
    Device.objects.filter(id=device.id).update(
        seen_to=device.seen_to, last_at=device.last_at, beyond=device.beyond, clocks=device.clocks
    )


def put(device: Device, body: Body, asked: Mapping[str, Any], head: Head) -> None:
    """Let an entry wait for its turn."""
    receipt = registry.run(
        WAIT, by=SYSTEM, head=head, action=body.action, asked=asked, sent_by=body.account
    )  # fmt: skip
    _row(device, body, UUID(str(receipt.result["held"])), head)
    for _ in count(device, body.seq):
        raise AssertionError("an entry that waits lets nothing in")


def try_again(device: Device, body: Body, receipt: Receipt, head: Head) -> None:
    """Something told at once could not be placed yet: in its turn it is tried again."""
    if "held" in receipt.result:
        _row(device, body, UUID(str(receipt.result["held"])), head)


def _row(device: Device, body: Body, held: UUID, head: Head) -> None:
    offset = head.happened_at.utcoffset() or timedelta()
    InLine.objects.create(
        id=body.id, device=device, seq=body.seq, held_id=held, happened_at=head.happened_at, precision=head.precision,
        happened_offset=int(offset.total_seconds() // 60), received_at=head.received_at,
    )  # fmt: skip


def again(before: Entry, body: Body, asked: Mapping[str, Any], head: Head) -> Receipt:
    """The answer to an entry that waited when it first came: as it stands now."""
    first = registry.run(WAIT, by=SYSTEM, head=head, action=body.action, asked=asked, sent_by=body.account)
    placed = Entry.objects.filter(action=PLACE, subject_id=first.result["held"]).order_by("-serial").first()
    if placed is None:
        return Receipt(before.id, "held", first.result, True)
    told = json.loads(placed.parts)[-1].get("r", {})
    return Receipt(before.id, "held" if told.get("held") else "accepted", told, True)


def place(row: InLine, actor: Actor) -> None:
    """Write down what waited, as its sender wrote it: its ids, its time."""
    InLine.objects.filter(id=row.id).update(state="placed")
    if not Held.objects.filter(id=row.held_id, state="waiting").exists():
        return  # a person has decided meanwhile
    when = row.happened_at.astimezone(timezone(timedelta(minutes=row.happened_offset)))
    head = Head.now(happened_at=when, precision=row.precision, device=str(row.device_id))
    as_sender = Actor(actor.account_id, actor.grants, kind="system")
    registry.run(PLACE, by=as_sender, head=head, held_id=row.held_id, entry_id=row.id)


# ------------------------------------------------------------------------------------------ the actions


@action(permission="house.hold")
def wait_in_line(
    *, by: Actor, head: Head, action: str, asked: Mapping[str, Any], sent_by: UUID | None = None
) -> Decision:
    """Keep an entry that came before its turn. Nobody has to act on it: it is not due to anyone."""
    new = head.child("held")
    registry._inside().state = "held"
    return Decision(
        subject=new,
        key=new,
        new_key=True,
        open={"id": new, "action": action, "code": CODE, "key": new, "sent_by": sent_by},
        closed={"asked": Secret(ASKED, canonical(asked))},
        result={"held": new, "code": CODE},
    )


@applies(WAIT)
def _waiting(part: Part) -> Iterator[Row]:
    yield Put(
        "house.Held",
        {
            "id": part["id"], "action": part["action"], "code": part["code"], "key_id": part["key"],
            "sent_by": part["sent_by"], "at": part.received_at, "asked": part.sealed.get("asked"),
        },
    )  # fmt: skip


@action(permission="house.hold", locks=("held_id",))
def place_in_turn(*, by: Actor, head: Head, held_id: UUID, entry_id: UUID) -> Decision:
    """What waited takes its place: it is run as its sender sent it, under the entry's own ids. Where that cannot
    be, it stays in quarantine, for a person to decide.

    Result: that of the entry itself, or `held` with its code.
    """
    row = Held.objects.filter(id=held_id, state="waiting").first()
    text = None if row is None else open_sealed(row.key_id, ASKED, row.asked)
    if row is None or text is None:
        raise NotFound(what="held entry")
    due = _due_of(held_id)
    try:
        with registry.attempt(), as_sent(entry_id, head.happened_at, head.precision):
            done = registry.run(row.action, by=Actor(by.account_id, by.grants), **parsed(row.action, json.loads(text)))
        return Decision(held_id, {"id": held_id, "state": "released", "code": "", "due": due}, result=done.result)
    except Problem as fault:
        code = fault.code
    except OperationalError:
        raise  # the database is busy: it is tried again
    except Exception as fault:  # a person looks at it; nothing behind it waits for that
        log.error("an entry that waited is held for a fault of ours: %s", type(fault).__name__)
        code = OUR_FAULT
    told = {"held": held_id, "code": code}
    return Decision(held_id, {"id": held_id, "state": "waiting", "code": code, "due": due}, result=told)


def _due_of(held_id: UUID) -> UUID | None:
    return Due.objects.filter(ref_id=held_id, state="open", kind="held").values_list("id", flat=True).first()


@applies(PLACE)
def _placed(part: Part) -> Iterator[Row]:
    held = UUID(part["id"])
    if part["state"] == "released":
        yield Change("house.Held", held, {"state": "released"})
        if part["due"]:
            yield Change("house.Due", UUID(part["due"]), {"state": "done", "done_at": part.received_at})
        return
    yield Change("house.Held", held, {"code": part["code"]})
    if not part["due"]:
        yield Put(
            "house.Due",
            {
                "id": part.child("due"), "kind": "held", "role": "supervisor", "ref_id": part["id"],
                "at": part.received_at, "priority": 1,
            },
        )  # fmt: skip


# -------------------------------------------------------------------------------------------- the clock


@every(3600, "phone.gaps", InLine.objects.filter(state="waiting").exists)
def give_gaps_up() -> int:
    """Place what has waited long enough, in the order in which it was written. Returns how many."""
    until = clock.now() - timedelta(days=chosen.value(GAP_DAYS))
    late = InLine.objects.filter(state="waiting", received_at__lte=until)
    placed = 0
    for device_id in sorted(set(late.values_list("device_id", flat=True))):
        with transaction.atomic():
            device = Device.objects.select_for_update().get(id=device_id)
            last = late.filter(device=device).order_by("-seq").values_list("seq", flat=True).first() or 0
            device.beyond = [seq for seq in device.beyond if seq > last]
            device.seen_to = max(device.seen_to, last)
            waited = [*InLine.objects.filter(device=device, state="waiting", seq__lte=last).order_by("seq", "id")]
            for row in [*waited, *_catch_up(device)]:
                place(row, Actor.of(device.account_id))
                placed += 1
            keep(device)
    return placed
