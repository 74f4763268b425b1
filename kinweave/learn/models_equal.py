"""Along an order of groups, and from ward to ward: inequality and smoothed shares, from safe cells alone.

An index needs an order: ages have one, a programme's own groups only if a setting says so. Places are listed by name,
never by rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.rollup import ALL
from kinweave.measures.areas import FEWEST as FEWEST_PLACES
from kinweave.measures.areas import smooth_areas
from kinweave.measures.disclosure import Cell, SafeTable
from kinweave.measures.inequality import FEWEST_GROUPS, Inequality, concentration_index, slope_index

# Table, part, and whether a share of those who were measured or of everyone: worse never without better.
ASKED: Final = (
    ("better-and-worse", "better"), ("better-and-worse", "worse"), ("better-and-worse", "missed"),
    ("unmet-need", "unmet"),
)  # fmt: skip
AGES: Final = ("under18", "18-29", "30-44", "45-59", "60+")
TEN: Final = 10
Found = dict[str, Any]
Shown = tuple[str, int, int]  # name, events, people


def orders() -> dict[str, tuple[str, ...]]:
    """The dimensions whose groups stand in an order, from the first to the last."""
    own = chosen.value(chosen.DIMENSIONS)
    found: dict[str, tuple[str, ...]] = {"age_band": AGES}
    if own and chosen.value(choices.ORDERED):
        found["dimension"] = tuple(str(c["code"]) for c in own[0]["choices"])
    return found


def unequal(tables: Mapping[str, SafeTable], order: Mapping[str, Sequence[str]]) -> list[Found]:
    """How far each share goes along each order, for each place and year."""
    found = []
    for name, part in ASKED:
        if name in tables:
            for at, cells in _grouped(tables[name], lambda c: (c.place, c.period, c.dimension)).items():
                if at[2] in order and at[1] % 10 == 0:
                    found.append(_along(tables[name], part, at, cells, order[at[2]]))
    return found


def _grouped(table: SafeTable, key: Any) -> dict[Any, list[Cell]]:
    found: dict[Any, list[Cell]] = {}
    for cell in table.cells:
        found.setdefault(key(cell), []).append(cell)
    return dict(sorted(found.items()))


def _share(table: SafeTable, part: str, cell: Cell) -> tuple[int, int] | None:
    """So many of so many, where both are shown."""
    events = cell.parts[table.parts.index(part)]
    return None if not cell.n or events is None else (min(events, cell.n), cell.n)


def _along(table: SafeTable, part: str, at: tuple[int, int, str], cells: list[Cell], order: Sequence[str]) -> Found:
    shown = {c.group: s for c in cells if c.group in order and (s := _share(table, part, c)) is not None}
    whole = sum(c.n or 0 for c in cells)
    rows: list[Found] = [{"group": g, "events": shown[g][0], "n": shown[g][1]} for g in order if g in shown]
    found: Found = {
        "topic": "inequality", "about": part, "place": at[0], "period": at[1], "dimension": at[2], "of": table.name,
        "n": whole, "rows": [{**r, "value": round(TEN * r["events"] / r["n"], 1)} for r in rows],
        "left": {"groups": sum(c.n != 0 for c in cells) - len(rows), "people": whole - sum(r["n"] for r in rows)},
    }  # fmt: skip
    if len(rows) < FEWEST_GROUPS:
        return {**found, "state": "too-few", "seen": len(rows), "needed": FEWEST_GROUPS}
    data = {"rank": list(range(len(rows))), "events": [r["events"] for r in rows], "people": [r["n"] for r in rows]}
    asked: dict[str, Any] = {"rank": "rank", "events": "events", "people": "people"}
    try:
        return {**found, "state": "found", **_told(slope_index(data, **asked), concentration_index(data, **asked))}
    except Problem as problem:
        return {**found, "state": "cannot", "why": problem.code}


def _told(slope: Inequality, concentration: Inequality) -> Found:
    s, c = slope["SII"], concentration["concentration index"]
    return {
        "slope": [round(TEN * (x or 0.0), 1) for x in (s.value, s.low, s.high)], "beyond_chance": s.excludes(0.0),
        "concentration": [round(x or 0.0, 2) for x in (c.value, c.low, c.high)],
        "method": f"{slope.method}; {concentration.method}", "citation": f"{slope.citation}; {concentration.citation}",
    }  # fmt: skip


def small_areas(tables: Mapping[str, SafeTable], parent: Mapping[int, int | None]) -> list[Found]:
    """The places inside a place, each share drawn towards the whole as far as chance explains it."""
    found = []
    for name, part in ASKED:
        if name not in tables:
            continue
        table = tables[name]
        whole = {(c.place, c.period): c for c in table.cells if c.dimension == ALL and c.period % 10 == 0}
        inside: dict[tuple[int, int], list[Cell]] = {}
        for (place, period), cell in whole.items():
            up = parent.get(place)
            if up is not None:
                inside.setdefault((up, period), []).append(cell)
        for at, cells in sorted(inside.items()):
            if len(cells) >= FEWEST_PLACES:
                found.append(_areas(table, part, at, cells, whole.get(at)))
    return found


def _areas(table: SafeTable, part: str, at: tuple[int, int], cells: list[Cell], around: Cell | None) -> Found:
    shown = {str(c.place): s for c in cells if (s := _share(table, part, c)) is not None}
    used, hidden = sum(n for _, n in shown.values()), len(cells) - len(shown)
    n = around.n if around else None
    found: Found = {
        "topic": "areas", "about": part, "place": at[0], "period": at[1], "of": table.name, "n": n,
        "left": {"places": hidden, "people": max((n or used) - used, 0) if hidden else 0},
    }  # fmt: skip
    data = {"place": list(shown), "events": [s[0] for s in shown.values()], "people": [s[1] for s in shown.values()]}
    if len(shown) < FEWEST_PLACES:
        return {**found, "state": "too-few", "seen": len(shown), "needed": FEWEST_PLACES}
    try:
        areas = smooth_areas(data, per=float(TEN))
    except Problem as problem:
        return {**found, "state": "cannot", "why": problem.code}
    mean = areas.mean * TEN
    return {
        **found, "state": "found", "mean": round(mean, 1), "beyond_chance": areas.between > 0,
        "rows": [{"place": int(a.name), "n": int(a.people), "raw": round(a.raw, 1), "value": round(a.value, 1),
                  "low": round(a.low, 1), "high": round(min(a.high, TEN), 1)} for a in areas.areas],
        "method": areas.method, "citation": areas.citation,
    }  # fmt: skip
