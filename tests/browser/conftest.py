"""A real Chromium for the tests: the system's own, driven by Playwright.

    def test_today(page, site, axe, shot):
        page.goto(site + "/today")
        axe(page)                      # fails on any accessibility violation
        shot(page, "today")            # a picture in var/shots/today.png

`new_page(...)` opens further pages with their own cookies: `new_page(locale="ar", color_scheme="dark")`.
Every page fails its test on an uncaught script error or anything the content security policy refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOTS = ROOT / "var" / "shots"
AXE = (HERE.parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT = 10_000  # milliseconds before a click or a look gives up

sys.path.insert(0, str(ROOT / "scripts"))
from browser import ADVICE, find_chromium  # noqa: E402

# Without these Chromium calls home at every start, which a closed network answers with many errors.
QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark every test of this folder, and run them last: the quick tests speak first."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    yield
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember how the test itself went, so that a failing one leaves a picture."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    found = find_chromium()
    if found is None:
        pytest.skip(ADVICE)
    flags = [*QUIET, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else QUIET
    # Playwright keeps an event loop in this thread; Django would take that for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open a page with its own cookies; takes Playwright's context options."""
    pages: list[Page] = []
    troubles: list[str] = []

    def open_page(**options: object) -> Page:
        context = chromium.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: _note_refusal(line.text, troubles))
        pages.append(page)
        return page

    yield open_page
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(pages):
            _photograph(page, f"failed-{request.node.name}-{number}")
    for page in pages:
        page.context.close()
    assert not troubles, "The page's scripts ran into trouble:\n" + "\n".join(troubles)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page at the size of a laptop."""
    return new_page()


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """One page at the size of a small phone with touch."""
    return new_page(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def site(live_server) -> str:
    """Address of the running site, without a slash at its end."""
    return str(live_server.url)


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail with one line per violation that axe finds on the page."""

    def check(page: Page, *, within: str | None = None) -> None:
        page.evaluate(AXE)
        found = page.evaluate(
            "([within, tags]) => axe.run(within || document, {runOnly: tags, resultTypes: ['violations']})",
            [within, AXE_RULES],
        )
        lines = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)

    return check


@pytest.fixture
def shot() -> Callable[[Page, str], Path]:
    """Keep a picture of the whole page in var/shots/."""
    return _photograph


def _photograph(page: Page, name: str) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def _note_refusal(text: str, troubles: list[str]) -> None:
    if "Content Security Policy" in text or "Content-Security-Policy" in text:
        troubles.append(text)
