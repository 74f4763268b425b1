"""Tokens: a program acts as an account with a token that is shown once and kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.models import Account, Token
from kinweave.house.settings import define, value, whole

PREFIX = "kw_"
DAYS = define(
    "house.token_days",
    90,
    says="After how many days a token of the API stops working.",
    source="ours",
    fits=whole(1, 366),
    hint="Give a number of days from 1 to 366.",
)
MOST = 10  # tokens of one account


class TooManyTokens(Problem):
    status, code = 409, "too-many-tokens"
    says = "An account can have {most} tokens."
    remedy = "End one that is no longer used."


def digest_of(text: str) -> str:
    """SHA-256 is enough: the token itself is 256 bits of chance."""
    return hashlib.sha256(text.encode()).hexdigest()


def make_token(*, by: Actor, name: str, days: int | None = None) -> tuple[Token, str]:
    """A token for one's own account; returns its row and its text, which is shown this once."""
    by.require("api.use")
    owner = _account_of(by)
    if Token.objects.filter(account_id=owner, kind="").count() >= MOST:
        raise TooManyTokens(most=MOST)
    text = PREFIX + secrets.token_urlsafe(32)
    until = timezone.now() + timedelta(days=min(days or value(DAYS), value(DAYS)))
    row = Token.objects.create(account_id=owner, name=" ".join(name.split())[:80], digest=digest_of(text), until=until)
    return row, text


def tokens_of(account_id: UUID) -> QuerySet[Token]:
    return Token.objects.filter(account_id=account_id, kind="").order_by("-made_at")


def end_token(*, by: Actor, token_id: UUID) -> None:
    """End one's own token."""
    Token.objects.filter(id=token_id, account_id=_account_of(by), kind="").delete()


def _account_of(by: Actor) -> UUID:
    if by.account_id is None:
        raise NotAllowed()  # the system and people on their own page have no tokens
    return by.account_id


def account_of(text: str) -> Account | None:
    """The account a token acts for; None for an unknown or outlived token or one whose owner left."""
    row = (
        Token.objects.filter(digest=digest_of(text), kind="", until__gt=timezone.now(), account__is_active=True)
        .select_related("account")
        .first()
    )
    if row is None:
        return None
    today = timezone.now().date()
    if row.used_on != today:  # once a day: enough to find tokens that nobody uses
        Token.objects.filter(id=row.id).update(used_on=today)
    return row.account
