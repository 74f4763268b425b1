"""The one-time address of the wizard. Only its digest is kept, in a file beside the keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

from django.conf import settings

HOURS = 24


def _file() -> Path:
    return Path(settings.HOUSE_KEY_FILE).parent / "set-up.token"


def make() -> str:
    """A new token; an older one stops working."""
    text = secrets.token_urlsafe(24)
    path = _file()
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{int(time.time())} {_digest(text)}")
    return text


def fits(text: str) -> bool:
    """Whether this is the token, not older than a day and not used yet."""
    try:
        made, digest = _file().read_text().split()
    except (FileNotFoundError, ValueError):
        return False
    return time.time() - int(made) < HOURS * 3600 and hmac.compare_digest(digest, _digest(text))


def use_up() -> None:
    _file().unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
