"""From an indicator to what may be shown: exact sums, then the gate.

The exact sums (`Counts`) live only between `count` and `make_safe`; what is made of the safe tables cannot give
them back.
"""

from __future__ import annotations

from kinweave.learn.grid import Grid
from kinweave.learn.indicators.base import Indicator, Parameters
from kinweave.learn.lake import Lake
from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable, make_safe


def count(
    indicator: Indicator,
    lake: Lake,
    grid: Grid,
    parameters: Parameters,
    name: str | None = None,
    scale: float = 1.0,
    ends: tuple[float, float] | None = None,
) -> Counts:
    """The indicator's exact sums on the whole grid.

    name: of the table at every release; the slug by default, give another where one indicator runs on several
    questionnaires. scale: what a mean is multiplied with when shown (10 for shares "of ten"). ends: the lowest
    and highest mean there can be.
    """
    parts = indicator.parts(parameters)
    found = indicator.sums(lake, grid, parameters).to_pylist()
    rows = tuple(
        Row(
            r["place"], r["period"], r["dimension"], r["group"], int(r["n"]), tuple(int(r[p]) for p in parts),
            float(r.get("total") or 0.0), float(r.get("squares") or 0.0),
        )
        for r in found
    )  # fmt: skip
    places = lake.places.to_pyarrow().to_pylist()
    low, high = ends or (None, None)
    return Counts(
        name or indicator.slug, indicator.population, indicator.kind, parts, rows,
        parent={r["place"]: r["parent"] for r in sorted(places, key=lambda r: r["year"])},
        inhabitants={(r["place"], r["year"]): r["population"] for r in places},
        counted_as=_counted_as(indicator, name or indicator.slug), scale=scale, lowest=low, highest=high,
    )  # fmt: skip


def _counted_as(indicator: Indicator, name: str) -> dict[str, str]:
    """Of another questionnaire's table the same parts of *its* other tables, never of the first questionnaire's."""
    rest = name.removeprefix(indicator.slug) if name.startswith(indicator.slug) else ""
    found = {}
    for part, other in indicator.counted_as.items():
        table, slash, of = other.partition("/")
        found[part] = f"{table}{rest}{slash}{of}" if slash else other
    return found


def safe_table(
    counts: Counts, rules: Rules, earlier: tuple[SafeTable, ...] = (), beside: tuple[SafeTable, ...] = ()
) -> SafeTable:
    """`make_safe`, under the name by which reports know it."""
    return make_safe(counts, rules, earlier, beside)
