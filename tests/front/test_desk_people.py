"""The desk's pages about people: who may open what, what they show, what they write, what they cost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import note_session, open_risk, set_goal
from kinweave.core.ids import uuid7
from kinweave.house.models import ReadLog
from kinweave.listen.actions import record_response, switch_instrument
from kinweave.people import listing
from kinweave.people.models import Person
from tests.front.people_help import started

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
NAME = "Tendaishe"  # the canary: it may stand in a page's text, nowhere else


# ------------------------------------------------------------------------------------- access


def person_pages(person):
    names = ("person", "person-happened", "person-held", "person-consents", "person-looked", "person-change",
             "contact-new", "tie-new", "person-move", "person-assign", "consent-new", "goal-new",
             "link-new")  # fmt: skip
    return {name: reverse(name, args=[person]) for name in names}


WORKER = {"person", "person-happened", "person-held", "person-consents", "person-change", "contact-new", "tie-new",
          "person-move", "consent-new", "goal-new"}  # fmt: skip
EVERY = WORKER | {"person-looked", "person-assign", "link-new"}
MAY = {
    "amina": WORKER, "baraka": set(), "chipo": set(), "dalia": EVERY, "esi": set(), "farai": EVERY, "gloria": set(),
    "hope": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", MAY)
def test_each_page_about_a_person_opens_for_the_right_people(world, sign_in, who):
    person = started(world)
    client = sign_in(who)
    opened = {name for name, url in person_pages(person).items() if client.get(url).status_code == 200}
    assert opened == MAY[who]


@pytest.mark.parametrize("who", ["amina", "baraka", "dalia", "esi", "farai"])
def test_absent_and_forbidden_look_the_same(world, sign_in, who):
    other = started(world, by="chipo", team_id=world.teams[1], alias=NAME, worker_id=world.accounts["chipo"].id)
    client = sign_in(who)
    if who in {"esi", "farai"}:
        assert client.get(reverse("person", args=[other])).status_code == 200
        return
    forbidden = client.get(reverse("person", args=[other]))
    absent = client.get(reverse("person", args=[uuid7()]))
    assert forbidden.status_code == absent.status_code == 404
    strip = re.compile(r'value="[^"]{60,}"|X-CSRFToken": "[^"]*"|name="next" value="[^"]*"')
    assert strip.sub("", forbidden.content.decode()) == strip.sub("", absent.content.decode())


@pytest.mark.parametrize("name", ["today", "people", "people-find", "person-new"])
def test_signed_out_visitors_are_sent_to_sign_in(world, name):
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


@pytest.mark.parametrize(("who", "may"), [("amina", True), ("dalia", True), ("gloria", False), ("hope", False)])
def test_the_list_is_for_those_who_accompany(world, sign_in, who, may):
    assert sign_in(who).get(reverse("people")).status_code == (200 if may else 403)
    assert sign_in(who).get(reverse("today")).status_code == 200


def test_no_name_in_a_title_an_address_or_the_log(world, sign_in, caplog):
    caplog.set_level("DEBUG")
    person = started(world, alias=NAME)
    client = sign_in("dalia")
    pages = [*person_pages(person).values(), reverse("people"), reverse("today"), reverse("people-same")]
    for url in pages:
        html = client.get(url).content.decode()
        assert NAME not in re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]
        assert not [link for link in re.findall(r'(?:href|action|src)="([^"]*)"', html) if NAME in link]
    found = client.post(reverse("people-find"), {"words": NAME})
    assert NAME in found.content.decode()
    assert NAME not in re.search(r"<title>(.*?)</title>", found.content.decode(), re.DOTALL)[1]
    assert NAME not in caplog.text


# ---------------------------------------------------------------------------------- the list


def test_the_list_is_paged_by_a_cursor_and_asks_the_same_for_many(world, sign_in):
    client = sign_in("amina")
    world.person(alias="P00", consent=False)
    client.get(reverse("people"))  # the session's first write
    few = queries(lambda: client.get(reverse("people")))
    for n in range(1, listing.PAGE + 3):
        started(world, alias=f"P{n:02}") if n % 4 == 0 else world.person(alias=f"P{n:02}", consent=False)
    with CaptureQueriesContext(connection) as asked:
        first = client.get(reverse("people"))
    log = [query["sql"].upper() for query in asked]
    names = set(re.findall(r'class="who" href="[^"]*"><bdi>(P\d\d)', first.content.decode()))
    assert len(names) == listing.PAGE
    after = re.search(r'href="(\?[^"]*after=[^"]*)"', first.content.decode())[1].replace("&amp;", "&")
    world.person(alias="Later", consent=False)  # someone new does not shift what comes next
    second = client.get(reverse("people") + after)
    rest = set(re.findall(r'class="who" href="[^"]*"><bdi>(P\d\d)', second.content.decode()))
    assert names | rest == {f"P{n:02}" for n in range(listing.PAGE + 3)}
    assert not names & rest
    assert len(log) == few == queries(lambda: client.get(reverse("people") + after))
    assert few <= LIST_QUERIES
    assert not [sql for sql in log if "COUNT(" in sql and "PEOPLE_" in sql]


LIST_QUERIES = 13


def queries(do) -> int:
    with CaptureQueriesContext(connection) as asked:
        do()
    return len(asked)


def test_the_list_puts_those_who_are_met_first_and_can_be_narrowed(world, sign_in):
    world.person(alias="Newcomer")
    started(world, alias="Regular")
    client = sign_in("dalia")
    html = client.get(reverse("people")).content.decode()
    assert html.index("Regular") < html.index("Newcomer")
    only = client.get(reverse("people"), {"state": "active"}).content.decode()
    assert "Regular" in only
    assert "Newcomer" not in only
    place = client.get(reverse("people"), {"place": world.wards[1]}).content.decode()
    assert "Regular" not in place
    odd = client.get(reverse("people"), {"state": "nonsense", "after": "%%%", "worker": "x"})
    assert odd.status_code == 200


def test_a_list_is_one_row_in_the_read_log(world, sign_in):
    for n in range(3):
        world.person(alias=f"P{n}")
    sign_in("amina").get(reverse("people"))
    row = ReadLog.objects.get(page="people")
    assert len(row.persons.split()) == 3


# --------------------------------------------------------------------------------- the search


@pytest.mark.parametrize("words", ["tendai", "Tendayi", "TENDAI M", "chipo"])
def test_a_search_finds_by_spelling_by_sound_and_by_own_name(world, sign_in, words):
    world.person(alias="Tendai Moyo", name="Chipo")
    html = sign_in("amina").post(reverse("people-find"), {"words": words}).content.decode()
    assert "Tendai Moyo" in html


def test_a_search_stays_within_reach(world, sign_in):
    world.person(alias="Tendai")
    html = sign_in("chipo").post(reverse("people-find"), {"words": "Tendai"}).content.decode()
    assert "Nobody like that" in html


def test_with_too_many_people_a_place_is_chosen_first_but_the_code_always_works(world, sign_in, monkeypatch):
    people = [world.person(alias=f"Tendai {n}") for n in range(4)]
    monkeypatch.setattr("kinweave.people.listing.chosen.value", lambda key, scope="": 3)
    client = sign_in("amina")
    assert "Too many people" in client.post(reverse("people-find"), {"words": "Tendai"}).content.decode()
    code = Person.objects.get(id=people[0]).code
    assert "Tendai 0" in client.post(reverse("people-find"), {"words": code.lower().replace("-", " ")}).content.decode()


def test_an_empty_search_says_what_is_missing(world, sign_in):
    answer = sign_in("amina").post(reverse("people-find"), {"words": ""})
    assert answer.status_code == 422


# ---------------------------------------------------------------------------------- the person


def test_the_page_of_a_person_shows_how_things_are(world, sign_in, django_assert_max_num_queries):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    person = started(world)
    for days, level in ((60, 3), (30, 2), (0, 1)):
        answers = {f"q{n}": level for n in range(1, 9)} | {"q9": 0}
        taken = timezone.localdate() - timedelta(days=days)
        record_response(by=world.actor("amina"), person_id=person, instrument="phq-9", answers=answers, taken_on=taken)
    note_session(
        by=world.actor("amina"), person_id=person, held=True, mood="easier", homework="done",
        next_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    set_goal(by=world.actor("amina"), person_id=person, text="Sell at the market again")
    client = sign_in("amina")
    client.get(reverse("person", args=[person]))
    with django_assert_max_num_queries(PERSON_QUERIES):
        html = client.get(reverse("person", args=[person])).content.decode()
    assert "How you have been (9 questions)" in html
    assert "PHQ" not in html
    assert "a little easier" in html
    assert "Sell at the market again" in html
    assert "with Amina" in html


PERSON_QUERIES = 27


def test_what_happened_is_paged_and_hides_risks_from_whoever_may_not_see_them(world, sign_in):
    person = started(world)
    open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    for _n in range(25):
        note_session(by=world.actor("amina"), person_id=person, held=True, note="She slept well")
    client = sign_in("amina")
    url = reverse("person-happened", args=[person])
    first = client.get(url).content.decode()
    assert first.count('class="moment') == 20
    assert "She slept well" in first
    older = re.search(r'href="(\?before=[^"]*)"', first)[1]
    second = client.get(url + older).content.decode()
    assert "Came to us" in second
    assert "A safety card was opened" in second


def test_who_looked_names_readers_with_their_role(world, sign_in):
    person = started(world)
    sign_in("amina").get(reverse("person", args=[person]))
    html = sign_in("dalia").get(reverse("person-looked", args=[person])).content.decode()
    assert "Amina, worker" in html
