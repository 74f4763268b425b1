"""The wizard: one address that works once, every step written at once, no end before somebody can answer."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kinweave.front.setup import caddy, steps, token
from kinweave.front.setup.settings import HTTPS
from kinweave.house import rota
from kinweave.house.models import Account, AlertTest, Grant, Message, Place, Programme
from kinweave.house.paperkey import to_paper
from kinweave.house.sealing import house_key
from kinweave.house.sequencer import site
from kinweave.house.settings import EMERGENCY, FACTS, LANGUAGES, value

pytestmark = pytest.mark.django_db
OWN = "a bench under the tree"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """The wizard writes beside the site's files: here into a folder of its own."""
    house_key()
    settings.HOME = tmp_path
    yield
    token.use_up()


@pytest.fixture
def founder(client) -> Client:
    page = f"/set-up/begin/{token.make()}/"
    assert client.get(page).status_code == 200
    sent = client.post(page, {"username": "hope", "shown_name": "Hope", "password": OWN})
    assert sent.headers["Location"] == "/set-up/"
    return client


def step(client: Client, slug: str, **typed):
    return client.post(f"/set-up/{slug}/", typed)


def do_until(client: Client, last: str) -> None:
    """Go through the steps up to and including one, as a founder would."""
    paper = to_paper(house_key()).split()
    answers = {
        "dangers": [{"facts": ["faith"], "keys": "here", "demands": "Call the director."}],
        "programme": [{"organisation": "Open Bench", "programme": "Bench", "zone": "Africa/Harare"}],
        "languages": [{"languages": "en, sn"}],
        "places": [{"name": "District", "code": "d1", "kind": "district"}],
        "people": [
            {"username": "dalia", "shown_name": "Dalia", "role": "supervisor", "team": "One", "phone": "1"},
            {"username": "amina", "shown_name": "Amina", "role": "worker", "team": "One"},
            {"username": "farai", "shown_name": "Farai", "role": "coordinator", "team": ""},
        ],
        "rota": [],
        "test": [],
        "paper": [{"group4": paper[3].lower(), "group11": paper[10]}],
        "phones": [{"do": "later"}],
    }
    for one in steps.STEPS:
        for typed in answers[one.slug]:
            answer = step(client, one.slug, **typed)
            assert answer.status_code in {200, 302}, (one.slug, answer.content.decode()[-1500:])
        if one.slug == "rota":
            fill_rota(client)
        if one.slug == "test":
            test_alert(client)
        assert one.done(), one.slug
        if one.slug == last:
            return


def fill_rota(client: Client) -> None:
    for name in ("farai", "dalia"):
        account = Account.objects.get(username=name)
        step(client, "rota", do="turn", account=str(account.id), days=["0", "1"], start="00:00", end="00:00")
    step(client, "rota", do="contact", contact="Clinic", number="0800 1")


def test_alert(client: Client) -> None:
    step(client, "test", do="send")
    for test in AlertTest.objects.exclude(account_id=None):
        person = Client()
        person.force_login(Account.objects.get(id=test.account_id))
        message = Message.objects.get(to_account=test.account_id, channel="page")
        Account.objects.filter(id=test.account_id).update(must_change=False)
        person.post(f"/account/alerts/{message.id}/")
    step(client, "test", do="called", test=str(AlertTest.objects.get(account_id=None).id))


test_alert.__test__ = False


def test_the_address_works_once(founder) -> None:
    assert not token.fits("anything")
    again = token.make()
    assert Client().get(f"/set-up/begin/{again}/").status_code == 404, "not once there is an account"


@pytest.mark.parametrize("text", ["", "x", "../keys"])
def test_a_wrong_address_opens_nothing(text) -> None:
    token.make()
    assert Client().get(f"/set-up/begin/{text or 'y'}/").status_code == 404


def test_the_founder_keeps_the_house_and_sees_no_person(founder) -> None:
    grant = Grant.objects.get()
    assert grant.role == "keeper"
    assert founder.get("/account/").status_code == 200


def test_all_the_way(founder) -> None:
    do_until(founder, "phones")
    assert value(FACTS) == {"faith": True, "ethnicity": False, "sexuality": False, "exact_location": False}
    assert value(LANGUAGES) == ["en", "sn"]
    programme = Programme.objects.get()
    assert programme.timezone == "Africa/Harare"
    assert value(EMERGENCY, programme.id) == "0800 1"
    assert rota.can_ask(True, programme.id)
    assert not site().ready
    founder.post("/set-up/")
    assert site().ready
    page = founder.get("/set-up/").content.decode()
    assert "No phone has opened this site over HTTPS yet" in page
    assert founder.get("/accounts/").headers["Location"] == "/account/second-step/", "from now on"


def test_it_is_taken_up_where_it_was_left(founder) -> None:
    do_until(founder, "languages")
    back = Client()
    back.force_login(Account.objects.get(username="hope"))
    assert '<a class="button" href="/set-up/places/">' in back.get("/set-up/").content.decode()


def test_it_does_not_end_before_somebody_answered(founder) -> None:
    do_until(founder, "rota")
    step(founder, "test", do="send")
    founder.post("/set-up/")
    assert not site().ready
    assert "no answer yet" in founder.get("/set-up/test/").content.decode()


def test_the_paper_is_compared_group_by_group(founder) -> None:
    do_until(founder, "test")
    paper = to_paper(house_key()).split()
    wrong = step(founder, "paper", group4=paper[3], group11="0000")
    assert wrong.status_code == 422
    assert paper[10] not in wrong.content.decode()
    assert not steps.named("paper")[1].done()


def test_a_phone_over_https_ends_it(founder, settings) -> None:
    do_until(founder, "paper")
    settings.ALLOWED_HOSTS = ["bench.example.org", "testserver"]
    step(founder, "phones", do="host", host="https://Bench.example.org/")
    assert "bench.example.org {" in (settings.HOME / "Caddyfile").read_text()
    assert (settings.HOME / "address").read_text().strip() == "https://bench.example.org"
    page = founder.get("/set-up/phones/").content.decode()
    there = re.search(r"https://bench\.example\.org(/set-up/phone/[^<]+)</bdi>", page)[1]
    phone = Client(headers={"host": "bench.example.org"})
    assert "Not yet" in phone.get(there).content.decode(), "without HTTPS it does not count"
    assert not value(HTTPS).get("opened")
    assert "It works" in phone.get(there, headers={"x-forwarded-proto": "https"}).content.decode()
    assert value(HTTPS)["opened"] is True
    assert phone.get("/set-up/phone/made-up/", headers={"x-forwarded-proto": "https"}).status_code == 404


@pytest.mark.parametrize("host", ["", "bench", "a b.org", "x.org{", "-a.org", "x..org"])
def test_a_name_that_is_no_name_is_not_written(founder, settings, host) -> None:
    do_until(founder, "programme")
    assert step(founder, "phones", do="host", host=host).status_code == 422
    assert not (settings.HOME / "Caddyfile").exists()


def test_the_configuration_keeps_no_log(settings) -> None:
    assert "output discard" in caddy.write("bench.example.org").read_text()


def test_a_step_that_does_not_fit_says_why_and_writes_nothing(founder) -> None:
    do_until(founder, "languages")
    assert step(founder, "places", name="", code="d1", kind="district").status_code == 422
    assert not Place.objects.exists()
    step(founder, "places", name="District", code="d1", kind="district")
    twice = step(founder, "places", name="Other", code="d1", kind="ward")
    assert twice.status_code == 422
    assert "already used" in twice.content.decode()


@pytest.mark.parametrize("name", ["amina", "dalia", "farai", "gloria"])
def test_only_a_keeper_gets_in(world, client, name) -> None:
    client.force_login(world.accounts[name])
    assert client.get("/set-up/").status_code == 403
    assert client.get("/set-up/dangers/").status_code == 403
    assert Client().get("/set-up/").status_code == 302
