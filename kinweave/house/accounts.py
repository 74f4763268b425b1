"""Accounts: made by a keeper, with a password shown once; leaving, sessions, and who needs a second step.

Accounts are operational: they are not in the journal. What an account may do is in it: roles are granted
and ended by actions.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.access import ALL, ORGANISATION, PLACE, ROLES, TEAM, Actor, Reach
from kinweave.house.actions import end_grant
from kinweave.house.models import Account, Device, Due, Grant, Recovery, Session, Token
from kinweave.house.sealing import house_key
from kinweave.house.sequencer import site
from kinweave.house.settings import define, value

SECRET = b"house.account.secret"
NONCE_BYTES = 12
# Words that are easy to say and to spell. Four of them and two digits are about 32 bits: enough behind the
# lock-out for a password that is good for one sign-in only.
WORDS = (
    "amber anchor basket bench bridge candle canoe cedar clay cloud copper corner cotton drum ember fable "
    "feather field flint forest garden ginger harbor hazel honey island ivory jacket kettle ladder lantern "
    "lemon linen maize mango maple market meadow melon millet mirror mosaic needle olive orchard otter paddle "
    "palm paper pebble pepper pillow planet quiver rabbit ribbon river rocket saddle saffron sandal silver "
    "sparrow spoon stone summer tamarind thimble thread timber tomato tulip tunnel valley velvet violet walnut "
    "water willow window winter yellow"
).split()
NAME = re.compile(r"[^\W_](?:[\w.\-]{0,58}[^\W_])?", re.UNICODE)

SECOND_STEP = define(
    "house.second_step_roles",
    ["supervisor", "coordinator", "keeper"],
    says="The roles that must use a passkey or an app with codes beside their password.",
    source="ours",
    fits=lambda v: isinstance(v, list) and all(role in ROLES for role in v),
    hint="Give roles, such as supervisor and keeper.",
)


class NameTaken(Problem):
    status, code = 409, "account-name-taken"
    says = "This sign-in name is already used."
    remedy = "Choose another one, for instance with the place added."


class BadName(Problem):
    status, code = 422, "account-name-unfit"
    says = "A sign-in name has 1 to 60 letters, digits, dots or hyphens, and begins and ends with one of the first two."
    remedy = "Write it without spaces, for instance amina.k"


class NoSuchAccount(Problem):
    status, code = 404, "no-such-account"
    says = "There is no such account within your reach."
    remedy = "Look at the list of accounts, or ask a keeper."


class NotYourself(Problem):
    status, code = 409, "not-yourself"
    says = "You cannot do this to your own account."
    remedy = "Ask another keeper."


@dataclass(frozen=True, slots=True)
class Made:
    """A new account or password. `password` is shown once and kept nowhere."""

    account: Account
    password: str

    def __repr__(self) -> str:
        return f"Made({self.account.id})"


def temporary_password() -> str:
    """Four words and two digits, to be read out over a phone."""
    words = [secrets.choice(WORDS) for _ in range(4)]
    return "-".join([*words, f"{secrets.randbelow(90) + 10}"])


def make_account(
    *,
    by: Actor,
    username: str,
    shown_name: str,
    phone: str = "",
    email: str = "",
    language: str = "en",
) -> Made:
    """A new account without any role, with a password that must be changed at the first sign-in."""
    by.require("house.accounts")
    username, shown_name = username.strip().casefold(), " ".join(shown_name.split())
    if not NAME.fullmatch(username) or not 0 < len(shown_name) <= 80:
        raise BadName()
    password = temporary_password()
    account = Account(
        id=uuid7(), username=username, shown_name=shown_name, phone=phone.strip()[:40],
        email=email.strip()[:254], language=language, must_change=True,
    )  # fmt: skip
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise NameTaken() from None
    return Made(account, password)


def give_password(*, by: Actor, account_id: UUID) -> Made:
    """A new temporary password: the old one and every session end at once. Only a keeper, never for oneself."""
    by.require("house.accounts")
    if by.account_id == account_id:
        raise NotYourself()
    account = _account(account_id)
    password = temporary_password()
    account.set_password(password)
    account.must_change = True
    account.save(update_fields=["password", "must_change"])
    end_sessions(account_id)
    return Made(account, password)


def own_password_chosen(account: Any) -> None:
    """Called when someone has chosen a password: nothing has to be changed any more."""
    if account.must_change:
        Account.objects.filter(id=account.id).update(must_change=False)
        account.must_change = False


def leave(*, by: Actor, account_id: UUID) -> int:
    """Someone leaves: roles, sessions, tokens and keys end now. Returns how many duties stay open.

    Their open duties are not dropped: `open_duties` shows them to whoever supervises.
    """
    by.require("house.accounts")
    if by.account_id == account_id:
        raise NotYourself()
    account = _account(account_id)
    now = timezone.now()
    with transaction.atomic():
        for grant in Grant.objects.filter(Q(until=None) | Q(until__gt=now), account_id=account_id):
            end_grant(by=by, grant_id=grant.id)
        account.is_active, account.left_at = False, now
        account.set_unusable_password()
        account.save(update_fields=["is_active", "left_at", "password"])
        drop_second_step(account_id)
        Token.objects.filter(account_id=account_id).delete()
        Device.objects.filter(account_id=account_id, revoked_at=None).update(revoked_at=now, revoked_by=by.account_id)
        Recovery.objects.filter(account_id=account_id, used_at=None).delete()
        end_sessions(account_id)
    return open_duties([account_id]).count()


def open_duties(account_ids: Iterable[UUID]) -> QuerySet[Due]:
    """What these accounts still have to do, the most urgent first."""
    return Due.objects.filter(who__in=list(account_ids), state="open").order_by("priority", "at")


def duties_left_behind(by: Actor) -> QuerySet[Due]:
    """Open duties of people who have left, within the reader's reach: someone must take them over."""
    left = [a.id for a in within_reach(by) if not a.is_active]
    return open_duties(left)


def _account(account_id: UUID) -> Account:
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise NoSuchAccount()
    return account


# ---------------------------------------------------------------------------------- who may help whom


def within_reach(by: Actor, permission: str = "accounts.recover") -> list[Account]:
    """The accounts that `by` may help to sign in again: all their roles lie within `by`'s reach."""
    reaches = by.reaches(permission)
    if not reaches:
        return []
    grants: dict[UUID, list[Grant]] = {}
    for grant in Grant.objects.order_by("id"):
        grants.setdefault(grant.account_id, []).append(grant)
    accounts = Account.objects.order_by("shown_name", "id")
    return [a for a in accounts if _all_within(reaches, grants.get(a.id, []))]


def reachable(by: Actor, account_id: UUID, permission: str = "accounts.recover") -> Account:
    """One account within reach; otherwise as if it were not there."""
    account = Account.objects.filter(id=account_id).first()
    grants = list(Grant.objects.filter(account_id=account_id))
    if account is None or not _all_within(by.reaches(permission), grants):
        raise NoSuchAccount()
    return account


def _all_within(reaches: tuple[Reach, ...], grants: list[Grant]) -> bool:
    if any(reach.scope == ALL for reach in reaches):
        return True
    return bool(grants) and all(any(_within(reach, grant) for reach in reaches) for grant in grants)


def _within(reach: Reach, grant: Grant) -> bool:
    if reach.scope == TEAM:
        return reach.team_id is not None and grant.team_id == reach.team_id and grant.role == "worker"
    if reach.scope in {ORGANISATION, PLACE}:
        home = reach.organisation_id is not None and grant.organisation_id == reach.organisation_id
        return home and grant.role != "keeper"
    return False


# ---------------------------------------------------------------------------------------- second step


def needs_second_step(account_id: UUID, roles: Iterable[str] | None = None) -> bool:
    """Whether a role of this account asks for a second step. Not before the set-up is done, nor in a demo."""
    here = site()
    if here.invented or not here.ready:
        return False
    held = set(Actor.of(account_id).roles if roles is None else roles)
    return bool(held & set(value(SECOND_STEP)))


def drop_second_step(account_id: UUID) -> None:
    """Forget passkeys, codes and recovery codes (someone left, or lost their phone)."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user_id=account_id).delete()


def seal_text(text: str) -> str:
    """Seal a secret of an account under the house key; base64."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(house_key()).encrypt(nonce, text.encode(), SECRET)).decode()


def open_text(sealed: str) -> str:
    """What `seal_text` sealed; empty where the house key is another one (nothing then matches)."""
    try:
        raw = base64.b64decode(sealed)
        return AESGCM(house_key()).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], SECRET).decode()
    except (InvalidTag, ValueError):
        return ""


# ------------------------------------------------------------------------------------------- sessions


def sessions_of(account_id: UUID) -> QuerySet[Session]:
    """Where someone is signed in, the newest first."""
    return Session.objects.filter(account_id=account_id, expire_date__gt=timezone.now()).order_by("-made_at")


def end_sessions(account_id: UUID, *, but: str | None = None) -> int:
    """Sign out everywhere, or everywhere else; returns how many sessions ended."""
    ended = Session.objects.filter(account_id=account_id).exclude(session_key=but or "")
    return ended.delete()[0]
