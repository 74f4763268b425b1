"""A way back in without e-mail: someone who knows the person starts it, and one more thing confirms it.

The person is told a code (on the bench, by phone). It works for a short time and only with the person's own
second step or after a second supervisor or keeper has confirmed. Lost second steps need that second person.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.accounts import NotYourself, drop_second_step, end_sessions, reachable, within_reach
from kinweave.house.models import Account, Recovery
from kinweave.house.settings import define, value, whole

MINUTES = define(
    "house.recovery_minutes",
    30,
    says="For how many minutes a code to sign in again is valid.",
    source="ours",
    fits=whole(5, 240),
    hint="Give a number of minutes from 5 to 240.",
)
TRIES = 5
DIGITS = 10


class NoWayBack(Problem):
    """One sentence for every reason, so that it tells nothing about names or codes."""

    status, code = 422, "no-way-back"
    says = "This did not fit together, or the code is too old."
    remedy = "Check the name and the code. After five tries ask for a new code."


class NotTheSamePerson(Problem):
    status, code = 409, "second-person-needed"
    says = "A second person has to confirm this, not the one who started it."
    remedy = "Ask another supervisor or a keeper to open this page."


def start(*, by: Actor, account_id: UUID, lost_step: bool = False) -> tuple[Recovery, str]:
    """Start the way back for someone within reach; returns the row and the code, shown this once."""
    by.require("accounts.recover")
    if by.account_id is None or by.account_id == account_id:
        raise NotYourself()
    account = reachable(by, account_id)
    if not account.is_active:
        raise NoWayBack()
    now = timezone.now()
    Recovery.objects.filter(account_id=account_id, used_at=None).delete()
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    row = Recovery.objects.create(
        account_id=account_id, started_by=by.account_id, digest=_digest(account_id, code),
        lost_step=lost_step, made_at=now, until=now + timedelta(minutes=value(MINUTES)),
    )  # fmt: skip
    return row, code


def waiting(by: Actor) -> QuerySet[Recovery]:
    """What a second person within reach may confirm now."""
    if by.account_id is None:
        return Recovery.objects.none()
    mine = [a.id for a in within_reach(by) if a.id != by.account_id]
    return (
        _open()
        .filter(account_id__in=mine, confirmed_by=None)
        .exclude(started_by=by.account_id)
        .select_related("account")
    )


def confirm(*, by: Actor, recovery_id: UUID) -> Recovery:
    """A second person says: yes, this is who asked."""
    by.require("accounts.recover")
    row = _open().filter(id=recovery_id).first()
    if row is None:
        raise NoWayBack()
    reachable(by, row.account_id)
    if by.account_id in {None, row.started_by, row.account_id}:
        raise NotTheSamePerson()
    row.confirmed_by = by.account_id
    row.save(update_fields=["confirmed_by"])
    return row


def attempt(username: str, code: str) -> Recovery | None:
    """The open recovery of a name whose code fits. Every wrong code counts; the fifth ends it.

    Takes the same steps whether or not the name exists.
    """
    account = Account.objects.filter(username=username.strip().casefold(), is_active=True).first()
    row = _open().filter(account=account).select_related("account").first() if account else None
    given = _digest(account.id if account else UUID(int=0), "".join(code.split()))
    fits = hmac.compare_digest(given, row.digest if row else "-" * 64)
    if row is None or row.tries >= TRIES:
        return None
    if not fits:
        Recovery.objects.filter(id=row.id).update(tries=F("tries") + 1)
        return None
    return row


def finish(row: Recovery, *, password: str, second_step: bool) -> Account:
    """Set the new password. `second_step`: the person has just shown their own.

    Raises NoWayBack where nobody and nothing has confirmed it; the try is counted.
    """
    row.refresh_from_db()
    confirmed = row.confirmed_by is not None or (second_step and not row.lost_step)
    used = _open().filter(id=row.id, tries__lt=TRIES)
    if not confirmed or not used.update(used_at=timezone.now()):
        Recovery.objects.filter(id=row.id).update(tries=F("tries") + 1)
        raise NoWayBack()
    account = row.account
    if row.lost_step:
        drop_second_step(account.id)
    account.set_password(password)
    account.must_change = False
    account.save(update_fields=["password", "must_change"])
    end_sessions(account.id)
    return account


def _open() -> QuerySet[Recovery]:
    return Recovery.objects.filter(used_at=None, until__gt=timezone.now(), tries__lt=TRIES)


def _digest(account_id: UUID, code: str) -> str:
    from kinweave.house.sealing import house_key

    return hmac.new(house_key(), account_id.bytes + code.encode(), sha256).hexdigest()
