"""By language: greyed with its reason until a verdict opens it, and then only the languages that it opens."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from kinweave.house.models import Place
from kinweave.learn.build_places import place_number
from kinweave.learn.explore import write_explored
from kinweave.learn.judged import language_dimension
from kinweave.learn.languages import Judged, Verdicts, write_verdicts
from kinweave.measures.disclosure import Counts, Row, Rules, make_safe
from kinweave.measures.validity import State
from tests.published.make import safe_tables

pytestmark = pytest.mark.django_db
MEASURE = {"instrument": "phq-9", "scale": "total"}
OTHER = {"instrument": "gad-7", "scale": "total"}
PEOPLE = {"kind": "people", "limit": 200, "source": "Zumbo (1999)"}
SAME = {"kind": "same", "of": "mantel-haenszel", "limit": 0, "source": "Zwick (2012)"}
MODEL = {"kind": "model", "of": "", "limit": None, "source": "Chen (2007)"}


def verdict(state, people, *reasons, pair=("en", "ar"), **more):
    counted = tuple(
        {**PEOPLE, "of": name, "found": n, "passed": bool(n and n >= 200)} for name, n in zip(pair, people, strict=True)
    )
    return Judged("phq-9", "total", pair, State(state), people, (*counted, *reasons), **more)


FEW = verdict("too-few", (400, 45))
NEARLY_NONE = verdict("too-few", (400, None))
BLOCKED = verdict(
    "blocked", (400, 260), {**SAME, "found": {"unlike": ["q4"], "unsure": []}, "passed": False},
    {"kind": "few", "of": "logistic", "found": [3, 9], "limit": 0.25, "source": "ours", "passed": False},
    {**MODEL, "found": ["scalar"], "passed": False}, opens=("change and relations",),
)  # fmt: skip
OPEN = verdict(
    "open", (400, 260), {**SAME, "found": {"unlike": [], "unsure": []}, "passed": True},
    {"kind": "together", "of": "ar", "found": 0.81, "limit": 0.7, "source": "Nunnally (1978)", "passed": True},
    {**MODEL, "found": [], "passed": True}, opens=("averages", "change and relations"),
)  # fmt: skip


def felt(place, split):
    """How people felt in a year, with rows by language: English, Arabic and those that may not be compared."""
    shares = {"en": (60, 15, 20, 25), "ar": (50, 20, 15, 35), "not-compared": (30, 15, 20, 35)}
    whole = tuple(map(sum, zip(*shares.values(), strict=True)))
    rows = [Row(place, period, "all", "all", sum(whole), whole) for period in (20250,)]
    rows += [Row(place, 20250, split, name, sum(parts), parts) for name, parts in shares.items()]
    parts = ("better", "worse", "same", "missed")
    counts = Counts("better-and-worse", "started", "share", parts, tuple(rows), {place: None}, {(place, 2025): 5000})
    return make_safe(counts, Rules())


@pytest.fixture
def site(world, settings, tmp_path):
    """A site whose first ward has numbers by two questionnaires; `judge` writes the night's verdicts."""
    settings.HOME = tmp_path
    place = place_number(world.wards[0])
    own = felt(place, language_dimension("phq-9", "total"))
    other = make_safe(
        Counts(
            "better-and-worse.gad-7.total", "started", "share", own.parts,
            (Row(place, 20250, "all", "all", 340, (90, 40, 110, 100)),), {place: None}, {(place, 2025): 5000},
        ), Rules(), (), (own,),
    )  # fmt: skip
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    tables = [own, safe_tables(400, place)["unmet-need"], other]
    about = {own.name: MEASURE, other.name: {"indicator": "better-and-worse", **OTHER}}
    write_explored(tables, "2026-02-01", 3, numbers, MEASURE, about)
    return world


def judge(*judged, shown=()):
    write_verdicts(Verdicts(judged, {("phq-9", "total"): shown} if shown else {}), "2026-02-01")


def page(client, world, name="gloria", at="numbers", **asked):
    client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    where = {} if at != "numbers" else {"place": str(place_number(world.wards[0]))}
    answer = client.get(reverse(at), {**where, **asked})
    return answer, answer.content.decode()


def option(said):
    return re.search(r'<option value="language"[^>]*>', said)[0]


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (FEW, "Too few answers in Arabic: about 45 of the 200 that are needed."),
        (NEARLY_NONE, "Too few answers in Arabic: 200 are needed."),
        (BLOCKED, "Question 4 seems to mean something else in Arabic: “Feeling tired or having little energy”"),
    ],
)
def test_a_closed_pair_is_greyed_with_its_reason(client, site, one, sentence):
    judge(one)
    said = page(client, site, question="better-and-worse")[1]
    assert "disabled" in option(said)
    assert said.count(sentence) == 1
    asked_for = page(client, site, question="better-and-worse", split="language")[1]  # by the address itself
    assert f"<h3>English and Arabic: not shown</h3><p>{sentence}</p>" in asked_for
    assert '<th scope="row">English</th>' not in asked_for
    assert '<th scope="row">Arabic</th>' not in asked_for


def test_an_open_pair_has_its_rows_and_no_others(client, site):
    third = verdict("too-few", (400, 20), pair=("en", "fr"))
    judge(OPEN, third, shown=("en", "ar"))
    said = page(client, site, question="better-and-worse", split="language")[1]
    assert "disabled" not in option(said)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', said)
    assert [name for name in rows if name in ("Everyone", "English", "Arabic", "French", "not-compared")] == [
        "Everyone", "Arabic", "English",
    ]  # fmt: skip
    assert "<h3>English and French: not shown</h3>" in said
    assert "Arabic: no native speaker has checked this translation." in said
    assert "English: no native" not in said


def test_what_an_earlier_night_opened_is_closed_again_by_the_newest_verdict(client, site):
    judge(BLOCKED)
    said = page(client, site, question="better-and-worse", split="language")[1]
    assert '<th scope="row">Arabic</th>' not in said


def test_without_verdict_or_questionnaire_the_reason_is_said(client, site):
    assert "There are no answers in two languages yet." in page(client, site, question="better-and-worse")[1]
    judge(OPEN, shown=("en", "ar"))
    said = page(client, site, question="unmet-need")[1]
    assert "disabled" in option(said)
    assert "only what is asked by a questionnaire" in said


def test_each_questionnaire_can_be_looked_at(client, site):
    first = page(client, site, question="better-and-worse")[1]
    assert re.findall(r'<option value="([a-z0-9-]+\.total)"', first) == [
        "how-you-have-been-9.total",
        "how-you-have-been-7.total",
    ]
    assert "2.6" not in re.search(r"<tbody>.*?</tbody>", first, re.DOTALL)[0]
    second = page(client, site, question="better-and-worse", asked="how-you-have-been-7.total")[1]
    assert "2.6" in re.search(r"<tbody>.*?</tbody>", second, re.DOTALL)[0]  # 90 of 340, of ten
    assert page(client, site, question="better-and-worse", asked="phq-9.total")[0].status_code == 422
    third = page(client, site, question="unmet-need", asked="how-you-have-been-7.total")
    assert third[0].status_code == 200
    assert "Too few people were asked" not in third[1]


def test_the_page_of_verdicts_names_what_was_found_its_limit_and_its_source(client, site):
    assert "Nothing to compare yet" in page(client, site, at="numbers-languages")[1]
    judge(BLOCKED, replace(FEW, pair=("en", "fr"), reasons=FEW.reasons[:1]), replace(OPEN, instrument="gad-7"))
    answer, said = page(client, site, at="numbers-languages")
    assert answer.status_code == 200
    for words in (
        "English and Arabic", "may not be compared", "cannot be compared yet", "may be compared", "Zwick (2012)",
        "differs much: question 4", "at most 25 of 100", "3 of 9", "answers start from the same point", "about 260",
        "How much people changed may be compared", "Arabic: no native speaker has checked this translation.",
        "at least 0.70", "0.81",
    ):  # fmt: skip
        assert words in said, words
    assert "phq" not in said.lower().replace("id=", "")


def test_who_may_see_it(client, site):
    judge(OPEN, shown=("en", "ar"))
    assert page(client, site, "farai", at="numbers-languages")[0].status_code == 200
    assert page(client, site, "amina", at="numbers-languages")[0].status_code == 403


def test_both_pages_ask_the_database_little(client, site, django_assert_max_num_queries):
    judge(BLOCKED, replace(OPEN, instrument="gad-7"))
    page(client, site)
    with django_assert_max_num_queries(12):
        client.get(
            reverse("numbers"),
            {"place": str(place_number(site.wards[0])), "question": "better-and-worse", "split": "language"},
        )
    with django_assert_max_num_queries(8):
        client.get(reverse("numbers-languages"))


def test_the_page_of_questionnaires_leads_there(client, site):
    assert reverse("numbers-languages") in page(client, site, "farai", at="switches")[1]
