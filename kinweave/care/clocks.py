"""Care's settings: clocks, lines and lists that a programme may change. Every version is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kinweave.core.risk import URGENCIES, Clocks
from kinweave.house import settings as chosen


def _by_urgency(low: int, high: int) -> Any:
    return lambda v: (
        isinstance(v, dict) and set(v) == set(URGENCIES) and all(chosen.whole(low, high)(n) for n in v.values())
    )


ACKNOWLEDGE = chosen.define(
    "care.risk_acknowledge_minutes",
    {"now": 15, "today": 120, "week": 1440},
    says="How many minutes the person on call has to answer an alert before the next one is told.",
    source="ours (practice.md §2: 15 minutes, a proposal)",
    fits=_by_urgency(1, 10_080),
    hint="Give minutes for now, today and week.",
)
CONTACT = chosen.define(
    "care.risk_contact_hours",
    {"now": 24, "today": 24, "week": 168},
    says="How many hours until the person has been met or called again after an alert.",
    source="ours (practice.md §2: 24 hours, a proposal)",
    fits=_by_urgency(1, 336),
    hint="Give hours for now, today and week.",
)
PLAN = chosen.define(
    "care.risk_plan_hours",
    72,
    says="How many hours until the safety plan has been looked at together.",
    source="ours (practice.md §2: 72 hours, a proposal)",
    fits=chosen.whole(1, 336),
    hint="Give whole hours between 1 and 336.",
)
FOLLOW = chosen.define(
    "care.risk_follow",
    {"weeks": 8, "months": 6},
    says="For how many weeks a person is met weekly after a safety plan, and then monthly until which month.",
    source="ours (practice.md §2: weekly for 8 weeks, monthly to 6 months)",
    fits=lambda v: set(v) == {"weeks", "months"} and all(chosen.whole(0, 52)(n) for n in v.values()),
    hint="Give weeks and months, 0 to 52.",
)
GRADUATE = chosen.define(
    "care.graduate_after",
    4,
    says="After how many sessions held a circle is offered.",
    source="Circle Kubatana Tose after 4 sessions (practice.md §2, source 3)",
    fits=chosen.whole(1, 52),
    hint="Give a number of sessions.",
)
WAIT_DAYS = chosen.define(
    "care.wait_days",
    14,
    says="After how many days of waiting the supervisor is asked to act.",
    source="ours",
    fits=chosen.whole(1, 365),
    hint="Give whole days.",
)
ASK_AGAIN = chosen.define(
    "care.ask_again_months",
    [3, 6, 12, 24],
    says="After how many months from the start the questions are asked again.",
    source="ours, after the trials' follow-ups (practice.md §4)",
    fits=lambda v: isinstance(v, list) and 0 < len(v) <= 12 and all(chosen.whole(1, 60)(m) for m in v),
    hint="Give months, such as 3, 6, 12.",
)


def clocks(programme: UUID | str | None) -> Clocks:
    """The risk clocks of a programme as they stand now."""
    scope = str(programme or "")
    follow = chosen.value(FOLLOW, scope)
    return Clocks(
        chosen.value(ACKNOWLEDGE, scope), chosen.value(CONTACT, scope), chosen.value(PLAN, scope),
        follow["weeks"], follow["months"],
    )  # fmt: skip
