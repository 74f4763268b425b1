"""A course of sessions: planned, held, missed, cancelled; steps; then a circle, or an end with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from kinweave.core.pathway import whose_failure
from kinweave.demo import simulate_rates as rates
from kinweave.demo.names import NOTES
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import choose
from kinweave.demo.simulate_risk import open_risk

SETTINGS: dict[str, float] = {
    "bench": 0.52,
    "home": 0.24,
    "health_facility": 0.12,
    "phone": 0.08,
    "school": 0.04,
}
GOAL_MOODS: dict[str, float] = {"easier": 0.46, "same": 0.26, "harder": 0.18, "reached": 0.10}
"""How the goal goes: MSF's improvement, no change, challenges and achieved (LIME-EMR F29) in plain words; the
shares are ours, and so are those of the next two."""
HOMEWORK: dict[str, float] = {"done": 0.42, "partly": 0.33, "not": 0.25}
CANCELLED_BECAUSE: dict[str, float] = {"worker_away": 0.45, "no_transport": 0.3, "place_closed": 0.25}
_MOST_PLANNED = 10
_NOTE = 0.06  # share of sessions with a short note (ours)


@dataclass(frozen=True, slots=True)
class Course:
    """How a course ended: day (since start), MSF reason, sessions held."""

    ended: float
    reason: str
    held: int


@dataclass(slots=True)
class _State:
    person: int
    home: int
    day: float
    step: int
    held: int = 0
    missed_in_a_row: int = 0
    stop: str | None = None


def accompany(stage: Stage, person: int, worker: int, begins: float, step: int, first: bool) -> Course:
    """From `started` to `closed`. The first session of a course is held: who never comes never starts."""
    at = stage.at_work(begins)
    stage.book.note("started", at, person, worker, step=step)
    state = _State(person, worker, begins, step)
    _held(stage, state, at + timedelta(minutes=2), 0)
    ready = _shows(stage, person)
    goal = rates.CIRCLE_AFTER if not first or stage.chance(0.55) else rates.SESSIONS
    for number in range(1, _MOST_PLANNED):
        if state.held >= goal or state.stop:
            break
        state.day += 7
        _next(stage, state, number, ready)
    return _circle(stage, state) if state.held >= rates.CIRCLE_AFTER and not state.stop else _lost(stage, state)


def _shows(stage: Stage, person: int) -> float:
    """This person's chance of coming to a planned session: site, distance, group, and herself."""
    someone = stage.people[person]
    odds = math.log(rates.SHOW_UP / (1 - rates.SHOW_UP)) + stage.shows[someone.ward]
    odds += -0.08 * (someone.distance_km - 4.0) + 0.9 * float(stage.rng.normal())
    odds -= 0.6 if someone.group == rates.SMALL_GROUP else 0.0
    return 1 / (1 + math.exp(-odds))


def _next(stage: Stage, state: _State, number: int, ready: float) -> None:
    """One planned session: handed over, cancelled by us, missed, or held."""
    ward = stage.people[state.person].ward
    if not stage.here(state.home, state.day) and not _hand_over(stage, state, ward):
        return
    at = stage.at_work(state.day)
    ours = rates.CANCELLED if stage.funded(state.day) else rates.AFTER_FUNDING[stage.pattern][1]
    if stage.chance(ours):
        why = choose(stage.rng, CANCELLED_BECAUSE)
        _not_held(stage, state, at, number, cancelled_because=why, missed_reason=None, rescheduled=True)
    elif stage.chance(ready):
        _held(stage, state, at, number)
    else:
        _missed(stage, state, at, number)


def _hand_over(stage: Stage, state: _State, ward: int) -> bool:
    """The home worker has left: somebody takes over, or we have left her."""
    others = stage.workers_in(ward, state.day)
    if not others or (stage.pattern == "fades" and stage.chance(0.4)):
        state.stop = "we_left"
        return False
    new = min(others, key=lambda w: (sum(u > state.day for u in stage.roster.until[w]), w))
    stage.book.note("handed_over", stage.at_work(state.day - 1), state.person, new, left=state.home, now=new)
    state.home = new
    return True


def _held(stage: Stage, state: _State, at: datetime, number: int) -> None:
    rng = stage.rng
    state.held, state.missed_in_a_row = state.held + 1, 0
    someone = stage.people[state.person]
    worker = state.home if state.held == 1 else stage.met_by(state.home, someone.ward, state.day)
    worried = stage.chance(rates.WORRY)
    mood = None if state.held == 1 else choose(rng, GOAL_MOODS)
    homework = "none" if state.held == 1 else choose(rng, HOMEWORK)
    minutes = int(rng.integers(9, 13) if state.held == 1 else rng.integers(6, 10)) * 5
    stage.book.note(
        "session", at, state.person, worker,
        number=number + 1, planned_at=at, held=True, cancelled_because=None, missed_reason=None,
        rescheduled=None, setting=choose(rng, SETTINGS), minutes=minutes, homework=homework, goal_mood=mood,
        next_date=(at + timedelta(days=7)).date(), worry=worried,
        note=NOTES[int(rng.integers(len(NOTES)))] if stage.chance(_NOTE) else None,
    )  # fmt: skip
    if worried:
        open_risk(stage, state.person, worker, at + timedelta(minutes=minutes), "worry")
    if mood == "harder" and state.held >= 3 and state.step < 4 and stage.chance(0.3):
        _step(stage, state, at + timedelta(minutes=minutes), worker, +1, "no_progress")
    elif mood == "reached" and state.held >= 3 and state.step > 1 and stage.chance(0.5):
        _step(stage, state, at + timedelta(minutes=minutes), worker, -1, "better")


def _step(stage: Stage, state: _State, at: datetime, worker: int, by: int, why: str) -> None:
    stage.book.note("step_changed", at, state.person, worker, was=state.step, now=state.step + by, why=why)
    state.step += by


def _missed(stage: Stage, state: _State, at: datetime, number: int) -> None:
    """A reason from MSF's list, perhaps a call or a visit; the second miss in a row is the last."""
    why = choose(stage.rng, rates.MISSED)
    state.missed_in_a_row += 1
    again = why != "no_longer_wants" and state.missed_in_a_row < 2 and stage.chance(0.62)
    _not_held(stage, state, at, number, cancelled_because=None, missed_reason=why, rescheduled=again)
    kind = "call" if stage.people[state.person].contact == "phone" else "visit"
    tried = stage.at_work(state.day + float(stage.rng.integers(2, 6)))
    stage.book.note(kind, tried, state.person, state.home, reached=again or stage.chance(0.3), why="missed_session")
    if why == "no_longer_wants":
        state.stop = "own_choice"
    elif not again:
        lost = {k: v for k, v in rates.LOST.items() if k != "single_consultation" or state.held == 1}
        state.stop = "transport" if why == "transport" else choose(stage.rng, lost)


def _not_held(stage: Stage, state: _State, at: datetime, number: int, **why: object) -> None:
    worker = None if why["missed_reason"] is None else state.home
    again = (at + timedelta(days=7)).date() if why["rescheduled"] else None
    stage.book.note(
        "session", at, state.person, worker,
        number=number + 1, planned_at=at, held=False, setting=None, minutes=None, homework=None,
        goal_mood=None, next_date=again, worry=False, note=None, **why,
    )  # fmt: skip


def _circle(stage: Stage, state: _State) -> Course:
    """Four sessions done: a circle, or peers, and some months later a good end."""
    rng, person = stage.rng, state.person
    soon, ward = state.day + 7, stage.people[person].ward
    worker = state.home if stage.here(state.home, soon) else stage.anyone_in(ward, soon)
    at = stage.at_work(state.day + 6)
    joins = stage.chance(0.7)
    stage.book.note("graduated", at, person, worker, to="circle" if joins else "peer", sessions=state.held)
    if joins:
        stage.book.note("circle_joined", stage.at_work(state.day + 13), person, worker, circle=None)
    ended = state.day + float(rng.uniform(45, 150))
    done = worker if stage.here(worker, ended) else stage.anyone_in(ward, ended)
    stage.book.note(
        "closed", stage.at_work(ended), person, done, reason="end_of_care", whose=whose_failure("end_of_care")
    )
    return Course(ended, "end_of_care", state.held)


def _lost(stage: Stage, state: _State) -> Course:
    """Stopped before four sessions, or ran out of planned ones."""
    reason = state.stop or ("end_of_care" if state.held >= 3 else "cannot_trace")
    ended = state.day + float(stage.rng.uniform(8, 24))
    worker, at = stage.anyone_in(stage.people[state.person].ward, ended), stage.at_work(ended)
    stage.book.note("closed", at, state.person, worker, reason=reason, whose=whose_failure(reason))
    if reason == "died_or_missing":
        stage.book.silent[state.person] = at
    return Course(ended, reason, state.held)
