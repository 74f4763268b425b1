"""Erasing a person: ledger, entry, keys, in an order that survives a crash at any point; nothing readable stays."""

from __future__ import annotations

import gc
import os
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction

from kinweave.flows.erase import erase_person
from kinweave.house import erasure, keystore, registry, replay
from kinweave.house.access import SYSTEM, NotAllowed
from kinweave.house.erasure import Line, ledger, settle, write_line
from kinweave.house.journal import Head
from kinweave.house.models import Due, Entry, Happened, Held
from kinweave.house.quarantine import release_held
from kinweave.house.registry import Erased
from kinweave.house.sealing import keystore as the_keystore
from kinweave.house.sealing import open_sealed
from kinweave.house.verify import verify
from kinweave.people.actions import (
    add_contact,
    add_tie,
    break_glass,
    change_person,
    merge_persons,
    register_person,
    unmerge_person,
)
from kinweave.people.door import PersonNotFound, access, within
from kinweave.people.models import Contact, NameKey, Person, Tie

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(world):
    amina = world.actor("amina")
    one = world.person(name="Zuhura Mwangi", birth_year=1987, gender="woman", facts={"wg": {"seeing": 3}})
    add_contact(by=amina, person_id=one, kind="phone", value="0700 999 111", cover="It is the seed shop")
    add_tie(by=amina, person_id=one, kind="guardian", name="Mother of Zuhura")
    break_glass(by=world.actor("chipo"), person_id=one, reason="She stood at the gate and cried")
    change_person(by=amina, person_id=one, name="Zuhura wa Mwangi")
    return one


def erase(world, one):
    return erase_person(by=world.actor("farai"), person_id=one)


def test_what_can_be_read_is_gone_and_the_tombstone_stays(world, person):
    code = Person.objects.get(id=person).code
    assert erase(world, person).result["erased"] == 1
    row = Person.objects.get(id=person)
    assert row.erased_at is not None
    assert (row.code, row.organisation_id) == (code, world.organisation)
    assert (row.name, row.alias, row.birth_year, row.gender, row.facts) == (None, None, None, "", {})
    contact = Contact.objects.get(person_id=person)
    assert (contact.value, contact.cover) == (None, None)
    assert Tie.objects.get(person_id=person).name is None
    assert set(NameKey.objects.filter(person_id=person).values_list("digest", flat=True)) == {None}
    assert not Happened.objects.filter(person_id=person).exclude(facts={}).exists()
    assert not Due.objects.filter(person_id=person, state="open").exists()
    assert erasure.still_there([person]) == []


def test_nobody_finds_the_person_any_more(world, person):
    erase(world, person)
    for name in ("amina", "dalia", "farai"):
        assert person not in set(within(world.actor(name)).values_list("id", flat=True))
        with pytest.raises(PersonNotFound):
            access(person, by=world.actor(name))
    found = register_person(
        by=world.actor("amina"), organisation_id=world.organisation, team_id=world.teams[0], name="Zuhura Mwangi"
    )
    assert found.result["possibly_same"] == 0


def test_the_key_is_destroyed_and_no_copy_of_it_is_left_in_memory(world, person):
    key = bytearray(the_keystore().read([person])[person])  # a bytearray is no copy that the scan would find
    sealed = bytes(Person.objects.get(id=person).name)
    assert open_sealed(person, "people.person.name", sealed) == "Zuhura wa Mwangi"
    erase(world, person)
    gc.collect()
    # By exact type: asking a lazy object for its class would wake it.
    assert [o for o in gc.get_objects() if type(o) is dict and key in _bytes(o)] == []
    assert open_sealed(person, "people.person.name", sealed) is None
    seen = []
    thread = threading.Thread(target=lambda: seen.append(open_sealed(person, "people.person.name", sealed)))
    thread.start()
    thread.join()
    assert seen == [None]


def _bytes(found: dict) -> list:
    return [value for value in list(found.values()) if type(value) is bytes]


def test_replay_is_equal_before_and_after(world, person):
    assert replay.check().ok
    erase(world, person)
    report = replay.check()
    assert report.ok, report.differences
    assert verify().ok


def test_every_record_merged_into_the_person_goes_too(world, person):
    farai = world.actor("farai")
    twin, old = world.person(name="Zuhura M"), world.person(name="Zuhura Old")
    merge_persons(by=farai, person_id=old, into_id=twin)
    merge_persons(by=farai, person_id=twin, into_id=person)
    assert erase(world, old).result["erased"] == 3  # whichever of them is named
    assert the_keystore().read([person, twin, old]) == {}
    assert Person.objects.filter(erased_at=None, id__in=[person, twin, old]).count() == 0
    assert set(ledger()[0].persons) == {person, twin, old}


def test_others_keep_everything(world, person):
    other = world.person(name="Tendai")
    before = Person.objects.values().get(id=other)
    erase(world, person)
    assert Person.objects.values().get(id=other) == before
    assert open_sealed(other, "people.person.name", before["name"]) == "Tendai"


def test_only_a_coordinator_of_the_place_may_erase(world, person):
    for name in ("amina", "dalia", "gloria", "hope"):
        with pytest.raises(NotAllowed):
            erase_person(by=world.actor(name), person_id=person)
    with pytest.raises(PersonNotFound):
        erase_person(by=world.actor("farai"), person_id=person, only=[person])
    assert ledger() == []


def test_twice_is_once(world, person):
    head = Head.now()
    by = world.actor("farai")
    erase_person(by=by, person_id=person, head=head)
    assert erase_person(by=by, person_id=person, head=head).again
    with pytest.raises(PersonNotFound):
        erase_person(by=by, person_id=person)
    assert len(ledger()) == 1


def test_what_a_phone_sends_again_is_refused_and_not_taken_in(world):
    asked = {"organisation_id": world.organisation, "place_id": world.wards[0], "alias": "Rudo"}
    head = Head.now(unattended=True)
    person = register_person(by=world.actor("amina"), head=head, **asked).result["person"]
    erase(world, person)
    with pytest.raises(Erased):
        register_person(by=world.actor("amina"), head=head, **asked)
    with pytest.raises(PersonNotFound):
        add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0700 1")
    assert the_keystore().read([person]) == {}


def test_an_entry_lost_by_an_older_backup_and_sent_again_is_refused(world):
    """The registration never came back with the restore, but the ledger had destroyed its key for good."""
    head = Head.now(unattended=True)
    the_keystore().destroy([head.child("person")])
    with pytest.raises(Erased):
        register_person(by=world.actor("amina"), head=head, organisation_id=world.organisation, alias="Rudo")
    assert not Held.objects.exists()


def test_facts_in_quarantine_about_the_person_go_too(world, person):
    amina = world.actor("amina")
    lost = Head.now().id
    waiting = add_contact(
        by=world.actor("baraka"), head=Head.now(unattended=True), person_id=person, kind="phone", value="0700 2"
    )
    released = add_contact(
        by=amina, head=Head.now(unattended=True), person_id=lost, kind="visit", value="The blue door"
    )
    other = add_contact(by=amina, head=Head.now(unattended=True), person_id=lost, kind="phone", value="0700 3")
    assert {waiting.state, released.state, other.state} == {"held"}
    mended = {"person_id": str(person)}
    release_held(by=world.actor("dalia"), held_id=released.result["held"], mended=mended)
    erase(world, person)
    gone = Held.objects.filter(id__in=[waiting.result["held"], released.result["held"]])
    assert set(gone.values_list("asked", flat=True)) == {None}
    assert the_keystore().read(gone.values_list("key_id", flat=True)) == {}
    kept = Held.objects.get(id=other.result["held"])
    assert kept.asked is not None
    assert list(the_keystore().read([kept.key_id])) == [kept.key_id]
    assert replay.check().ok


def test_every_erased_column_can_be_emptied():
    """What Privacy.erase names is nullable or has a default: otherwise a wipe would fail on the day it is asked."""
    for model, person, columns in erasure.erasable():
        assert person in {f.attname for f in model._meta.concrete_fields}
        for name in columns:
            field = model._meta.get_field(name)
            assert field.null or field.get_default() is not None, f"{model._meta.label}.{name}"


# ------------------------------------------------------------------------------------- cut short by a crash


class Crash(BaseException):
    """Stands for the power going: nothing catches it."""


def crash(*_args, **_more):
    raise Crash


def whole(world, person):
    """Everything of an erasure has happened, once."""
    assert the_keystore().read([person]) == {}
    assert Person.objects.get(id=person).erased_at is not None
    assert erasure.still_there([person]) == []
    assert len({line.entry for line in ledger()}) == 1
    assert replay.check().ok
    assert verify().ok
    assert settle() == 0


def test_a_crash_before_the_ledger_leaves_the_person_as_they_were(world, person, monkeypatch):
    monkeypatch.setattr(erasure, "write_line", crash)
    with pytest.raises(Crash):
        erase(world, person)
    monkeypatch.undo()
    assert settle() == 0
    assert Person.objects.get(id=person).erased_at is None
    assert open_sealed(person, "people.person.name", Person.objects.get(id=person).name) == "Zuhura wa Mwangi"


def test_a_crash_after_the_ledger_is_finished_by_verify(world, person, monkeypatch):
    monkeypatch.setattr(registry, "append", crash)
    with pytest.raises(Crash):
        erase(world, person)
    monkeypatch.undo()
    assert len(ledger()) == 1
    assert Person.objects.get(id=person).erased_at is None
    assert verify().finished == 1
    whole(world, person)


def test_a_crash_after_the_entry_is_finished_by_verify(world, person, monkeypatch):
    monkeypatch.setattr(keystore.Keystore, "destroy", crash)
    with pytest.raises(Crash):
        erase(world, person)
    monkeypatch.undo()
    assert Person.objects.get(id=person).erased_at is not None
    assert list(the_keystore().read([person])) == [person]
    assert verify().finished == 1
    whole(world, person)


def test_a_crash_within_the_ledgers_line_leaves_no_half_line(world, person):
    write_line(Line(uuid4(), (uuid4(),), (uuid4(),), datetime.now(UTC)))
    with open(settings.ERASURE_LEDGER, "ab") as file:
        file.write(b'{"entry":"0190')
    assert len(ledger()) == 1
    erase(world, person)
    assert [line.persons for line in ledger()][1:] == [(person,)]


def test_a_damaged_line_of_the_ledger_is_no_silence(person):
    write_line(Line(uuid4(), (person,), (person,), datetime.now(UTC)))
    text = settings.ERASURE_LEDGER.read_text()
    settings.ERASURE_LEDGER.write_text(text.replace("persons", "pers") + text)
    with pytest.raises(erasure.LedgerUnreadable) as fault:
        ledger()
    assert fault.value.facts == {"line": 1}


def test_what_a_slow_writer_committed_after_the_erasure_is_emptied_by_an_entry_of_its_own(world, person):
    erase(world, person)
    key = uuid4()
    the_keystore().create([key])
    from kinweave.house import rows

    with transaction.atomic():  # as if it had read the key before it was destroyed
        rows.write([rows.Change("people.Person", person, {"birth_year": 1987})])
    before = Entry.objects.count()
    assert settle() == 1
    assert Person.objects.get(id=person).birth_year is None
    assert Entry.objects.count() == before + 1
    assert settle() == 0
    assert replay.check().ok


@pytest.mark.postgres_only
def test_an_erasure_waits_for_whoever_writes_about_a_merged_record(world, person):
    """Two transactions overlap (SQLite has one writer at a time): the later one must not write about the erased."""
    twin = world.person(name="Zuhura M")
    merge_persons(by=world.actor("farai"), person_id=twin, into_id=person)
    amina, inside, faults = world.actor("amina"), threading.Event(), []

    def slow() -> None:
        from django.db import connections

        try:
            with transaction.atomic():
                add_contact(by=amina, person_id=twin, kind="phone", value="0700 5")
                inside.set()
                threading.Event().wait(0.5)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait(10)
    erase(world, person)
    thread.join()
    assert faults == []
    assert erasure.still_there([person, twin]) == []
    assert replay.check().ok


def test_after_an_unmerge_only_the_one_who_asked_goes(world, person):
    farai = world.actor("farai")
    twin = world.person(name="Tendai")
    merge_persons(by=farai, person_id=twin, into_id=person)
    unmerge_person(by=farai, person_id=twin)
    erase(world, person)
    assert Person.objects.get(id=twin).erased_at is None
    assert access(twin, by=world.actor("amina")).id == twin


def test_the_ledger_is_for_its_owner_alone(world, person):
    erase(world, person)
    assert os.name == "nt" or settings.ERASURE_LEDGER.stat().st_mode & 0o077 == 0


def test_the_system_finishes_an_erasure_for_records_that_an_older_backup_does_not_have(db):
    line = Line(uuid4(), (uuid4(),), (uuid4(),), datetime.now(UTC))
    write_line(line)
    assert settle() == 1
    assert Entry.objects.filter(id=line.entry).exists()
    assert settle() == 0
    assert the_keystore().create(line.keys) == {}
    assert SYSTEM.may("people.erase")
