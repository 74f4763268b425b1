"""What an attacker tries: links, sessions, forms, redirects, hosts, guesses, openings in need, erased people, races."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connections
from django.test import Client
from django.utils import timezone

from kinweave.care.actions import note_session, set_goal
from kinweave.care.models import Goal
from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.front import parking
from kinweave.front.person.session import COOKIE, SALT
from kinweave.house import erasure
from kinweave.house.access import Actor
from kinweave.house.models import Due, Entry, Message, ParkedForm
from kinweave.house.registry import ACTIONS, run
from kinweave.people.actions import add_tie, break_glass
from kinweave.people.door import BY_GLASS, access
from kinweave.people.models import Glass, OwnLink
from tests.access.stage import BACKEND, CANARIES, TOKEN
from tests.access.test_actions import person_arguments
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
REASON = "nobody else was near that night"


def refused(action: Any, *named: Any, **asked: Any) -> str:
    before = Entry.objects.count()
    with pytest.raises(Problem) as fault:
        action(*named, **asked)
    assert Entry.objects.count() == before
    return fault.value.code


# ---------------------------------------------------------------------------------- the person's own page


def test_links_to_the_own_page_cannot_be_made_up_outlived_or_used_twice(stage) -> None:
    for token in ("forged", "../mine", "x" * 32):
        answer = Client().post(f"/mine/{token}/", {"entry": str(uuid7())})
        assert answer.status_code in {404, 410}
        assert COOKIE not in answer.cookies
    first = Client().post(f"/mine/{TOKEN['mine']}/", {"entry": str(uuid7())})
    assert first.status_code == 302
    again = Client().post(f"/mine/{TOKEN['mine']}/", {"entry": str(uuid7())})
    assert (again.status_code, COOKIE in again.cookies) == (410, False)
    OwnLink.objects.update(until=timezone.now() - timedelta(seconds=1))
    late = Client().post(f"/mine/{TOKEN['theirs']}/", {"entry": str(uuid7())})
    assert (late.status_code, COOKIE in late.cookies) == (410, False)


@pytest.mark.parametrize("text", ["", "x", "{person}", "{person}:x:y"])
def test_the_own_pages_cookie_cannot_be_made_up(stage, text) -> None:
    client = Client()
    client.cookies[COOKIE] = text.format(person=stage.ids["mine"]["person_id"])
    assert client.get("/mine/").status_code == 403
    client.cookies[COOKIE] = signing.dumps(str(stage.ids["mine"]["person_id"]), salt="kinweave.keep-form")
    assert client.get("/mine/").status_code == 403  # signed by us, for something else


def test_the_own_page_opens_one_person_and_nothing_else(stage) -> None:
    client = stage.clients["p"]
    page = client.get("/mine/").content.decode()
    assert CANARIES["mine"][0] in page
    assert not [c for c in CANARIES["theirs"] if c in page]
    theirs = stage.ids["theirs"]
    assert client.get(f"/mine/agreed/{theirs['consent_id']}/").status_code == 404
    own = Actor(None, kind="person", person_id=stage.ids["mine"]["person_id"])
    for name, asked in person_arguments(stage, theirs).items():
        assert refused(run, name, by=own, **asked) in {"not-allowed", "person-not-found"}


def test_an_own_page_ends_when_the_person_is_erased(stage, tmp_path, settings) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    assert stage.clients["p"].get("/mine/").status_code == 200
    run("flows.erase_person", by=stage.actor("f"), person_id=stage.ids["mine"]["person_id"])
    assert stage.clients["p"].get("/mine/").status_code == 403


# ------------------------------------------------------------------------------------ sessions and forms


def test_signing_in_begins_a_new_session(stage) -> None:
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    answer = client.post("/sign-in/", {"login": "amina", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.cookies["sessionid"].value != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/today/").status_code == 302


def test_no_form_is_taken_from_elsewhere(stage) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(stage.world.accounts["amina"], backend=BACKEND)
    person = stage.ids["mine"]["person_id"]
    before = Entry.objects.count()
    for path in (f"/people/{person}/goals/new/", "/people/new/", f"/people/{person}/worry/", "/import/new/people/"):
        answer = client.post(path, {"entry": str(uuid7()), "text": "x"}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
    assert (
        Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "amina", "password": PASSWORD}).status_code == 403
    )
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "there",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example"],
)
def test_nobody_is_sent_away(stage, there) -> None:
    for path, more in (("/sign-in/", {"login": "amina", "password": PASSWORD}), ("/language/", {"language": "en"})):
        answer = Client().post(path, {**more, "next": there})
        assert answer.status_code == 302
        assert answer.url.startswith("/")
        assert not answer.url.startswith(("//", "/\\"))
        assert "evil" not in answer.url


def test_only_our_own_host_is_answered(stage) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example"):
        for path in ("/sign-in/", "/welcome/", "/api/openapi.json"):
            answer = Client(headers={"host": host}).get(path)
            assert answer.status_code == 400
            assert "evil" not in answer.content.decode() + repr(answer.headers)
    forwarded = stage.clients["d"].get("/today/", headers={"x-forwarded-host": "evil.example"})
    assert "evil" not in forwarded.content.decode() + repr(forwarded.headers)


def test_a_parked_form_opens_for_its_owner_alone(stage) -> None:
    path = f"/people/{stage.ids['mine']['person_id']}/goals/new/"
    mark = parking.mark(stage.world.accounts["amina"].id, path)
    answer = Client().post(path, {"keep_form": mark, "text": "my only secret"})
    back = f"{path}?kept={ParkedForm.objects.get().id}"
    assert answer.url.startswith("/sign-in/")
    assert "secret" not in answer.url
    for letter in "bdfxv":
        assert b"my only secret" not in stage.clients[letter].get(back).content
    assert b"my only secret" in stage.clients["a"].get(back).content
    assert b"my only secret" not in bytes(ParkedForm.objects.get().sealed)
    # A mark for one address opens no other, and a made-up one parks nothing.
    Client().post("/people/new/", {"keep_form": mark, "text": "y"})
    Client().post(path, {"keep_form": mark[:-2] + "xx", "text": "y"})
    assert ParkedForm.objects.count() == 1


def test_signing_in_tells_no_names(stage) -> None:
    """A name that is there and one that is not: the same page, the same lock."""
    pages = []
    for name in ("amina", "nobody.here"):
        client = Client(headers={"host": "localhost"})
        texts = []
        for _n in range(7):
            answer = client.post("/sign-in/", {"login": name, "password": "wrong wrong"})
            text = answer.content.decode().replace(name, "")
            texts.append((answer.status_code, len(text)))
        pages.append(texts)
    assert pages[0] == pages[1]
    back = [Client().post("/sign-in/back/", {"username": name, "code": "1" * 10, "password1": "long enough words"})
            for name in ("amina", "nobody.here")]  # fmt: skip
    assert back[0].status_code == back[1].status_code
    assert len(back[0].content) - len("amina") == len(back[1].content) - len("nobody.here")


# ------------------------------------------------------------------------------------------ opened in need


def test_an_opening_in_need_reads_for_three_hours_and_writes_nothing(stage) -> None:
    person, by = stage.ids["theirs"]["person_id"], stage.actor("a")
    assert refused(break_glass, by=by, person_id=person, reason="short") == "reason-needed"
    break_glass(by=by, person_id=person, reason=REASON)
    row = Glass.objects.order_by("-at").first()
    assert row.until - row.at == timedelta(hours=3)
    # The supervisor of the person's team is told at once, and it waits to be looked at.
    assert Message.objects.filter(code="glass", ref_id=row.id, to_account=stage.world.accounts["esi"].id).exists()
    assert Due.objects.filter(kind="glass_review", ref_id=row.id, state="open").exists()
    client = stage.clients["a"]
    page = client.get(f"/people/{person}/happened/")
    assert page.status_code == 200
    assert CANARIES["theirs"][5] not in page.content.decode()  # the note
    for name, asked in person_arguments(stage, stage.ids["theirs"]).items():
        if ACTIONS[name].permission not in BY_GLASS and name != "people.break_glass":
            assert refused(run, name, by=by, **asked) in {
                "person-not-found",
                "not-found",
                "not-allowed",
                "circle-not-found",
            }, name
    for path in ("note", "ask", "next", "worry", "change", "link", f"safety/{stage.ids['theirs']['risk_id']}"):
        assert client.get(f"/people/{person}/{path}/").status_code in {403, 404}, path
    # The person reads it on their own page.
    own = Client()
    own.cookies[COOKIE] = signing.dumps(str(person), salt=SALT)
    assert REASON in own.get("/mine/").content.decode()
    Glass.objects.update(until=timezone.now())
    assert client.get(f"/people/{person}/").status_code == 404


def test_openings_end_at_the_organisation_and_at_a_colleagues_record(stage) -> None:
    world = stage.world
    own = world.person(by="amina", alias="Colleague", colleague_account=world.accounts["baraka"].id)
    for letter in "bcdef":
        assert refused(break_glass, by=stage.actor(letter), person_id=own, reason=REASON) == "person-not-found"
        assert refused(access, person_id=own, by=stage.actor(letter)) == "person-not-found"
    assert access(own, by=stage.actor("a")).id == own  # who accompanies
    for letter in "bdf":
        assert "Colleague" not in stage.clients[letter].get("/people/").content.decode()
    for letter in "x":
        for whose in ("mine", "theirs"):
            person = stage.ids[whose]["person_id"]
            assert refused(break_glass, by=stage.actor(letter), person_id=person, reason=REASON) == "person-not-found"


def test_a_guardian_reads_no_notes(stage) -> None:
    """Whoever guards someone, known here too, reads their own page; the young person's is not on it."""
    world = stage.world
    guardian = world.person(by="amina", alias="Guardian")
    add_tie(by=stage.actor("a"), person_id=stage.ids["mine"]["person_id"], kind="guardian", other_id=guardian)
    client = Client()
    client.cookies[COOKIE] = signing.dumps(str(guardian), salt=SALT)
    page = client.get("/mine/").content.decode()
    assert not [c for c in CANARIES["mine"] if c in page]


def test_a_merged_record_is_behind_the_same_door(stage) -> None:
    for whose, readers in (("mine", "adf"), ("theirs", "cef")):
        twin, person = stage.ids[whose]["twin_id"], stage.ids[whose]["person_id"]
        for letter in "abcdefx":
            if letter in readers:
                assert access(twin, by=stage.actor(letter)).id == person
            else:
                assert refused(access, person_id=twin, by=stage.actor(letter)) == "person-not-found"


def test_an_erased_person_is_behind_no_door(stage, tmp_path, settings) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    ids = stage.ids["mine"]
    run("flows.erase_person", by=stage.actor("f"), person_id=ids["person_id"])
    erasure.destroy([ids["person_id"], ids["twin_id"]])
    for letter in "adf":
        for path in ("", "happened/", "held/", "agreed/", "note/", "ask/", f"answers/{ids['response_id']}/"):
            assert stage.clients[letter].get(f"/people/{ids['person_id']}/{path}").status_code in {403, 404}, path
        for path in ("/people/", "/today/", "/safety/", "/set-aside/", "/people/openings/", "/people/said/"):
            text = stage.clients[letter].get(path).content.decode()
            assert not [c for c in CANARIES["mine"][1:] if c in text], path  # another still bears the alias
    for name, asked in person_arguments(stage, ids).items():
        if "person_id" in asked:
            assert refused(run, name, by=stage.actor("f"), **asked) in {
                "person-not-found", "not-found", "erased", "not-allowed"}, name  # fmt: skip


# ------------------------------------------------------------------------------------------ bombs and races


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"id": 1e999}',
                                  b'{"id":' + b"9" * 100_000 + b"}", b'"' + b"\\u0000" * 1000 + b'"'])  # fmt: skip
def test_bombs_are_plain_refusals(stage, body) -> None:
    answer = stage.clients["a"].post("/api/entries", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["problem"]["code"] == "unreadable"


def test_what_is_too_large_is_refused(stage) -> None:
    big = b'{"entries": ["' + b"x" * 2_100_000 + b'"]}'
    assert stage.clients["a"].post("/api/entries", big, content_type="application/json").status_code == 413
    person = stage.ids["mine"]["person_id"]
    many = {f"f{n}": "x" for n in range(2_100)}
    assert stage.clients["a"].post(f"/people/{person}/goals/new/", many).status_code == 400
    fat = stage.clients["a"].post(f"/people/{person}/goals/new/", {"text": "x" * 3_000_000})
    assert fat.status_code in {400, 413}


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_record_at_once_are_both_kept_in_order() -> None:
    from tests.care_world import started
    from tests.world import make_world

    world = make_world()
    person = started(world)
    actors = [world.actor("amina"), world.actor("dalia")]
    faults: list[BaseException] = []

    def work(by: Actor, n: int) -> None:
        try:
            for k in range(8):
                set_goal(by=by, person_id=person, text=f"{n}/{k}")
                note_session(by=by, person_id=person, held=True)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(by, n)) for n, by in enumerate(actors)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not faults
    assert Goal.objects.filter(person_id=person).count() == 16
    assert Entry.objects.filter(action="care.note_session").count() == 16
    for by in actors:
        own = Entry.objects.filter(action="care.set_goal", actor_id=by.account_id).order_by("received_at")
        assert own.count() == 8
