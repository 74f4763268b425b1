"""App users: a phone with ODK Collect sends as an account, by a token in its address.

The token is made on a desk by someone within whose reach the account lies, shown once (as a code to scan), kept as
a digest, and good for forms alone: the API does not know it. Whoever made it is written beside it.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.accounts import NoSuchAccount, reachable, within_reach
from kinweave.house.bearer import bearer
from kinweave.house.models import Account, Token
from kinweave.house.settings import define, value, whole
from kinweave.house.tokens import TooManyTokens, digest_of

KIND = "app-user"
SHAPE = re.compile(r"[0-9a-f]{64}")
DAYS = define(
    "house.app_user_days",
    365,
    says="After how many days a phone with ODK Collect has to be set up again.",
    source="ours",
    fits=whole(1, 1_100),
    hint="Give a number of days from 1 to 1100.",
)
MOST = 5  # phones of one account


class AsksNobody(Problem):
    status, code = 409, "asks-nobody"
    says = "The role of this account does not include asking people."
    remedy = "Make the code for a worker, a supervisor or a coordinator."


def make_app_user(*, by: Actor, account_id: UUID, name: str = "", days: int | None = None) -> tuple[Token, str]:
    """A token for an account within reach; returns its row and its text, which is shown this once."""
    by.require("forms.phones")
    account = reachable(by, account_id, "forms.phones")
    if not account.is_active:
        raise NoSuchAccount()
    if not Actor.of(account.id).may("listen.record"):  # its forms could only be turned away, a safety answer with them
        raise AsksNobody()
    held = Token.objects.filter(account=account, kind=KIND, until__gt=timezone.now())
    if held.count() >= MOST:
        raise TooManyTokens(most=MOST)
    text = secrets.token_hex(32)
    until = timezone.now() + timedelta(days=min(days or value(DAYS), value(DAYS)))
    row = Token.objects.create(
        account=account, kind=KIND, name=" ".join(name.split())[:80], digest=digest_of(text), until=until,
        made_by=by.account_id,
    )  # fmt: skip
    return row, text


def app_users(by: Actor) -> QuerySet[Token]:
    """The phones of all accounts within reach, the newest first."""
    by.require("forms.phones")
    mine = [account.id for account in within_reach(by, "forms.phones")]
    return Token.objects.filter(kind=KIND, account_id__in=mine).select_related("account").order_by("-made_at", "id")


def end_app_user(*, by: Actor, token_id: UUID) -> None:
    """End one phone's token, at once. Raises NoSuchAccount where it is not within reach."""
    row = app_users(by).filter(id=token_id).first()
    if row is None:
        raise NoSuchAccount()
    row.delete()


def sender_behind(text: str) -> tuple[Account, Actor] | None:
    """The account an app user sends for, and what it may do; None for an unknown, ended or outlived token, or an
    owner who left."""
    return bearer(text, KIND) if SHAPE.fullmatch(text) else None
