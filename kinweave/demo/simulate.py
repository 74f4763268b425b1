"""Make one invented community: same pattern, seed and settings, same community, bit for bit.

The stream of events is in time order and follows the pathway (identified, consented, screened, waiting,
active, graduating, group, closed, re-entered), so that a strict state machine takes it as it comes.
Everything here is invented. `shape` tells a loader what each event holds.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import numpy as np

from kinweave.demo import names
from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_answers import instruments_root
from kinweave.demo.simulate_book import Book, Roster, Stage
from kinweave.demo.simulate_care import walk
from kinweave.demo.simulate_next_door import ask_next_door, next_door
from kinweave.demo.simulate_people import (
    make_arrivals,
    make_organisations,
    make_person,
    make_team,
    make_wards,
)
from kinweave.demo.simulate_traces import copy_rows, count_registers, fill_circles
from kinweave.demo.simulate_types import (
    PATTERNS,
    TIME_ZONE,
    ZONE,
    Circle,
    Community,
    Dimension,
    District,
    Event,
    Member,
    Organisation,
    Pattern,
    Person,
    Precision,
    Truth,
    Ward,
    first_of_month,
)

__all__ = [
    "PATTERNS", "Circle", "Community", "Dimension", "District", "Event", "Member", "Organisation", "Pattern",
    "Person", "Precision", "Truth", "Ward", "simulate",
]  # fmt: skip

START = date(2023, 11, 1)
DIMENSION = Dimension("household", "Kind of household", tuple(rates.GROUP_WORDS.items()))
NEXT_DOOR = 1  # names the stream of chance of the wards next door
WARD_SPREAD, SHOW_SPREAD = 0.15, 0.25  # site random effects: trait, log-odds of coming (ours)


def simulate(
    pattern: Pattern, seed: int, *, inhabitants: int = 5000, months: int = 36, start: date = START,
    funding_ends_month: int = 24, instruments: Path | None = None,
) -> Community:  # fmt: skip
    """One invented community.

    `start` must be the first of a month; `funding_ends_month` is the first month without money;
    `instruments` is the folder of questionnaires whose item codes are used (by default the one beside the
    package; questionnaires that are not there get numbered items).
    """
    if start.day != 1 or months < 1:
        raise ValueError("start must be the first of a month, and months at least 1")
    rng = np.random.default_rng([seed, PATTERNS.index(pattern)])
    beside = np.random.default_rng([seed, PATTERNS.index(pattern), NEXT_DOOR])
    stage = _stage(
        pattern, rng, beside, inhabitants, months, start, funding_ends_month, instruments or instruments_root()
    )
    women = float(rng.uniform(*rates.WOMEN))
    own = tuple(ward for ward in stage.wards if ward.programme)
    arrivals = make_arrivals(pattern, own, np.array(stage.effects[: len(own)]), months, funding_ends_month, rng)
    for arrival in arrivals:
        index, ward = len(stage.people), stage.wards[arrival.ward]
        year = stage.at_work(arrival.day).year
        stage.people.append(make_person(arrival, stage.alias(index), women, ward, year, rng))
        walk(stage, index, arrival)
    stage.rng = beside
    ask_next_door(stage, women)
    stage.rng = rng
    circles = fill_circles(stage)
    count_registers(stage)
    events = stage.book.in_order()
    copied = copy_rows(stage, events)
    made = make_organisations(len({m.organisation for m in stage.team}))
    return Community(
        pattern, seed, start, months, funding_ends_month, TIME_ZONE, District(names.DISTRICTS[pattern]),
        DIMENSION, stage.wards, made, stage.team, tuple(stage.people), circles, tuple(events),
        _truth(stage, copied),
    )  # fmt: skip


def _stage(
    pattern: Pattern,
    rng: np.random.Generator,
    beside: np.random.Generator,
    inhabitants: int,
    months: int,
    start: date,
    ends: int,
    root: Path,
) -> Stage:
    wards = make_wards(pattern, inhabitants, start, months, rng)
    team = make_team(pattern, wards, int(rng.integers(1, 3)), start, months, ends, rng)
    drawn = WARD_SPREAD * rng.standard_normal(len(wards))
    effects = tuple(float(e) for e in drawn - drawn.mean())
    shows = tuple(float(e) for e in SHOW_SPREAD * rng.standard_normal(len(wards)))
    wards += next_door(wards, beside)
    effects += tuple(float(e) for e in WARD_SPREAD * beside.standard_normal(len(wards) - len(effects)))
    aliases = tuple(names.ALIASES[int(i)] for i in rng.permutation(len(names.ALIASES)))
    book = Book(datetime.combine(first_of_month(start, months), time(), ZONE))
    roster = Roster([[] for _ in team])
    return Stage(pattern, start, months, ends, rng, root, wards, team, effects, shows, book, roster, aliases)


def _truth(stage: Stage, copied: tuple[int, ...]) -> Truth:
    shape = tuple(rates.benefit(stage.pattern, m + 0.5, stage.ends) for m in range(stage.months))
    return Truth(shape, copied, stage.effects)
