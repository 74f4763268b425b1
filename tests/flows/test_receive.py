"""A safety answer reaches someone whatever is wrong with the form, once, and somebody answers or the next is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.care.actions import acknowledge_risk, close_risk, contact_after_risk, plan_after_risk
from kinweave.care.models import Risk
from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.flows.erase import erase_person
from kinweave.flows.receive import receive_response, voice_worry
from kinweave.flows.told import watch_risks
from kinweave.house.alerts import alert
from kinweave.house.journal import Head
from kinweave.house.models import Due, Held, Message
from kinweave.house.rota import set_rota
from kinweave.listen.actions import switch_instrument
from kinweave.listen.models import Response
from kinweave.people.door import PersonNotFound, access

pytestmark = pytest.mark.django_db
CALM = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
DANGER = {**CALM, "q9": 2}


@pytest.fixture
def asking(world):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    return world


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Run something as if its transaction had been committed."""

    def run(what, *args, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return what(*args, **more)

    return run


def receive(world, person, answers, *, by="amina", unattended=True, head=None, **more):
    head = head or Head.now(unattended=unattended)
    asked = {"person_id": person, "instrument": "phq-9", "answers": answers, **more}
    return receive_response(by=world.actor(by), head=head, **asked)


def test_a_calm_form_alerts_nobody(asking):
    receipt = receive(asking, asking.person(), CALM)
    assert "risk" not in receipt.result
    assert not Risk.objects.exists()


def test_a_safety_answer_opens_one_alert_of_the_person(asking, told):
    person = asking.person()
    receipt = told(receive, asking, person, DANGER)
    risk = Risk.objects.get()
    assert str(risk.id) == receipt.result["risk"]
    assert (risk.person_id, risk.urgency, str(risk.ref_id)) == (person, "today", receipt.result["response"])
    assert set(Message.objects.values_list("to_account", "code")) == {(asking.accounts["dalia"].id, "risk")}


def test_an_unfinished_form_acts_on_its_safety_answer(asking):
    receipt = receive(asking, asking.person(), {"q9": 1})
    assert Risk.objects.count() == 1
    assert not Response.objects.get(id=receipt.result["response"]).complete


def test_the_finished_form_takes_the_unfinished_ones_place_without_a_second_alert(asking, told):
    person = asking.person()
    first = told(receive, asking, person, {"q9": 2})
    second = told(receive, asking, person, DANGER, replaces=first.result["response"])
    assert second.result["risk"] == first.result["risk"]
    assert Risk.objects.count() == 1
    assert Message.objects.count() == 1
    assert Response.objects.get(superseded_by=None).complete


def test_a_chain_of_corrections_keeps_the_one_alert(asking):
    person = asking.person()
    first = receive(asking, person, {"q9": 1}).result["response"]
    second = receive(asking, person, {"q9": 2, "q1": 1}, replaces=first).result["response"]
    receive(asking, person, DANGER, replaces=second)
    assert Risk.objects.count() == 1


def test_a_later_form_that_turns_dangerous_alerts(asking):
    person = asking.person()
    first = receive(asking, person, CALM).result["response"]
    receive(asking, person, DANGER, replaces=first)
    assert Risk.objects.count() == 1


def test_a_corrected_form_after_the_alert_was_closed_alerts_again(asking):
    person = asking.person()
    first = receive(asking, person, DANGER).result
    by = asking.actor("dalia")
    acknowledge_risk(by=by, risk_id=Risk.objects.get().id)
    contact_after_risk(by=by, risk_id=Risk.objects.get().id)
    plan_after_risk(by=by, risk_id=Risk.objects.get().id, plan="Her sister stays.")
    close_risk(by=by, risk_id=Risk.objects.get().id, debriefed=True)
    receive(asking, person, DANGER, replaces=first["response"])
    assert Risk.objects.filter(state="open").count() == 1


def test_naming_another_persons_form_silences_nothing(asking):
    one, other = asking.person(), asking.person(alias="Tendai")
    first = receive(asking, one, DANGER).result["response"]
    receipt = receive(asking, other, DANGER, replaces=first)
    assert receipt.result["code"] == "not-found"
    assert Risk.objects.filter(person_id=other).count() == 1


def test_without_consent_the_form_is_held_and_the_alert_goes_out(asking):
    person = asking.person(consent=False)
    receipt = receive(asking, person, DANGER)
    assert (receipt.state, receipt.result["code"]) == ("held", "no-consent")
    assert Risk.objects.get().person_id == person
    assert Held.objects.get().state == "waiting"


def test_a_held_unfinished_form_gives_way_to_the_finished_one(asking):
    person = asking.person(consent=False)
    first = receive(asking, person, {"q9": 3}).result
    second = receive(asking, person, {**DANGER, "q9": 3}, replaces=first["held"]).result
    assert second["risk"] == first["risk"]
    assert set(Held.objects.values_list("id", "state")) == {
        (Held.objects.get(state="waiting").id, "waiting"),
        (Held.objects.get(state="set_aside").id, "set_aside"),
    }
    assert str(Held.objects.get(state="waiting").id) == second["held"]
    assert Risk.objects.count() == 1
    assert Due.objects.filter(kind="held", state="open").count() == 1


def test_a_held_form_of_a_stranger_is_not_replaced_by_anothers(asking):
    first = receive(asking, None, {"q9": 3}).result
    second = receive(asking, None, {"q9": 3, "q1": 1}, by="baraka", replaces=first["held"]).result
    assert second["risk"] != first["risk"]
    assert Held.objects.filter(state="waiting").count() == 2


def test_even_attended_a_danger_is_kept_not_refused(asking):
    person = asking.person(consent=False)
    receipt = receive(asking, person, DANGER, unattended=False)
    assert receipt.result["code"] == "no-consent"
    assert Risk.objects.count() == 1
    with pytest.raises(Problem):
        receive(asking, person, CALM, unattended=False)


def test_an_unknown_person_has_an_alert_with_a_key_of_its_own(asking):
    receipt = receive(asking, uuid7(), DANGER)
    risk = Risk.objects.get()
    assert (risk.person_id, receipt.state) == (None, "held")
    assert risk.key_id == risk.id


def test_another_teams_person_is_held_and_the_alert_is_theirs(asking):
    person = asking.person(by="chipo", team_id=asking.teams[1], alias="Nyasha")
    receipt = receive(asking, person, DANGER)
    assert receipt.result["code"] == "person-not-found"
    assert Risk.objects.get().person_id == person
    assert Risk.objects.get().team_id == asking.teams[1]


def test_a_questionnaire_that_is_off_acts_too(world):
    receipt = receive(world, world.person(), DANGER)
    assert receipt.result["code"] == "instrument-off"
    assert Risk.objects.count() == 1


def test_an_unknown_questionnaire_is_held_without_an_alert(asking):
    head = Head.now(unattended=True)
    asked = {"person_id": asking.person(), "instrument": "no-such", "answers": {"q9": 3}}
    receipt = receive_response(by=asking.actor("amina"), head=head, **asked)
    assert (receipt.state, receipt.result["code"]) == ("held", "unknown-instrument")
    assert not Risk.objects.exists()


@pytest.mark.parametrize("answer", [7, "yes", "2 or 3", [{"code": 9}]])
def test_an_unreadable_safety_answer_is_seen_by_someone(asking, answer):
    receipt = receive(asking, asking.person(), {**CALM, "q9": answer})
    assert receipt.result["code"] == "answers-out-of-range"
    assert Risk.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_erased_persons_form_is_not_kept_but_its_answer_reaches_someone(asking):
    person = asking.person()
    erase_person(by=asking.actor("farai"), person_id=person)
    receipt = receive(asking, person, DANGER)
    assert Risk.objects.get().person_id is None
    assert not Response.objects.exists()
    assert "response" not in receipt.result


def test_the_same_send_twice_is_one_form_and_one_alert(asking, told):
    person, head = asking.person(), Head.now(unattended=True)
    first = told(receive, asking, person, DANGER, head=head)
    again = told(receive, asking, person, DANGER, head=head)
    assert again.again
    assert again.result == first.result
    assert (Risk.objects.count(), Response.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_the_same_id_with_other_answers_is_not_taken_for_the_same(asking):
    person, head = asking.person(), Head.now(unattended=True)
    receive(asking, person, CALM, head=head)
    with pytest.raises(Problem) as fault:
        receive(asking, person, DANGER, head=head)
    assert fault.value.code == "entry-id-reused"


def test_an_imported_form_acts_though_the_questionnaire_is_off(world):
    receipt = receive(world, world.person(), DANGER, mode="import", taken_on=timezone.now().date() - timedelta(days=3))
    assert receipt.state == "accepted"
    assert Risk.objects.count() == 1


def test_the_receipt_and_the_alert_hold_no_answer(asking):
    receipt = receive(asking, asking.person(), DANGER)
    assert set(receipt.result) == {"response", "scales", "risk"}
    assert b"harm" not in bytes(Risk.objects.get().kinds)


# ------------------------------------------------------------------------------------ who is told


def test_the_rota_is_asked_first_then_the_team_then_the_coordinator(asking, told):
    turns = [{"account": asking.accounts["esi"].id}]
    set_rota(by=asking.actor("farai"), programme_id=asking.programme, turns=turns, contact="Clinic", number="0800 1")
    told(receive, asking, asking.person(), DANGER)
    asked = []
    for _ in range(3):
        asked.append(Message.objects.order_by("-made_at", "-id").first().to_account)
        Risk.objects.update(answer_by=timezone.now() - timedelta(seconds=1))
        watch_risks()
    names = {account.id: name for name, account in asking.accounts.items()}
    assert [names[one] for one in asked] == ["esi", "dalia", "farai"]
    assert Risk.objects.get().level == 3


def test_who_was_asked_may_answer_also_for_another_team_and_nothing_more(asking, told):
    person = asking.person()
    told(receive, asking, person, DANGER)
    risk, esi = Risk.objects.get().id, asking.actor("esi")
    with pytest.raises(Problem) as fault:
        acknowledge_risk(by=esi, risk_id=risk)
    assert fault.value.code == "not-found"
    alert([esi.account_id], "risk", risk)
    with pytest.raises(PersonNotFound):
        access(person, by=esi)
    acknowledge_risk(by=esi, risk_id=risk)
    assert Risk.objects.get().acknowledged_by == esi.account_id


def test_an_answered_alert_goes_no_further(asking, told):
    told(receive, asking, asking.person(), DANGER)
    acknowledge_risk(by=asking.actor("dalia"), risk_id=Risk.objects.get().id)
    Risk.objects.update(answer_by=timezone.now() - timedelta(hours=1))
    assert watch_risks() == 0
    assert Message.objects.count() == 1


def test_an_alert_that_was_not_told_is_told_by_the_clock(asking):
    receive(asking, asking.person(), DANGER)  # the server died before it could tell anybody
    assert not Message.objects.exists()
    assert watch_risks() == 1
    assert Message.objects.count() == 1


def test_a_worry_needs_no_consent_and_reaches_someone(world, told):
    person = world.person(consent=False)
    told(voice_worry, by=world.actor("amina"), person_id=person, kinds=["chaining"], urgency="now")
    risk = Risk.objects.get()
    assert (risk.source, risk.answer_by - risk.told_at) == ("worry", timedelta(minutes=15))
    assert Message.objects.get().to_account == world.accounts["dalia"].id
