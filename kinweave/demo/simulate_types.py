"""What an invented community is made of: frozen records, plain values, nothing from a database.

Indices are positions in the tuples of `Community`: a person index points into `people`, a worker
index into `team`, a ward index into `wards`. Months count from 0 at `start`; month 24 is the first
month without funding when `funding_ends_month` is 24.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

Pattern = Literal["fades", "holds", "grows", "never"]
PATTERNS: tuple[Pattern, ...] = ("fades", "holds", "grows", "never")
ClinicSize = Literal["small", "medium", "large"]
Precision = Literal["minute", "day"]

TIME_ZONE = "Etc/GMT-3"
"""The IANA name of the invented programme's time zone (UTC+3; the sign in the name is POSIX's)."""
ZONE = timezone(timedelta(hours=3))
DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class District:
    name: str


@dataclass(frozen=True, slots=True)
class Ward:
    """A place people live in. `populations`: (year, inhabitants); `groups`: shares of them, summing to 1.

    `programme` False: next door, where the programme does not work yet. People there are asked as well, sent on to
    the health post and asked again, so that there is something to compare with.
    """

    name: str
    clinic: ClinicSize
    clinic_name: str
    distance_km: float
    populations: tuple[tuple[int, int], ...]
    groups: tuple[tuple[str, float], ...]
    programme: bool = True


@dataclass(frozen=True, slots=True)
class Dimension:
    """A grouping the programme defined itself. `choices`: (code, words)."""

    code: str
    words: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    name: str
    role: Literal["lead", "partner"]


@dataclass(frozen=True, slots=True)
class Member:
    """Someone on the team. `ward` None: serves the whole district; `left` None: still there."""

    name: str
    role: Literal["worker", "supervisor", "coordinator", "evaluator"]
    gender: str
    languages: tuple[str, ...]
    ward: int | None
    organisation: int
    joined: date
    left: date | None
    paid: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An inhabitant who meets the programme, or a supporter of one. All of it is invented.

    `washington`: domain -> level 1 (no difficulty) to 4 (cannot do at all), or "declined"; `gender`: woman,
    man, other or declined; `birth_year` None: not said; `group`: a choice code of the community's dimension.
    """

    alias: str
    name: str
    script: str
    gender: str
    birth_year: int | None
    languages: tuple[str, ...]
    ward: int
    distance_km: float
    group: str
    washington: Mapping[str, int | str]
    contact: Literal["phone", "visit", "through", "none"]
    supporter: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `precision` "day" means `at` is a date: nobody noted the hour.

    `person` is None for what happens to a circle or a register; `worker` None when nobody of the team
    was there. `payload` holds plain JSON values, and dates and datetimes.
    """

    kind: str
    at: datetime | date
    precision: Precision
    person: int | None
    worker: int | None
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Circle:
    ward: int
    name: str
    opened: date


@dataclass(frozen=True, slots=True)
class Truth:
    """What the simulation knows and no programme ever would. For tests and teaching; never loaded.

    `benefit`: per month, the programme's full benefit in latent units (SD of the trait among those
    who are not at the floor). `copied`: indices into `events` of responses that are copies of
    another person's row. `ward_effects`: latent shift of each ward.
    """

    benefit: tuple[float, ...]
    copied: tuple[int, ...]
    ward_effects: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Community:
    pattern: Pattern
    seed: int
    start: date
    months: int
    funding_ends_month: int
    time_zone: str
    district: District
    dimension: Dimension
    wards: tuple[Ward, ...]
    organisations: tuple[Organisation, ...]
    team: tuple[Member, ...]
    people: tuple[Person, ...]
    circles: tuple[Circle, ...]
    events: tuple[Event, ...]
    truth: Truth
    invented: bool = True

    def fingerprint(self) -> str:
        """SHA-256 of every value in order: equal seeds give equal fingerprints, on any machine."""
        digest = hashlib.sha256()
        _feed(digest, self)
        return digest.hexdigest()


def _feed(digest: hashlib._Hash, value: object) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key in sorted(value):
            digest.update(f"{key}=".encode())
            _feed(digest, value[key])
    elif isinstance(value, (tuple, list)):
        digest.update(b"(")
        for part in value:
            _feed(digest, part)
        digest.update(b")")
    else:
        digest.update(f"{value!r};".encode())


def first_of_month(start: date, month: int) -> date:
    """The date `month` months after `start` (which is the first of a month)."""
    years, index = divmod(start.month - 1 + month, 12)
    return date(start.year + years, index + 1, 1)
