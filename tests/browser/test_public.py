"""The public pages in a real browser: on a small phone, in the dark, right to left, by keyboard, without scripts."""

from __future__ import annotations

import re

import pytest

from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from tests.published.make import draft, read
from tests.published.test_releases import publish
from tests.world import PASSWORD, make_world

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = "It waits for the others now."
SLOW = 6  # seconds that two signatures and their printed files may take on a busy machine


@pytest.fixture
def world(transactional_db):
    return make_world()


@pytest.fixture
def shelf(world):
    """A published report about 400 people, and whom to call; its address."""
    change_setting(by=SYSTEM, key="house.emergency", value="0800 000 111")
    return f"/report/{publish(world)['slug']}/"


LOOKS = {
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "dark": {"color_scheme": "dark"},
    "arabic": {"locale": "ar"},
    "arabic-phone-dark": {
        "locale": "ar", "color_scheme": "dark", "viewport": {"width": 320, "height": 640}, "is_mobile": True,
        "has_touch": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_the_report_fits_every_reader(new_page, site, shelf, axe, shot, look):
    page = new_page(**LOOKS[look])
    page.goto(site + shelf)
    for summary in page.locator("details > summary").all():
        summary.click()
    axe(page)
    shot(page, f"public-report-{look}")
    wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert wide <= 0, "the page scrolls sideways"
    cut = "tables => tables.filter(t => t.scrollWidth > t.clientWidth).map(t => t.innerText)"
    assert page.locator("#groups .table-wrap").evaluate_all(cut) == [], "a column is out of sight"
    assert page.locator("html").get_attribute("dir") == ("rtl" if "arabic" in look else "ltr")
    assert page.locator(".dots svg[role=img]").first.is_visible()


@pytest.mark.parametrize("look", ["phone", "arabic"])
def test_the_front_door_and_the_list(new_page, site, shelf, axe, shot, look):
    page = new_page(**LOOKS[look])
    page.goto(site + "/")
    axe(page)
    shot(page, f"public-home-{look}")
    page.locator(f'a[href="{shelf}"]').first.click()
    page.locator('a[href="/report/"]').first.click()
    axe(page)
    shot(page, f"public-list-{look}")


def test_the_other_language_and_back_by_a_link(page, site, shelf):
    page.goto(site + shelf)
    page.get_by_role("link", name="العربية").click()
    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.get_by_text("ترجمة غير مراجعة").is_visible()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_it_works_without_scripts(new_page, site, shelf):
    page = new_page(java_script_enabled=False)
    page.goto(site + shelf)
    assert page.get_by_role("heading", level=1).is_visible()
    page.get_by_role("link", name="Read aloud").click()
    assert page.url.endswith("/read.txt?language=en")
    assert "Of ten people who started" in page.content()


def test_quick_exit_leaves_and_is_not_in_the_history(page, site, shelf):
    page.route(re.compile(r"wikipedia"), lambda route: route.fulfill(body="somewhere else"))
    page.goto(site + "/welcome/")
    page.goto(site + shelf)
    page.get_by_role("link", name="Quick exit").click()
    page.wait_for_url(re.compile("wikipedia"))
    page.go_back()
    assert "/report/" not in page.url


def test_the_first_visit_asks_for_little(new_page, site, shelf):
    """All bytes of the first visit, as the server sends them, stay under 150 kB."""
    page, sizes = new_page(), {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    page.goto(site + shelf, wait_until="networkidle")
    assert sum(sizes.values()) <= 150_000, sizes


def sign_in(page, site, name):
    page.goto(site + "/sign-in/")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.locator('input[type="password"]').fill(PASSWORD)
    page.locator('main button[type="submit"], main button.button').first.click()
    page.wait_for_url(re.compile(r"/(today|account|$)"))


def test_two_people_carry_a_draft_to_the_public_page(new_page, site, world, axe, shot):
    made = draft(world)
    read(world, made["release"])
    for name, after in (("gloria", WAITS), ("imani", WAITS), ("farai", "Anyone can read it now.")):
        page = new_page()
        sign_in(page, site, name)
        page.goto(f"{site}/releases/")
        axe(page)
        shot(page, f"desk-releases-{name}")
        page.locator("main a[href*='/releases/']", has_text="Ward 1").click()
        axe(page)
        shot(page, f"desk-release-{name}")
        page.get_by_label("I have read all of it").check()
        page.get_by_role("button", name=re.compile("^Sign( for them)?$")).click()
        page.get_by_text(after).wait_for(timeout=SLOW * 1000)
    visitor = new_page()
    visitor.goto(f"{site}/report/{made['slug']}/")
    assert visitor.get_by_text("Many of us sleep again.").is_visible()
