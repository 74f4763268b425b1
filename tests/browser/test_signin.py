"""Signing in in a real browser: a passkey, an app with codes, and a form that outlives its session."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from kinweave.house.models import Account, Session
from tests.world import PASSWORD, make_world


@pytest.fixture
def world(transactional_db):
    cache.clear()
    return make_world()


@pytest.fixture
def here(site: str) -> str:
    """Passkeys belong to a name, not to an address of numbers."""
    return site.replace("127.0.0.1", "localhost")


def sign_in(page, here: str, name: str) -> None:
    page.goto(here + "/sign-in/")
    page.get_by_label("Your sign-in name").fill(name)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page) -> None:
    """A change of how one signs in asks for the password once more."""
    page.get_by_role("heading", name="Is it you?").wait_for()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def virtual_device(page) -> None:
    """A device with a lock of its own, as phones and computers have one."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_signs_in_without_a_password(world, page, here, axe, shot) -> None:
    virtual_device(page)
    page.goto(here + "/sign-in/")
    axe(page)
    shot(page, "sign-in")
    sign_in(page, here, "amina")
    page.goto(here + "/account/second-step/")
    axe(page)
    shot(page, "second-step")
    page.get_by_role("link", name="Add a passkey").click()
    axe(page)
    confirm(page)
    page.get_by_role("heading", name="Add a passkey").wait_for()
    axe(page)
    page.get_by_label("What do you call this device?").fill("My phone")
    page.get_by_role("button", name="Add this device").click()
    page.get_by_role("heading", name="Spare codes").wait_for()
    axe(page)
    assert Authenticator.objects.filter(type="webauthn", user=world.accounts["amina"]).count() == 1
    page.goto(here + "/account/second-step/passkeys/")
    assert page.get_by_role("heading", name="My phone").is_visible()
    axe(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(here + "/account/")
    assert page.locator("dd", has_text="amina").first.is_visible()


def test_a_passkey_is_also_the_second_step(world, page, here) -> None:
    virtual_device(page)
    sign_in(page, here, "amina")
    page.goto(here + "/account/second-step/passkeys/new/")
    confirm(page)
    page.get_by_label("Sign in with it alone, without a password").uncheck()
    page.get_by_role("button", name="Add this device").click()
    page.get_by_role("heading", name="Spare codes").wait_for()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, here, "amina")
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(here + "/account/")
    assert page.get_by_role("heading", name="My account").is_visible()


def test_an_app_with_codes(world, page, here, axe, shot) -> None:
    sign_in(page, here, "amina")
    page.goto(here + "/account/second-step/codes-app/")
    confirm(page)
    page.get_by_label("The six digits").wait_for()
    axe(page)
    shot(page, "codes-app")
    secret = page.locator("main code").first.inner_text().strip()
    page.get_by_label("The six digits").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("heading", name="Spare codes").wait_for()
    spare = page.locator("main li code").first.inner_text().strip()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, here, "amina")
    page.get_by_role("heading", name="Second step").wait_for()
    axe(page)
    shot(page, "second-step-asked")
    page.get_by_label("A code from your app, or a spare code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("A code from your app, or a spare code").fill(spare)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(here + "/account/")
    assert page.get_by_role("heading", name="My account").is_visible()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_form_outlives_its_session(world, page, here, axe, shot) -> None:
    sign_in(page, here, "hope")
    page.goto(here + "/accounts/new/")
    page.get_by_label("Name to sign in with").fill("zuri")
    page.get_by_label("Name that colleagues see").fill("Zuri أمينة")
    page.get_by_role("combobox", name="Language").select_option("ar")
    Session.objects.all().delete()
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url("**/sign-in/?**")
    assert page.get_by_text("Nothing you typed is lost").is_visible()
    axe(page)
    shot(page, "signed-out-in-a-form")
    page.get_by_label("Your sign-in name").fill("hope")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/accounts/new/?kept=**")
    assert page.get_by_label("Name to sign in with").input_value() == "zuri"
    assert page.get_by_label("Name that colleagues see").input_value() == "Zuri أمينة"
    assert page.get_by_role("combobox", name="Language").input_value() == "ar"
    axe(page)
    shot(page, "form-brought-back")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("heading", name="The account is made").wait_for()
    assert Account.objects.filter(username="zuri").exists()


def test_guessing_ends_on_a_plain_page(world, page, here, axe) -> None:
    for _ in range(6):
        page.goto(here + "/sign-in/")
        page.get_by_label("Your sign-in name").fill("amina")
        page.get_by_label("Your password").fill("a guess")
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Wait a little").wait_for()
    axe(page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_an_account_on_a_small_phone(world, phone, here, axe, shot, language) -> None:
    sign_in(phone, here, "hope")
    phone.context.add_cookies([{"name": "django_language", "value": language, "url": here}])
    hope, amina = (world.accounts[name].id for name in ("hope", "amina"))
    pages = [
        "/account/", "/account/sessions/", "/account/tokens/", "/account/alerts/", "/account/password/",
        "/accounts/", "/accounts/new/", f"/accounts/{amina}/", f"/accounts/{hope}/", "/set-up/", "/set-up/dangers/",
        "/set-up/programme/", "/set-up/languages/", "/set-up/places/", "/set-up/people/", "/set-up/rota/",
        "/set-up/test/", "/set-up/paper/", "/set-up/phones/",
    ]  # fmt: skip
    for where in pages:
        answer = phone.goto(here + where)
        assert answer is not None
        assert answer.status == 200, where
        axe(phone)
        wide = phone.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{where} is {wide} px wide"
        shot(phone, f"account-{language}{re.sub('[0-9a-f-]{36}', 'one', where).strip('/').replace('/', '-')}")
