"""Asking: drafts that lose nothing, a safety answer that acts at once, one form however often it is sent."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

from kinweave.care.models import Risk
from kinweave.core.ids import uuid7
from kinweave.flows.erase import erase_person
from kinweave.house.models import Held, Message, ParkedForm, ReadLog
from kinweave.listen import drafts
from kinweave.listen.models import Draft, Response, Score
from kinweave.people.models import Consent
from tests.care_world import KEY, answer, ask_all, asking, begin, check, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


# -------------------------------------------------------------------------------------- choosing


def test_only_what_is_switched_on_is_offered_by_its_neutral_name(ready, amina):
    person = ready.person()
    page = amina.get(reverse("ask", args=[person])).content.decode()
    assert "How you have been (9 questions)" in page
    assert "Daily habits (3 questions)" in page
    assert "How you have felt" not in page
    for clinical in ("PHQ", "phq", "GAD", "epress", "nxiety"):
        assert clinical not in page
    assert ReadLog.objects.filter(person_id=person, page="ask").count() == 1


def test_one_that_is_switched_off_is_not_begun(ready, amina):
    assert amina.get(reverse("ask-begin", args=[ready.person(), "how-you-have-felt-10"])).status_code == 409
    assert amina.get(reverse("ask-begin", args=[ready.person(), "no-such-thing"])).status_code == 404


def test_without_a_yes_the_page_leads_to_asking_for_it(ready, amina):
    person = ready.person(consent=False)
    page = amina.get(reverse("ask", args=[person])).content.decode()
    assert reverse("consent-new", args=[person]) in page
    assert reverse("ask-begin", args=[person, KEY]) not in page


def test_the_language_is_the_persons_and_says_when_nobody_has_checked_it(ready, amina):
    person = ready.person(language="ar")
    page = amina.get(reverse("ask-begin", args=[person, KEY])).content.decode()
    assert 'value="ar" id="id_language_0" checked' in page
    assert "translation not checked by a native speaker" in page
    draft = begin(amina, person, language="ar")
    page = amina.get(reverse("ask-question", args=[person, draft.id, 1])).content.decode()
    assert 'lang="ar" dir="rtl"' in page
    assert "This translation has not been checked by a native speaker." in page


# ------------------------------------------------------------------------------ one question a page


def test_nine_questions_one_at_a_time_become_one_form(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    page = amina.get(reverse("ask-question", args=[person, draft.id, 3])).content.decode()
    assert "3 of 9" in page
    ask_all(amina, person, ["1"] * 8 + ["0"], draft)
    assert not Response.objects.exists()
    done = amina.post(check(person, draft))
    row = Response.objects.get()
    assert done["Location"] == reverse("answers", args=[person, row.id])
    assert (row.complete, row.mode, Score.objects.get().value) == (True, "screen", 8)
    page = amina.get(done["Location"]).content.decode()
    assert "Some things are heavy." in page
    assert reverse("answers-undo", args=[person, row.id]) in page
    assert "mild" not in page


def test_back_keeps_the_answer_and_shows_it_again(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    answer(amina, person, draft, 1, "2")
    back = answer(amina, person, draft, 2, "3", go="back")
    assert back["Location"] == reverse("ask-question", args=[person, draft.id, 1])
    page = amina.get(back["Location"]).content.decode()
    assert 'value="2" id="id_answer_2" checked' in page
    assert drafts.opened(Draft.objects.get()) == {"q1": 2, "q2": 3}


def test_rather_not_say_is_an_answer_and_nothing_is_none(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    answer(amina, person, draft, 1, "declined")
    empty = answer(amina, person, draft, 2, "")
    assert empty.status_code == 422
    assert "I would rather not say" in empty.content.decode()
    assert answer(amina, person, draft, 2, "77").status_code == 422
    assert drafts.opened(Draft.objects.get()) == {"q1": "declined"}


def test_the_answers_stand_in_no_address_cookie_log_or_open_column(ready, amina, caplog):
    person = ready.person()
    with caplog.at_level(logging.DEBUG):
        draft = ask_all(amina, person, ["2"] * 4)
    row = Draft.objects.get()
    assert b'"q1"' not in bytes(row.answers)
    assert "q1" not in caplog.text
    # Both of these are drawn by chance, and may hold any two letters beside each other.
    assert "q1" not in str({k: str(v) for k, v in amina.cookies.items() if k not in {"sessionid", "csrftoken"}})
    assert row.id == draft.id


def test_a_question_made_needless_is_not_asked(ready, amina):
    person = ready.person()
    draft = begin(amina, person, key="daily-habits-3")
    sent = answer(amina, person, draft, 1, "0")
    assert sent["Location"] == check(person, draft)
    amina.post(check(person, draft))
    assert Score.objects.get().value == 0


def test_a_form_that_was_left_can_be_taken_up_or_put_away(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1", "1"])
    page = amina.get(reverse("ask", args=[person])).content.decode()
    assert "2 of 9 answered" in page
    on = amina.get(reverse("ask-go-on", args=[person, draft.id]))
    assert on["Location"] == reverse("ask-question", args=[person, draft.id, 3])
    amina.post(reverse("ask-drop", args=[person, draft.id]))
    assert not Draft.objects.exists()


def test_a_draft_is_its_authors_alone_and_goes_with_the_person(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1", "1"])
    for name in ("baraka", "dalia", "chipo", "gloria"):
        url = reverse("ask-question", args=[person, draft.id, 1])
        assert signed_in(ready, name).get(url).status_code in {403, 404}
    erase_person(by=ready.actor("farai"), person_id=person)
    assert Draft.objects.get().answers is None
    assert amina.get(reverse("ask-question", args=[person, draft.id, 1])).status_code == 404


def test_old_drafts_are_cleared(ready, amina):
    draft = ask_all(amina, ready.person(), ["1"])
    assert drafts.clear_old() == 0
    Draft.objects.update(touched_at=draft.touched_at.replace(year=2020))
    assert drafts.clear_old() == 1


# --------------------------------------------------------------------------------- safety first of all


def test_a_safety_answer_acts_the_moment_it_is_given(ready, amina, django_capture_on_commit_callbacks):
    person = ready.person()
    draft = begin(amina, person)
    with django_capture_on_commit_callbacks(execute=True):
        sent = answer(amina, person, draft, 9, "1")
    risk = Risk.objects.get()
    assert sent["Location"].startswith(reverse("safety-card", args=[person, risk.id]))
    assert Message.objects.get().to_account == ready.accounts["dalia"].id
    page = amina.get(sent["Location"]).content.decode()
    assert "What to do now" in page
    assert "Dalia (supervisor)" in page
    assert "0800 123" in page
    assert reverse("ask-question", args=[person, draft.id, 1]) in page


def test_the_finished_form_raises_no_second_alert(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    answer(amina, person, draft, 9, "2")
    ask_all(amina, person, ["1"] * 8 + ["3"], draft)
    amina.post(check(person, draft))
    assert Risk.objects.count() == 1
    assert Response.objects.filter(superseded_by=None).count() == 1
    assert Score.objects.get(current=True).value == 11


def test_the_script_that_keeps_answers_is_told_of_the_card(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    assert answer(amina, person, draft, 1, "3", go="keep").json() == {"safety": ""}
    told = answer(amina, person, draft, 9, "3", go="keep").json()
    assert told["safety"].startswith(reverse("safety-card", args=[person, Risk.objects.get().id]))
    assert answer(amina, person, draft, 9, "3", go="keep").json() == {"safety": ""}
    assert Risk.objects.count() == 1


def test_when_nobody_can_be_told_the_card_says_so_and_the_call_is_written_down(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    sent = answer(amina, person, draft, 9, "1")  # nothing was committed, so nobody was told
    page = amina.get(sent["Location"]).content.decode()
    assert "Nobody has been told yet." in page
    called = reverse("safety-called", args=[person, Risk.objects.get().id])
    assert called in page
    amina.post(called)
    from kinweave.house.models import Happened

    assert Happened.objects.filter(kind="emergency_called", person_id=person).count() == 1


def test_a_yes_taken_back_in_the_middle_holds_the_form_and_loses_nothing(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    answer(amina, person, draft, 1, "1")
    Consent.objects.all().delete()
    answer(amina, person, draft, 9, "3")
    ask_all(amina, person, ["1"] * 8 + ["3"], draft)
    done = amina.post(check(person, draft))
    assert done["Location"] == reverse("person", args=[person])
    assert Held.objects.filter(state="waiting").count() == 1
    assert Risk.objects.count() == 1


# ----------------------------------------------------------------------------- sent twice, two tabs


def test_a_double_send_writes_one_form(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1"] * 8 + ["0"])
    first, second = amina.post(check(person, draft)), amina.post(check(person, draft))
    assert first["Location"] == second["Location"]
    assert Response.objects.count() == 1


def test_two_tabs_fill_in_one_form(ready, amina):
    person = ready.person()
    draft = begin(amina, person)
    other = signed_in(ready, "amina")
    answer(amina, person, draft, 1, "1")
    answer(other, person, draft, 2, "2")
    answer(amina, person, draft, 3, "3")
    assert drafts.opened(Draft.objects.get()) == {"q1": 1, "q2": 2, "q3": 3}
    amina.post(check(person, draft))
    late = answer(other, person, draft, 4, "1")
    assert late["Location"] == reverse("answers", args=[person, Response.objects.get().id])
    assert Response.objects.count() == 1


def test_beginning_twice_with_one_click_is_one_draft(ready, amina):
    person, entry = ready.person(), str(uuid7())
    for _ in range(2):
        amina.post(reverse("ask-begin", args=[person, KEY]), {"entry": entry, "language": "en", "way": "each"})
    assert Draft.objects.count() == 1


def test_a_session_that_ends_in_the_middle_loses_no_answer(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1", "2"])
    url = reverse("ask-question", args=[person, draft.id, 3])
    page = amina.get(url).content.decode()
    mark = page.split('name="keep_form" value="')[1].split('"')[0]
    amina.logout()
    sent = amina.post(url, {"answer": "3", "go": "next", "keep_form": mark})
    assert "/sign-in/" in sent["Location"]
    row = ParkedForm.objects.get()
    again = signed_in(ready, "amina").get(f"{url}?kept={row.id}").content.decode()
    assert 'id="id_answer_3" checked' in again
    assert drafts.opened(Draft.objects.get()) == {"q1": 1, "q2": 2}
