"""Score answers by a scoring table. Whole numbers only; see `instrument_table` for every operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from kinweave.core.instrument_table import Table, TablePoints, TableScale
from kinweave.core.problems import Problem

DECLINED: Literal["declined"] = "declined"
TOO_FEW = "too-few-answers"
Answer = int | Literal["declined"] | None


class AnswersOutOfRange(Problem):
    """Some answers are not among the coded answers. Facts: items (codes), unknown (how many keys)."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "answers-out-of-range"
    says: ClassVar[str] = "Some answers are not possible (questions: {items}; unknown questions: {unknown})."
    remedy: ClassVar[str] = "Check these questions on the form. The form itself is kept as it came."


class NoSuchCutOff(Problem):
    """The table has no cut-off of that code."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-such-cut-off"
    says: ClassVar[str] = "This questionnaire has no such threshold."
    remedy: ClassVar[str] = "Choose one of the thresholds that its file lists."


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """One score. `scaled` is a whole number of 10**-digits of a point, None with a `reason`.

    n_missing counts unanswered and declined items, n_declined only the latter; `prorated` says that the
    value stands although something is missing.
    """

    code: str
    scaled: int | None
    digits: int
    band: str | None
    n_answered: int
    n_missing: int
    n_declined: int
    prorated: bool
    reason: str | None

    @property
    def value(self) -> int | Decimal | None:
        """In points: a whole number, or an exact decimal when the scale has digits."""
        if self.scaled is None or self.digits == 0:
            return self.scaled
        return Decimal(self.scaled).scaleb(-self.digits)


@dataclass(frozen=True, slots=True)
class Scored:
    """All scores of one response, in the table's order."""

    slug: str
    version: str
    scales: tuple[ScaleScore, ...]

    def scale(self, code: str) -> ScaleScore:
        """The score with this code. Raises KeyError."""
        return {scale.code: scale for scale in self.scales}[code]


def score(table: Table, answers: Mapping[str, Answer]) -> Scored:
    """Scores for answers by item code; an absent item, None and "declined" count as missing.

    Raises AnswersOutOfRange for an unknown item or an answer that is not one of the item's coded answers;
    its facts hold item codes and counts, never an answer or an unknown key.
    """
    given = _checked(table, answers)
    declined = {code for code, answer in answers.items() if answer == DECLINED}
    for rule in table["implied"]:
        if given.get(rule["when"]) in rule["values"]:
            given.setdefault(rule["item"], rule["value"])
    scales = tuple(_score_scale(scale, given, declined) for scale in table["scales"])
    return Scored(table["slug"], table["version"], scales)


def _checked(table: Table, answers: Mapping[str, Answer]) -> dict[str, int]:
    allowed = {item["code"]: item["values"] for item in table["items"]}
    given: dict[str, int] = {}
    wrong: list[str] = []
    for code, values in allowed.items():
        answer = answers.get(code)
        if answer is None or answer == DECLINED:
            continue
        # bool is an int in Python, but "true" is not a coded answer.
        if type(answer) is int and answer in values:
            given[code] = answer
        else:
            wrong.append(code)
    unknown = sum(1 for code in answers if code not in allowed)
    if wrong or unknown:
        raise AnswersOutOfRange(items=", ".join(wrong) or "none", unknown=unknown)
    return given


def _score_scale(scale: TableScale, given: Mapping[str, int], declined: set[str]) -> ScaleScore:
    worth = [_worth(item, given[item["code"]]) for item in scale["items"] if item["code"] in given]
    answered, asked = len(worth), len(scale["items"])
    missing = [item["code"] for item in scale["items"] if item["code"] not in given]
    settled = scale["op"] == "any" and any(worth)
    value = _value(scale, worth) if answered >= scale["need"] or settled else None
    return ScaleScore(
        code=scale["code"],
        scaled=value,
        digits=scale["digits"],
        band=None if value is None else _band(scale, value),
        n_answered=answered,
        n_missing=asked - answered,
        n_declined=sum(1 for code in missing if code in declined),
        prorated=value is not None and answered < asked,
        reason=TOO_FEW if value is None else None,
    )


def _worth(item: TablePoints, answer: int) -> int:
    """The points of a coded answer; compiled tables list every answer of the item."""
    return next(points for value, points in item["points"] if value == answer)


def _value(scale: TableScale, worth: list[int]) -> int:
    """The exact fraction top / bottom, rounded half up to the scale's digits, as a scaled whole number."""
    top, bottom = sum(worth), 1
    if scale["op"] == "any":
        top = min(top, 1)
    elif scale["op"] == "mean":
        bottom = len(worth)
    elif scale["fill"] == "prorate":
        top, bottom = top * len(scale["items"]), len(worth)
    units: int = 10 ** scale["digits"]
    top, bottom = top * scale["times"][0] * units, bottom * scale["times"][1]
    return (2 * top + bottom) // (2 * bottom)


def _band(scale: TableScale, value: int) -> str | None:
    return next((band["code"] for band in scale["bands"] if band["from"] <= value <= band["to"]), None)


def meets(table: Table, scored: Scored, cutoff: str) -> bool | None:
    """Whether the score passes the cut-off of that code; None when there is no score. Raises NoSuchCutOff."""
    rule = next((row for row in table["cutoffs"] if row["code"] == cutoff), None)
    if rule is None:
        raise NoSuchCutOff()
    value = scored.scale(rule["scale"]).scaled
    if value is None:
        return None
    edge = rule["value"]
    passed = {
        "at_least": value >= edge,
        "above": value > edge,
        "at_most": value <= edge,
        "below": value < edge,
    }
    return passed[rule["rule"]]
