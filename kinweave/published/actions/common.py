"""What all actions on releases share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.published.choices import NEEDS_VOICE
from kinweave.published.models import Release, Signature
from kinweave.published.problems import ReleaseNotFound, WrongTime
from kinweave.published.states import DRAFT, SIGNED

OPEN = (DRAFT, SIGNED)
SIGNATURES = 2
VOICE = "voice"  # the role that signs for an organisation of people who use services


@dataclass(frozen=True, slots=True)
class Missing:
    """What a report still waits for: so many of two signatures, and the voice. False where nothing is missing."""

    two: int
    voice: bool

    def __bool__(self) -> bool:
        return self.two > 0 or self.voice


def missing(roles: Sequence[str]) -> Missing:
    """What a report that was signed in these roles still waits for."""
    two = max(0, SIGNATURES - sum(role != VOICE for role in roles))
    return Missing(two, VOICE not in roles and bool(chosen.value(NEEDS_VOICE)))


def reached(by: Actor, permission: str, organisation_id: UUID) -> bool:
    """Does the actor's permission reach this organisation's releases?"""
    return any(r.organisation_id in (None, organisation_id) for r in by.reaches(permission))


def release_for(by: Actor, permission: str, release_id: UUID, *states: str) -> Release:
    """The release, without its tables. Absent and out of reach look the same."""
    row = Release.objects.defer("tables", "texts").filter(id=release_id).first()
    if row is None or not reached(by, permission, row.organisation_id):
        raise ReleaseNotFound()
    if states and row.state not in states:
        raise WrongTime(state=row.state)
    return row


def standing(release_id: UUID) -> list[Signature]:
    """The signatures that still hold, first to last."""
    return list(Signature.objects.filter(release_id=release_id, void=False).order_by("at", "id"))
