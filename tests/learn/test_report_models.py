"""What models say in a report: one plain sentence for everyone, the whole of it for those who judge, and in the CSV."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import pytest

from kinweave.front.report.sheet import columns_text, csv_text
from kinweave.learn.report import compose
from kinweave.learn.report_words import words
from tests.front.test_behind import gap, results
from tests.published.make import about, safe_tables

pytestmark = pytest.mark.sqlite_only  # needs no database

PLACE = 7


def made(template="funder", language="en", models=None, period=20250):
    found = results(PLACE, [1]) if models is None else models
    on = about(PLACE, models=tuple(found), period=period)
    return compose(on, safe_tables(400, PLACE, 100_000), words(language), template)


def section(doc, name):
    return next((one for one in doc["sections"] if one["id"] == name), None)


def text(one):
    return " ".join(str(b.get(k, "")) for b in one["blocks"] for k in ("text", "caption", "note"))


def test_those_who_judge_read_worse_beside_better_and_who_is_not_in_it():
    for template in ("funder", "ministry"):
        said = text(section(made(template), "gaps"))
        assert "Groups differ by more than chance would give." in said
        assert "7 lie between these groups (4 to 20)" in said.replace("(4 to 20)", "(4 to 20)")
        assert "Felt clearly worse: too few groups can be shown" in said
        assert "Not in it: 5 of 12 groups, with about 300 people." in said
        assert "Evans" in said


def test_the_first_year_stands_beside_what_would_have_come_anyway():
    on = about(PLACE, models=tuple(results(PLACE, [1])))
    asked = {**on.asked, "instrument": "phq-9", "scale": "total"}
    doc = compose(about(PLACE, models=on.models, asked=asked), safe_tables(400, PLACE, 100_000), words("en"), "funder")
    said = text(section(doc, "year"))
    assert "Over twelve months points fell by 5 on average, by a model." in said
    assert "Those we reached had 6.2 points at the end. By the model it is 7.5." in said
    assert "In published studies, people with only the usual care also felt better." in said
    assert "would have come anyway" in said


@pytest.mark.parametrize(("models", "sentence"), [
    (results(PLACE, [1]), "Groups differ by more than chance would give."),  # one group of ten stands for both ends
    ([gap(PLACE, "better", state="found", beyond_chance=True, rows=[{"value": 2.8}, {"value": 7.1}])],
     "Between groups here, from three to seven of ten felt clearly better."),
    ([gap(PLACE, "better", state="found", beyond_chance=False, rows=[])],
     "Groups differ no more than chance would give."),
    ([gap(PLACE, "better", state="too-few", seen=1, needed=10)],
     "Whether it is the same for all could not be seen."),
    ([], "Whether it is the same for all could not be seen."),
])  # fmt: skip
def test_everyone_reads_one_plain_sentence(models, sentence):
    doc = made("community", models=models)
    assert sentence in text(section(doc, "groups"))
    assert section(doc, "gaps") is None
    assert sentence not in text(section(made("community", models=models, period=20251), "groups"))


LASTING = {
    "topic": "lasting", "place": PLACE, "period": 20250, "until": "2023-06", "months": 24, "grants": ["Two years"],
    "at": [1, 2], "year": 2025, "state": "found", "verdict": "fades", "gain": [3.1, 1.2, 5.0],
    "after": [-2.9, -4.4, -1.4], "kept": [0.2, -1.0, 1.4], "ours": {"places": 4, "n": 200},
    "others": {"places": 5, "n": 180}, "left": {"places": 0}, "method": "places", "citation": "Knapp & Hartung",
}  # fmt: skip


@pytest.mark.parametrize(("found", "words"), [
    (LASTING, ["In 2023 money", "3.1 points better off", "After two years a part of what was gained is gone."]),
    ({**LASTING, "verdict": "not-shown"}, ["After two years we cannot see yet"]),
    ({**LASTING, "gain": [0.4, -1.0, 1.8]}, ["we saw no gain", "cannot say that anything lasted"]),
    ({**LASTING, "state": "no-comparison"}, ["nobody was asked where"]),
    ({**LASTING, "state": "too-few"}, ["too few places"]),
])  # fmt: skip
def test_everyone_reads_whether_it_lasts_and_those_who_judge_its_numbers(found, words):
    everyone, funder = (section(made(one, models=[found]), "lasting") for one in ("community", "funder"))
    for part in words:
        assert part in text(everyone)
    assert [b["kind"] for b in everyone["blocks"]] == ["text"]
    tables = [b for b in funder["blocks"] if b["kind"] == "table"]
    assert len(tables) == (found["state"] == "found")
    if found is LASTING:
        assert tables[0]["rows"][2][1:] == ["0.2", "-1 to 1.4"]
        assert "4 places here (about 200 people), 5 without this work (about 180)." in tables[0]["note"]
    assert section(made("community", models=[]), "lasting") is None
    assert section(made("ministry", "ar", models=[found]), "lasting")


def test_what_lasts_is_in_the_csv():
    row = SimpleNamespace(slug="ward-1", period=20250, head={"place": PLACE, "invented": False, "models": [LASTING]},
                          texts={"en": {"place": "Ward 1"}}, tables=[])  # fmt: skip
    values = {r[6]: r[8] for r in csv.reader(io.StringIO(csv_text(row)))}
    assert (values["after_24_months_kept"], values["after_24_months_gain_low"]) == ("0.2", "1.2")
    assert "does-it-last" in columns_text(row)


def test_a_report_tells_only_of_its_own_places_and_year():
    from kinweave.learn.lasting import lasting_of

    other = {"topic": "losses"}
    assert lasting_of((other, LASTING), {1, 2, 7}, 20250) == [LASTING]
    assert lasting_of((other, LASTING), {1, 7}, 20250) == []
    assert lasting_of((LASTING,), {1, 2, 7}, 20260) == []
    assert lasting_of((LASTING,), {1, 2, 7}, 20252) == []


def test_both_languages_say_it_and_neither_says_effect():
    for language in ("en", "ar"):
        doc = made("funder", language)
        assert "effect" not in str(doc["sections"]).lower()
        assert section(doc, "year")["blocks"][2]["kind"] == "table"


def test_the_numbers_are_in_the_csv_and_its_dictionary_and_an_old_release_has_none():
    tables = [table.to_dict() for table in safe_tables(400, PLACE, 100_000).values()]
    head = {"place": PLACE, "invented": False}
    texts = {"en": {"place": "Ward 1"}}
    old = SimpleNamespace(slug="ward-1", period=20250, head=head, texts=texts, tables=tables)
    new = SimpleNamespace(
        slug="ward-1", period=20250, head={**head, "models": results(PLACE, [1])[:3]}, texts=texts, tables=tables
    )
    more = csv_text(new).removeprefix(csv_text(old))
    rows = list(csv.reader(io.StringIO(more)))
    assert ["ward-1", "Ward 1", "same-for-all", "2025", "gender*age_band", "woman*18-29", "better_of_ten", "130", "2.8",
            "5", "11", "no"] in rows  # fmt: skip
    assert ["points_after_12_low", "", "7.2"] in [row[6:9] for row in rows]
    assert not [row for row in rows if row[6].startswith("worse")]
    names = {row[1] for row in csv.reader(io.StringIO(columns_text(new)))}
    assert {"same-for-all", "first-year"} <= names
    assert "same-for-all" not in columns_text(old)
