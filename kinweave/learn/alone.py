"""One rebuild at a time on a site: a lease in the database, renewed as the work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.models import Lease

NAME = "learn.lake"
HELD_FOR = timedelta(minutes=5)


class AtWork(Problem):
    status, code = 409, "lake-at-work"
    says = "The numbers are being made already."
    remedy = "Wait a few minutes, then try again."


class Held:
    """The lease while it is held; `renew` as often as something was done."""

    def __init__(self) -> None:
        self.holder = uuid7().hex
        self.renewed = timezone.now()

    def take(self) -> None:
        now = timezone.now()
        Lease.objects.get_or_create(name=NAME)
        free = Q(until=None) | Q(until__lt=now) | Q(until__gt=now + 2 * HELD_FOR)
        # One UPDATE with its condition: of two processes only one changes the row.
        if not Lease.objects.filter(free, name=NAME).update(holder=self.holder, until=now + HELD_FOR):
            raise AtWork()

    def renew(self) -> None:
        now = timezone.now()
        if now - self.renewed > HELD_FOR / 5:
            Lease.objects.filter(name=NAME, holder=self.holder).update(until=now + HELD_FOR)
            self.renewed = now

    def give_back(self) -> None:
        Lease.objects.filter(name=NAME, holder=self.holder).update(until=None, last_at=timezone.now())


@contextmanager
def alone() -> Iterator[Held]:
    """Hold the lake for one rebuild. Raises AtWork where another process does."""
    held = Held()
    held.take()
    try:
        yield held
    finally:
        held.give_back()
