"""Reading the verdicts on languages that the learn process left for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinweave.learn.nightly import LANGUAGES


def language_dimension(instrument: str, scale: str) -> str:
    """The name of the language of asking as a dimension of tables."""
    return f"language.{instrument}.{scale}"


def judged() -> Mapping[str, Any] | None:
    """The newest verdicts (see `languages.write_verdicts`); None where none were made yet."""
    return LANGUAGES.read()


def pairs(instrument: str = "", scale: str = "") -> list[Mapping[str, Any]]:
    """The pairs looked at: of one scale, of one questionnaire, or all."""
    found = judged()
    every = found["judged"] if found else []
    return [j for j in every if instrument in ("", j["instrument"]) and scale in ("", j["scale"])]


def side_by_side(instrument: str, scale: str) -> tuple[str, ...]:
    """The languages of a scale that may stand beside each other today; empty where there are none."""
    found = judged()
    lines = {(i, s): tuple(names) for i, s, names in (found["shown"] if found else [])}
    return lines.get((instrument, scale), ())
