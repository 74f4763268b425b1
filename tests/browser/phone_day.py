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
