"""Questions spoken aloud, where a deployment has recordings: `audio/<key>/<language>/<item>.ogg` in the site's folder.

`key` is the plain name of a questionnaire, the only one that an address may show. Files are found once, when the
site starts; an address holds the file's digest, so that a phone may keep it for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

KINDS = {".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4"}
MOST_BYTES = 2_000_000
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Sound:
    path: Path
    kind: str
    mark: str

    def address(self, key: str, language: str) -> str:
        return f"/phone/audio/{key}/{language}/{self.path.name}?v={self.mark}"


@cache
def sounds() -> dict[tuple[str, str, str], Sound]:
    """Every recording by (key, language, item)."""
    found: dict[tuple[str, str, str], Sound] = {}
    for path in sorted(Path(settings.AUDIO).glob("*/*/*"))[:MOST_FILES]:
        kind = KINDS.get(path.suffix.lower())
        if kind is None or not path.is_file() or path.stat().st_size > MOST_BYTES:
            continue
        key, language = path.parent.parent.name, path.parent.name
        mark = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        found.setdefault((key, language, path.stem), Sound(path, kind, mark))
    return found


def spoken(key: str, language: str, item: str) -> str:
    """The address of a question's recording; empty where there is none."""
    found = sounds().get((key, language, item))
    return found.address(key, language) if found else ""


def recording(key: str, language: str, name: str) -> Sound | None:
    """The recording behind an address."""
    found = sounds().get((key, language, Path(name).stem))
    return found if found is not None and found.path.name == name else None
