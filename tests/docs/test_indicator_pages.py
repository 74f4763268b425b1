"""Every indicator has a plain page that says what it asks, how it is counted, and when not to use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kinweave.learn.indicators import CATALOGUE

PAGES = Path(__file__).parents[2] / "docs" / "indicators"
HEADINGS = ["What it asks", "How it is counted", "When not to use it"]


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (body.strip() for body in parts[2::2]), strict=True))


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_an_indicator_has_its_page(slug: str) -> None:
    found = sections((PAGES / f"{slug}.md").read_text(encoding="utf-8"))
    assert list(found) == HEADINGS
    assert found["What it asks"].endswith("?")
    assert "missed" in found["How it is counted"].lower(), "who was missed"
    assert len(found["When not to use it"].splitlines()) >= 2


def test_no_page_is_left_over() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(CATALOGUE)


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_words_are_ours(slug: str) -> None:
    text = (PAGES / f"{slug}.md").read_text(encoding="utf-8").lower()
    for word in ("patient", "client", "beneficiar", "resilience score", "effect"):
        assert word not in text
