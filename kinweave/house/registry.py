"""The action registry: the only way anything is written.

An action decides; its decision becomes one part of one journal entry; the apply function of that part
makes the rows, all in one transaction. Actions called inside an action add their parts to the same entry.
The entry's id makes it safe to send again: the second send answers as the first did.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import cached_property, partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import connections

from kinweave.core.problems import Problem
from kinweave.house import quick, rows, together
from kinweave.house.access import Actor
from kinweave.house.journal import (
    APPLIES,
    Apply,
    Decision,
    Fresh,
    Head,
    append,
    canonical,
    plain,
    read_part,
    sealed_part,
    written,
)
from kinweave.house.models import Entry
from kinweave.house.reach import held_once
from kinweave.house.sealing import house_key, keystore


class IdReused(Problem):
    status, code = 409, "entry-id-reused"
    says = "Something else was already sent under this id. Nothing was changed."
    remedy = "Send it again under a new id."


class Busy(Problem):
    status, code = 503, "busy"
    says = "Too many people are saving at this moment. Nothing was lost."
    remedy = "Wait a few seconds, then send it again."


class Erased(Problem):
    status, code = 410, "erased"
    says = "This record was erased at the person's wish."
    remedy = "If it came from a phone, remove it there too."
    holds = False  # what was erased is not taken in again


@dataclass(frozen=True, slots=True)
class Spec:
    """A registered action. `locks`: parameters whose ids are locked before deciding. `inner`: only flows call it,
    which do more around it (an alert for a safety answer); no sender may ask for it by name."""

    name: str
    permission: str
    version: int
    fact: bool
    locks: tuple[str, ...]
    decide: Callable[..., Decision]
    inner: bool = False

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.decide) or ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told. state: accepted or held; again: it had been sent before."""

    entry_id: UUID
    state: str
    result: Mapping[str, Any]
    again: bool = False


ACTIONS: dict[str, Spec] = {}


def action(
    *, permission: str, version: int = 1, fact: bool = False, locks: tuple[str, ...] = (), inner: bool = False
) -> Callable[[Callable[..., Decision]], Callable[..., Receipt]]:
    """Register `verb_noun(*, by, head, …) -> Decision` as an action named after its room and function."""

    def register(decide: Callable[..., Decision]) -> Callable[..., Receipt]:
        room = decide.__module__.split(".")[1]
        spec = Spec(f"{room}.{decide.__name__}", permission, version, fact, locks, decide, inner)
        if spec.name in ACTIONS:
            raise ValueError(f"{spec.name} is registered twice")
        ACTIONS[spec.name] = spec

        def call(*, by: Actor, head: Head | None = None, **asked: Any) -> Receipt:
            return run(spec.name, by=by, head=head, **asked)

        call.__doc__, call.__name__, call.__module__ = decide.__doc__, decide.__name__, decide.__module__
        call.spec = spec  # type: ignore[attr-defined]
        return call

    return register


def applies(name: str, version: int = 1) -> Callable[[Apply], Apply]:
    """Register the frozen apply function of one version of an action's part."""

    def register(apply: Apply) -> Apply:
        if (name, version) in APPLIES:
            raise ValueError(f"{name} v{version} is applied twice")
        APPLIES[name, version] = apply
        return apply

    return register


def no_rows(name: str, version: int = 1) -> None:
    """Declare that an action's own part makes no rows (it only called others)."""
    APPLIES[name, version] = lambda part: ()


@dataclass
class Draft:
    """An entry in the making: its parts so far, and how many actions were called within it."""

    spec: Spec
    by: Actor
    head: Head
    parts: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[UUID, bytes] = field(default_factory=dict)
    calls: int = 0
    state: str = "accepted"

    current: ClassVar[ContextVar[Draft | None]] = ContextVar("draft", default=None)

    def add(self, spec: Spec, by: Actor, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Decide one action within this entry and make its rows; returns its result."""
        by.require(spec.permission)
        together.lock(_ids(spec, asked))
        head = self.head if self.calls == 0 else self.head.below(str(self.calls))
        self.calls += 1
        decision = spec.decide(by=by, head=head, **asked)
        raw = sealed_part(spec.name, spec.version, decision, self._key(decision))
        self.parts.append(raw)
        part = read_part(self.entry, len(self.parts) - 1, raw, self.keys)
        rows.write(APPLIES[spec.name, spec.version](part))
        return dict(decision.result)

    def _key(self, decision: Decision) -> bytes | None:
        """The key that closes a decision, kept until the entry is written. Raises Erased."""
        key_id = decision.key or decision.subject
        closes = any(v is not None for v in decision.closed.values())
        if key_id is None or not (closes or decision.new_key):
            return None
        if decision.new_key:
            self.keys |= keystore().create([key_id])
        elif key_id not in self.keys:
            self.keys |= keystore().read([key_id])
        if key_id not in self.keys:
            raise Erased()
        return self.keys[key_id] if closes else None

    @cached_property
    def entry(self) -> Fresh:
        """What the journal holds of this entry beside its parts."""
        offset = self.head.happened_at.utcoffset()
        return Fresh(
            id=self.head.id,
            action=self.spec.name,
            actor_id=self.by.account_id,
            device=self.head.device,
            happened_at=self.head.happened_at.astimezone(UTC),  # as replay reads it back
            happened_offset=int(offset.total_seconds() // 60) if offset else 0,
            precision=self.head.precision,
            received_at=self.head.received_at.astimezone(UTC),
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """One outermost action to run: its name, who asks, the head of its entry and what is asked."""

    name: str
    by: Actor
    head: Head
    asked: Mapping[str, Any]


def run(name: str, /, *, by: Actor, head: Head | None = None, **asked: Any) -> Receipt:
    """Run an action by its name. Inside another action it becomes a part of that one's entry."""
    outer = Draft.current.get()
    if outer is not None:
        return Receipt(outer.head.id, outer.state, outer.add(ACTIONS[name], by, asked))
    answer = run_all([Ask(name, by, head or Head.now(), asked)])[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


def run_all(asks: Sequence[Ask]) -> list[Receipt | Exception]:
    """Run outermost actions in their order, each an entry by itself: its receipt, or why there is none.

    Together with what others write at this moment they are one transaction, durable when this returns. Inside a
    transaction of the caller's each has its savepoint, and that transaction decides.
    """
    pieces = [together.Piece(partial(_once, ask), [ask.head.id, *_ids(ACTIONS[ask.name], ask.asked)]) for ask in asks]
    if connections["default"].in_atomic_block:
        together.within(pieces)
    else:
        together.write(pieces)
    return [piece.result if piece.fault is None else piece.fault for piece in pieces]


def _once(ask: Ask) -> Receipt:
    """Within a transaction, with the entry's id and the subjects locked."""
    spec, by, head = ACTIONS[ask.name], ask.by, ask.head
    content = canonical([str(head.id), spec.name, by.account_id, by.person_id, ask.asked])
    before = quick.rows(Entry, "WHERE id = %s", [head.id])
    if before:
        return _answered(before[0], by, content)
    draft = Draft(spec, by, head)
    token = Draft.current.set(draft)
    try:
        result = _decide_or_hold(draft, spec, by, ask.asked)
    finally:
        Draft.current.reset(token)
        closing = dict(draft.keys)
        draft.keys.clear()  # no key outlives its entry in memory
    subject = next((UUID(p["p"]) for p in reversed(draft.parts) if "p" in p), None)
    mark = _mark(content, draft.parts, closing)
    append([replace(draft.entry, subject_id=subject, asked=mark, parts=written(draft.parts))])
    return Receipt(head.id, draft.state, result)


def _decide_or_hold(draft: Draft, spec: Spec, by: Actor, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    if not (spec.fact and draft.head.unattended):
        return draft.add(spec, by, asked)
    try:
        with attempt():
            return draft.add(spec, by, asked)
    except Problem as fault:
        if not fault.holds or not _ever_allowed(spec, by):
            raise
        return hold(by=by, name=spec.name, fault=fault, asked=asked)


def _ever_allowed(spec: Spec, by: Actor) -> bool:
    """Quarantine is for facts from people whose work it is or was, not for whoever can reach the API."""
    return by.may(spec.permission) or held_once(by, spec.permission)


@contextmanager
def attempt() -> Iterator[None]:
    """Try some actions within an entry; where they fail, their parts and rows are taken back."""
    draft = _inside()
    kept = len(draft.parts)
    try:
        with quick.savepoint():
            yield
    except BaseException:
        del draft.parts[kept:]
        raise


def hold(
    *, by: Actor, name: str, fault: Problem, asked: Mapping[str, Any], person_id: UUID | None = None
) -> Mapping[str, Any]:
    """Put a fact that cannot be placed into quarantine, within the entry being made."""
    draft = _inside()
    draft.state = "held"
    held = ACTIONS["house.hold_fact"]
    content = {"action": name, "code": fault.code, "asked": plain(asked), "person_id": person_id}
    return draft.add(held, _SYSTEM, {**content, "sent_by": by.account_id})


_SYSTEM = Actor(None, kind="system")


def is_part() -> bool:
    """Whether the action that begins to decide now is a part of another's entry. For use at the start of an action."""
    draft = Draft.current.get()
    return draft is not None and draft.calls > 1


def _inside() -> Draft:
    draft = Draft.current.get()
    if draft is None:
        raise RuntimeError("this is for use inside an action")
    return draft


def _answered(entry: Entry, by: Actor, content: str) -> Receipt:
    if entry.actor_id != by.account_id:  # another's entry: not even whether it still can be read
        raise IdReused()
    parts = json.loads(entry.parts)
    keys = keystore().read(UUID(p["k"]) for p in parts if "k" in p)
    if not hmac.compare_digest(entry.asked, _mark(content, parts, keys)):
        raise IdReused()
    state = "held" if any(p["a"] == "house.hold_fact" for p in parts) else "accepted"
    return Receipt(entry.id, state, parts[-1].get("r", {}), again=True)


def _mark(content: str, parts: list[dict[str, Any]], keys: Mapping[UUID, bytes]) -> str:
    """Tells a repeated send from another. Keyed, with the keys that close the entry's parts among the keys:
    once they are destroyed, nobody can try names against it, not even with the house key. Raises Erased.
    """
    closing = sorted({UUID(p["k"]) for p in parts if "k" in p})
    if any(one not in keys for one in closing):
        raise Erased()
    secret = hashlib.sha256(house_key() + b"".join(keys[one] for one in closing)).digest()
    return hmac.digest(secret, content.encode(), "sha256").hex()[:32]


def _ids(spec: Spec, asked: Mapping[str, Any]) -> list[UUID]:
    values = [asked.get(name) for name in spec.locks]
    flat = [one for value in values for one in (value if isinstance(value, (list, tuple)) else [value])]
    return [one if isinstance(one, UUID) else UUID(str(one)) for one in flat if one is not None]
