"""Paper as it comes out of a real browser: pages, sizes, both directions; and a pile typed by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from kinweave.care.models import Risk, Session
from kinweave.core.sheet_numbers import SIGNS, draw, fits
from kinweave.front.print.sheets import KINDS, REGISTERS
from kinweave.house.access import SYSTEM
from kinweave.house.models import Session as SignIn
from kinweave.house.rota import set_rota
from kinweave.listen.models import Response
from kinweave.people.door import access
from tests.browser.conftest import SHOTS
from tests.browser.test_styleguide import SPILLS, TARGETS, TOO_SMALL
from tests.care_world import asking, session_of, started

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "how-you-have-been-9"
SIZES = {"a4": (210, 297), "a5": (148, 210)}  # millimetres, ISO 216
POINT = 25.4 / 72
LONG = {("consent", "a5"): 2, ("intake", "a5"): 2}  # pages, where one is not enough


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    world = asking(make_world())
    turns = [{"account": str(world.accounts["dalia"].id)}]
    set_rota(by=SYSTEM, programme_id=world.programme, turns=turns, contact="The night line", number="0800 911")
    return world


@pytest.fixture
def open_as(world, new_page, site) -> Callable[..., Any]:
    """A page on which someone of the world is signed in."""

    def open_page(name: str, **options: Any) -> Any:
        page = new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": session_of(world, name), "url": site}])
        return page

    return open_page


def code_of(world, person) -> str:
    return access(person, by=world.actor("farai")).row.code


# ------------------------------------------------------------------------------------- on paper


def printed(page: Any, name: str) -> PdfReader:
    """The page as the browser prints it, by its own sheet's size; kept beside the pictures."""
    raw = page.pdf(prefer_css_page_size=True)
    SHOTS.mkdir(parents=True, exist_ok=True)
    Path(SHOTS / f"{name}.pdf").write_bytes(raw)
    return PdfReader(BytesIO(raw))


@pytest.mark.parametrize("words", ["en", "ar"])
@pytest.mark.parametrize("size", ["a4", "a5"])
def test_every_sheet_comes_out_on_its_paper(world, open_as, site, size, words):
    page = open_as("amina")
    for number in range(6):
        started(world, alias=f"Rudo {number}")
    wanted = [(form, reverse("paper-sheet", args=[form])) for form in (*REGISTERS, *KINDS)]
    wanted += [("week", reverse("paper-week")), ("questions", reverse("paper", args=[KEY, words]))]
    wanted += [("list", reverse("paper", args=["daily-habits-3", "en"]))]
    pages = {}
    for form, url in wanted:
        page.goto(f"{site}{url}?size={size}&words={words}&copies=1")
        pdf = printed(page, f"paper-{form}-{size}-{words}")
        box = pdf.pages[0].mediabox
        got = sorted(round(float(side) * POINT) for side in (box.width, box.height))
        assert got == list(SIZES[size]), form
        wide = float(box.width) > float(box.height)
        assert wide == (size == "a5" and form in {*REGISTERS, "week"}), form
        pages[form] = len(pdf.pages)
    assert pages == {form: LONG.get((form, size), 1) for form, _url in wanted}


def test_three_copies_are_three_pages_with_three_numbers(open_as, site):
    page = open_as("amina")
    page.goto(f"{site}{reverse('paper-sheet', args=['meetings'])}?copies=3")
    pdf = printed(page, "paper-copies")
    found = [re.findall(rf"\b[{SIGNS}]{{2}}-[{SIGNS}]{{4}}-[{SIGNS}]\b", one.extract_text()) for one in pdf.pages]
    assert [len(one) for one in found] == [1, 1, 1]
    assert len({one[0] for one in found}) == 3
    assert all(fits(one[0]) for one in found)


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
def test_the_pages_around_paper_fit_a_small_phone(world, open_as, site, axe, shot, locale):
    phone = open_as("amina", viewport={"width": 320, "height": 640}, locale=locale)
    started(world)
    addresses = [reverse("paper-list"), reverse("paper-week"), reverse("paper-run", args=[KEY])]
    addresses += [reverse("paper-rows", args=[kind]) for kind in REGISTERS]
    addresses += [reverse("paper-sheet", args=[form]) for form in (*REGISTERS, *KINDS)]
    for number, url in enumerate(addresses):
        phone.goto(site + url)
        assert phone.get_by_role("heading", level=1).count() == 1, url
        assert phone.evaluate(SPILLS) == [], url
        assert phone.evaluate(TOO_SMALL, TARGETS) == [], url
        axe(phone)
        shot(phone, f"typing-{number}-{locale[:2]}")


# -------------------------------------------------------------------------------- by the keyboard


class Keys:
    """The keyboard, counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed = page, 0

    def type(self, text: str) -> None:
        self.pressed += len(text)
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)


def bare(text: str) -> str:
    return text.replace("-", "")


def test_twenty_sheets_by_the_keyboard_alone(world, open_as, site, capsys):
    people = [world.person(alias=f"Rudo {n}") for n in range(20)]
    page = open_as("amina")
    page.goto(site + reverse("paper-run", args=[KEY]))
    keys, numbers = Keys(page), [draw() for _ in people]
    for done, (person, number) in enumerate(zip(people, numbers, strict=True), 1):
        keys.type(bare(number))
        keys.type(bare(code_of(world, person)))
        keys.type("121012100")
        with page.expect_navigation():
            keys.press("Enter")
        page.get_by_role("heading", name=f"Typed in this run {done}").wait_for()
        assert page.evaluate("document.activeElement.name") == "sheet"  # ready for the next
    rows = {row.person_id: row for row in Response.objects.all()}
    assert [rows[person].sheet for person in people] == numbers
    assert all(row.complete for row in rows.values())
    with capsys.disabled():
        print(f"\n  twenty sheets: {keys.pressed / 20:g} keystrokes a sheet (7 number, 6 code, 9 digits, 1 to save)")
    assert keys.pressed / 20 <= 23


def test_a_slip_in_the_number_stops_the_hand(world, open_as, site):
    page = open_as("amina")
    page.goto(site + reverse("paper-run", args=[KEY]))
    signs = bare(draw())
    page.keyboard.type(signs[:6] + SIGNS[(SIGNS.index(signs[6]) + 1) % 31])
    page.get_by_text("does not fit together").wait_for()
    assert page.evaluate("document.activeElement.name") == "sheet"
    page.keyboard.press("Backspace")
    page.keyboard.type(signs[6])
    page.wait_for_function("document.activeElement.name == 'code'")


def test_the_two_interpreters_of_numbers_agree(open_as, site):
    page = open_as("amina")
    page.goto(site + reverse("paper-run", args=[KEY]))
    good = [draw() for _ in range(100)]
    tried = (
        good
        + [bare(one)[::-1] for one in good]
        + [one.lower() for one in good]
        + ["", "A-17", "K4 7FD2 3", "٢٢-٢٢٢٢-٢"]
    )
    told = page.evaluate(
        """async (tried) => { const { fits } = await import(document.querySelector("script[src*='typing']").src
            .replace(/typing[^/]*$/, "sheet-number.js")); return tried.map(fits); }""",
        tried,
    )
    assert told == [fits(one) for one in tried]


def test_a_reload_loses_nothing_and_danger_is_told_while_typing(world, open_as, site):
    person = world.person(alias="Rudo")
    page = open_as("amina")
    page.goto(site + reverse("paper-run", args=[KEY]))
    number = draw()
    page.keyboard.type(bare(number) + bare(code_of(world, person)) + "11111111")
    page.keyboard.type("3")
    page.get_by_text("Someone on call has been told").wait_for()
    assert Risk.objects.count() == 1
    page.wait_for_function("location.search.includes('kept=')")
    page.reload()
    assert page.locator("[name=sheet]").input_value() == number
    assert page.locator("#digit_q9").input_value() == "3"
    page.locator("#digit_q9").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Response.objects.filter(superseded_by=None).get().sheet == number


def test_a_lost_session_parks_the_sheet(world, open_as, site):
    person = world.person(alias="Rudo")
    page = open_as("amina")
    page.goto(site + reverse("paper-run", args=[KEY]))
    number = draw()
    page.keyboard.type(bare(number) + bare(code_of(world, person)) + "111111110")
    SignIn.objects.all().delete()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/**")
    assert not Response.objects.exists()
    page.get_by_label("Name for signing in").or_(page.get_by_label("User name")).or_(
        page.locator("[name=login]")
    ).first.fill("amina")
    page.locator("[name=password]").fill("a bench under a tree")
    page.keyboard.press("Enter")
    page.wait_for_url("**/run/**")
    assert page.locator("[name=sheet]").input_value() == number
    assert page.locator("#digit_q1").input_value() == "1"


def test_a_register_is_typed_line_by_line(world, open_as, site, capsys):
    people = [started(world, alias=f"Rudo {n}") for n in range(5)]
    page = open_as("amina")
    page.goto(site + reverse("paper-rows", args=["meetings"]))
    keys = Keys(page)
    keys.type(bare(draw()))
    for place, person in enumerate(people):
        if place == 0:
            keys.type("5.1.2026")
            keys.press("Enter")  # the lines below have the same day
        keys.type(bare(code_of(world, person)))
        keys.type("111")
        keys.press("Enter")  # no next date
        keys.press("Enter")  # not worried
    with page.expect_navigation():
        keys.press("Enter")  # an empty line ends the sheet
    page.get_by_text("5 lines are kept.").first.wait_for()
    assert Session.objects.filter(held=True, homework="done", mood="easier").count() == 5
    with capsys.disabled():
        print(f"\n  five lines of a register: {keys.pressed / 5:g} keystrokes a line")
