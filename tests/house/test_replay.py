"""Replay makes every domain table again, row for row: also after changed settings and after an erasure."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import connection, transaction

from kinweave.flows.erase import erase_person
from kinweave.house import replay
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation, add_programme, change_setting, count_place
from kinweave.house.journal import APPLIES, Head
from kinweave.house.models import Due, Entry, Held, Organisation, Place
from kinweave.house.quarantine import release_held
from kinweave.house.rows import Change, Put
from kinweave.house.scratch import domain, scratch
from kinweave.house.sequencer import sequence
from kinweave.people.actions import add_contact, add_tie, change_person, merge_persons, move_person
from kinweave.people.models import NameKey, Person

pytestmark = pytest.mark.django_db(transaction=True)


def lived_in(world) -> list:
    """Some of everything that can happen to people; returns their ids."""
    amina, farai = world.actor("amina"), world.actor("farai")
    people = [
        world.person(name=name, facts={"wg": {"seeing": 2}}, birth_year=1990) for name in ("Zuhura", "زهرة", "Тая")
    ]
    add_contact(by=amina, person_id=people[0], kind="phone", value="0700 1", cover="It is the seed shop")
    add_tie(by=amina, person_id=people[0], kind="supporter", name="Mother of Rudo")
    change_person(by=amina, person_id=people[0], name="Zuhura Mwangi", gender="woman")
    move_person(by=amina, person_id=people[1], place_id=world.wards[1], on=date(2026, 1, 2))
    merge_persons(by=farai, person_id=people[2], into_id=people[1])
    for population in (900, 950):
        count_place(by=SYSTEM, place_id=world.wards[0], year=2025, population=population)
    far = Head.now(happened_at=datetime(2026, 1, 2, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))))
    world_person_far = world.person(consent=False, alias="Far")
    add_contact(by=amina, head=far, person_id=world_person_far, kind="visit", value="The blue door")
    held = add_contact(by=amina, head=Head.now(unattended=True), person_id=Head.now().id, kind="phone", value="0700 2")
    release_held(by=world.actor("dalia"), held_id=held.result["held"], mended={"person_id": str(people[0])})
    return people


def test_every_table_comes_back_row_for_row(world):
    lived_in(world)
    report = replay.check()
    assert report.ok, report.differences
    assert report.entries == Entry.objects.count()
    assert set(report.rows) == {model._meta.label for model in domain()}
    assert report.rows["people.Person"] == Person.objects.count() == 4
    assert report.rows["house.Held"] == Held.objects.count() == 1


def test_inside_a_transaction_it_sees_what_is_not_committed_yet(world):
    with transaction.atomic():
        world.person()
        assert replay.check().ok


def test_progress_is_told(world):
    lived_in(world)
    told = []
    replay.check(on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (Entry.objects.count(), Entry.objects.count())


def test_a_changed_a_lost_and_an_added_row_are_named_without_their_values(world):
    people = lived_in(world)
    Person.objects.filter(id=people[0]).update(birth_year=1931)
    lost = NameKey.objects.filter(person_id=people[1]).first()
    NameKey.objects.filter(id=lost.id).delete()
    added = Organisation.objects.create(id=Head.now().id, name="Canary Club")
    report = replay.check()
    assert not report.ok
    assert {(d.table, d.row_id, d.kind, d.columns) for d in report.differences} == {
        ("people.Person", str(people[0]), "changed", ("birth_year",)),
        ("people.NameKey", str(lost.id), "missing", ()),
        ("house.Organisation", str(added.id), "extra", ()),
    }
    assert "Canary" not in str(report)
    assert "1931" not in str(report)


def test_after_changed_settings_it_is_equal_still(world):
    shown = {"faith": True, "ethnicity": False, "sexuality": False, "exact_location": False}
    change_setting(by=SYSTEM, key="house.facts", value=shown)
    person = world.person(facts={"faith": "of the river"})
    change_setting(by=SYSTEM, key="house.facts", value={**shown, "faith": False})
    change_setting(by=SYSTEM, key="people.adult_age", value=25, scope=str(world.programme))
    assert replay.check().ok
    assert Person.objects.get(id=person).facts == {"faith": "of the river"}


def test_with_an_erased_person_it_is_equal_and_the_tombstone_stays(world):
    people = lived_in(world)
    erase_person(by=world.actor("farai"), person_id=people[0])
    erase_person(by=world.actor("farai"), person_id=people[1])
    assert Person.objects.exclude(erased_at=None).count() == 3  # one was merged into the second
    report = replay.check()
    assert report.ok, report.differences


def test_an_apply_function_that_looks_at_the_world_is_caught(world, monkeypatch):
    def impure(part):
        yield Put("house.Organisation", {"id": part["id"], "name": f"{part['name']} {datetime.now(UTC)}"})

    monkeypatch.setitem(APPLIES, ("house.add_organisation", 1), impure)
    new = add_organisation(by=SYSTEM, name="Shifting Sands").result["organisation"]
    found = [d for d in replay.check().differences if d.row_id == str(new)]
    assert [(d.kind, d.columns) for d in found] == [("changed", ("name",))]


def test_what_this_release_does_not_know_stops_with_the_entry_named(world, monkeypatch):
    entry = Entry.objects.order_by("serial").first()
    monkeypatch.delitem(APPLIES, (entry.action, 1))
    with pytest.raises(replay.CannotReplay) as fault:
        replay.check()
    assert fault.value.facts == {"why": "unknown-action (KeyError)", "entry": entry.id}


def test_where_a_batch_fails_only_for_its_order_it_goes_one_by_one(world, monkeypatch):
    """A value that must be unique moves from one row to the next: right one by one, wrong as a batch."""
    first, second = Head.now(), Head.now()

    def swap(part):
        yield Change("house.Place", world.wards[0], {"code": "W1-old"})
        yield Put("house.Organisation", {"id": part["id"], "name": part["name"]})

    def take(part):
        yield Put("house.Place", {"id": part["id"], "code": "W1", "name": "New", "kind": "ward", "path": "/D1/W1/"})

    monkeypatch.setitem(APPLIES, ("house.add_organisation", 1), swap)
    monkeypatch.setitem(APPLIES, ("house.add_programme", 1), take)
    organisation = world.organisation
    add_organisation(by=SYSTEM, head=first, name="A")
    add_programme(by=SYSTEM, head=second, organisation_id=organisation, name="B")
    assert Place.objects.filter(code="W1").count() == 1
    sequence()
    entries = list(Entry.objects.filter(id__in=[first.id, second.id]).order_by("serial"))
    with scratch("replay") as fresh:
        before = Entry.objects.filter(serial__lt=entries[0].serial).exclude(action="house.add_organisation")
        kept = [e for e in before.order_by("serial") if e.action == "house.add_place"]
        replay.apply_batch([*kept, *entries], fresh)
        codes = set(Place.objects.using(fresh).values_list("code", flat=True))
    assert codes == {"D1", "W1", "W1-old", "W2"}


def test_no_open_work_is_left_for_an_erased_person(world):
    person = world.person()
    held = Due.objects.filter(person_id=person, state="open")
    erase_person(by=world.actor("farai"), person_id=person)
    assert not held.exists()


def test_the_temporary_database_is_gone_afterwards(world, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    replay.check()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kinweave\\_%'")
            assert cursor.fetchone()[0] == 0
    else:
        assert not list(tmp_path.iterdir())


def test_a_usual_journal_goes_in_batches(world, monkeypatch):
    """Entry by entry is several times slower; it is for faults only."""
    lived_in(world)

    def never(entry, into, store):
        raise AssertionError(entry.action)

    monkeypatch.setattr(replay, "_apply_one", never)
    assert replay.check().ok
