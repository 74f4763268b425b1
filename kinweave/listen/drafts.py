"""A form that is being answered: kept on the server between its pages, sealed under the person's own key.

Nothing of it stands in an address, a cookie or a log, and an erasure takes it with everything else. Drafts are
operational: the finished form is what the journal keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.registry import Erased
from kinweave.house.sealing import keystore, open_sealed, seal
from kinweave.house.settings import define, value, whole
from kinweave.house.worker import every
from kinweave.listen.models import Draft
from kinweave.people.door import Seen

ANSWERS = "listen.draft.answers"
KEPT_DAYS = define(
    "listen.draft_days",
    7,
    says="For how many days a form that was begun and not finished can be taken up again.",
    source="ours",
    fits=whole(1, 60),
    hint="Give whole days between 1 and 60.",
)


class DraftGone(Problem):
    status, code = 404, "draft-gone"
    says = "This form is not open any more."
    remedy = "Begin it again. What was finished is on the person's page."


def _me(by: Actor) -> UUID:
    """Only an account fills in forms page by page."""
    if by.account_id is None:
        raise DraftGone()
    return by.account_id


def begin(
    by: Actor, seen: Seen, instrument: str, *, language: str, one_page: bool = False, draft_id: UUID | None = None
) -> Draft:
    """A new empty draft of the account for a person. The same `draft_id` again is the same draft."""
    now = timezone.now()
    before = Draft.objects.filter(id=draft_id, account_id=_me(by), person_id=seen.id).first() if draft_id else None
    return before or Draft.objects.create(
        id=draft_id or uuid7(), person_id=seen.id, account_id=_me(by), instrument=instrument, language=language,
        one_page=one_page, made_at=now, touched_at=now,
    )  # fmt: skip


def find(by: Actor, seen: Seen, draft_id: UUID) -> Draft:
    """A draft of this account about this person. Raises DraftGone, also for another's."""
    row = Draft.objects.filter(id=draft_id, account_id=_me(by), person_id__in=seen.ids).first()
    if row is None:
        raise DraftGone()
    return row


def waiting(by: Actor, seen: Seen) -> list[Draft]:
    """Forms of this account about this person that were begun and not finished, the latest first."""
    found = Draft.objects.filter(account_id=_me(by), person_id__in=seen.ids, finished=None)
    return [row for row in found.order_by("-touched_at") if row.answers is not None]


def opened(draft: Draft) -> dict[str, Any]:
    """The answers so far, by item code."""
    text = open_sealed(draft.person_id, ANSWERS, draft.answers)
    return {} if text is None else dict(json.loads(text))


def keep(draft: Draft, answers: Mapping[str, Any]) -> None:
    """Seal the answers as they are now. Raises Erased where the person's key is gone."""
    keys = keystore().read([draft.person_id])
    if draft.person_id not in keys:
        raise Erased()
    draft.answers = seal(keys[draft.person_id], draft.person_id, ANSWERS, json.dumps(dict(answers)))
    draft.touched_at = timezone.now()
    draft.save(update_fields=["answers", "touched_at"])


def merge(draft: Draft, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Add answers to a draft that another tab may be filling in too; returns all of them."""
    with transaction.atomic():
        row = Draft.objects.select_for_update().filter(id=draft.id, finished=None).first()
        if row is None:
            raise DraftGone()
        answers = {**opened(row), **changes}
        keep(row, answers)
    draft.answers, draft.touched_at = row.answers, row.touched_at
    draft.fired, draft.unfinished, draft.risk_id = row.fired, row.unfinished, row.risk_id
    return answers


def fired(draft: Draft, codes: list[str], unfinished: UUID | None, risk_id: UUID | None) -> None:
    """These safety answers have reached someone; what was written of the form so far, and the alert."""
    draft.fired, draft.unfinished, draft.risk_id = codes, unfinished, risk_id
    draft.save(update_fields=["fired", "unfinished", "risk_id"])


def finish(draft: Draft, response_id: UUID) -> None:
    """The form has been written down; the draft keeps no answer, only where a second send is to be led."""
    draft.answers, draft.finished, draft.touched_at = None, response_id, timezone.now()
    draft.save(update_fields=["answers", "finished", "touched_at"])


def drop(draft: Draft) -> None:
    """Somebody decided not to go on with it."""
    draft.delete()


@every(3600, name="drafts")
def clear_old(now: datetime | None = None) -> int:
    """Delete what nobody came back to; the worker runs this."""
    since = (now or timezone.now()) - timedelta(days=value(KEPT_DAYS))
    return Draft.objects.filter(touched_at__lt=since).delete()[0]
