"""Noting a meeting, moving on, worrying, quarantine: what is written, what comes back, who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from kinweave.care.models import Episode, Risk, Session, Turn
from kinweave.core.ids import uuid7
from kinweave.core.pathway import CLOSURES, MOVES, STATES
from kinweave.front import sentences
from kinweave.front import sentences_care as words_of
from kinweave.house.models import Due, Message
from kinweave.people.models import Person
from tests.care_world import asking, signed_in, started

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
USUAL = {"held": "yes", "homework": "done", "mood": "easier", "next": "week", "worry": "no"}


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


def note(client, person, entry=None, **more):
    form = {"entry": str(entry or uuid7()), **USUAL, **more}
    return client.post(reverse("note-session", args=[person]), form)


# ------------------------------------------------------------------------------------------ note


def test_the_usual_note(ready, amina):
    person = started(ready)
    sent = note(amina, person)
    assert sent["Location"] == reverse("person", args=[person])
    row = Session.objects.get()
    assert (row.held, row.homework, row.mood, row.worry) == (True, "done", "easier", False)
    due = Due.objects.get(kind="session", state="open")
    assert (due.at.date() - timezone.now().date()).days == 7
    page = amina.get(sent["Location"]).content.decode()
    assert reverse("note-undo", args=[person, row.id]) in page


def test_a_note_is_undone_once(ready, amina):
    person = started(ready)
    note(amina, person)
    url = reverse("note-undo", args=[person, Session.objects.get().id])
    for _ in range(2):
        assert amina.post(url).status_code == 302
    assert Session.objects.get().superseded_by is not None


def test_a_double_send_is_one_note(ready, amina):
    person, entry = started(ready), uuid7()
    note(amina, person, entry)
    note(amina, person, entry)
    assert Session.objects.count() == 1


def test_two_notes_under_one_number_lose_nothing_typed(ready, amina):
    person, entry = started(ready), uuid7()
    note(amina, person, entry, note="one")
    again = note(amina, person, entry, note="another <b>word</b>")
    assert again.status_code == 409
    assert escape("another <b>word</b>") in again.content.decode()
    assert str(entry) not in again.content.decode()


def test_a_missed_meeting_needs_its_reason_and_keeps_the_rest(ready, amina):
    person = started(ready)
    wrong = note(amina, person, held="no", note="rang twice")
    assert wrong.status_code == 422
    assert "rang twice" in wrong.content.decode()
    note(amina, person, held="no", missed="transport", next="soon")
    row = Session.objects.get()
    assert (row.held, row.missed_reason, row.homework) == (False, "transport", "")
    assert Due.objects.get(kind="session", state="open").at > timezone.now()


def test_a_call_that_was_not_answered_is_an_attempt(ready, amina):
    person = started(ready)
    note(amina, person, held="no", missed="unreachable", kind="call", next="none")
    row = Session.objects.get()
    assert (row.kind, row.planned) == ("call", False)
    assert Due.objects.get(kind="missed", state="open")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"next": "other"}, "Choose a day"),
        ({"next": "other", "next_day": "2020-01-01"}, "This day is over"),
        ({"on": "2099-01-01"}, "This day has not come yet"),
        ({"mood": "splendid"}, "splendid"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(ready, amina, more, says):
    sent = note(amina, started(ready), note="kept words", **more)
    page = sent.content.decode()
    assert sent.status_code == 422
    assert says in page
    assert "kept words" in page
    assert not Session.objects.exists()


def test_another_day_at_another_hour(ready, amina):
    day = timezone.localdate() + timedelta(days=20)
    note(amina, started(ready), next="other", next_day=day.isoformat(), next_time="14:30")
    due = Due.objects.get(kind="session", state="open")
    assert due.at.strftime("%H:%M") == "12:30"  # 14:30 in Harare


def test_a_worry_in_the_note_opens_the_worry_first_of_all(ready, amina):
    person = started(ready)
    sent = note(amina, person, worry="yes")
    assert sent["Location"] == reverse("worry", args=[person])
    assert Session.objects.get().worry


def test_without_a_yes_the_note_is_not_lost(ready, amina):
    person = ready.person(consent=False)
    sent = note(amina, person, note="first talk")
    assert sent.status_code == 409
    assert "first talk" in sent.content.decode()
    assert reverse("consent-new", args=[person]) in sent.content.decode()


# ----------------------------------------------------------------------------------------- worry


def test_a_worry_tells_someone_and_shows_what_to_do(ready, amina, django_capture_on_commit_callbacks):
    person = ready.person(consent=False)
    with django_capture_on_commit_callbacks(execute=True):
        sent = amina.post(
            reverse("worry", args=[person]),
            {"entry": str(uuid7()), "urgency": "now", "kinds": ["chaining", "child"], "note": "Behind the house"},
        )
    risk = Risk.objects.get()
    assert sent["Location"] == reverse("safety-card", args=[person, risk.id])
    assert Message.objects.get().to_account == ready.accounts["dalia"].id
    page = amina.get(sent["Location"]).content.decode()
    assert "Stay with the person" in page
    assert "Dalia (supervisor)" in page


def test_an_empty_worry_counts_as_now(ready, amina):
    amina.post(reverse("worry", args=[ready.person()]), {"entry": str(uuid7())})
    assert Risk.objects.get().urgency == "now"


# ------------------------------------------------------------------------------------------ move


def go(client, person, move, **more):
    return client.post(reverse("move-on", args=[person]), {"entry": str(uuid7()), "move": move, **more})


def test_only_the_possible_moves_are_offered(ready, amina):
    person = started(ready)
    page = amina.get(reverse("move-on", args=[person])).content.decode()
    for move in ("step", "graduate", "join_group", "close", "wait"):
        assert f'value="{move}"' in page
    for move in ("start", "reenter", "inform", "return"):
        assert f'value="{move}"' not in page


def test_every_move_state_and_reason_has_words():
    assert set(MOVES) <= set(sentences.MOVES)
    assert set(STATES) <= set(sentences.STATES)
    assert set(CLOSURES) <= set(sentences.CLOSURES)
    assert set(CLOSURES.values()) == set(words_of.WHOSE)


def test_a_step_up_and_a_close_with_its_reason(ready, amina):
    person = started(ready)
    go(amina, person, "step", step="3")
    assert Episode.objects.get().step == 3
    assert go(amina, person, "close", reason="").status_code == 422
    go(amina, person, "close", reason="we_left")
    assert Episode.objects.get().reason == "we_left"


def test_coming_back_is_one_tap(ready, amina):
    person = started(ready)
    go(amina, person, "close", reason="own_choice")
    page = amina.get(reverse("move-on", args=[person])).content.decode()
    assert page.count('class="choice"') == 0
    assert "They came back" in page
    go(amina, person, "reenter")
    assert Person.objects.get(id=person).state == "consented"


def test_a_move_from_elsewhere_is_told_and_writes_nothing(ready, amina):
    person = started(ready)
    turns = Turn.objects.count()
    assert go(amina, person, "return").status_code == 409
    assert go(amina, person, "fly").status_code == 422
    assert Turn.objects.count() == turns


# -------------------------------------------------------------------------------------------- who

ABOUT_PERSON = ("ask", "note-session", "move-on", "worry")
MAY = {
    "amina": 200, "dalia": 200, "farai": 200,
    "baraka": 404, "chipo": 404, "esi": 404, "gloria": 403, "hope": 403,
}  # fmt: skip


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("route", ABOUT_PERSON)
def test_who_opens_a_page_about_a_person(ready, name, route):
    url = reverse(route, args=[started(ready)])
    assert signed_in(ready, name).get(url).status_code == MAY[name]


@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("risks", {"amina", "baraka", "chipo", "dalia", "esi", "farai"}),
        ("held", {"dalia", "esi", "farai"}),
        ("settings", {"farai", "hope"}),
        ("switches", {"farai", "hope"}),
        ("paper-list", {"amina", "baraka", "chipo", "dalia", "esi", "farai"}),
        ("paper-register", {"amina", "baraka", "chipo", "dalia", "esi", "farai"}),
    ],
)
def test_who_opens_a_page(ready, route, allowed):
    for name in MAY:
        expected = 200 if name in allowed else 403
        assert signed_in(ready, name).get(reverse(route)).status_code == expected, name


@pytest.mark.parametrize("route", ["ask-drop", "answers-undo", "answers-correct", "note-undo", "risk-acknowledge"])
def test_what_changes_something_is_not_done_by_a_link(ready, amina, route):
    from kinweave.front.routes import ROUTES

    assert ROUTES[route].methods == ("POST",)


@pytest.mark.parametrize("name", ['<img src=x onerror="1">', "آمنة \u202eevil", "名前"])
def test_any_name_on_the_pages_of_care(ready, amina, name):
    person = started(ready, alias=name)
    shown = Person.objects.get(id=person)
    from kinweave.people.door import shown_names

    called = shown_names([shown])[person]
    for route in ABOUT_PERSON:
        page = amina.get(reverse(route, args=[person])).content.decode()
        assert escape(called) in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert escape(called) not in page.split("<title>")[1].split("</title>")[0]


def test_pages_of_care_ask_the_database_little(ready, amina, django_assert_max_num_queries):
    person = started(ready)
    for route in ABOUT_PERSON:
        with django_assert_max_num_queries(20):
            amina.get(reverse(route, args=[person]))
