"""One action, one entry, one transaction; the same entry twice answers as it did the first time."""

from __future__ import annotations

import json

import pytest

from kinweave.core.problems import Problem
from kinweave.house import registry, rows
from kinweave.house.access import SYSTEM, NotAllowed
from kinweave.house.actions import NameMissing, add_organisation
from kinweave.house.journal import APPLIES, Head
from kinweave.house.models import Arrival, Entry, Held, Organisation
from kinweave.people.actions import add_contact, register_person
from kinweave.people.door import PersonNotFound, access, shown_names
from kinweave.people.models import Person

pytestmark = pytest.mark.django_db


def test_an_action_makes_one_entry_and_its_rows():
    before = Entry.objects.count()
    receipt = add_organisation(by=SYSTEM, name="Open  Bench")
    assert Entry.objects.count() == before + 1
    assert Organisation.objects.get(id=receipt.result["organisation"]).name == "Open Bench"
    assert Arrival.objects.count() == Entry.objects.count()


def test_the_same_entry_twice_answers_as_the_first_did():
    head = Head.now()
    first = add_organisation(by=SYSTEM, head=head, name="Open Bench")
    again = add_organisation(by=SYSTEM, head=head, name="Open Bench")
    assert (again.result["organisation"], again.again) == (str(first.result["organisation"]), True)
    assert Organisation.objects.count() == 1


def test_another_thing_under_the_same_id_is_a_clear_problem():
    head = Head.now()
    add_organisation(by=SYSTEM, head=head, name="Open Bench")
    with pytest.raises(registry.IdReused):
        add_organisation(by=SYSTEM, head=head, name="Another")
    assert Organisation.objects.count() == 1


def test_a_refused_action_leaves_nothing():
    with pytest.raises(NameMissing):
        add_organisation(by=SYSTEM, name="  ")
    assert not Entry.objects.exists()


def test_when_the_rows_fail_the_entry_goes_too(monkeypatch):
    def broken(part):
        yield rows.Put("house.Organisation", {"id": part["id"], "name": part["name"]})
        raise RuntimeError

    monkeypatch.setitem(APPLIES, ("house.add_organisation", 1), broken)
    with pytest.raises(RuntimeError):
        add_organisation(by=SYSTEM, name="Open Bench")
    assert not Entry.objects.exists()
    assert not Organisation.objects.exists()


def test_a_role_without_the_permission_is_refused(world):
    with pytest.raises(NotAllowed):
        add_organisation(by=world.actor("amina"), name="Mine")


def test_names_lie_nowhere_in_clear(world):
    person = world.person(alias="Zuhura", name="Zuhura Mwangi")
    entry = Entry.objects.filter(subject_id=person).order_by("serial").first()
    row = Person.objects.get(id=person)
    assert "Zuhura" not in entry.parts
    assert b"Zuhura" not in bytes(row.alias)
    assert shown_names([row]) == {row.id: "Zuhura"}


def test_a_fact_sent_with_nobody_there_is_held_whole(world):
    nobody = Head.now().child("nobody")
    head = Head.now(unattended=True)
    receipt = add_contact(by=world.actor("amina"), head=head, person_id=nobody, kind="phone", value="0700 1")
    held = Held.objects.get()
    assert (receipt.state, held.code, held.action) == ("held", "person-not-found", "people.add_contact")
    again = add_contact(by=world.actor("amina"), head=head, person_id=nobody, kind="phone", value="0700 1")
    assert (again.state, again.again, Held.objects.count()) == ("held", True, 1)


def test_the_same_fault_with_someone_there_is_told_at_once(world):
    with pytest.raises(PersonNotFound):
        add_contact(by=world.actor("amina"), person_id=Head.now().id, kind="phone", value="0700 1")


def test_every_problem_has_a_code_a_sentence_and_a_remedy():
    def below(kind):
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    codes = {}
    for kind in below(Problem):
        if kind.__module__.startswith("kinweave"):
            assert kind.code != Problem.code, kind
            assert kind.says.endswith(".") or kind.says.endswith("}"), kind
            codes.setdefault(kind.code, set()).add(kind.__qualname__)
    assert all(len(kinds) == 1 for kinds in codes.values()), codes


def test_an_entry_is_canonical_json_and_keeps_its_time(world):
    entry = Entry.objects.order_by("-serial").first()
    assert json.dumps(json.loads(entry.parts), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == entry.parts


def test_registering_needs_a_reach_there(world):
    other = add_organisation(by=SYSTEM, name="Others").result["organisation"]
    with pytest.raises(Problem) as fault:
        register_person(by=world.actor("amina"), organisation_id=other, alias="Rudo")
    assert fault.value.code == "out-of-reach"


def test_a_worker_sees_own_people_only(world):
    person = world.person(by="amina")
    assert access(person, by=world.actor("amina")).id == person
    assert access(person, by=world.actor("dalia")).id == person
    assert access(person, by=world.actor("farai")).id == person
    for name in ("baraka", "chipo", "esi"):
        with pytest.raises(PersonNotFound):
            access(person, by=world.actor(name))
    for name in ("gloria", "hope"):
        with pytest.raises(NotAllowed):
            access(person, by=world.actor(name))
