"""A referral is drafted with consent, without it, or over it; nothing of where somebody goes stands in clear."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.connect.actions import (
    NobodyToAsk,
    NothingToTell,
    OverrideTooShort,
    OwnYesNeeded,
    cancel_referral_draft,
    draft_referral,
)
from kinweave.connect.models import Referral
from kinweave.connect.reads import referrals
from kinweave.flows.erase import erase_person
from kinweave.house import replay
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Head
from kinweave.house.models import Due, Entry, Held
from kinweave.people.actions import add_tie, withdraw_consent
from kinweave.people.actions.consents import GuardianNeeded
from kinweave.people.door import PersonNotFound, access, consent_for
from kinweave.people.models import Consent

pytestmark = pytest.mark.django_db
CLINIC = "The blue clinic behind the mill"


def draft(world, person, by="amina", **more):
    asked = {"to": CLINIC, "need": "health", "consent_items": ["contact", "alias"], **more}
    return draft_referral(by=world.actor(by), person_id=person, **asked).result


def shown(world, person, **more):
    return referrals(access(person, by=world.actor("amina")), **more)


def test_a_yes_is_kept_with_it_for_exactly_these_items_and_this_one(world):
    person = world.person()
    made = draft(world, person, agreed=True)
    (one,) = shown(world, person)
    assert (one.to, one.need, one.items, one.could_be_sent) == (CLINIC, "health", ("alias", "contact"), True)
    consent = Consent.objects.get(id=made["consent"])
    assert (consent.purpose, consent.items, consent.given) == ("referral", ["alias", "contact"], True)
    assert consent.recipient == f"referral:{made['referral']}"
    assert Entry.objects.filter(action="connect.draft_referral").count() == 1
    assert not Entry.objects.filter(action="people.record_consent", parts__contains='"referral"').exists()
    withdraw_consent(by=world.actor("amina"), person_id=person, consent_id=consent.id)
    assert not shown(world, person)[0].could_be_sent
    assert consent_for([person], "care") is not None


@pytest.mark.parametrize(("agreed", "asked"), [(None, False), (False, True)])
def test_without_a_yes_it_could_not_be_sent(world, agreed, asked):
    person = world.person()
    draft(world, person, agreed=agreed)
    (one,) = shown(world, person)
    assert (one.could_be_sent, one.asked) == (False, asked)


def test_going_without_consent_takes_a_reason_and_never_for_an_adult_survivor(world):
    person, child = world.person(birth_year=1980), world.person(birth_year=timezone.now().year - 10, consent=False)
    with pytest.raises(OverrideTooShort):
        draft(world, person, override_reason="no time")
    draft(world, person, override_reason="She was unconscious when we found her")
    assert shown(world, person)[0].could_be_sent
    with pytest.raises(OwnYesNeeded):
        draft(world, person, need="violence", override_reason="I think it is better for her")
    draft(world, child, need="violence", override_reason="The uncle lives in the same house")


def test_a_young_person_needs_a_guardian_here_too(world):
    child = world.person(birth_year=timezone.now().year - 12, consent=False)
    with pytest.raises(GuardianNeeded):
        draft(world, child, agreed=True, assent=True)
    assert not Referral.objects.exists()
    tie = add_tie(by=world.actor("amina"), person_id=child, kind="guardian", name="Aunt", guardian=True).result["tie"]
    draft(world, child, agreed=True, assent=True, guardian_tie_id=tie)


@pytest.mark.parametrize(
    ("more", "fault"),
    [({"to": "  \u200b "}, NobodyToAsk), ({"consent_items": []}, NothingToTell), ({"need": "x"}, Unknown),
     ({"consent_items": ["shoe size"]}, Unknown), ({"urgency": "soonish"}, Unknown)],
)  # fmt: skip
def test_what_does_not_fit_is_refused(world, more, fault):
    person = world.person()
    with pytest.raises(fault):
        draft(world, person, **more)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(("urgency", "hours", "priority"), [("emergency", 1, 1), ("urgent", 24, 2), ("normal", 72, 2)])
def test_a_draft_is_somebodys_to_send_or_drop(world, urgency, hours, priority):
    person, before = world.person(), timezone.now()
    made = draft(world, person, urgency=urgency)
    due = Due.objects.get(kind="referral_draft")
    assert (due.who, due.person_id, due.ref_id, due.priority) == (
        world.accounts["amina"].id, person, made["referral"], priority,
    )  # fmt: skip
    assert timedelta(0) <= due.at - before - timedelta(hours=hours) < timedelta(minutes=1)
    cancel_referral_draft(by=world.actor("dalia"), person_id=person, referral_id=made["referral"])
    assert Due.objects.get(id=due.id).state == "dropped"
    assert shown(world, person) == []
    assert [one.state for one in shown(world, person, states=("dropped",))] == ["dropped"]
    with pytest.raises(NotFound):
        cancel_referral_draft(by=world.actor("dalia"), person_id=person, referral_id=made["referral"])


def test_another_worker_reaches_no_draft_and_a_fact_is_held(world):
    person = world.person()
    with pytest.raises(PersonNotFound):
        draft(world, person, by="chipo")
    held = draft_referral(
        by=world.actor("amina"), head=Head.now(unattended=True), person_id=Head.now().id, to=CLINIC, need="health",
        consent_items=["alias"],
    )  # fmt: skip
    assert (held.state, Held.objects.get().code) == ("held", "person-not-found")


def test_where_somebody_goes_stands_nowhere_in_clear(world):
    person = world.person()
    draft(world, person, agreed=True, note="Ask for the nurse", override_reason="")
    for entry in Entry.objects.all():
        assert "blue clinic" not in entry.parts
        assert "nurse" not in entry.parts
    assert not Consent.objects.filter(recipient__contains="clinic").exists()


@pytest.mark.django_db(transaction=True)
def test_replay_and_erasure(world, settings, tmp_path):
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    person, other = world.person(), world.person()
    made = draft(world, person, agreed=True, note="Ask for the nurse")
    draft(world, other)
    cancel_referral_draft(by=world.actor("amina"), person_id=person, referral_id=made["referral"])
    assert replay.check().ok
    erase_person(by=world.actor("farai"), person_id=person)
    row = Referral.objects.get(id=made["referral"])
    assert (row.to, row.note, row.need, row.items, row.state) == (None, None, "", [], "dropped")
    report = replay.check()
    assert report.ok, report.differences
    assert report.rows["connect.Referral"] == 2
