"""Statistics and disclosure rules: plain Python on numpy and scipy, usable without the rest of Kinweave.

    from kinweave import measures
    found = measures.fit_slopes(frame, person="id", time="month", score="phq9", group="arm")
    print(found.says)

Names are loaded when they are first asked for, so that a program which needs one of them pays for that one.
docs/measures.md has a worked example of each.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_HOME = {
    "Estimate": "results", "LeftOut": "results", "Result": "results", "Table": "results",
    "fit_slopes": "slopes", "Slopes": "slopes", "Dropout": "dropout",
    "count_change": "change_count", "Change": "change_count", "Thresholds": "change",
    "fit_gaps": "gaps", "Gaps": "gaps", "Stratum": "gaps", "take_strata": "strata", "Strata": "strata",
    "slope_index": "inequality", "concentration_index": "inequality", "Inequality": "inequality",
    "smooth_areas": "areas", "Areas": "areas", "survey_mean": "survey", "survey_total": "survey",
    "Survey": "survey",
    "combine": "federation", "withhold": "federation", "to_json": "federation", "from_json": "federation",
    "Combined": "federation",
    "reliability": "reliability", "reliability_of_moments": "reliability", "Reliability": "reliability",
    "differential_items": "dif", "item_dif": "dif", "Dif": "dif", "invariance": "invariance",
    "invariance_of_moments": "invariance", "Invariance": "invariance", "compare_languages": "validity",
    "Verdict": "validity", "ears": "signals", "cusum": "signals", "average_run_length": "signals",
    "Signals": "signals", "seasonal": "seasonal", "Season": "seasonal", "ties": "ties", "Ties": "ties",
    "remove": "stress", "single_points": "stress", "Stress": "stress", "Threads": "stress",
    "recovery": "recovery", "Recovery": "recovery", "read_file": "files", "svg": "pictures",
    "Noise": "disclosure_noise", "with_noise": "disclosure_noise", "new_secret": "disclosure_noise",
    "laplace_error": "disclosure_noise", "ears_false_alarms": "signals",
    "fit_endurance": "endurance", "fit_endurance_by_site": "endurance", "Endurance": "endurance",
    "fit_endurance_of_places": "endurance_places",
    "Lasts": "endurance", "fit_series": "series", "Series": "series",
    "take_moments": "moments", "Moments": "moments",
    "wilson": "intervals", "mean_interval": "intervals", "rate_interval": "intervals",
    "difference_interval": "intervals",
}  # fmt: skip

__all__ = sorted(_HOME)  # noqa: PLE0605  one list, not two


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"kinweave.measures has no {name}")
    return getattr(import_module(f"kinweave.measures.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)


class _Library(ModuleType):
    """A name of the library stays the library's, also when a module of the same name has been loaded."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library
