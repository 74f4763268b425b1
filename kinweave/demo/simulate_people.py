"""The stage and its people: wards, organisations, the team, and inhabitants as they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kinweave.demo import names
from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_answers import (
    FLOOR_SHARE,
    FLOOR_SPREAD,
    FLOOR_TRAIT,
    TRAIT_MEAN,
    TRAIT_SPREAD,
)
from kinweave.demo.simulate_types import DAYS_PER_MONTH, Member, Organisation, Pattern, Person, Ward, first_of_month

LANGUAGES: dict[str, tuple[str, ...]] = {
    "Latn": ("en", "sw"), "Latn-marks": ("yo", "en"), "Arab": ("ar",), "Ethi": ("am", "en"),
    "Deva": ("hi", "en"), "Cyrl": ("uk", "en"), "Hans": ("zh", "en"),
}  # fmt: skip
WASHINGTON = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
_ADULT, _ELDER = 18, 84
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrival:
    """When (days since start) someone meets the programme, where, and how she is (latent trait)."""

    day: float
    ward: int
    group: str
    trait: float


def choose(rng: np.random.Generator, shares: dict[T, float]) -> T:
    """One key, with chances in proportion to the values."""
    draw, keys = rng.random() * sum(shares.values()), list(shares)
    for key in keys:
        draw -= shares[key]
        if draw < 0:
            return key
    return keys[-1]


def make_wards(
    pattern: Pattern, inhabitants: int, start: date, months: int, rng: np.random.Generator
) -> tuple[Ward, ...]:
    """Three to five wards whose first-year populations add up to `inhabitants`; yearly growth about 2 %."""
    sizes = rates.WARD_SIZES[int(rng.integers(3, 6))]
    weights = np.array([rates.WARD_WEIGHT[s] for s in sizes]) * rng.uniform(0.85, 1.15, len(sizes))
    heads = np.floor(inhabitants * weights / weights.sum()).astype(int)
    heads[0] += inhabitants - int(heads.sum())
    years = range(start.year, first_of_month(start, months).year + 1)
    wards = []
    for name, size, first in zip(names.WARDS[pattern], sizes, heads, strict=False):
        growth = float(rng.uniform(1.01, 1.03))
        yearly = tuple((year, round(int(first) * growth ** (year - start.year))) for year in years)
        far = round(float(rng.gamma(2.0, 1.2)), 1)
        wards.append(Ward(name, size, f"{name.removesuffix(' Ward')} clinic", far, yearly, rates.GROUPS))
    return tuple(wards)


def make_organisations(count: int) -> tuple[Organisation, ...]:
    """One or two: who leads, and perhaps a partner whose workers share the site."""
    lead, partner = names.ORGANISATIONS
    return (Organisation(lead, "lead"), Organisation(partner, "partner"))[:count]


def make_team(
    pattern: Pattern,
    wards: tuple[Ward, ...],
    orgs: int,
    start: date,
    months: int,
    ends: int,
    rng: np.random.Generator,
) -> tuple[Member, ...]:
    """Ten lay workers (at least one a ward), two supervisors, a coordinator, an evaluator, in this order."""
    roles = ["worker"] * 10 + ["supervisor"] * 2 + ["coordinator", "evaluator"]
    team: list[Member] = []
    for i, role in enumerate(roles):
        gender = names.FEMALE if rng.random() < 0.75 else names.MALE
        script = "Arab" if i in (1, 5, 11) else "Latn"
        spoken = ("ar", "en") if script == "Arab" else ("en", "sw")
        left = _leaves(pattern, start, months, ends, rng) if role == "worker" and i >= len(wards) else None
        joined = start - timedelta(days=int(rng.integers(20, 60)))
        place = i % len(wards) if role == "worker" else None
        name = person_name(script, gender, rng)
        team.append(Member(name, role, gender, spoken, place, i % orgs, joined, left, role != "worker"))  # type: ignore[arg-type]
    return tuple(team)


def _leaves(pattern: Pattern, start: date, months: int, ends: int, rng: np.random.Generator) -> date | None:
    """When a worker goes, if within the months: rarely at first, more often once the money has stopped."""
    for month in range(3, months):
        yearly = rates.AFTER_FUNDING[pattern][2] if month >= ends else rates.WORKER_LEAVES_PER_YEAR
        if rng.random() < yearly / 12:
            return first_of_month(start, month) + timedelta(days=int(rng.integers(0, 27)))
    return None


def person_name(script: str, gender: str, rng: np.random.Generator) -> str:
    """A given name and a thing: invented, see `names`."""
    given = names.GIVEN[script][gender]
    by = names.BYNAMES[script]
    return f"{given[int(rng.integers(len(given)))]} {by[int(rng.integers(len(by)))]}"


def make_arrivals(
    pattern: Pattern,
    wards: tuple[Ward, ...],
    effects: NDArray[np.float64],
    months: int,
    ends: int,
    rng: np.random.Generator,
) -> list[Arrival]:
    """Everyone who meets the programme, by day: reach by clinic size, slow start, intake after funding."""
    begins = np.minimum(1.0, 0.3 + 0.15 * np.arange(months))  # a programme is not full in its first months (ours)
    intake = begins * np.where(np.arange(months) < ends, 1.0, rates.AFTER_FUNDING[pattern][0])
    full = float(begins.sum())
    found: list[Arrival] = []
    for index, ward in enumerate(wards):
        reach = rates.REACH[ward.clinic] * float(intake.sum()) / full
        found += _arrivals(index, ward, reach, float(effects[index]), intake, rng)
    return sorted(found, key=lambda a: a.day)


def arrivals_in(
    index: int, ward: Ward, reach: float, effect: float, months: int, rng: np.random.Generator
) -> list[Arrival]:
    """Everyone who is met in one ward at an even pace, by day."""
    return sorted(_arrivals(index, ward, reach, effect, np.ones(months), rng), key=lambda a: a.day)


def _arrivals(
    index: int, ward: Ward, reach: float, effect: float, intake: NDArray[np.float64], rng: np.random.Generator
) -> list[Arrival]:
    """By group; `reach`: share of the inhabitants met, `intake`: how many in each month, relative."""
    found: list[Arrival] = []
    people, months = ward.populations[0][1], len(intake)
    for group, share in ward.groups:
        fair = rates.SMALL_GROUP_REACH if group == rates.SMALL_GROUP else 1.0
        n = int(rng.binomial(round(people * share), min(0.95, reach * fair)))
        month = rng.choice(months, size=n, p=intake / intake.sum()) if n else np.zeros(0, int)
        days = (month + rng.random(n)) * DAYS_PER_MONTH
        floor = rng.random(n) < FLOOR_SHARE
        well = FLOOR_TRAIT + FLOOR_SPREAD * rng.standard_normal(n)
        unwell = TRAIT_MEAN + TRAIT_SPREAD * rng.standard_normal(n) + effect
        traits = np.where(floor, well, unwell)
        found += [Arrival(float(d), index, group, float(t)) for d, t in zip(days, traits, strict=True)]
    return found


def make_person(arrival: Arrival, alias: str, women: float, ward: Ward, year: int, rng: np.random.Generator) -> Person:
    """One inhabitant. `women`: share of women in this community; `year`: when she is met."""
    gender = names.FEMALE if rng.random() < women else names.MALE
    script = choose(rng, names.SCRIPT_SHARES)
    name = person_name(script, gender, rng)
    unsaid = {"other": rates.GENDER_OTHER, "declined": rates.GENDER_UNSAID}
    gender = choose(rng, {gender: 1 - sum(unsaid.values()), **unsaid})
    age = int(min(_ELDER, _ADULT + rng.gamma(2.6, 8.0)))
    birth = None if rng.random() < rates.BIRTH_YEAR_UNSAID else year - age
    contact = choose(rng, {"phone": 0.58, "visit": 0.24, "through": 0.10, "none": 0.08})
    distance = round(ward.distance_km + float(rng.gamma(1.3, 1.1)), 1)
    functioning = washington(age, rng)
    return Person(
        alias, name, script, gender, birth, LANGUAGES[script], arrival.ward, distance, arrival.group,
        functioning, contact, False,  # type: ignore[arg-type]
    )  # fmt: skip


def washington(age: int, rng: np.random.Generator) -> dict[str, int | str]:
    """Six answers, 1 (no difficulty) to 4 (cannot do at all), harder with age; shares are ours."""
    some = 0.06 + 0.004 * max(0, age - 30)
    out: dict[str, int | str] = {}
    for code in WASHINGTON:
        draw = rng.random()
        level = 1 + int(draw < some) + int(draw < some * 0.22) + int(draw < some * 0.03)
        out[code] = "declined" if rng.random() < 0.005 else level
    return out
