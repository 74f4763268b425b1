"""A coordinator brings a form, is told of its fault, leads it to a score, and sets up a phone, by hand."""

from __future__ import annotations

import pytest

from kinweave.listen.models import Form
from tests.care_world import asking
from tests.exchange.forms_files import two_questions, visit
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr("kinweave.core.xforms.judge.java", lambda: None)
    return asking(make_world())


def sign_in(page, site, client, world):
    client.force_login(world.accounts["farai"], "allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])


def test_a_form_is_brought_and_led_to_a_score(world, page, site, axe, shot, tmp_path, client):
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(two_questions())
    bad.write_bytes(visit(calculation="/data/nothere"))
    sign_in(page, site, client, world)
    page.goto(site + "/forms/")
    axe(page)
    page.get_by_role("link", name="Add a form").click()
    axe(page)
    shot(page, "forms-new")
    page.set_input_files("input[name=file]", str(bad))
    page.get_by_role("button", name="Check and store it").click()
    page.wait_for_selector("h2:has-text('What to mend')")
    assert "/data/nothere" in page.content()
    axe(page)
    page.set_input_files("input[name=file]", str(good))
    page.get_by_label("Which question says who it is?").fill("who")
    page.get_by_role("button", name="Check and store it").click()
    page.wait_for_selector("h2:has-text('What it asks')")
    axe(page)
    shot(page, "forms-one")
    page.get_by_label("Questionnaire").select_option("phq-2")
    page.get_by_role("button", name="Choose").click()
    axe(page)
    page.locator("select[name=item-q1]").select_option("interest")
    page.locator("select[name=item-q2]").select_option("mood")
    page.get_by_role("button", name="Score answers this way").click()
    page.wait_for_selector("text=Answers are scored as")
    assert Form.objects.get().items == {"q1": "interest", "q2": "mood"}


def test_a_phone_is_set_up_on_a_small_screen_in_arabic(world, new_page, site, axe, shot, client):
    account = world.accounts["farai"]
    account.language = "ar"
    account.save()
    page = new_page(viewport={"width": 320, "height": 640}, locale="ar")
    sign_in(page, site, client, world)
    for address in ("/forms/", "/forms/new/", "/forms/phones/"):
        page.goto(site + address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    page.locator("select[name=account]").select_option(label="Amina")
    page.locator("form button.button").last.click()
    page.wait_for_selector(".qr svg")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    code, frame = page.locator(".qr svg").bounding_box(), page.locator(".qr").bounding_box()
    assert code["width"] <= frame["width"] + 1  # nothing of the code is cut off
    assert abs(code["width"] - code["height"]) <= 1
    assert "/openrosa/" in page.input_value("#address")
    shot(page, "forms-phone")
