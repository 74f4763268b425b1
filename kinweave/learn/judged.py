"""Reading the verdicts on languages that the learn process left for the desk: plain Python, no statistics loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = 1


def language_dimension(instrument: str, scale: str) -> str:
    """The name of the language of asking as a dimension of tables."""
    return f"language.{instrument}.{scale}"


def file() -> Path:
    """Where the newest verdicts stand, beside the safe tables."""
    return Path(settings.HOME) / "learn" / "languages.json"


def judged() -> Mapping[str, Any] | None:
    """The newest verdicts (see `languages.write_verdicts`); None where none were made yet."""
    try:
        found = file().stat()
    except FileNotFoundError:
        return None
    return _read(str(file()), found.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: str, _changed: int) -> Mapping[str, Any] | None:
    said: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return said if said.get("format") == FORMAT else None


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
