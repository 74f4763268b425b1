"""Who is told of an alert, now and when nobody answers in time."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from kinweave.care.actions import escalate_risk
from kinweave.care.reads import unanswered
from kinweave.core.ids import uuid7
from kinweave.house import alerts, rota
from kinweave.house.access import SYSTEM
from kinweave.house.models import Account, Grant, Message
from kinweave.house.worker import every
from kinweave.people.standing import standing

log = logging.getLogger("kinweave.flows")


def ladder(risk: Any) -> list[UUID]:
    """Who is asked, in this order: who is on call now, the team's supervisors, the coordinators. Nobody twice."""
    person = standing(risk.person_id)
    asked: list[UUID] = []
    if person is not None and person.programme_id is not None:
        asked += rota.on_call(person.programme_id, timezone.now())
    holders = Grant.objects.filter(until=None).order_by("since", "id")
    supervisors = holders.filter(role="supervisor")
    if risk.team_id:
        asked += list(supervisors.filter(team_id=risk.team_id).values_list("account_id", flat=True))
    coordinators = holders.filter(role="coordinator")
    if risk.organisation_id:
        coordinators = coordinators.filter(organisation_id=risk.organisation_id)
    asked += list(coordinators.values_list("account_id", flat=True))
    if not asked:
        asked = list(holders.filter(role__in=("supervisor", "coordinator")).values_list("account_id", flat=True))
    there = set(Account.objects.filter(id__in=asked, is_active=True).values_list("id", flat=True))
    return [one for one in dict.fromkeys(asked) if one in there]


def tell_about(risk_id: UUID) -> None:
    """Tell the one whose turn it is (on call and the team's supervisors at first)."""
    open_ = unanswered(risk_id)
    if not open_:
        return
    to, past = _turn(open_[0])
    if not to:
        log.error("alert without anyone to tell")
        return
    alerts.alert(to, "risk", open_[0].id, again=past)


def _turn(risk: Any) -> tuple[list[UUID], bool]:
    """Whose turn it is. Past the last rung the whole ladder is asked again: an unanswered alert stays a visible
    fault."""
    rungs = ladder(risk)
    past = risk.level >= len(rungs)
    return (rungs if past else [rungs[risk.level]]), past


# The channel of a mark that reaches nobody: this alert was told in one message together with others.
TOGETHER = "bundle"


def tell_together(risks: Iterable[UUID]) -> None:
    """Tell of many alerts at once (an import of old answers): one message for each person whose turn it is, which
    leads to the list of alerts. Hundreds of pages would teach people to look away."""
    turns: dict[tuple[UUID, bool], list[UUID]] = {}
    known: dict[tuple[Any, ...], tuple[list[UUID], bool]] = {}
    for risk in (risk for one in risks for risk in unanswered(one)):
        person = standing(risk.person_id)
        key = (person.programme_id if person else None, risk.team_id, risk.organisation_id, risk.level)
        if key not in known:
            known[key] = _turn(risk)
        to, past = known[key]
        if not to:
            log.error("alert without anyone to tell")
        for account in to:
            turns.setdefault((account, past), []).append(risk.id)
    now = timezone.now()
    for (account, past), some in turns.items():
        alerts.alert([account], "risks", None, again=past)
        told = {
            "to_account": account,
            "channel": TOGETHER,
            "code": "risk",
            "made_at": now,
            "sent_at": now,
            "seen_at": now,
        }
        Message.objects.bulk_create([Message(id=uuid7(), ref_id=one, **told) for one in some])


alerts.leads("risks", "risks")


@every(15, name="risks")
def watch_risks() -> int:
    """Tell of alerts nobody was told of, and ask the next person where time is over. Returns how many."""
    now = timezone.now()
    touched = 0
    waiting = unanswered()
    messages = Message.objects.filter(ref_id__in=[r.id for r in waiting])
    told = set(messages.values_list("ref_id", flat=True))
    bundled = set(messages.filter(channel=TOGETHER).values_list("ref_id", flat=True))
    together: list[UUID] = []
    for risk in waiting:
        if risk.id not in told:
            tell_about(risk.id)
            touched += 1
        elif risk.answer_by <= now:
            rungs = ladder(risk)
            to = rungs[risk.level + 1] if risk.level + 1 < len(rungs) else None
            escalate_risk(by=SYSTEM, risk_id=risk.id, to=to)
            if risk.id in bundled:
                together.append(risk.id)
            else:
                tell_about(risk.id)
            touched += 1
    tell_together(together)
    return touched
