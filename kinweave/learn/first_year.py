"""Over the first year: repeated scores of those who started together, honest about those who stopped coming.

Two things stand side by side. The average of those who were reached, from safe tables. And a mixed model of everyone
with any score, from sums by visit pattern of which small patterns were withheld. How many people stand behind each is
taken from the safe tables only: the sums' own counts, beside the tables', would tell small groups apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.grid import upwards
from kinweave.learn.indicators import Indicator, InstrumentFacts, Parameters
from kinweave.learn.indicators.base import MEAN, MISSED, need_instrument, one, scores_of, shown, started
from kinweave.learn.jobs import Say
from kinweave.learn.lake import Lake
from kinweave.learn.release_tables import Basis
from kinweave.learn.report_audience import Z95
from kinweave.learn.rollup import ALL
from kinweave.learn.sums import NEAR, SumsUnclear, moments_of, near_scores
from kinweave.learn.tables import count
from kinweave.measures.disclosure import Cell, SafeTable, make_safe
from kinweave.measures.dropout import CITATION
from kinweave.measures.federation import withhold
from kinweave.measures.moments import Moments
from kinweave.measures.results import Estimate
from kinweave.measures.slopes import Slopes, fit_slopes

SPLIT: Final = "gender"
OF: Final = "symptom-change"  # the indicator whose questionnaire this is
Found = dict[str, Any]


def table_name(window: int) -> str:
    return f"score-at-{window}"


def indicator_at(window: int) -> Indicator:
    """The average score about `window` months after the start, of everyone who started; missed where not asked."""

    def facts(lake: Lake, grid: Any, parameters: Parameters) -> Any:
        near = near_scores(scores_of(lake, grid, need_instrument(parameters, OF)), window)
        p = started(lake, grid).join(near, "person", how="left").drop("person_right", "caregiver")
        known, value = p["value"].notnull(), p["value"].fill_null(0.0)
        return shown(p, grid, measured=one(known), missed=1 - one(known), total=value, squares=value * value)

    return Indicator(
        slug=table_name(window), level="person", framework="ecological",
        asks="How did people who started feel some months later, on average?", kind=MEAN, population="started",
        part_names=lambda _: ("measured", MISSED), facts=facts, follow_up=lambda _: window + NEAR,
    )  # fmt: skip


def score_tables(
    lake: Lake, on: Basis, earlier: tuple[SafeTable, ...], say: Say = lambda step: None
) -> list[SafeTable]:
    """One safe table for each window, by whole year, of everyone and by gender. earlier: with this run's own."""
    parameters = on.parameters(OF)
    facts = parameters.instrument if parameters else None
    if parameters is None or facts is None:
        return []
    made: list[SafeTable] = []
    for window in chosen.value(choices.WINDOWS):
        counts = count(indicator_at(window), lake, on.grid, parameters, ends=_ends(facts))
        kept = tuple(r for r in counts.rows if r.period % 10 == 0 and r.dimension in (ALL, SPLIT))
        if kept:
            made.append(make_safe(replace(counts, rows=kept), on.rules, (*earlier, *made)))
        say("models")
    return made


def _ends(facts: InstrumentFacts) -> tuple[float, float] | None:
    return None if facts.lowest is None or facts.highest is None else (facts.lowest, facts.highest)


def first_years(lake: Lake, on: Basis, tables: Mapping[str, SafeTable]) -> list[Found]:
    """The answer for each place and year whose number of people, and some later average, is shown."""
    parameters = on.parameters(OF)
    if parameters is None or parameters.instrument is None:
        return []
    cells = {w: _by_place(tables[table_name(w)]) for w in chosen.value(choices.WINDOWS) if table_name(w) in tables}
    several: dict[tuple[int, int], list[int]] = {}
    shown_later: set[tuple[int, int]] = set()
    for window, found in cells.items():
        for (place, period, dimension, _group), cell in found.items():
            if dimension == ALL:
                several.setdefault((place, period), []).append(window)
                shown_later |= {(place, period)} if window and cell.mean is not None else set()
    whole = {at: windows for at, windows in several.items() if at in shown_later and windows[0] == 0}
    above = upwards(lake)
    return [
        _answer(lake, on, parameters.instrument, cells, at, windows, above) for at, windows in sorted(whole.items())
    ]


At = tuple[int, int, str, str]


def _by_place(table: SafeTable) -> dict[At, Cell]:
    """The cells whose people are shown."""
    return {(c.place, c.period, c.dimension, c.group): c for c in table.cells if c.n}


def _answer(
    lake: Lake, on: Basis, facts: InstrumentFacts, cells: Mapping[int, Mapping[At, Cell]], at: tuple[int, int],
    windows: list[int], above: Mapping[int, list[int]],
) -> Found:  # fmt: skip
    place, period = at
    reached = {w: _reached(cells[w][place, period, ALL, ALL]) for w in windows}
    found: Found = {
        "topic": "slopes", "about": "scores", "place": place, "period": period, "windows": windows,
        "n": cells[0][place, period, ALL, ALL].n, "reached": [reached[w] for w in windows],
    }  # fmt: skip
    people = started(lake, on.grid)
    inside = [one_ for one_, line in above.items() if place in line]
    year = period // 10 * 12
    people = people.filter(people.place.isin(inside), people.month >= year, people.month <= year + 11)
    try:
        sums = moments_of(lake, facts.slug, facts.scale, windows, [SPLIT], on.grid.purpose, people.select("person"))
        safe = withhold(sums, on.rules.smallest)
        apart = _groups(safe, windows, cells, at)  # type: ignore[arg-type]
        if not apart:  # the patterns left may be of one gender alone: then all together, and never both
            safe = withhold(sums.by([]), on.rules.smallest)
        found["withheld"] = {"patterns": safe.withheld, "people": safe.withheld_at_most}
        fitted = _fitted(safe, None)  # type: ignore[arg-type]
    except SumsUnclear:
        return {**found, "state": "cannot", "why": SumsUnclear.code}
    except Problem as problem:
        return {**found, "state": "cannot", "why": problem.code}
    return {**found, "state": "found", **_told(fitted, windows, facts, found["n"], reached[windows[-1]]),
            "groups": apart}  # fmt: skip


def _reached(cell: Cell) -> Found | None:
    """The plain average of those who were reached, with how many they are and how many were not; None if hidden."""
    measured, missed = cell.parts
    if cell.mean is None:
        return None
    half = Z95 * cell.spread / math.sqrt(measured) if cell.spread is not None and measured else None
    mean = cell.mean
    ends = (None, None) if half is None else (round(mean - half, 1), round(mean + half, 1))
    return {"n": measured, "missed": missed, "mean": mean, "low": ends[0], "high": ends[1]}


def _fitted(sums: Moments, group: str | None) -> Slopes:
    """People differ in where they start; with three visits or more also in how they change, if the sums can tell."""
    ways = ("slope", "intercept") if len(sums.times) > 2 else ("intercept",)
    for way in ways[:-1]:
        try:
            return fit_slopes(sums, group=group, random=way, shape="visits")  # type: ignore[arg-type]
        except Problem:
            continue
    return fit_slopes(sums, group=group, random="intercept", shape="visits")


def _told(
    fitted: Slopes, windows: Sequence[int], facts: InstrumentFacts, n: int | None, end: Found | None
) -> Found:  # fmt: skip
    group = fitted.groups[0]
    return {
        "model": [_points(fitted.mean(group, float(w))) for w in windows],
        "changes": [_points(fitted.change(group, 0.0, float(w))) for w in windows[1:]],
        "beyond_chance": fitted.change(group).excludes(0.0),
        "method": fitted.method, "citation": fitted.citation, **_had_they_fared_worse(fitted, facts, n, end),
    }  # fmt: skip


def _had_they_fared_worse(fitted: Slopes, facts: InstrumentFacts, n: int | None, end: Found | None) -> Found:
    """What if those missed at the end fared worse than thought; nothing where how many they are is not shown.

    How many comes from the safe table: the sums lost most of those who were missed with the small patterns.
    """
    if not n or end is None or end["missed"] is None:
        return {"deltas": [], "tips_at": None, "sensitivity": CITATION}
    group, at = fitted.groups[0], fitted.times[-1]
    whole = replace(fitted, started=((group, n),), seen=((group, at, n - end["missed"]),))
    steps = [0.0, round((facts.reliable_change or 2.0) / 2, 1), facts.reliable_change or 2.0]
    apart = whole.without_that(steps if facts.higher_is_worse else [-step for step in steps])
    return {
        "deltas": [{"delta": abs(d), **_points(e)} for d, e in zip(apart.deltas, apart.estimates, strict=True)],
        "tips_at": None if apart.tips_at is None else round(apart.tips_at, 1), "sensitivity": apart.citation,
    }  # fmt: skip


def _points(e: Estimate) -> Found:
    """One decimal: no more is said of an average anywhere."""
    return {"value": round(e.value, 1), "low": round(e.low or 0.0, 1), "high": round(e.high or 0.0, 1)}


def _groups(
    safe: Moments, windows: list[int], cells: Mapping[int, Mapping[At, Cell]], at: tuple[int, int]
) -> list[Found]:
    """Each gender that is shown everywhere, if there are two: the whole change, and both averages at the end."""
    group = {w: {c[3] for c in cells[w] if c[:3] == (*at, SPLIT)} for w in windows}
    both = set.intersection(*group.values()) - {"unsaid", "declined"}
    if len(both) < 2:
        return []
    kept = replace(safe, patterns=tuple(p for p in safe.patterns if p.group[0] in both))
    try:
        fitted = _fitted(kept, SPLIT)
    except Problem:
        return []
    found = []
    for name in sorted(set(fitted.groups) & both):
        end = _reached(cells[windows[-1]][(*at, SPLIT, name)])
        n = cells[0][(*at, SPLIT, name)].n
        found.append({"group": name, "n": n, "change": _points(fitted.change(name)), "end": end,
                      "model": _points(fitted.mean(name, float(windows[-1])))})  # fmt: skip
    return found if len(found) > 1 else []
