"""What a programme chooses about its reports. Settings, with where each default comes from."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from kinweave.house import settings as chosen
from kinweave.house.settings import define, one_of, texts, whole
from kinweave.learn.report_words import languages

MONTHS = define(
    "learn.months",
    3,
    says="How many months after the start people are asked again, for the report.",
    source="ours; the trials of lay counselling in practice.md measure at three months",
    fits=whole(2, 24),
    hint="Give whole months, from 2 to 24.",
)

GOAL_MONTHS = define(
    "learn.goal_months",
    3,
    says="Within how many months after the start a person's own goal counts as reached, for the report.",
    source="ours; as long as until people are asked again",
    fits=whole(1, 24),
    hint="Give whole months, from 1 to 24.",
)


def _measure(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"instrument", "scale"} <= set(value)
        and all(isinstance(one, str) and len(one) <= 40 for one in value.values())
    )


OUTCOME = define(
    "learn.outcome",
    {"instrument": "phq-9", "scale": "total"},
    says="The questionnaire that tells how people felt at the start and later.",
    source="ours",
    fits=_measure,
    hint="Give the questionnaire and its scale.",
)
SUPPORT = define(
    "learn.support",
    {"instrument": "osss-3", "scale": "total"},
    says="The questionnaire about the people one can count on.",
    source="ours",
    fits=_measure,
    hint="Give the questionnaire and its scale.",
)
LOAD = define(
    "learn.load",
    {"instrument": "bsfc-s", "scale": "total"},
    says="The questionnaire about the load of those who care for others.",
    source="ours",
    fits=_measure,
    hint="Give the questionnaire and its scale.",
)
WELLBEING = define(
    "learn.wellbeing",
    {},
    says="The questionnaire about wellbeing, if this site has one; none, and there is no table.",
    source="ours",
    fits=lambda v: v == {} or _measure(v),
    hint="Give the questionnaire and its scale, or nothing.",
)
LONELINESS = define(
    "learn.loneliness",
    {},
    says="The questionnaire about feeling lonely, if this site has one; none, and there is no table.",
    source="ours",
    fits=lambda v: v == {} or _measure(v),
    hint="Give the questionnaire and its scale, or nothing.",
)
CELLS = define(
    "learn.cells",
    {"smallest": 11, "base": 5, "population_floor": 500},
    says="No number of people below the smallest is shown; shown ones are rounded to the base; no place is shown "
    "with fewer inhabitants than the floor.",
    source="smallest: US Centers for Medicare and Medicaid Services, no cell of 1 to 10; base and floor: ours",
    fits=lambda v: (
        isinstance(v, dict)
        and set(v) == {"smallest", "base", "population_floor"}
        and whole(5, 1000)(v["smallest"])
        and whole(1, 100)(v["base"])
        and whole(0, 1_000_000)(v["population_floor"])
    ),
    hint="Give smallest (at least 5), base and population_floor as whole numbers.",
)
REFUSED = define(
    "learn.refused_sums",
    [],
    says="Questionnaires whose sums this site gives to no one who evaluates several sites together.",
    source="ours",
    fits=texts,
    hint="Give a list of questionnaires, such as phq-9.",
)


def _grant(value: Any) -> bool:
    """One stream of money: its name, the codes of the places it pays for (none: all), from and until which month."""
    return (
        isinstance(value, dict)
        and set(value) == {"name", "places", "from", "until"}
        and isinstance(value["name"], str)
        and 0 < len(value["name"]) <= 100
        and texts(value["places"])
        and re.fullmatch(_MONTH, value["from"]) is not None
        and (
            value["until"] == ""
            or (re.fullmatch(_MONTH, value["until"]) is not None and value["from"] < value["until"])
        )
    )


_MONTH = r"[12][0-9]{3}-(0[1-9]|1[0-2])"
GRANTS = define(
    "learn.grants",
    [],
    says="Who pays for which places, from when and until when. A stand-in until money has a room of its own.",
    source="ours",
    fits=lambda v: isinstance(v, list) and len(v) <= 100 and all(_grant(one) for one in v)
    and len({one["name"] for one in v}) == len(v),
    hint='Give for each grant a name, places (codes; none means all), from and until as "2027-04"; until is the first '
    "month without the money, and may be left empty.",
)  # fmt: skip


def _windows(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 6
        and all(whole(0, 36)(one) for one in value)
        and value[0] == 0
        and all(b - a > 2 for a, b in pairwise(value))
    )


WINDOWS = define(
    "learn.windows",
    [0, 3, 6, 12],
    says="Months after the start at which scores are looked at for the first year; a month before or after counts too.",
    source="ours",
    fits=_windows,
    hint="Give 2 to 6 whole months from 0 to 36, beginning with 0, at least 3 apart.",
)
CROSSED = define(
    "learn.strata",
    ["gender", "age_band", "disability"],
    says="Groups that are looked at in combination, to see who is left behind. Fixed beforehand, not by a reader.",
    source="ours",
    fits=lambda v: (
        texts(v) and 2 <= len(v) == len(set(v)) and not set(v) - {"gender", "age_band", "disability", "dimension"}
    ),
    hint="Give two to four of gender, age_band, disability and dimension.",
)
ORDERED = define(
    "learn.ordered",
    False,
    says="Whether the choices of the programme's own groups stand in an order, from the worst off to the best off.",
    source="ours",
    fits=one_of(True, False),
    hint="Give yes or no.",
)
KEPT = define(
    "learn.kept",
    0.5,
    says="How much of a gain may go, as a share of it, while we still say that it holds.",
    source="half, the usual share in trials that show that something is not much worse (US Food and Drug "
    "Administration, Non-Inferiority Clinical Trials, 2016); a choice",
    fits=lambda v: isinstance(v, float) and 0.1 <= v <= 1.0,
    hint="Give a share from 0.1 to 1.0, such as 0.5.",
)

NOISE = define(
    "learn.noise",
    0,
    says="Noise on every number of people in a report, in people; 0 means none. Choose it once and keep it.",
    source="Dwork et al. (2006), doi:10.1007/11681878_14; the size is ours to choose",
    fits=whole(0, 50),
    hint="Give 0 for no noise, or 1 to 50 people.",
)


def offered_languages() -> list[str]:
    """The site's languages in which a report can be written."""
    return [one for one in chosen.value(chosen.LANGUAGES) if one in languages()] or ["en"]
