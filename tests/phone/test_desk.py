"""The desk's pages about phones: listed, ended, bound again; two versions decided without a phone."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import change_goal, set_goal
from kinweave.care.models import Goal
from kinweave.core.ids import uuid7
from kinweave.house.devices import CODE_TRIES
from kinweave.house.models import Device, Due
from tests.care_world import signed_in, started
from tests.phone_kit import made, registered

pytestmark = pytest.mark.django_db
CODE = re.compile(r"<code><bdi>([0-9A-Z]{4}-[0-9A-Z]{4})</bdi></code>")


def page(world, name, route="phones", *args):
    return signed_in(world, name).get(reverse(route, args=args)).content.decode()


def code_for(world, phone, by="dalia"):
    answer = signed_in(world, by).post(reverse("phone-code", args=[phone.device]))
    assert "no-store" in answer["Cache-Control"]
    return CODE.search(answer.content.decode())[1]


def register(world, name, **asked):
    client = signed_in(world, name)
    return client.post("/phone/api/devices", json.dumps({"label": "new", **asked}), content_type="application/json")


def test_a_supervisor_sees_the_phones_of_the_own_workers_and_what_was_last_heard(world, phone_of):
    phone, other = phone_of(label="A. blue"), phone_of("chipo", label="C. red")
    assert "Not heard of since" in page(world, "dalia")
    phone.send(waiting=7, app="2026.11.1")
    shown = page(world, "dalia")
    assert "A. blue" in shown
    assert "7 entries wait on it" in shown
    assert "2026.11.1" in shown
    assert "C. red" not in shown
    assert "C. red" in page(world, "esi")
    assert "C. red" in page(world, "farai")
    mine = page(world, "amina")
    assert "A. blue" in mine
    assert "A code for a new phone" not in mine, "nobody binds their own"
    assert other.device not in shown


def test_a_lost_phone_is_ended(world, phone_of):
    phone = phone_of(label="A. blue")
    client = signed_in(world, "dalia")
    assert "destroys what can be read" in client.get(reverse("phone-end", args=[phone.device])).content.decode()
    assert phone.ask().status_code == 200
    assert client.post(reverse("phone-end", args=[phone.device])).status_code == 302
    assert phone.ask().json()["problem"]["code"] == "device-revoked"
    row = Device.objects.get(id=phone.device)
    assert row.revoked_by == world.accounts["dalia"].id
    assert "Ended" in page(world, "dalia")
    assert signed_in(world, "esi").get(reverse("phone-end", args=[phone.device])).status_code == 404


def test_a_code_binds_a_new_phone_once_and_ends_the_old_one(world, phone_of):
    phone = phone_of(label="old")
    person = started(world)
    code = code_for(world, phone)
    assert code.replace("-", "") not in str(vars(Device.objects.get()))
    fresh = registered(world, "amina", label="fresh", code=code.lower().replace("-", " "))
    assert phone.ask().json()["problem"]["code"] == "device-revoked"
    assert fresh.sync()["gained"] == [str(person)], "the people come back with the first sync"
    again = register(world, "amina", code=code)
    assert (again.status_code, again.json()["problem"]["code"]) == (403, "device-code")


def test_a_code_is_good_for_one_account_some_minutes_and_few_tries(world, phone_of):
    phone = phone_of()
    code = code_for(world, phone)
    assert register(world, "baraka", code=code).status_code == 403
    Device.objects.update(code_until=timezone.now() - timedelta(seconds=1))
    assert register(world, "amina", code=code).status_code == 403
    code = code_for(world, phone)
    for _ in range(CODE_TRIES):
        assert register(world, "amina", code="0000-0000").status_code == 403
    assert register(world, "amina", code=code).status_code == 403, "guessed too often"
    assert Device.objects.get(id=phone.device).revoked_at is None


def test_an_account_has_few_phones_each_with_a_label(world, phone_of):
    for n in range(5):
        phone_of(label=f"phone {n}")
    full = register(world, "amina")
    assert (full.status_code, full.json()["problem"]["code"]) == (409, "too-many-devices")
    assert register(world, "baraka", label="").status_code == 422
    assert register(world, "baraka", label="x" * 41).status_code == 422
    assert register(world, "baraka", label=7).status_code == 422


def test_a_worker_decides_on_the_desk_which_version_holds(world, phone_of):
    phone, person = phone_of(), started(world)
    goal = set_goal(by=world.actor("amina"), person_id=person, text="sleep").result["goal"]
    entry = phone.write("care.change_goal", person_id=person, instead_of=goal, text="sleep till five")
    desk = change_goal(by=world.actor("dalia"), person_id=person, instead_of=goal, text="sleep till six").result["goal"]
    phone.answers(entry)
    client = signed_in(world, "amina")
    address = reverse("two-versions", args=[made(entry, "goal")])
    assert address in client.get("/today/").content.decode()
    shown = client.get(address).content.decode()
    assert "sleep till five" in shown
    assert "sleep till six" in shown
    answer = client.post(address, {"entry": str(uuid7()), "keep": str(desk)})
    assert answer.status_code == 302
    assert Goal.objects.get(state="open").id == desk
    assert Due.objects.get(kind="two_versions").state == "done"
    assert client.get(address).status_code == 404
