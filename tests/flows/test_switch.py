"""Before anyone is asked about danger, someone can answer; each switches in their own house."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.flows.switch import switch_questionnaire
from kinweave.house import rota
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.models import AlertTest
from kinweave.house.rota import answer_test_alert, send_test_alert, set_rota
from kinweave.listen.actions import switch_instrument
from kinweave.listen.shelf import is_on

pytestmark = pytest.mark.django_db


def switch(world, slug, by="farai", on=True, **more):
    return switch_questionnaire(by=world.actor(by), slug=slug, on=on, **more)


def everybody_answers(world):
    by = world.actor("farai")
    turns = [{"account": world.accounts[name].id} for name in ("dalia", "esi")]
    set_rota(by=by, programme_id=world.programme, turns=turns, contact="Clinic", number="0800 1")
    send_test_alert(by=by, programme_id=world.programme)
    for test in AlertTest.objects.all():
        name = {a.id: n for n, a in world.accounts.items()}.get(test.account_id, "farai")
        answer_test_alert(by=world.actor(name), test_id=test.id)


def test_a_safety_item_waits_until_somebody_can_answer(world):
    with pytest.raises(Problem) as fault:
        switch(world, "phq-9")
    assert fault.value.code == "nobody-can-answer"
    assert not is_on("phq-9")
    everybody_answers(world)
    assert rota.can_ask(True, world.programme)
    switch(world, "phq-9")
    assert is_on("phq-9", str(world.programme))


def test_an_old_test_alert_counts_no_more(world):
    everybody_answers(world)
    AlertTest.objects.update(answered_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Problem) as fault:
        switch(world, "phq-9")
    assert fault.value.code == "nobody-can-answer"


def test_one_without_a_safety_item_is_switched_at_once_and_off_again(world):
    switch(world, "gad-7")
    assert is_on("gad-7")
    switch(world, "gad-7", on=False)
    assert not is_on("gad-7")


def test_a_safety_item_can_always_be_switched_off(world):
    switch_instrument(by=SYSTEM, slug="phq-9", on=True)
    switch(world, "phq-9", on=False)
    assert not is_on("phq-9")


def test_a_questionnaire_without_words_is_not_switched_on(world):
    with pytest.raises(Problem) as fault:
        switch(world, "osss-3", licence_statement="Ours, 2026")
    assert fault.value.code == "instrument-without-words"


def test_who_may_switch_and_where(world):
    for name in ("amina", "dalia", "gloria"):
        with pytest.raises(Problem) as fault:
            switch(world, "gad-7", by=name)
        assert fault.value.code == "not-allowed"
    with pytest.raises(Problem) as fault:
        switch(world, "gad-7", scope=str(uuid7()))
    assert fault.value.code == "not-allowed"
    switch(world, "gad-7", by="hope", scope=str(world.programme))
    assert is_on("gad-7", str(world.programme))
    assert not is_on("gad-7")


def test_a_coordinator_of_one_organisation_does_not_set_anothers_site(world):
    add_organisation(by=SYSTEM, name="Another bench")
    with pytest.raises(Problem) as fault:
        switch(world, "gad-7")
    assert fault.value.code == "not-allowed"
    switch(world, "gad-7", scope=str(world.programme))
    assert is_on("gad-7", str(world.programme))
