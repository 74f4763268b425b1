"""What pages and the phone ask of referrals: the drafts about one person, opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from kinweave.connect.actions import NOTE, OVERRIDE, PURPOSE, TO, recipient
from kinweave.connect.models import Referral
from kinweave.house.actions import NotFound
from kinweave.house.sealing import Opener
from kinweave.people.door import Seen, consent_to


@dataclass(frozen=True, slots=True)
class Drafted:
    """A referral as it is shown. `agreed`: a consent for exactly this one is in force."""

    id: UUID
    state: str
    need: str
    urgency: str
    to: str
    items: tuple[str, ...]
    note: str
    override: str
    made_at: datetime
    agreed: bool
    asked: bool

    @property
    def could_be_sent(self) -> bool:
        """Never without consent or a recorded reason for going without."""
        return self.state == "draft" and (self.agreed or bool(self.override))


def referrals(seen: Seen, states: tuple[str, ...] = ("draft",), on: date | None = None) -> list[Drafted]:
    """A person's referrals in these states, the newest first."""
    rows = list(Referral.objects.filter(person_id__in=seen.ids, state__in=states).order_by("-made_at", "-id"))
    opened = Opener(seen.ids)
    return [_drafted(row, seen, opened, on or timezone.now().date()) for row in rows]


def _drafted(row: Referral, seen: Seen, opened: Opener, on: date) -> Drafted:
    key = row.person_id
    return Drafted(
        row.id, row.state, row.need, row.urgency, opened(key, TO, row.to) or "", tuple(row.items),
        opened(key, NOTE, row.note) or "", opened(key, OVERRIDE, row.override) or "", row.made_at,
        consent_to(seen.ids, PURPOSE, recipient(row.id), on) is not None, row.consent_id is not None,
    )  # fmt: skip


def draft_of(seen: Seen, referral_id: UUID) -> Drafted:
    """One draft about a person. Raises NotFound."""
    found = next((one for one in referrals(seen) if one.id == referral_id), None)
    if found is None:
        raise NotFound(what="draft")
    return found


def partners_of(seen: Seen) -> dict[str, str]:
    """Whom the person's consents for referrals are about: the consent's recipient → the partner's name."""
    rows = list(Referral.objects.filter(person_id__in=seen.ids).order_by("-made_at"))
    opened = Opener(seen.ids)
    return {recipient(row.id): opened(row.person_id, TO, row.to) or "" for row in rows}
