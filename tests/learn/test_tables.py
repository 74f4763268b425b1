"""From a lake to report rows: everything made from shown values, nothing forgotten."""

from __future__ import annotations

import math
from dataclasses import astuple

import pytest

from kinweave.learn.grid import Grid
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.tables import ReportRow, count, report_rows, safe_table
from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable
from kinweave.measures.intervals import mean_interval, rate_interval, wilson
from tests.learn.little_lakes import FACTS, FIRST, a_programme, lake_of

YEAR = 20250
RULES = Rules()


def safe(kind: str, parts: tuple[str, ...], row: Row, **more: float) -> SafeTable:
    return safe_table(Counts("t", "p", kind, parts, (row,), {}, {(1, 2025): 4000}, **more), RULES)


def only(rows: list[ReportRow], part: str) -> ReportRow:
    return next(row for row in rows if row.part == part)


def test_a_share_says_n_of_ten_percent_interval_and_missed() -> None:
    row = Row(1, YEAR, "all", "all", 273, (136, 24, 57, 56))
    rows = report_rows(safe("share", ("better", "worse", "missed", "same"), row))
    assert [r.part for r in rows] == ["better", "worse", "same"]
    better = only(rows, "better")
    assert (better.n, better.count, better.of_ten, better.percent, better.missed) == (275, 135, 5, 49, 55)
    assert better.period_name == "2025"
    interval = wilson(135, 275)
    assert interval is not None
    assert (better.low, better.high) == (round(100 * interval.low, 1), round(100 * interval.high, 1))


def test_what_is_withheld_stays_a_row() -> None:
    row = Row(1, YEAR, "all", "all", 40, (20, 3, 8, 9))
    rows = report_rows(safe("share", ("better", "worse", "missed", "same"), row))
    worse = only(rows, "worse")
    assert not worse.shown
    assert (worse.n, worse.count, worse.percent, worse.low, worse.missed) == (40, None, None, None, None)
    assert only(rows, "better").of_ten == 5


def test_a_mean_has_its_own_interval() -> None:
    row = Row(1, YEAR, "all", "all", 60, (40, 20), -172.0, 1500.0)
    found = report_rows(safe("mean", ("measured", "missed"), row))[0]
    assert (found.n, found.count, found.missed, found.mean, found.spread) == (60, 40, 20, -4.3, 4.4)
    interval = mean_interval(-4.3, 4.4, 40)
    assert interval is not None
    assert (found.low, found.high) == (round(interval.low, 1), round(interval.high, 1))


def test_a_rate_is_per_thousand() -> None:
    found = report_rows(safe("rate", ("reached",), Row(1, YEAR, "all", "all", 52, (52,))))[0]
    assert (found.n, found.count, found.rate) == (4000, 50, 12.5)
    interval = rate_interval(50, 4000)
    assert interval is not None
    assert (found.low, found.high) == (round(interval.low, 1), round(interval.high, 1))


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_from_a_lake_to_a_report(slug: str) -> None:
    lake = lake_of(a_programme(11, 600))
    counts = count(CATALOGUE[slug], lake, Grid(FIRST, FIRST + 27), Parameters(instrument=FACTS))
    lake.close()
    table = safe_table(counts, RULES)
    rows = report_rows(table)
    assert sum(row.shown for row in rows) >= 3, "something can be said"
    exact = {(r.place, r.period, r.dimension, r.group): r for r in counts.rows}
    for row in rows:
        assert not any(isinstance(v, float) and not math.isfinite(v) for v in astuple(row))
        if row.shown and table.kind == "share":
            true = exact[row.place, row.period, row.dimension, row.group]
            assert true.parts[counts.parts.index(row.part)] >= RULES.smallest
            assert row.count is not None
            assert 0 < row.count < (row.n or 0)
            assert row.percent is not None
            assert (row.low or 0.0) < row.percent < (row.high or 0.0)
        if not row.shown:
            assert (row.percent, row.mean, row.rate, row.low) == (None, None, None, None)
