"""May languages be compared here? The verdict on every questionnaire that is asked in two or more, from the lake.

Reversed questions and the parts a scale is made of come from the questionnaire's file: an answer counts with the points
that the scale gives it. A language is shown beside others only where each pair of them is open; the site's first
language that has answers is looked at first, with every other one, and the others with each other where they passed.

Of fewer people than the verdict asks for nothing is worked out, so nothing about few people can leave.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from kinweave.core.instrument_types import Instrument, Scale
from kinweave.core.problems import Problem
from kinweave.learn.grid import usable_for
from kinweave.learn.jobs import Say
from kinweave.learn.lake import Lake
from kinweave.learn.nightly import LANGUAGES
from kinweave.measures.disclosure import Rules
from kinweave.measures.frames import Ints
from kinweave.measures.validity import FEW, MODEL, PEOPLE, SAME, TOGETHER, Reason, State, Thresholds, Verdict
from kinweave.measures.validity import compare_languages as compare

# Ours. More people change no verdict, only the time; numbers are random, so those below a limit are a fair draw.
MOST_PEOPLE: Final = 20_000
MOST_LANGUAGES: Final = 6
MOST_SECONDS: Final = 300.0
ADDS: Final = ("sum", "mean")  # a scale of yes or no has no average
Answers = Mapping[str, Ints]  # language → (people, questions), coded answers
Line = tuple[str, str]  # questionnaire, scale


@dataclass(frozen=True)
class Judged:
    """One pair of languages of one scale. people: whole answers in each language, rounded, None if few."""

    instrument: str
    scale: str
    pair: tuple[str, str]
    state: State
    people: tuple[int | None, int | None]
    reasons: tuple[Mapping[str, Any], ...]
    opens: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "instrument": self.instrument, "scale": self.scale, "pair": list(self.pair), "state": self.state.value,
            "people": list(self.people), "reasons": [dict(one) for one in self.reasons], "opens": list(self.opens),
        }  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """judged: every pair looked at. shown: the languages of each scale that may stand side by side, two or more."""

    judged: tuple[Judged, ...] = ()
    shown: Mapping[Line, tuple[str, ...]] | None = None

    def languages(self, instrument: str, scale: str) -> tuple[str, ...]:
        return (self.shown or {}).get((instrument, scale), ())


def judge(
    lake: Lake, instruments: Mapping[str, Instrument], wanted: Mapping[str, Collection[str]], order: Sequence[str],
    rules: Rules, purpose: str = "statistics", limits: Thresholds | None = None,
    say: Say = lambda step: None,
) -> Verdicts:  # fmt: skip
    """The verdicts on the scales `wanted` of each questionnaire. order: the site's languages, the first one first."""
    until, limits = time.monotonic() + MOST_SECONDS, limits or Thresholds()
    judged: list[Judged] = []
    shown: dict[Line, tuple[str, ...]] = {}
    for slug in sorted(set(wanted) & set(instruments)):
        found = instruments[slug]
        answers = _answers(lake, found, purpose)
        names = [*(one for one in order if one in answers), *sorted(set(answers) - set(order))][:MOST_LANGUAGES]
        for scale in (s for s in found.scales if s.code in wanted[slug] and s.op in ADDS and len(s.items) > 1):
            here = _Scale(found, scale, answers, rules, limits, until)
            beside = here.side_by_side(names)
            judged += here.judged
            if len(beside) > 1:
                shown[slug, scale.code] = beside
            say("languages")
    return Verdicts(tuple(judged), shown)


def _answers(lake: Lake, found: Instrument, purpose: str) -> Answers:
    """Whole answers by language to the version in force, of a fair draw of people where there are very many."""
    a = usable_for(lake.answers, purpose)
    a = a.filter(a.instrument == found.slug, a.version == found.version)
    first = a.filter(a.item == 0)
    many = first.group_by(language=first.language.cast("string")).aggregate(n=first.count())
    told: dict[str, Ints] = {}
    for row in many.to_pyarrow().to_pylist():
        mine = a.filter(a.language == row["language"])
        if row["n"] > MOST_PEOPLE:
            mine = mine.filter(mine.person < int(2**63 * (MOST_PEOPLE / row["n"])))
        rows = mine.order_by("person", "item").select("person", "answer").to_pyarrow()
        people, counts = np.unique(rows["person"].to_numpy(), return_counts=True)
        whole = np.isin(rows["person"].to_numpy(), people[counts == len(found.items)])
        told[row["language"]] = rows["answer"].to_numpy()[whole].astype(np.int64).reshape(-1, len(found.items))
    return told


class _Scale:
    """One scale of one questionnaire, pair by pair."""

    def __init__(
        self, found: Instrument, scale: Scale, answers: Answers, rules: Rules, limits: Thresholds, until: float
    ) -> None:
        self.found, self.scale, self.rules, self.limits, self.until = found, scale, rules, limits, until
        self.points = {language: _points(found, scale, coded) for language, coded in answers.items()}
        self.judged: list[Judged] = []

    def side_by_side(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the languages that may be compared, each with each; the first alone where none may."""
        first, *others = names or ("",)
        beside = [first, *(one for one in others if self.pair(first, one) is State.OPEN)]
        closed = [pair for pair in combinations(beside[1:], 2) if self.pair(*pair) is not State.OPEN]
        for _, later in closed:
            beside = [one for one in beside if one != later]
        return tuple(beside)

    def pair(self, one: str, other: str) -> State:
        people = len(self.points[one]), len(self.points[other])
        counts = tuple(None if n < self.rules.smallest else self.rules.rounded(n) for n in people)
        reasons = [
            _people(n, shown, name, self.limits) for n, shown, name in zip(people, counts, (one, other), strict=True)
        ]
        state: State = State.TOO_FEW
        opens: tuple[str, ...] = ()
        if all(reason["passed"] for reason in reasons):
            verdict = self._verdict(one, other)
            if verdict is None:
                reasons.append({"kind": "cannot", "of": "", "found": None, "passed": None, "limit": None, "source": ""})
            else:
                reasons += [_said(verdict, r, self.limits) for r in verdict.reasons if r.kind != PEOPLE]
                state, opens = verdict.state, verdict.opens
        self.judged.append(
            Judged(self.found.slug, self.scale.code, (one, other), state, (counts[0], counts[1]), tuple(reasons), opens)
        )
        return state

    def _verdict(self, one: str, other: str) -> Verdict | None:
        """None where it cannot be worked out, or the night is over."""
        if time.monotonic() > self.until:
            return None
        codes = [code for code, _ in self.scale.items]
        both = np.concatenate([self.points[one], self.points[other]]).astype(np.float64)
        data: dict[str, Any] = {code: both[:, n] for n, code in enumerate(codes)}
        data["language"] = np.repeat(
            np.array([one, other], dtype=object), [len(self.points[one]), len(self.points[other])]
        )
        try:
            return compare(
                data, codes, "language", (one, other), instrument=self.found.slug,
                factors=_factors(self.found, self.scale), thresholds=self.limits,
            )  # fmt: skip
        except Problem:
            return None


def _points(found: Instrument, scale: Scale, coded: Ints) -> Ints:
    """(people, questions of the scale): each answer with the points this scale gives it, reversed ones turned round."""
    at = {item.code: n for n, item in enumerate(found.items)}
    columns = []
    for code, points in scale.items:
        answers, worth = (np.array(side, dtype=np.int64) for side in zip(*points, strict=True))
        columns.append(worth[np.searchsorted(answers, coded[:, at[code]]).clip(0, len(answers) - 1)])
    return np.column_stack(columns)


def _factors(found: Instrument, scale: Scale) -> Mapping[str, Sequence[str]] | None:
    """The parts of a scale, where the questionnaire's file has scales that share its questions out; else one factor."""
    mine, left = {}, {code for code, _ in scale.items}
    for other in found.scales:
        codes = [code for code, _ in other.items]
        if other.op in ADDS and len(codes) < len(scale.items) and set(codes) <= left:
            mine[other.code], left = codes, left - set(codes)
    return mine if len(mine) > 1 and not left else None


def _people(n: int, shown: int | None, language: str, limits: Thresholds) -> dict[str, Any]:
    return {
        "kind": PEOPLE, "of": language, "found": shown, "limit": limits.fewest, "source": limits.sources["fewest"],
        "passed": n >= limits.fewest,
    }  # fmt: skip


def _said(verdict: Verdict, reason: Reason, limits: Thresholds) -> dict[str, Any]:
    """A reason as numbers and codes, to be said in any language; found: None where it could not be worked out."""
    found: Any = None
    limit: Any = None
    if reason.kind == TOGETHER:
        limit = limits.reliability
        if reason.of in verdict.reliabilities:
            found = round(max(e.value for e in verdict.reliabilities[reason.of].estimates), 2)
    elif reason.kind == SAME:
        limit, dif = limits.large, verdict.dif.get(reason.of)
        if dif is not None:
            found = {"unlike": [i.name for i in dif.items if i.kind == "C"],
                     "unsure": [i.name for i in dif.items if i.kind is None]}  # fmt: skip
    elif reason.kind == FEW:
        limit, dif = limits.moderate, verdict.dif[reason.of]
        found = [len(dif.unlike), len(dif.items)]
    elif reason.kind == MODEL and verdict.invariance is not None:
        found = [level.name for level in verdict.invariance.levels if not level.holds]
    elif reason.kind == MODEL and reason.passed:
        found = "not-asked"
    said = {"kind": reason.kind, "of": reason.of, "found": found, "limit": limit, "source": reason.source}
    return {**said, "passed": reason.passed}


def write_verdicts(verdicts: Verdicts, made_on: str) -> None:
    """Write the file that the desk's pages read."""
    shown = [[*line, list(names)] for line, names in (verdicts.shown or {}).items()]
    LANGUAGES.write({"made_on": made_on, "judged": [j.as_dict() for j in verdicts.judged], "shown": shown})
