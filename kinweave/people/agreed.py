"""Which of many agreements hold today, asked by their recipients: for flows, which know no person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house.access import SYSTEM
from kinweave.people.actions.consents import check_guardian, under_age
from kinweave.people.door import Seen, access
from kinweave.people.models import Consent


def agreed(purpose: str, recipients: Iterable[str], on: date | None = None) -> dict[str, tuple[str, ...]]:
    """What is agreed to for each recipient with a yes in force: its items. The last word counts, and it has run out
    where its day is over, or where someone under age has no guardian's yes beside their own."""
    day = on or timezone.localdate()
    last: dict[str, Consent] = {}
    found = Consent.objects.filter(purpose=purpose, recipient__in=list(recipients)).exclude(recipient="")
    for row in found.select_related("person__merged_into").order_by("from_at", "id"):
        last[row.recipient] = row
    return {to: tuple(map(str, row.items)) for to, row in last.items() if _holds(row, day)}


def _holds(row: Consent, on: date) -> bool:
    if not row.given or row.withdrawn_at is not None or (row.until and row.until < on):
        return False
    living = row.person.merged_into or row.person
    if not under_age(Seen(living, (living.id,)), on):
        return living.erased_at is None
    try:
        check_guardian(access(living.id, by=SYSTEM), row.guardian_tie_id, row.assent)
    except Problem:  # erased, or no guardian any more
        return False
    return True
