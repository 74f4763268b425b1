"""All on one page, sheets typed and printed, answers corrected, any name, few queries."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kinweave.care.models import Risk
from kinweave.core.ids import uuid7
from kinweave.listen.models import Draft, Response, Score
from tests.care_world import KEY, answer, ask_all, asking, begin, check, session_of, signed_in

pytestmark = pytest.mark.django_db
NAMES = ['<script>alert("x")</script>', "رودو", "Ńguyễn 日本", "{{ 7 }}'\"&amp;"]


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


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
