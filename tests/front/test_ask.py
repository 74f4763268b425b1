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
from tests.care_world import asking, session_of, signed_in

pytestmark = pytest.mark.django_db
KEY = "how-you-have-been-9"
NAMES = ['<script>alert("x")</script>', "رودو", "Ńguyễn 日本", "{{ 7 }}'\"&amp;"]


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


def begin(client, person, key=KEY, language="en", way="each"):
    url = reverse("ask-begin", args=[person, key])
    sent = client.post(url, {"entry": str(uuid7()), "language": language, "way": way})
    assert sent.status_code == 302, sent.content[:300]
    return Draft.objects.order_by("-made_at").first()


def answer(client, person, draft, number, value, go="next"):
    return client.post(reverse("ask-question", args=[person, draft.id, number]), {"answer": value, "go": go})


def ask_all(client, person, values, draft=None):
    draft = draft or begin(client, person)
    for number, value in enumerate(values, 1):
        answer(client, person, draft, number, value)
    return draft


def check(person, draft):
    return reverse("ask-check", args=[person, draft.id])


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
    assert "q1" not in str(amina.cookies)
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


# ----------------------------------------------------------------------------------- one page, paper


def test_all_on_one_page(ready, amina):
    person = ready.person()
    draft = begin(amina, person, way="page")
    url = reverse("ask-all", args=[person, draft.id])
    answers = {f"q{n}": "1" for n in range(1, 9)}
    sent = amina.post(url, {**answers, "go": "done"})
    assert sent["Location"] == check(person, draft)  # one is open: looked over first
    page = amina.get(sent["Location"]).content.decode()
    assert "1 question has no answer. That is allowed." in page
    done = amina.post(url, {**answers, "q9": "0", "go": "done"})
    assert done["Location"] == reverse("answers", args=[person, Response.objects.get().id])


def test_a_sheet_is_typed_by_its_digits(ready, amina):
    person = ready.person()
    url = reverse("paper-type", args=[person, KEY])
    typed = {f"digit_q{n}": "1" for n in range(1, 10)} | {"digit_q9": "0", "digit_q2": "-", "digit_q3": "٢"}
    form = {"entry": str(uuid7()), "sheet": "A-17", "on": "2026-01-05", "go": "next", **typed}
    sent = amina.post(url, form)
    assert sent["Location"] == reverse("paper-next", args=[KEY])
    row = Response.objects.get()
    assert (row.mode, row.sheet, str(row.taken_on)) == ("paper", "A-17", "2026-01-05")
    assert Score.objects.get().declined == 1
    amina.post(url, form)
    assert Response.objects.count() == 1


def test_the_next_sheet_is_found_by_code(ready, amina):
    person = ready.person(alias="Tendai")
    from kinweave.people.models import Person

    sent = amina.post(reverse("paper-next", args=[KEY]), {"code": Person.objects.get(id=person).code})
    assert sent["Location"] == reverse("paper-type", args=[person, KEY])
    assert amina.post(reverse("paper-next", args=[KEY]), {"code": "ZZ-ZZZZ"}).status_code == 422


def test_a_slip_on_the_sheet_keeps_all_and_still_tells_of_danger(ready, amina):
    person = ready.person()
    url = reverse("paper-type", args=[person, KEY])
    typed = {f"digit_q{n}": "1" for n in range(1, 10)} | {"digit_q2": "8", "digit_q9": "3"}
    form = {"entry": str(uuid7()), "sheet": "A-18", "on": "2026-01-05", "go": "done", **typed}
    wrong = amina.post(url, form)
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'value="8"' in page
    assert 'value="A-18"' in page
    assert Risk.objects.count() == 1
    replaces = page.split('name="replaces" value="')[1].split('"')[0]
    sent = amina.post(url, {**form, "digit_q2": "2", "replaces": replaces})
    assert sent["Location"].startswith(reverse("safety-card", args=[person, Risk.objects.get().id]))
    assert Response.objects.get(superseded_by=None).complete


def test_answers_are_taken_back_and_corrected(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1"] * 8 + ["0"])
    amina.post(check(person, draft))
    first = Response.objects.get()
    sent = amina.post(reverse("answers-correct", args=[person, first.id]))
    again = Draft.objects.get(finished=None)
    assert sent["Location"] == reverse("ask-all", args=[person, again.id])
    assert 'name="q1" value="1" id="id_q1_1" checked' in amina.get(sent["Location"]).content.decode()
    answers = {f"q{n}": "2" for n in range(1, 9)} | {"q9": "0"}
    amina.post(sent["Location"], {**answers, "go": "done"})
    last = Response.objects.get(superseded_by=None)
    assert Response.objects.get(id=first.id).superseded_by == last.id
    amina.post(reverse("answers-undo", args=[person, last.id]))
    assert not Score.objects.filter(current=True).exists()
    amina.post(reverse("answers-undo", args=[person, last.id]))  # a second tap changes nothing


def test_anothers_form_is_not_shown(ready, amina):
    person = ready.person()
    draft = ask_all(amina, person, ["1"] * 8 + ["0"])
    amina.post(check(person, draft))
    url = reverse("answers", args=[person, Response.objects.get().id])
    assert signed_in(ready, "dalia").get(url).status_code == 200
    assert signed_in(ready, "chipo").get(url).status_code == 404
    assert signed_in(ready, "gloria").get(url).status_code == 403
    assert amina.get(reverse("answers", args=[ready.person(), Response.objects.get().id])).status_code == 404


# -------------------------------------------------------------------------------------- paper, names


@pytest.mark.parametrize(("key", "language"), [(KEY, "en"), (KEY, "ar"), ("daily-habits-3", "en")])
def test_every_form_has_its_twin_on_paper(ready, amina, key, language):
    page = amina.get(reverse("paper", args=[key, language])).content.decode()
    assert 'class="sheet-head"' in page
    assert "PHQ" not in page
    assert "AUDIT" not in page


def test_paper_in_a_language_that_is_not_there(ready, amina):
    assert amina.get(reverse("paper", args=[KEY, "xx"])).status_code == 409
    assert amina.get(reverse("paper-list")).status_code == 200
    assert "Register of meetings" in amina.get(reverse("paper-register")).content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_shown_as_it_is_and_never_in_a_title(ready, amina, name):
    from django.utils.html import escape

    person = ready.person(alias=name)
    draft = begin(amina, person)
    for url in (
        reverse("ask", args=[person]),
        reverse("ask-all", args=[person, draft.id]),
        reverse("paper-type", args=[person, KEY]),
    ):
        page = amina.get(url).content.decode()
        assert escape(name) in page
        assert "<script>alert" not in page
        assert escape(name) not in page.split("<title>")[1].split("</title>")[0]


def test_asking_asks_the_database_little(ready, amina, django_assert_max_num_queries):
    person = ready.person()
    draft = begin(amina, person)
    with django_assert_max_num_queries(18):
        amina.get(reverse("ask", args=[person]))
    with django_assert_max_num_queries(18):
        amina.get(reverse("ask-question", args=[person, draft.id, 1]))
    with django_assert_max_num_queries(22):
        answer(amina, person, draft, 1, "1")


def test_signed_out_goes_to_the_door(ready, client):
    person = ready.person()
    for name in ("ask", "note-session", "worry", "move-on"):
        assert "/sign-in/" in client.get(reverse(name, args=[person]))["Location"]
    assert session_of(ready, "amina")
