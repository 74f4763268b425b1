"""Red flags: opened by an answer or a worry, acknowledged, followed by the clocks, closed by a supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import choose

Urgency = Literal["now", "today", "this_week"]
WORRIES: dict[str, float] = {
    "harm_to_self": 0.45, "partner_violence": 0.22, "harm_by_others": 0.12, "child": 0.10,
    "harm_to_others": 0.05, "sudden_confusion": 0.04, "chaining_or_forced_treatment": 0.02,
}  # fmt: skip
_WEEKLY, _MONTHLY = 8, 4  # weekly for 8 weeks, then monthly to 6 months: the product's proposed protocol


def open_risk(
    stage: Stage, person: int, worker: int, at: datetime, source: Literal["answer", "worry"], **also: object
) -> None:
    """Note one risk and all that follows. Some alerts lie for hours, some contacts are late: as it is."""
    rng, book = stage.rng, stage.book
    number, stage.risks = stage.risks, stage.risks + 1
    urgency: Urgency = choose(rng, {"now": 0.12, "today": 0.58, "this_week": 0.30})
    what = "harm_to_self" if source == "answer" else choose(rng, WORRIES)
    book.note("risk_opened", at, person, worker, risk=number, source=source, urgency=urgency, worry=what, **also)
    minutes = _minutes(stage, at)
    supervisors = stage.supervisors()
    first = supervisors[number % len(supervisors)]
    answers = first
    if minutes > rates.ESCALATE_AFTER_MINUTES:
        answers = supervisors[(number + 1) % len(supervisors)]
        late = at + timedelta(minutes=rates.ESCALATE_AFTER_MINUTES)
        book.note("risk_escalated", late, person, None, risk=number, asked=first, now_asked=answers)
    seen = at + timedelta(minutes=minutes)
    book.note("risk_acknowledged", seen, person, answers, risk=number, minutes=minutes)
    _follow(stage, person, worker, seen, number, answers)


def _minutes(stage: Stage, at: datetime) -> int:
    """How long nobody answered. Alerts after the money stopped wait longer where the programme fades."""
    slow = 2.0 if stage.pattern == "fades" and not stage.funded(stage.day_of(at.date())) else 1.0
    if stage.chance(rates.ASLEEP * slow):
        return int(stage.rng.integers(90, 900))
    typical = rates.ACKNOWLEDGE_MEDIAN_MINUTES * slow
    return max(1, int(round(typical * float(stage.rng.lognormal(0.0, rates.ACKNOWLEDGE_SPREAD)))))


def _follow(stage: Stage, person: int, worker: int, seen: datetime, number: int, supervisor: int) -> None:
    rng, book = stage.rng, stage.book
    again = seen + timedelta(hours=float(rng.gamma(2.2, 6.0)) + 1)
    book.note("risk_followed", _minute(again), person, worker, risk=number, what="contacted_again", how="visit")
    plan = again + timedelta(hours=float(rng.uniform(18, 90)))
    book.note("risk_followed", _minute(plan), person, worker, risk=number, what="safety_plan_reviewed", how="visit")
    at = plan
    weeks = int(rng.integers(3, _WEEKLY + 1))
    months = int(rng.integers(0, _MONTHLY + 1)) if weeks == _WEEKLY else 0
    for step in range(weeks + months):
        at += timedelta(days=7 if step < weeks else 30, minutes=int(rng.integers(-600, 600)))
        if not stage.chance(0.12):  # a contact that was due and did not happen (ours)
            how = "call" if stage.chance(0.5) else "visit"
            due = "weekly_contact" if step < weeks else "monthly_contact"
            book.note("risk_followed", _minute(at), person, worker, risk=number, what=due, how=how)
    done = _minute(at + timedelta(days=int(rng.integers(1, 6))))
    debriefed = stage.chance(0.8)
    book.note("risk_closed", done, person, supervisor, risk=number, safety_plan=True, worker_debriefed=debriefed)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
