"""The risk protocol as a state machine and its clocks (pure; the clocks' lengths are settings).

Sources: regular contact after self-harm and restricted means, mhGAP (PMC3217030 t004); the times are ours
(practice.md §2, "Risk protocol", marked as a proposal).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from kinweave.core.problems import Problem

OPEN, ACKNOWLEDGED, CONTACTED, PLANNED, CLOSED = "open", "acknowledged", "contacted", "planned", "closed"
NOW, TODAY, WEEK = "now", "today", "week"
URGENCIES: Final = (NOW, TODAY, WEEK)
# What a worker may be worried about (design, "I am worried").
KINDS: Final = (
    "self_harm", "harm_by", "harm_to", "child", "partner_violence", "chaining", "sudden_confusion", "other",
)  # fmt: skip

MOVES: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "acknowledge": (frozenset({OPEN}), ACKNOWLEDGED),
    "contact": (frozenset({OPEN, ACKNOWLEDGED, CONTACTED, PLANNED, CLOSED}), CONTACTED),
    "plan": (frozenset({ACKNOWLEDGED, CONTACTED, PLANNED}), PLANNED),
    "close": (frozenset({PLANNED}), CLOSED),
}


class RiskState(Problem):
    status: ClassVar[int] = 409
    code: ClassVar[str] = "risk-state"
    says: ClassVar[str] = "This does not follow from where the alert is now ({state})."
    remedy: ClassVar[str] = "An alert is answered, the person contacted and a safety plan reviewed before it is closed."


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long each step may take. Minutes and hours from the opening; follow-ups in days from the plan."""

    acknowledge_minutes: Mapping[str, int]
    contact_hours: Mapping[str, int]
    plan_hours: int
    follow_weeks: int
    follow_months: int


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises RiskState."""
    starts, ends = MOVES[move]
    if state not in starts:
        raise RiskState(state=state)
    # Meetings go on after the plan and after the closing; they do not open the alert again.
    return state if move == "contact" and state in {PLANNED, CLOSED} else ends


def acknowledge_by(opened: datetime, urgency: str, clocks: Clocks, level: int = 0) -> datetime:
    """When somebody must have answered; each escalation gives the next person the same time again."""
    return opened + (level + 1) * timedelta(minutes=clocks.acknowledge_minutes[urgency])


def contact_by(opened: datetime, urgency: str, clocks: Clocks) -> datetime:
    return opened + timedelta(hours=clocks.contact_hours[urgency])


def plan_by(opened: datetime, clocks: Clocks) -> datetime:
    return opened + timedelta(hours=clocks.plan_hours)


def follow_ups(planned: datetime, clocks: Clocks) -> tuple[datetime, ...]:
    """Weekly, then every 30 days: when the person is met again after a safety plan."""
    weekly = [planned + timedelta(weeks=n) for n in range(1, clocks.follow_weeks + 1)]
    monthly = [planned + timedelta(days=30 * n) for n in range(1, clocks.follow_months + 1)]
    return tuple(weekly) + tuple(m for m in monthly if not weekly or m > weekly[-1])
