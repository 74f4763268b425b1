"""What all parts of the simulator share: the book events are noted in, the stage, the roster of workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_answers import Form, form
from kinweave.demo.simulate_types import DAYS_PER_MONTH, ZONE, Event, Member, Pattern, Person, Ward

_SUNDAY = 6


@dataclass(slots=True)
class Book:
    """Events as they are written, in any order; what would happen after `end` has not happened yet."""

    end: datetime
    rows: list[tuple[datetime, int, Event]] = field(default_factory=list)
    silent: dict[int, datetime] = field(default_factory=dict)

    def note(self, kind: str, at: datetime, person: int | None, worker: int | None, **payload: object) -> None:
        """Write one event with its time, unless it lies after the end."""
        if at < self.end:
            self.rows.append((at, len(self.rows), Event(kind, at, "minute", person, worker, payload)))

    def note_day(self, kind: str, at: datetime, person: int | None, worker: int | None, **payload: object) -> None:
        """The same with the date alone; it keeps its place among the events of that day."""
        if at < self.end:
            self.rows.append((at, len(self.rows), Event(kind, at.date(), "day", person, worker, payload)))

    def in_order(self) -> list[Event]:
        """By time, and where the time is equal, as written: an effect never stands before its cause.

        Nobody contacts someone who has died or is missing (`silent`).
        """
        return [e for at, _, e in sorted(self.rows, key=lambda row: row[:2]) if not self._too_late(e, at)]

    def _too_late(self, event: Event, at: datetime) -> bool:
        since = None if event.person is None else self.silent.get(event.person)
        return since is not None and at > since and event.payload.get("what") in ("weekly", "monthly")


@dataclass(slots=True)
class Roster:
    """Who accompanies how many. `until[w]`: the days (since start) on which worker w is free of someone."""

    until: list[list[float]]

    def free_from(self, worker: int, day: float) -> float:
        """The first day, not before `day`, on which this worker has room for one more."""
        held = sorted(u for u in self.until[worker] if u > day)
        return day if len(held) < rates.CASELOAD else held[len(held) - rates.CASELOAD]


@dataclass(slots=True)
class Stage:
    """One community while it is being made. Days are floats since `start`, at local midnight."""

    pattern: Pattern
    start: date
    months: int
    ends: int
    rng: np.random.Generator
    root: Path
    wards: tuple[Ward, ...]
    team: tuple[Member, ...]
    effects: tuple[float, ...]
    shows: tuple[float, ...]
    book: Book
    roster: Roster
    aliases: tuple[str, ...]
    people: list[Person] = field(default_factory=list)
    risks: int = 0

    def form(self, slug: str) -> Form:
        return form(slug, self.root)

    def alias(self, index: int) -> str:
        """A two-word alias for person `index`, numbered from the second round on: no two are alike."""
        round_, at = divmod(index, len(self.aliases))
        return f"{self.aliases[at]} {round_ + 1}" if round_ else self.aliases[at]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def month(self, day: float) -> float:
        return day / DAYS_PER_MONTH

    def funded(self, day: float) -> bool:
        return self.month(day) < self.ends

    def day_of(self, when: date) -> float:
        return float((when - self.start).days)

    def at_work(self, day: float) -> datetime:
        """A time between 8 and 16 o'clock on that day, or on Monday when it is a Sunday."""
        when = self.start + timedelta(days=int(day))
        when += timedelta(days=int(when.weekday() == _SUNDAY))
        minute = 8 * 60 + int(self.rng.integers(0, 8 * 12)) * 5
        return datetime.combine(when, time(minute // 60, minute % 60), ZONE)

    def here(self, worker: int, day: float) -> bool:
        """Whether this member is still on the team on `day`."""
        left = self.team[worker].left
        return left is None or day < self.day_of(left)

    def workers_in(self, ward: int, day: float) -> list[int]:
        """Lay workers of a ward who are there on `day`, by index."""
        return [i for i, m in enumerate(self.team) if m.role == "worker" and m.ward == ward and self.here(i, day)]

    def anyone_in(self, ward: int, day: float) -> int:
        """A worker of the ward, or a supervisor where nobody is left."""
        found = self.workers_in(ward, day) or self.supervisors()
        return found[int(self.rng.integers(len(found)))]

    def supervisors(self) -> list[int]:
        return [i for i, m in enumerate(self.team) if m.role == "supervisor"]

    def met_by(self, home: int, ward: int, day: float) -> int:
        """Usually the home worker; sometimes, or when she has left, someone else of the ward."""
        if self.here(home, day) and self.chance(rates.HOME_WORKER):
            return home
        return self.anyone_in(ward, day)
