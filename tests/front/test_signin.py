"""Signing in: one answer for every wrong try, a second step where the role needs one, the way back, leaving."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from kinweave.house import accounts, recovery
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.house.models import Account, Due, Grant, Recovery, Session
from kinweave.house.sequencer import site
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters(db):
    cache.clear()


def sign_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/sign-in/", {"login": name, "password": password})


def test_a_stolen_table_of_passwords_takes_long_to_guess(real_rounds) -> None:
    """OWASP, Password Storage Cheat Sheet (2023): at least 600,000 rounds of PBKDF2 with SHA-256."""
    assert get_hasher().algorithm == "pbkdf2_sha256"
    assert real_rounds >= 600_000


def code_now(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def with_codes(account: Account) -> str:
    """Give an account an app with codes; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    return secret


def site_is_ready() -> None:
    here = site()
    here.ready = True
    here.save()


def text_of(response) -> str:
    """The page's words without what differs by chance."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def test_someone_signs_in_and_out(world, client) -> None:
    assert sign_in(client, "amina").status_code == 302
    assert client.get("/account/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/account/").headers["Location"].startswith("/sign-in/")


def test_a_wrong_name_and_a_wrong_password_read_the_same(world, client) -> None:
    known = sign_in(client, "amina", "not the password")
    unknown = sign_in(Client(), "nobody-here", "not the password")
    assert known.status_code == unknown.status_code == 200
    assert text_of(known) == text_of(unknown)


def test_a_leaver_reads_the_same_as_a_wrong_password(world, client) -> None:
    wrong = sign_in(Client(), "amina", "not the password")
    accounts.leave(by=world.actor("hope"), account_id=world.accounts["amina"].id)
    assert text_of(sign_in(client, "amina")) == text_of(wrong)


def test_guessing_is_stopped_in_plain_words_and_only_for_that_name(world, client) -> None:
    for _ in range(6):
        last = sign_in(client, "amina", "a guess")
    assert last.status_code == 429
    assert "Wait 15 minutes" in last.content.decode()
    assert sign_in(client, "amina").status_code == 429, "the right password does not help while it is locked"
    assert sign_in(client, "baraka").status_code == 302


def test_the_lock_out_table_holds_no_name(world, client) -> None:
    from axes.models import AccessAttempt

    sign_in(client, "amina", "a guess")
    attempt = AccessAttempt.objects.get()
    assert "amina" not in f"{attempt.username} {attempt.get_data} {attempt.post_data}"


def test_nobody_signs_up(world, client) -> None:
    assert client.get("/account/signup/").status_code == 404
    assert client.get("/account/password/reset/").status_code == 404


def test_a_temporary_password_must_be_changed_first(world, client) -> None:
    made = accounts.make_account(by=world.actor("hope"), username="New.Hand", shown_name="New Hand")
    assert made.account.username == "new.hand"
    sign_in(client, "new.hand", made.password)
    assert client.get("/accounts/").headers["Location"] == "/account/password/"
    new = "four plain words here"
    client.post("/account/password/", {"oldpassword": made.password, "password1": new, "password2": new})
    made.account.refresh_from_db()
    assert not made.account.must_change
    assert sign_in(Client(), "new.hand", new).status_code == 302


def test_a_role_with_reach_needs_a_second_step_once_the_site_is_ready(world, client) -> None:
    site_is_ready()
    sign_in(client, "dalia")
    assert client.get("/accounts/").headers["Location"] == "/account/second-step/"
    with_codes(world.accounts["dalia"])
    assert client.get("/accounts/").status_code == 200
    worker = Client()
    sign_in(worker, "amina")
    assert worker.get("/accounts/").status_code == 403, "a worker needs none, and is stopped by the role alone"


def test_which_roles_need_it_is_a_setting(world, client) -> None:
    site_is_ready()
    change_setting(by=SYSTEM, key="house.second_step_roles", value=["worker"])
    sign_in(client, "amina")
    assert client.get("/").status_code == 302
    assert client.get("/accounts/").headers["Location"] == "/account/second-step/"


def test_the_codes_of_an_app_are_asked_for_and_guessing_them_is_stopped(world, client) -> None:
    secret = with_codes(world.accounts["amina"])
    assert secret not in Authenticator.objects.get().data["secret"], "sealed under the house key"
    assert sign_in(client, "amina").headers["Location"] == "/sign-in/second-step/"
    assert client.get("/account/").status_code == 302, "not in yet"
    for guess in range(20):
        client.post("/sign-in/second-step/", {"code": f"{guess:06d}"})
    client.post("/sign-in/second-step/", {"code": code_now(secret)})
    assert client.get("/account/").status_code == 302, "after twenty guesses in an hour even the right code waits"
    cache.clear()
    client.post("/sign-in/second-step/", {"code": code_now(secret)})
    assert client.get("/account/").status_code == 200


def test_someone_who_needs_a_second_step_keeps_the_last_one(world, client) -> None:
    site_is_ready()
    secret = with_codes(world.accounts["dalia"])
    sign_in(client, "dalia")
    client.post("/sign-in/second-step/", {"code": code_now(secret)})
    client.post("/account/confirm/", {"password": PASSWORD})
    client.post("/account/second-step/codes-app/end/", {})
    assert Authenticator.objects.filter(type="totp").exists()


def test_sessions_are_listed_and_ended_everywhere_else(world, client) -> None:
    other = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Firefox/140.0"})
    sign_in(client, "amina")
    sign_in(other, "amina")
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox, Android" in page
    assert Session.objects.filter(account_id=world.accounts["amina"].id).count() == 2
    client.post("/account/sessions/")
    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_a_leaver_loses_roles_sessions_and_tokens_and_leaves_duties_in_sight(world, client) -> None:
    amina = world.accounts["amina"]
    sign_in(client, "amina")
    Due.objects.create(id=world.district, kind="visit", who=amina.id, at=timezone.now())
    assert accounts.leave(by=world.actor("hope"), account_id=amina.id) == 1
    assert client.get("/account/").status_code == 302
    assert not Grant.objects.filter(account_id=amina.id, until=None).exists()
    assert [d.who for d in accounts.duties_left_behind(world.actor("dalia"))] == [amina.id]
    assert not accounts.duties_left_behind(world.actor("esi")).exists(), "another team's supervisor does not see it"


def test_only_a_keeper_makes_and_closes_accounts(world) -> None:
    from kinweave.house.access import NotAllowed

    for name in ("amina", "dalia", "farai", "gloria"):
        with pytest.raises(NotAllowed):
            accounts.make_account(by=world.actor(name), username="x", shown_name="X")
        with pytest.raises(NotAllowed):
            accounts.leave(by=world.actor(name), account_id=world.accounts["baraka"].id)
    with pytest.raises(accounts.NotYourself):
        accounts.leave(by=world.actor("hope"), account_id=world.accounts["hope"].id)


# -------------------------------------------------------------------------------------- the way back

NEW = "a quite new password"


def come_back(client: Client, name: str, code: str, step: str = ""):
    return client.post("/sign-in/back/", {"username": name, "code": code, "step": step, "password": NEW})


def test_the_way_back_with_ones_own_second_step(world, client) -> None:
    secret = with_codes(world.accounts["amina"])
    _, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    assert come_back(client, "amina", code).status_code == 422, "a code alone is not enough"
    assert come_back(client, "amina", code, code_now(secret)).status_code == 302
    assert sign_in(client, "amina", NEW).headers["Location"] == "/sign-in/second-step/"


def test_a_spare_code_also_confirms(world, client) -> None:
    with_codes(world.accounts["amina"])
    spare = RecoveryCodes.activate(world.accounts["amina"]).get_unused_codes()[0]
    _, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    assert come_back(client, "amina", code, spare).status_code == 302


def test_the_way_back_with_a_second_person(world, client) -> None:
    row, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    with pytest.raises(recovery.NotTheSamePerson):
        recovery.confirm(by=world.actor("dalia"), recovery_id=row.id)
    with pytest.raises(accounts.NoSuchAccount):
        recovery.confirm(by=world.actor("esi"), recovery_id=row.id)
    recovery.confirm(by=world.actor("farai"), recovery_id=row.id)
    assert come_back(client, "amina", code).status_code == 302
    assert sign_in(client, "amina", NEW).status_code == 302
    assert come_back(Client(), "amina", code).status_code == 422, "a code works once"


def test_a_lost_second_step_needs_a_second_person_and_is_forgotten(world, client) -> None:
    secret = with_codes(world.accounts["amina"])
    row, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id, lost_step=True)
    assert come_back(client, "amina", code, code_now(secret)).status_code == 422
    recovery.confirm(by=world.actor("hope"), recovery_id=row.id)
    assert come_back(client, "amina", code).status_code == 302
    assert not Authenticator.objects.exists()


def test_a_code_is_short_lived_and_five_wrong_tries_end_it(world, client) -> None:
    row, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    recovery.confirm(by=world.actor("hope"), recovery_id=row.id)
    for _ in range(5):
        come_back(client, "amina", "0000000000")
    assert come_back(client, "amina", code).status_code == 422
    row, code = recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    recovery.confirm(by=world.actor("hope"), recovery_id=row.id)
    Recovery.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert come_back(client, "amina", code).status_code == 422


def test_the_way_back_tells_nothing_about_names(world, client) -> None:
    recovery.start(by=world.actor("dalia"), account_id=world.accounts["amina"].id)
    known, unknown = come_back(client, "amina", "0" * 10), come_back(Client(), "nobody", "0" * 10)
    assert text_of(known) == text_of(unknown)


def test_nobody_helps_beyond_their_reach(world) -> None:
    for helper, person in (("dalia", "chipo"), ("dalia", "farai"), ("farai", "hope"), ("dalia", "esi")):
        with pytest.raises(accounts.NoSuchAccount):
            recovery.start(by=world.actor(helper), account_id=world.accounts[person].id)


@pytest.mark.parametrize("name", ["amina", "dalia", "farai", "gloria", "hope"])
def test_accounts_pages_by_role(world, client, name) -> None:
    client.force_login(world.accounts[name])
    may = {"dalia": 200, "farai": 200, "hope": 200}.get(name, 403)
    assert client.get("/accounts/").status_code == may
    assert client.get("/accounts/new/").status_code == (200 if name == "hope" else 403)
    there = client.get(f"/accounts/{world.accounts['baraka'].id}/").status_code
    assert there == (200 if name in {"dalia", "farai", "hope"} else 404)


def test_a_keeper_makes_an_account_and_gives_it_a_role(world, client) -> None:
    client.force_login(world.accounts["hope"])
    made = client.post("/accounts/new/", {"username": "zuri", "shown_name": "Zuri", "language": "en"})
    zuri = Account.objects.get(username="zuri")
    password = re.search(r"<bdi>([a-z]+(?:-[a-z]+){3}-\d\d)</bdi>", made.content.decode())
    assert password
    assert zuri.check_password(password[1])
    client.post(f"/accounts/{zuri.id}/role/", {"role": "worker", "team_id": str(world.teams[0])})
    grant = Grant.objects.get(account_id=zuri.id)
    assert (grant.role, grant.team_id, grant.organisation_id) == ("worker", world.teams[0], world.organisation)
    client.post(f"/accounts/{zuri.id}/role/", {"end": str(grant.id)})
    assert not Grant.objects.filter(account_id=zuri.id, until=None).exists()
