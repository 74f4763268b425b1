"""Markup in every text that people can write: it is shown as text, and no script of it runs, in a real browser."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client

from kinweave.care.actions import note_session, set_goal
from kinweave.flows.receive import voice_worry
from kinweave.front.person.session import COOKIE, SALT
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import add_place, change_setting
from kinweave.people.actions import add_contact, add_tie, break_glass, contest_record
from kinweave.people.models import Contest, Glass
from tests.care_world import BACKEND, started

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = (
    "<script>window.ran=1</script>", "\"><img src=x onerror=window.ran=1>",
    "'-window.ran=1-'", "{{ran}}${window.ran=1}",
    "</title></textarea><svg onload=window.ran=1>", "javascript:window.ran=1",
)  # fmt: skip
ALL = " ".join(EVIL)


def test_what_people_write_never_runs(world, new_page, site) -> None:
    by = world.actor("amina")
    world.accounts["amina"].shown_name = EVIL[1][:80]
    world.accounts["amina"].save()
    change_setting(by=SYSTEM, key="house.emergency", value=EVIL[1][:60])
    place = add_place(by=SYSTEM, code="X9", name=EVIL[0], kind="ward", parent_id=world.district).result["place"]
    person = started(world, alias=EVIL[0], name=ALL[:110], place_id=place)
    add_contact(by=by, person_id=person, kind="phone", value=ALL, who_answers=ALL, cover=ALL)
    add_tie(by=by, person_id=person, kind="friend", name=ALL[:110])
    set_goal(by=by, person_id=person, text=ALL)
    note_session(by=by, person_id=person, held=True, note=ALL)
    risk = voice_worry(by=by, person_id=person, kinds=["self"], urgency="now", note=ALL).result["risk"]
    contest_record(by=Actor(None, kind="person", person_id=person), person_id=person, text=ALL)
    break_glass(by=world.actor("chipo"), person_id=person, reason=ALL)
    one = f"/people/{person}"
    paths = [
        "/today/", "/people/", f"{one}/", f"{one}/happened/", f"{one}/held/", f"{one}/agreed/", f"{one}/looked/",
        f"{one}/change/", f"{one}/note/", f"{one}/worry/", f"{one}/link/", "/safety/", f"/safety/{risk}/", "/settings/",
        "/people/said/", f"/people/said/{Contest.objects.get().id}/", f"/people/openings/{Glass.objects.get().id}/",
        "/paper/register/", f"/nothing/{EVIL[0]}",
    ]  # fmt: skip
    client = Client()
    client.force_login(world.accounts["farai"], backend=BACKEND)
    page = new_page()
    cookies = {"sessionid": client.cookies["sessionid"].value, COOKIE: signing.dumps(str(person), salt=SALT)}
    page.context.add_cookies([{"name": k, "value": v, "url": site} for k, v in cookies.items()])
    shown = 0
    for path in [*paths, "/mine/"]:
        page.goto(site + path)
        assert page.evaluate("window.ran") is None, path
        assert page.locator("img[onerror], svg[onload]").count() == 0, path
        assert page.locator("a[href^='javascript:']").count() == 0, path
        shown += "window.ran=1" in page.locator("body").inner_text()
    assert shown > 8  # it was there, as text
