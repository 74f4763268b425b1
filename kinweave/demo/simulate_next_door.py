"""Next door the programme does not work yet: people are asked, sent on to the health post, and asked again.

Without them nobody could say what would have come anyway, nor what is gone once the money has ended. Alarming answers
are answered there as everywhere. Their chance is drawn from a stream of its own, so that the community beside them is
the same with and without them.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from kinweave.core.pathway import whose_failure
from kinweave.demo import names
from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import arrivals_in, make_person
from kinweave.demo.simulate_screening import entry, follow_up, gain_of_time
from kinweave.demo.simulate_supporters import facts
from kinweave.demo.simulate_types import Ward
from kinweave.demo.simulate_walk import agree, meet


def next_door(wards: tuple[Ward, ...], rng: np.random.Generator) -> tuple[Ward, ...]:
    """As many wards as the programme has, each about `rates.NEXT_DOOR` as large as its neighbour."""
    found = []
    for name, ward in zip(names.WARDS_NEXT_DOOR, wards, strict=False):
        yearly = tuple((year, round(people * rates.NEXT_DOOR)) for year, people in ward.populations)
        far = round(float(rng.gamma(2.0, 1.2)), 1)
        clinic = f"{name.removesuffix(' Ward')} health post"
        found.append(Ward(name, ward.clinic, clinic, far, yearly, ward.groups, programme=False))
    return tuple(found)


def ask_next_door(stage: Stage, women: float) -> None:
    """Everyone who is met there, all through the months at the same pace."""
    for index, ward in enumerate(stage.wards):
        if ward.programme:
            continue
        for arrival in arrivals_in(index, ward, rates.NEXT_DOOR_REACH, stage.effects[index], stage.months, stage.rng):
            person = len(stage.people)
            year = stage.at_work(arrival.day).year
            stage.people.append(make_person(arrival, stage.alias(person), women, ward, year, stage.rng))
            _walk(stage, person, arrival.day, arrival.trait)


def _walk(stage: Stage, person: int, day: float, trait: float) -> None:
    """Asked on a day of asking; below the line told so, else sent on, and asked again months later."""
    someone, book = stage.people[person], stage.book
    worker = stage.anyone_in(someone.ward, day)
    at = meet(stage, person, worker, stage.at_work(day), "screening_day") + timedelta(minutes=10)
    if not agree(stage, person, worker, at):
        return
    book.note("registered", at + timedelta(minutes=5), person, worker, **facts(someone))
    result, known, _, asked = entry(stage, person, worker, at + timedelta(minutes=30), trait)
    told = known + timedelta(minutes=15)
    book.note("screen_result", told, person, worker, result=result, instrument="phq-9")
    if result == "below":
        return
    reason = "referred"
    book.note("closed", told + timedelta(minutes=1), person, worker, reason=reason, whose=whose_failure(reason))
    gain, shut = gain_of_time(stage), (stage.day_of(told.date()), reason)
    follow_up(stage, person, worker, day, trait, gain, 0, shut, asked, helped=False)
