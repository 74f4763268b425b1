"""A worker's phone in the tests: set up, opened, used without signal, at the size of a small screen."""

from __future__ import annotations

from typing import Any

from tests.care_world import session_of

SMALL = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
OWN = "a goat under nine red hats"  # a passphrase
CODE = "4711"
# The stretching of a passphrase takes about a second on purpose; tests wait for it rather than weaken it.
LONG = 40_000


def sign_in(page: Any, world: Any, name: str, site: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(world, name), "url": site}])


def set_up(page: Any, site: str, label: str = "A.", own: str = OWN, duress: str = "", code: str = "") -> None:
    """The first set-up, signed in already; ends on today's list."""
    page.goto(f"{site}/phone/#/setup")
    page.get_by_label("What to call you on this phone").fill(label)
    page.get_by_label("My own words").check()
    page.get_by_label("Your own words").fill(own)
    if code:
        page.get_by_label("A short code of four to eight digits").fill(code)
    if duress:
        page.get_by_text("If someone forces you to open it").click()
        page.get_by_label("A second passphrase that shows an empty list").fill(duress)
    page.get_by_label("I have written the words down").check()
    page.get_by_role("button", name="Set up", exact=True).click()
    page.get_by_role("heading", name="Today").wait_for(timeout=LONG)


def ready_offline(page: Any) -> None:
    """Wait until the app is on the phone whole."""
    page.wait_for_function(
        """async () => {
          const names = await caches.keys();
          if (!names.length) return false;
          const kept = await (await caches.open(names[0])).keys();
          return Boolean(navigator.serviceWorker.controller) && kept.some(k => k.url.endsWith('/words/en.json'));
        }""",
        timeout=LONG,
    )


def unlock(page: Any, own: str = OWN) -> None:
    page.get_by_label("Your passphrase").fill(own)
    page.get_by_role("button", name="Open", exact=True).click()


def say_yes(page: Any, *answers: str) -> None:
    """The three questions of consent."""
    for answer in answers:
        page.get_by_role("group", name="Do you agree?").get_by_text(answer, exact=True).click()
        page.get_by_role("button", name="Next").click()
        page.wait_for_timeout(150)


def place(page: Any, name: str) -> None:
    """One of the four places at the foot of the screen."""
    page.locator("#places a", has_text=name).click()
    page.get_by_role("heading", name=name, level=1).wait_for()


def pick(page: Any, group: str, answer: str) -> None:
    page.get_by_role("group", name=group).locator("label.choice", has_text=answer).first.click()


def home(page: Any, person: str) -> None:
    """A person's page."""
    place(page, "People")
    page.locator(".person-row", has_text=person).click()
    page.get_by_role("heading", name=person).wait_for()


def add(page: Any, alias: str) -> None:
    place(page, "Today")
    page.get_by_role("link", name="Someone new").click()
    page.get_by_label("What to call them").fill(alias)
    page.get_by_role("button", name="Write them down").click()
    page.get_by_role("group", name="Do you agree?").wait_for()


def ask(page: Any, answers: list[str], questions: str = "How you have been (9 questions)") -> None:
    """One question after another, from a person's page; ends on what it came to."""
    page.get_by_role("link", name="Ask the questions").click()
    page.get_by_role("listitem").filter(has_text=questions).get_by_role("link", name="Begin").click()
    page.get_by_role("button", name="Begin").click()
    for number, one in enumerate(answers, 1):
        page.get_by_text(f"{number} of {len(answers)}", exact=True).wait_for()
        page.locator("label.choice", has_text=one).first.click()
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Save the answers").click()
    page.get_by_text("Say it in their own words first.").wait_for()


def note_held(page: Any) -> None:
    """Six touches, from a person's page or from what a form came to."""
    page.get_by_role("link", name="Note a meeting").click()
    pick(page, "Did you meet?", "Yes")
    pick(page, "What was agreed last time", "Done")
    pick(page, "How the goal goes", "A little easier")
    pick(page, "When next?", "Same day next week")
    pick(page, "Are you worried", "No")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("The note is kept.").wait_for()


def goal(page: Any, text: str) -> None:
    page.get_by_role("link", name="A goal", exact=True).click()
    page.get_by_label("What would they like to be different?").fill(text)
    page.get_by_role("button", name="Save the goal").click()
    page.locator("blockquote", has_text=text).wait_for()


def contact(page: Any, number: str) -> None:
    page.get_by_role("link", name="A safe way", exact=True).click()
    pick(page, "How they can be reached", "Phone")
    page.get_by_label("Number, place or person").fill(number)
    pick(page, "What is safe there", "Calls only")
    page.get_by_role("button", name="Save this way").click()
    page.get_by_role("link", name=number).wait_for()


def missed_call(page: Any, person: str) -> None:
    home(page, person)
    page.get_by_role("link", name="I tried to reach them").click()
    pick(page, "Did you meet?", "No, it did not happen")
    pick(page, "Why not?", "we could not reach them")
    pick(page, "When next?", "No date yet")
    pick(page, "Are you worried", "No")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("The note is kept.").wait_for()


def hours(page: Any) -> None:
    place(page, "Today")
    page.get_by_role("link", name="My hours").click()
    page.get_by_label("Hours", exact=True).fill("1")
    page.get_by_label("Minutes").fill("30")
    pick(page, "What kind of work", "On the way")
    pick(page, "Was it paid?", "Not paid")
    page.get_by_role("button", name="Save the hours").click()
    page.get_by_text("The hours are kept.").wait_for()


def send(page: Any) -> None:
    place(page, "Only here")
    page.get_by_role("button", name="Send").click()
    page.locator("#syncing .card, #problems").first.wait_for(timeout=LONG)


def whole(page: Any, then: Any) -> None:
    """A picture of all that scrolls between the head and the foot."""
    size = page.viewport_size
    more = page.evaluate("(m => m.scrollHeight - m.clientHeight)(document.getElementById('main'))")
    page.set_viewport_size({"width": size["width"], "height": size["height"] + more})
    then()
    page.set_viewport_size(size)
