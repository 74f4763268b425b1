"""Envelopes: sealed on the phone, opened here, each answered; sent again, answered the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from kinweave.care.models import Goal, Risk, Session
from kinweave.core.ids import uuid7
from kinweave.flows import sending
from kinweave.flows.erase import erase_person
from kinweave.flows.phone.line import give_gaps_up
from kinweave.house import accounts, devices
from kinweave.house.access import SYSTEM
from kinweave.house.actions import end_grant, grant_role
from kinweave.house.as_sent import held_by
from kinweave.house.journal import Head
from kinweave.house.models import Device, Due, Entry, Grant, Held, InLine, Message
from kinweave.house.quarantine import release_held
from kinweave.house.replay import check
from kinweave.listen.models import Response
from kinweave.people.models import Person
from tests.care_world import signed_in, started
from tests.phone_kit import made, morning, newcomer

pytestmark = pytest.mark.django_db
ANSWERS = {f"q{n}": 1 for n in range(1, 10)}
DANGER = {**ANSWERS, "q9": 3}


def test_a_morning_without_signal(world, phone_of):
    phone = phone_of()
    person, sent = morning(world, phone)
    answers = phone.answers(*sent)
    assert [a["state"] for a in answers] == ["accepted"] * 3, answers
    assert answers[0]["result"]["person"] == person
    assert str(Person.objects.get().id) == person
    assert str(Session.objects.get().id) == made(sent[2], "session")
    before = Entry.objects.count()
    again = phone.answers(*reversed(sent))
    assert all(a["again"] for a in again)
    assert [a["result"] for a in again] == [a["result"] for a in reversed(answers)]
    assert Entry.objects.count() == before
    assert phone.sync()["gained"] == [person]
    document = phone.people[person]
    assert document["name"] == "Rudo"
    assert document["sessions"][0]["note"] == "a goat of seven spots"
    assert phone.sync() == {"gained": [], "changed": [], "lost": []}
    assert check().ok


def test_another_phone_carries_what_is_sealed(world, phone_of):
    amina, baraka = phone_of(), phone_of("baraka")
    _person, sent = morning(world, amina)
    assert [a["state"] for a in baraka.answers(*sent)] == ["accepted"] * 3
    assert Person.objects.get().worker_id == world.accounts["amina"].id
    entry = Entry.objects.get(id=sent[0]["id"])
    assert (entry.actor_id, entry.device) == (world.accounts["amina"].id, amina.device)
    client = signed_in(world, "dalia")
    carried = client.post(
        "/phone/api/envelopes", json.dumps({"envelopes": sent}), content_type="application/json"
    ).json()  # fmt: skip
    assert all(a["again"] for a in carried["answers"])


def test_what_the_site_cannot_open_stays_on_the_phone(world, phone_of):
    phone, other = phone_of(), phone_of("baraka")
    good = phone.write("flows.voice_worry", person_id=uuid7(), kinds=["other"], urgency="week")
    forged = phone.sealed(phone.body("flows.voice_worry", {}), mac=b"0" * 32)
    stolen = other.sealed({**phone.body("flows.voice_worry", {}), "account": other.account})
    renamed = {**good, "id": str(uuid7())}
    cut = {**good, "ct": good["ct"][:-8]}
    elsewhere = {**good, "kid": "0" * 16}
    later = {**good, "v": 2}
    off_curve = {**good, "epk": "B" + "A" * 86}
    bad = [forged, stolen, renamed, cut, elsewhere, later, off_curve, {}, 7, "x", None, {"v": 1, "id": 5}]
    answers = phone.answers(*bad)
    assert {a["state"] for a in answers} == {"rejected"}
    codes = [a["code"] for a in answers]
    assert codes[:5] == [
        "envelope-not-genuine", "envelope-not-genuine", "envelope-unreadable", "envelope-unreadable",
        "envelope-not-ours",
    ]  # fmt: skip
    assert set(codes[5:]) == {"envelope-unreadable", "envelope-not-ours"} or set(codes[5:]) == {"envelope-unreadable"}
    assert all(a["says"] and a["remedy"] for a in answers)
    assert not Held.objects.exists()
    assert not Entry.objects.filter(device=phone.device).exists()


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", '{"id": 1}', '{"v":1,"id":"%s"}', "7", '{"a":' * 40 + "1" + "}" * 40,
        '{"id":"%s","device":"%s","account":"x","seq":1}', '{"id":"%s","seq":NaN}',
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused_without_a_word_of_it(world, phone_of, text):
    from tests import phone_kit

    phone = phone_of()
    entry = str(uuid7())
    text = text.replace("%s", entry)
    before = phone_kit.json.loads
    phone_kit.json.loads = lambda raw: {"id": entry}  # only to name the envelope
    try:
        envelope = phone.sealed(text)
    finally:
        phone_kit.json.loads = before
    answer = phone.answers(envelope)[0]
    assert (answer["state"], answer["code"]) == ("rejected", "envelope-unreadable")


def test_a_revoked_phone_loses_nothing_and_gets_nothing(world, phone_of):
    phone = phone_of()
    person = started(world)
    sent = [
        phone.write("care.note_session", person_id=person, held=True, note="before it was lost"),
        phone.write("flows.receive_response", person_id=person, instrument="phq-9", answers=DANGER),
    ]
    devices.revoke(by=world.actor("dalia"), device_id=phone.device)
    answers = phone.answers(*sent)
    assert [(a["state"], a["code"]) for a in answers] == [("held", "device-ended")] * 2
    assert all(a["says"] and a["remedy"] for a in answers)
    assert Held.objects.filter(state="waiting", person_id=person).count() == 2
    assert Risk.objects.get().person_id == person, "a safety answer reaches someone at once"
    refused = phone.ask()
    assert (refused.status_code, refused.json()["problem"]["code"]) == (403, "device-revoked")
    assert [a["again"] for a in phone.answers(*sent)] == [True, True]
    assert Held.objects.count() == 2
    assert Risk.objects.count() == 1
    held = Held.objects.get(action="care.note_session")
    release_held(by=world.actor("dalia"), held_id=held.id)
    assert Session.objects.count() == 1
    assert check().ok


def test_a_phone_that_nobody_knows_is_held_apart_from_the_person(world, phone_of):
    phone = phone_of()
    person = started(world)
    sent = phone.write("flows.receive_response", person_id=person, instrument="phq-9", answers=DANGER)
    Device.objects.filter(id=phone.device).delete()
    answer = phone_of("baraka").answers(sent)[0]
    assert (answer["state"], answer["code"]) == ("held", "device-unknown")
    held = Held.objects.get()
    assert (held.person_id, held.sent_by) == (None, world.accounts["amina"].id)
    assert Risk.objects.get().person_id is None


def test_what_a_worker_wrote_before_leaving_is_held(world, phone_of, django_capture_on_commit_callbacks):
    phone, other = phone_of(), phone_of("baraka")
    person = started(world)
    sent = [
        phone.write("care.note_session", person_id=person, held=True),
        phone.write("flows.voice_worry", person_id=person, kinds=["child"], urgency="today"),
        phone.write("people.change_person", person_id=person, language="ar"),
    ]
    accounts.leave(by=world.actor("hope"), account_id=world.accounts["amina"].id)
    with django_capture_on_commit_callbacks(execute=True):
        answers = other.answers(*sent)
    assert [(a["state"], a["code"]) for a in answers] == [("held", "worker-left")] * 3
    risk = Risk.objects.get()
    assert (risk.urgency, risk.source) == ("today", "worry")
    assert Message.objects.filter(ref_id=risk.id).exists()
    assert phone.send(token=phone.read).status_code == 403


def test_what_came_before_its_turn_takes_its_place(world, phone_of):
    phone = phone_of()
    person, sent = morning(world, phone)
    early = phone.answers(sent[2], sent[1])
    assert [(a["state"], a["code"]) for a in early] == [("held", "out-of-order")] * 2
    assert not Due.objects.filter(kind="held").exists(), "nobody has to act on it"
    assert phone.answers(sent[1])[0]["state"] == "held"
    assert InLine.objects.filter(state="waiting").count() == 2
    assert phone.answers(sent[0])[0]["state"] == "accepted"
    assert not InLine.objects.filter(state="waiting").exists()
    assert not Held.objects.filter(state="waiting").exists()
    assert str(Person.objects.get().id) == person
    session = Session.objects.get()
    assert str(session.id) == made(sent[2], "session")
    assert session.worker_id == world.accounts["amina"].id
    written = Entry.objects.get(id=sent[2]["id"])
    assert abs(session.at - written.happened_at) < timedelta(seconds=1)
    again = phone.answers(*sent)
    assert [(a["state"], a["again"]) for a in again] == [("accepted", True)] * 3
    assert again[2]["result"] == {"session": made(sent[2], "session")}
    assert check().ok


def test_a_safety_answer_does_not_wait_for_its_turn(world, phone_of):
    phone = phone_of()
    person, sent = morning(world, phone)
    danger = phone.write("flows.receive_response", person_id=person, instrument="phq-9", answers=DANGER)
    answer = phone.answers(danger)[0]
    assert answer["state"] == "held"
    risk = Risk.objects.get()
    assert answer["result"]["risk"] == str(risk.id)
    assert [a["state"] for a in phone.answers(*sent)] == ["accepted"] * 3
    assert str(Response.objects.get().person_id) == person, "placed in its turn"
    assert Risk.objects.count() == 1
    assert phone.answers(danger)[0]["state"] in {"accepted", "held"}
    assert check().ok


def test_a_worry_about_somebody_unknown_reaches_someone(world, phone_of):
    phone = phone_of()
    sent = phone.write("flows.voice_worry", person_id=uuid7(), kinds=["self_harm"], urgency="now")
    assert phone.answers(sent)[0]["state"] == "held"
    risk = Risk.objects.get()
    assert (risk.person_id, risk.urgency) == (None, "now")
    assert phone.answers(sent)[0]["again"]
    assert Risk.objects.count() == 1


def test_a_gap_that_nobody_closes_is_given_up(world, phone_of):
    phone = phone_of()
    person = started(world)
    lost = phone.write("care.note_session", person_id=person, held=True)
    note = phone.write("care.note_session", person_id=person, held=False, missed_reason="busy")
    orphan = phone.write("care.note_session", person_id=uuid7(), held=True)
    assert [a["state"] for a in phone.answers(note, orphan)] == ["held", "held"]
    assert give_gaps_up() == 0
    InLine.objects.update(received_at=datetime.now(UTC) - timedelta(days=6))
    assert give_gaps_up() == 2
    assert Session.objects.get().held is False
    held = Held.objects.get(state="waiting")
    assert held.code == "person-not-found"
    assert Due.objects.get(kind="held").ref_id == held.id
    assert [a["state"] for a in phone.answers(note, orphan)] == ["accepted", "held"]
    assert phone.answers(lost)[0]["state"] == "accepted", "late, but not lost"
    assert check().ok


def test_a_rejected_entry_holds_up_nothing_behind_it(world, phone_of):
    phone = phone_of()
    person = started(world)
    sent = [
        phone.write("care.correct_session", person_id=person, session_id=uuid7(), note="x"),
        phone.write("house.hold_fact", action="x"),
        phone.write("nothing.of_the_kind"),
        phone.write("care.note_session", person_id=person, held=True),
    ]
    answers = phone.answers(*sent)
    assert [a["state"] for a in answers] == ["rejected", "rejected", "rejected", "accepted"]
    assert [a["code"] for a in answers[:3]] == ["not-found", "no-such-operation", "no-such-operation"]


def test_an_app_of_a_year_ago_and_one_of_next_year_are_both_read(world, phone_of):
    """A body recorded from an old app, and one with fields that this site has never heard of."""
    phone = phone_of()
    recorded = json.loads(Path(__file__).with_name("body-2025-11.json").read_text())
    new = str(uuid7())
    old = {**recorded, "id": new, "device": phone.device, "account": phone.account}
    old["asked"]["organisation_id"] = str(world.organisation)
    phone.seq = 1
    coming = phone.body("people.register_person", json.loads(json.dumps(newcomer(world, alias="Tendai"), default=str)))
    coming |= {"v": 1, "mood_of_the_phone": {"deep": [1, 2]}, "app": "2027.99.9-from-the-future", "skew_ms": 12.5}
    answers = phone.answers(phone.sealed(old), phone.sealed(coming))
    assert [a["state"] for a in answers] == ["accepted", "accepted"], answers
    assert Person.objects.count() == 2


def test_a_fact_with_a_field_from_a_later_app_is_kept_whole(world, phone_of):
    phone = phone_of()
    sent = phone.write("care.note_session", person_id=started(world), held=True, weather="rain")
    answer = phone.answers(sent)[0]
    assert (answer["state"], answer["code"]) == ("held", "bad-input")
    assert "rain" not in json.dumps(answer)


def test_only_so_much_at_once(world, phone_of):
    phone = phone_of()
    assert phone.send(*[{}] * 51).json()["problem"]["code"] == "too-many-envelopes"
    assert phone.post("envelopes", "x" * 1_000_001).status_code == 413
    assert phone.post("envelopes", "[" * 10_000).status_code == 400
    assert phone.post("envelopes", {"envelopes": "x"}).status_code == 422
    assert phone.answers() == []


def test_tokens_open_no_more_than_they_say(world, phone_of):
    phone = phone_of()
    assert phone.send(token="kwd_wrong").status_code == 401
    assert phone.post("changes", {}, phone.drop).status_code == 403
    assert phone.post("devices", {"label": "x"}, phone.read).status_code == 403
    assert phone.client.get("/phone/api/envelopes").status_code == 405
    assert Client().post("/phone/api/envelopes", "{}", content_type="application/json").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.accounts["amina"], backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in ("devices", "envelopes"):
        answer = strict.post(f"/phone/api/{path}", "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["problem"]["code"]) == (403, "csrf")


def test_the_site_keeps_no_token_and_no_secret_in_the_clear(world, phone_of):
    phone = phone_of()
    row = Device.objects.get()
    stored = str(vars(row))
    for one in (phone.drop, phone.read, phone.secret.hex(), phone.site["public_key"]):
        assert one not in stored


def test_nothing_that_was_sent_stands_in_a_log(world, phone_of, caplog):
    caplog.set_level(0)
    phone = phone_of()
    person, sent = morning(world, phone)
    phone.answers(*sent, phone.write("care.note_session", person_id=uuid7(), held=True, note="a goat of seven spots"))
    phone.send(phone.sealed(phone.body("x.y", {"note": "a goat of seven spots"})), token="kwd_nobody")
    phone.sync()
    assert "goat" not in caplog.text
    assert "Rudo" not in caplog.text
    assert person not in caplog.text


def test_what_is_let_in_later_keeps_its_time_and_its_ids(world, phone_of):
    """A newcomer's registration from a revoked phone, let in by a supervisor: the note about them then fits, too."""
    phone = phone_of()
    _person, sent = morning(world, phone)
    devices.revoke(by=world.actor("amina"), device_id=phone.device)
    assert {a["state"] for a in phone.answers(*sent)} == {"held"}
    for name in ("people.register_person", "flows.agree", "care.note_session"):
        held = Held.objects.get(action=name, state="waiting")
        assert str(held_by(held).id) in {one["id"] for one in sent}
        release_held(by=world.actor("dalia"), held_id=held.id)
    assert str(Person.objects.get().id) == made(sent[0], "person")
    session = Session.objects.get()
    assert str(session.id) == made(sent[2], "session")
    assert session.at == Entry.objects.get(id=sent[2]["id"]).happened_at
    assert check().ok


def test_what_was_erased_is_not_taken_in_again_and_not_kept(world, phone_of):
    phone, person = phone_of(), started(world)
    note = phone.write("care.note_session", person_id=person, held=True, note="a goat of seven spots")
    sent = phone.write("care.set_goal", person_id=person, text="walk")
    assert phone.answers(note)[0]["state"] == "accepted"
    erase_person(by=world.actor("farai"), person_id=person)
    before = Held.objects.count()
    answers = phone.answers(note, sent)
    assert [(a["state"], a["code"]) for a in answers] == [("rejected", "erased")] * 2
    devices.revoke(by=world.actor("dalia"), device_id=phone.device)
    assert phone.answers(phone.write("care.set_goal", person_id=person, text="x"))[0]["code"] == "erased"
    assert Held.objects.count() == before


def test_a_fault_of_ours_holds_one_entry_and_stops_no_phone(world, phone_of, monkeypatch):
    """Something that nobody foresaw, in one entry of three: the others are written, this one is kept."""
    phone, person = phone_of(), started(world)
    sent = [phone.write("care.set_goal", person_id=person, text=text) for text in ("walk", "break", "sing")]
    whole = sending.registry.run

    def breaks(name, /, **more):
        if more.get("text") == "break":
            raise ZeroDivisionError
        return whole(name, **more)

    monkeypatch.setattr(sending.registry, "run", breaks)
    answers = phone.answers(*sent)
    assert [a["state"] for a in answers] == ["accepted", "held", "accepted"], answers
    assert answers[1]["code"] == "site-fault"
    held = Held.objects.get()
    assert (held.action, held.person_id, held.state) == ("care.set_goal", person, "waiting")
    monkeypatch.undo()
    assert [a["again"] for a in phone.answers(*sent)] == [True] * 3
    release_held(by=world.actor("dalia"), held_id=held.id)
    assert Goal.objects.count() == 3
    assert check().ok


def test_a_fault_of_ours_in_its_turn_stops_no_phone(world, phone_of, monkeypatch):
    """What waited breaks when it is placed: a person looks at it, and what is behind it, here and on other phones,
    takes its place."""
    phone, other, person = phone_of(), phone_of("baraka"), started(world)
    for one in (phone, other):
        one.write("care.set_goal", person_id=person, text="never sent")
    waits = [phone.write("care.set_goal", person_id=person, text=text) for text in ("break", "sing")]
    assert [a["state"] for a in phone.answers(*waits)] == ["held"] * 2
    assert other.answers(other.write("team.record_hours", on="2025-01-02", minutes=60, kind="visit", paid=True))
    InLine.objects.update(received_at=datetime.now(UTC) - timedelta(days=6))
    whole = sending.registry.run

    def breaks(name, /, **more):
        if more.get("text") == "break":
            raise ZeroDivisionError
        return whole(name, **more)

    monkeypatch.setattr(sending.registry, "run", breaks)
    assert give_gaps_up() == 3
    monkeypatch.undo()
    assert not InLine.objects.filter(state="waiting").exists()
    assert Goal.objects.count() == 1
    held = Held.objects.get(state="waiting", code="site-fault")
    assert Due.objects.filter(kind="held", ref_id=held.id, state="open").count() == 1
    assert check().ok


@pytest.mark.parametrize("barred", ["ended", "unknown", "early"])
def test_nobody_lays_an_order_into_quarantine(world, phone_of, barred):
    """A coordinator who lets a held entry in would erase someone: it is refused, whoever's phone it was."""
    phone, other, person = phone_of(), phone_of("baraka"), started(world)
    if barred == "early":
        phone.write("care.set_goal", person_id=person, text="never sent")
    sent = phone.write("flows.erase_person", person_id=person)
    if barred == "ended":
        devices.revoke(by=world.actor("dalia"), device_id=phone.device)
    if barred == "unknown":
        Device.objects.filter(id=phone.device).delete()
    answer = other.answers(sent)[0]
    assert (answer["state"], answer["code"]) == ("rejected", "not-allowed")
    assert not Held.objects.exists()


@pytest.mark.parametrize("action", ["flows.receive_response", "flows.voice_worry"])
def test_a_danger_from_whom_it_is_no_work_any_more_reaches_someone(world, phone_of, action):
    """A worker who became an evaluator: what is held of hers is told all the same, and once."""
    phone, person = phone_of(), started(world)
    asked = {"instrument": "phq-9", "answers": DANGER} if action == sending.ANSWERS else {"kinds": ["child"]}
    sent = phone.write(action, person_id=person, **asked, **({} if "answers" in asked else {"urgency": "now"}))
    amina = world.accounts["amina"].id
    for grant in Grant.objects.filter(account_id=amina, until=None):
        end_grant(by=SYSTEM, grant_id=grant.id)
    grant_role(by=SYSTEM, account_id=amina, role="evaluator", organisation_id=world.organisation)
    answer = phone.answers(sent)[0]
    assert (answer["state"], answer["code"]) == ("held", "not-allowed")
    assert Risk.objects.get().person_id == person
    assert phone.answers(sent)[0]["again"]
    assert Risk.objects.count() == 1
    assert check().ok


@pytest.mark.parametrize("person_known", [True, False])
def test_what_was_held_and_told_answers_the_same_by_the_api(world, phone_of, person_known):
    phone_of()
    person = started(world) if person_known else uuid7()
    by = world.actor("amina" if not person_known else "chipo")
    head = Head.now(unattended=True)
    asked = {"person_id": str(person), "kinds": ["child"], "urgency": "now"}
    first = sending.take_in(sending.WORRY, asked, by=by, head=head)
    again = sending.take_in(sending.WORRY, asked, by=by, head=head)
    assert (first.state, again.state, again.again) == ("held", "held", True)
    assert {name: str(value) for name, value in first.result.items()} == again.result
    assert Risk.objects.count() == 1


def test_a_clock_at_the_edge_of_all_years_is_passed_over(world, phone_of):
    phone, person = phone_of(), started(world)
    sent = phone.write("care.set_goal", person_id=person, text="walk")
    answer = phone.post("envelopes", {"now": "0001-01-01T00:00:00+14:00", "envelopes": [sent]})
    assert answer.status_code == 200
    assert answer.json()["answers"][0]["state"] == "accepted"
