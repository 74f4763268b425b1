"""The report in words: plain, honest, safe at any size, the same in every language."""

from __future__ import annotations

import json
import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from kinweave.care.actions import move_on
from kinweave.core.problems import Problem
from kinweave.decide.actions import add_promise
from kinweave.house.access import SYSTEM
from kinweave.house.actions import count_place
from kinweave.learn import jobs
from kinweave.learn.__main__ import make_draft
from kinweave.learn.periods import ends, offered
from kinweave.learn.release import draft
from kinweave.learn.report import compose
from kinweave.learn.report_audience import TEMPLATES, _mean
from kinweave.learn.report_numbers import of_ten, share
from kinweave.learn.report_words import languages, words
from kinweave.measures.disclosure import Cell, Counts, Row, Rules, make_safe
from kinweave.published import reads
from kinweave.published.models import Release
from tests.published.make import ASKED, YEAR, about, safe_tables

PLACE = 7
HARD = re.compile(
    r"(?i)\b(effect|effective|efficacy|impact|outcome|patient|client|depress|anxi|disorder|symptom|score)"
)


def report(n, language="en", template="community", **more):
    return compose(about(PLACE, **more), safe_tables(n, PLACE, 100_000), words(language), template)


def said(doc):
    """Every sentence a reader meets, one paragraph each."""
    found = [doc["title"]]
    for section in doc["sections"]:
        found.append(section["title"])
        for block in section["blocks"]:
            if block.get("language") is None:  # a citation is printed as it was written
                found += [block[key] for key in ("text", "sentence", "note", "caption", "desc") if block.get(key)]
                found += block.get("lines", [])
    return found


def sentences(paragraphs):
    return [s for p in paragraphs for s in re.split(r"(?<=[.?!؟])\s+", p) if s]


def syllables(word):
    """Groups of vowels, a silent e at the end left out: the usual rule for English."""
    word = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$", "", word.lower()) or word
    return max(len(re.findall(r"[aeiouy]+", word)), 1)


def grade(found):
    """Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom 1975): a school year of the United States."""
    spoken = [re.findall(r"[A-Za-z']+", s) for s in found]
    spoken = [s for s in spoken if len(s) > 2]
    count = sum(map(len, spoken))
    return 0.39 * count / len(spoken) + 11.8 * sum(syllables(w) for s in spoken for w in s) / count - 15.59


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("n", [6, 40, 400])
def test_each_kind_of_reader_gets_the_same_truth(n, template):
    ours, all_ = report(n, template=template), report(n)
    mine = {section["id"]: section for section in ours["sections"]}
    for section in all_["sections"]:  # nothing is left out for anyone: worse, missed and owed among it
        assert mine[section["id"]] == section
    assert ours["summary"] == all_["summary"]
    assert ("usual" in mine) == (template != "community")
    assert ("for the" in ours["title"] or "for those" in ours["title"]) == (template != "community")
    assert grade(sentences(said(ours))) <= 6.5


def test_people_with_the_usual_care_stand_beside_ours():
    found = report(400, template="board", asked={**ASKED, "instrument": "phq-9", "scale": "total"})
    usual = next(s for s in found["sections"] if s["id"] == "usual")
    table = next(b for b in usual["blocks"] if b["kind"] == "table")
    assert [row[4] for row in table["rows"]] == ["6.2", "7.5", "5.8"]  # starts less laters, by hand
    assert "fell by 5.8 to 7.5" in usual["blocks"][0]["text"]
    assert "would have come anyway" in usual["blocks"][1]["text"]
    assert sum("data.csv" in b.get("text", "") for b in usual["blocks"]) == 3


def test_a_questionnaire_without_studies_says_so():
    usual = next(s for s in report(400, template="funder")["sections"] if s["id"] == "usual")
    assert "We know of no study" in usual["blocks"][0]["text"]


def test_every_number_has_whom_it_stands_on_and_who_was_missed():
    table = next(s for s in report(400, template="ministry")["sections"] if s["id"] == "measures")["blocks"][0]
    rows = {row[0]: row[1:] for row in table["rows"]}
    better, worse = rows["Felt clearly better"], rows["Felt clearly worse"]
    assert better[2] == worse[2] == "about 400"
    assert all((*better, *worse))
    low, high = (float(one) for one in better[1].split(" to "))
    assert low < float(better[0]) < high
    assert better[3].startswith("about "), "a rounded number says that it is one"


def test_the_reach_of_a_fall_has_no_dash_before_its_minus():
    view = SimpleNamespace(table=SimpleNamespace(parts=("measured", "missed")))
    cell = Cell(1, 20250, "all", "all", 80, (55, 20), -9.8, 5.7)
    value, reach = _mean(SimpleNamespace(words=words("en")), view, cell)
    assert (value, reach) == ("-9.8", "-11.3 to -8.3")


@pytest.mark.parametrize("n", [6, 40, 60, 400, 4000])
def test_a_child_of_eleven_can_read_it(n):
    found = sentences(said(report(n)))
    assert grade(found) <= 5.5
    assert [s for s in found if len(s.split()) > 20] == []


def test_every_text_of_the_file_is_plain_too():
    """Also sentences that these numbers did not bring up."""
    texts = words("en").texts
    groups = ("lead", "few", "time", "groups", "owed", "promised", "wrong", "counted", "words", "usual")
    found = [str(t).format_map(Filler()) for g in groups for t in texts[g].values() if isinstance(t, str)]
    found = [s for s in sentences(found) if len(s.split()) > 4]
    assert grade(found) <= 6
    assert [s for s in found if len(s.split()) > 20] == []


class Filler(dict):
    def __missing__(self, key):
        return "five"


@pytest.mark.parametrize("n", [40, 400])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_never_claims_a_proof_nor_speaks_like_a_clinic(n, language):
    doc = report(n, language)
    assert not HARD.search(" ".join(said(doc)))
    assert words(language).say("lead.anyway") in json.dumps(doc, ensure_ascii=False)


def test_the_first_sentence_says_better_worse_and_whom_we_missed():
    doc = report(4000)
    assert doc["summary"] == (
        "Of ten people who started, five felt clearly better, one felt clearly worse, and we could not reach one."
    )
    dots = doc["sections"][0]["blocks"][0]
    assert [(s["name"], s["count"], s["kind"]) for s in dots["segments"]] == [
        ("better", 5, "full"), ("same", 3, "half"), ("worse", 1, "ring"), ("missed", 1, "gap"),
    ]  # fmt: skip
    assert dots["note"] == "About 4000 people started."


def test_it_still_says_something_useful_for_forty_people():
    doc = report(40)
    dots = doc["sections"][0]["blocks"][0]
    assert dots["kind"] == "dots"
    assert "felt clearly better" in doc["summary"]
    assert sum(s["count"] for s in dots["segments"]) == 10
    assert "too small" in " ".join(said(doc))


def test_too_few_people_are_told_so_kindly_and_no_number_slips_out():
    doc = report(8)
    text = " ".join(said(doc))
    assert "Few people started here" in text
    assert "Thank you to everyone" in text
    assert next(s["id"] for s in doc["sections"]) == "lead"
    shown = [s for s in doc["sections"] if s["id"] in ("time", "groups")]
    assert shown == []


def test_a_place_below_the_floor_shows_nothing():
    tables = safe_tables(400, PLACE, inhabitants=300)
    doc = compose(about(PLACE), tables, words("en"))
    assert "Few people started here" in doc["summary"]
    assert not re.search(r"\b(110|115|400|100)\b", " ".join(said(doc)))


@pytest.mark.parametrize("n", [40, 400])
def test_no_exact_number_of_people_is_in_it(n):
    """Every count of people is a multiple of five."""
    doc = report(n, asked={})
    counts = [int(c) for c in re.findall(r"bout (\d+)", json.dumps(doc))]
    assert counts
    assert all(c % 5 == 0 for c in counts)


def test_dots_always_make_ten():
    names = ("better", "worse", "same", "missed")
    for parts in ((110, 20, 60, 45), (15, 15, 15, 15), (None, 15, None, 385), (395, None, None, None)):
        cell = Cell(1, 20250, "all", "all", 400, parts)
        assert sum(of_ten(cell, names).values()) == 10
    assert of_ten(Cell(1, 20250, "all", "all", None, (None,) * 4), names) == {}
    assert of_ten(Cell(1, 20250, "all", "all", 40, (None,) * 4), names) == {}


def test_the_reach_of_chance_is_wilsons():
    # 20 of 40: 0.352 to 0.648 (Wilson 1927, as statsmodels' proportion_confint(20, 40, method="wilson")).
    half = share(20, 40)
    assert (round(half.low, 2), round(half.high, 2)) == (3.52, 6.48)


def test_the_chart_shows_every_three_months_with_chance_and_the_missed():
    chart = next(s for s in report(4000)["sections"] if s["id"] == "time")["blocks"][0]
    assert [s["of"] for s in chart["series"]] == ["better", "worse", "missed"]
    assert [p["long"] for p in chart["series"][0]["points"]][:2] == ["Jan–Mar 2025", "Apr–Jun 2025"]
    assert chart["series"][0]["points"][0]["label"] == "1/25"
    for point in chart["series"][0]["points"]:
        assert point["low"] < point["value"] < point["high"]
    assert "more than chance" in chart["sentence"]


def test_groups_stand_in_their_own_order_and_a_clear_gap_is_said():
    groups = {"woman": (1500, 200, 300, 200), "man": (200, 100, 300, 200)}
    rows = [Row(PLACE, YEAR * 10, "gender", g, sum(c), c) for g, c in groups.items()]
    whole = tuple(map(sum, zip(*groups.values(), strict=True)))
    rows.append(Row(PLACE, YEAR * 10, "all", "all", sum(whole), whole))
    counts = Counts("better-and-worse", "started", "share", ("better", "worse", "same", "missed"), tuple(rows),
                    {PLACE: None}, {(PLACE, YEAR): 9000})  # fmt: skip
    doc = compose(about(PLACE), {"better-and-worse": make_safe(counts, Rules())}, words("en"))
    section = next(s for s in doc["sections"] if s["id"] == "groups")
    table = section["blocks"][1]
    assert [row[0] for row in table["rows"]] == ["Everyone", "Women and men", "Women", "Men"]
    assert "Of ten people in the group “Men”, three felt clearly better." in section["blocks"][0]["text"]


def test_every_language_says_the_same_and_only_the_checked_one_says_so():
    assert set(languages()) >= {"en", "ar"}
    docs = {one: report(400, one) for one in languages()}
    shapes = {one: [(s["id"], [b["kind"] for b in s["blocks"]]) for s in doc["sections"]] for one, doc in docs.items()}
    assert len({json.dumps(shape) for shape in shapes.values()}) == 1
    assert (docs["en"]["checked"], docs["ar"]["checked"], docs["ar"]["direction"]) == (True, False, "rtl")
    assert not re.search(r"[A-Za-z]{3}", " ".join(said(docs["ar"])).replace("Ward", "").replace("Open Bench", ""))


def test_periods_are_offered_only_once_they_can_be_counted_whole():
    found = offered(date(2025, 2, 1), date(2026, 6, 20), 4)
    assert found[0] == 20250
    assert found[1:5] == [20254, 20253, 20252, 20251]
    assert 20261 not in found
    assert ends(20254) == (2025 * 12 + 9, 2025 * 12 + 11)


# The whole way, on a small site


@pytest.fixture
def site(world):
    year = timezone.localdate().year
    count_place(by=SYSTEM, place_id=world.wards[0], year=year, population=1200, source="census")
    for _ in range(3):
        person = world.person(gender="woman")
        for move in ("consent", "tell", "wait", "start"):
            by = world.actor("amina")
            move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    return world


@pytest.mark.django_db
def test_three_people_make_a_draft_that_shows_none_of_them(site):
    year = timezone.localdate().year
    steps = []
    add_promise(
        by=site.actor("farai"), organisation_id=site.organisation, place_id=site.wards[0], sector="health",
        owner="The clinic", what={"en": "A wider door"}, said_on=timezone.localdate(), due_on=timezone.localdate(),
    )  # fmt: skip
    made = draft(site.wards[0], year * 10, site.actor("gloria"), steps.append, today=date(year + 2, 1, 10))
    row = reads.one_for_desk(site.actor("farai"), made["release"])
    assert "Few people started here" in row.texts["en"]["summary"]
    assert set(row.head["languages"]) == {"en", "ar"}
    assert row.head["chain"]["position"] > 0
    assert row.head["promises"]["counts"]["broken"] == row.head["promises"]["unnamed"] == 1
    assert "The clinic" not in json.dumps([row.head, row.texts])  # nobody asked for an answer
    assert steps[0] == "lake"
    assert steps[-1] == "words"
    counts = [c for t in Release.objects.get().tables for cell in t["cells"] for c in (cell["n"], *cell["parts"])]
    assert 3 not in counts
    assert reads.is_intact(row)


@pytest.mark.django_db
def test_a_period_that_is_not_over_makes_no_draft(site):
    with pytest.raises(Problem) as fault:
        draft(site.wards[0], timezone.localdate().year * 10, site.actor("gloria"))
    assert fault.value.code == "release-too-early"


@pytest.mark.django_db
def test_a_job_tells_how_far_it_is_and_what_went_wrong(site):
    job = "0" * 32
    account = site.accounts["gloria"].id
    with pytest.raises(Problem):
        make_draft(site.wards[0], timezone.localdate().year * 10, account, job)
    found = jobs.look(job)
    assert (found["state"], found["problem"]["code"]) == ("failed", "release-too-early")
    assert jobs.look("f" * 32) is None
    with pytest.raises(ValueError, match="32"):
        jobs.tell("../../etc/passwd")
