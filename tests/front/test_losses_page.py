"""If one goes: by place within reach, small numbers as "fewer than", workers as a count, a shock looked back on."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from kinweave.house.models import Place
from kinweave.learn.build_places import place_number
from kinweave.learn.models import Models, write_models

pytestmark = pytest.mark.django_db
MONTHS = [f"2025-{m:02}" for m in range(1, 13)]


@pytest.fixture
def site(world, settings, tmp_path):
    settings.HOME = tmp_path
    one, two, three = (place_number(w) for w in (*world.wards, world.district))
    rows = [{"place": one, "people": 40, "ends": ["1"], "stays": ["2"]},
            {"place": two, "people": None, "ends": ["0"], "stays": []},
            {"place": three, "people": None, "ends": None, "stays": None}]  # fmt: skip
    carriers = [{"kind": "grant", "name": "Bridge", "until": "2026-07", "rows": rows},
                {"kind": "organisation", "name": "Open Bench", "until": "", "rows": []},
                {"kind": "organisation", "name": "Few", "until": "", "rows": rows[2:]}]  # fmt: skip
    losses = {"topic": "losses", "month": 24312, "smallest": 11, "carriers": carriers, "method": "counting",
              "citation": "Rausand (2004)", "alone": [{"place": two, "ends": ["0"], "workers": 1}]}  # fmt: skip
    shock = {"state": "back", "periods": 2, "back": "2025-11", "usual": [40, 30, 50], "method": "time", "citation": "H"}
    recovery = {"topic": "recovery", "smallest": 11, "places": {str(one): {
        "months": MONTHS, "values": [40] * 8 + [5, 5, 40, 40], "shocks": {"2025-09": shock}}}}  # fmt: skip
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    write_models(Models((), (), (losses, recovery)), "2026-02-01", numbers)
    return world


def page(client, world, name, **asked):
    client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(reverse("losses"), asked)
    return answer, re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_who_loses_what_and_where(client, site):
    answer, said = page(client, site, "gloria")
    assert answer.status_code == 200
    for words in (
        "If this grant goes: Bridge", "2 places lose a service whole. Paid until 2026-07.", "about 40",
        "not shown", "Care, no step written", "1 worker", "Nobody in care here stands on it",
        "If this organisation goes: Few Where few people are in care, what ends is not shown.",
        "Where several pay for one place, its people are shared out evenly.", "Rausand (2004)",
    ):  # fmt: skip
        assert words in said, words


def test_a_shock_is_asked_for_and_told(client, site):
    place = str(place_number(site.wards[0]))
    said = page(client, site, "gloria", place=place, month="2025-09")[1]
    assert "After 2025-09 meetings were back where they usually are 2 months later (2025-11)." in said
    assert "Usual before it: 30 to 50 a month." in said
    assert page(client, site, "gloria", place=place, month="2025-02")[0].status_code == 422


def test_only_who_sees_numbers_and_only_places_within_reach(client, site):
    assert page(client, site, "amina")[0].status_code == 403
    assert "Ward 1" in page(client, site, "farai")[1]


def test_before_the_first_night_it_says_what_will_come(client, world, settings, tmp_path):
    settings.HOME = tmp_path
    assert "Nothing is counted yet" in page(client, world, "gloria")[1]


def test_the_page_asks_the_database_as_often_for_many_places(client, site, django_assert_max_num_queries):
    page(client, site, "gloria")
    with django_assert_max_num_queries(14):
        page(client, site, "gloria", place=str(place_number(site.wards[0])), month="2025-09")
