"""Who looked: one row for each look at a person, one row for a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kinweave.house.access import Actor
from kinweave.house.models import ReadLog

LISTS_FOR = timedelta(days=365)  # how far back lists are searched for one person: a setting of ours


def looked(actor: Actor, page: str, persons: Sequence[UUID], *, reason: str = "", guarded: bool = False) -> None:
    """Write down that an actor saw these people on a page (a code, not an address)."""
    if not persons:
        return
    one = persons[0] if len(persons) == 1 else None
    ReadLog.objects.create(
        at=timezone.now(),
        reader_id=actor.account_id,
        page=page,
        person_id=one,
        persons="" if one else " ".join(p.hex for p in persons),
        reason=reason,
        guarded=guarded,
    )


def who_looked(persons: Sequence[UUID], limit: int = 100) -> list[ReadLog]:
    """Who looked at a person (with the records merged into it), the latest first, without guarded reads."""
    listed = Q()
    for one in persons:
        listed |= Q(persons__contains=one.hex)
    since = timezone.now() - LISTS_FOR
    found = ReadLog.objects.filter(Q(person_id__in=list(persons)) | (listed & Q(at__gte=since)), guarded=False)
    return list(found.order_by("-at")[:limit])
