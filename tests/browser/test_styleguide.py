"""Every part, looked at: small and wide, light and dark, English and Arabic; and what must work without script."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from kinweave.front.styleguide.samples import PARTS

SMALL, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
LOOKS = [(size, theme, language) for size in (SMALL, WIDE) for theme in ("light", "dark") for language in ("en", "ar")]
TARGETS = ".button, .choice, .menu a, .tabs a, summary, .languages button, .foot a, input:not([type=radio], "
TARGETS += "[type=checkbox], [type=hidden]), textarea, select, .menu-open, .back"
TOO_SMALL = """selector => [...document.querySelectorAll(selector)].filter(e => e.getClientRects().length)
    .filter(e => e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML.slice(0, 120))"""
SPILLS = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.right > innerWidth + 1 || r.left < -1) })
    .map(e => e.outerHTML.slice(0, 120))"""


def elsewhere(request: HttpRequest) -> HttpResponse:
    """The neutral site that quick exit leads to in these tests."""
    return HttpResponse("<!doctype html><title>Weather</title><p>Sunny.", content_type="text/html")


urlpatterns = [
    path("styleguide/", include("kinweave.front.styleguide.urls")),
    path("language/", set_language, name="set-language"),
    path("elsewhere", elsewhere),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def shown(settings) -> None:
    settings.KINWEAVE_STYLEGUIDE = True
    settings.ROOT_URLCONF = "tests.browser.styleguide_urls"


@pytest.fixture
def leads_home(settings, site) -> str:
    """Quick exit leads to a page of this machine."""
    settings.KINWEAVE_EXIT_URL = f"{site}/elsewhere"
    return settings.KINWEAVE_EXIT_URL


@pytest.mark.parametrize("part", PARTS)
def test_a_part_in_all_its_looks(part, new_page, site, axe, shot):
    page = new_page()
    for size, theme, language in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        page.goto(f"{site}/styleguide/{part}/?lang={language}")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.evaluate(SPILLS) == []
        assert page.evaluate(TOO_SMALL, TARGETS) == []
        if (size is SMALL) == (language == "ar"):  # each rule sees both sizes, both themes, both directions
            axe(page)
        shot(page, f"styleguide-{part}-{size['width']}-{theme}-{language}")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_with_letters_twice_as_large(part, new_page, site):
    page = new_page(viewport={"width": 640, "height": 900})
    page.goto(f"{site}/styleguide/{part}/")
    page.evaluate("document.documentElement.style.setProperty('font-size', '225%')")
    assert page.evaluate(SPILLS) == []


def test_the_chosen_theme_wins_over_the_device(new_page, site):
    page = new_page(color_scheme="light")
    page.goto(f"{site}/styleguide/words/?theme=dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"


def test_the_styleguide_is_not_served_where_it_was_not_asked_for(settings, page, site):
    settings.KINWEAVE_STYLEGUIDE = False
    assert page.goto(f"{site}/styleguide/").status == 404
    assert page.goto(f"{site}/styleguide/dots/").status == 404


def test_fonts_come_from_here_and_only_those_needed(page, site):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/styleguide/dots/?lang=en")
    page.evaluate("document.fonts.ready")
    fonts = {u.rsplit("/", 1)[1].split(".")[0] for u in asked if u.endswith(".woff2")}
    assert "atkinson-next-400" in fonts
    assert all(u.startswith(site) for u in asked)
    assert not any("-ext-" in f for f in fonts)


def arrive(page, site) -> None:
    page.goto("about:blank")
    page.goto(f"{site}/styleguide/consent/")


def test_quick_exit_leaves_nothing_to_come_back_to(page, site, leads_home):
    arrive(page, site)
    page.get_by_role("link", name="Quick exit").click()
    page.wait_for_url(leads_home)
    page.go_back()
    assert page.url == "about:blank"


@pytest.mark.parametrize("key", ["Escape", "Shift"])
def test_three_presses_leave(key, page, site, leads_home):
    arrive(page, site)
    page.keyboard.press(key)
    page.keyboard.press(key)
    assert page.locator("[data-exit-count]").inner_text() == "Press once more to leave."
    page.keyboard.press(key)
    page.wait_for_url(leads_home)


def test_capitals_do_not_leave(page, site, leads_home):
    arrive(page, site)
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    assert page.url.endswith("/styleguide/consent/")
    assert page.locator("[data-exit-count]").inner_text() == ""


def test_quick_exit_works_without_script(new_page, site, leads_home):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site}/styleguide/consent/")
    page.get_by_role("link", name="Quick exit").click()
    assert page.url == leads_home


def test_the_menu_opens_without_script_on_a_phone(new_page, site):
    page = new_page(java_script_enabled=False, viewport=SMALL)
    page.goto(f"{site}/styleguide/tasks/")
    assert not page.get_by_role("link", name="People").is_visible()
    page.get_by_role("link", name="Menu", exact=True).click()
    assert page.get_by_role("link", name="People").is_visible()


def test_a_notice_stays_until_it_is_put_away(page, new_page, site):
    page.goto(f"{site}/styleguide/toast/")
    page.get_by_role("button", name="Close").click()
    assert page.get_by_text("The note is saved.").count() == 0
    plain = new_page(java_script_enabled=False)
    plain.goto(f"{site}/styleguide/toast/")
    assert plain.get_by_role("button", name="Undo").is_visible()


def test_the_language_is_switched_and_the_page_kept(page, site):
    page.goto(f"{site}/styleguide/tasks/")
    page.get_by_role("button", name="العربيّة").click()
    assert page.url.endswith("/styleguide/tasks/")
    assert page.locator("html").get_attribute("dir") == "rtl"


def test_the_error_summary_leads_to_its_field(page, site):
    page.goto(f"{site}/styleguide/problem/")
    page.get_by_role("link", name="Please choose one answer").click()
    assert page.evaluate("document.activeElement.id || location.hash.slice(1)") == "id_third_0"
    assert page.locator("#id_third_0").is_visible()
