"""Someone who knows the rules and holds every released table, and tries to work out what was hidden.

Written apart from the gate: it makes its own sums from the cells' names and asks an exact integer solver for the
lowest and highest whole number that every hidden count can be.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from kinweave.measures.disclosure import SafeTable

Name = tuple[str, int, int, str, str]


def values(tables: list[SafeTable]) -> dict[Name, int | None]:
    """Every count ever shown (the first value, others must agree) or withheld (None)."""
    found: dict[Name, int | None] = {}
    for table in tables:
        for cell in table.cells:
            at = (cell.place, cell.period, cell.dimension, cell.group)
            counts = [] if table.kind == "rate" else [(table.population, cell.n)]
            for series, value in [*counts, *zip(table.series, cell.parts, strict=True)]:
                name = (series, *at)
                assert found.setdefault(name, value) == value, "the same count was shown in two ways"
    return found


def sums(tables: list[SafeTable], names: set[Name], inside: dict[int, list[int]]) -> list[tuple[Name, list[Name]]]:
    """(whole, parts) for groups, places, quarters, and the parts of each table."""
    found: list[tuple[Name, list[Name]]] = []
    groups: dict[tuple[str, int, int, str], list[Name]] = defaultdict(list)
    for name in names:
        if name[3] != "all":
            groups[name[:4]].append(name)
    found += [((s, place, period, "all", "all"), members) for (s, place, period, _), members in groups.items()]
    combined: dict[Name, list[Name]] = defaultdict(list)
    for s, place, period, dimension, group in names:
        if "*" in dimension:
            for one, value in zip(dimension.split("*"), group.split("*"), strict=True):
                combined[s, place, period, one, value].append((s, place, period, dimension, group))
    found += list(combined.items())
    for s, place, period, dimension, group in names:
        children = [(s, child, period, dimension, group) for child in inside.get(place, [])]
        quarters = [(s, place, period + q, dimension, group) for q in (1, 2, 3, 4)]
        if children:
            found.append(((s, place, period, dimension, group), children))
        if period % 10 == 0:
            found.append(((s, place, period, dimension, group), quarters))
    for table in tables:
        if table.kind != "rate":
            found += [(name, [(p, *name[1:]) for p in table.series]) for name in names if name[0] == table.population]
    return [(whole, parts) for whole, parts in found if whole in names and names.issuperset(parts)]


def could_be(shown: int, smallest: int, base: int) -> tuple[int, int]:
    """The whole numbers that are shown as `shown`, found by trying them all."""
    lowest_shown = -(-smallest // base) * base
    tried = range(smallest, shown + base + smallest)
    fits = [x for x in tried if max(base * ((x + base // 2) // base), lowest_shown) == shown]
    return (min(fits), max(fits)) if shown else (0, 0)


def ranges(tables: list[SafeTable], inside: dict[int, list[int]], most: int) -> dict[Name, tuple[int, int]]:
    """For each withheld count the lowest and highest whole number it can be."""
    known = values(tables)
    rules = tables[0].rules
    order = sorted(known)
    at = {name: i for i, name in enumerate(order)}
    low, high = np.zeros(len(order)), np.full(len(order), float(most))
    populations = {t.population for t in tables}
    linked = sums(tables, set(known), inside)
    beside = {part for whole, parts in linked if known[whole] is not None for part in parts if part[0] == whole[0]}
    for name, value in known.items():
        if value is not None:
            low[at[name]], high[at[name]] = could_be(value, rules.smallest, rules.base)
        elif name[0] in populations and name in beside and "*" not in name[3]:
            low[at[name]] = 1  # nobody at all would have been shown as 0, of combinations it is never told
    matrix = np.zeros((len(linked), len(order)))
    for i, (whole, parts) in enumerate(linked):
        matrix[i, at[whole]] -= 1
        for part in parts:
            matrix[i, at[part]] += 1
    fixed = LinearConstraint(matrix, 0, 0) if len(linked) else ()
    found = {}
    for name in (n for n, value in known.items() if value is None):
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(order))
            aim[at[name]] = sign
            answer = milp(aim, constraints=fixed, integrality=np.ones(len(order)), bounds=Bounds(low, high))
            assert answer.status == 0, "the released tables contradict each other"
            ends.append(round(answer.x[at[name]]))
        found[name] = (ends[0], ends[1])
    return found
