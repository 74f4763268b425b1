"""The files that the night leaves for the desk: plain Python reads them, so that a page loads no analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

_read: dict[Path, tuple[int, dict[str, Any] | None]] = {}


@dataclass(frozen=True)
class Nightly:
    """One of these files, by name. format: goes up when a page would stumble over what was written before."""

    name: str
    format: int = 1

    @property
    def path(self) -> Path:
        return Path(settings.HOME) / "learn" / f"{self.name}.json"

    def write(self, said: Mapping[str, Any]) -> None:
        """One rename, so that a reader never sees half. Never a NaN: a page would show it as a number."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.path.with_suffix(".new")
        text = json.dumps({"format": self.format, **said}, separators=(",", ":"), allow_nan=False)
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path)

    def read(self) -> dict[str, Any] | None:
        """What was written last; None where nothing was, or by another version. Read anew only when it changed."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if _read.get(self.path, (None,))[0] != changed:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            _read[self.path] = (changed, said if said.get("format") == self.format else None)
        return _read[self.path][1]


EXPLORED: Final = Nightly("explored")
MODELS: Final = Nightly("models", format=2)
LANGUAGES: Final = Nightly("languages")
