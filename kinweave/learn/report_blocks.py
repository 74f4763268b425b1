"""What every section of a report is written with."""

from __future__ import annotations

from typing import Any


def text(*sentences: str, kind: str = "text") -> dict[str, Any]:
    """A block of sentences; empty ones are left out."""
    return {"kind": kind, "text": " ".join(s for s in sentences if s)}


def plain(value: float) -> str:
    """At most one decimal, none when it is whole."""
    rounded = round(value, 1) + 0.0
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.1f}"
