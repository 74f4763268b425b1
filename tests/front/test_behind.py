"""What lies behind the numbers: sentences first, each with its interval, its people and who is not in it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kinweave.house.models import Place
from kinweave.learn.build_places import place_number
from kinweave.learn.explore import write_explored
from kinweave.learn.models import Models, write_models
from tests.published.make import safe_tables

MEASURE = {"instrument": "phq-9", "scale": "total"}
pytestmark = pytest.mark.django_db
YEAR = 20250


def gap(place, about, **more):
    return {
        "topic": "gaps", "about": about, "place": place, "period": YEAR, "of": "measured", "n": 2400,
        "left": {"strata": 5, "of": 12, "people": 300}, "columns": ["gender", "age_band"], **more,
    }  # fmt: skip


def results(place, wards):
    row = {"group": ["woman", "18-29"], "n": 130, "value": 2.8, "low": 2.1, "high": 3.5, "crude": 2.3, "additive": 4.7}
    said = {"method": "MAIHDA, binomial", "citation": "Evans et al. (2018)"}
    point = {"value": -5.0, "low": -5.6, "high": -4.4}
    here = {"n": 1050, "missed": 1350, "mean": 6.2, "low": 6.0, "high": 6.4}
    return [
        gap(place, "better", state="found", vpc=[7.4, 3.5, 20.3], mor=[1.6, 1.4, 2.4], beyond_chance=True,
            pattern="interaction", rows=[row], **said),
        gap(place, "worse", state="too-few", seen=4, needed=10),
        {"topic": "slopes", "about": "scores", "place": place, "period": YEAR, "windows": [0, 12], "n": 2400,
         "reached": [None, here], "withheld": {"patterns": 2, "people": 22}, "state": "found",
         "model": [{"value": 15.0, "low": 14.8, "high": 15.2}, {"value": 7.5, "low": 7.2, "high": 7.8}],
         "changes": [point], "beyond_chance": True,
         "deltas": [{"delta": 6.0, "value": -2.2, "low": -2.5, "high": -2.0}],
         "tips_at": None, "sensitivity": "Carpenter & Kenward (2013)", "groups": [], **said},
        {"topic": "inequality", "about": "better", "place": place, "period": YEAR, "dimension": "age_band",
         "of": "better-and-worse", "n": 2400, "rows": [{"group": "18-29", "events": 90, "n": 150, "value": 6.0}],
         "left": {"groups": 1, "people": 20}, "state": "found", "slope": [-1.2, -2.0, -0.4], "beyond_chance": True,
         "concentration": [-0.05, -0.08, -0.02], **said},
        {"topic": "areas", "about": "unmet", "place": place, "period": YEAR, "of": "unmet-need", "n": 900,
         "left": {"places": 1, "people": 10}, "state": "found", "mean": 2.0, "beyond_chance": False, **said,
         "rows": [{"place": w, "n": 100, "raw": 2.0, "value": 2.0, "low": 1.0, "high": 3.0} for w in wards]},
    ]  # fmt: skip


@pytest.fixture
def site(world, settings, tmp_path):
    settings.HOME = tmp_path
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    here = place_number(world.wards[0])
    write_models(Models((), tuple(results(here, [place_number(w) for w in world.wards])), ()), "2026-02-01", numbers)
    return world


def page(client, world, name, **asked):
    client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(reverse("numbers-behind"), asked)
    return answer, re.sub(r"\s+", " ", re.sub(r"<(?!/?h\d)[^>]*>", " ", answer.content.decode()))


def test_before_the_first_year_the_page_says_what_will_come(client, world, settings, tmp_path):
    settings.HOME = tmp_path
    assert "Nothing can be said yet" in page(client, world, "gloria")[1]


def test_each_answer_says_how_sure_of_whom_and_who_is_not_in_it(client, site):
    _answer, said = page(client, site, "gloria")
    for words in (
        "Groups differ by more than chance.", "7% lies between these groups (4 to 20%)", "2.8 (2.1–3.5) 130",
        "Felt clearly worse", "Too few groups can be shown: 4, and it takes 10.",
        "Combinations too small to show (5 of 12), with about 300 people.",
        "Over 12 months points fell by 5.0 (4.4 to 5.6), by a model.",
        "Those we reached had 6.2 points at the end. By the model it is 7.5.",
        "Small groups of visits (2), with at most 22 people.", "Some would have felt better anyway.",
        "1.2 of ten fewer (-2.0 to -0.4)", "This is no ranking.", "Evans et al. (2018)", "Carpenter",
    ):  # fmt: skip
        assert words in said, words
    assert "effect" not in said
    assert said.index("Felt clearly better") < said.index("Felt clearly worse")


def test_the_page_asks_the_database_little(client, site):
    page(client, site, "gloria")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page(client, site, "gloria")
    own = [q for q in seen.captured_queries if "house_place" in q["sql"]]
    assert len(own) <= 3


def test_only_places_within_reach_and_only_years_there_are(client, site):
    assert page(client, site, "farai")[0].status_code == 200
    assert page(client, site, "farai", place="17")[0].status_code == 422
    assert page(client, site, "farai", period="20240")[0].status_code == 422
    assert page(client, site, "amina")[0].status_code == 403


def test_the_two_pages_lead_to_each_other(client, site):
    assert reverse("numbers") in page(client, site, "gloria")[0].content.decode()
    write_explored(list(safe_tables(400, place_number(site.wards[0])).values()), "2026-02-01", 3,
                   {place_number(row.id): str(row.id) for row in Place.objects.all()}, MEASURE)  # fmt: skip
    said = client.get(reverse("numbers")).content.decode()
    assert f'href="{reverse("numbers-behind")}"' in said


LASTING = {"topic": "lasting", "until": "2024-06", "months": 12, "grants": ["Two years"], "left": {"places": 1}}
KNOWN = {
    **LASTING, "state": "found", "verdict": "fades", "gain": [3.1, 1.2, 5.0], "after": [-2.9, -4.4, -1.4],
    "kept": [0.2, -1.0, 1.4], "ours": {"places": 4, "n": 200}, "others": {"places": 5, "n": 180},
    "method": "places compared", "citation": "Knapp & Hartung (2003)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            KNOWN,
            [
                "The money ended in June 2024.",
                "3.1 points better off",
                "What was gained fades.",
                "-4.4 – -1.4",
                "4 places with the programme (about 200 people), 5 without it (about 180).",
                "1 place with too few",
                "Other things may have changed",
            ],
        ),
        (
            {**KNOWN, "gain": [0.4, -1.0, 1.8], "verdict": "not-shown"},
            ["no gain over places without", "nothing can be said to last"],
        ),
        ({**LASTING, "state": "no-comparison"}, ["Nobody was asked where the programme does not work"]),
        ({**LASTING, "state": "too-few", "why": "too-few"}, ["it takes three with the programme and three without"]),
    ],
)
def test_what_became_of_a_gain_is_said(client, site, found, words):
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    here = place_number(site.wards[0])
    write_models(Models((), tuple(results(here, [here])), ({**found, "at": [here]},)), "2026-02-01", numbers)
    _answer, said = page(client, site, "gloria")
    for part in (*words, "Does it last?", "Two years"):
        assert part in said, part


def test_what_lasts_elsewhere_is_not_told(client, site):
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    here, beyond = place_number(site.wards[0]), 999_999
    write_models(Models((), tuple(results(here, [here])), ({**KNOWN, "at": [here, beyond]},)), "2026-02-01", numbers)
    assert "Does it last?" not in page(client, site, "gloria")[1]
