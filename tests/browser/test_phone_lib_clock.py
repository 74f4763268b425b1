"""The phone's clock may be wrong by years and may jump: segments tell, and the count keeps the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page

from tests.browser.phone_site import LIBRARY, PhoneSite
from tests.browser.test_phone_lib_store import make
from tests.browser.test_phone_lib_sync import Intake

HOUR = 3_600_000
YEAR = 366 * 24 * HOUR
# Date runs `shift` ms ahead of the real clock; performance.now() is left alone, as on a real phone.
CLOCK = """(() => {
  const Real = Date;
  window.shift = Number(new URLSearchParams(location.search).get("shift") || 0);
  window.Date = class extends Real {
    constructor(...given) { super(...(given.length ? given : [Real.now() + window.shift])); }
    static now() { return Real.now() + window.shift; }
  };
})()"""


@pytest.fixture
def phone_site() -> Iterator[PhoneSite]:
    with PhoneSite() as site:
        yield site


class Clock:
    """One phone whose clock a test sets."""

    def __init__(self, page: Page, site: PhoneSite) -> None:
        self.page, self.site = page, site
        page.add_init_script(CLOCK)

    def start(self, shift: int = 0) -> str:
        """Start the app with the clock set so far ahead (ms); its segment."""
        self.page.goto(f"{self.site.url}/?shift={shift}")
        self.page.evaluate(LIBRARY)
        return self.segment()

    def set(self, shift: int) -> str:
        self.page.evaluate("(shift) => { window.shift = shift; }", shift)
        return self.segment()

    def sleep(self, shift: int) -> str:
        """The page is hidden and the clocks come apart, as when a phone sleeps: only Date goes on."""
        self.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        return self.set(shift)

    def segment(self) -> str:
        return self.page.evaluate("kw.segment().id")

    def skew(self) -> int | None:
        return self.page.evaluate("kw.segment().skew_ms")


@pytest.fixture
def clock(phone_site: PhoneSite, new_page: Callable[..., Page]) -> Clock:
    return Clock(new_page(timezone_id="Africa/Harare"), phone_site)


def test_a_jump_begins_a_new_stretch_and_small_steps_do_not(clock: Clock) -> None:
    first = clock.start()
    assert clock.set(60_000) == first  # a time service moves it a little
    assert clock.set(0) == first
    ahead = clock.set(YEAR)
    assert ahead != first
    assert clock.segment() == ahead  # one jump, one stretch
    back = clock.set(0)
    assert back not in (first, ahead)
    assert clock.set(-200_000) not in (first, ahead, back)


def test_sleep_is_no_jump_but_a_clock_set_back_is(clock: Clock) -> None:
    first = clock.start()
    assert clock.sleep(9 * HOUR) == first
    assert clock.sleep(9 * HOUR + 60_000) == first
    assert clock.set(11 * HOUR) != first  # ahead before our eyes
    again = clock.segment()
    assert clock.sleep(5 * HOUR) != again
    again = clock.segment()
    assert clock.sleep(5 * HOUR + 40 * HOUR) != again  # nobody vouches for so long a sleep


def test_a_start_goes_on_when_the_clock_went_on_and_only_then(clock: Clock) -> None:
    first = clock.start()
    assert clock.start() == first
    assert clock.start(10 * HOUR) == first
    back = clock.start(9 * HOUR)
    assert back != first
    assert clock.start(9 * HOUR + 37 * HOUR) != back
    last = clock.segment()
    clock.page.evaluate("localStorage.setItem('kinweave-clock', '{broken')")
    assert clock.start(9 * HOUR + 37 * HOUR) != last


def test_the_sites_clock_is_noted_for_this_stretch_only(clock: Clock) -> None:
    clock.start(YEAR)
    assert clock.skew() is None
    clock.page.evaluate("kw.noteContact(new Date(Date.now() - shift).toISOString())")
    assert abs(clock.skew() + YEAR) < 5000
    second = Clock(clock.page.context.new_page(), clock.site)
    assert second.start(YEAR) == clock.segment()
    assert abs(second.skew() + YEAR) < 5000
    clock.set(0)
    assert clock.skew() is None
    for nonsense in ("null", "'never'", "NaN", "undefined"):
        clock.page.evaluate(f"kw.noteContact({nonsense})")
    assert clock.skew() is None


def test_times_carry_the_phones_own_offset(clock: Clock) -> None:
    clock.start()
    assert clock.page.evaluate("kw.iso(new Date('2026-11-02T22:30:05.007Z'))") == "2026-11-03T00:30:05.007+02:00"


@pytest.mark.parametrize(
    ("zone", "wanted"), [("Asia/Kathmandu", "+05:45"), ("America/St_Johns", "-03:30"), ("UTC", "+00:00")]
)
def test_odd_offsets(new_page: Callable[..., Page], phone_site: PhoneSite, zone: str, wanted: str) -> None:
    page = phone_site.visit(new_page(timezone_id=zone))
    said = page.evaluate("kw.iso(new Date('2026-01-02T12:00:00Z'))")
    assert said.endswith(wanted)
    assert page.evaluate("(said) => Date.parse(said)", said) == 1767355200000


def test_a_year_either_way_loses_and_reorders_nothing(clock: Clock, phone_site: PhoneSite) -> None:
    intake = Intake(phone_site)
    clock.start()
    store = make(clock.page, phone_site)
    steps = [0, YEAR, -YEAR, 0, 30 * YEAR, 500_000, -3 * HOUR]
    for number, shift in enumerate(steps):
        clock.set(shift)
        clock.page.evaluate(
            "(n) => Promise.all([kw.add(store, 'care.try_call', {n}), kw.add(store, 'care.try_call', {n})])", number
        )
        if number == 3:
            assert clock.page.evaluate("(id) => kw.send(id)", store)["sent"] == 8
    assert clock.page.evaluate("kw.entries(store).then((all) => all.map((one) => one.asked.n))") == [
        n // 2 for n in range(14)
    ]
    assert clock.page.evaluate("(id) => kw.send(id)", store)["sent"] == 6
    taken = list(intake.taken.values())
    assert [entry["seq"] for entry in taken] == list(range(1, 15))
    assert [entry["asked"]["n"] for entry in taken] == [n // 2 for n in range(14)]
    told = [datetime.fromisoformat(entry["happened_at"]) for entry in taken[::2]]
    # The phone tells its own clock as it stood; putting it right is the site's business.
    for at, shift in zip(told, steps, strict=True):
        assert abs((at - told[0]).total_seconds() * 1000 - shift) < 60_000
    pairs = [(entry["asked"]["n"], entry["segment"]) for entry in taken]
    assert len(set(pairs)) == len(steps)  # each stretch of the clock has its own name
    assert len({segment for _, segment in pairs}) == len(steps)
    assert [entry["skew_ms"] for entry in taken[:8]] == [None] * 8
