"""The same week sent twice, from two tabs, cut at any byte: the same database, as if it had been sent once."""

from __future__ import annotations

import http.client
import io
import json
import socket
import threading
from typing import Any

import pytest

from kinweave.care.models import Session
from kinweave.house.models import Device, Entry, Held
from kinweave.house.replay import check
from kinweave.house.scratch import domain
from kinweave.people.models import Person
from tests.phone_kit import morning


def week(world, phone, people=2):
    """Some people's first meetings, in the order in which they were written."""
    return [entry for _ in range(people) for entry in morning(world, phone)[1]]


def raw_of(phone, sent) -> bytes:
    return json.dumps({"now": phone.now.isoformat(), "envelopes": sent}).encode()


def counts() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in domain()}


def as_once(phone, sent, answers: list[dict[str, Any]]) -> None:
    """What every way of sending this week must have left."""
    assert [a["state"] for a in answers] == ["accepted"] * len(sent)
    mine = Entry.objects.filter(device=phone.device)
    assert {str(e.id) for e in mine} == {one["id"] for one in sent}
    assert mine.count() == len(sent)
    people = len(sent) // 3
    assert (Person.objects.count(), Session.objects.count(), Held.objects.count()) == (people, people, 0)
    assert Device.objects.get(id=phone.device).seen_to == len(sent)
    assert check().ok


@pytest.mark.django_db
def test_a_body_cut_at_any_byte_writes_nothing_and_the_whole_one_all(world, phone_of):
    phone = phone_of()
    sent = week(world, phone)
    raw = raw_of(phone, sent)
    before = counts()
    cuts = {*range(0, len(raw), 41), *range(1, 60), *range(len(raw) - 60, len(raw))}
    for cut in sorted(cuts):
        cut_off = {"wsgi.input": io.BytesIO(raw[:cut]), "CONTENT_LENGTH": str(len(raw))}
        answer = phone.client.generic(
            "POST", "/phone/api/envelopes", content_type="application/json",
            headers={"authorization": f"Bearer {phone.drop}"}, **cut_off,
        )  # fmt: skip
        assert answer.status_code == 400, cut
    assert len(cuts) > 200
    assert counts() == before
    as_once(phone, sent, phone.answers(*sent))


@pytest.mark.django_db
def test_any_part_of_the_week_may_have_arrived_before(world, phone_of):
    """Cut between two answers: whatever was taken in already, sending all again gives the same."""
    for first in range(7):
        phone = phone_of()
        sent = week(world, phone)
        phone.answers(*sent[:first])
        answers = phone.answers(*sent)
        assert [a["again"] for a in answers] == [n < first for n in range(6)]
        assert [a["state"] for a in answers] == ["accepted"] * 6
        assert Device.objects.get(id=phone.device).seen_to == 6
        Device.objects.filter(id=phone.device).delete()  # an account has five at most


@pytest.mark.django_db(transaction=True)
def test_two_tabs_and_a_line_that_breaks(live_server, world, phone_of):
    """Over real sockets: two tabs send the same week at once, parts of it break off, answers are never read."""
    phone = phone_of()
    sent = week(world, phone, people=4)
    raw = raw_of(phone, sent)
    host, port = live_server.thread.host, live_server.thread.port
    head = (
        f"POST /phone/api/envelopes HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {phone.drop}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
    ).encode()
    heard: list[tuple[int, Any]] = []

    def breaks(at: int) -> None:
        with socket.create_connection((host, port), timeout=20) as line:
            line.sendall((head + raw)[:at])

    def sends() -> None:
        line = http.client.HTTPConnection(host, port, timeout=60)
        line.request("POST", "/phone/api/envelopes", raw, {
            "Authorization": f"Bearer {phone.drop}", "Content-Type": "application/json"})  # fmt: skip
        answer = line.getresponse()
        heard.append((answer.status, json.loads(answer.read())))
        line.close()

    whole = len(head) + len(raw)
    for at in (1, len(head) // 2, len(head), len(head) + 1, len(head) + len(raw) // 2, whole - 1, whole):
        breaks(at)  # the last one is whole, but nobody waits for its answer
    tabs = [threading.Thread(target=sends) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(90)
    assert [status for status, _ in heard] == [200] * 4, heard
    first = [a["result"] for a in heard[0][1]["answers"]]
    assert all([a["result"] for a in told["answers"]] == first for _, told in heard)
    as_once(phone, sent, heard[0][1]["answers"])


@pytest.mark.django_db(transaction=True)
def test_halves_of_one_week_from_two_tabs_in_the_wrong_order(live_server, world, phone_of):
    phone = phone_of()
    sent = week(world, phone, people=4)
    host, port = live_server.thread.host, live_server.thread.port
    states: list[list[str]] = []

    def sends(part: list[Any]) -> None:
        line = http.client.HTTPConnection(host, port, timeout=60)
        line.request("POST", "/phone/api/envelopes", raw_of(phone, part), {"Authorization": f"Bearer {phone.drop}"})
        told = json.loads(line.getresponse().read())
        states.append([a["state"] for a in told["answers"]])
        line.close()

    parts = [sent[8:], sent[4:8], sent[2:4], sent[:2], sent[5:9]]
    tabs = [threading.Thread(target=sends, args=[part]) for part in parts]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(90)
    assert len(states) == len(parts)
    assert {state for some in states for state in some} <= {"accepted", "held"}
    assert not Held.objects.filter(state="waiting").exists()
    answers = phone.answers(*sent)
    assert [a["state"] for a in answers] == ["accepted"] * len(sent)
    assert (Person.objects.count(), Session.objects.count()) == (4, 4)
    assert Device.objects.get(id=phone.device).seen_to == len(sent)
    assert check().ok
