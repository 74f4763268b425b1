"""Every screen of the phone in every look: small and wide, light and dark, English and Arabic; nothing spills."""

from __future__ import annotations

from typing import Any

import pytest

from kinweave.gather.actions import add_circle
from tests.browser import phone_day as day
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL
from tests.care_world import asking, started

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = {"viewport": {"width": 1280, "height": 900}}
LOOKS = [
    ({**day.SMALL}, "small", "en"),
    ({**day.SMALL, "color_scheme": "dark", "locale": "ar"}, "small-dark-arabic", "ar"),
    ({**WIDE, "locale": "ar"}, "wide-arabic", "ar"),
    ({**WIDE, "color_scheme": "dark"}, "wide-dark", "en"),
]
BOTH = TARGETS + ", .places a, .task .do, .person-row, .tall, .skip:focus"
# The screens, by what leads to them: an address where {one} is a person's number of this hour.
SCREENS = (
    "today", "people", "person/{one}", "new", "consent/{one}", "consent/{one}/1", "ask/{one}", "ask/{one}/{key}",
    "asking/{one}/{key}", "asking/{one}/{key}/look", "card/{one}", "note/{one}", "tell/{one}", "goal/{one}",
    "contact/{one}", "move/{one}", "referral/{one}", "circle", "hours", "here", "decide", "carry", "more",
)  # fmt: skip
KEY = "how-you-have-been-9"


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    made = asking(make_world())
    add_circle(
        by=made.actor("dalia"), name="The bench circle", organisation_id=made.organisation, team_id=made.teams[0]
    )
    return made


# The texts of the screens in Arabic differ; what is clicked here is found by its form.
SET_UP = """([own]) => {
  document.querySelector('#i-label').value = 'A.';
  document.querySelector('[name=whose][value=own]').click();
  document.querySelector('#i-own').value = own;
  document.querySelector('[name=noted]').click();
  document.querySelector('form[data-do=register] .button').click();
}"""
NUMBER = """async () => {
  const base = `/phone/v/${document.documentElement.dataset.version}/phone/app/`;
  const [{now}, {href}] = await Promise.all([import(base + 'session.js'), import(base + 'route.js')]);
  return href('person', [...now.people.keys()][0]).split('/').pop();
}"""


@pytest.mark.parametrize(("options", "look", "language"), LOOKS, ids=[look for _, look, _ in LOOKS])
def test_every_screen_in_every_look(world, new_page, site, axe, shot, options, look, language):
    started(world, alias="Rudo")
    page = new_page(**options)
    page.goto(f"{site}/phone/")
    page.get_by_role("heading", level=1).wait_for()
    check(page, f"setup-{look}", language, axe, shot)
    day.sign_in(page, world, "amina", site)
    page.evaluate(SET_UP, [day.OWN])
    page.locator(".task").first.wait_for(timeout=day.LONG)
    one = page.evaluate(NUMBER)
    for address in SCREENS:
        if address == "asking/{one}/{key}":
            page.locator("form[data-do=begin] .button").click()
        else:
            page.evaluate("hash => { location.hash = hash }", "/" + address.format(one=one, key=KEY))
        page.wait_for_timeout(250)
        check(page, f"{address.format(one='', key='').strip('/').replace('/', '-')}-{look}", language, axe, shot)
    page.locator("[data-frame=lock]").click()
    page.locator("#i-passphrase").wait_for()
    check(page, f"unlock-{look}", language, axe, shot)


def check(page: Any, name: str, language: str, axe: Any, shot: Any) -> None:
    page.wait_for_timeout(100)
    assert page.get_by_role("heading", level=1).count() == 1, name
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr"), name
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    day.whole(page, lambda: shot(page, f"phone-{name}"))
    assert page.evaluate(SPILLS) == [], name
    assert page.evaluate(
        "document.getElementById('main').scrollWidth <= document.getElementById('main').clientWidth"
    ), name
    assert page.evaluate(TOO_SMALL, BOTH) == [], name
    axe(page)
