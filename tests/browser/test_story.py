"""One person's story, all the way to what anyone may read: registered, asked in her own language, kept safe,
accompanied, asked again, counted without being seen. The clock travels; everything else is real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from kinweave.care.actions import move_on, note_session
from kinweave.care.models import Risk, Session
from kinweave.house.access import SYSTEM
from kinweave.house.actions import count_place
from kinweave.learn.release import draft
from kinweave.listen.actions import record_response
from kinweave.listen.models import Response
from kinweave.people.models import Person
from tests.browser.test_people import signed_in
from tests.care_world import asking
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "how-you-have-been-9"
MET = datetime(2026, 1, 15, 9, tzinfo=UTC)
AGAIN = MET + timedelta(days=92)
REPORTED = MET + timedelta(days=250)
WAITS = "It waits for the others now."
PERIOD = 20261  # the first quarter
OTHERS = 60


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MET, tick=True) as traveller:
        yield traveller


@pytest.fixture
def world(transactional_db, clock) -> World:
    return asking(make_world())


@pytest.fixture
def neighbours(world):
    """Sixty others who came in the same weeks, without whom nobody could be counted."""
    by = world.actor("amina")
    people = []
    for number in range(OTHERS):
        person = world.person(
            alias=f"N{number}", gender="woman" if number % 4 else "man", birth_year=1950 + number % 50
        )
        for move in ("consent", "tell", "wait", "start"):
            move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
        note_session(by=by, person_id=person, held=True)
        answer(by, person, number, 2)
        people.append(person)
    for year in (2025, 2026):
        count_place(by=SYSTEM, place_id=world.wards[0], year=year, population=5_000)
    return people


def answer(by, person, number, level):
    """A form of one's own: no two alike on one day, or they would be taken for copies."""
    answers = {f"q{n}": level + (number >> (n - 1) & 1) for n in range(1, 9)} | {"q9": 0}
    record_response(by=by, person_id=person, instrument="phq-9", answers=answers)


def test_from_the_first_meeting_to_the_public_report(world, neighbours, clock, new_page, site, shot):
    person = she_is_welcomed(new_page(), site, world)
    she_is_asked_in_arabic(new_page(viewport={"width": 360, "height": 740}), site, world, person, shot)
    her_alert_is_answered(new_page(), site, world, person)
    she_is_accompanied(new_page(), site, world, person)
    clock.move_to(AGAIN)
    she_is_asked_again(new_page(), site, world, person)
    for number, other in enumerate(neighbours[:48]):  # most feel better, some the same, twelve are not reached
        answer(world.actor("amina"), other, number, 0 if number < 34 else 2)
    clock.move_to(REPORTED)
    slug = two_people_sign(new_page, site, world)
    anyone_reads(new_page(), site, slug, shot)


def she_is_welcomed(page, site, world):
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + "/people/")
    page.get_by_role("link", name="Someone new").click()
    page.get_by_label("What to call them").fill("Zuhura of the well")
    page.get_by_label("Year of birth").fill("1975")
    page.get_by_role("group", name="To accompany you").get_by_label("Yes").check()
    page.get_by_role("group", name="To learn from, without your name").get_by_label("Yes").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Zuhura of the well"
    return Person.objects.get(state="consented").id


def she_is_asked_in_arabic(page, site, world, person, shot):
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + reverse("ask-begin", args=[person, KEY]))
    page.locator("input[name=language][value=ar]").check()
    page.get_by_label("One question at a time").check()
    page.get_by_role("button", name="Begin").click()
    shot(page, "story-question")
    for number in range(1, 10):
        page.locator(f"input[type=radio][value='{2 if number < 9 else 1}']").check()
        if number < 9:
            page.get_by_role("button", name="Next").click()
    # The card opens by itself as soon as the answer is touched, before "Next".
    page.get_by_role("link", name="Go on with the questions").click(timeout=30_000)
    page.get_by_role("button", name="Save the answers").click()
    page.wait_for_load_state()
    assert Response.objects.filter(person_id=person, complete=True, superseded_by=None).get().language == "ar"
    assert Risk.objects.filter(person_id=person).count() == 1


def her_alert_is_answered(page, site, world, person):
    risk = Risk.objects.get(person_id=person)
    signed_in(page, site, world.accounts["dalia"])
    page.goto(site + "/today/")
    assert page.get_by_text("Zuhura of the well").first.is_visible()
    page.goto(site + reverse("risk", args=[risk.id]))
    page.locator("form[action$='/taken/'] button").first.click()
    page.wait_for_load_state()
    step(page, "Write it down")
    step(page, "Keep the plan", plan="Her sister keeps the medicine. She calls Amina first.")
    step(page, "Close", debriefed=True)
    risk.refresh_from_db()
    assert risk.state == "closed"


def she_is_accompanied(page, site, world, person):
    for move in ("wait", "start"):
        move_on(by=world.actor("amina"), person_id=person, move=move)
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + reverse("note-session", args=[person]))
    for what in ("Yes", "Done", "A little easier", "Same day next week"):
        page.locator("label.choice", has_text=what).first.click()
    page.get_by_role("group", name="Are you worried").locator("label.choice", has_text="No").click()
    page.get_by_role("button", name="Save the note").click()
    page.wait_for_url(site + reverse("person", args=[person]))
    assert Session.objects.filter(person_id=person, held=True).count() == 1


def she_is_asked_again(page, site, world, person):
    signed_in(page, site, world.accounts["amina"])
    page.goto(site + reverse("paper-type", args=[person, KEY]))
    page.keyboard.type("B-3")
    page.locator("#digit_q1").focus()
    page.keyboard.type("010010000")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The next sheet").wait_for()
    assert Response.objects.filter(person_id=person, complete=True, superseded_by=None).count() == 2


def two_people_sign(new_page, site, world):
    made = draft(world.wards[0], PERIOD, world.actor("gloria"), today=REPORTED.date())
    writer = new_page()
    signed_in(writer, site, world.accounts["gloria"])
    writer.goto(site + reverse("release", args=[made["release"]]))
    writer.locator("textarea").nth(0).fill("We sat under the tree. Many of us sleep again.")
    writer.locator("textarea").nth(1).fill("We did not reach all.")
    writer.locator("form[action$='/reading/'] button").first.click()
    writer.wait_for_load_state()
    for name, after in (("gloria", WAITS), ("imani", WAITS), ("farai", "Anyone can read it now.")):
        page = new_page()
        signed_in(page, site, world.accounts[name])
        page.goto(site + reverse("release", args=[made["release"]]))
        page.get_by_label("I have read all of it").check()
        page.get_by_role("button", name=re.compile("^Sign( for them)?$")).click()
        page.get_by_text(after).wait_for()
    return made["slug"]


def anyone_reads(page, site, slug, shot):
    page.goto(f"{site}/report/{slug}/")
    assert page.get_by_text("Many of us sleep again.").is_visible()
    assert page.get_by_text("Of ten people who started").first.is_visible()
    assert "Zuhura" not in page.content()
    assert "about 60" in page.content()  # 61 people, rounded
    shot(page, "story-report")


def step(page, button, **given):
    """One step of the risk page: open its card, fill it in, send it."""
    card = page.locator("details.step", has=page.get_by_role("button", name=button, exact=True))
    if card.count() and card.get_attribute("open") is None:
        card.locator("summary").click()
    for name, value in given.items():
        field = card.locator(f"[name={name}]")
        field.check() if value is True else field.fill(value)
    card.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()
