"""Envelopes: sealed on the phone, opened here, each answered; sent again, answered the same."""

from __future__ import annotations

import pytest

from kinweave.care.models import Session
from kinweave.house.models import Entry
from kinweave.people.models import Person
from tests.phone_kit import made

pytestmark = pytest.mark.django_db


def newcomer(world, **more):
    return {
        "organisation_id": world.organisation, "programme_id": world.programme, "team_id": world.teams[0],
        "place_id": world.wards[0], "alias": "Rudo", **more,
    }  # fmt: skip


def test_a_morning_without_signal(world, phone_of):
    phone = phone_of()
    new = phone.write("people.register_person", **newcomer(world))
    person = made(new, "person")
    yes = phone.write("flows.agree", person_id=person, purpose="care", given=True)
    note = phone.write("care.note_session", person_id=person, held=True, note="a goat of seven spots")
    answers = phone.answers(new, yes, note)
    assert [a["state"] for a in answers] == ["accepted"] * 3, answers
    assert answers[0]["result"]["person"] == person
    assert str(Person.objects.get().id) == person
    assert str(Session.objects.get().id) == made(note, "session")
    before = Entry.objects.count()
    again = phone.answers(note, yes, new)
    assert all(a["again"] for a in again)
    assert [a["result"] for a in again] == [a["result"] for a in reversed(answers)]
    assert Entry.objects.count() == before
    told = phone.sync()
    assert told["gained"] == [person]
    document = phone.people[person]
    assert document["name"] == "Rudo"
    assert document["sessions"][0]["note"] == "a goat of seven spots"
    assert phone.sync() == {"gained": [], "changed": [], "lost": []}
