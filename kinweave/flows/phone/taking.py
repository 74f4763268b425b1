"""A batch of envelopes taken in: opened, checked, put in the order in which they were written, each answered.

One transaction with a savepoint for each entry. What comes twice is answered as the first time. What comes before
an earlier entry of the same phone waits in quarantine for its turn, unless somebody has to be told of it now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction

from kinweave.core.problems import Problem
from kinweave.flows import sending
from kinweave.flows.phone import line
from kinweave.flows.phone.envelopes import Body, NotGenuine, read_envelope
from kinweave.flows.phone.moments import Moment, put_right, shifted
from kinweave.house import quick
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.devices import secret_of
from kinweave.house.journal import Head
from kinweave.house.models import Account, Device, Entry
from kinweave.house.registry import Receipt, Spec, _ever_allowed
from kinweave.house.together import one_transaction

log = logging.getLogger("kinweave.phone")
MOST = 50  # envelopes in one batch
TRIES = 5
CLOCKS = 20  # stretches of a phone's clock that are remembered


class NotOnThePhone(Problem):
    status, code = 403, "device-unknown"
    says = "This site does not know the phone that wrote this."
    remedy = "It is kept. Your supervisor looks at it."


class WorkerLeft(Problem):
    status, code = 403, "worker-left"
    says = "Whoever wrote this does not work here any more."
    remedy = "It is kept. A supervisor looks at it."


class PhoneEnded(Problem):
    status, code = 403, "device-ended"
    says = "The phone that wrote this was ended."
    remedy = "It is kept. A supervisor looks at it."


class Waits(Problem):
    status, code = 409, "out-of-order"
    says = "Something that was written before this has not arrived yet."
    remedy = "It is kept, and takes its place when the rest is there."


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one envelope. `state`: accepted, held, rejected; `problem` says why it is not accepted."""

    id: str
    state: str
    again: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    problem: Problem | None = None


@dataclass
class Batch:
    """What the entries of one batch need: their phones (locked), who wrote them, what is here already."""

    received: datetime
    devices: dict[UUID, Device]
    actors: dict[UUID, Actor]
    here: dict[UUID, Entry]
    secrets: dict[UUID, bytes] = field(default_factory=dict)

    def secret(self, device: Device) -> bytes:
        if device.id not in self.secrets:
            self.secrets[device.id] = secret_of(device)
        return self.secrets[device.id]


def take_batch(
    envelopes: Sequence[object], *, sender: Device | None = None, told_now: datetime | None = None, segment: str = ""
) -> list[Answer]:
    """Take in what a phone or a carrier sent, in the order of each phone's own entries; answers in the order sent.

    `told_now` and `segment`: the sending phone's clock at this moment, which puts right what it wrote in this
    stretch of its clock.
    """
    received = datetime.now(UTC)
    answers: dict[int, Answer] = {}
    bodies: list[tuple[int, Body]] = []
    for index, envelope in enumerate(envelopes):
        try:
            bodies.append((index, read_envelope(envelope)))
        except Problem as problem:
            answers[index] = _rejected(str(envelope.get("id")) if isinstance(envelope, Mapping) else "", problem)
    bodies.sort(key=lambda one: (one[1].device, one[1].seq, one[0]))
    clock = None if sender is None or told_now is None else (sender.id, segment, _ms(received - told_now))
    try:
        answers |= _together(bodies, received, clock)
    except Exception as fault:  # something between the entries, or a fault of ours in one of them
        # One by one then, which is safe because each has its id, and keeps one from holding up the others.
        log.warning("a batch one by one: %s", type(fault).__name__)
        for one in bodies:
            answers |= _alone(one, received, clock)
    return [answers[index] for index in range(len(envelopes))]


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))


Clock = tuple[UUID, str, int]


def _together(
    bodies: Sequence[tuple[int, Body]], received: datetime, clock: Clock | None, *, alone: bool = False
) -> dict[int, Answer]:
    answers: dict[int, Answer] = {}
    if not bodies:
        return answers
    with one_transaction():
        batch = _batch([body for _, body in bodies], received, clock)
        for index, body in bodies:
            answers[index] = _whatever(batch, body) if alone else _one(batch, body)
        for device in batch.devices.values():
            line.keep(device)
    return answers


def _alone(one: tuple[int, Body], received: datetime, clock: Clock | None) -> dict[int, Answer]:
    for tries in range(TRIES):
        try:
            return _together([one], received, clock, alone=True)
        except OperationalError:
            if tries == TRIES - 1:
                raise
            time.sleep(0.05 * 2**tries)
    raise AssertionError


def _batch(bodies: Iterable[Body], received: datetime, clock: Clock | None) -> Batch:
    """Four queries, however many entries."""
    bodies = list(bodies)
    ids = sorted({body.device for body in bodies} | ({clock[0]} if clock else set()))
    rows = Device.objects.filter(id__in=ids).order_by("id").select_related("account").select_for_update(of=("self",))
    devices = {row.id: row for row in rows}
    accounts = {row.account_id for row in devices.values()}
    strangers = {body.account for body in bodies if body.device not in devices}
    known = set(Account.objects.filter(id__in=strangers).values_list("id", flat=True)) if strangers else set()
    here = Entry.objects.filter(id__in=[body.id for body in bodies])
    if clock is not None and clock[0] in devices and clock[1]:
        remembered = devices[clock[0]].clocks
        remembered.pop(clock[1], None)
        devices[clock[0]].clocks = dict([*remembered.items(), (clock[1], clock[2])][-CLOCKS:])
    return Batch(received, devices, {a: Actor.of(a) for a in accounts | known}, {e.id: e for e in here})


def _whatever(batch: Batch, body: Body) -> Answer:
    """One entry by itself; where a fault of this site comes between, it is kept whole, and the phone goes on."""
    try:
        with transaction.atomic():
            return _one(batch, body)
    except OperationalError:
        raise  # the database is busy: it is tried again
    except Exception as fault:
        quick.forget()
        log.error("an entry is held for a fault of ours: %s", type(fault).__name__)
        device = batch.devices.get(body.device)
        genuine = device is not None and body.vouched_for(batch.secret(device))
        head = Head(id=body.id, happened_at=batch.received, device=str(body.device), received_at=batch.received)
        writer = _writer(batch, body)
        receipt = sending.hold_whole(
            body.action, body.asked, code=line.OUR_FAULT, sent_by=writer, head=head, known=genuine
        )
        if device is not None and genuine and device.revoked_at is None:
            _in_turn(batch, device, body)
        return _answered(str(body.id), receipt)


def _one(batch: Batch, body: Body) -> Answer:
    """One entry, whatever is wrong with it."""
    try:
        return _taken(batch, body)
    except Problem as problem:
        device = batch.devices.get(body.device)
        if device is not None and not isinstance(problem, NotGenuine):
            _in_turn(batch, device, body)  # it was here: what follows it need not wait for it
        return _rejected(str(body.id), problem)


def _taken(batch: Batch, body: Body) -> Answer:
    device = batch.devices.get(body.device)
    if device is not None and (device.account_id != body.account or not body.vouched_for(batch.secret(device))):
        raise NotGenuine()
    moment = _moment(batch, device, body)
    asked = shifted(body.asked, moment.shift)
    head = Head(
        id=body.id, happened_at=moment.happened, precision=moment.precision, device=str(body.device),
        received_at=batch.received,
    )  # fmt: skip
    before = batch.here.get(body.id)
    if before is not None:
        answer = _again(batch, before, body, asked, head)
        if device is not None:
            _in_turn(batch, device, body)
        return answer
    spec = sending.open_action(body.action)
    why = _barred(batch, device, body)
    if not spec.fact and (device is None or why is not None or line.waits(device, body.seq)):
        _must_be_theirs(batch, device, body, spec)
    if why is not None:
        return _kept(body, asked, head, why, known=device is not None, sent_by=_writer(batch, body))
    assert device is not None  # noqa: S101  _barred says so
    if line.waits(device, body.seq) and not sending.is_dangerous(body.action, asked):
        line.put(device, body, asked, head)
        return Answer(str(body.id), "held", code=Waits.code, problem=Waits())
    early = line.waits(device, body.seq)
    receipt = sending.take_in(body.action, asked, by=batch.actors[body.account], head=head)
    if early and receipt.state == "held":
        line.try_again(device, body, receipt, head)
    if not early:
        device.last_at = moment.written if device.last_at is None else max(device.last_at, moment.written)
    _in_turn(batch, device, body)
    return _answered(str(body.id), receipt)


def _in_turn(batch: Batch, device: Device, body: Body) -> None:
    """Count an entry as here, and place what waited for it."""
    for placed in line.count(device, body.seq):
        actor = batch.actors[device.account_id]
        line.place(placed, actor)
        device.last_at = max(device.last_at or placed.happened_at, placed.happened_at)


def _writer(batch: Batch, body: Body) -> UUID | None:
    return body.account if body.account in batch.actors else None


def _barred(batch: Batch, device: Device | None, body: Body) -> Problem | None:
    """Why an entry that is genuine, or of a phone nobody knows, is held whole."""
    if device is None:
        return NotOnThePhone()
    if not device.account.is_active or not batch.actors[body.account].grants:
        return WorkerLeft()
    return PhoneEnded() if device.revoked_at is not None else None


def _must_be_theirs(batch: Batch, device: Device | None, body: Body, spec: Spec) -> None:
    """Quarantine is for facts, and for what is or was its writer's own work. Else whoever holds a phone could lay an
    erasure or a role before somebody who is allowed to let it in. Raises NotAllowed."""
    if device is None or not _ever_allowed(spec, batch.actors[body.account]):
        raise NotAllowed(permission=spec.permission)


def _kept(
    body: Body, asked: Mapping[str, Any], head: Head, why: Problem, *, known: bool, sent_by: UUID | None
) -> Answer:
    receipt = sending.hold_whole(body.action, asked, code=why.code, sent_by=sent_by, head=head, known=known)
    return _answered(str(body.id), receipt, why)


def _moment(batch: Batch, device: Device | None, body: Body) -> Moment:
    """When it happened. Sent again, it happened when the site found that it had."""
    before = batch.here.get(body.id)
    if before is not None:
        zone = timezone(timedelta(minutes=before.happened_offset))
        shift = before.happened_at - body.happened_at
        return Moment(before.happened_at.astimezone(zone), before.happened_at, before.precision, shift)
    skew = body.skew_ms
    if skew is None and device is not None:
        skew = device.clocks.get(body.segment)
    after = None if device is None else device.last_at or device.made_at
    return put_right(body.happened_at, body.precision, body.id, skew, after, batch.received)


def _again(batch: Batch, before: Entry, body: Body, asked: Mapping[str, Any], head: Head) -> Answer:
    """What was here already answers as it did, or as it stands by now."""
    if before.action == body.action:
        return _answered(str(body.id), sending.take_in(body.action, asked, by=batch.actors[body.account], head=head))
    if before.action == line.WAIT:
        return _stands(line.again(before, body, asked, head))
    code = sending.code_of(before)
    known = body.device in batch.devices
    receipt = sending.hold_whole(
        body.action, asked, code=code, sent_by=_writer(batch, body), head=head, known=known
    )  # fmt: skip
    return _answered(str(body.id), receipt)


def _stands(receipt: Receipt) -> Answer:
    if receipt.state == "accepted":
        return _answered(str(receipt.entry_id), receipt)
    why = Waits() if receipt.result.get("code") == Waits.code else None
    return _answered(str(receipt.entry_id), receipt, why)


def _answered(shown: str, receipt: Receipt, why: Problem | None = None) -> Answer:
    held = receipt.state == "held"
    code = str(receipt.result.get("code", "")) if held else ""
    return Answer(shown, receipt.state, receipt.again, receipt.result, code, why)


def _rejected(shown: str, problem: Problem) -> Answer:
    return Answer(shown[:36], "rejected", code=problem.code, problem=problem)
