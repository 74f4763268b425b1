"""The paper twins: each in A4 and A5, in English and Arabic, numbered, with no name and nothing clinical."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import note_session
from kinweave.core.sheet_numbers import fits
from kinweave.flows.receive import voice_worry
from kinweave.front.print.codes import register
from kinweave.front.print.frame import MOST_COPIES
from kinweave.front.print.sheets import KINDS, REGISTERS
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.house.models import Account, ReadLog
from kinweave.house.rota import set_rota
from kinweave.people.door import access
from tests.care_world import KEY, asking, signed_in, started

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r'class="sheet-number".*?<bdi dir="ltr">([^<]+)</bdi>')
FORMS = [*REGISTERS, *KINDS]


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready) -> Client:
    return signed_in(ready, "amina")


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", ["a4", "a5"])
@pytest.mark.parametrize("words", ["en", "ar"])
def test_every_sheet_in_every_size_and_language(amina, form, size, words):
    page = text(amina.get(reverse("paper-sheet", args=[form]), {"size": size, "words": words, "copies": "3"}))
    assert page.count('class="sheet-head"') == 3
    assert f'class="a4 {size}"' in page
    assert f'lang="{words}" dir="{"rtl" if words == "ar" else "ltr"}"' in page
    assert re.search(rf"paper-{size}(-wide)?\.css", page)
    found = NUMBER.findall(page)
    if form == "safety":
        assert found == []
        return
    assert len(set(found)) == 3
    assert all(fits(one) for one in found)


@pytest.mark.parametrize(
    "asked", [{"size": "a0"}, {"copies": "0"}, {"copies": "9999"}, {"copies": "x"}, {"words": "xx"}, {"words": "'"}]
)
def test_what_does_not_fit_is_printed_as_usual(amina, asked):
    page = text(amina.get(reverse("paper-sheet", args=["consent"]), asked))
    assert page.count('class="sheet-head"') == 1
    assert 'class="a4 a4"' in page


def test_copies_are_bounded(amina):
    url = reverse("paper-sheet", args=["meetings"])
    assert text(amina.get(url, {"copies": MOST_COPIES})).count('class="sheet-head"') == MOST_COPIES
    assert text(amina.get(url, {"copies": MOST_COPIES + 1})).count('class="sheet-head"') == 1


def test_an_unknown_sheet_is_not_there(amina):
    assert amina.get(reverse("paper-sheet", args=["secrets"])).status_code == 404


def test_a_questionnaire_carries_a_number_each_time_it_is_printed(amina):
    url = reverse("paper", args=[KEY, "en"])
    first, second = (NUMBER.findall(text(amina.get(url, {"copies": "2", "size": "a5"}))) for _ in range(2))
    assert len({*first, *second}) == 4
    assert 'lang="ar" dir="rtl"' in text(amina.get(reverse("paper", args=[KEY, "ar"])))


@pytest.mark.parametrize("form", REGISTERS)
def test_the_numbers_on_a_register_are_those_that_are_typed(amina, form):
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(amina.get(reverse("paper-sheet", args=[form])))))
    typed = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(amina.get(reverse("paper-rows", args=[form])))))
    for column in register(form).columns:
        assert str(column.label) in page
        for number, words in column.numbered:
            assert f"{number} {words}" in page
            assert f"{number} {words}" in typed


def test_a_programmes_own_lists_stand_on_paper(amina):
    change_setting(by=SYSTEM, key="gather.kinds", value=["fishers"])
    change_setting(by=SYSTEM, key="connect.needs", value=["boats"])
    change_setting(
        by=SYSTEM, key="house.dimensions",
        value=[{"code": "river", "name": "Which bank", "choices": [{"code": "n", "name": "North bank"}]}],
    )  # fmt: skip
    assert "fishers" in text(amina.get(reverse("paper-sheet", args=["circles"])))
    assert "boats" in text(amina.get(reverse("paper-sheet", args=["referral"])))
    intake = text(amina.get(reverse("paper-sheet", args=["intake"])))
    assert "Which bank" in intake
    assert "North bank" in intake


def test_the_safety_card_has_the_numbers_that_work_without_signal(ready, amina):
    Account.objects.filter(username="dalia").update(phone="0771 555 001")
    turns = [{"account": str(ready.accounts["dalia"].id)}, {"account": str(ready.accounts["farai"].id)}]
    set_rota(by=SYSTEM, programme_id=ready.programme, turns=turns, contact="The night line", number="0800 911")
    page = text(amina.get(reverse("paper-sheet", args=["safety"])))
    assert "The night line" in page
    assert "0800 911" in page
    assert "Dalia" in page
    assert "0771 555 001" in page
    assert "Farai" not in page  # no number, no use


# --------------------------------------------------------------------------------------- my week


def test_my_week_is_codes_and_chosen_names_only(ready, amina):
    mine = started(ready, alias="Rudo", name="Rudo Chikwanda")
    nameless = started(ready, alias=None, name="Tendai Moyo")
    other = started(ready, by="baraka", alias="Kudzai")
    by = ready.actor("amina")
    note_session(by=by, person_id=mine, held=True, next_at=timezone.now() + timedelta(days=2))
    page = text(amina.get(reverse("paper-week"), {"size": "a5"}))
    codes = {one: access(one, by=ready.actor("farai")).row.code for one in (mine, nameless, other)}
    assert codes[mine] in page
    assert "Rudo" in page
    assert "Chikwanda" not in page
    assert codes[nameless] in page
    assert "Tendai" not in page
    assert codes[other] not in page
    assert "Kudzai" not in page
    assert page.index(codes[mine]) < page.index(codes[nameless]) or "first meeting" in page
    row = ReadLog.objects.filter(page="week-list").get()
    assert {mine.hex, nameless.hex} == set(row.persons.split())


def test_my_week_names_no_danger(ready, amina):
    mine = started(ready, alias="Rudo")
    risk = voice_worry(by=ready.actor("amina"), person_id=mine, kinds=["self"], urgency="now").result["risk"]
    page = text(amina.get(reverse("paper-week")))
    assert str(risk) not in page
    assert "safety" not in re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL).lower()


def test_who_meets_nobody_has_an_empty_week(ready):
    assert "Kudzai" not in text(signed_in(ready, "dalia").get(reverse("paper-week")))
    assert signed_in(ready, "gloria").get(reverse("paper-week")).status_code == 403


def test_the_list_leads_to_every_sheet_and_where_it_is_typed(ready, amina):
    page = text(amina.get(reverse("paper-list")))
    for form in FORMS:
        assert reverse("paper-sheet", args=[form]) in page
    for form in REGISTERS:
        assert reverse("paper-rows", args=[form]) in page
    assert reverse("paper-run", args=[KEY]) in page
    assert reverse("paper", args=["how-you-have-felt-6", "en"]) in page  # printed, though not asked here yet
    assert reverse("paper-run", args=["how-you-have-felt-6"]) not in page
