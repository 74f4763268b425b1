"""Changes come down by cursor: what is new to a phone, what changed, what is gone; at the cost of what changed."""

from __future__ import annotations

import gzip
import json
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kinweave.care.actions import note_session, set_goal
from kinweave.flows.erase import erase_person
from kinweave.flows.phone import changes as down
from kinweave.flows.receive import receive_response, voice_worry
from kinweave.house import devices, touched
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.house.models import Device, ReadLog, Touched
from kinweave.house.sequencer import new_epoch, sequence
from kinweave.people.actions import add_contact, assign_worker, change_person, merge_persons, record_consent
from kinweave.people.models import Person
from tests.care_world import started

pytestmark = pytest.mark.django_db


def everything(world, person):
    by = world.actor("amina")
    add_contact(by=by, person_id=person, kind="phone", value="0771 900", allowed="call", who_answers="a brother")
    set_goal(by=by, person_id=person, text="sleep till six")
    note_session(by=by, person_id=person, held=True, note="a goat of seven spots")
    receive_response(by=by, person_id=person, instrument="gad-7", answers={f"q{n}": 2 for n in range(1, 8)})
    voice_worry(by=by, person_id=person, kinds=["other"], urgency="today")


def test_a_document_holds_what_the_next_meeting_needs(world, phone_of):
    phone, person = phone_of(), started(world, name="Tendaishe", birth_year=1980, gender="woman", language="en")
    everything(world, person)
    phone.sync()
    document = phone.people[str(person)]
    assert document["name"] == "Rudo", "aliases by default"
    assert "Tendaishe" not in json.dumps(document)
    assert (document["state"], document["step"], document["worker"]) == ("active", 1, True)
    assert document["contacts"][0] | {"id": ""} == {
        "id": "", "kind": "phone", "value": "0771 900", "allowed": "call", "who_answers": "a brother", "cover": "",
    }  # fmt: skip
    assert [c["purpose"] for c in document["consents"] if c["given"]] == ["care", "statistics"]
    assert document["goals"][0]["text"] == "sleep till six"
    assert document["sessions"][0]["note"] == "a goat of seven spots"
    assert document["scores"][0] | {"taken_on": ""} == {
        "instrument": "gad-7", "scale": document["scores"][0]["scale"], "taken_on": "", "scaled": 14, "digits": 0,
        "band": document["scores"][0]["band"],
    }  # fmt: skip
    assert (document["risk"]["urgency"], document["risk"]["state"]) == ("today", "open")
    assert document["version"] == Touched.objects.get(subject_id=person).position
    assert phone.settings["homes"][0]["organisation"] == str(world.organisation)
    assert phone.settings["emergency"]
    change_setting(by=SYSTEM, key="phone.show_names", value=True)
    change_person(by=world.actor("amina"), person_id=person, language="ar")
    phone.sync()
    assert (phone.people[str(person)]["name"], phone.people[str(person)]["language"]) == ("Tendaishe", "ar")


def test_only_what_changed_comes_again(world, phone_of):
    phone = phone_of()
    people = [str(world.person(alias=f"P{n}")) for n in range(4)]
    assert sorted(phone.sync()["gained"]) == sorted(people)
    assert phone.sync() == {"gained": [], "changed": [], "lost": []}
    set_goal(by=world.actor("amina"), person_id=UUID(people[2]), text="walk")
    assert phone.sync() == {"gained": [], "changed": [people[2]], "lost": []}
    unchanged = phone.ask(settings_etag=phone.settings["etag"]).json()
    assert unchanged["settings"] is None
    assert unchanged["now"]


def test_people_come_and_go_with_the_workers_scope(world, phone_of):
    amina, baraka = phone_of(), phone_of("baraka")
    person = str(started(world))
    assert amina.sync()["gained"] == [person]
    assert baraka.sync()["gained"] == []
    assign_worker(by=world.actor("dalia"), person_id=UUID(person), worker_id=world.accounts["baraka"].id)
    assert amina.sync() == {"gained": [], "changed": [], "lost": [person]}
    told = baraka.sync()
    assert told["gained"] == [person]
    assert len(baraka.people[person]["consents"]) == 2, "with its history"
    erase_person(by=world.actor("farai"), person_id=UUID(person))
    assert baraka.sync()["lost"] == [person]
    assert baraka.people == {}


def test_merged_records_are_one_document(world, phone_of):
    phone = phone_of()
    one, other = world.person(alias="Rudo"), world.person(alias="Rudo again")
    set_goal(by=world.actor("amina"), person_id=one, text="walk")
    phone.sync()
    assert len(phone.people) == 2
    merge_persons(by=world.actor("dalia"), person_id=one, into_id=other)
    told = phone.sync()
    assert (told["lost"], told["changed"]) == ([str(one)], [str(other)])
    assert phone.people[str(other)]["goals"][0]["text"] == "walk"


def test_a_colleagues_own_record_and_a_record_opened_in_need_stay_off_phones(world, phone_of):
    from kinweave.people.actions import break_glass

    own = world.person(by="chipo", team_id=world.teams[1], colleague_account=world.accounts["baraka"].id)
    other = world.person(by="chipo", team_id=world.teams[1])
    break_glass(by=world.actor("amina"), person_id=other, reason="nobody else was near that night")
    amina, esi = phone_of(), phone_of("esi")
    assert amina.sync()["gained"] == []
    assert esi.sync()["gained"] == [str(other)], "the supervisor sees the team, but no colleague's own record"
    assert own


def test_a_supervisor_gets_the_team_and_her_own_first_up_to_the_cap(world, phone_of):
    change_setting(by=SYSTEM, key="phone.most_people", value=10)
    team = [str(world.person(alias=f"P{n}")) for n in range(12)]
    own = str(world.person(by="dalia", alias="Own"))
    dalia = phone_of("dalia")
    told = dalia.sync()
    assert own in told["gained"]
    assert len(told["gained"]) == 10
    assert set(told["gained"]) <= {own, *team}
    assert dalia.last["capped"]["most"] == 10
    assert "10" in dalia.last["capped"]["says"]
    amina = phone_of()
    amina.sync()
    assert amina.last["capped"]["most"] == 10


def test_a_first_sync_goes_on_where_it_was_cut(world, phone_of, monkeypatch):
    people = {str(world.person(alias=f"P{n}", consent=False)) for n in range(23)}
    phone = phone_of()
    first = phone.ask(want=5).json()
    assert len(first["gained"]) == 5
    assert (first["more"], first["ask"]) == (True, "people")
    phone.people = {d["id"]: d for d in first["gained"]}
    phone.epoch, phone.position = first["epoch"], first["position"]
    unsaid = phone.ask(want=5).json()
    assert (unsaid["ask"], unsaid["gained"], unsaid["lost"], unsaid["more"]) == ("people", [], [], True)
    changed = next(iter(phone.people))
    set_goal(by=world.actor("amina"), person_id=UUID(changed), text="walk")  # somebody writes in the middle of it
    told = phone.sync(want=5)
    assert told["changed"] == [changed]
    assert len(told["gained"]) == 18, "nobody twice"
    assert set(phone.people) == people
    assert phone.sync() == {"gained": [], "changed": [], "lost": []}


def test_many_changes_come_in_pages_and_none_is_left_out(world, phone_of):
    phone = phone_of()
    people = [str(world.person(alias=f"P{n}", consent=False)) for n in range(9)]
    phone.sync()
    for one in people:
        set_goal(by=world.actor("amina"), person_id=UUID(one), text="walk")
    told = phone.sync(want=2)
    assert sorted(told["changed"]) == sorted(people)
    assert len(told["changed"]) == 9
    assert all(document["goals"] for document in phone.people.values())


def test_two_people_touched_by_one_entry_are_not_parted_by_a_page():
    later = [(n, at) for n, at in enumerate([1, 2, 2, 2, 3])]
    assert down._whole_steps(later, 2) == [0, 1, 2, 3]
    assert down._whole_steps(later, 1) == [0]
    assert down._whole_steps(later, 9) == [0, 1, 2, 3, 4]
    assert down._whole_steps([], 5) == []


def test_after_a_restore_everything_is_told_again_and_offered_again(world, phone_of):
    phone = phone_of()
    person = str(started(world))
    phone.sync()
    note = phone.write("care.note_session", person_id=person, held=True)
    phone.seq = 40  # acknowledged long ago, and dropped here
    later = phone.write("care.note_session", person_id=person, held=True)
    new_epoch()
    before = phone.epoch
    answer = phone.ask().json()
    assert answer["epoch"] != before
    assert [d["id"] for d in answer["changed"]] == [person]
    assert answer["offer_from"] < note["id"]
    assert [a["state"] for a in phone.answers(later)] == ["accepted"], "the line goes on wherever the phone says"
    assert Device.objects.get().seen_to == 41
    assert [a["state"] for a in phone.answers(note)] == ["accepted"]


def test_a_position_of_another_life_is_taken_as_none(world, phone_of):
    phone = phone_of()
    person = str(world.person())
    phone.sync()
    phone.position = 10**9
    assert phone.sync()["changed"] == [person]


def test_who_looked_is_written_down_as_one_line(world, phone_of):
    phone = phone_of()
    people = {world.person(alias=f"P{n}") for n in range(3)}
    ReadLog.objects.all().delete()
    phone.sync()
    row = ReadLog.objects.get(page="phone")
    assert set(row.persons.split()) == {one.hex for one in people}
    phone.sync()
    assert ReadLog.objects.filter(page="phone").count() == 1


def queries(phone, **more):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = phone.ask(**more)
    assert answer.status_code == 200, answer.content
    return len(seen.captured_queries), answer.json()


def test_the_cost_follows_what_changed_and_not_what_there_is(world, phone_of):
    """The same queries with two people on the site and with sixty, for one who changed and for twenty."""
    phone = phone_of()
    person = str(started(world))
    for _ in range(2):
        phone.sync()
    quiet, _page = queries(phone)
    set_goal(by=world.actor("amina"), person_id=UUID(person), text="walk")
    sequence()
    one, page = queries(phone)
    assert len(page["changed"]) == 1
    phone.sync()
    others = [world.person(by="chipo", team_id=world.teams[1], alias=f"C{n}") for n in range(30)]
    own = [str(world.person(alias=f"P{n}", consent=False)) for n in range(20)]
    sequence()
    phone.sync()
    again, _page = queries(phone)
    assert again == quiet
    for one_of_them in [*own, *others]:
        by = world.actor("amina" if one_of_them in own else "chipo")
        set_goal(by=by, person_id=UUID(str(one_of_them)), text="walk")
    sequence()
    many, page = queries(phone)
    assert len(page["changed"]) == 20
    assert many == one
    assert many <= 46


def test_the_cost_of_sending_follows_what_is_sent(world, phone_of):
    phone = phone_of()
    people = [started(world, alias=f"P{n}") for n in range(3)]

    def cost(count):
        sent = [phone.write("care.set_goal", person_id=people[0], text=f"goal {n}") for n in range(count)]
        with CaptureQueriesContext(connection) as seen:
            answers = phone.answers(*sent)
        assert {a["state"] for a in answers} == {"accepted"}
        return len(seen.captured_queries)

    few, many = cost(2), cost(12)
    for n in range(25):
        world.person(by="chipo", team_id=world.teams[1], alias=f"C{n}")
    sequence()
    assert cost(2) == few
    each = (many - few) / 10
    assert each <= 15, "for each entry"
    assert few - 2 * each <= 16, "around them"
    repeated = phone.write("care.set_goal", person_id=people[1], text="again")
    phone.answers(repeated)
    with CaptureQueriesContext(connection) as seen:
        assert phone.answers(repeated)[0]["again"]
    assert len(seen.captured_queries) <= 20


def test_answers_are_packed_where_the_phone_can_unpack(world, phone_of):
    phone = phone_of()
    for n in range(5):
        started(world, alias=f"P{n}")
    asked = {"epoch": None, "position": 0, "have": phone.have()}
    plain = phone.post("changes", asked, phone.read)
    packed = phone.post("changes", asked, phone.read, **{"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 3
    assert set(json.loads(gzip.decompress(packed.content))) == set(plain.json())
    assert "no-store" in packed["Cache-Control"]


def test_instruments_are_sent_whole_and_once(world, phone_of):
    phone = phone_of()
    get = lambda **more: phone.client.get(  # noqa: E731
        "/phone/api/instruments?language=ar", headers={"authorization": f"Bearer {phone.read}", **more}
    )
    first = get()
    told = first.json()
    assert {i["slug"] for i in told["instruments"]} == {"phq-9", "audit-c", "gad-7"}
    one = next(i for i in told["instruments"] if i["slug"] == "gad-7")
    assert {"en", "ar"} <= set(one["wordings"])
    assert len(one["wordings"]["ar"]["questions"]) == 7
    assert one["wordings"]["ar"]["direction"] == "rtl"
    assert one["table"]["slug"] == "gad-7"
    assert len(one["hash"]) == 64
    again = get(**{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert phone.client.get("/phone/api/instruments").status_code == 401


def test_what_is_touched_is_made_anew_from_the_journal(world):
    person, other = started(world), world.person()
    merge_persons(by=world.actor("dalia"), person_id=other, into_id=person)
    record_consent(by=world.actor("amina"), person_id=person, purpose="research", given=True)
    sequence()
    before = {row.subject_id: row.position for row in Touched.objects.all()}
    assert before[person] > before[other]
    assert touched.rebuild() == len(before)
    assert {row.subject_id: row.position for row in Touched.objects.all()} == before
    assert set(Person.objects.values_list("id", flat=True)) <= set(before)


def test_a_revoked_phone_hears_it_at_the_next_contact(world, phone_of):
    phone = phone_of()
    devices.revoke(by=world.actor("amina"), device_id=phone.device)
    for answer in (
        phone.ask(),
        phone.client.get("/phone/api/instruments", headers={"authorization": f"Bearer {phone.read}"}),
    ):
        assert (answer.status_code, answer.json()["problem"]["code"]) == (403, "device-revoked")
        assert answer.json()["problem"]["remedy"]


def test_a_question_is_spoken_where_somebody_has_recorded_it(world, phone_of, settings, tmp_path):
    from kinweave.flows.phone import audio, teaching

    folder = tmp_path / "how-you-have-been-9" / "en"
    folder.mkdir(parents=True)
    (folder / "q1.ogg").write_bytes(b"OggS a voice")
    (folder / "q2.txt").write_bytes(b"no sound")
    settings.AUDIO = tmp_path
    audio.sounds.cache_clear()
    teaching.questionnaire.cache_clear()
    phone = phone_of()
    told = phone.client.get("/phone/api/instruments?language=en", headers={"authorization": f"Bearer {phone.read}"})
    one = next(i for i in told.json()["instruments"] if i["slug"] == "phq-9")
    heard = {q["code"]: q["audio"] for q in one["wordings"]["en"]["questions"]}
    assert {code for code, address in heard.items() if address} == {"q1"}
    assert "phq" not in heard["q1"], "no address names a questionnaire"
    answer = Client().get(heard["q1"])
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"OggS a voice", "audio/ogg")
    assert Client().get(heard["q1"].replace("q1.ogg", "q2.txt")).status_code == 404
    assert Client().get("/phone/audio/how-you-have-been-9/en/..%2F..%2Fkeys").status_code == 404
    audio.sounds.cache_clear()
    teaching.questionnaire.cache_clear()


def test_names_leave_the_phones_when_the_site_no_longer_wants_them_there(world, phone_of):
    person = str(world.person(name="Tendaishe"))
    change_setting(by=SYSTEM, key="phone.show_names", value=True)
    phone = phone_of()
    phone.sync()
    assert phone.people[person]["name"] == "Tendaishe"
    note = phone.write("care.set_goal", person_id=person, text="walk")
    phone.answers(note)
    phone.sync()
    change_setting(by=SYSTEM, key="phone.show_names", value=False)
    assert phone.sync()["changed"] == [person]
    assert phone.people[person]["name"] == "Rudo"
    assert phone.last["offer_from"] > note["id"], "nothing was lost: nothing is offered again"
    assert Device.objects.get().seen_to == 1
    assert phone.sync()["changed"] == []
