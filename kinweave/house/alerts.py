"""Alerts that reach someone: on the page, by mail, by SMS. A message holds a link and a reference, no more.

Whoever alerts calls `alert(...)` inside the action's transaction; the worker's loop sends what waits and tries
again with growing pauses. What the alert is about is shown only after signing in.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.house.access import Actor
from kinweave.house.models import Account, Message
from kinweave.house.settings import define, value

log = logging.getLogger("kinweave.alerts")

PAUSES = define(
    "house.alert_pauses",
    [0, 1, 3, 10, 30, 60],
    says="After how many minutes an alert that could not be sent is tried again.",
    source="ours",
    fits=lambda v: isinstance(v, list) and 0 < len(v) <= 20 and all(type(m) is int and 0 <= m <= 1440 for m in v),
    hint="Give a list of minutes, such as 0, 1, 5.",
)
BATCH = 200


class NoSuchAlert(Problem):
    status, code = 404, "no-such-alert"
    says = "There is no such alert for you."
    remedy = "Open your list of alerts."


class NotSent(Exception):
    """An adapter could not hand a message over. `code` is kept beside it; the text is not."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Adapter(Protocol):
    """Hands texts to a gateway. Name your class in KINWEAVE_SMS by its dotted path."""

    def send(self, number: str, text: str, reference: str) -> None:
        """Send one text; raises NotSent when the gateway did not take it."""


class LogOnly:
    """Sends nothing: writes the reference to the log. For a demo, and until a gateway is named."""

    def send(self, number: str, text: str, reference: str) -> None:
        log.info("text %s not sent: no gateway is named", reference)


# Where an alert leads: its code → the name of an address that takes `ref_id`, and what answering it does.
_LEADS: dict[str, str] = {}
_ANSWERS: dict[str, Callable[[Actor, UUID], object]] = {}


def leads(code: str, route: str) -> None:
    """Register that alerts of this code open the page named `route` (called with ref_id)."""
    _LEADS[code] = route


def answers(code: str, how: Callable[[Actor, UUID], object]) -> None:
    """Register what answering an alert of this code does; called with the actor and ref_id."""
    _ANSWERS[code] = how


def alert(
    to: Iterable[UUID], code: str, ref_id: UUID | None, *, at: datetime | None = None, again: bool = False
) -> int:
    """Alert these accounts on every channel they have; returns how many messages were made.

    Someone who has an unopened alert of the same code and reference is not alerted twice, unless `again`.
    """
    now = at or timezone.now()
    rows: list[Message] = []
    for account in Account.objects.filter(id__in=set(to), is_active=True):
        waiting = Message.objects.filter(to_account=account.id, code=code, ref_id=ref_id, seen_at=None)
        if not again and waiting.exists():
            continue
        rows += [_message(account, channel, code, ref_id, now) for channel in channels(account)]
    Message.objects.bulk_create(rows)
    return len(rows)


def channels(account: Account) -> list[str]:
    """How an account can be reached: always on the page, by mail and text where it has an address for them."""
    return ["page", *(["mail"] if account.email else []), *(["sms"] if account.phone else [])]


def _message(account: Account, channel: str, code: str, ref_id: UUID | None, now: datetime) -> Message:
    sent = now if channel == "page" else None
    return Message(
        id=uuid7(), to_account=account.id, channel=channel, code=code, ref_id=ref_id, made_at=now, sent_at=sent
    )


# -------------------------------------------------------------------------------------------- sending


def deliver(now: datetime | None = None) -> tuple[int, int]:
    """Send what waits and is due for a try; returns (sent, failed). The worker calls this."""
    now = now or timezone.now()
    pauses = value(PAUSES)
    sent = failed = 0
    for message in pending().filter(tries__lt=len(pauses)).order_by("made_at")[:BATCH]:
        if message.made_at + timedelta(minutes=sum(pauses[: message.tries + 1])) > now:
            continue
        # Counted before it is sent: a crash in between costs one try, never an endless row of texts.
        Message.objects.filter(id=message.id).update(tries=F("tries") + 1)
        fault = _send(message)
        Message.objects.filter(id=message.id).update(fault=fault, sent_at=None if fault else now)
        sent, failed = (sent, failed + 1) if fault else (sent + 1, failed)
    return sent, failed


def pending() -> QuerySet[Message]:
    """Mails and texts that have not been handed over and are not given up."""
    return Message.objects.filter(sent_at=None, tries__lt=20).exclude(channel="page")


def undelivered() -> QuerySet[Message]:
    """Messages that were given up or have failed so far: a visible fault on the keeper's page."""
    return Message.objects.filter(sent_at=None, seen_at=None, tries__gt=0).exclude(channel="page")


def _send(message: Message) -> str:
    account = Account.objects.filter(id=message.to_account, is_active=True).first()
    if account is None:
        return "account-left"
    try:
        text = text_for(message, account)
        if message.channel == "mail":
            EmailMessage(subject=_subject(account), body=text, to=[account.email]).send()
        else:
            adapter: Adapter = import_string(settings.KINWEAVE_SMS)()
            adapter.send(account.phone, text, reference(message))
    except NotSent as fault:
        return fault.code[:60]
    except (OSError, smtplib.SMTPException) as fault:
        return type(fault).__name__[:60]
    except Exception as fault:  # an adapter is somebody else's code: its faults must not stop the others
        log.warning("alert %s: %s", reference(message), type(fault).__name__)
        return type(fault).__name__[:60]
    return ""


def reference(message: Message) -> str:
    """Six signs to name an alert over the phone; they say nothing about it."""
    return message.id.hex[-6:].upper()


def text_for(message: Message, account: Account) -> str:
    """The words of a mail or a text, in the account's language: a link and a reference, no name, no reason."""
    link = settings.SITE_URL.rstrip("/") + f"/account/alerts/{message.id}/"
    with translation.override(account.language):
        return _("Kinweave %(code)s: please open %(link)s") % {"code": reference(message), "link": link}


def _subject(account: Account) -> str:
    with translation.override(account.language):
        return _("Please open Kinweave")


# -------------------------------------------------------------------------------------------- reading


def unread(account_id: UUID | None) -> int:
    """How many alerts wait to be opened."""
    if account_id is None:
        return 0
    return Message.objects.filter(to_account=account_id, channel="page", seen_at=None).count()


def inbox(account_id: UUID, most: int = 50) -> list[Message]:
    """The newest alerts of an account, unopened first."""
    mine = Message.objects.filter(to_account=account_id, channel="page")
    return list(mine.order_by(F("seen_at").desc(nulls_first=True), "-made_at")[:most])


def open_message(by: Actor, message_id: UUID) -> Message:
    """One of the reader's own alerts; it and its twins on other channels now count as seen."""
    message = Message.objects.filter(id=message_id).first()
    if message is None or message.to_account != by.account_id:
        raise NoSuchAlert()
    twins = Message.objects.filter(
        to_account=message.to_account, code=message.code, ref_id=message.ref_id, seen_at=None
    )
    twins.update(seen_at=timezone.now())
    return message


def leads_to(message: Message) -> str:
    """The address of the page an alert is about, or empty."""
    route = _LEADS.get(message.code)
    if route is None:
        return ""
    try:
        return reverse(route, args=[message.ref_id] if message.ref_id else [])
    except NoReverseMatch:
        return ""


def answer(by: Actor, message: Message) -> None:
    """Answer an alert that is answered on its own page (a test)."""
    how = _ANSWERS.get(message.code)
    if how is not None and message.ref_id is not None:
        how(by, message.ref_id)
