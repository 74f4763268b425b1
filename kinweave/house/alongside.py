"""What a higher layer adds to an entry that a lower one is writing: a yes taken back in `people` also clears the shelf.

The lower layer names the moment and what it is about; whoever must act at once registers for it and calls actions of
its own, which become parts of the same entry. So both are written or neither is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CONSENT = "consent"  # the last word on a purpose changes: purpose, recipient, keeps (the items still agreed to)
PUBLISHING = "publishing"  # a report goes out with this entry: release_id

Follower = Callable[..., None]
_FOLLOWERS: dict[str, list[Follower]] = {CONSENT: [], PUBLISHING: []}


def alongside(moment: str) -> Callable[[Follower], Follower]:
    """Register a function for a moment. It is called while the entry is decided, and may call inner actions."""

    def register(follower: Follower) -> Follower:
        _FOLLOWERS[moment].append(follower)
        return follower

    return register


def also(moment: str, **about: Any) -> None:
    """Let everyone who registered for the moment add their parts. For use inside an action."""
    for follower in _FOLLOWERS[moment]:
        follower(**about)
