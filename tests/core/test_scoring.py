"""Scores against a slow and obvious twin, and the edges by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave.core.instrument_table import Table, TableScale
from kinweave.core.instruments import compile_table, load_all
from kinweave.core.scoring import (
    AnswersOutOfRange,
    NoSuchCutOff,
    ScaleScore,
    Scored,
    meets,
    score,
)

pytestmark = pytest.mark.sqlite_only  # needs no database

TABLES = {s: compile_table(i) for s, i in load_all(Path(__file__).parents[2] / "instruments").items()}


def scale(**changes: Any) -> TableScale:
    """A scale of two questions a and b, answers worth what they are coded."""
    points = [[value, value] for value in range(4)]
    plain: dict[str, Any] = {
        "code": "s",
        "op": "sum",
        "items": [{"code": "a", "points": points}, {"code": "b", "points": points}],
        "need": 2,
        "fill": "none",
        "times": [1, 1],
        "digits": 0,
        "rounding": "half_up",
        "lowest": 0,
        "highest": 6,
        "bands": [],
    }
    made: TableScale = {**plain, **changes}  # type: ignore[typeddict-item]
    return made


def table(*scales: TableScale, **changes: Any) -> Table:
    plain: dict[str, Any] = {
        "format": 1,
        "slug": "t",
        "version": "1",
        "items": [{"code": c, "values": [0, 1, 2, 3]} for c in ("a", "b")],
        "implied": [],
        "scales": list(scales),
        "cutoffs": [],
        "safety": [],
    }
    made: Table = {**plain, **changes}  # type: ignore[typeddict-item]
    return made


def one(scored: Scored) -> ScaleScore:
    (only,) = scored.scales
    return only


def test_a_sum_counts_what_was_answered_missing_and_declined() -> None:
    got = one(score(table(scale()), {"a": 3, "b": "declined"}))
    assert got == ScaleScore("s", None, 0, None, 1, 1, 1, False, "too-few-answers")
    assert got.value is None
    got = one(score(table(scale()), {"a": 3, "b": 2}))
    assert got == ScaleScore("s", 5, 0, None, 2, 0, 0, False, None)
    assert got.value == 5
    assert one(score(table(scale()), {})).n_missing == 2


@pytest.mark.parametrize(
    ("answers", "digits", "wanted"),
    [
        ({"a": 3}, 0, "6"),
        ({"a": 1, "b": 2}, 0, "3"),
        ({"a": 1}, 2, "2.00"),
    ],
)
def test_a_prorated_sum_stands_for_the_silent_questions(answers: dict[str, Any], digits: int, wanted: str) -> None:
    got = one(score(table(scale(need=1, fill="prorate", digits=digits)), answers))
    assert str(got.value) == wanted
    assert got.prorated is (len(answers) < 2)


@pytest.mark.parametrize(
    ("answers", "times", "digits", "scaled"),
    [
        ({"a": 1, "b": 2}, [1, 1], 0, 2),  # 1.5 rounds up
        ({"a": 0, "b": 1}, [1, 1], 0, 1),  # 0.5 rounds up, where bankers would say 0
        ({"a": 2, "b": 3}, [1, 1], 0, 3),  # 2.5 rounds up, where bankers would say 2
        ({"a": 1, "b": 2}, [1, 1], 1, 15),
        ({"a": 1, "b": 2}, [100, 3], 1, 500),
        ({"a": 0, "b": 1}, [1, 3], 4, 1667),
        ({"b": 3}, [25, 1], 0, 75),
    ],
)
def test_a_mean_rounds_half_up_in_whole_numbers(
    answers: dict[str, Any], times: list[int], digits: int, scaled: int
) -> None:
    got = one(score(table(scale(op="mean", need=1, fill="skip", times=times, digits=digits)), answers))
    assert got.scaled == scaled


def test_any_is_settled_by_one_answer_and_only_denied_by_all() -> None:
    points = [[0, 0], [1, 0], [2, 1], [3, 1]]
    asked = scale(op="any", items=[{"code": c, "points": points} for c in ("a", "b")])
    assert one(score(table(asked), {"b": 3})).scaled == 1
    assert one(score(table(asked), {"b": 3})).prorated is True
    assert one(score(table(asked), {"a": 2, "b": 3})).scaled == 1
    assert one(score(table(asked), {"b": 1})).reason == "too-few-answers"
    assert one(score(table(asked), {"a": 0, "b": 1})).scaled == 0


def test_an_implied_answer_fills_silence_but_never_overrules_an_answer() -> None:
    rules = table(scale(), implied=[{"when": "a", "values": [0], "item": "b", "value": 0}])
    assert one(score(rules, {"a": 0})) == ScaleScore("s", 0, 0, None, 2, 0, 0, False, None)
    assert one(score(rules, {"a": 0, "b": "declined"})).n_declined == 0
    assert one(score(rules, {"a": 0, "b": 3})).scaled == 3
    assert one(score(rules, {"a": 1})).scaled is None
    assert one(score(rules, {"b": 1})).scaled is None


def test_a_value_outside_every_band_has_none() -> None:
    banded = table(scale(bands=[{"code": "low", "from": 0, "to": 2}, {"code": "mid", "from": 3, "to": 4}]))
    assert [one(score(banded, {"a": a, "b": b})).band for a, b in ((1, 1), (1, 2), (3, 3))] == [
        "low",
        "mid",
        None,
    ]


@pytest.mark.parametrize("answer", [4, -1, "3", 1.0, True, [1], float("nan"), "Rudo"])
def test_an_impossible_answer_is_refused_by_code_and_never_repeated(answer: Any) -> None:
    with pytest.raises(AnswersOutOfRange) as caught:
        score(table(scale()), {"a": answer, "b": 1, "Rudo's own question": 2})
    assert caught.value.facts == {"items": "a", "unknown": 1}
    assert "Rudo" not in str(caught.value) + str(caught.value.as_dict())


def test_an_unknown_question_alone_is_refused_too() -> None:
    with pytest.raises(AnswersOutOfRange) as caught:
        score(table(scale()), {"a": 1, "c": 1})
    assert caught.value.facts == {"items": "none", "unknown": 1}


@pytest.mark.parametrize(
    ("rule", "passed"),
    [
        ("at_least", [False, True, True]),
        ("above", [False, False, True]),
        ("at_most", [True, True, False]),
        ("below", [True, False, False]),
    ],
)
def test_cutoffs_compare_with_their_edge(rule: str, passed: list[bool]) -> None:
    cut = {"code": "c", "scale": "s", "rule": rule, "value": 3, "language": "any", "population": "p"}
    rules = table(scale(), cutoffs=[cut])
    assert [meets(rules, score(rules, {"a": 1, "b": b}), "c") for b in (1, 2, 3)] == passed
    assert meets(rules, score(rules, {"a": 1}), "c") is None
    with pytest.raises(NoSuchCutOff):
        meets(rules, score(rules, {"a": 1}), "d")


def test_a_scale_is_found_by_code_or_not_at_all() -> None:
    scored = score(table(scale()), {})
    assert scored.scale("s").code == "s"
    with pytest.raises(KeyError):
        scored.scale("t")


# --- the slow twin -------------------------------------------------------------------------------------

VALUES = [0, 1, 2, 3]
ITEMS = ["a", "b", "c", "d"]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any scale over up to four questions, with points, missing rules, factors and bands as compiled ones."""
    codes = ITEMS[: draw(st.integers(1, 4))]
    op = draw(st.sampled_from(["sum", "mean", "any"]))
    worth = st.integers(0, 1) if op == "any" else st.integers(0, 1000)
    items = [{"code": c, "points": [[v, draw(worth)] for v in VALUES]} for c in codes]
    need = draw(st.integers(1, len(codes)))
    fill = "none" if need == len(codes) else {"sum": "prorate"}.get(op, "skip")
    edge = draw(st.integers(0, 3000))
    bands = [{"code": "low", "from": 0, "to": edge}, {"code": "high", "from": edge + 1, "to": 10**12}]
    made = scale(
        op=op,
        items=items,
        need=need,
        fill=fill,
        times=[draw(st.integers(1, 1000)), draw(st.integers(1, 1000))],
        digits=draw(st.integers(0, 4)),
        bands=bands,
    )
    implied = [{"when": "a", "values": [0, 2], "item": codes[-1], "value": draw(st.sampled_from(VALUES))}]
    return table(made, items=[{"code": c, "values": VALUES} for c in codes], implied=implied)


def twin(rules: Table, answers: dict[str, Any]) -> tuple[Decimal | None, int]:
    """The same score with fractions, one step after another: (value in points, how many are missing)."""
    asked = rules["scales"][0]
    known = {code: answer for code, answer in answers.items() if isinstance(answer, int)}
    for rule in rules["implied"]:
        if known.get(rule["when"]) in rule["values"] and rule["item"] not in known:
            known[rule["item"]] = rule["value"]
    worth = []
    for item in asked["items"]:
        for value, points in item["points"]:
            if known.get(item["code"]) == value:
                worth.append(Fraction(points))
    missing = len(asked["items"]) - len(worth)
    if asked["op"] == "any" and 1 in worth:
        raw = Fraction(1)
    elif len(worth) < asked["need"]:
        return None, missing
    elif asked["op"] == "any":
        raw = Fraction(0)
    elif asked["op"] == "mean":
        raw = sum(worth, Fraction(0)) / len(worth)
    else:
        mean = sum(worth, Fraction(0)) / len(worth)
        raw = sum(worth, Fraction(0)) + mean * missing
    raw = raw * asked["times"][0] / asked["times"][1] * 10 ** asked["digits"]
    whole = raw.numerator // raw.denominator
    if raw - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole).scaleb(-asked["digits"]), missing


ANSWERS = st.dictionaries(st.sampled_from(ITEMS), st.sampled_from([*VALUES, None, "declined"]))


@given(tables(), ANSWERS)
def test_scoring_equals_its_slow_twin(rules: Table, answers: dict[str, Any]) -> None:
    asked = {item["code"] for item in rules["items"]}
    answers = {code: answer for code, answer in answers.items() if code in asked}
    got = one(score(rules, answers))
    value, missing = twin(rules, answers)
    assert (got.value if got.value is None else Decimal(got.value)) == value
    assert got.n_missing == missing
    assert got.n_answered + got.n_missing == len(asked)
    assert (got.reason is None) == (value is not None)
    assert got.prorated is (value is not None and missing > 0)
    if got.scaled is not None:
        edge = rules["scales"][0]["bands"][0]["to"]
        assert got.band == ("low" if got.scaled <= edge else "high")
        # What JavaScript must hold exactly on the way.
        assert got.scaled * 4 * 1000 * 2 < 2**53


@given(st.data())
def test_shipped_scores_stay_between_their_ends_and_inside_their_bands(data: st.DataObject) -> None:
    rules = TABLES[data.draw(st.sampled_from(sorted(TABLES)))]
    answers: dict[str, Any] = {
        item["code"]: data.draw(st.sampled_from([*item["values"], None, "declined"])) for item in rules["items"]
    }
    for asked, got in zip(rules["scales"], score(rules, answers).scales, strict=True):
        if got.scaled is not None:
            assert asked["lowest"] <= got.scaled <= asked["highest"]
            assert (got.band is not None) == bool(asked["bands"])
