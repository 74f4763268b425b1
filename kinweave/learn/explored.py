"""Reading what the learn process left for the desk: plain Python, so that a page loads no analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = 1


def file() -> Path:
    """Where the newest safe tables stand."""
    return Path(settings.HOME) / "learn" / "explored.json"


def explored() -> Mapping[str, Any] | None:
    """The newest safe tables (see `explore.write_explored`); None where none were made yet."""
    try:
        found = file().stat()
    except FileNotFoundError:
        return None
    return _read(str(file()), found.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: str, _changed: int) -> Mapping[str, Any] | None:
    said: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    if said.get("format") != FORMAT:
        return None
    for table in said["tables"]:
        table["at"] = {(c["place"], c["period"], c["dimension"], c["group"]): c for c in table["cells"]}
    return said
