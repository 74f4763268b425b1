"""People: consent and its last word, minors and guardians, merging, break-glass, the own page's door."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.care.actions import note_session
from kinweave.core.problems import Problem
from kinweave.flows.welcome import agree, welcome_person
from kinweave.house import readlog
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import change_setting
from kinweave.house.models import Due, Entry
from kinweave.people.actions import (
    add_tie,
    break_glass,
    change_person,
    contest_record,
    make_own_link,
    merge_persons,
    move_person,
    record_consent,
    register_person,
    unmerge_person,
    use_own_link,
    withdraw_consent,
)
from kinweave.people.door import PersonNotFound, access, consent_for, shown_names, within
from kinweave.people.models import Consent, Person, Residence

pytestmark = pytest.mark.django_db


def test_someone_is_welcomed_in_one_entry(world):
    before = Entry.objects.count()
    receipt = welcome_person(
        by=world.actor("amina"),
        person={"alias": "Rudo", "organisation_id": world.organisation, "team_id": world.teams[0]},
        consents=[{"purpose": "care", "given": True}, {"purpose": "statistics", "given": False}],
        contact={"kind": "phone", "value": "0700 1", "allowed": "call", "cover": "Say it is the market."},
    )
    assert Entry.objects.count() == before + 1
    row = Person.objects.get(id=receipt.result["person"])
    assert row.state == "consented"
    assert consent_for([row.id], "care") is not None
    assert consent_for([row.id], "statistics") is None


def test_a_no_changes_nothing_else(world):
    person = world.person(consent=False)
    agree(by=world.actor("amina"), person_id=person, purpose="statistics", given=False)
    assert Person.objects.get(id=person).state == "identified"
    agree(by=world.actor("amina"), person_id=person, purpose="care", given=True)
    assert Person.objects.get(id=person).state == "consented"


def test_the_last_word_counts_and_an_expired_yes_is_none(world):
    person = world.person(consent=False)
    by = world.actor("amina")
    yesterday = timezone.localdate() - timedelta(days=1)
    record_consent(by=by, person_id=person, purpose="care", given=True, until=yesterday)
    assert consent_for([person], "care") is None
    given = record_consent(by=by, person_id=person, purpose="care", given=True).result["consent"]
    assert consent_for([person], "care") is not None
    withdraw_consent(by=by, person_id=person, consent_id=given)
    assert consent_for([person], "care") is None
    with pytest.raises(Problem) as fault:
        note_session(by=by, person_id=person, held=True)
    assert fault.value.code == "no-consent"


def test_under_eighteen_needs_assent_and_a_guardian(world):
    year = timezone.localdate().year - 15
    child = world.person(consent=False, birth_year=year)
    by = world.actor("amina")
    asked = {"by": by, "person_id": child, "purpose": "care", "given": True}
    with pytest.raises(Problem) as fault:
        record_consent(**asked)
    assert fault.value.code == "assent-needed"
    with pytest.raises(Problem) as fault:
        record_consent(**asked, assent=True)
    assert fault.value.code == "guardian-needed"
    tie = add_tie(by=by, person_id=child, kind="guardian", name="Her aunt").result["tie"]
    record_consent(**asked, assent=True, guardian_tie_id=tie)
    assert consent_for([child], "care") is not None


def test_a_guardian_who_is_the_danger_is_not_asked(world):
    year = timezone.localdate().year - 15
    child = world.person(consent=False, birth_year=year)
    by = world.actor("amina")
    tie = add_tie(by=by, person_id=child, kind="guardian", name="A man", danger=True).result["tie"]
    with pytest.raises(Problem):
        record_consent(by=by, person_id=child, purpose="care", given=True, guardian_tie_id=tie)
    record_consent(by=by, person_id=child, purpose="care", given=True, assent=True)
    assert Consent.objects.get(person=child).guardian_tie is None


def test_merging_keeps_both_and_is_undone(world):
    one, other = world.person(alias="Rudo"), world.person(alias="Rudo M")
    note_session(by=world.actor("amina"), person_id=one, held=True)
    merge_persons(by=world.actor("dalia"), person_id=one, into_id=other)
    seen = access(one, by=world.actor("amina"))
    assert (seen.id, set(seen.ids)) == (other, {one, other})
    assert one not in within(world.actor("amina")).values_list("id", flat=True)
    unmerge_person(by=world.actor("dalia"), person_id=one)
    assert access(one, by=world.actor("amina")).ids == (one,)


def test_records_that_sound_alike_are_counted_never_shown(world):
    world.person(alias="Tendai Moyo")
    asked = {"organisation_id": world.organisation, "alias": "Tendayi Moyo"}
    receipt = register_person(by=world.actor("chipo"), **asked)
    assert receipt.result["possibly_same"] == 1
    assert "Tendai" not in str(receipt.result)


def test_break_glass_opens_for_reading_and_the_supervisor_is_told(world):
    person = world.person(by="amina")
    by = world.actor("chipo")
    with pytest.raises(PersonNotFound):
        access(person, by=by)
    with pytest.raises(Problem) as fault:
        break_glass(by=by, person_id=person, reason="need")
    assert fault.value.code == "reason-needed"
    break_glass(by=by, person_id=person, reason="She is at my bench and cannot speak")
    assert access(person, by=by).glass
    assert Due.objects.filter(kind="glass_review", role="supervisor").exists()
    with pytest.raises(PersonNotFound):
        note_session(by=by, person_id=person, held=True)


def test_break_glass_never_opens_a_colleagues_own_record(world):
    person = world.person(by="amina", colleague_account=world.accounts["baraka"].id)
    for name in ("baraka", "dalia", "farai"):
        with pytest.raises(PersonNotFound):
            access(person, by=world.actor(name))
    with pytest.raises(PersonNotFound):
        break_glass(by=world.actor("chipo"), person_id=person, reason="I want to see how he is")
    assert access(person, by=world.actor("amina")).id == person


def test_sensitive_facts_are_refused_unless_switched_on(world):
    person = world.person()
    by = world.actor("amina")
    with pytest.raises(Problem) as fault:
        change_person(by=by, person_id=person, facts={"faith": "x"})
    assert fault.value.code == "not-collected"
    on = {"faith": True, "ethnicity": False, "sexuality": False, "exact_location": False}
    change_setting(by=SYSTEM, key="house.facts", value=on)
    change_person(by=by, person_id=person, facts={"faith": "x", "wg": {"seeing": 3}})
    assert Person.objects.get(id=person).facts == {"faith": "x", "wg": {"seeing": 3}}


def test_names_in_any_script_are_kept_whole(world):
    for name in ("ሩዶ", "رودو", "Žaneta", "张伟", "Zoë\u202e<script>", "नेहा"):
        person = world.person(alias=name)
        shown = shown_names([Person.objects.get(id=person)])[person]
        assert "\u202e" not in shown
        assert shown.startswith(name[0])


def test_the_history_of_residence_stays(world):
    person = world.person()
    move_person(by=world.actor("amina"), person_id=person, place_id=world.wards[1], on=timezone.localdate())
    assert Residence.objects.filter(person=person).count() == 2
    assert Residence.objects.get(person=person, place=world.wards[0]).until_on == timezone.localdate()


def test_a_link_to_the_own_page_opens_once(world):
    person = world.person()
    digest = hashlib.sha256(b"token").hexdigest()
    make_own_link(by=world.actor("dalia"), person_id=person, token_digest=digest)
    assert use_own_link(by=SYSTEM, token_digest=digest).result["person"] == person
    with pytest.raises(Problem) as fault:
        use_own_link(by=SYSTEM, token_digest=digest)
    assert fault.value.code == "link-used"


def test_a_person_sees_and_contests_the_own_record_only(world):
    person, other = world.person(), world.person(alias="Other")
    own = Actor(None, kind="person", person_id=person)
    assert access(person, by=own).id == person
    with pytest.raises(PersonNotFound):
        access(other, by=own)
    with pytest.raises(PersonNotFound):
        contest_record(by=own, person_id=other, text="not mine")
    contest_record(by=own, person_id=person, text="I never said that.")
    assert Due.objects.filter(kind="contest").count() == 1
    with pytest.raises(Problem):
        note_session(by=own, person_id=person, held=True)


def test_who_looked_finds_single_looks_and_lists_but_no_guarded_ones(world):
    person, other = world.person(), world.person(alias="Other")
    by = world.actor("amina")
    readlog.looked(by, "people", [person, other])
    readlog.looked(by, "person", [person])
    readlog.looked(by, "safeguarding", [person], guarded=True)
    assert [row.page for row in readlog.who_looked([person])] == ["person", "people"]
    assert [row.page for row in readlog.who_looked([other])] == ["people"]
