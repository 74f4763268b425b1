"""Someone who knows the rules and holds every released table, and tries to work out what was hidden.

Written apart from the gate: it makes its own sums from the cells' names and asks an exact integer solver for the
lowest and highest whole number that every hidden count can be.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

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
    low, high = np.zeros(len(order), int), np.full(len(order), most)
    populations = {t.population for t in tables}
    linked = sums(tables, set(known), inside)
    beside = {part for whole, parts in linked if known[whole] is not None for part in parts if part[0] == whole[0]}
    for name, value in known.items():
        if value is not None:
            low[at[name]], high[at[name]] = could_be(value, rules.smallest, rules.base)
        elif name[0] in populations and name in beside and "*" not in name[3]:
            low[at[name]] = 1  # nobody at all would have been shown as 0, of combinations it is never told
    matrix = np.zeros((len(linked), len(order)), int)
    for i, (whole, parts) in enumerate(linked):
        matrix[i, at[whole]] -= 1
        for part in parts:
            matrix[i, at[part]] += 1
    narrow(matrix, low, high)
    ends = extremes(matrix, low, high, [at[name] for name, value in known.items() if value is None])
    return {order[i]: found for i, found in ends.items()}


def narrow(matrix: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Draw the bounds together by each sum alone, until nothing moves: the solver then has less to look for."""
    assert np.abs(matrix).max(initial=0) <= 1, "nothing stands twice in a sum"
    rows = [(np.flatnonzero(row), row[np.flatnonzero(row)]) for row in matrix]
    moved = True
    while moved:
        moved = False
        for at, sign in rows:
            ends = np.sort([sign * low[at], sign * high[at]], axis=0)
            # Without it the others of its sum make at least and at most this; with it they make nought.
            others = ends.sum(axis=1)[:, None] - ends
            tight = np.sort([-sign * others[0], -sign * others[1]], axis=0)
            least, most = np.maximum(low[at], tight[0]), np.minimum(high[at], tight[1])
            moved = moved or bool((least > low[at]).any() or (most < high[at]).any())
            low[at], high[at] = least, most
    assert (low <= high).all(), "the released tables contradict each other"


def extremes(matrix: np.ndarray, low: np.ndarray, high: np.ndarray, hidden: list[int]) -> dict[int, tuple[int, int]]:
    """The lowest and highest whole number of each hidden count, asked of an exact solver.

    Counts that no sum ties together are asked apart, and a bound that an earlier answer reached is not asked again.
    """
    free, seen = np.flatnonzero(low < high), {i: (int(low[i]), int(high[i])) for i in hidden}
    tied = csr_matrix(np.abs(matrix[:, free]))
    many, which = connected_components(tied.T @ tied, directed=False)
    for mine in (free[which == one] for one in range(many)):
        rows = matrix[(matrix[:, mine] != 0).any(axis=1)]
        rest = rows[:, mine] @ low[mine] - rows @ low
        fixed = LinearConstraint(csr_matrix(rows[:, mine]), rest, rest)
        answers = []
        for i in [*(i for i in mine if i in seen), mine[0]]:  # where nothing is hidden: whether it can be at all
            for sign, bound in ((1, low[i]), (-1, high[i])):
                if answers and (i not in seen or any(x[i] == bound for x in answers)):
                    continue
                answer = milp(
                    sign * (mine == i), constraints=fixed, integrality=np.ones(len(mine)),
                    bounds=Bounds(low[mine], high[mine]),
                )  # fmt: skip
                assert answer.status == 0, "the released tables contradict each other"
                answers.append(dict(zip(mine.tolist(), np.rint(answer.x).astype(int).tolist(), strict=True)))
        for i in mine:
            if i in seen:
                seen[int(i)] = (min(x[i] for x in answers), max(x[i] for x in answers))
    return seen
