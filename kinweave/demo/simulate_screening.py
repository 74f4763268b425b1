"""Asking: a form filled in, what an alarming answer sets off, and the measurements around care."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_answers import Answer, alarming, answer, broken_off, points_of, total, written
from kinweave.demo.simulate_book import DAYS_PER_MONTH, Stage
from kinweave.demo.simulate_risk import open_risk

EXTRA = (("gad-7", 0.40), ("osss-3", 0.50))
"""Asked together with the main form of some people, always the same people (shares ours)."""


def ask(
    stage: Stage,
    slug: str,
    person: int,
    worker: int,
    at: datetime,
    trait: float,
    occasion: str,
    whole: bool = False,
) -> dict[str, Answer]:
    """One questionnaire at `at`: the response, and the risk it opens when the safety item was not "never".

    `whole`: never broken off (an entry screening decides what happens next).
    """
    rng, sheet = stage.rng, stage.form(slug)
    answers = written(sheet, answer(sheet, trait, rng), rng)
    if not whole and stage.chance(rates.FORM_UNFINISHED):
        answers = broken_off(sheet, answers, rng)
    wanted = stage.people[person].languages[0]
    language = wanted if wanted in sheet.languages else "en"
    mode = "paper" if stage.chance(rates.ON_PAPER) else "screen"
    stage.book.note(
        "response",
        at,
        person,
        worker,
        instrument=slug,
        language=language,
        answers=answers,
        mode=mode,
        occasion=occasion,
    )
    if alarming(sheet, answers):
        open_risk(stage, person, worker, at + timedelta(minutes=1), "answer", instrument=slug)
    return answers


def extras(
    stage: Stage, person: int, worker: int, at: datetime, trait: float, occasion: str, asked: frozenset[str]
) -> None:
    """The further forms of those who get them; support (OSSS-3) runs weakly against distress."""
    for n, (slug, _) in enumerate(EXTRA):
        if slug in asked:
            own = -0.4 * trait if slug == "osss-3" else trait
            later, felt = at + timedelta(minutes=6 * (n + 1)), own + 0.4 * float(stage.rng.normal())
            ask(stage, slug, person, worker, later, felt, occasion)


def entry(
    stage: Stage, person: int, worker: int, at: datetime, trait: float
) -> tuple[str, datetime, int, frozenset[str]]:
    """Screening at entry: (below | eligible | red_flag, when it was known, points, further forms asked).

    A form with gaps has no score: unless the answers it has already decide, it is asked again a week later.
    """
    if stage.chance(0.25):
        ask(stage, "phq-4", person, worker, at - timedelta(minutes=10), trait, "entry", whole=True)
    sheet = stage.form("phq-9")
    answers = ask(stage, "phq-9", person, worker, at, trait, "entry", whole=True)
    asked = frozenset(slug for slug, share in EXTRA if stage.chance(share))
    extras(stage, person, worker, at, trait, "entry", asked)
    while not alarming(sheet, answers) and total(sheet, answers) is None:
        if sum(points_of(sheet, answers)) >= rates.CUT_OFF:
            break
        at = stage.at_work(stage.day_of(at.date()) + 7)
        answers = ask(stage, "phq-9", person, worker, at, trait, "entry", whole=True)
    points = sum(points_of(sheet, answers))
    if alarming(sheet, answers):
        return "red_flag", at, points, asked
    return ("eligible" if points >= rates.CUT_OFF else "below"), at, points, asked


def untreated(stage: Stage, gain: float, months: float) -> float:
    """How much better someone is `months` after entry without any help: most of it comes early."""
    return gain * (1 - math.exp(-months / rates.SPONTANEOUS_MONTHS))


def gain_of_time(stage: Stage) -> float:
    """One person's untreated improvement in the long run, skewed: few get worse, some become wholly well."""
    mean, spread = rates.SPONTANEOUS, rates.SPONTANEOUS_SPREAD
    return float(stage.rng.gamma((mean / spread) ** 2, spread**2 / mean)) - 0.1


def follow_up(
    stage: Stage, person: int, home: int, began: float, trait: float, gain: float, sessions: int,
    closed: tuple[float, str], asked: frozenset[str], helped: bool = True,
) -> None:  # fmt: skip
    """The measurements at 3, 6, 12 and 24 months, missing more often for the worse off and the far away.

    `began`, `closed[0]`: days; `closed[1]`: the reason. Nobody is asked after she died or went missing.
    `helped` False: where the programme does not work; the occasions are then called `next_door_3` and so on.
    """
    someone = stage.people[person]
    reply = float(stage.rng.gamma(6.0, 1 / 6.0))  # how much this person takes from the programme, mean 1
    dose = 0.55 + 0.15 * min(sessions, rates.CIRCLE_AFTER)
    for month, missing in rates.FOLLOW_UP:
        day = began + month * DAYS_PER_MONTH + float(stage.rng.uniform(-7, 14))
        full = rates.benefit(stage.pattern, stage.month(day), stage.ends)
        benefit = full * dose * reply * (1 - math.exp(-month / 1.5)) if helped else 0.0
        now = trait - untreated(stage, gain, month) - benefit + 0.4 * float(stage.rng.normal())
        odds = math.log(missing / (1 - missing)) + rates.MISSING_PER_SEVERITY * (now - rates.TYPICAL_TRAIT)
        odds += rates.MISSING_PER_KM * (someone.distance_km - rates.TYPICAL_KM) + _gone(day, closed)
        if stage.chance(1 / (1 + math.exp(-odds))):
            continue
        worker, at = stage.met_by(home, someone.ward, day), stage.at_work(day)
        occasion = f"{'month' if helped else 'next_door'}_{month}"
        ask(stage, "phq-9", person, worker, at, now, occasion)
        extras(stage, person, worker, at, now, occasion, asked)


def _gone(day: float, closed: tuple[float, str]) -> float:
    """Added log-odds of not being found after closure, by its reason (ours; certain after a death)."""
    if day < closed[0]:
        return 0.0
    return rates.NOT_FOUND.get(closed[1], 0.0)
