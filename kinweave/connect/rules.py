"""What referrals follow: needs, items, clocks. All of it settings, each with its source."""

from __future__ import annotations

from typing import Any

from kinweave.house import settings as chosen


def _hours(number: Any) -> bool:
    return chosen.whole(1, 24 * 60)(number)


URGENCIES = ("emergency", "urgent", "normal")
NEEDS = chosen.define(
    "connect.needs",
    [
        "health", "support", "protection", "violence", "food", "schooling", "shelter", "money", "rehabilitation",
        "community", "social", "legal", "work", "healer", "other",
    ],
    says="What a partner can be asked for.",
    source="IASC Inter-Agency Referral Guidance Note for MHPSS, 2017; violence, legal, work and healer are ours",
    fits=lambda v: chosen.texts(v) and 0 < len(v) <= 40 and len(set(v)) == len(v) and all(len(t) <= 40 for t in v),
    hint="Give up to 40 short names.",
)  # fmt: skip
ITEMS = chosen.define(
    "connect.items",
    ["alias", "name", "age", "language", "contact", "need", "access", "care", "safety"],
    says="What can be told to a partner, each item alone.",
    source="ours, after the IASC note of 2017: exactly what is disclosed is agreed",
    fits=lambda v: chosen.texts(v) and 0 < len(v) <= 40 and len(set(v)) == len(v) and all(len(t) <= 40 for t in v),
    hint="Give up to 40 short names.",
)
NO_OVERRIDE = chosen.define(
    "connect.never_without_consent",
    ["violence"],
    says="For which needs an adult is never referred without their own yes.",
    source="ours: an adult survivor of violence decides",
    fits=chosen.texts,
    hint="Give names from the list of needs.",
)
DRAFT_HOURS = chosen.define(
    "connect.draft_hours",
    {"emergency": 1, "urgent": 24, "normal": 72},
    says="After how many hours a draft of a referral must be sent or dropped.",
    source="ours; the IASC note of 2017 has the answer within 24 hours, 72 hours and 2 weeks",
    fits=lambda v: isinstance(v, dict) and set(v) == set(URGENCIES) and all(_hours(n) for n in v.values()),
    hint="Give whole hours for emergency, urgent and normal.",
)
