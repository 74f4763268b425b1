"""Hashes and marks: how a release shows that nothing in it was changed, and that it came from learn.

`mark` is keyed with the house key: a release can only be drafted with numbers that this site's own learn process
made, not with any that someone sends.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from kinweave.house.journal import canonical
from kinweave.house.sealing import house_key

FORMAT = 1


def sha256(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def content_hash(head: Mapping[str, Any], texts: Mapping[str, Any], tables_hash: str) -> str:
    """SHA-256 over everything that learn made; `tables_hash` is sha256 of the list of tables."""
    return sha256({"head": head, "texts": sha256(texts), "tables": tables_hash})


def signed_hash(content: str, reading: Mapping[str, str], wrong: Mapping[str, str], stories: Sequence[str] = ()) -> str:
    """What people sign: the content, the words beside it, and the marks of the stories that stand with it.

    A story's own words are not in it: they can be taken back, and what was signed still fits.
    """
    said = {"content": content, "reading": reading, "wrong": wrong}
    return sha256({**said, "stories": list(stories)} if stories else said)


def mark(content: str) -> str:
    """The site's own mark on a content hash."""
    return hmac.new(house_key(), b"published|" + content.encode(), hashlib.sha256).hexdigest()


def is_marked(content: str, given: str) -> bool:
    return hmac.compare_digest(mark(content), given)
