"""Group commit: writers that wait at the same moment share one transaction, and so one write to the disk.

Whoever comes first carries the others: the first thread opens a transaction, does its own piece and the pieces of
everyone who has come by then, commits, and wakes them. Nobody waits for company; alone, a piece is a transaction of
its own, at once. In a group each piece has its savepoint: one that fails takes nothing of the others with it. What
met a clash that trying again can put right is tried again by the thread it belongs to, alone. What is to happen
after the commit happens in that thread too, before it answers. docs/decisions/0007 says why.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction

from kinweave.house import quick

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

RETRIES = 5
INERROR = 3  # libpq's PQTRANS_INERROR
MOST = 64  # pieces in one transaction, unless one sender brings more
CLASHES = ("deadlock", "locked", "serialization", "unique", "duplicate key")
_HELD = "kinweave_held"  # on the thread's own connection: what is locked until the end of its transaction


@dataclass
class Piece:
    """Something to do within a transaction, these ids locked; then its result, or the fault there was."""

    work: Callable[[], Any]
    locks: Iterable[UUID] = ()
    result: Any = None
    fault: Exception | None = None
    tried: bool = False
    done: bool = False  # committed, or refused for good
    after: list[Callable[[], Any]] = field(default_factory=list)  # what is to happen once it has committed

    def attempt(self, savepoint: bool = True) -> None:
        """Do it in the open transaction. With a savepoint, what it wrote is taken back where it fails."""
        self.result, self.fault, self.tried = None, None, True
        try:
            with quick.savepoint() if savepoint else nullcontext():
                self.result = self.work()
        except Exception as fault:
            quick.forget()
            self.fault = fault

    def attempt_in_group(self, savepoint: bool) -> None:
        """The same; what it wants done after the commit is its sender's to do, not the one's who carries it."""
        hooks: list[Any] = connections["default"].run_on_commit
        self.attempt(savepoint)
        # Where it failed nothing of it stays, so nothing follows it either (a key destroyed, somebody told).
        self.after = [] if self.fault is not None else [func for _, func, *_ in hooks]
        hooks.clear()

    @property
    def clashed(self) -> bool:
        """Whether it met another writer in a way that trying again can put right."""
        return self.fault is not None and _is_clash(self.fault)


class _Sender:
    """A thread that waits with the pieces it brought, in their order."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.context = copy_context()
        self.numbers = {number for piece in pieces for number in _numbers(piece.locks)}
        self.carried = False  # it has had its turn: what is not done then, it does by itself
        self.turn = threading.Lock()
        self.turn.acquire()

    def attempt(self, savepoints: bool) -> None:
        for piece in self.pieces:
            self.context.run(piece.attempt_in_group, savepoints)
            if piece.clashed:
                return  # what comes after it is done after it

    def committed(self) -> None:
        for piece in self.pieces:
            piece.done = piece.tried and not piece.clashed


_mutex = threading.Lock()
_waiting: deque[_Sender] = deque()
_led = False  # a thread is carrying the others


def write(pieces: Sequence[Piece]) -> None:
    """Do these pieces in their order, durably on disk when this returns; each then has its result or its fault.

    Not for use inside a transaction, whose commit would be somebody else's.
    """
    me = _Sender(pieces)
    if not _first(me):
        me.turn.acquire()
    if not me.carried:
        try:
            _carry()
        finally:
            _hand_over()
    faults = []
    for piece in pieces:
        if not piece.done:
            _by_itself(piece)
        for func in piece.after:
            try:
                func()
            except Exception as fault:
                faults.append(fault)
    if faults:
        raise faults[0]


def within(pieces: Sequence[Piece]) -> None:
    """Do these pieces in their order inside the caller's transaction, each with a savepoint."""
    for piece in pieces:
        with quick.remembering():
            lock(piece.locks)
            piece.attempt()


def lock(ids: Iterable[UUID]) -> None:
    """Hold these subjects until the end of the transaction, so that the order of entries about one subject is the
    order of their rows. SQLite needs nothing: its transactions begin by taking the one write lock."""
    held = connections["default"].__dict__.get(_HELD, ())
    for number in sorted(_numbers(ids)):
        if number not in held:
            quick.ask("SELECT pg_advisory_xact_lock(%s)", [number])
            quick.forget()  # what was seen before the wait may have changed


def _first(me: _Sender) -> bool:
    global _led
    with _mutex:
        _waiting.append(me)
        first, _led = not _led, True
    return first


def _hand_over() -> None:
    """The next who waits carries whoever has come meanwhile."""
    global _led
    with _mutex:
        _led = bool(_waiting)
        if _led:
            _waiting[0].turn.release()


def _taken() -> list[_Sender]:
    """Those who wait, in their order, as many as fit into one transaction."""
    group: list[_Sender] = []
    pieces = 0
    with _mutex:
        while _waiting and (not group or pieces + len(_waiting[0].pieces) <= MOST):
            group.append(_waiting.popleft())
            pieces += len(group[-1].pieces)
    return group


def _carry() -> None:
    """One transaction for those who wait when it has begun, this thread among them; then all are woken."""
    group: list[_Sender] = []
    try:
        with one_transaction():
            group = _taken()
            held = _try_lock({number for one in group for number in one.numbers})
            ours = [one for one in group if one.numbers <= held]
            alone = len(ours) == 1 and len(ours[0].pieces) == 1
            for one in ours:
                one.attempt(savepoints=not alone)
            if alone and ours[0].pieces[0].fault is not None:
                raise _TakenBack
        for one in ours:
            one.committed()
    except _TakenBack:
        ours[0].committed()
    except DatabaseError:
        pass  # nothing of it was kept: each tries by itself, and hears what is wrong
    finally:
        for one in group or _taken():
            one.carried = True
            one.turn.release()


def _by_itself(piece: Piece) -> None:
    """A transaction for one piece, tried again while others are in its way."""
    for _ in range(RETRIES):
        try:
            with one_transaction():
                lock(piece.locks)
                piece.attempt_in_group(savepoint=False)
                if piece.fault is not None:
                    raise _TakenBack
        except _TakenBack:
            pass
        except DatabaseError as fault:
            piece.fault, piece.after = fault, []
        if not piece.clashed:
            break
    piece.done = True


class _TakenBack(Exception):
    """Ends a transaction of which nothing is to be kept."""


def _is_clash(fault: Exception) -> bool:
    said = f"{type(fault.__cause__).__name__} {fault}".lower()
    return isinstance(fault, (OperationalError, IntegrityError)) and any(word in said for word in CLASHES)


@contextmanager
def one_transaction() -> Iterator[None]:
    """A transaction for writes, within which an entry looks nothing up twice."""
    try:
        with _turn(), transaction.atomic(), quick.remembering():
            yield
            _still_whole()
    finally:
        connections["default"].__dict__.pop(_HELD, None)


def _still_whole() -> None:
    """PostgreSQL takes the commit of a transaction in which something failed for a rollback, and says nothing of it."""
    db = connections["default"]
    if db.vendor == "postgresql" and db.connection is not None and db.connection.pgconn.transaction_status == INERROR:
        raise OperationalError("a statement had failed and was passed over")


@contextmanager
def _turn() -> Iterator[None]:
    """SQLite: one process after the other. By itself it lets the later ones sleep and look again, up to 0.1 s."""
    db = connections["default"]
    if fcntl is None or db.vendor != "sqlite" or db.in_atomic_block or db.is_in_memory_db():  # type: ignore[attr-defined]
        yield
        return
    with open(f"{db.settings_dict['NAME']}-turn", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _try_lock(numbers: set[int]) -> set[int]:
    """Hold these, but wait for none; those that are held. They stay locked whatever savepoint is taken back."""
    if not numbers:
        return numbers
    marks = ", ".join(["(%s)"] * len(numbers))
    found = quick.ask(
        f"SELECT number FROM (VALUES {marks}) AS asked (number) WHERE pg_try_advisory_xact_lock(number)",  # noqa: S608
        sorted(numbers),
    )
    held = {number for (number,) in found}
    connections["default"].__dict__[_HELD] = held
    return held


def _numbers(ids: Iterable[UUID]) -> set[int]:
    if connections["default"].vendor != "postgresql":
        return set()
    return {int.from_bytes(hashlib.blake2b(one.bytes, digest_size=8).digest(), "big", signed=True) for one in ids}
