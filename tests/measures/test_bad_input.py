"""Whatever comes in: an answer without NaN, or a refusal in words. Never anything else, never a warning."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave import measures
from kinweave.core.problems import Problem
from kinweave.measures.invariance import Limits
from kinweave.measures.pictures import svg
from kinweave.measures.validity import Thresholds
from tests.measures.questionnaires import ITEMS, answered

pytestmark = pytest.mark.sqlite_only  # needs no database

THREE = ITEMS[:3]
LENIENT = Thresholds(fewest=10, fit=Limits(fewest=10), model_items=3)


def ask(call: Callable[[], Any]) -> str:
    """What came of it: `answer` or the code of the refusal."""
    found = refused = None
    try:
        found = call()
    except Problem as problem:
        refused = problem
    if refused is not None:
        assert refused.sentence
        assert refused.what_to_do
        return refused.code
    json.loads(found.to_json())
    assert found.says
    assert str(found.table())
    with contextlib.suppress(Problem):
        svg(found)
    return "answer"


def columns(kind: str, rows: int, seed: int, scale: float) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {}
    for name in THREE:
        values = {
            "answers": rng.integers(0, 4, rows).astype(float),
            "numbers": rng.normal(5, 2, rows),
            "constant": np.full(rows, 2.0),
            "missing": np.full(rows, np.nan),
            "gaps": np.where(rng.random(rows) < 0.5, np.nan, rng.integers(0, 4, rows)),
            "two": rng.integers(0, 2, rows).astype(float),
            "copies": np.arange(rows) % 4.0,
            "extreme": rng.choice([0.0, 1.0, 1e290], rows),
        }[kind]
        made[name] = values * scale
    made["g"] = rng.choice(["x", "y"], rows) if rows else np.array([], dtype=object)
    made["t"] = list(range(rows))
    return made


KINDS = ["answers", "numbers", "constant", "missing", "gaps", "two", "copies", "extreme"]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(KINDS), st.sampled_from([0, 1, 2, 3, 25, 130]), st.integers(0, 10**6),
    st.sampled_from([1.0, 1e-9, 1e9]),
)  # fmt: skip
def test_an_answer_or_a_refusal(kind: str, rows: int, seed: int, scale: float) -> None:
    data = columns(kind, rows, seed, scale)
    ask(lambda: measures.reliability(data, THREE))
    for method in ("mantel-haenszel", "logistic"):
        ask(lambda m=method: measures.differential_items(data, THREE, "g", reference="x", focal="y", method=m))
    ask(lambda: measures.invariance(data, THREE, "g", limits=Limits(fewest=10)))
    ask(lambda: measures.compare_languages(data, THREE, "g", ("x", "y"), thresholds=LENIENT))
    for method in ("C1", "C2", "C3"):
        ask(lambda m=method: measures.ears(data, "a", "t", method=m))
    ask(lambda: measures.cusum(data, "a", "t", baseline=10))
    ask(lambda: measures.recovery(data, "a", "t", str(rows // 2)))
    lines = {**data, "service": data["g"], "place": data["g"], "funder": data["g"]}
    ask(lambda: measures.remove(lines, {"funder": "x"}, people="a", capacity="b"))
    ask(lambda: measures.single_points(lines, ["funder"], people="a"))
    ask(lambda: measures.ties({"o": data["t"], "p": data["a"]}, "o", "p"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 3, 900, None]), min_size=75, max_size=90), st.integers(2, 4))
def test_months_of_any_kind(counts: list[int | None], years: int) -> None:
    months = [f"{2010 + i // 12}-{i % 12 + 1:02}-01" for i in range(len(counts))]
    season = measures.Season(years=years, window=1, blocks=4, recent=6)
    ask(lambda: measures.seasonal({"m": months, "n": counts}, "n", "m", season=season))


def test_duplicated_rows_do_not_break_anything() -> None:
    data = {k: np.concatenate([v] * 3) for k, v in answered(3, 100).items()}
    assert ask(lambda: measures.reliability(data, ITEMS)) == "answer"
    assert ask(lambda: measures.compare_languages(data, ITEMS, "language", ("x", "y"))) == "answer"


def test_one_person_is_refused_everywhere() -> None:
    one = columns("answers", 1, 1, 1.0)
    assert ask(lambda: measures.reliability(one, THREE)) == "too-few"
    assert ask(lambda: measures.ears(one, "a", "t")) == "too-few"
    assert ask(lambda: measures.cusum(one, "a", "t")) == "too-few"
    assert ask(lambda: measures.ties({"o": [1], "p": [2]}, "o", "p")) == "too-few"
    found = measures.compare_languages(one, THREE, "g", ("x", "y"))
    assert found.state == "too-few"
