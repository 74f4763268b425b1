"""Asking, noting and safety in a real browser: six touches, without script, small, dark, right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from kinweave.care.models import Risk, Session
from kinweave.flows.receive import voice_worry
from kinweave.listen import drafts
from kinweave.listen.models import Draft, Response
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL
from tests.care_world import asking, session_of, started

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "how-you-have-been-9"
SMALL = {"viewport": {"width": 320, "height": 640}}
LOOKS = [({}, "wide"), (SMALL, "small"), ({"color_scheme": "dark"}, "dark"), ({**SMALL, "locale": "ar"}, "arabic")]


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


@pytest.fixture
def person(world):
    return started(world)


def begin(page, site, person, way="One question at a time"):
    page.goto(site + reverse("ask-begin", args=[person, KEY]))
    page.get_by_label(way).check()
    page.get_by_role("button", name="Begin").click()


# ------------------------------------------------------------------------------------ six touches


@pytest.mark.parametrize("script", [True, False])
def test_the_usual_note_takes_six_touches(open_as, site, person, script):
    page = open_as("amina", has_touch=True, java_script_enabled=script, **SMALL)
    page.goto(site + reverse("note-session", args=[person]))
    touches = 0
    for what in ("Yes", "Done", "A little easier", "Same day next week"):
        page.locator("label.choice", has_text=what).first.tap()
        touches += 1
    page.get_by_role("group", name="Are you worried").locator("label.choice", has_text="No").tap()
    page.get_by_role("button", name="Save the note").tap()
    touches += 2
    page.wait_for_url(site + reverse("person", args=[person]))
    row = Session.objects.get()
    assert touches == 6
    assert (row.held, row.homework, row.mood, row.worry) == (True, "done", "easier", False)
    assert row.next_at is not None
    with page.expect_navigation():
        page.locator(".toast").get_by_role("button", name="Undo").tap()
    assert page.get_by_text("The note is taken back.").is_visible()
    assert Session.objects.get().superseded_by is not None


def test_only_what_belongs_to_the_answer_is_seen(open_as, site, person):
    page = open_as("amina", java_script_enabled=False)
    page.goto(site + reverse("note-session", args=[person]))
    homework, missed = page.get_by_text("What was agreed last time"), page.get_by_text("Why not?")
    assert (homework.is_visible(), missed.is_visible()) == (False, False)
    page.get_by_label("Yes", exact=True).check()
    assert (homework.is_visible(), missed.is_visible()) == (True, False)
    page.get_by_label("No, it did not happen").check()
    assert (homework.is_visible(), missed.is_visible()) == (False, True)


# ----------------------------------------------------------------------------------------- asking


@pytest.mark.parametrize("script", [True, False])
def test_a_form_from_the_first_question_to_the_answers(open_as, site, person, axe, script):
    page = open_as("amina", java_script_enabled=script)
    begin(page, site, person)
    for number in range(1, 10):
        assert page.get_by_text(f"{number} of 9").is_visible()
        page.get_by_label("Several days" if number < 9 else "Not at all").check()
        page.get_by_role("button", name="Next").click()
    assert page.get_by_role("heading", name="Look it over together").is_visible()
    page.get_by_role("button", name="Save the answers").click()
    page.get_by_text("Some things are heavy.").wait_for()
    assert "1" not in page.url.split("/answers/")[1].split("/")[1]
    assert Response.objects.get().complete
    if script:
        axe(page)


def test_a_safety_answer_opens_the_card_before_next_is_pressed(open_as, site, person, axe, shot):
    page = open_as("amina")
    begin(page, site, person)
    draft = Draft.objects.get()
    page.goto(site + reverse("ask-question", args=[person, draft.id, 9]))
    page.get_by_label("Several days").check()
    page.get_by_role("heading", name="What to do now").last.wait_for()
    assert "Dalia (supervisor)" in page.content()
    assert Risk.objects.count() == 1
    axe(page)
    shot(page, "care-card")
    page.get_by_role("link", name="Go on with the questions").click()
    assert page.get_by_text("1 of 9").is_visible()


def test_without_script_the_card_opens_on_next(open_as, site, person):
    page = open_as("amina", java_script_enabled=False)
    begin(page, site, person)
    page.goto(site + reverse("ask-question", args=[person, Draft.objects.get().id, 9]))
    page.get_by_label("Nearly every day").check()
    page.get_by_role("button", name="Next").click()
    assert page.get_by_text("Stay with the person.").is_visible()
    assert Risk.objects.count() == 1


def test_one_page_keeps_each_answer_as_it_is_touched(open_as, site, person):
    page = open_as("amina")
    begin(page, site, person, way="All on one page")
    with page.expect_response(lambda r: r.request.method == "POST"):
        page.locator("#id_q1_2").check()
    page.close()
    assert drafts.opened(Draft.objects.get()) == {"q1": 2}


def test_a_sheet_is_typed_without_leaving_the_keys(open_as, site, person):
    page = open_as("amina")
    page.goto(site + reverse("paper-type", args=[person, KEY]))
    page.keyboard.type("A-17")
    page.locator("#digit_q1").focus()
    page.keyboard.type("11111111-")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The next sheet").wait_for()
    row = Response.objects.get()
    assert (row.sheet, row.mode, row.complete) == ("A-17", "paper", True)


# ------------------------------------------------------------------------------------ every look


def pages(world, person) -> list[tuple[str, str, str]]:
    risk = voice_worry(by=world.actor("amina"), person_id=person, kinds=["child"], urgency="now").result["risk"]
    draft = drafts.begin(world.actor("amina"), _seen(world, person), "phq-9", language="ar")
    about = [
        ("amina", "ask", [person]), ("amina", "ask-begin", [person, KEY]),
        ("amina", "ask-question", [person, draft.id, 2]), ("amina", "ask-all", [person, draft.id]),
        ("amina", "ask-check", [person, draft.id]), ("amina", "paper-type", [person, KEY]),
        ("amina", "note-session", [person]), ("amina", "move-on", [person]), ("amina", "worry", [person]),
        ("dalia", "risks", []), ("dalia", "risk", [risk]), ("dalia", "safety-card", [person, risk]),
        ("dalia", "held", []), ("farai", "settings", []), ("farai", "switches", []),
        ("farai", "setting", ["care.risk_acknowledge_minutes"]), ("amina", "paper", [KEY, "ar"]),
        ("amina", "paper-register", []), ("amina", "paper-list", []),
    ]  # fmt: skip
    return [(who, name, reverse(name, args=args)) for who, name, args in about]


def _seen(world, person):
    from kinweave.people.door import access

    return access(person, by=world.actor("amina"), permission="listen.record")


@pytest.mark.parametrize(("options", "look"), LOOKS, ids=[look for _, look in LOOKS])
def test_every_page_in_every_look(world, open_as, site, person, axe, shot, options, look):
    opened: dict[str, Any] = {}
    for who, name, url in pages(world, person):
        page = opened.setdefault(who, open_as(who, **options)) if who not in opened else opened[who]
        page.goto(site + url)
        assert page.get_by_role("heading", level=1).count() == 1, name
        assert page.evaluate(SPILLS) == [], name
        assert page.evaluate(TOO_SMALL, TARGETS) == [], name
        assert page.locator("html").get_attribute("dir") == ("rtl" if look == "arabic" else "ltr")
        axe(page)
        shot(page, f"care-{name}-{look}")


@pytest.mark.parametrize("sheet", [(KEY, "en"), (KEY, "ar"), ("daily-habits-3", "en"), ()], ids=str)
def test_a_sheet_prints_on_one_page(open_as, site, sheet):
    page = open_as("amina")
    page.goto(site + (reverse("paper", args=sheet) if sheet else reverse("paper-register")))
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    assert page.locator(".sheet-head").is_visible()
    assert not page.locator(".top").is_visible()
