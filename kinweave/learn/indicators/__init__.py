"""The catalogue: every indicator this version can compute, by its slug."""

from __future__ import annotations

from typing import Final

from kinweave.learn.indicators.access import REACH, REENTRY, UNMET_NEED
from kinweave.learn.indicators.alerts import ALERTS_ANSWERED
from kinweave.learn.indicators.base import Indicator, InstrumentFacts, Parameters
from kinweave.learn.indicators.change import BETTER_AND_WORSE, SYMPTOM_CHANGE, WELLBEING
from kinweave.learn.indicators.circles import CIRCLES
from kinweave.learn.indicators.contact import CONTINUITY, SESSIONS_HELD
from kinweave.learn.indicators.goals import OWN_GOALS
from kinweave.learn.indicators.hours import UNPAID_HOURS
from kinweave.learn.indicators.support import CAREGIVERS_LOAD, LONELINESS, SUPPORT

CATALOGUE: Final[dict[str, Indicator]] = {
    indicator.slug: indicator
    for indicator in (
        BETTER_AND_WORSE,
        SYMPTOM_CHANGE,
        SUPPORT,
        CAREGIVERS_LOAD,
        CONTINUITY,
        SESSIONS_HELD,
        UNMET_NEED,
        REENTRY,
        REACH,
        ALERTS_ANSWERED,
        OWN_GOALS,
        WELLBEING,
        LONELINESS,
        CIRCLES,
        UNPAID_HOURS,
    )
}

__all__ = ["CATALOGUE", "Indicator", "InstrumentFacts", "Parameters"]
