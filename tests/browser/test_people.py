"""Today, people, one person and their own page in a real browser: small and wide, light and dark, both directions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import move_on, note_session, open_risk, set_goal
from kinweave.listen.actions import record_response, switch_instrument
from kinweave.people.actions import (
    add_contact,
    add_tie,
    contest_record,
    make_own_link,
    merge_persons,
    register_person,
)
from kinweave.people.actions.records import digest_of
from kinweave.people.models import Consent, Person
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL

pytestmark = pytest.mark.django_db(transaction=True)
SMALL, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
# Each page is seen small in Arabic and dark, small in English, wide in light and wide in dark.
LOOKS = [(SMALL, "dark", "ar"), (SMALL, "light", "en"), (WIDE, "light", "en"), (WIDE, "dark", "en")]
TOKEN = "aToken_of-the-length-that-is-made"


@pytest.fixture
def village(world):
    """A worker with people at several points of their way; one of them with a year of answers."""
    amina = world.actor("amina")
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    people = [world.person(alias=name) for name in ("Rudo", "Tendai", "Kudzai", "Nyasha", "Farisai", "Tendayi")]
    for person in people[:4]:
        for move in ("consent", "tell", "wait", "start"):
            move_on(by=amina, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    move_on(by=amina, person_id=people[4], move="consent")
    rudo = people[0]
    for days, level in ((180, 3), (120, 2), (60, 2), (2, 1)):
        taken = timezone.localdate() - timedelta(days=days)
        answers = {f"q{n}": level for n in range(1, 9)} | {"q9": 0}
        record_response(by=amina, person_id=rudo, instrument="phq-9", answers=answers, taken_on=taken)
    set_goal(by=amina, person_id=rudo, text="Sell tomatoes at the market again")
    add_contact(
        by=amina, person_id=rudo, kind="phone", value="+263 77 123 456", allowed="message", who_answers="her sister",
        cover="I am writing about the vegetable garden.",
    )  # fmt: skip
    add_tie(by=amina, person_id=rudo, kind="family", name="Gogo")
    soon = timezone.now() + timedelta(hours=3)
    note_session(by=amina, person_id=rudo, held=True, mood="easier", homework="done", next_at=soon, note="A good day.")
    note_session(by=amina, person_id=people[2], held=False, missed_reason="transport")
    open_risk(by=amina, person_id=people[1], kinds=["other"], urgency="now")
    contest_record(by=_self(rudo), person_id=rudo, text="I never lived in Ward 1.")
    twin = register_person(by=amina, organisation_id=world.organisation, team_id=world.teams[0], alias="Kudzayi")
    merge_persons(by=world.actor("dalia"), person_id=twin.result["person"], into_id=people[2])
    make_own_link(by=world.actor("dalia"), person_id=rudo, token_digest=digest_of(TOKEN))
    return people


def _self(person):
    from kinweave.house.access import Actor

    return Actor(None, kind="person", person_id=person)


def signed_in(page, site, account) -> None:
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}])


def seen_in_all_looks(page, url, name, axe, shot, site) -> None:
    for number, (size, theme, language) in enumerate(LOOKS):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
        page.goto(site + url)
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.evaluate(SPILLS) == [], f"{name} spills at {size['width']}"
        assert page.evaluate(TOO_SMALL, TARGETS) == []
        if number in {0, 2}:
            axe(page)
        shot(page, f"people-{name}-{size['width']}-{theme}-{language}")


PAGES = {
    "amina": ("today", "people", "people-find", "person-new", "people-need", "person", "person-happened", "person-held",
              "person-consents", "consent-new", "consent-withdraw", "contact-new", "person-change"),
    "dalia": ("today", "people", "people-same", "people-compare", "person-looked", "link-new", "contests",
              "person-assign"),
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES)
def test_the_pages_of_the_desk_in_all_their_looks(who, village, world, new_page, site, axe, shot):
    rudo = village[0]
    args = {
        "people-compare": [village[1], village[5]],
        "consent-withdraw": [rudo, Consent.objects.get(person_id=rudo, purpose="care").id],
    }
    about = {"person", "person-happened", "person-held", "person-consents", "consent-new", "contact-new",
             "person-change", "person-looked", "link-new", "person-assign"}  # fmt: skip
    page = new_page()
    signed_in(page, site, world.accounts[who])
    for name in PAGES[who]:
        url = reverse(name, args=args.get(name, [rudo] if name in about else []))
        seen_in_all_looks(page, url, f"{who}-{name}", axe, shot, site)


def test_someone_new_from_the_list_to_their_page_without_script(village, world, new_page, site, axe, shot):
    page = new_page(java_script_enabled=False)
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + "/people/")
    page.get_by_role("link", name="Someone new").click()
    page.get_by_role("button", name="Save").click()
    assert "Nothing is lost" in page.locator("#problems").inner_text()
    page.get_by_label("What to call them").fill("Chenai")
    page.get_by_label("Year of birth").fill("1975")
    page.get_by_role("group", name="To accompany you").get_by_label("Yes").check()
    page.get_by_role("group", name="To learn from, without your name").get_by_label("No").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Chenai"
    assert page.title() == "A person · Kinweave"
    assert Person.objects.get(birth_year=1975).state == "consented"


def test_a_search_keeps_the_name_out_of_the_address(village, world, new_page, site, axe, shot):
    page = new_page()
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + "/people/")
    page.get_by_label("Name, alias or code").fill("tendayi")
    page.get_by_role("button", name="Find").click()
    assert page.get_by_role("link", name="Tendai", exact=True).count() == 1
    assert "tend" not in page.url.lower()
    axe(page)
    shot(page, "people-found")


def test_the_own_page_opens_from_the_code_and_closes(village, world, new_page, site, axe, shot):
    rudo = village[0]
    desk = new_page()
    signed_in(desk, site, world.accounts["dalia"])
    desk.goto(site + reverse("link-new", args=[rudo]))
    desk.get_by_label("I show it to them here").check()
    desk.get_by_role("button", name="Make the link").click()
    link = desk.get_by_label("The link", exact=True).input_value()
    axe(desk)
    shot(desk, "people-link-shown")
    own = new_page(viewport=SMALL)
    own.goto(link)
    shot(own, "own-open")
    axe(own)
    own.get_by_role("button", name="Open").click()
    assert own.url == site + "/mine/"
    seen_in_all_looks(own, "/mine/", "own", axe, shot, site)
    own.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": site}])
    own.goto(site + "/mine/")
    own.get_by_role("link", name="Take it back").first.click()
    axe(own)
    own.get_by_role("button", name="Take it back").click()
    own.get_by_role("button", name="Close it now").click()
    axe(own)
    own.go_back()
    own.goto(site + "/mine/")
    assert "This page is closed" in own.content()
