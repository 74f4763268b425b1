"""Ties to family and others; some are registered themselves, and some say how heavy the caring is."""

from __future__ import annotations

from datetime import datetime, timedelta

from kinweave.demo import names
from kinweave.demo.simulate_book import DAYS_PER_MONTH, Stage
from kinweave.demo.simulate_people import LANGUAGES, choose, person_name, washington
from kinweave.demo.simulate_screening import ask
from kinweave.demo.simulate_types import Person

RELATIONS: dict[str, float] = {
    "husband_or_wife": 0.24, "mother_or_father": 0.20, "daughter_or_son": 0.18, "sister_or_brother": 0.16,
    "grandparent": 0.06, "neighbour": 0.09, "friend": 0.07,
}  # fmt: skip
_HAS_ONE, _HAS_TWO, _REGISTERED, _CARES, _ANSWERS = 0.45, 0.12, 0.45, 0.75, 0.75  # all ours


def add_supporters(stage: Stage, person: int, worker: int, day: float) -> None:
    """None, one or two ties, noted on the day someone starts (before her first session)."""
    for share in (_HAS_ONE, _HAS_TWO):
        if stage.chance(share):
            _one(stage, person, worker, day - 1)


def _one(stage: Stage, person: int, worker: int, day: float) -> None:
    at = stage.at_work(max(0.0, day))
    relation, cares = choose(stage.rng, RELATIONS), stage.chance(_CARES)
    other = _register(stage, person, worker, at) if stage.chance(_REGISTERED) else None
    stage.book.note(
        "tie_added", at + timedelta(minutes=15), person, worker,
        other=other, relation=relation, same_household=stage.chance(0.6), cares=cares,
        may_be_told=stage.chance(0.7),
    )  # fmt: skip
    if other is not None and cares and stage.chance(_ANSWERS):
        load = 0.2 + 0.9 * float(stage.rng.normal())
        ask(stage, "bsfc-s", other, worker, at + timedelta(minutes=20), load, "entry")
        later = day + 6 * DAYS_PER_MONTH
        if stage.chance(0.6):
            by = stage.met_by(worker, stage.people[person].ward, later)
            ask(stage, "bsfc-s", other, by, stage.at_work(later), load - 0.25, "month_6")


def _register(stage: Stage, person: int, worker: int, at: datetime) -> int | None:
    """A supporter as a person in her own right, with her own consent. None when that lies after the end."""
    rng, cared = stage.rng, stage.people[person]
    if at >= stage.book.end:
        return None
    gender = names.FEMALE if stage.chance(0.72) else names.MALE  # unpaid care is mostly women's (ours)
    age = int(min(88, 20 + rng.gamma(3.0, 9.0)))
    index, script = len(stage.people), cared.script
    someone = Person(
        stage.alias(index), person_name(script, gender, rng), script, gender, at.year - age,
        LANGUAGES[script], cared.ward, cared.distance_km, cared.group, washington(age, rng), "visit", True,
    )  # fmt: skip
    stage.people.append(someone)
    stage.book.note("supporter_registered", at, index, worker, supports=person, **facts(someone))
    yes = ["care", "statistics"]
    stage.book.note("consent_given", at + timedelta(minutes=5), index, worker, purposes=yes, how="witnessed")
    return index


def facts(someone: Person) -> dict[str, object]:
    """What registration writes down: in the payload of `registered` and `supporter_registered`."""
    return {
        "alias": someone.alias, "name": someone.name, "script": someone.script, "gender": someone.gender,
        "birth_year": someone.birth_year, "languages": list(someone.languages), "ward": someone.ward,
        "group": someone.group, "washington": dict(someone.washington), "contact": someone.contact,
    }  # fmt: skip
