"""Who reads a report, and what they need besides: all numbers in one table, and what would have come without us.

A template is an order of sections. Each audience gets the same truth; none gets improvement without deterioration,
nor a number without those who were missed.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kinweave.learn.report_blocks import plain, text
from kinweave.learn.report_numbers import TEN, View
from kinweave.measures.disclosure import Cell

if TYPE_CHECKING:
    from kinweave.learn.report import Told

COMMUNITY: Final = "community"
# Sections by name, in their order; `report` knows how each is made.
TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    COMMUNITY: (
        "lead",
        "reading",
        "time",
        "lasting",
        "groups",
        "more",
        "missed",
        "owed",
        "promised",
        "wrong",
        "counted",
    ),
    "board": (
        "lead",
        "reading",
        "owed",
        "promised",
        "usual",
        "groups",
        "more",
        "missed",
        "time",
        "lasting",
        "wrong",
        "counted",
    ),
    "funder": (
        "lead",
        "usual",
        "measures",
        "time",
        "year",
        "lasting-whole",
        "groups",
        "gaps",
        "more",
        "missed",
        "owed",
        "promised",
        "reading",
        "wrong",
        "counted",
    ),
    "ministry": (
        "measures",
        "lead",
        "usual",
        "groups",
        "gaps",
        "time",
        "year",
        "lasting-whole",
        "more",
        "missed",
        "owed",
        "promised",
        "reading",
        "wrong",
        "counted",
    ),
}
# The part of a table that its line shows, with the one that must stand beside it; of bands, where `About.worst` does
# not know better.
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "better-and-worse": ("better", "worse"), "unmet-need": ("unmet",), "re-entry": ("came_back",),
    "support": ("band_1",), "caregivers-load": ("band_3",), "reach": ("reached",),
    "alerts-answered": ("late", "done"), "own-goals": ("goal_reached", "no_goal"),
    "wellbeing": ("better", "worse"), "loneliness": ("band_1",), "circles": ("joined",),
    "symptom-change": (), "sessions-held": (), "continuity": (), "unpaid-hours": (),
}  # fmt: skip
Z95: Final = 1.959963984540054


@dataclass(frozen=True)
class Study:
    """People of a published study under usual care: `people`, points at the start and later, where it is from."""

    name: str
    people: int
    start: float
    later: float
    source: str


@cache
def _studies() -> tuple[Mapping[str, Any], ...]:
    text = (Path(__file__).parent / "usual_care.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["study"])


def usual_care(instrument: str, scale: str) -> tuple[Study, ...]:
    """What is known of people asked with this questionnaire under usual care; empty where nothing is."""
    fields = ("name", "people", "start", "later", "source")
    wanted = (one for one in _studies() if (one["instrument"], one["scale"]) == (instrument, scale))
    return tuple(Study(*(one[f] for f in fields)) for one in wanted)


def usual(told: Told) -> dict[str, Any] | None:
    """Change under usual care elsewhere beside the change here. Says so where nothing was published."""
    say, asked = told.words.say, told.about.asked
    title = {"id": "usual", "title": say("title.usual")}
    studies = usual_care(asked.get("instrument", ""), asked.get("scale", "")) if asked else ()
    if not studies:
        return {**title, "blocks": [text(say("usual.none")), text(say("usual.so"), kind="strong")]}
    rows = [[one.name, told.words.digits(one.people), plain(one.start), plain(one.later),
             plain(one.start - one.later)] for one in studies]  # fmt: skip
    falls = sorted(one.start - one.later for one in studies)
    said = say("usual.elsewhere", low=plain(falls[0]), high=plain(falls[-1]))
    view = told.view("symptom-change")
    cell = view.cell(told.about.period) if view else None
    if view is not None and cell is not None and cell.mean is not None:
        fell = -cell.mean
        n = view.part(told.about.period, "measured")
        rows.append([say("usual.here"), told.words.digits(n) if n else "–", "–", "–", plain(fell)])
        said += " " + say("usual.ours" if fell >= 0 else "usual.ours_rose", points=plain(abs(fell)))
    table = {"kind": "table", "caption": say("usual.caption"), "columns": told.words.texts["usual"]["columns"],
             "rows": rows, "note": say("usual.note")}  # fmt: skip
    sources = [{"kind": "small", "text": f"{one.name}: {one.source}.", "language": "en", "direction": "ltr"}
               for one in studies]  # fmt: skip
    return {**title, "blocks": [text(said), text(say("usual.so"), kind="strong"), table, *sources]}


def measures(told: Told) -> dict[str, Any]:
    """Every indicator in one table: its number, the reach of chance, whom it stands on, who was missed."""
    say, words = told.words.say, told.words
    hidden = say("measures.hidden")
    rows = [row for name in told.tables if name in SHOWN for row in _lines(told, name)]
    table = {"kind": "table", "caption": say("measures.caption"), "columns": words.texts["measures"]["columns"],
             "rows": [[hidden if cell is None else cell for cell in row] for row in rows],
             "note": say("measures.note")}  # fmt: skip
    return {"id": "measures", "title": say("title.measures"), "blocks": [table]}


def _lines(told: Told, name: str) -> list[list[str | None]]:
    view = told.view(name)
    if view is None:
        return []
    cell, say = view.cell(told.about.period), told.words.say
    people = None if cell is None or cell.n is None else say("missed.about", n=told.words.digits(cell.n))
    missed = _missed(told, view)
    if not SHOWN[name]:
        value, reach = _mean(told, view, cell)
        return [[say(f"measures.{_key(name)}"), value, reach, people, missed]]
    parts = {part: told.about.worst.get(name, part) for part in SHOWN[name]}
    return [[say(f"measures.{_key(name, part)}"), *_share(told, view, found), people, missed]
            for part, found in parts.items()]  # fmt: skip


def _key(*names: str) -> str:
    return "_".join(names).replace("-", "_")


def _missed(told: Told, view: View) -> str | None:
    if "missed" not in view.table.parts:
        return "–"
    count = view.part(told.about.period, "missed")
    return None if count is None else told.words.say("missed.about", n=told.words.digits(count))


def _share(told: Told, view: View, part: str) -> tuple[str | None, str | None]:
    one = view.share(told.about.period, part)
    if one is None:
        return None, None
    # A rate is of 1,000 inhabitants, everything else of ten people.
    times = 1000 / TEN if view.table.kind == "rate" else 1.0
    reach = told.words.say("groups.range", low=plain(one.low * times), high=plain(one.high * times))
    return plain(one.value * times), reach


def _mean(told: Told, view: View, cell: Cell | None) -> tuple[str | None, str | None]:
    """The mean and its 95 % interval from the shown spread and the shown number of people."""
    if cell is None or cell.mean is None:
        return None, None
    n = cell.parts[view.table.parts.index("measured")]
    if cell.spread is None or not n:
        return plain(cell.mean), None
    half = Z95 * cell.spread / math.sqrt(n)
    reach = told.words.say("groups.range", low=plain(cell.mean - half), high=plain(cell.mean + half))
    return plain(cell.mean), reach
