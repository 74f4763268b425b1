"""What a site gave out as sums stands in the journal: who, of what, how many people, and the file's own number."""

from __future__ import annotations

from typing import Any

from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.registry import action, no_rows


@action(permission="published.sign", inner=True)
def give_sums(*, by: Actor, head: Head, about: dict[str, Any], people: int, mark: str) -> Decision:
    """Write down that sums left the site. `people`: rounded down to the smallest cell. `mark`: SHA-256 of the file."""
    return Decision(None, {"about": about, "people": people, "mark": mark})


no_rows("published.give_sums")
