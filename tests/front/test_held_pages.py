"""Quarantine on the desk: why, mend and let in, set aside with a reason, in reach only."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kinweave.core.ids import uuid7
from kinweave.flows.receive import receive_response
from kinweave.house.journal import Head
from kinweave.house.models import Due, Held, ReadLog
from kinweave.listen.models import Response
from kinweave.people.actions import record_consent
from kinweave.people.models import Person
from tests.care_world import asking, signed_in

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
USUAL = {"held": "yes", "homework": "done", "mood": "easier", "next": "week", "worry": "no"}


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


def hold(ready, person, by="amina", **more):
    asked = {"person_id": person, "instrument": "phq-9", "answers": PHQ, **more}
    receive_response(by=ready.actor(by), head=Head.now(unattended=True), **asked)
    return Held.objects.get(state="waiting")


def let_in(client, held, **more):
    return client.post(reverse("held-release", args=[held.id]), {"entry": str(uuid7()), **more})


def test_held_for_want_of_a_yes_comes_in_after_it(ready):
    person, dalia = ready.person(consent=False), signed_in(ready, "dalia")
    held = hold(ready, person)
    page = dalia.get(reverse("held")).content.decode()
    assert "has not agreed" in page
    assert "Rudo" in page
    one = dalia.get(reverse("held-one", args=[held.id])).content.decode()
    assert "How you have been (9 questions)" in one
    assert ReadLog.objects.filter(page="held", person_id=person).count() >= 1
    assert let_in(dalia, held).status_code == 409
    record_consent(by=ready.actor("amina"), person_id=person, purpose="care", given=True)
    assert let_in(dalia, held)["Location"] == reverse("held")
    assert Response.objects.get().person_id == person
    assert not Due.objects.filter(kind="held", state="open").exists()


def test_whose_it_is_is_said_by_code(ready):
    person, dalia = ready.person(), signed_in(ready, "dalia")
    held = hold(ready, uuid7())
    assert let_in(dalia, held, code="ZZ-ZZZZ").status_code == 200
    assert let_in(dalia, held, code=Person.objects.get(id=person).code)["Location"] == reverse("held")
    assert Response.objects.get().person_id == person


def test_an_impossible_answer_is_put_right(ready):
    person, dalia = ready.person(), signed_in(ready, "dalia")
    held = hold(ready, person, answers={**PHQ, "q2": 9})
    page = dalia.get(reverse("held-one", args=[held.id])).content.decode()
    assert 'name="answer_q2"' in page
    assert 'name="answer_q1"' not in page
    let_in(dalia, held, answer_q2="3")
    assert Response.objects.get().complete


def test_set_aside_needs_a_reason_and_keeps_it(ready):
    dalia = signed_in(ready, "dalia")
    held = hold(ready, ready.person(consent=False))
    url = reverse("held-aside", args=[held.id])
    dalia.post(url, {"entry": str(uuid7()), "reason": ""})
    assert Held.objects.get().state == "waiting"
    dalia.post(url, {"entry": str(uuid7()), "reason": "A practice sheet"})
    assert Held.objects.get().state == "set_aside"
    assert b"practice" not in bytes(Held.objects.get().reason)


def test_quarantine_of_another_team_is_not_there(ready):
    held = hold(ready, ready.person(consent=False))
    esi = signed_in(ready, "esi")
    assert "Rudo" not in esi.get(reverse("held")).content.decode()
    assert esi.get(reverse("held-one", args=[held.id])).status_code == 404
    assert let_in(esi, held).status_code == 404
