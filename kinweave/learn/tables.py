"""From an indicator to what a report may say: exact sums, the gate, then rows in plain values.

The exact sums (`Counts`) live only between `count` and `make_safe`. Everything in a `ReportRow` is made from the
shown, rounded values alone, percentages and intervals too, so that they cannot give the exact ones back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kinweave.learn.grid import Grid, period_name
from kinweave.learn.indicators.base import MEAN, MISSED, RATE, Indicator, Parameters
from kinweave.learn.lake import Lake
from kinweave.measures.disclosure import Cell, Counts, Row, Rules, SafeTable, make_safe
from kinweave.measures.intervals import Interval, mean_interval, rate_interval, wilson

TEN: Final = 10
PER: Final = 1000


@dataclass(frozen=True)
class ReportRow:
    """One value of a report. None: withheld, or not known.

    n: people, rounded (inhabitants for a rate). count: people in `part`, rounded. of_ten: "7 of 10". percent:
    whole. mean, spread: a mean's own. rate: per 1,000 inhabitants. low, high: the 95 % interval in the unit of
    the value (percent, points, per 1,000). missed: how many of n we know nothing of, rounded. shown: False where
    the value is withheld; a page then says "too few to show" and never why.
    """

    place: int
    period: int
    period_name: str
    dimension: str
    group: str
    part: str
    shown: bool
    n: int | None
    count: int | None = None
    of_ten: int | None = None
    percent: int | None = None
    mean: float | None = None
    spread: float | None = None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    missed: int | None = None


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
        counted_as=indicator.counted_as, scale=scale, lowest=low, highest=high,
    )  # fmt: skip


def safe_table(counts: Counts, rules: Rules, earlier: tuple[SafeTable, ...] = ()) -> SafeTable:
    """`make_safe`, under the name by which reports know it."""
    return make_safe(counts, rules, earlier)


def report_rows(table: SafeTable) -> list[ReportRow]:
    """Every cell of the table, one row a part (one a cell for a mean); hidden ones too, as withheld."""
    rows: list[ReportRow] = []
    for cell in table.cells:
        if table.kind == MEAN:
            rows.append(_mean_row(table, cell))
        else:
            make = _rate_row if table.kind == RATE else _share_row
            rows += [make(table, cell, i) for i, part in enumerate(table.parts) if part != MISSED]
    return rows


def _missed(table: SafeTable, cell: Cell) -> int | None:
    return cell.parts[table.parts.index(MISSED)] if MISSED in table.parts else None


def _at(cell: Cell, part: str) -> tuple[int, int, str, str, str, str]:
    return cell.place, cell.period, period_name(cell.period), cell.dimension, cell.group, part


def _share_row(table: SafeTable, cell: Cell, i: int) -> ReportRow:
    at, shown = _at(cell, table.parts[i]), cell.parts[i]
    missed = _missed(table, cell)
    if not cell.n or shown is None:
        return ReportRow(*at, shown=False, n=cell.n, missed=missed)
    interval = _hundredfold(wilson(shown, cell.n))
    return ReportRow(
        *at, shown=True, n=cell.n, count=shown, of_ten=_nearest(TEN * shown, cell.n),
        percent=_nearest(100 * shown, cell.n), low=interval.low, high=interval.high, missed=missed,
    )  # fmt: skip


def _nearest(top: int, bottom: int) -> int:
    """top / bottom to the nearest whole number, halves up: in whole numbers, so the same everywhere."""
    return (2 * top + bottom) // (2 * bottom)


def _hundredfold(interval: Interval | None) -> Interval:
    if interval is None:
        raise ValueError("an interval needs somebody")
    return Interval(round(100 * interval.low, 1), round(100 * interval.high, 1))


def _mean_row(table: SafeTable, cell: Cell) -> ReportRow:
    at, missed, measured = _at(cell, table.parts[0]), _missed(table, cell), cell.parts[0]
    if cell.mean is None or cell.spread is None or not measured:
        return ReportRow(*at, shown=False, n=cell.n, count=measured, missed=missed)
    interval = mean_interval(cell.mean, cell.spread, measured)
    low, high = (round(interval.low, 1), round(interval.high, 1)) if interval else (None, None)
    return ReportRow(
        *at, shown=True, n=cell.n, count=measured, mean=cell.mean, spread=cell.spread, low=low, high=high,
        missed=missed,
    )  # fmt: skip


def _rate_row(table: SafeTable, cell: Cell, i: int) -> ReportRow:
    at, shown = _at(cell, table.parts[i]), cell.parts[i]
    interval = rate_interval(shown, cell.n, PER) if shown is not None and cell.n else None
    if shown is None or not cell.n or interval is None:
        return ReportRow(*at, shown=False, n=cell.n, count=shown)
    return ReportRow(
        *at, shown=True, n=cell.n, count=shown, rate=round(PER * shown / cell.n, 1),
        low=round(interval.low, 1), high=round(interval.high, 1),
    )  # fmt: skip
