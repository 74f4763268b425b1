"""Looking through the numbers: safe ones, within reach, each with its interval, its people and whom it misses."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from kinweave.house.models import Place
from kinweave.learn.build_places import place_number
from kinweave.learn.explore import write_explored
from kinweave.learn.explored import explored
from kinweave.learn.nightly import EXPLORED
from kinweave.measures.disclosure import Counts, Row, Rules, make_safe
from kinweave.measures.intervals import wilson
from tests.published.make import safe_tables

pytestmark = pytest.mark.django_db
MEASURE = {"instrument": "phq-9", "scale": "total"}


@pytest.fixture
def site(world, settings, tmp_path):
    """A site whose first ward has numbers about 400 people."""
    settings.HOME = tmp_path
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    tables = list(safe_tables(400, place_number(world.wards[0])).values())
    write_explored(tables, "2026-02-01", 3, numbers, MEASURE, {"better-and-worse": MEASURE})
    return world


def page(client, world, name, **asked):
    client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(reverse("numbers"), asked)
    return answer, answer.content.decode()


def test_before_the_first_count_the_page_says_what_will_come(client, world, settings, tmp_path):
    settings.HOME = tmp_path
    assert "Nothing is counted yet" in page(client, world, "gloria")[1]


def test_the_numbers_are_those_of_the_safe_tables(client, site):
    place = place_number(site.wards[0])
    table = safe_tables(400, place)["better-and-worse"]
    cell = next(c for c in table.cells if (c.place, c.period, c.dimension) == (place, 20250, "all"))
    reach = wilson(cell.parts[0], cell.n)
    _answer, said = page(client, site, "gloria", place=str(place), question="better-and-worse")
    row = re.search(r"<tr><th scope=\"row\">Everyone</th>.*?</tr>", said, re.DOTALL)[0]
    assert f"{10 * cell.parts[0] / cell.n:.1f}" in row or f"{10 * cell.parts[0] / cell.n:.0f}" in row
    assert f"({10 * reach.low:.1f}–{10 * reach.high:.1f})" in row
    assert f'<td class="num">{cell.n}</td>' in row
    assert "Felt clearly worse" in said
    assert "Not reached" in said
    assert "<svg" in said


def test_what_is_hidden_there_is_hidden_here(client, site):
    place = place_number(site.wards[0])
    hidden = [c for c in safe_tables(400, place)["better-and-worse"].cells
              if c.period == 20250 and c.dimension == "gender" and None in c.parts]  # fmt: skip
    assert hidden  # else this test would show nothing
    said = page(client, site, "gloria", place=str(place), question="better-and-worse", split="gender")[1]
    assert said.count("not shown</span>") == sum(p is None for c in hidden for p in c.parts) + sum(
        c.n is None for c in hidden)  # fmt: skip


def test_usual_care_stands_beside_ours_and_languages_are_not_compared(client, site):
    said = page(client, site, "gloria", question="better-and-worse")[1]
    assert "Thinking Healthy, Pakistan" in said
    assert "data.csv" in said
    assert "By language: not shown." in said


def test_only_places_within_reach(client, site):
    answer, said = page(client, site, "farai")
    assert answer.status_code == 200
    assert "Ward 1" in said
    assert page(client, site, "farai", place="17")[0].status_code == 422
    assert page(client, site, "amina")[0].status_code == 403
    assert page(client, site, "imani")[0].status_code == 403


def test_a_file_of_another_version_is_as_none(site):
    EXPLORED.path.write_text('{"format": 99}')
    assert explored() is None


def test_what_is_not_people_is_not_called_people(client, site):
    place = place_number(site.wards[0])
    row = Row(place, 20250, "all", "all", 100, (30, 55, 15))
    counts = Counts("alerts-answered", "alerts", "share", ("late", "done", "missed"), (row,), {place: None},
                    {(place, 2025): 5000})  # fmt: skip
    numbers = {place_number(row.id): str(row.id) for row in Place.objects.all()}
    write_explored([make_safe(counts, Rules())], "2026-02-01", 3, numbers, MEASURE)
    said = page(client, site, "gloria", place=str(place), question="alerts-answered")[1]
    assert "Of ten alerts." in said
    assert '<th scope="col" class="num">Alerts</th>' in said
    assert '<th scope="col" class="num">People</th>' not in said
    assert "Answered in time and seen through" in said
    assert "everyone who started or came" not in said
