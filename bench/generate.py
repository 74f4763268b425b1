"""Bulk generator: N persons with M facts (answered questionnaires and sessions), the same for every run of a seed.

People come through `house.bulk.Bulk` with the parts of the real actions (kinweave.demo.chapters): journal,
sealing, keys, rows. About 30 are in care with each worker; everyone else left or was below the line.
Above `through` persons the rest is stamped (bench.stamp): rows alone, without journal entries.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bench import stamp, world
from bench.table import progress
from bench.world import INSTRUMENT, World
from kinweave.care.models import Session
from kinweave.demo import chapters
from kinweave.demo.chapters import Chapter, Decided
from kinweave.house.bulk import Bulk
from kinweave.house.journal import Head
from kinweave.house.models import Entry
from kinweave.house.sequencer import sequence
from kinweave.listen.models import Response
from kinweave.listen.shelf import compiled
from kinweave.people.models import Person

ACTIVE = 30  # in care with each worker at a time
BELOW = 0.3  # of those who are asked, below the line: ours, so that there are people with one fact only
LEAST, MOST = 4, 24  # facts of someone in care
STAMPED = 10_000  # persons in a block that is copied
GIVEN = ("Amina", "Tendai", "Rudo", "Farai", "Nadia", "Yusuf", "Mariam", "Kofi", "Esi", "Leila", "Sara", "Omar")
SECOND = ("Moyo", "Banda", "Haddad", "Mensah", "Saleh", "Dube", "Phiri", "Nasser", "Osei", "Karim", "Sibanda")
NOTE = "Talked about sleep and the roof. We go on with the small steps; her sister helps with the children."


@dataclass(frozen=True)
class Plan:
    """What is made: `active` in care now, of each person how many facts."""

    persons: int
    facts: int
    workers: int
    seed: int = 1

    @property
    def active(self) -> int:
        return min(self.persons * 9 // 10, ACTIVE * self.workers)

    def counts(self) -> list[int]:
        """Facts of each person: one below the line, the rest spread over the others; the sum is `facts`."""
        rng = random.Random(self.seed)
        if self.facts < self.persons:
            raise ValueError("every person has at least one fact")
        below = {n for n in range(self.active, self.persons) if rng.random() < BELOW}
        others = [n for n in range(self.persons) if n not in below] or list(range(self.persons))
        counts = [1] * self.persons
        left = self.facts - self.persons
        mean = left / len(others)
        for n in others:
            counts[n] += min(left, max(0, round(mean * rng.uniform(0.6, 1.4))))
            left -= counts[n] - 1
        while left:  # what rounding left over, one each
            for n in others[: max(0, left)]:
                counts[n] += 1
                left -= 1
        return counts


@dataclass
class Maker:
    """Writes persons of a plan into a site, one life after the other."""

    plan: Plan
    world: World
    bulk: Bulk = field(default_factory=lambda: Bulk(device="bench"))
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        self.rng = random.Random(self.plan.seed + 1)
        self.table, self.hash = compiled(INSTRUMENT)
        self.serial = 0

    def head(self, at: datetime) -> Head:
        """A uuid7 of its time, its tail drawn from the seed."""
        value = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | self.rng.getrandbits(12) << 64 | 0b10 << 62
        return Head(UUID(int=value | self.rng.getrandbits(62)), at, "minute", received_at=at)

    def person_id(self) -> UUID:
        """Not from the head's time: ids that rise with time would flatter every index."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    def write(self, numbers: range, counts: list[int]) -> None:
        """The persons of these numbers with so many facts each."""
        ids = {n: self.person_id() for n in numbers}
        self.bulk.make_keys(ids.values())
        for n in numbers:
            self.live(n, ids[n], counts[n])
        self.bulk.flush()

    def live(self, n: int, person: UUID, facts: int) -> None:
        """One person's way from the first meeting until today or the end."""
        rng, worker = self.rng, n % len(self.world.workers)
        who = Chapter(
            person, self.world.organisation, self.world.programme, self.world.teams[self.world.team_of(worker)],
            self.world.places[n * 7 % len(self.world.places)], self.world.workers[worker],
        )  # fmt: skip
        active = n < self.plan.active
        weeks = facts + 4
        ago = weeks * 7 - rng.randint(1, 6) if active else rng.randint(weeks * 7, weeks * 7 + 900)
        at = self.now - timedelta(days=ago, minutes=rng.randint(0, 480))
        for action, when, parts in self._story(who, at, facts, active):
            who.remember(self.bulk.add(when, action, parts, self.world.workers[worker]))

    def _story(self, who: Chapter, at: datetime, facts: int, active: bool) -> Iterator[tuple[str, Head, list[Decided]]]:
        rng = self.rng
        alias = f"{rng.choice(GIVEN)} {rng.choice(SECOND)}"
        said = {
            "alias": alias, "name": f"{alias} {rng.choice(SECOND)}", "birth_year": rng.randint(1950, 2006),
            "gender": rng.choice(("woman", "woman", "man")), "languages": ("en",), "washington": {"walking": 1},
            "dimension": "group", "group": rng.choice(("a", "b", "c")),
        }  # fmt: skip
        head = self.head(at)
        yield "people.register_person", head, chapters.register(head, who, said, at.date())
        head = self.head(at + timedelta(minutes=5))
        agreed = [
            part
            for purpose in ("care", "statistics")
            for part in chapters.consent(head.below(purpose), who, purpose, True, "spoken")
        ]
        yield "flows.agree", head, agreed
        yield self._response(who, at + timedelta(minutes=10), first=True)
        at += timedelta(days=1)
        if facts == 1 and not active:
            yield self._move(who, at, "inform")
            return
        yield self._move(who, at, "wait")
        yield self._move(who, at + timedelta(days=14), "start", step=1)
        for n in range(1, facts):
            when = at + timedelta(days=14 + 7 * n)
            yield self._response(who, when) if n % 5 == 4 else self._session(who, when)
        if not active:
            yield self._move(who, at + timedelta(days=14 + 7 * facts), "close", reason="end_of_care")

    def _move(self, who: Chapter, at: datetime, name: str, **more: Any) -> tuple[str, Head, list[Decided]]:
        head = self.head(at)
        return "care.move_on", head, chapters.move(head, who, name, **more)

    def _response(self, who: Chapter, at: datetime, first: bool = False) -> tuple[str, Head, list[Decided]]:
        head = self.head(at)
        answers = {item["code"]: self.rng.choice((0, 1, 1, 2, 3)) for item in self.table["items"]} | {"q9": 0}
        parts = chapters.response(head, who, self.table, self.hash, answers, language="en", mode="paper")
        if first:
            parts += chapters.move(head.below("move"), who, "screen", entry="score")
        return "flows.receive_response", head, parts

    def _session(self, who: Chapter, at: datetime) -> tuple[str, Head, list[Decided]]:
        head, held = self.head(at), self.rng.random() < 0.8
        given = {
            "held": held, "where": "home", "missed": "" if held else "other", "homework": "partly" if held else "",
            "mood": "easier" if held else "", "next": at + timedelta(days=7), "note": NOTE if held else "",
        }  # fmt: skip
        return "care.note_session", head, chapters.session(head, who, who.worker, given)


def site(
    *,
    persons: int,
    facts: int,
    workers: int = 300,
    places: int = 40,
    teams: int = 50,
    through: int = 0,
    seed: int = 1,
    block: int = STAMPED,
) -> dict[str, Any]:
    """Make a world and its people in a fresh site. `through`: so many persons go through the journal (0: all).

    Answers with what was made and the seconds of each part.
    """
    told: dict[str, Any] = {"persons": persons, "facts": facts}
    made = world.make(places=places, teams=teams, workers=workers)
    plan = Plan(persons, facts, workers, seed)
    counts = plan.counts()
    copies = _copies(plan, through, block)
    whole = persons - copies * block
    maker = Maker(plan, made)
    before = Entry.objects.count()
    began = time.perf_counter()
    for start in range(0, whole, 2_000):
        maker.write(range(start, min(whole, start + 2_000)), counts)
        progress(f"{min(whole, start + 2_000):,} of {persons:,} persons")
    told["bulk_seconds"] = time.perf_counter() - began
    told["bulk_entries"] = Entry.objects.count() - before
    told |= _timed("sequence_seconds", sequence)
    if copies:
        told |= _timed("stamp_seconds", lambda: stamp.stamp(plan.active, block, copies))
    return told | {
        "through_journal": whole, "stamped": copies * block, "persons": Person.objects.count(),
        "facts": Response.objects.count() + Session.objects.count(),
    }  # fmt: skip


def _copies(plan: Plan, through: int, block: int) -> int:
    """How many times the block after those in care is copied."""
    whole = max(through, plan.active + block)
    return (plan.persons - whole) // block if through and plan.persons > whole else 0


def _timed(name: str, work: Any) -> dict[str, float]:
    began = time.perf_counter()
    work()
    return {name: time.perf_counter() - began}
