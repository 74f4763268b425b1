"""The rates the simulator draws from, each with its source, or marked as ours.

Sources are named as authors of programmes do: trial or programme, and where it was read. "Ours" means
no source was found and the value only has to be believable; change it freely.
"""

from __future__ import annotations

from kinweave.demo.simulate_types import ClinicSize, Pattern

REACH: dict[ClinicSize, float] = {"small": 0.34, "medium": 0.15, "large": 0.09}
"""Share of inhabitants screened in 36 months at full intake. The three figures are Friendship Bench's reach
in small, large and medium clinics (34, 15, 9 %; BMC Health Serv Res, s12913-022-08767-9); that reach falls
all the way with size is ours."""

WARD_SIZES: dict[int, tuple[ClinicSize, ...]] = {
    3: ("small", "medium", "small"),
    4: ("small", "medium", "small", "large"),
    5: ("small", "medium", "small", "large", "small"),
}
WARD_WEIGHT: dict[ClinicSize, float] = {"small": 1.0, "medium": 1.2, "large": 1.5}

WOMEN = (0.80, 0.85)
"""79 % (PM+ Peshawar, JAMA 316:2609) to 86 % (Friendship Bench trial, JAMA 2016); drawn a little inside."""
GENDER_OTHER, GENDER_UNSAID, BIRTH_YEAR_UNSAID = 0.004, 0.008, 0.03  # ours

SCREEN_POSITIVE = (0.31, 0.37)
"""31 % (64 of 207, camp, Group PM+ Jordan, PMC8253196) to 37 % (518 of 1,393, PM+, PMC5557357)."""
IDEATION = 0.131
"""75 of 573 screen-positives (Friendship Bench, s12889-018-5117-2)."""
CUT_OFF = 10
"""PHQ-9 at or above 10: Thinking Healthy trials (Trials 16:534); the instrument's own band."""

DECLINE_CARE, DECLINE_STATISTICS, WITHDRAW_STATISTICS = 0.03, 0.05, 0.01  # ours
AGREE_RESEARCH = 0.60  # ours

SHOW_UP = 0.40
"""Typical chance of coming to each next session: with it, starters attend about 2 of 6, as the scaled bench
does (charity evaluator's Friendship Bench summary, November 2023)."""
SESSIONS, CIRCLE_AFTER = 6, 4
"""Six weekly sessions (Friendship Bench manual, IJMHS s13033-015-0013-y); a circle after four
(its circle page)."""
CANCELLED = 0.08  # by us: worker ill, room taken, no fare (ours)
HOME_WORKER = 0.88  # share of contacts with the usual worker (ours)
CASELOAD = 4
"""People a lay volunteer accompanies at once. Ours: no credible norm was found; it makes waiting lists."""
WORKER_LEAVES_PER_YEAR = 0.07
"""70 % of volunteer peers still active after 5 years (PubMed 30686386)."""

MISSED: dict[str, float] = {
    "forgot": 0.17, "transport": 0.21, "unreachable": 0.14, "no_longer_wants": 0.10, "busy": 0.22,
    "sick": 0.12, "other": 0.04,
}  # fmt: skip
"""Reasons: the list of MSF's OpenMRS forms (MSF-OCG/LIME-EMR F29, F30, F33); the shares are ours."""

LOST: dict[str, float] = {
    "single_consultation": 0.26, "cannot_trace": 0.25, "transport": 0.17, "dissatisfied": 0.08,
    "own_choice": 0.05, "moved": 0.12, "referred": 0.04, "died_or_missing": 0.02, "taken": 0.01,
}  # fmt: skip
"""How those who stop before four sessions are closed: MSF's reasons as `core.pathway.CLOSURES` has them, the
shares ours; "we left" comes with leaving workers. Whose failure each is, says `core.pathway` alone."""
NEVER_STARTS = 0.10  # of those who wait (ours)
NEVER_STARTED: dict[str, float] = {"cannot_trace": 0.4, "transport": 0.25, "own_choice": 0.2, "moved": 0.15}
NOT_FOUND: dict[str, float] = {"died_or_missing": 40.0, "moved": 1.5, "taken": 3.0, "cannot_trace": 1.0}
"""Added log-odds of a missing follow-up after closure, by reason (ours; certain after a death)."""
NO_WAY_BACK = frozenset({"died_or_missing", "moved", "taken"})
REENTRY = 0.08  # ours

FOLLOW_UP: tuple[tuple[int, float], ...] = ((3, 0.15), (6, 0.20), (12, 0.26), (24, 0.38))
"""Month and mean share missing: 85 % assessed at 3 months (Atmiyata, s13063-020-4133-6), 75 % at 12
(Group PM+ Jordan, PMC8253196), 38.5-41.7 % lost on the phone (PMC8313454) for the last."""
MISSING_PER_SEVERITY, MISSING_PER_KM = 0.35, 0.12  # added log-odds per latent unit, per kilometre (ours)
TYPICAL_TRAIT, TYPICAL_KM = 0.3, 5.0  # where a follow-up is missing as often as FOLLOW_UP says (ours)

ITEM_UNANSWERED, ITEM_DECLINED, SAFETY_DECLINED, FORM_UNFINISHED = 0.004, 0.003, 0.015, 0.015  # ours
COPIED = 0.05
"""Copied rows: the share our data-quality screens must find (ours)."""
COPIERS = 2  # how many workers do it (ours)
ON_PAPER = 0.35  # ours
REGISTER_AGREES = 0.15
"""Only 15 % of data agreed between worker and supervisor (Kenya and Malawi, PMC7152729)."""

ACKNOWLEDGE_MEDIAN: dict[str, float] = {"now": 8.0, "today": 45.0, "week": 400.0}  # minutes; ours
ACKNOWLEDGE_SPREAD = 0.8  # of the lognormal (ours)
ESCALATE_AFTER: dict[str, int] = {"now": 15, "today": 120, "week": 1440}
"""Minutes: the product's own proposed clocks; a programme may change them, this stream does not know of it."""
ASLEEP = 0.06  # alerts nobody answers for much longer (ours)
URGENCY: dict[str, dict[str, float]] = {
    "answer": {"now": 0.15, "today": 0.85},
    "worry": {"now": 0.12, "today": 0.48, "week": 0.40},
}
"""An alarming answer is for today by its questionnaire, and may be sooner; a worry is what she says (ours)."""
WORRY = 0.012  # sessions after which the worker is worried (ours)

NEXT_DOOR, NEXT_DOOR_REACH = 1.0, 0.15
"""Where the programme does not work yet: inhabitants relative to its own wards, share asked in 36 months (ours). How
many it takes until a change after the money can be told from none stands in docs/measures.md."""

SMALL_GROUP = "river"
GROUPS: tuple[tuple[str, float], ...] = (("hill", 0.62), ("newcomers", 0.32), (SMALL_GROUP, 0.06))
"""Share of inhabitants by the one dimension this programme defined itself (invented, as are the words)."""
GROUP_WORDS: dict[str, str] = {"hill": "Hill families", "newcomers": "Newcomers", "river": "River families"}
SMALL_GROUP_REACH = 1 / 3

AFTER_FUNDING: dict[Pattern, tuple[float, float, float]] = {
    "fades": (0.45, 0.30, 0.45),
    "holds": (0.85, 0.10, 0.07),
    "grows": (1.10, 0.08, 0.05),
    "never": (0.70, 0.15, 0.15),
}
"""Once the money stops: intake relative to before, share of sessions we cancel, workers leaving a year (ours)."""

BENEFIT, BENEFIT_FADES_OVER, BENEFIT_GROWS = 0.75, 10.0, 1.0
"""Full benefit in latent units; months until it is gone when it fades (Jordan: gain at 3 months, none at
12, PMC8253196); growth in the year after funding when it grows (Atmiyata: recovery OR 2.2 at 3 months,
3.0 at 8). Set so that follow-up totals lie between the published arms, see SPONTANEOUS."""
SPONTANEOUS, SPONTANEOUS_SPREAD, SPONTANEOUS_MONTHS = 1.10, 0.9, 1.5
"""Untreated improvement: PHQ-9 14 -> 7.8 and 12 -> 4.5 among controls (Thinking Healthy Pakistan and India,
depression trials database). Mean and spread in latent units, time constant in months."""


def benefit(pattern: Pattern, month: float, funding_ends: float) -> float:
    """The programme's full benefit at calendar `month`, in latent units: the shape learn has to find."""
    if pattern == "never":
        return 0.0
    after = max(0.0, month - funding_ends)
    if pattern == "fades":
        return BENEFIT * max(0.0, 1 - after / BENEFIT_FADES_OVER)
    return BENEFIT + (BENEFIT_GROWS * after / 12 if pattern == "grows" else 0.0)
