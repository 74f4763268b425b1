"""Every indicator against its slow twin, over little invented lakes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.learn.grid import DIMENSIONS, Grid, period_key, period_name
from kinweave.learn.indicators import CATALOGUE, InstrumentFacts, Parameters
from kinweave.learn.indicators.base import FRAMEWORKS, LEVELS, MISSED, ParameterMissing
from kinweave.learn.shape import month_index
from tests.learn.little_lakes import FACTS, FIRST, TURNED, TWINS, lake_of, make, on_the_grid

pytestmark = pytest.mark.sqlite_only  # needs no database

LAST = FIRST + 27


def close(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    return all(ours[name] == pytest.approx(theirs.get(name, 0.0), abs=1e-9) for name in ours)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 40), st.sampled_from([FACTS, TURNED]), st.sampled_from([1, 6]))
def test_every_indicator_is_its_twin(seed: int, people: int, facts: InstrumentFacts, window: int) -> None:
    rows = make(seed, people)
    lake = lake_of(rows)
    parameters = Parameters(instrument=facts, window=window, fresh=1 if window == 1 else 2, goal_months=7 - window)
    grid = Grid(FIRST, LAST)
    try:
        for slug, indicator in CATALOGUE.items():
            found = indicator.expression(lake, grid, parameters).to_pyarrow().to_pylist()
            columns = indicator.columns(parameters)
            ours = {
                (r["place"], r["period"], r["dimension"], r["group"]): {c: float(r[c]) for c in columns} for r in found
            }
            follow_up = indicator.follow_up(parameters)
            facts_of = TWINS[slug](rows, parameters)
            theirs = on_the_grid(facts_of, rows, LAST, follow_up, grid.dimensions, indicator.by_quarter)
            assert len(ours) == len(found), slug
            assert set(ours) == set(theirs), slug
            assert all(close(ours[at], theirs[at]) for at in ours), slug
    finally:
        lake.close()


def test_every_person_stands_in_one_part() -> None:
    lake = lake_of(make(3, 60))
    parameters = Parameters(instrument=FACTS)
    for slug, indicator in CATALOGUE.items():
        found = indicator.expression(lake, Grid(FIRST, LAST), parameters).to_pyarrow().to_pylist()
        assert found, slug
        for row in found:
            assert row["n"] == sum(row[part] for part in indicator.parts(parameters)), slug
    lake.close()


def test_the_catalogue_tells_what_each_is() -> None:
    for slug, indicator in CATALOGUE.items():
        assert slug == indicator.slug
        assert indicator.level in LEVELS
        assert indicator.framework in FRAMEWORKS
        assert indicator.asks.endswith("?")
        assert len(indicator.asks.split()) <= 20
        assert indicator.kind == "rate" or MISSED in indicator.parts(Parameters(instrument=FACTS))


def test_better_never_goes_without_worse() -> None:
    assert CATALOGUE["better-and-worse"].parts(Parameters())[:2] == ("better", "worse")


def test_what_is_not_set_is_said() -> None:
    lake = lake_of(make(1, 3))
    bare = InstrumentFacts("scale-a", "total", "invented")
    for slug in ("better-and-worse", "support", "caregivers-load"):
        for parameters in (Parameters(), Parameters(instrument=bare)):
            with pytest.raises(ParameterMissing):
                CATALOGUE[slug].expression(lake, Grid(FIRST, LAST), parameters)
    lake.close()


def test_only_whole_periods_with_their_follow_up() -> None:
    grid = Grid(month_index(2024, 2), month_index(2025, 6))
    assert [period_name(p) for p in sorted(grid.periods(0))] == [
        "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2",
    ]  # fmt: skip
    assert [period_name(p) for p in grid.periods(7)] == ["2024-Q2", "2024-Q3"]
    assert period_name(period_key(month_index(2024, 7))) == "2024-Q3"
    assert period_name(period_key(month_index(2024, 7), whole_year=True)) == "2024"
    assert month_index(2024, 1) in range(*Grid(month_index(2024, 1), LAST).periods(0)[20240])


def test_the_grid_is_fixed() -> None:
    with pytest.raises(ValueError, match="fixed"):
        Grid(FIRST, LAST, dimensions=(*DIMENSIONS, "faith"))
    with pytest.raises(ValueError, match="fixed"):
        Grid(FIRST, LAST, purpose="marketing")


def test_research_counts_only_who_agreed_to_research() -> None:
    rows = make(5, 50)
    lake = lake_of(rows)
    whole = {}
    for purpose in ("statistics", "research"):
        found = CATALOGUE["reach"].expression(lake, Grid(FIRST, LAST, purpose), Parameters()).to_pyarrow().to_pylist()
        whole[purpose] = sum(r["n"] for r in found if (r["place"], r["dimension"], r["period"]) == (20, "all", 20240))
    lake.close()
    for purpose, counted in whole.items():
        agreed = [p for p in rows["people"] if p["purpose"] in (purpose, "both")]
        assert counted == sum(1 for p in agreed if p["started_month"] in range(FIRST, FIRST + 12))
    assert whole["research"] != whole["statistics"]
