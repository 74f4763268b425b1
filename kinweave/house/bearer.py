"""Who a token acts for, with what they may do, by one statement: every request of a program begins with it.

Nothing is kept between requests, so that a token, a grant or an account that ends stops at once.
"""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from kinweave.house import quick, rows
from kinweave.house.access import Actor, Held
from kinweave.house.models import Account, Token
from kinweave.house.tokens import digest_of

_OF_ACCOUNT = ("id", "language", "is_active", "must_change")  # in the order of the model's fields
_SQL = (
    "SELECT t.id, t.used_on, a.id, a.language, a.is_active, a.must_change, "
    "g.role, g.organisation_id, g.team_id, p.path "
    "FROM house_token t JOIN house_account a ON a.id = t.account_id "
    "LEFT JOIN house_grant g ON g.account_id = a.id AND g.since <= %s AND (g.until IS NULL OR g.until > %s) "
    "LEFT JOIN house_place p ON p.id = g.place_id "
    "WHERE t.digest = %s AND t.kind = %s AND t.until > %s AND a.is_active ORDER BY g.role, g.id"
)


def bearer(text: str, kind: str = "") -> tuple[Account, Actor] | None:
    """The account a token of this kind acts for, and its grants; None for an unknown or outlived token or one whose
    owner left.

    Of the account only what a request needs is read; the rest comes when it is asked for.
    """
    now = timezone.now()
    at = rows.table("house.Token", "default").handed("until", now, "default")
    found = quick.ask(_SQL, [at, at, digest_of(text), kind, at])
    if not found:
        return None
    token, used_on, account, language, active, must_change = found[0][:6]
    if str(used_on) != now.date().isoformat():  # once a day: enough to find tokens that nobody uses
        Token.objects.filter(id=token).update(used_on=now.date())
    values = [_uuid(account), language, bool(active), bool(must_change)]
    grants = tuple(
        Held(role, _uuid(organisation), _uuid(team), path)
        for *_, role, organisation, team, path in found
        if role is not None
    )
    owner = Account.from_db("default", _OF_ACCOUNT, values)
    return owner, Actor(owner.id, grants)


def _uuid(value: object) -> UUID | None:
    return value if value is None or isinstance(value, UUID) else quick.uuid_of(str(value))
