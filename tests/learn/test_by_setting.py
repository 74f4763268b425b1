"""Questionnaires that a programme names: read the way their files say, and no table without one that is here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kinweave.core.instruments import load_all
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.learn import choices, jobs
from kinweave.learn.grid import Grid
from kinweave.learn.indicators import CATALOGUE, InstrumentFacts, Parameters
from kinweave.learn.indicators.base import ParameterMissing
from kinweave.learn.release_tables import ORDER, Basis, basis, instrument_facts, worst_bands
from kinweave.learn.report import compose
from kinweave.learn.report_words import words
from kinweave.listen import shelf
from kinweave.measures.disclosure import Counts, Row, Rules, make_safe
from tests.core.instrument_files import INSTRUMENT, put
from tests.learn.little_lakes import FACTS, FIRST, a_programme, lake_of, make
from tests.published.make import YEAR, about

GRID = Grid(FIRST, FIRST + 20, dimensions=())
NAMED = {"instrument": "tea", "scale": "total"}
BETTER = INSTRUMENT.replace('higher_is = "worse"', 'higher_is = "better"', 1)
MATTERS = BETTER.replace('kind = "reliable"', 'kind = "smallest-that-matters"')


def on(tmp_path: Path, text: str) -> Basis:
    put(tmp_path, text)
    return Basis(GRID, 3, Rules(), load_all(tmp_path))


@pytest.mark.django_db
def test_nothing_is_counted_until_the_setting_names_what_is_here(tmp_path: Path) -> None:
    here = on(tmp_path, BETTER)
    assert [here.parameters(slug) for slug in ("wellbeing", "loneliness")] == [None, None]
    for key in (choices.WELLBEING, choices.LONELINESS):
        change_setting(by=SYSTEM, key=key, value={"instrument": "who-5", "scale": "total"})
    assert [here.parameters(slug) for slug in ("wellbeing", "loneliness")] == [None, None]
    for key in (choices.WELLBEING, choices.LONELINESS):
        change_setting(by=SYSTEM, key=key, value=NAMED)
    assert all(here.parameters(slug).instrument.slug == "tea" for slug in ("wellbeing", "loneliness"))
    assert worst_bands(here)["loneliness"] == "band_1"
    assert {"wellbeing", "loneliness"} < set(ORDER)
    assert len(ORDER) == jobs.TABLES
    # Without a figure or bands of its own a questionnaire gives no table; a number of ours would be invented.
    bare = MATTERS.replace("[[change]]", "[[changed]]")
    bare = bare[: bare.index("[[changed]]")] + bare[bare.index("[[safety]]") :]
    assert on(tmp_path / "bare", bare).parameters("wellbeing") is None
    change_setting(by=SYSTEM, key=choices.LONELINESS, value={"instrument": "tea", "scale": "mean"})
    assert here.parameters("loneliness") is None


@pytest.mark.django_db
def test_a_sites_own_questionnaire_is_found_beside_those_that_ship(tmp_path: Path, settings) -> None:
    settings.OWN_INSTRUMENTS = tmp_path
    put(tmp_path, BETTER)
    shelf.instruments.cache_clear()
    try:
        lake = lake_of(make(1, 3))
        found = basis(lake, date(2025, 6, 1)).instruments
        lake.close()
        assert {"tea", "phq-9"} <= set(found)
    finally:
        settings.OWN_INSTRUMENTS = tmp_path / "none"
        shelf.instruments.cache_clear()


def test_the_file_says_which_way_is_better_and_from_when_on_a_change_counts(tmp_path: Path) -> None:
    facts = instrument_facts(on(tmp_path, BETTER).instruments, NAMED)
    assert (facts.higher_is_worse, facts.reliable_change, facts.step, facts.worst_band) == (False, 1.7, 1.7, "band_1")
    facts = instrument_facts(on(tmp_path, MATTERS).instruments, NAMED)
    assert (facts.reliable_change, facts.step) == (None, 1.7)
    assert instrument_facts(on(tmp_path, INSTRUMENT).instruments, NAMED).worst_band == "band_2"
    assert instrument_facts({}, {}) is None


def whole(facts: InstrumentFacts) -> dict[str, int]:
    lake = lake_of(a_programme(9, 300))
    parameters = Parameters(instrument=facts)
    rows = CATALOGUE["wellbeing"].sums(lake, GRID, parameters).to_pylist()
    lake.close()
    return {part: sum(row[part] for row in rows) for part in CATALOGUE["wellbeing"].parts(parameters)}


def test_turned_round_better_is_worse() -> None:
    one, other = whole(FACTS), whole(replace(FACTS, higher_is_worse=False))
    assert one == other | {"better": other["worse"], "worse": other["better"]}
    assert one["better"] > 2 * one["worse"] > 0
    assert whole(replace(FACTS, reliable_change=None, matters=4.0)) == one


def test_without_any_figure_it_is_refused() -> None:
    lake = lake_of(make(1, 5))
    with pytest.raises(ParameterMissing):
        CATALOGUE["wellbeing"].sums(lake, GRID, Parameters(instrument=InstrumentFacts("scale-a", "total", "invented")))
    lake.close()


def told(slug: str, parts: dict[str, int], language: str = "en", **more: object) -> list[str]:
    """What the report says besides, where these people stood in the parts of one table."""
    row = Row(7, YEAR * 10, "all", "all", sum(parts.values()), tuple(parts.values()))
    counts = Counts(slug, "started", "share", tuple(parts), (row,), {7: None}, {(7, YEAR): 5000})
    doc = compose(about(7, **more), {slug: make_safe(counts, Rules())}, words(language))
    return [line for s in doc["sections"] if s["id"] == "more" for b in s["blocks"] for line in b["lines"]]


def test_more_wellbeing_is_never_said_without_less() -> None:
    parts = {"better": 60, "worse": 40, "missed": 50, "same": 50}
    assert told("wellbeing", parts) == [
        "Of ten people who started, three later told of clearly more wellbeing. Of ten, two told of clearly less."
    ]
    (line,) = told("wellbeing", parts | {"worse": 4})
    assert line.endswith("clearly more wellbeing. How many told of less is not shown: the number is too small.")
    assert len(told("wellbeing", parts, "ar")) == 1


@pytest.mark.parametrize(("worst", "said"), [("band_2", "six"), ("band_1", "two")])
def test_the_lonely_end_is_the_one_the_questionnaire_names(worst: str, said: str) -> None:
    parts = {"band_1": 40, "band_2": 120, "missed": 40}
    lines = told("loneliness", parts, worst={"loneliness": worst})
    assert lines == [f"Of ten people who started, {said} feel lonely."]


def test_goals_stand_there_too_and_nothing_stands_for_nothing() -> None:
    parts = {"goal_reached": 30, "not_reached": 20, "missed": 20, "no_goal": 130}
    assert told("own-goals", parts, goal_months=6) == [
        "Of ten people who started, two reached a goal of their own within six months.",
        "Of ten people who started, seven have no goal of their own written down with us.",
    ]
    assert len(told("own-goals", parts, "ar", goal_months=6)) == 2
    assert told("reach", {"reached": 30}) == []


def test_circles_are_told_by_heads() -> None:
    row = Row(7, YEAR * 10, "all", "all", 44, (44,))
    counts = Counts("circles", "inhabitants", "rate", ("joined",), (row,), {7: None}, {(7, YEAR): 5000})
    doc = compose(about(7), {"circles": make_safe(counts, Rules())}, words("en"))
    more = next(s for s in doc["sections"] if s["id"] == "more")
    assert more["blocks"][0]["lines"] == [
        "About 45 people came to a circle for the first time. We count heads there, and write down no names."
    ]
