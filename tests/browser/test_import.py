"""A list comes in by hand: chosen, its columns looked over, the report read, brought in and undone."""

from __future__ import annotations

import pytest

from kinweave.people.models import Person
from tests.exchange.test_intake_people import HEAD, ROWS
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return make_world()


def test_a_list_comes_in_and_is_undone(world, page, site, axe, shot, tmp_path, client):
    file = tmp_path / "caseload.csv"
    file.write_text(HEAD + "\n".join(ROWS) + "\n", encoding="utf-8")
    client.force_login(world.accounts["farai"], "allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    page.goto(site + "/import/")
    axe(page)
    shot(page, "import-home")
    page.get_by_role("link", name="Choose a list").click()
    axe(page)
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Send the file").click()
    page.wait_for_selector("h1:has-text('What do the columns mean?')")
    axe(page)
    shot(page, "import-map")
    page.get_by_role("button", name="Look it over").click()
    page.wait_for_selector("h1:has-text('This is what would happen')")
    axe(page)
    shot(page, "import-report")
    assert not Person.objects.exists()
    page.get_by_label("Elsewhere").select_option(label="Ward 2")
    page.get_by_role("button", name="Look again").click()
    page.wait_for_selector("h1:has-text('This is what would happen')")
    page.get_by_role("button", name="Bring it in").click()
    page.wait_for_selector("h1:has-text('It is in')")
    axe(page)
    shot(page, "import-done")
    assert Person.objects.count() == 5
    page.goto(site + "/import/")
    shot(page, "import-history")
    page.get_by_role("link", name="Undo").click()
    axe(page)
    page.get_by_role("button", name="Undo it").click()
    page.wait_for_selector("h1:has-text('It is undone')")
    assert not Person.objects.filter(erased_at=None).exists()


def test_on_a_small_phone_and_in_arabic(world, new_page, site, axe, shot, client):
    client.force_login(world.accounts["farai"], "allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies["sessionid"].value
    phone = new_page(viewport={"width": 320, "height": 640}, locale="ar")
    phone.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    phone.goto(site + "/import/")
    axe(phone)
    shot(phone, "import-phone-ar")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert phone.evaluate("document.documentElement.dir") == "rtl"
