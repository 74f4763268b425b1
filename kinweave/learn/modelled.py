"""Reading what the models said in the night: plain Python, so that a page loads no statistics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = 1


def file() -> Path:
    """Where the newest results stand, beside the safe tables."""
    return Path(settings.HOME) / "learn" / "models.json"


def modelled() -> Mapping[str, Any] | None:
    """The newest results (see `models.write_models`); None where none were made yet."""
    try:
        found = file().stat()
    except FileNotFoundError:
        return None
    return _read(str(file()), found.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: str, _changed: int) -> Mapping[str, Any] | None:
    said: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return said if said.get("format") == FORMAT else None
