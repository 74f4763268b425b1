"""May languages be compared here? Blocked until the answers say otherwise, and nothing leaves about few people."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import load_all
from kinweave.learn import judged
from kinweave.learn.explore import write_explored
from kinweave.learn.further import about_tables, further_tables
from kinweave.learn.grid import NOT_COMPARED, Asked, Grid
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.languages import Judged, Verdicts, judge, write_verdicts
from kinweave.learn.release_tables import Basis
from kinweave.learn.sums import SumsUnclear, write_sums
from kinweave.learn.tables import count, safe_table
from kinweave.measures.disclosure import Rules, SafeTable
from kinweave.measures.validity import State
from tests.learn.little_lakes import FACTS, FIRST, Rows, a_programme, answers_of, lake_of, make
from tests.measures.attacker import could_be, ranges, values

pytestmark = pytest.mark.sqlite_only  # needs no database

INSTRUMENTS = Path(__file__).parents[2] / "instruments"
RULES = Rules(population_floor=0)
GRID = Grid(FIRST, FIRST + 27)


@pytest.fixture(scope="module")
def calm() -> Instrument:
    """An invented questionnaire of six, the second one reversed; shaped like one that is shipped."""
    like = load_all(INSTRUMENTS)["k6"]
    plain, turned = tuple((n, n) for n in range(4)), tuple((n, 3 - n) for n in range(4))
    items = tuple(replace(item, values=(0, 1, 2, 3)) for item in like.items)
    points = tuple((item.code, turned if n == 1 else plain) for n, item in enumerate(items))
    change = SimpleNamespace(scale="total", kind="reliable", value=4, citation="invented", population="none")
    scale = replace(like.scales[0], items=points, lowest=0, highest=18)
    return replace(like, slug="calm-6", version="1", items=items, scales=(scale,), changes=(change,))


def verdicts(calm: Instrument, answers: list[dict[str, object]]) -> Verdicts:
    lake = lake_of(make(1, 0) | {"answers": answers})
    try:
        return judge(lake, {"calm-6": calm}, {"calm-6": {"total"}}, ["en", "ar"], RULES)
    finally:
        lake.close()


def found(one: Judged, kind: str) -> list[object]:
    return [reason["found"] for reason in one.reasons if reason["kind"] == kind]


def test_questions_that_mean_the_same_open_the_pair(calm: Instrument) -> None:
    told = verdicts(calm, answers_of(3, {"en": 260, "ar": 230}))
    (one,) = told.judged
    assert (one.pair, one.state, one.people) == (("en", "ar"), State.OPEN, (260, 230))
    assert told.languages("calm-6", "total") == ("en", "ar")
    assert all(reason["source"] and reason["passed"] for reason in one.reasons)
    assert {reason["of"] for reason in one.reasons if reason["kind"] == "together"} == {"en", "ar"}


def test_a_question_that_means_something_else_blocks_it_and_is_named(calm: Instrument) -> None:
    told = verdicts(calm, answers_of(4, {"en": 260, "ar": 240}, odd={"ar": 3}))
    (one,) = told.judged
    assert one.state is State.BLOCKED
    assert {"unlike": ["q4"], "unsure": []} in found(one, "same")
    assert told.languages("calm-6", "total") == ()


def test_of_few_people_nothing_is_worked_out(calm: Instrument) -> None:
    told = verdicts(calm, answers_of(5, {"en": 260, "ar": 43, "sw": 4}))
    assert [(one.pair, one.state, one.people) for one in told.judged] == [
        (("en", "ar"), State.TOO_FEW, (260, 45)), (("en", "sw"), State.TOO_FEW, (260, None)),
    ]  # fmt: skip
    assert {reason["kind"] for one in told.judged for reason in one.reasons} == {"people"}
    assert "43" not in json.dumps([one.as_dict() for one in told.judged])


def test_only_answers_to_this_version_by_those_who_agreed_count(calm: Instrument) -> None:
    english, arabic = answers_of(6, {"en": 220}), answers_of(7, {"ar": 220})
    assert [one.people for one in verdicts(calm, [*english, *arabic]).judged] == [(220, 220)]
    assert verdicts(calm, english + [row | {"purpose": "research"} for row in arabic]).judged == ()
    assert verdicts(calm, english + [row | {"version": "2"} for row in arabic]).judged == ()


def test_a_third_language_stands_beside_the_others_only_where_each_pair_is_open(calm: Instrument) -> None:
    told = verdicts(calm, answers_of(8, {"en": 220, "ar": 220, "sw": 220}, odd={"sw": 0}))
    assert {one.pair: one.state for one in told.judged} == {
        ("en", "ar"): State.OPEN, ("en", "sw"): State.BLOCKED,
    }  # fmt: skip
    assert told.languages("calm-6", "total") == ("en", "ar")


def test_what_is_written_is_read(calm: Instrument, settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    assert judged.judged() is None
    assert judged.pairs() == []
    write_verdicts(verdicts(calm, answers_of(3, {"en": 260, "ar": 230})), "2026-02-01")
    assert judged.side_by_side("calm-6", "total") == ("en", "ar")
    assert judged.side_by_side("calm-6", "other") == ()
    assert judged.pairs("calm-6")[0]["state"] == "open"


# ------------------------------------------------------------------------------------- in the grid


def in_two_languages(seed: int, people: int) -> Rows:
    """A programme that asks in English, Arabic and Swahili; some people in two of them."""
    rows = a_programme(seed, people)
    for row in rows["scores"]:
        row["language"] = ("en", "en", "ar", "sw")[row["person"] % 4]
        if row["person"] % 40 == 2 and row["months_since_start"]:
            row["language"] = "en"
    return rows


def test_people_stand_by_the_one_language_they_were_asked_in() -> None:
    rows = in_two_languages(2, 400)
    lake = lake_of(rows)
    asked = Asked(FACTS.slug, FACTS.scale, ("en", "ar"), 6)
    got = CATALOGUE["better-and-worse"].sums(lake, replace(GRID, asked=asked), Parameters(instrument=FACTS)).to_pylist()
    lake.close()
    spoken: dict[int, set[str]] = defaultdict(set)
    for row in rows["scores"]:
        spoken[row["person"]].add(row["language"])
    expected: dict[tuple[int, str], int] = defaultdict(int)
    for person in rows["people"]:
        mine = spoken[person["person"]]
        group = next(iter(mine)) if len(mine) == 1 and mine <= {"en", "ar"} else NOT_COMPARED
        for place in (20, 10, person["place"]):
            expected[place, group] += person["started_month"] < FIRST + 12
    ours = {(r["place"], r["group"]): r["n"] for r in got if r["dimension"] == asked.name and r["period"] == 20240}
    assert ours == {at: n for at, n in expected.items() if n}
    assert {r["group"] for r in got if r["dimension"] == asked.name} == {"en", "ar", NOT_COMPARED}


def basis(calm: Instrument, told: Verdicts) -> Basis:
    return Basis(GRID, 3, RULES, {"scale-a": replace(calm, slug="scale-a"), "calm-6": calm}, told)


def test_without_an_open_pair_the_grid_is_the_same_as_ever(calm: Instrument) -> None:
    parameters = Parameters(instrument=FACTS)
    assert basis(calm, Verdicts()).grid_of(parameters) is GRID
    opened = basis(calm, Verdicts((), {("scale-a", "total"): ("en", "ar")}))
    assert opened.grid_of(parameters).names[-1] == "language.scale-a.total"
    assert opened.grid_of(Parameters()) is GRID


def in_one_place(rows: Rows) -> Rows:
    for row in (*rows["people"], *rows["scores"]):
        row["place"] = 1
    return rows | {"places": [row | {"parent": None} for row in rows["places"] if row["place"] == 1]}


@pytest.mark.parametrize("people", [120, 400])
def test_no_attacker_finds_anybody_by_language_or_by_another_questionnaire(people: int) -> None:
    """The report's tables first, then those of another questionnaire, both split by a language of its own."""
    rows = in_one_place(in_two_languages(people, people))
    second = [
        row | {"instrument": "scale-b", "language": "en" if row["person"] % 5 else "ar", "value": row["value"] + 1}
        for row in rows["scores"] if row["person"] % 3
    ]  # fmt: skip
    lake = lake_of(rows | {"scores": rows["scores"] + second})
    made: list[SafeTable] = []
    truth: dict[tuple[str, int, int, str, str], int] = {}
    for slug, facts, name in (
        ("better-and-worse", FACTS, None), ("better-and-worse", replace(FACTS, slug="scale-b"), "better-and-worse.b"),
    ):  # fmt: skip
        grid = replace(GRID, dimensions=("gender",), asked=Asked(facts.slug, facts.scale, ("en", "ar"), 6))
        counts = count(CATALOGUE[slug], lake, grid, Parameters(instrument=facts), name)
        made.append(safe_table(counts, RULES, (), tuple(made)))
        for r in counts.rows:
            for series, value in zip((counts.population, *counts.series), (r.n, *r.parts), strict=True):
                truth[series, r.place, r.period, r.dimension, r.group] = value
    lake.close()
    shown = values(made)
    for name, value in shown.items():
        low, high = could_be(value, RULES.smallest, RULES.base) if value is not None else (0, 10**6)
        assert low <= truth.get(name, 0) <= high
    for name, (low, high) in ranges(made, {}, most=4 * people + 50).items():
        assert low <= truth.get(name, 0) <= high, "the attacker's sums are wrong"
        assert low < high, f"a hidden count can only be {low}"
        if name[0] == "started":
            assert high >= RULES.smallest, "people are shown to be few"
    if people > 200:
        assert any(name[3].startswith("language.") and value for name, value in shown.items()), "something is said"


# ------------------------------------------------------------------- every questionnaire, after the report's own


def test_each_questionnaire_with_a_reliable_change_has_its_tables(calm: Instrument, monkeypatch) -> None:
    rows = a_programme(11, 600)
    more = [row | {"instrument": "calm-6"} for row in rows["scores"]]
    lake = lake_of(rows | {"scores": rows["scores"] + more})
    outcome = {"instrument": "scale-a", "scale": "total"}
    monkeypatch.setattr("kinweave.learn.further.chosen.value", lambda key: outcome)
    monkeypatch.setattr("kinweave.learn.release_tables.chosen.value", lambda key: outcome)
    monkeypatch.setattr("kinweave.listen.extract.asked", lambda: {"scale-a", "calm-6", "gone"})
    on = basis(calm, Verdicts())
    own = count(CATALOGUE["better-and-worse"], lake, GRID, on.asking(FACTS))
    report = safe_table(own, RULES)
    found = further_tables(lake, on, (), (report,))
    assert further_tables(lake_of(rows), on, (), (report,)) == []  # nobody was asked the other one
    lake.close()
    assert [one.table.name for one in found] == ["better-and-worse.calm-6.total", "symptom-change.calm-6.total"]
    whole = {(c.place, c.period, c.dimension, c.group): c.n for c in report.cells}
    for one in found:
        assert {(c.place, c.period, c.dimension, c.group): c.n for c in one.table.cells} == whole
    # Who was missed is one count in both tables of one questionnaire, and never that of another questionnaire.
    mine = [dict(zip(one.table.parts, one.table.series, strict=True))["missed"] for one in found]
    assert mine == ["better-and-worse.calm-6.total/missed"] * 2
    assert "better-and-worse/missed" in report.series
    about = about_tables(found)
    assert about["better-and-worse.calm-6.total"] == {
        "indicator": "better-and-worse", "instrument": "calm-6", "scale": "total",
    }  # fmt: skip
    assert about["better-and-worse"]["instrument"] == "scale-a"


def test_the_file_says_what_each_table_is_about(settings, tmp_path: Path) -> None:
    from kinweave.learn.explored import explored

    settings.HOME = tmp_path
    lake = lake_of(a_programme(11, 300))
    table = safe_table(count(CATALOGUE["reach"], lake, GRID, Parameters()), RULES)
    lake.close()
    write_explored([table], "2026-02-01", 3, {}, {"instrument": "scale-a", "scale": "total"})
    assert explored()["tables"][0]["about"] == {"indicator": "reach"}


def test_sums_for_other_sites_are_never_split_by_language(monkeypatch) -> None:
    signs = SimpleNamespace(require=lambda permission: None)
    for name in ("language", "language.phq-9.total"):
        with pytest.raises(SumsUnclear):
            write_sums(signs, instrument="phq-9", scale="total", windows=[0, 3], groups=[name])
