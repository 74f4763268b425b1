"""The clocks: what must happen without anybody asking, one process at a time.

A room registers `every(seconds)(function)` when it loads; `kinweave worker` runs it. Several workers may run:
each task is held by a lease in the database, renewed while its holder lives and taken over after it died. The
database's rows decide when a task is due, so that a crash, a sleep of the machine or a clock set back neither
skips a round for good nor runs it in a row.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

from django.db import close_old_connections
from django.db.models import Q
from django.db.utils import DatabaseError
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.models import Lease

log = logging.getLogger("kinweave.worker")

Task = Callable[[], object]
HELD_FOR = timedelta(seconds=60)  # a lease is taken over when its holder has not come back for so long
TICK = 0.5  # seconds between looks at the clocks


@dataclass(frozen=True, slots=True)
class Clock:
    name: str
    seconds: float
    task: Task
    when: Callable[[], object] | None = None

    def wanted(self) -> bool:
        """Whether there is anything to do: asked before the lease, so that an idle site writes nothing."""
        return self.when is None or bool(self.when())


CLOCKS: dict[str, Clock] = {}


def every(seconds: float, name: str = "", when: Callable[[], object] | None = None) -> Callable[[Task], Task]:
    """Register a function to run every so many seconds (after the end of its last run), or only while `when()`
    says that there is something to do. It must be safe to run twice: a worker that dies in the middle leaves
    its round to the next one."""

    def register(task: Task) -> Task:
        key = name or f"{task.__module__}.{task.__qualname__}"
        CLOCKS[key] = Clock(key, seconds, task, when)
        return task

    return register


def take(clock: Clock, holder: str, now: datetime) -> bool:
    """Take a task's lease if it is due and nobody alive holds it."""
    open_ = Lease.objects.filter(_ready(clock, now) & _free(holder, now), name=clock.name)
    if not open_.exists():  # a look first: taking SQLite's write lock twice a second would hold up the site
        if Lease.objects.filter(name=clock.name).exists():
            return False
        Lease.objects.get_or_create(name=clock.name)
    # One UPDATE with its condition: of two workers only one changes the row.
    return bool(open_.update(holder=holder, until=now + HELD_FOR))


def _ready(clock: Clock, now: datetime) -> Q:
    """Due; a last run that lies in the future means that the machine's clock was set back."""
    due = now - timedelta(seconds=clock.seconds)
    return Q(last_at=None) | Q(last_at__lte=due) | Q(last_at__gt=now + timedelta(seconds=2))


def _free(holder: str, now: datetime) -> Q:
    return Q(until=None) | Q(until__lt=now) | Q(holder=holder) | Q(until__gt=now + 2 * HELD_FOR)


def done(clock: Clock, holder: str, now: datetime, fault: str = "") -> None:
    """Give the lease back with the time of this run, unless someone else has taken it meanwhile."""
    mine = Lease.objects.filter(name=clock.name, holder=holder)
    mine.update(until=None, last_at=now, fault=fault[:60])


def round_of(holder: str, now: Callable[[], datetime] = timezone.now) -> int:
    """Run every task that is due; returns how many ran. A task that fails never stops the others."""
    ran = 0
    for clock in list(CLOCKS.values()):
        if not clock.wanted() or not take(clock, holder, now()):
            continue
        ran += 1
        fault = ""
        try:
            with _renewed(clock, holder):
                clock.task()
        except Problem as problem:
            fault = problem.code
            log.warning("%s: %s", clock.name, fault)
        except Exception as error:  # the next round tries again; its kind is on the keeper's page
            fault = type(error).__name__
            log.warning("%s: %s", clock.name, fault, exc_info=True)
        done(clock, holder, now(), fault)
    return ran


class _renewed:  # noqa: N801  reads as a statement
    """Renews a lease while a long task runs."""

    def __init__(self, clock: Clock, holder: str) -> None:
        self.clock, self.holder, self.over = clock, holder, threading.Event()
        self.thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *fault: object) -> None:
        self.over.set()
        self.thread.join()

    def _renew(self) -> None:
        while not self.over.wait(HELD_FOR.total_seconds() / 3):
            try:
                mine = Lease.objects.filter(name=self.clock.name, holder=self.holder)
                mine.update(until=timezone.now() + HELD_FOR)
            except DatabaseError:
                continue
            finally:
                close_old_connections()


def late(now: datetime | None = None) -> list[Lease]:
    """Tasks that failed or have not run for five times their pause: a visible fault on the keeper's page."""
    now = now or timezone.now()
    rows = {lease.name: lease for lease in Lease.objects.filter(name__in=CLOCKS)}
    found = []
    for clock in CLOCKS.values():
        lease = rows.get(clock.name) or Lease(name=clock.name)
        limit = now - timedelta(seconds=max(60, 5 * clock.seconds))
        behind = clock.wanted() and (lease.last_at is None or lease.last_at < limit)
        if lease.fault or behind:
            found.append(lease)
    return found


def run(once: bool = False) -> int:
    """The loop of `kinweave worker`. Ends on SIGTERM, Ctrl-C, or when the server that started it is gone."""
    holder = uuid7().hex
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    served_by = int(os.environ.get("KINWEAVE_SERVED_BY") or 0)
    while not stop.is_set():
        try:
            round_of(holder)
        except DatabaseError as fault:  # the database is away for a moment: wait for it
            log.warning("database: %s", type(fault).__name__)
            close_old_connections()
            time.sleep(TICK)
        close_old_connections()
        if once or (served_by and os.getppid() != served_by):
            break
        stop.wait(TICK)
    return 0


def _house_clocks() -> None:
    from kinweave.house import alerts, sequencer
    from kinweave.house.models import Arrival, Session

    every(1, "house.sequence", Arrival.objects.exists)(sequencer.sequence)
    every(2, "house.alerts", alerts.pending().exists)(alerts.deliver)
    every(3600, "house.old_sessions")(lambda: Session.objects.filter(expire_date__lt=timezone.now()).delete())


_house_clocks()
