"""One person's way: met, asked for consent, screened, waiting, accompanied, closed, perhaps back."""

from __future__ import annotations

from datetime import timedelta

from kinweave.core.pathway import whose_failure
from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import Arrival, choose
from kinweave.demo.simulate_screening import ask, entry, follow_up, gain_of_time, untreated
from kinweave.demo.simulate_sessions import Course, accompany
from kinweave.demo.simulate_supporters import add_supporters, facts
from kinweave.demo.simulate_walk import agree, meet

VIA: dict[str, float] = {
    "screening_day": 0.48, "worker": 0.16, "self": 0.12, "family": 0.08, "teacher": 0.05, "elder": 0.04,
    "faith_house": 0.04, "healer": 0.02, "farm_adviser": 0.01,
}  # fmt: skip
_LONG_WAIT = 28  # days after which someone is asked again before she starts (ours)


def walk(stage: Stage, person: int, arrival: Arrival) -> None:
    """Everything that happens to one inhabitant."""
    someone, book = stage.people[person], stage.book
    worker = stage.anyone_in(someone.ward, arrival.day)
    met = stage.at_work(arrival.day)
    via = choose(stage.rng, VIA)
    meet(stage, person, worker, met, via)
    day = arrival.day + (0 if via == "screening_day" else float(stage.rng.integers(1, 15)))
    asked_at = max(stage.at_work(day), met) + timedelta(minutes=10)
    if not agree(stage, person, worker, asked_at):
        return
    book.note("registered", asked_at + timedelta(minutes=5), person, worker, **facts(someone))
    seen = asked_at + timedelta(minutes=30)
    result, known, points, asked = entry(stage, person, worker, seen, arrival.trait)
    told = known + timedelta(minutes=15)
    book.note("screen_result", told, person, worker, result=result, instrument="phq-9")
    if result == "below":
        return
    book.note("waiting", told + timedelta(minutes=1), person, worker, urgent=result == "red_flag")
    _care(stage, person, stage.day_of(told.date()) + 1, result, points, arrival.trait, asked)


def _home(stage: Stage, person: int, day: float, urgent: bool) -> tuple[int, float] | None:
    """Who will accompany her and from which day; None when nobody is left in her ward."""
    someone = stage.people[person]
    ready = day + (1 if urgent else float(stage.rng.gamma(2.0, 4.0)) + 2)
    if someone.group == rates.SMALL_GROUP:
        ready += 14  # the small group waits two weeks longer (ours): equity has to show it
    found = stage.workers_in(someone.ward, ready)
    if not found:
        return None
    free = {w: ready if urgent else stage.roster.free_from(w, ready) for w in found}
    best = min(found, key=lambda w: (free[w], sum(u > ready for u in stage.roster.until[w]), w))
    return (best, free[best]) if stage.here(best, free[best]) else None


def _care(stage: Stage, person: int, day: float, result: str, points: int, trait: float, asked: frozenset[str]) -> None:
    """From the waiting list on. Some never start; the measurements count from the first session."""
    book, gain = stage.book, gain_of_time(stage)
    place = _home(stage, person, day, result == "red_flag")
    if place is None or stage.chance(rates.NEVER_STARTS):
        _never_starts(stage, person, day, place)
        return
    worker, begins = place
    if begins - day > _LONG_WAIT:
        now = trait - untreated(stage, gain, stage.month(begins - day))
        ask(stage, "phq-9", person, worker, stage.at_work(begins - 2), now, "waiting")
    step = 3 if result == "red_flag" or points >= 20 else 2 if points >= 15 else 1
    add_supporters(stage, person, worker, begins)
    course = accompany(stage, person, worker, begins, step, first=True)
    stage.roster.until[worker].append(course.ended)
    if course.reason not in rates.NO_WAY_BACK and stage.chance(rates.WITHDRAW_STATISTICS):
        at = stage.at_work(course.ended + 10)
        book.note("consent_withdrawn", at, person, worker, purposes=["statistics"])
    last = _back(stage, person, worker, course)
    shut = (last.ended, last.reason)
    follow_up(stage, person, worker, begins, trait, gain, course.held, shut, asked)


def _never_starts(stage: Stage, person: int, day: float, place: tuple[int, float] | None) -> None:
    """She waited, and nothing came of it: tried to reach, then closed."""
    someone = stage.people[person]
    worker = stage.anyone_in(someone.ward, day)
    tried = day + float(stage.rng.uniform(10, 25))
    stage.book.note("call", stage.at_work(tried), person, worker, reached=False, why="first_session")
    why = choose(stage.rng, rates.NEVER_STARTED)
    reason = "we_left" if place is None else why
    at = stage.at_work(tried + float(stage.rng.uniform(7, 21)))
    stage.book.note("closed", at, person, worker, reason=reason, whose=whose_failure(reason))


def _back(stage: Stage, person: int, worker: int, course: Course) -> Course:
    """Re-entry: one tap, then the waiting list again, then a shorter course."""
    if course.reason in rates.NO_WAY_BACK or not stage.chance(rates.REENTRY):
        return course
    day = course.ended + float(stage.rng.uniform(40, 260))
    at = stage.at_work(day)
    stage.book.note("reentered", at, person, stage.met_by(worker, stage.people[person].ward, day), via="self")
    place = _home(stage, person, day, urgent=False)
    stage.book.note("waiting", at + timedelta(minutes=1), person, None, urgent=False)
    if place is None:
        _never_starts(stage, person, day, None)
        return Course(day + 50, "we_left", 0)
    again = accompany(stage, person, place[0], place[1], 1, first=False)
    stage.roster.until[place[0]].append(again.ended)
    return again
