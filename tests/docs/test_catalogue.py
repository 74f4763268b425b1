"""The catalogue's page: every indicator stands in its own cell, once, and no cell says nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kinweave.learn.indicators import CATALOGUE
from kinweave.learn.indicators.base import FRAMEWORKS, LEVELS

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")


def cells() -> dict[tuple[str, str], str]:
    """What is said of each level and framework."""
    found = {}
    for level, body in re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        for framework, _what, today in re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", body, re.MULTILINE):
            if framework != "Framework":
                found[level.lower(), framework] = today
    return found


def test_every_level_and_framework_has_a_cell_that_says_something() -> None:
    assert set(cells()) == {(level, framework) for level in LEVELS for framework in FRAMEWORKS}
    assert all("](" in today or "not yet:" in today for today in cells().values())


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_an_indicator_stands_in_its_cell_and_in_no_other(slug: str) -> None:
    link = f"[{slug}](indicators/{slug}.md)"
    assert [cell for cell, today in cells().items() if link in today] == [
        (CATALOGUE[slug].level, CATALOGUE[slug].framework)
    ]
