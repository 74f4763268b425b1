"""A person's own page: opened by one link one time, told everything, able to take back and to contradict."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import note_session, open_risk
from kinweave.core.ids import uuid7
from kinweave.house.access import SYSTEM
from kinweave.house.models import Entry, ReadLog
from kinweave.house.readlog import looked
from kinweave.listen.actions import record_response, switch_instrument
from kinweave.people.actions import add_contact, add_tie, make_own_link
from kinweave.people.actions.records import digest_of
from kinweave.people.models import Consent, Contest, OwnLink
from tests.front.people_help import started, typed

pytestmark = pytest.mark.django_db
TOKEN = "aToken_of-the-length-that-is-made"
OPEN = f"/mine/{TOKEN}/"


@pytest.fixture
def person(world):
    one = started(world, alias="Tendaishe", name="Chipo Moyo", birth_year=1980, gender="woman")
    make_own_link(by=world.actor("dalia"), person_id=one, token_digest=digest_of(TOKEN))
    return one


@pytest.fixture
def reader(person):
    client = Client()
    answer, _ = typed(client, OPEN)
    assert answer.url == "/mine/"
    return client


def test_looking_at_the_address_does_not_use_the_link_up(person):
    client = Client()
    for _n in range(3):
        page = client.get(OPEN)
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store, private"
    assert OwnLink.objects.get().used_at is None
    assert "Tendaishe" not in page.content.decode()


def test_a_link_works_one_time(person):
    first, second = Client(), Client()
    _answer, sent = typed(first, OPEN)
    assert first.get("/mine/").status_code == 200
    refused, _ = typed(second, OPEN)
    assert refused.status_code == 410
    assert "link-used" in refused.content.decode()
    assert second.get("/mine/").status_code == 403
    assert first.post(OPEN, sent).status_code == 302  # the same press, sent two times
    OwnLink.objects.update(used_at=timezone.now() - timedelta(minutes=5))
    assert second.post(OPEN, sent).status_code == 410  # a page found in the history, later


@pytest.mark.parametrize("token", ["nobody", "a" * 80])
def test_a_link_that_never_was_looks_like_one_that_was_used(person, token):
    answer, _ = typed(Client(), f"/mine/{token}/")
    assert answer.status_code == 410
    assert "link-used" in answer.content.decode()


def test_the_page_closes_after_half_an_hour_and_when_asked(reader, monkeypatch):
    assert reader.get("/mine/").status_code == 200
    import time

    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 29 * 60)
    assert reader.get("/mine/").status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 31 * 60)
    assert reader.get("/mine/").status_code == 403
    monkeypatch.undo()
    reader.post("/mine/close/")
    assert reader.get("/mine/").status_code == 403


def test_a_cookie_that_was_changed_opens_nothing(world, reader):
    other = started(world)
    held = reader.cookies["mine"].value
    reader.cookies["mine"] = held[:-4] + "AAAA"
    assert reader.get("/mine/").status_code == 403
    reader.cookies["mine"] = str(other)
    assert reader.get("/mine/").status_code == 403


def test_the_page_tells_what_is_held_and_no_clinical_word(world, person, reader):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771", cover="About the garden")
    add_tie(by=world.actor("amina"), person_id=person, kind="friend", name="Gogo")
    answers = {f"q{n}": 1 for n in range(1, 10)}
    record_response(by=world.actor("amina"), person_id=person, instrument="phq-9", answers=answers)
    note_session(by=world.actor("amina"), person_id=person, held=True, note="He drinks too much")
    open_risk(by=world.actor("amina"), person_id=person, kinds=["self_harm"], urgency="now")
    page = reader.get("/mine/")
    html = page.content.decode()
    for words in ("Tendaishe", "Chipo Moyo", "1980", "0771", "About the garden", "Gogo", "How you have been"):
        assert words in html
    for hidden in ("PHQ", "phq", "depress", "He drinks too much", "safety card", "risk", "self_harm"):
        assert hidden not in html
    assert re.search(r"<title>(.*?)</title>", html)[1] == "My page"
    assert page["Cache-Control"] == "no-store, private"
    assert "data-quick-exit" in html


def test_who_looked_has_names_and_roles_but_no_guarded_look_and_not_oneself(world, person, reader):
    looked(world.actor("amina"), "person", [person])
    looked(world.actor("dalia"), "safeguarding", [person], guarded=True)
    html = reader.get("/mine/").content.decode()
    assert "Amina, worker" in html
    assert "Dalia" not in html
    assert ReadLog.objects.filter(reason="own_page", person_id=person).exists()


def test_the_menu_of_a_signed_in_worker_does_not_stand_on_the_page(world, person):
    client = Client()
    client.force_login(world.accounts["amina"], backend="allauth.account.auth_backends.AuthenticationBackend")
    typed(client, OPEN)
    html = client.get("/mine/").content.decode()
    assert "/people/" not in html
    assert "Sign out" not in html


def test_a_yes_is_taken_back_once_however_often_it_is_sent(person, reader):
    consent = Consent.objects.get(person_id=person, purpose="statistics")
    url = reverse("mine-back", args=[consent.id])
    answer, sent = typed(reader, url)
    assert answer.status_code == 302
    assert Consent.objects.get(id=consent.id).withdrawn_at is not None
    entries = Entry.objects.count()
    assert reader.post(url, sent).status_code == 302
    assert Entry.objects.count() == entries


def test_nobody_takes_back_what_another_agreed_to(world, person, reader):
    other = started(world)
    theirs = Consent.objects.get(person_id=other, purpose="care")
    assert reader.get(reverse("mine-back", args=[theirs.id])).status_code == 404
    assert reader.post(reverse("mine-back", args=[theirs.id]), {"entry": str(uuid7())}).status_code == 404
    assert Consent.objects.get(id=theirs.id).withdrawn_at is None


def test_saying_that_something_is_wrong_and_reading_the_answer(world, person, reader):
    html = reader.get("/mine/").content.decode()
    entry = re.search(r'name="entry" value="([^"]+)"', html)[1]
    sent = {"entry": entry, "words": "I never lived in Ward 1"}
    assert reader.post("/mine/wrong/", sent).status_code == 302
    assert reader.post("/mine/wrong/", sent).status_code == 302
    assert Contest.objects.count() == 1
    from kinweave.people.actions import answer_contest

    answer_contest(
        by=world.actor("dalia"), person_id=person, contest_id=Contest.objects.get().id, answer="We have put it right."
    )
    page = reader.get("/mine/").content.decode()
    assert "I never lived in Ward 1" in page
    assert "We have put it right." in page


def test_an_empty_contradiction_loses_nothing_and_says_so(reader):
    answer = reader.post("/mine/wrong/", {"entry": str(uuid7()), "words": " "})
    assert answer.status_code == 422
    assert 'id="problems"' in answer.content.decode()


def test_an_erased_person_has_no_page(world, person, reader):
    from kinweave.flows.erase import erase_person

    erase_person(by=SYSTEM, person_id=person)
    assert reader.get("/mine/").status_code == 403


@pytest.mark.parametrize("url", ["/mine/", "/mine/wrong/", f"/mine/agreed/{uuid7()}/"])
def test_without_a_link_every_own_page_looks_closed(world, url):
    answer = Client().get(url) if url != "/mine/wrong/" else Client().post(url)
    assert answer.status_code == 403
    assert "This page is closed" in answer.content.decode()
