"""Is it the same for all? Combinations of groups, from their safe table alone: how far apart, and for whom it is worst.

Nothing but shown, rounded numbers comes in. What stayed hidden is counted and named beside every answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kinweave.core.problems import Problem
from kinweave.learn.rollup import ALL
from kinweave.learn.strata import NAME
from kinweave.measures.disclosure import Cell, SafeTable
from kinweave.measures.disclosure_keys import CROSS
from kinweave.measures.disclosure_noise import NoisyTable
from kinweave.measures.gaps import FEWEST, Gaps, fit_gaps
from kinweave.measures.refusals import TooFew

ABOUT: Final = ("better", "worse", "missed")  # never one of the first two without the other
MEASURED, STARTED = "measured", "started"
NOTHING: Final = 1e-4  # a variance below it (log odds²) is none; ours
Found = dict[str, Any]


def gaps_of(table: SafeTable | NoisyTable) -> list[Found]:
    """One answer for each place, year and question of the table; where none can be given, the reason."""
    if table.name != NAME:
        raise ValueError("gaps are worked out from the table of combinations")
    grouped: dict[tuple[int, int], list[Cell]] = {}
    whole: dict[tuple[int, int], int | None] = {}
    for cell in table.cells:
        at = (cell.place, cell.period)
        if CROSS in cell.dimension:
            grouped.setdefault(at, []).append(cell)
        elif cell.dimension == ALL:
            whole[at] = cell.n
    return [_gap(table.parts, at, cells, whole.get(at), about)
            for at, cells in sorted(grouped.items()) for about in ABOUT]  # fmt: skip


def _gap(parts: tuple[str, ...], at: tuple[int, int], cells: list[Cell], n: int | None, about: str) -> Found:
    """Among those who were measured, where enough combinations show that; else among all who started."""
    of = STARTED
    rows = _rows(parts, cells, about, STARTED)
    if about != "missed":
        measured = _rows(parts, cells, about, MEASURED)
        if len(measured) >= min(FEWEST, len(rows)):
            of, rows = MEASURED, measured
    used = sum(row["started"] for row in rows)
    some = sum(cell.n != 0 for cell in cells)
    hidden = some - len(rows)
    found: Found = {
        "topic": "gaps", "about": about, "place": at[0], "period": at[1], "of": of, "n": n,
        "left": {"strata": hidden, "of": some, "people": max((n or used) - used, 0) if hidden else 0},
        "columns": cells[0].dimension.split(CROSS),
    }  # fmt: skip
    try:
        return {**found, "state": "found", **_told(_fit(rows, found["columns"]))}
    except TooFew as few:
        return {**found, "state": "too-few", "seen": few.facts["found"], "needed": few.facts["needed"]}
    except Problem as problem:
        return {**found, "state": "cannot", "why": problem.code}


def _rows(parts: tuple[str, ...], cells: list[Cell], about: str, of: str) -> list[dict[str, Any]]:
    """The combinations of which everything that is asked is shown."""
    made = []
    for cell in cells:
        shown = dict(zip(parts, cell.parts, strict=True))
        events, missed = shown[about], shown["missed"]
        if not cell.n or events is None or (of == MEASURED and missed is None):
            continue
        people = cell.n - (missed or 0) if of == MEASURED else cell.n
        if people > 0:
            made.append({"group": cell.group, "events": min(events, people), "people": people, "started": cell.n})
    return made


def _fit(rows: list[dict[str, Any]], columns: list[str]) -> Gaps:
    if len(rows) < FEWEST:
        raise TooFew(what="strata", found=len(rows), needed=FEWEST)
    names = [row["group"].split(CROSS) for row in rows]
    data: dict[str, list[Any]] = {c: [name[i] for name in names] for i, c in enumerate(columns)}
    data |= {"events": [row["events"] for row in rows], "people": [row["people"] for row in rows]}
    asked: dict[str, Any] = {"strata": columns, "outcome": "events", "n": "people"}
    try:
        return fit_gaps(data, **asked)
    except TooFew:
        raise
    except Problem:
        # Where one group has all or nobody, the sum of the parts cannot be told; the combinations still can.
        return fit_gaps(data, **asked, main_effects=False)


def _told(gaps: Gaps) -> Mapping[str, Any]:
    """Of ten people, one decimal; combinations in the order of their names, never by rank."""
    vpc, mor = gaps["VPC"], gaps["MOR"]
    return {
        "vpc": [round(100 * (x or 0.0), 1) for x in (vpc.value, vpc.low, vpc.high)],
        "mor": [round(x or 0.0, 2) for x in (mor.value, mor.low, mor.high)],
        "beyond_chance": (gaps["variance between strata"].low or 0.0) > NOTHING,
        "pattern": gaps.pattern,
        "rows": [
            {"group": list(s.names), "n": s.n, "value": round(10 * s.value, 1), "low": round(10 * s.low, 1),
             "high": round(10 * s.high, 1), "crude": round(10 * s.crude, 1),
             "additive": None if s.additive is None else round(10 * s.additive, 1)}
            for s in sorted(gaps.strata, key=lambda s: s.names)
        ],
        "method": gaps.method, "citation": gaps.citation,
    }  # fmt: skip
