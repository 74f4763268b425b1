"""`kinweave account add|reset|leave`: for whoever keeps the machine. Recorded as done by the system."""

from __future__ import annotations

import argparse
from typing import Any

from kinweave.config.cli import say
from kinweave.config.prepare import setup
from kinweave.core.problems import Problem


class NotHere(Problem):
    status, code = 404, "not-here"
    says = "There is no {what} of that name here."
    remedy = "Check how it is written; `kinweave account --help` shows what can be given."


def account(arguments: argparse.Namespace) -> int:
    """Make an account, give a new password, or close one."""
    setup()
    return {"add": _add, "reset": _reset, "leave": _leave}[arguments.do](arguments)


def _add(arguments: argparse.Namespace) -> int:
    from django.db import transaction

    from kinweave.house import accounts
    from kinweave.house.access import SYSTEM
    from kinweave.house.actions import grant_role

    with transaction.atomic():
        made = accounts.make_account(
            by=SYSTEM,
            username=arguments.username,
            shown_name=arguments.name or arguments.username,
            phone=arguments.phone,
            email=arguments.email,
            language=arguments.language,
        )
        if arguments.role:
            grant_role(by=SYSTEM, account_id=made.account.id, role=arguments.role, **_anchors(arguments))
    say(f"Name: {made.account.username}")
    say(f"Password for the first time (shown only now): {made.password}")
    if not arguments.role:
        say("It has no role yet, so it can open nothing. A keeper gives one on the page of accounts.")
    return 0


def _anchors(arguments: argparse.Namespace) -> dict[str, Any]:
    from kinweave.house.models import Organisation, Place, Team

    found: dict[str, Any] = {}
    if arguments.organisation:
        found["organisation_id"] = _one(Organisation.objects.filter(name=arguments.organisation), "organisation")
    if arguments.team:
        team = Team.objects.filter(name=arguments.team).first()
        found["team_id"] = _one(Team.objects.filter(name=arguments.team), "team")
        found.setdefault("organisation_id", team.organisation_id if team else None)
    if arguments.place:
        found["place_id"] = _one(Place.objects.filter(code=arguments.place), "place")
    return found


def _one(rows: Any, what: str) -> Any:
    row = rows.first()
    if row is None:
        raise NotHere(what=what)
    return row.pk


def _known(username: str) -> Any:
    from kinweave.house.models import Account

    return _one(Account.objects.filter(username=username.casefold()), "account")


def _reset(arguments: argparse.Namespace) -> int:
    from kinweave.house import accounts
    from kinweave.house.access import SYSTEM

    made = accounts.give_password(by=SYSTEM, account_id=_known(arguments.username))
    say(f"New password for the first time (shown only now): {made.password}")
    return 0


def _leave(arguments: argparse.Namespace) -> int:
    from kinweave.house import accounts
    from kinweave.house.access import SYSTEM

    left = accounts.leave(by=SYSTEM, account_id=_known(arguments.username))
    say(f"The account is closed. Open duties that somebody must take over: {left}")
    return 0
