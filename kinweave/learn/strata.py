"""Combinations of groups, fixed beforehand, as a safe table: what gaps between them are worked out from.

The combinations add up to women and men, to ages and so on, so this table is made after those of the same people and
within them (`make_safe(…, beside)`): what they hide, it cannot give away, and they show no less because of it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.grid import upwards
from kinweave.learn.indicators import CATALOGUE
from kinweave.learn.lake import Lake
from kinweave.learn.release_tables import Basis
from kinweave.learn.rollup import ALL, UNSAID
from kinweave.learn.tables import count
from kinweave.measures.disclosure import Counts, Row, SafeTable, make_safe
from kinweave.measures.disclosure_keys import CROSS

NAME: Final = "strata"
WHOLE: Final = "better-and-worse"
# Ours: with fewer people than so many smallest cells, ten combinations could hardly ever be shown.
ROOM: Final = 20
At = tuple[int, int, str, str]


def crossed(on: Basis) -> tuple[str, ...]:
    """The dimensions that are combined: those of the setting that the grid has."""
    return tuple(d for d in chosen.value(choices.CROSSED) if d in on.grid.dimensions)


def strata_table(
    lake: Lake, on: Basis, earlier: tuple[SafeTable, ...], beside: tuple[SafeTable, ...]
) -> SafeTable | None:
    """The safe table of all combinations, by whole year, of places with room for them; None where there is none.

    earlier: released tables. beside: this run's, with the groups one by one.
    """
    parameters, dimensions = on.parameters(WHOLE), crossed(on)
    one_by_one = next((table for table in beside if table.name == WHOLE), None)
    if parameters is None or one_by_one is None or len(dimensions) < 2:
        return None
    roomy = {c.place for c in one_by_one.cells if c.dimension == ALL and (c.n or 0) >= ROOM * on.rules.smallest}
    whole = count(CATALOGUE[WHOLE], lake, on.grid, parameters)
    wanted = {ALL, *dimensions}
    known = [r for r in whole.rows if r.place in roomy and r.period % 10 == 0 and r.dimension in wanted]
    if not known:
        return None
    cells = _cells(lake, on, dimensions, {r.period for r in known}, roomy)
    rows = (*known, *(Row(*at, parts[0], tuple(parts[1:])) for at, parts in sorted(cells.items())))
    series = dict(zip(whole.parts, whole.series, strict=True))
    counts = Counts(NAME, whole.population, whole.kind, whole.parts, rows, whole.parent, whole.inhabitants, series)
    return make_safe(counts, on.rules, earlier, beside)


def _cells(
    lake: Lake, on: Basis, dimensions: tuple[str, ...], periods: set[int], places: set[int]
) -> dict[At, list[int]]:
    """People of each combination, then those in each part: one GROUP BY, its few rows added up over places here."""
    parameters = on.parameters(WHOLE)
    if parameters is None:
        return {}
    indicator = CATALOGUE[WHOLE]
    sums = indicator.parts(parameters)
    facts = indicator.facts(lake, on.grid, parameters)
    keys: dict[str, Any] = {d: facts[d].cast("string").fill_null(UNSAID) for d in dimensions}
    counted = {name: facts[name].sum() for name in sums}
    small = facts.group_by("place", year=facts.month - facts.month % 12, **keys).aggregate(n=facts.count(), **counted)
    above = upwards(lake)
    found: dict[At, list[int]] = defaultdict(lambda: [0] * (1 + len(sums)))
    for row in small.to_pyarrow().to_pylist():
        period = row["year"] // 12 * 10
        if period not in periods:
            continue
        group = CROSS.join(row[d] for d in dimensions)
        for place in places & set(above.get(row["place"], ())):
            cell = found[place, period, CROSS.join(dimensions), group]
            for i, name in enumerate(("n", *sums)):
                cell[i] += int(row[name])
    return found
