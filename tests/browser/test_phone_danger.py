"""The phone when things go wrong: a wrong passphrase, two workers, a phone taken away, two versions, a full phone,
a new version in the middle of a form, danger without signal, and practice that must not send anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kinweave.care.actions import mark_goal, set_goal
from kinweave.care.models import Goal, Risk, Session
from kinweave.front.phone import shelf
from kinweave.house import devices
from kinweave.house.models import Device, Happened, Held
from kinweave.listen.models import Response
from kinweave.people.actions import assign_worker
from kinweave.people.models import Person
from tests.browser import phone_day as day
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


# -------------------------------------------------------------------------------- who may open what


def test_a_wrong_passphrase_opens_nothing_and_has_to_wait(phone_of, world, site):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site, code=day.CODE)
    page.reload()
    for _ in range(3):
        day.unlock(page, "four wrong words indeed")
        page.get_by_text("These are not the right words.").wait_for(timeout=day.LONG)
        page.wait_for_function("!document.querySelector('[aria-busy]')")
    day.unlock(page, "four wrong words indeed")
    page.get_by_text("Too many wrong tries.").wait_for(timeout=day.LONG)
    assert page.get_by_text("Tendai").count() == 0
    assert "Wait" in page.locator("#problems").inner_text()
    page.wait_for_timeout(5500)
    day.unlock(page)
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    assert page.get_by_text("Tendai").first.is_visible()


def test_the_short_code_opens_only_while_the_app_is_open(phone_of, world, site):
    page = phone_of()
    day.set_up(page, site, code=day.CODE)
    page.get_by_role("button", name="Lock").click()
    page.get_by_label("Your short code").fill("9999")
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.get_by_text("This is not the right code.").wait_for(timeout=day.LONG)
    page.get_by_label("Your short code").fill(day.CODE)
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    page.reload()
    page.get_by_label("Your passphrase").wait_for()
    assert page.get_by_label("Your short code").count() == 0


def test_it_locks_by_itself_and_keeps_what_was_typed(phone_of, world, site):
    person = started(world, alias="Tendai")
    page = phone_of()
    page.clock.install()
    day.set_up(page, site)
    day.home(page, "Tendai")
    page.get_by_role("link", name="A goal", exact=True).click()
    page.get_by_label("What would they like to be different?").fill("To sleep")
    page.clock.run_for(1000)
    page.clock.fast_forward("06:00")
    page.get_by_label("Your passphrase").wait_for()
    assert page.get_by_text("Tendai").count() == 0
    day.unlock(page)
    page.get_by_label("What would they like to be different?").wait_for(timeout=day.LONG)
    assert page.get_by_label("What would they like to be different?").input_value() == "To sleep"
    assert person


def test_two_workers_on_one_phone_do_not_see_each_others_people(phone_of, world, site):
    started(world, alias="Tendai")
    started(world, alias="Chengetai", by="chipo", team_id=world.teams[1])
    page = phone_of()
    day.set_up(page, site)
    page.get_by_role("button", name="Lock").click()
    page.get_by_label("Your passphrase").wait_for()
    day.sign_in(page, world, "chipo", site)
    day.set_up(page, site, label="C.", own="seven kettles on a blue roof")
    day.place(page, "People")
    assert page.get_by_text("Chengetai").is_visible()
    assert page.get_by_text("Tendai").count() == 0
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("heading", name="Who are you?").wait_for()
    page.get_by_role("link", name="A.").click()
    day.unlock(page)
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    day.place(page, "People")
    assert page.get_by_text("Tendai").is_visible()
    assert page.get_by_text("Chengetai").count() == 0


def test_the_duress_passphrase_shows_an_empty_list(phone_of, world, site):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site, duress="three grey cats at noon")
    page.reload()
    day.unlock(page, "three grey cats at noon")
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    day.place(page, "People")
    assert page.get_by_text("Nobody on this phone yet").is_visible()


def test_a_phone_taken_away_forgets_and_what_was_not_sent_is_held(phone_of, world, site):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    page.context.set_offline(True)
    day.missed_call(page, "Tendai")
    devices.revoke(by=world.actor("dalia"), device_id=Device.objects.get().id)
    page.context.set_offline(False)
    day.place(page, "Only here")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("This phone may not be used any more.").wait_for(timeout=day.LONG)
    assert page.get_by_text("Tendai").count() == 0
    page.reload()
    page.get_by_role("heading", name="Set up this phone").wait_for()
    assert Session.objects.count() == 0
    assert [row.action for row in Held.objects.all()] == ["care.note_session"]


# ------------------------------------------------------------------------------ two sides, one thing


def test_two_versions_are_both_kept_and_the_worker_decides(phone_of, world, site, axe):
    person = started(world, alias="Tendai")
    goal = set_goal(by=world.actor("amina"), person_id=person, text="Keep goats").result["goal"]
    page = phone_of()
    day.set_up(page, site)
    page.context.set_offline(True)
    day.home(page, "Tendai")
    page.get_by_role("button", name="Reached").click()
    page.get_by_text("reached", exact=True).wait_for()
    mark_goal(by=world.actor("dalia"), person_id=person, goal_id=goal, state="let_go", seen="open")
    page.context.set_offline(False)
    day.place(page, "Only here")
    day.send(page)
    page.get_by_role("link", name="Decide which one holds").click()
    page.get_by_role("heading", name="Two versions").wait_for()
    axe(page)
    assert Goal.objects.get(id=goal).state == "let_go"
    mine = page.locator("li.card").filter(has_text="From the phone")
    assert "reached" in mine.inner_text()
    mine.get_by_role("button").click()
    page.get_by_text("Nothing to decide").wait_for()
    day.place(page, "Only here")
    day.send(page)
    assert Goal.objects.get(id=goal).state == "reached"


def test_what_came_back_stays_with_its_reason_until_the_worker_has_dealt_with_it(phone_of, world, site, axe):
    """The site answers "rejected" once (as it does to an envelope that cannot be opened); then it takes it."""
    person = started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    page.context.set_offline(True)
    day.missed_call(page, "Tendai")
    page.context.set_offline(False)

    def refuse(route: Any) -> None:
        asked = route.request.post_data_json
        words = {"code": "envelope-unreadable", "says": "It could not be opened.", "remedy": "Show your supervisor."}
        answers = [{"id": one["id"], "state": "rejected", **words} for one in asked["envelopes"]]
        route.fulfill(json={"now": timezone.now().isoformat(), "answers": answers})

    page.context.route("**/phone/api/envelopes", refuse)
    day.place(page, "Only here")
    day.send(page)
    page.get_by_text("It could not be opened.").wait_for()
    assert page.get_by_text("Show your supervisor.").is_visible()
    axe(page)
    page.reload()
    day.unlock(page)
    page.get_by_role("heading", name="Only here").wait_for(timeout=day.LONG)
    assert page.get_by_text("It could not be opened.").is_visible()
    page.context.unroute("**/phone/api/envelopes")
    page.get_by_role("button", name="Send it again").click()
    page.get_by_text("It could not be opened.").wait_for(state="detached")
    day.send(page)
    assert Session.objects.filter(person_id=person).count() == 1


def test_a_sealed_file_is_carried_by_another_phone(phone_of, world, site, tmp_path):
    """What Amina wrote goes to the site from Chipo's phone, without Amina's passphrase."""
    person = started(world, alias="Tendai")
    amina = phone_of()
    day.set_up(amina, site)
    amina.context.set_offline(True)
    day.missed_call(amina, "Tendai")
    day.place(amina, "Only here")
    amina.get_by_role("link", name="Carry it without signal").click()
    with amina.expect_download() as saved:
        amina.get_by_role("button", name="Save a sealed file").click()
    saved.value.save_as(tmp_path / "carried.json")
    assert "Tendai" not in (tmp_path / "carried.json").read_text()
    chipo = phone_of("chipo")
    day.set_up(chipo, site, label="C.", own="seven kettles on a blue roof")
    day.place(chipo, "Only here")
    chipo.get_by_role("link", name="Carry it without signal").click()
    chipo.get_by_label("The sealed file").set_input_files(tmp_path / "carried.json")
    chipo.get_by_role("button", name="Take it along").click()
    chipo.get_by_text("1 sealed entry travels with yours now.").wait_for()
    day.place(chipo, "Only here")
    day.send(chipo)
    row = Session.objects.get(person_id=person)
    assert row.worker_id == world.accounts["amina"].id
    amina.context.set_offline(False)
    day.place(amina, "Only here")
    day.send(amina)
    assert Session.objects.filter(person_id=person).count() == 1


def test_someone_who_is_no_longer_ours_leaves_the_phone_in_words(phone_of, world, site):
    person = started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    assign_worker(
        by=world.actor("farai"),
        person_id=person,
        worker_id=world.accounts["chipo"].id,
        team_id=world.teams[1],
    )
    day.place(page, "Only here")
    day.send(page)
    page.get_by_text("1 person is no longer yours and has left this phone.").wait_for()
    day.place(page, "People")
    assert page.get_by_text("Tendai").count() == 0


# ------------------------------------------------------------------------------------------- danger


def test_a_safety_answer_without_signal_opens_the_card_at_once(phone_of, world, site, axe):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    page.context.set_offline(True)
    day.home(page, "Tendai")
    page.get_by_role("link", name="Ask the questions").click()
    page.get_by_role("listitem").filter(has_text="9 questions").get_by_role("link", name="Begin").click()
    page.get_by_role("button", name="Begin").click()
    for _ in range(8):
        page.locator("label.choice", has_text="Not at all").click()
        page.get_by_role("button", name="Next").click()
    page.get_by_text("9 of 9").wait_for()
    page.locator("label.choice", has_text="Several days").click()
    page.get_by_text("Nobody has been told yet.").wait_for()
    assert page.get_by_role("link", name="0800 123").is_visible()
    assert "9" not in page.title()
    axe(page)
    page.get_by_role("button", name="I have called").click()
    page.get_by_text("The call is written down.").wait_for()
    page.get_by_role("link", name="Go on with the questions").click()
    page.get_by_role("button", name="Save the answers").click()
    page.get_by_text("Say it in their own words first.").wait_for()
    assert Risk.objects.count() == 0
    page.context.set_offline(False)
    day.place(page, "Only here")
    day.send(page)
    assert Risk.objects.count() == 1
    assert Response.objects.filter(superseded_by=None).count() == 1
    assert Happened.objects.filter(kind="emergency_called").count() == 1
    day.home(page, "Tendai")
    page.get_by_role("link", name="Look at it").click()
    page.get_by_text("Told: Dalia").wait_for()


def test_a_worry_goes_out_at_once_when_there_is_signal(phone_of, world, site):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    day.home(page, "Tendai")
    page.get_by_role("link", name="I am worried").click()
    page.get_by_role("button", name="Tell someone now").click()
    page.get_by_role("heading", name="What to do now").first.wait_for()
    wait(lambda: Risk.objects.count() == 1)


def wait(until: Callable[[], bool]) -> None:
    end = timezone.now() + timedelta(seconds=10)
    while not until():
        assert timezone.now() < end


# ------------------------------------------------------------------------------- the phone itself


FILL = """async () => {
  const db = await new Promise((done, no) => { const asked = indexedDB.open('filler', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('x', {autoIncrement: true});
    asked.onsuccess = () => done(asked.result); asked.onerror = no; });
  for (let size = 1 << 20; size > 64; ) {
    const kept = await new Promise((done) => { const tx = db.transaction('x', 'readwrite');
      tx.objectStore('x').add(crypto.getRandomValues(new Uint8Array(Math.min(size, 65536))));
      tx.oncomplete = () => done(true); tx.onabort = () => done(false); });
    if (!kept) size = size >> 1;
  }
  db.close();
}"""


def test_a_full_phone_says_so_and_keeps_the_form_open(phone_of, world, site):
    """The browser's own quota, filled to the last bytes by something else."""
    started(world, alias="Tendai")
    page = phone_of()
    tools = page.context.new_cdp_session(page)
    page.goto(f"{site}/phone/")
    tools.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": 4_000_000})
    day.set_up(page, site)
    day.home(page, "Tendai")
    page.get_by_role("link", name="A goal", exact=True).click()
    page.get_by_label("What would they like to be different?").fill("To sleep")
    page.evaluate(FILL)
    page.get_by_role("button", name="Save the goal").click()
    page.locator("#problems").get_by_text("This phone is full.").wait_for()
    assert page.get_by_label("What would they like to be different?").input_value() == "To sleep"
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('filler').onsuccess = done })")
    tools.send("Storage.overrideQuotaForOrigin", {"origin": site})
    page.get_by_role("button", name="Save the goal").click()
    page.locator("blockquote", has_text="To sleep").wait_for()


def test_a_new_version_waits_until_the_form_is_done(phone_of, world, site, monkeypatch, settings):
    started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    day.ready_offline(page)
    page.reload()
    day.unlock(page)
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    before = page.locator("html").get_attribute("data-version")
    day.home(page, "Tendai")
    page.get_by_role("link", name="A goal", exact=True).click()
    page.get_by_label("What would they like to be different?").fill("To sleep")
    settings.KINWEAVE_INVENTED = True  # another shell: another version
    after = shelf.shelf().version
    assert after != before
    page.evaluate("navigator.serviceWorker.getRegistration('/phone/').then(one => one.update())")
    page.wait_for_function(
        "navigator.serviceWorker.getRegistration('/phone/').then(one => Boolean(one.waiting))", timeout=day.LONG
    )
    assert page.get_by_text("A new version is ready.").count() == 0
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert [one for one in asked if "/phone/v/" in one and before not in one] == []
    page.get_by_role("button", name="Save the goal").click()
    page.locator("blockquote", has_text="To sleep").wait_for()
    page.get_by_text("A new version is ready.").wait_for()
    assert page.locator("html").get_attribute("data-version") == before
    page.get_by_role("button", name="Use it now").click()
    page.get_by_label("Your passphrase").wait_for()
    assert page.locator("html").get_attribute("data-version") == after
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert [one for one in asked if "/phone/v/" in one and after not in one] == []
    day.unlock(page)
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    day.home(page, "Tendai")
    assert page.locator("blockquote", has_text="To sleep").is_visible()


def test_practice_sends_nothing(phone_of, world, site, axe):
    page = phone_of()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.goto(f"{site}/phone/#/setup")
    page.get_by_role("button", name="Practise").click()
    page.get_by_role("heading", name="Today").wait_for(timeout=day.LONG)
    for name in ("Today", "People", "Only here", "More"):
        day.place(page, name)
        assert page.get_by_text("Practice: all people here are invented.").is_visible()
        axe(page)
    day.home(page, "Rudo")
    day.goal(page, "To sing")
    page.get_by_role("link", name="I am worried").click()
    page.get_by_role("button", name="Tell someone now").click()
    page.get_by_text("Nobody has been told yet.").wait_for()
    page.wait_for_timeout(500)
    assert [one for one in asked if "/phone/api/" in one or one.startswith("POST")] == []
    assert Person.objects.count() == 0
