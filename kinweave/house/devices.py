"""Phones of workers: registered by whoever is signed in, told apart by two tokens, revoked, bound again.

The drop token lies on the phone in the clear: it hands sealed envelopes in and nothing else. The read token and
the secret (which vouches for what the phone wrote) are kept there inside the encrypted store only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.accounts import open_text, reachable, seal_text, within_reach
from kinweave.house.intake_key import b64u, unb64u
from kinweave.house.models import Account, Device

MOST = 5  # devices of one account that are not revoked
SECRET_BYTES = 32
CODE_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 8  # 40 bits, for ten minutes and five tries
CODE_FOR = timedelta(minutes=10)
CODE_TRIES = 5
DROP, READ = "kwd_", "kwr_"


class TooManyDevices(Problem):
    status, code = 409, "too-many-devices"
    says = "An account can have {most} phones."
    remedy = "Ask your supervisor to end one that is no longer used."


class BadLabel(Problem):
    status, code = 422, "device-label"
    says = "A phone needs a short label of up to 40 letters."
    remedy = "Write for instance your initials."


class WrongCode(Problem):
    status, code = 403, "device-code"
    says = "This code is not right, or its ten minutes are over."
    remedy = "Ask your supervisor for a new code."


class NoSuchDevice(Problem):
    status, code = 404, "no-such-device"
    says = "There is no such phone within your reach."
    remedy = "Look at the list of phones."


class DeviceRevoked(Problem):
    status, code = 403, "device-revoked"
    says = "This phone was ended by a supervisor."
    remedy = "What is written on it can still be sent. To go on working with it, ask for a new code."


@dataclass(frozen=True, slots=True)
class Registered:
    """A new device with what its phone is told this once."""

    device: Device
    secret: bytes
    drop_token: str
    read_token: str

    def __repr__(self) -> str:
        return f"Registered({self.device.id})"


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def register(*, by: Actor, label: str, code: str = "") -> Registered:
    """A phone for one's own account. `code`: from a supervisor; it ends the phone that it takes the place of.

    Raises TooManyDevices, BadLabel, WrongCode.
    """
    owner = _owner(by)
    label = " ".join(label.split())
    if not 0 < len(label) <= 40:
        raise BadLabel()
    if code:  # a wrong one is counted, so this is no part of the transaction below
        old = _spend(owner, code)
    with transaction.atomic():
        Account.objects.select_for_update().get(id=owner)  # two at once do not both count four
        if code:
            _end(old, by=owner)
        if devices_of(owner).filter(revoked_at=None).count() >= MOST:
            raise TooManyDevices(most=MOST)
        secret, drop, read = secrets.token_bytes(SECRET_BYTES), _token(DROP), _token(READ)
        row = Device.objects.create(
            id=uuid7(), account_id=owner, label=label, secret=seal_text(b64u(secret)), drop_digest=digest_of(drop),
            read_digest=digest_of(read), made_at=timezone.now(),
        )  # fmt: skip
    return Registered(row, secret, drop, read)


def _owner(by: Actor) -> UUID:
    by.require("api.use")
    if by.account_id is None:
        raise NotAllowed()
    return by.account_id


def _token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


def secret_of(row: Device) -> bytes:
    """What the phone's entries are vouched for with."""
    return unb64u(open_text(row.secret))


def by_token(text: str) -> tuple[Device, str] | None:
    """The device that a token belongs to, and "drop" or "read". A revoked one is found too."""
    if not text.startswith((DROP, READ)):
        return None
    kind = "drop" if text.startswith(DROP) else "read"
    row = Device.objects.select_related("account").filter(**{f"{kind}_digest": digest_of(text)}).first()
    return None if row is None else (row, kind)


def devices_of(account_id: UUID) -> QuerySet[Device]:
    return Device.objects.filter(account_id=account_id).order_by("-made_at")


def devices_within(by: Actor) -> list[Device]:
    """One's own phones, and those of the accounts that one may help to sign in; those in use first."""
    accounts = [*(a.id for a in within_reach(by)), *([by.account_id] if by.account_id else [])]
    rows = Device.objects.filter(account_id__in=accounts).select_related("account")
    return list(rows.order_by(F("revoked_at").desc(nulls_first=True), "account__shown_name", "-made_at"))


def one_within(by: Actor, device_id: UUID) -> Device:
    """A phone within reach; otherwise as if it were not there. Raises NoSuchDevice."""
    row = Device.objects.filter(id=device_id).select_related("account").first()
    if row is None or (row.account_id != by.account_id and not _reaches(by, row.account_id)):
        raise NoSuchDevice()
    return row


def _reaches(by: Actor, account_id: UUID) -> bool:
    try:
        reachable(by, account_id)
    except Problem:
        return False
    return True


def revoke(*, by: Actor, device_id: UUID) -> Device:
    """End a phone: it gets nothing any more; what it still brings is held for a person to look at."""
    row = one_within(by, device_id)
    _end(row, by=by.account_id)
    return row


def revoke_all(account_ids: Iterable[UUID], by: UUID | None = None) -> int:
    """End every phone of these accounts (someone leaves)."""
    rows = Device.objects.filter(account_id__in=list(account_ids), revoked_at=None)
    return rows.update(revoked_at=timezone.now(), revoked_by=by)


def _end(row: Device, by: UUID | None) -> None:
    Device.objects.filter(id=row.id, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=by, code_digest="", code_until=None
    )


def make_code(*, by: Actor, device_id: UUID) -> str:
    """A one-time code to bind a new phone in this one's place; shown once. Not for one's own phone: whoever holds
    a stolen session must not be able to let a phone in."""
    row = one_within(by, device_id)
    if row.account_id == by.account_id or not by.may("accounts.recover"):
        raise NotAllowed(permission="accounts.recover")
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    Device.objects.filter(id=row.id).update(
        code_digest=digest_of(code), code_until=timezone.now() + CODE_FOR, code_tries=0
    )
    return f"{code[:4]}-{code[4:]}"


def _spend(account_id: UUID, typed: str) -> Device:
    """The phone of this account whose successor the code binds. Every wrong try counts for all open codes."""
    said = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(str.maketrans("OIL", "011"))
    open_ = Device.objects.filter(
        account_id=account_id, code_until__gt=timezone.now(), code_tries__lt=CODE_TRIES
    ).exclude(code_digest="")
    row = open_.filter(code_digest=digest_of(said)).first()
    if row is None or not Device.objects.filter(id=row.id, code_digest=row.code_digest).update(code_digest=""):
        open_.update(code_tries=F("code_tries") + 1)
        raise WrongCode()
    return row
