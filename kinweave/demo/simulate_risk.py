"""Red flags: opened by an answer or a worry, acknowledged, followed by the clocks, closed by a supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_book import Stage
from kinweave.demo.simulate_people import choose

WORRIES: dict[str, float] = {
    "self_harm": 0.45, "partner_violence": 0.22, "harm_by": 0.12, "child": 0.10, "harm_to": 0.05,
    "sudden_confusion": 0.04, "chaining": 0.02,
}  # fmt: skip
_WEEKLY, _MONTHLY = 8, 4  # weekly for 8 weeks, then monthly to 6 months: the product's proposed protocol


def open_risk(
    stage: Stage, person: int, worker: int, at: datetime, source: Literal["answer", "worry"],
    instrument: str | None = None,
) -> None:  # fmt: skip
    """Note one risk and all that follows. Some alerts lie for hours, some contacts are late: as it is."""
    book, number, supervisors = stage.book, stage.risks, stage.supervisors()
    stage.risks += 1
    urgency = choose(stage.rng, rates.URGENCY[source])
    kind = "self_harm" if source == "answer" else choose(stage.rng, WORRIES)
    book.note(
        "risk_opened", at, person, worker,
        risk=number, source=source, instrument=instrument, urgency=urgency, kinds=[kind],
    )  # fmt: skip
    minutes, clock = _minutes(stage, at, urgency), rates.ESCALATE_AFTER[urgency]
    asked = answers = supervisors[number % len(supervisors)]
    if minutes > clock:
        answers = supervisors[(number + 1) % len(supervisors)]
        late = at + timedelta(minutes=clock)
        book.note("risk_escalated", late, person, None, risk=number, asked=asked, now_asked=answers)
    seen = at + timedelta(minutes=minutes)
    book.note("risk_acknowledged", seen, person, answers, risk=number, minutes=minutes)
    _follow(stage, person, worker, seen, number, answers)


def _minutes(stage: Stage, at: datetime, urgency: str) -> int:
    """How long nobody answered. Alerts after the money stopped wait longer where the programme fades."""
    slow = 2.0 if stage.pattern == "fades" and not stage.funded(stage.day_of(at.date())) else 1.0
    if stage.chance(rates.ASLEEP * slow):
        return int(rates.ESCALATE_AFTER[urgency] * stage.rng.uniform(2, 8))
    typical = rates.ACKNOWLEDGE_MEDIAN[urgency] * slow
    return max(1, round(typical * float(stage.rng.lognormal(0.0, rates.ACKNOWLEDGE_SPREAD))))


def _follow(stage: Stage, person: int, worker: int, seen: datetime, number: int, supervisor: int) -> None:
    """Contacted again, the plan looked at, then weekly and monthly, until a supervisor closes it."""
    rng = stage.rng
    at = seen + timedelta(hours=float(rng.gamma(2.2, 6.0)) + 1)
    _contact(stage, person, worker, at, number, "contact")
    at += timedelta(hours=float(rng.uniform(18, 90)))
    _contact(stage, person, worker, at, number, "plan")
    weeks = int(rng.integers(3, _WEEKLY + 1))
    months = int(rng.integers(0, _MONTHLY + 1)) if weeks == _WEEKLY else 0
    for step in range(weeks + months):
        at += timedelta(days=7 if step < weeks else 30, minutes=int(rng.integers(-600, 600)))
        if not stage.chance(0.12):  # a contact that was due and did not happen (ours)
            _contact(stage, person, worker, at, number, "weekly" if step < weeks else "monthly")
    done, debriefed = _minute(at + timedelta(days=int(rng.integers(1, 6)))), stage.chance(0.8)
    stage.book.note("risk_closed", done, person, supervisor, risk=number, safety_plan=True, worker_debriefed=debriefed)


def _contact(stage: Stage, person: int, worker: int, at: datetime, number: int, what: str) -> None:
    how = "call" if what in ("weekly", "monthly") and stage.chance(0.5) else "visit"
    who = stage.met_by(worker, stage.people[person].ward, stage.day_of(at.date()))
    stage.book.note("risk_followed", _minute(at), person, who, risk=number, what=what, how=how)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
