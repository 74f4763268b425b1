"""Decide's only door to learn: promises as a report may tell them. What may not be named yet loses its name here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from kinweave.decide.models import Promise
from kinweave.decide.reads import OPEN, standings
from kinweave.decide.rules import BROKEN_AFTER, BY_MISTAKE
from kinweave.house import settings as chosen


@dataclass(frozen=True, slots=True)
class Named:
    """What is told of a promise. what, reply: {language: text}."""

    sector: str
    owner: str
    what: dict[str, str]
    said_on: date
    due_on: date
    settled_on: date | None  # kept, or no longer wanted
    asked_on: date | None
    reply: dict[str, str]
    replied_on: date | None


@dataclass(frozen=True, slots=True)
class PromiseFact:
    """A promise on one day. asked: whether its owner was asked for an answer; named: None before the right of reply."""

    standing: str
    asked: bool
    named: Named | None


def promises(organisation_id: UUID, path: str, since: date, until: date, on: date) -> list[PromiseFact]:
    """The register of an organisation for a place and those beneath (`path`), as it stands on the day `on`.

    Said by `until`; and open still, or settled from `since` on. What was entered by mistake is no promise.
    """
    rows = Promise.objects.filter(OPEN | Q(kept_on__gte=since) | Q(dropped_on__gte=since), said_on__lte=until)
    rows = rows.filter(organisation_id=organisation_id, place__path__startswith=path).exclude(dropped_why=BY_MISTAKE)
    return [
        PromiseFact(one.standing, one.row.asked_on is not None, _named(one.row) if one.named else None)
        for one in standings(rows.order_by("due_on", "id"), on)
    ]


def broken_after() -> int:
    """After how many days too late a promise is called broken."""
    return int(chosen.value(BROKEN_AFTER))


def _named(row: Promise) -> Named:
    return Named(
        row.sector, row.owner, row.what, row.said_on, row.due_on, row.kept_on or row.dropped_on, row.asked_on,
        row.reply, row.replied_on,
    )  # fmt: skip
