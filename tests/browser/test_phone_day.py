"""A day on the phone, in a real browser whose network is switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinweave.care.models import Goal, Risk, Session
from kinweave.flows.own_results import OwnResults
from kinweave.flows.phone import teaching
from kinweave.house.models import Happened, Held
from kinweave.listen.models import Response, Score
from kinweave.listen.reads import one_response
from kinweave.people.door import access
from kinweave.people.models import Consent, Contact, Person
from kinweave.team.models import Hours
from tests.browser import phone_day as day
from tests.browser.phone_site import profile
from tests.care_world import asking, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return asking(make_world())


@pytest.fixture
def phone_of(world, new_page, site) -> Callable[..., Any]:
    def open_phone(name: str = "amina", **options: Any) -> Any:
        page = new_page(**{**day.SMALL, **options})
        day.sign_in(page, world, name, site)
        return page

    return open_phone


def test_set_up_and_todays_list(phone_of, site, world, axe, shot, monkeypatch):
    started(world, alias="Tendai")
    monkeypatch.setattr(teaching, "own_results", lambda by: OwnResults(met=9, better=6, worse=1, same=1, unknown=1))
    page = phone_of()
    day.set_up(page, site)
    row = page.locator(".task").filter(has_text="Tendai")
    assert row.get_by_role("link", name="Note").is_visible()
    assert page.get_by_text("Of 9 people you met this month, 6 feel better, 1 feels worse.").is_visible()
    assert "Tendai" not in page.url + page.title()
    axe(page)
    shot(page, "phone-today")


def test_a_whole_day_without_signal(world, chromium, site, tmp_path, axe, shot):
    """Set up, then no signal: someone new, their yes, the questions, notes, a worry, a goal, a safe way, hours. The
    tab and the browser are closed, opened again, and everything is sent: the site's rows are what was written."""
    old = started(world, alias="Tendai")
    with profile(chromium, tmp_path / "phone", **day.SMALL, locale="en-GB") as context:
        page = context.pages[0]
        day.sign_in(page, world, "amina", site)
        day.set_up(page, site)
        day.ready_offline(page)
        context.set_offline(True)
        day.add(page, "Rudo")
        day.say_yes(page, "Yes", "No", "Yes")
        day.ask(page, ["Several days"] * 8 + ["Not at all"])
        day.note_held(page)
        day.goal(page, "Sell at the market again")
        day.contact(page, "0700 555 111")
        day.home(page, "Rudo")
        axe(page)
        day.whole(page, lambda: shot(page, "phone-day-person"))
        day.missed_call(page, "Tendai")
        day.hours(page)
        day.place(page, "Only here")
        waiting = page.locator(".rows-list li").count()
        axe(page)
        day.whole(page, lambda: shot(page, "phone-day-here"))
        day.place(page, "Today")
        day.whole(page, lambda: shot(page, "phone-day-today"))
        page.close()
    assert Person.objects.count() == 1
    with profile(chromium, tmp_path / "phone", **day.SMALL, locale="en-GB") as context:
        context.set_offline(True)
        page = context.pages[0]
        page.goto(f"{site}/phone/")
        day.unlock(page)
        page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
        day.place(page, "People")
        assert page.get_by_text("Rudo").is_visible()
        context.set_offline(False)
        day.send(page)
        assert page.get_by_text(f"{waiting} entries are at the site now.").is_visible()
    compare(world, old)
    assert waiting == 10


def compare(world, old) -> None:
    """The server's rows against what was written, one by one."""
    assert Held.objects.count() == 0
    new = Person.objects.exclude(id=old).get()
    amina = world.accounts["amina"].id
    assert (new.worker_id, new.team_id, new.state) == (amina, world.teams[0], "screened")
    said = dict(Consent.objects.filter(person_id=new.id).values_list("purpose", "given"))
    assert said == {"care": True, "statistics": False, "research": True}
    response = Response.objects.get(person_id=new.id)
    assert (response.instrument, response.complete, response.language) == ("phq-9", True, "en")
    shown = one_response([new.id], response.id)
    assert shown is not None
    assert Score.objects.get(response=response).scaled == 8
    met = Session.objects.get(person_id=new.id)
    assert (met.held, met.homework, met.mood, met.worry) == (True, "done", "easier", False)
    assert met.next_at is not None
    missed = Session.objects.get(person_id=old)
    assert (missed.held, missed.kind, missed.missed_reason) == (False, "call", "unreachable")
    assert Goal.objects.filter(person_id=new.id).count() == 1
    assert Contact.objects.get(person_id=new.id).allowed == "call"
    assert (Hours.objects.get().minutes, Hours.objects.get().paid) == (90, False)
    assert Risk.objects.count() == 0
    assert access(new.id, by=world.actor("amina"), permission="care.act").id == new.id
    kinds = list(Happened.objects.filter(person_id=new.id).order_by("at", "id").values_list("kind", flat=True))
    assert {"registered", "consented", "declined", "answered", "met", "goal_set"} <= set(kinds)
