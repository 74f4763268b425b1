"""What a person decided about a file: which column is what, and what holds for every row of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinweave.core.problems import Problem
from kinweave.core.sheets import problems
from kinweave.core.sheets.columns import suggest_columns
from kinweave.core.sheets.people import FIELDS
from kinweave.core.sheets.table import Table

PURPOSES = ("care", "statistics", "research")
PHONES = ("none", "any", "call", "message")
OWN_NAMES = ("places", "teams", "workers")
OWN_WORDS = ("gender", "language", "yes_no")


class ConsentNotSaid(Problem):
    status, code = 422, "consent-not-said"
    says = "Nothing says whether these people agreed before."
    remedy = "Name the column that says it, or answer for the whole file: yes, no, or not asked."


@dataclass(frozen=True)
class PeoplePlan:
    """`columns`: heading → field. `consent`: purpose → "yes", "no" or "not-asked" for rows whose own cell is silent.

    `phones`: what may be done with numbers nobody has asked about; `names`: {"places": {word: name or code}},
    also for teams and workers; `words`: {"gender": {word: code}}. `place`, `team`, `worker`, `programme`: names
    for rows that say none. `aside_alike`: rows that sound like someone here wait for a person.
    """

    columns: Mapping[str, str] = field(default_factory=dict, repr=False)
    organisation: str = ""
    programme: str = ""
    place: str = ""
    team: str = ""
    worker: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)
    phones: str = "none"
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    day_first: bool | None = None
    sheet: int | None = None
    aside_alike: bool = False

    def check(self) -> None:
        """Raises MapWrong where it cannot be used, ConsentNotSaid where nothing tells of prior consent."""
        if set(self.consent) - set(PURPOSES) or set(self.consent.values()) - {"yes", "no", "not-asked"}:
            raise problems.MapWrong(reason="consent is yes, no or not-asked, for care, statistics and research")
        if self.phones not in PHONES:
            raise problems.MapWrong(reason="phones may be none, any, call or message")
        if "consent_care" not in self.columns.values() and "care" not in self.consent:
            raise ConsentNotSaid()


@dataclass(frozen=True)
class ResponsePlan:
    """`map_text`: the map as TOML (docs/importing.md). `language`: of rows that do not say theirs."""

    instrument: str
    map_text: str = field(default="", repr=False)
    organisation: str = ""
    language: str = ""
    day_first: bool | None = None
    sheet: int | None = None


def suggested(table: Table) -> dict[str, str]:
    """Heading → field as suggested, for a run without a map."""
    return {s.column: s.field for s in suggest_columns(table) if s.field}


def read_people_map(source: Path | bytes) -> dict[str, Any]:
    """A people map file as arguments of PeoplePlan. Errors: FileMissing, MapWrong.

    organisation, programme, place, team, worker, phones, day_first, sheet, aside_alike; tables [columns] field =
    "heading", [consent] purpose = "yes|no|not-asked", [places] [teams] [workers] word = "name here",
    [words.gender] word = "woman".
    """
    try:
        text = source.read_bytes() if isinstance(source, Path) else source
        told = tomllib.loads(text.decode("utf-8-sig"))
    except OSError:
        raise problems.FileMissing from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError):
        raise problems.MapWrong(reason="it is not a TOML file") from None
    plain = {"organisation": str, "programme": str, "place": str, "team": str, "worker": str, "phones": str,
             "day_first": bool, "sheet": int, "aside_alike": bool}  # fmt: skip
    if set(told) - set(plain) - {"columns", "consent", "words", *OWN_NAMES}:
        raise problems.MapWrong(reason="it has a part that Kinweave does not know")
    if any(name in told and type(told[name]) is not kind for name, kind in plain.items()):
        raise problems.MapWrong(reason="a value has the wrong type")
    columns = _texts(told, "columns")
    if set(columns) - set(FIELDS):
        raise problems.MapWrong(reason="it names a field that Kinweave does not have")
    words = told.get("words", {})
    if not isinstance(words, dict) or set(words) - set(OWN_WORDS):
        raise problems.MapWrong(reason="words may be given for gender, language and yes_no")
    return {
        **{name: told[name] for name in plain if name in told},
        "columns": {heading: name for name, heading in columns.items()},
        "consent": _texts(told, "consent"),
        "names": {part: _texts(told, part) for part in OWN_NAMES if part in told},
        "words": {part: _texts(words, part) for part in words},
    }


def _texts(told: Mapping[str, Any], part: str) -> dict[str, str]:
    found = told.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise problems.MapWrong(reason=f"{part} must hold words in quotes")
    return found
