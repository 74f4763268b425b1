"""What models say of a lake: from safe sums only, honest about who is missing, plain values, never by rank."""

from __future__ import annotations

import json
import random
from datetime import date

import numpy as np
import pytest

from kinweave.house import settings as chosen
from kinweave.learn import first_year, models
from kinweave.learn.first_year import table_name
from kinweave.learn.models import all_models, write_models
from kinweave.learn.models_gaps import ABOUT
from kinweave.learn.nightly import MODELS
from kinweave.learn.release_tables import basis, safe_tables
from kinweave.learn.shape import SCHEMAS, month_index
from kinweave.learn.sums import moments_of
from kinweave.measures.federation import withhold
from tests.learn.little_lakes import Rows, lake_of

pytestmark = pytest.mark.sqlite_only  # needs no database

YEAR, START = 20240, month_index(2024, 1)
PLACES = {1: 10, 2: 10, 10: None}
LOST = "man", "18-29", "yes"  # the invented combination for whom it is worst


def a_year(seed: int, people: int) -> Rows:
    """Everyone started in 2024; who stays away fares worse than who comes, as far as earlier scores show."""
    r = random.Random(seed)
    rows: Rows = {name: [] for name in SCHEMAS}
    rows["places"] = [{"place": p, "parent": up, "year": 2024, "population": 90_000} for p, up in PLACES.items()]
    for person in range(people):
        start = START + r.randrange(12)
        kind = (r.choice(["woman", "man"]), r.choice(["18-29", "30-44", "45-59"]), r.choice(["yes", "no"]))
        home = {"person": person, "place": r.choice([1, 2]), "purpose": "both"}
        rows["people"].append(home | {
            "organisation": "o", "programme": "p", "gender": kind[0], "age_band": kind[1], "disability": kind[2],
            "language": "en", "dimension": None, "started_month": start, "caregiver": False,
        })  # fmt: skip
        score, fall = min(max(r.gauss(17, 3), 3), 27), 3.5 if kind == LOST else 6.5
        rows["pathway"].append(home | {"month": start, "state": "active", "reason": None})
        for step, since in enumerate((0, 3, 6, 12)):
            if step:
                score = min(max(score - fall + r.gauss(0, 3), 0), 27)
                if r.random() < (0.45 if score > 12 else 0.2):
                    break
            rows["scores"].append(home | {
                "instrument": "phq-9", "scale": "total", "language": "en", "month": start + since,
                "months_since_start": since, "value": float(round(score)), "band": None, "item_missing": 0,
                "doubtful": False,
            })  # fmt: skip
    return rows


@pytest.fixture(scope="module", autouse=True)
def defaults():
    """Every setting at its default, without a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chosen, "value", lambda key, scope="": chosen.DEFINED[key].default)
        patch.setattr(models, "MORE", ())  # they ask the database for names; test_losses does
        yield


@pytest.fixture(scope="module")
def world_of(defaults):
    """One lake of 2,400 people with its tables and models, made once."""
    lake = lake_of(a_year(5, 2400))
    on = basis(lake, date(2026, 3, 1))
    made = safe_tables(lake, on, ())
    steps: list[str] = []
    told = all_models(lake, on, (), made, steps.append)
    # A step is told after each table, so that the lease on the lake is renewed however long the whole takes.
    assert len(steps) >= len(told.tables)
    lake.close()
    return on, made, told


def test_combinations_tell_for_whom_it_is_worst(world_of):
    on, _made, told = world_of
    found = {one["about"]: one for one in told.at(10, YEAR) if one["topic"] == "gaps"}
    assert tuple(found) == ABOUT
    better = found["better"]
    assert (better["state"], better["of"], better["beyond_chance"]) == ("found", "measured", True)
    worst = min(better["rows"], key=lambda row: row["value"])
    assert tuple(worst["group"]) == LOST
    assert [row["group"] for row in better["rows"]] == sorted(row["group"] for row in better["rows"])
    assert all(row["low"] <= row["value"] <= row["high"] for row in better["rows"])
    assert all(row["n"] % on.rules.base == 0 for row in better["rows"])
    assert found["worse"]["state"] == "too-few"
    assert found["worse"]["left"]["strata"] > 0


def test_the_first_year_is_honest_about_those_who_stayed_away(world_of):
    _on, _made, told = world_of
    one = next(one for one in told.at(10, YEAR) if one["topic"] == "slopes")
    assert (one["state"], one["windows"]) == ("found", [0, 3, 6, 12])
    last, model = one["reached"][-1], one["model"][-1]
    # Who fares worse is reached less, so the average of those who were reached is too good.
    assert last["mean"] < model["value"]
    assert last["n"] < one["n"]
    # Those missed at the end, as the safe table counts them, weigh in full: the sums lost many of them as too few.
    worst, none = one["deltas"][2], one["deltas"][0]
    assert worst["value"] - none["value"] == pytest.approx(worst["delta"] * last["missed"] / one["n"], abs=0.11)
    assert {g["group"] for g in one["groups"]} == {"woman", "man"}


def test_where_one_gender_is_withheld_the_model_is_of_all_together_and_not_of_the_other(defaults):
    rows = a_year(6, 600)
    for person in rows["people"]:
        person["gender"] = "man" if person["person"] % 15 == 0 else "woman"
    for score in rows["scores"]:
        if score["person"] % 15 == 0:  # the few men fare far better: left out, they would be missed
            score["value"] = max(0.0, score["value"] - 2.0 * score["months_since_start"])
    lake = lake_of(rows)
    on = basis(lake, date(2026, 3, 1))
    one = next(o for o in all_models(lake, on, (), safe_tables(lake, on, ())).at(10, YEAR) if o["topic"] == "slopes")

    def end_of(groups):
        sums = moments_of(lake, "phq-9", "total", one["windows"], groups, "statistics", lake.people.select("person"))
        fitted = first_year._fitted(withhold(sums, on.rules.smallest), None)
        return round(fitted.mean(fitted.groups[0], 12.0).value, 1)

    together, apart = end_of([]), end_of(["gender"])
    lake.close()
    assert one["groups"] == []
    assert one["model"][-1]["value"] == together != apart


def test_all_else_is_said_or_says_why_not(world_of):
    _on, _made, told = world_of
    topics = {(one["topic"], one["state"]) for one in told.results}
    assert {("gaps", "found"), ("slopes", "found"), ("inequality", "found")} <= topics
    for one in told.results:
        assert one["state"] in ("found", "too-few", "cannot")
        assert one["state"] != "found" or (one["method"] and one["citation"])
    text = json.dumps(told.results, allow_nan=False)
    assert "effect" not in text.replace("fixed effects", "")
    worse = [(o["topic"], o["place"], o["period"], o.get("dimension")) for o in told.results if o["about"] == "worse"]
    better = [(o["topic"], o["place"], o["period"], o.get("dimension")) for o in told.results if o["about"] == "better"]
    assert worse == better, "improvement never without deterioration"


def test_the_file_is_read_back_as_it_was_written(world_of, settings, tmp_path):
    settings.HOME = tmp_path
    assert MODELS.read() is None
    write_models(world_of[2], "2026-03-01", {10: "x"})
    said = MODELS.read()
    assert said is not None
    assert said["results"] == json.loads(json.dumps(world_of[2].results))
    MODELS.path.write_text('{"format": 99}')
    assert MODELS.read() is None


def test_every_window_has_its_table(world_of):
    names = {table.name for table in world_of[2].tables}
    assert {"strata", *(table_name(w) for w in (0, 3, 6, 12))} == names


def test_few_people_give_no_answer_and_no_failure():
    lake = lake_of(a_year(1, 40))
    on = basis(lake, date(2026, 3, 1))
    told = all_models(lake, on, (), safe_tables(lake, on, ()))
    lake.close()
    assert not [one for one in told.results if one["state"] == "found" and one["topic"] == "gaps"]
    assert np.isfinite([one["n"] or 0 for one in told.results]).all()
