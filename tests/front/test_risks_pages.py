"""Safety pages: order, time in words, who was told, the steps, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kinweave.care.models import Risk
from kinweave.core.ids import uuid7
from kinweave.core.risk import KINDS
from kinweave.flows.receive import receive_response, voice_worry
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.care_parts import left_or_late
from kinweave.house import alerts
from kinweave.house.journal import Head
from kinweave.house.models import Message, ReadLog
from kinweave.listen.shelf import instruments
from tests.care_world import asking, signed_in, started

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def worried(ready, django_capture_on_commit_callbacks):
    """One worry of Amina's about Rudo, told."""
    person = started(ready)
    with django_capture_on_commit_callbacks(execute=True):
        asked = {"person_id": person, "kinds": ["self_harm"], "urgency": "now", "note": "She gave away her goats"}
        voice_worry(by=ready.actor("amina"), **asked)
    return Risk.objects.get()


def step(client, risk, name, **form):
    return client.post(reverse(f"risk-{name}", args=[risk.id]), {"entry": str(uuid7()), **form})


@pytest.mark.parametrize(
    ("minutes", "says", "late"),
    [
        (12, "12 minutes left", False), (1, "1 minute left", False), (-12, "12 minutes late", True),
        (180, "3 hours left", False), (-60 * 24 * 3, "3 days late", True),
    ],
)  # fmt: skip
def test_time_in_words(minutes, says, late):
    assert left_or_late(NOW + timedelta(minutes=minutes), NOW) == (says, late)


def test_every_kind_of_danger_has_words():
    kinds = {rule.kind for one in instruments().values() for rule in one.safety}
    assert set(KINDS) | kinds <= set(words_of.WORRIES)


def test_the_unanswered_come_first_and_alone_are_marked(ready, worried):
    dalia = signed_in(ready, "dalia")
    for urgency in ("week", "today"):
        voice_worry(by=ready.actor("amina"), person_id=started(ready, alias=urgency), kinds=["other"], urgency=urgency)
    step(dalia, Risk.objects.get(urgency="today"), "acknowledge")
    page = dalia.get(reverse("risks")).content.decode()
    rows = page.split('<li class="task')[1:]
    assert [row.split('class="who">')[1].split("<")[0] for row in rows] == ["Rudo", "week", "today"]
    assert [row.startswith(" now") for row in rows] == [True, True, False]
    assert "2 wait for an answer." in page
    assert "minutes left" in rows[0]


def test_one_risk_says_who_was_told_and_what_it_is_about(ready, worried):
    page = signed_in(ready, "amina").get(reverse("risk", args=[worried.id])).content.decode()
    assert "They may hurt themselves" in page
    assert "She gave away her goats" in page
    assert "Dalia (supervisor)" in page
    assert "not opened yet" in page
    assert "Amina is worried" in page
    assert reverse("risk-acknowledge", args=[worried.id]) not in page
    assert ReadLog.objects.filter(page="risk", person_id=worried.person_id).count() == 1


def test_an_alert_leads_here(ready, worried):
    assert alerts.leads_to(Message.objects.get()) == reverse("risk", args=[worried.id])


def test_it_is_taken_on_met_planned_and_closed(ready, worried):
    dalia, amina = signed_in(ready, "dalia"), signed_in(ready, "amina")
    assert step(dalia, worried, "acknowledge")["Location"] == reverse("risk", args=[worried.id])
    step(signed_in(ready, "farai"), worried, "acknowledge")  # a moment later: welcome, changes nothing
    step(amina, worried, "contact", note="At her sister's")
    page = dalia.get(reverse("risk", args=[worried.id])).content.decode()
    assert "She gave away her goats" in page
    assert "At her sister&#x27;s" in page
    assert "Dalia took this on" in page
    assert step(dalia, worried, "plan", plan="").status_code == 422
    step(dalia, worried, "plan", plan="Her sister keeps the pills")
    no_talk = step(dalia, worried, "close")
    assert no_talk.status_code == 422
    assert "Talk with the worker first" in no_talk.content.decode()
    step(dalia, worried, "close", debriefed="on")
    assert Risk.objects.get().state == "closed"
    assert "Dalia closed this" in dalia.get(reverse("risk", args=[worried.id])).content.decode()
    assert "Rudo" in dalia.get(reverse("risks") + "?which=closed").content.decode()


def test_a_step_out_of_order_keeps_what_was_typed(ready, worried):
    sent = step(signed_in(ready, "dalia"), worried, "plan", plan="Typed too early")
    assert sent.status_code == 409
    assert "Typed too early" not in str(sent.headers)
    assert Risk.objects.get().state == "open"


def test_words_of_a_double_send_are_written_once(ready, worried):
    amina, form = signed_in(ready, "amina"), {"entry": str(uuid7()), "note": "Met at the well"}
    for _ in range(2):
        sent = amina.post(reverse("risk-contact", args=[worried.id]), form)
        assert sent.status_code == 302
    page = amina.get(reverse("risk", args=[worried.id])).content.decode()
    assert page.count("Met at the well") == 1


@pytest.mark.parametrize("name", ["chipo", "esi", "baraka"])
def test_out_of_reach_it_is_not_there(ready, worried, name):
    client = signed_in(ready, name)
    assert client.get(reverse("risk", args=[worried.id])).status_code == 404
    assert "Rudo" not in client.get(reverse("risks")).content.decode()
    assert client.get(reverse("safety-card", args=[worried.person_id, worried.id])).status_code == 404


@pytest.mark.parametrize("name", ["gloria", "hope"])
def test_without_the_permission_there_is_no_such_page(ready, worried, name):
    client = signed_in(ready, name)
    for url in (reverse("risks"), reverse("risk", args=[worried.id])):
        assert client.get(url).status_code == 403


def test_a_worker_does_not_answer_plan_or_close(ready, worried):
    amina = signed_in(ready, "amina")
    for name in ("acknowledge", "plan", "close"):
        assert step(amina, worried, name, plan="x", debriefed="on").status_code == 403
    assert Risk.objects.get().state == "open"


def test_an_alert_of_nobody_known(ready):
    asked = {"person_id": uuid7(), "instrument": "phq-9", "answers": {"q9": 3}}
    receive_response(by=ready.actor("amina"), head=Head.now(unattended=True), **asked)
    farai = signed_in(ready, "farai")
    risk = Risk.objects.get()
    assert "Someone not known by name" in farai.get(reverse("risks")).content.decode()
    page = farai.get(reverse("risk", args=[risk.id])).content.decode()
    assert "Nobody has been told yet." in page
    assert "0800 123" in page
    step(farai, risk, "acknowledge")
    assert Risk.objects.get().state == "acknowledged"


def test_one_persons_card_does_not_show_anothers(ready, worried):
    other = started(ready, alias="Tendai")
    amina = signed_in(ready, "amina")
    assert amina.get(reverse("safety-card", args=[other, worried.id])).status_code == 404


def test_the_list_costs_the_same_for_many(ready, django_assert_max_num_queries):
    for n in range(8):
        person = started(ready, alias=f"P{n}")
        voice_worry(by=ready.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    dalia = signed_in(ready, "dalia")
    with django_assert_max_num_queries(16):
        assert dalia.get(reverse("risks")).content.decode().count('<li class="task') == 8
    with django_assert_max_num_queries(30):
        dalia.get(reverse("risk", args=[Risk.objects.first().id]))
