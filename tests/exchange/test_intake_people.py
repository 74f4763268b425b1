"""A caseload comes in: looked over first, matched, asked about consent, never twice, and taken back."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.report import aside_bytes
from kinweave.flows.imports_undo import NotYours
from kinweave.flows.intake.past import history, undo_import
from kinweave.flows.intake.people import import_people
from kinweave.flows.intake.plan import ConsentNotSaid, PeoplePlan, read_people_map, suggested
from kinweave.flows.intake.site import NoSuchName
from kinweave.flows.welcome import welcome_person
from kinweave.house.access import NotAllowed
from kinweave.house.journal import Head
from kinweave.house.models import Due, Entry, Happened
from kinweave.house.sealing import open_sealed
from kinweave.people import fields
from kinweave.people.actions import register_person
from kinweave.people.door import shown_names, within
from kinweave.people.models import Consent, Contact, NameKey, Person, Tie

pytestmark = pytest.mark.django_db
HEAD = "client id,name,year of birth,sex,phone,village,date of registration,consent,caregiver name,worker\n"
ROWS = (
    "P-1,Amina Juma,1990,F,0712345678,Ward 1,2025-03-04,yes,Rehema,Amina",
    "P-2,Tendai Moyo,1985,M,,W2,March 2025,no,,",
    "P-3,Zoé Dube,2012,F,,Ward 2,2025-05-06,yes,,",
    "P-4,José Núñez,1970,M,,Ward 1,2025-01-02,,,Nobody",
    "P-5,Fatuma Sá,1971,F,,Elsewhere,2025-01-02,yes,,",
    "P-6,Ngozi Okafor,19x0,F,,Ward 1,2025-01-02,yes,,",
)


def table(rows=ROWS, head=HEAD):
    return read_table((head + "\n".join(rows) + "\n").encode(), "caseload.csv")


def plan(found, **more):
    return PeoplePlan(columns=suggested(found), **more)


def bring(world, rows=ROWS, dry=False, by="farai", **more):
    found = table(rows)
    return import_people(found, plan(found, **more), world.actor(by), dry=dry)


def named(name):
    rows = {open_sealed(p.id, fields.NAME, p.name): p for p in Person.objects.filter(erased_at=None)}
    return rows[name]


def test_a_dry_run_writes_nothing_and_says_what_would_come(world):
    before = Entry.objects.count()
    told = bring(world, dry=True).as_dict()
    assert Entry.objects.count() == before
    assert not Person.objects.exists()
    assert (told["total"], told["accepted"], told["set_aside"], told["written"]) == (6, 4, 2, False)
    assert told["unmatched"] == {"place": {"Elsewhere": 1}, "worker": {"Nobody": 1}}
    assert set(told["reasons"]) == {"place-unknown", "birth-year-unreadable"}
    assert told["extra"] == {"consented": 1, "unconsented": 3}
    assert "Juma" not in str(told)


def test_people_come_in_with_what_their_row_says(world):
    outcome = bring(world)
    assert (outcome.report.accepted, outcome.report.set_aside, Person.objects.count()) == (4, 2, 4)
    amina = named("Amina Juma")
    assert (amina.birth_year, amina.gender, amina.place_id) == (1990, "woman", world.wards[0])
    assert (amina.worker_id, amina.met_on.isoformat()) == (world.accounts["amina"].id, "2025-03-04")
    assert (amina.organisation_id, amina.programme_id) == (world.organisation, world.programme)
    assert open_sealed(amina.id, fields.EXTERNAL_ID, amina.external_id) == "P-1"
    assert (Contact.objects.get().allowed, Tie.objects.get().kind) == ("none", "supporter")
    assert named("José Núñez").worker_id == world.accounts["farai"].id
    line = Happened.objects.get(person_id=named("Tendai Moyo").id, kind="registered")
    assert (line.precision, line.at.date().isoformat()) == ("month", "2025-03-01")


def test_consent_is_what_was_written_down_and_never_assumed(world):
    bring(world)
    found = {(c.person_id, c.purpose): c for c in Consent.objects.all()}
    amina, tendai = named("Amina Juma"), named("Tendai Moyo")
    assert (found[amina.id, "care"].given, found[amina.id, "care"].how) == (True, "before")
    assert found[amina.id, "care"].from_at.date().isoformat() == "2025-03-04"
    assert not found[tendai.id, "care"].given
    assert len(found) == 2  # the child needs a guardian, and an empty cell is not a yes
    assert (amina.state, tendai.state, named("Zoé Dube").state) == ("consented", "identified", "identified")


def test_one_answer_for_the_whole_file_counts_where_the_row_is_silent(world):
    bring(world, consent={"care": "yes", "statistics": "yes"})
    said = {(c.person_id, c.purpose): c.given for c in Consent.objects.all()}
    assert said[named("José Núñez").id, "care"]
    assert not said[named("Tendai Moyo").id, "care"]
    assert said[named("Tendai Moyo").id, "statistics"]


def test_without_a_word_about_consent_nothing_is_read(world):
    found = table(["P-1,Amina Juma"], "client id,name\n")
    with pytest.raises(ConsentNotSaid):
        import_people(found, plan(found), world.actor("farai"), dry=True)


def test_a_second_run_imports_nothing_twice(world):
    bring(world)
    entries = Entry.objects.filter(action="flows.import_person").count()
    again = bring(world)
    assert (again.report.accepted, again.report.already_here, Person.objects.count()) == (0, 4, 4)
    assert Entry.objects.filter(action="flows.import_person").count() == entries


def test_a_row_that_changed_since_is_shown_to_a_person(world):
    bring(world)
    later = bring(world, [ROWS[0].replace("0712345678", "0799999999")])
    assert dict(later.report.reasons) == {"changed-since": 1}
    assert Person.objects.count() == 4


def test_a_number_that_someone_here_has_is_not_given_again(world):
    register_person(
        by=world.actor("amina"), organisation_id=world.organisation, alias="Rudo", external_id="p 1",
        place_id=world.wards[1],
    )  # fmt: skip
    outcome = bring(world, ROWS[:2])
    assert dict(outcome.report.reasons) == {"number-taken": 1}


def test_whoever_sounds_like_someone_here_is_named_by_row_only(world):
    world.person(name="Amina Juma", alias=None)
    told = bring(world, ROWS[:2], dry=True)
    assert told.extra["possibly_same"] == 1
    assert told.report.accepted == 2
    assert dict(bring(world, ROWS[:2], dry=True, aside_alike=True).report.reasons) == {"sounds-like-here": 1}


def test_rows_set_aside_come_back_with_their_reasons_and_can_be_sent_again(world):
    found = table()
    outcome = import_people(found, plan(found), world.actor("farai"), dry=False)
    lines = list(csv.reader(io.StringIO(aside_bytes(found, outcome.report).decode("utf-8-sig"))))
    assert len(lines) == 3
    assert "no such place" in lines[1][-1]
    assert "year of birth" in lines[2][-1]
    mended = read_table(aside_bytes(found, outcome.report).replace(b"Elsewhere", b"Ward 2"), "aside.csv")
    again = import_people(mended, plan(mended), world.actor("farai"), dry=False)
    assert (again.report.accepted, again.report.set_aside) == (1, 1)


def test_the_programmes_own_words_are_a_map(world):
    text = (
        b'place = "W2"\nphones = "call"\n[columns]\nname = "name"\nplace = "village"\nexternal_id = "client id"\n'
        b'phone = "phone"\n[consent]\ncare = "not-asked"\n[places]\n"Elsewhere" = "W1"\n'
    )
    told = read_people_map(text)
    import_people(table(), PeoplePlan(**told), world.actor("farai"), dry=False)
    assert named("Fatuma Sá").place_id == world.wards[0]
    assert Contact.objects.get().allowed == "call"
    assert not Consent.objects.exists()


def test_only_who_may_import_does_and_only_within_reach(world):
    for name in ("amina", "dalia", "gloria", "hope"):
        with pytest.raises(NotAllowed):
            bring(world, by=name)
    with pytest.raises(NoSuchName):
        bring(world, team="Nowhere")
    assert not Person.objects.exists()


def test_an_import_is_taken_back_and_can_come_again(world, django_capture_on_commit_callbacks):
    outcome = bring(world)
    with django_capture_on_commit_callbacks(execute=True):
        assert undo_import(world.actor("farai"), outcome.import_id) == {"undone": 4, "kept": 0}
    assert not within(world.actor("farai")).exists()
    assert not NameKey.objects.exclude(digest=None).exists()
    assert not Due.objects.filter(state="open").exists()
    past = history(world.actor("farai"))
    assert [(p.kind, p.state, p.undo) for p in past] == [("people", "undone", False)]
    again = bring(world)
    assert (again.report.accepted, within(world.actor("farai")).count()) == (4, 4)


def test_whom_somebody_has_worked_with_since_stays(world, django_capture_on_commit_callbacks):
    outcome = bring(world)
    kept = named("Amina Juma")
    from kinweave.people.actions import change_person

    change_person(by=world.actor("amina"), person_id=kept.id, gender="other")
    with django_capture_on_commit_callbacks(execute=True):
        assert undo_import(world.actor("farai"), outcome.import_id) == {"undone": 3, "kept": 1}
    assert [p.id for p in within(world.actor("farai"))] == [kept.id]
    assert undo_import(world.actor("farai"), outcome.import_id) == {"undone": 0, "kept": 4}


def test_only_the_author_takes_it_back_within_seven_days(world):
    outcome = bring(world, ROWS[:1])
    with pytest.raises(NotYours):
        undo_import(world.actor("dalia"), outcome.import_id)
    Entry.objects.filter(id=outcome.import_id).update(received_at=timezone.now() - timedelta(days=8))
    with pytest.raises(NotYours):
        undo_import(world.actor("farai"), outcome.import_id)
    assert Person.objects.filter(erased_at=None).count() == 1


def test_someone_met_since_is_not_registered_by_a_stale_number(world):
    asked = {"organisation_id": world.organisation, "alias": "Kofi", "place_id": world.wards[0]}
    welcome_person(by=world.actor("farai"), head=Head.now(), person=asked)
    outcome = bring(world, ROWS[:1])
    names = shown_names(list(Person.objects.all()))
    assert outcome.report.accepted == 1
    assert sorted(names.values()) == ["Amina Juma", "Kofi"]
