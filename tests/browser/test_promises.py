"""The register of promises and its part of a report in a real browser: a small phone, axe, Arabic, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from kinweave.decide.actions import ask_owner, write_reply
from kinweave.learn.promised import frozen
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL
from tests.care_world import session_of
from tests.decide.test_promises import ago, promise
from tests.learn.test_promised import ALL, DAY
from tests.published.test_releases import publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return make_world()


@pytest.fixture
def phone(world, new_page, site):
    def opened(name: str = "", **options: Any) -> Any:
        page = new_page(viewport={"width": 320, "height": 640}, **options)
        if name:
            page.context.add_cookies([{"name": "sessionid", "value": session_of(world, name), "url": site}])
        return page

    return opened


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
def test_every_page_fits_a_small_phone_and_passes_axe(world, phone, site, axe, shot, locale):
    row = promise(world, owner="The office for houses and land of the whole of the district", due=200)
    promise(world, what={"ar": "باب أوسع"}, due=-5)
    ask_owner(by=world.actor("farai"), promise_id=row, on=ago(30))
    write_reply(by=world.actor("farai"), promise_id=row, on=ago(20), reply={"en": "The money came late.\nIn spring."})
    slug = publish(world, promises=frozen(ALL, DAY, 90))["slug"]
    page = phone("gloria", locale=locale)
    for name, args in (("promises", []), ("promise-new", []), ("promise", [row]), ("report", [slug])):
        page.goto(site + reverse(name, args=args))
        assert page.evaluate(SPILLS) == [], name
        assert page.evaluate(TOO_SMALL, TARGETS) == [], name
        axe(page)
        shot(page, f"promises-{name}-{locale[:2]}")


def test_it_was_kept_without_scripts(world, phone, site):
    promise(world)
    page = phone("gloria", java_script_enabled=False)
    page.goto(site + reverse("promises"))
    page.get_by_role("link", name="Mend the roof of the hall").click()
    page.get_by_text("It was kept").first.click()
    page.get_by_label("What shows that it was kept").fill("The roof is tight")
    page.get_by_role("button", name="It was kept").click()
    page.get_by_text("Written down: it was kept.").wait_for()
    page.get_by_text("Kept late").wait_for()
