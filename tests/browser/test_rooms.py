"""Circles, referrals, stories and hours in a real browser: a small phone, axe, Arabic, by a worker's own hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from kinweave.connect.actions import draft_referral
from kinweave.gather.actions import add_circle, record_circle_meeting
from kinweave.gather.models import Meeting
from kinweave.listen.actions_stories import agree_story, record_story
from kinweave.listen.models import Story
from kinweave.team.actions import record_hours
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL
from tests.care_world import asking, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return asking(make_world())


@pytest.fixture
def open_as(world, new_page, site) -> Callable[..., Any]:
    """A page on which someone of the world is signed in."""

    def open_page(name: str, **options: Any) -> Any:
        page = new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": session_of(world, name), "url": site}])
        return page

    return open_page


def lived_in(world) -> dict:
    by = world.actor("amina")
    circle = add_circle(
        by=by, name="Sewing on Thursday", organisation_id=world.organisation, team_id=world.teams[0],
        begun_on=date(2026, 1, 1), weekday=4, rules="We listen.\nWe go home in time.", with_aliases=True,
    ).result["circle"]  # fmt: skip
    record_circle_meeting(
        by=by, circle_id=circle, on=date(2026, 1, 8), head_count=12, new_count=3, kinds={"women": 11, "men": 1},
        aliases=["Rudo", "Tendai"],
    )  # fmt: skip
    person = world.person(alias="Rudo")
    asked = {"need": "health", "consent_items": ["alias", "contact"]}
    made = draft_referral(by=by, person_id=person, to="The clinic behind the mill", agreed=True, **asked)
    draft_referral(by=by, person_id=person, to="The office of land and papers, second floor", **asked)
    record_hours(by=by, on=date.today(), minutes=90, kind="travel", paid=False, note="on foot")  # noqa: DTZ011
    told = {"text": "I go to the well with the others again.\nI sleep.", "language": "en"}
    story = record_story(by=by, person_id=person, **told).result["story"]
    record_story(by=by, person_id=person, **told)
    mark = Story.objects.get(id=story).mark
    agree_story(by=by, person_id=person, story_id=story, mark=mark, given=True)
    return {"circle": circle, "person": person, "referral": made.result["referral"], "story": story}


PAGES = [
    ("circles", []), ("circle-new", []), ("circle", ["circle"]), ("circle-meeting", ["circle"]),
    ("circle-end", ["circle"]), ("person-referrals", ["person"]), ("referral-new", ["person"]),
    ("referral-agreed", ["person", "referral"]), ("hours", []),
    ("person-stories", ["person"]), ("story-new", ["person"]), ("story-agreed", ["person", "story"]),
]  # fmt: skip


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
def test_every_page_fits_a_small_phone_and_passes_axe(world, open_as, site, axe, shot, locale):
    ids = lived_in(world)
    phone = open_as("amina", viewport={"width": 320, "height": 640}, locale=locale)
    for name, wanted in PAGES:
        phone.goto(site + reverse(name, args=[ids[one] for one in wanted]))
        assert phone.evaluate(SPILLS) == [], name
        assert phone.evaluate(TOO_SMALL, TARGETS) == [], name
        axe(phone)
        shot(phone, f"rooms-{name}-{locale[:2]}")


def test_a_circle_is_begun_and_met_from_the_menu(open_as, site):
    page = open_as("amina")
    page.goto(site + reverse("today"))
    page.get_by_role("link", name="Circles").click()
    page.get_by_role("link", name="A new circle").click()
    page.get_by_label("What it is called").fill("Under the fig")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="It met").click()
    page.get_by_label("How many came").fill("9")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("9 came").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("No meeting yet").wait_for()
    assert Meeting.objects.get().undone_at is not None
