"""Weighted estimates: published numbers, slow twins, truth, and bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.refusals import NotAllowedHere, NotANumber, TooFew
from kinweave.measures.survey import survey_mean, survey_total
from tests.measures.reference import DISTRICTS, LEVELS
from tests.measures.simulate import within

pytestmark = pytest.mark.sqlite_only


def of_sums(n: int, total: float, squares: float) -> np.ndarray:
    """Numbers with this count, sum and sum of squares: the estimates know no more of a sample than that."""
    mean = total / n
    spread = np.sqrt(max(squares - n * mean * mean, 0.0))
    shape = np.array([1.0, -1.0] + [0.0] * (n - 2))[:n] if n > 1 else np.zeros(1)
    return mean + spread * shape / max(np.linalg.norm(shape), 1.0)


def districts() -> dict[str, Any]:
    rows: dict[str, list[float]] = {"district": [], "api00": [], "enroll": [], "pw": [], "fpc": []}
    for code, (n, total, squares, pupils) in enumerate(DISTRICTS):
        for i, value in enumerate(of_sums(n, total, squares)):
            for name, x in zip(rows, (code, value, pupils if i == 0 else 0, 6194 / 183, 757), strict=True):
                rows[name].append(float(x))
    return {k: np.array(v) for k, v in rows.items()}


DESIGN: dict[str, Any] = {"weight": "pw", "cluster": "district", "population": "fpc"}


def test_clusters_are_rs_survey() -> None:
    """svymean(~api00, apiclus1): 644.169 (23.542), deff 9.3459; svytotal(~enroll): 3404940 (932235)."""
    found = survey_mean(districts(), value="api00", **DESIGN)
    assert found.estimates[0].value == pytest.approx(644.169, abs=5e-4)
    assert found.estimates[0].se == pytest.approx(23.542, abs=5e-4)
    assert found.deff == pytest.approx(9.3459, abs=5e-4)
    assert found.estimates[0].df == 14
    total = survey_total(districts(), value="enroll", **DESIGN).estimates[0]
    assert total.value == pytest.approx(3404940, abs=0.5)
    assert total.se == pytest.approx(932235, abs=0.5)


def test_strata_are_rs_survey() -> None:
    """svymean(~api00, apistrat): 662.2874 (9.4089)."""
    rows: dict[str, list[float]] = {"kind": [], "api00": [], "pw": [], "fpc": []}
    for code, (n, total, squares, whole) in enumerate(LEVELS):
        for value in of_sums(n, total, squares):
            for name, x in zip(rows, (code, value, whole / n, whole), strict=True):
                rows[name].append(float(x))
    found = survey_mean(rows, value="api00", weight="pw", stratum="kind", population="fpc").estimates[0]
    assert found.value == pytest.approx(662.2874, abs=5e-5)
    assert found.se == pytest.approx(9.4089, abs=5e-5)


def drawn(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    strata = np.repeat(np.arange(3), 6)
    size = rng.integers(1, 8, 18)
    village = np.repeat(np.arange(18), size)
    return {
        "stratum": strata[village], "village": village, "w": rng.uniform(1, 9, len(village)),
        "y": rng.normal(10, 3, len(village)) + village % 5, "g": rng.integers(0, 2, len(village)),
    }  # fmt: skip


@given(st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_the_error_is_the_textbooks(seed: int) -> None:
    """Σ over strata of m/(m−1) Σ (z − z̄)², cluster by cluster in plain Python."""
    rows = drawn(seed)
    design: dict[str, Any] = {"weight": "w", "cluster": "village", "stratum": "stratum"}
    found = survey_mean(rows, value="y", by="g", **design)
    for e, use in zip(found.estimates, (rows["g"] >= 0, rows["g"] == 0, rows["g"] == 1), strict=True):
        w = rows["w"] * use
        mean = (w * rows["y"]).sum() / w.sum()
        variance = 0.0
        for h in range(3):
            villages = sorted(set(rows["village"][rows["stratum"] == h]))
            z = [(w * (rows["y"] - mean))[rows["village"] == v].sum() / w.sum() for v in villages]
            variance += len(z) / (len(z) - 1) * sum((x - np.mean(z)) ** 2 for x in z)
        assert e.value == pytest.approx(mean)
        assert e.se == pytest.approx(np.sqrt(variance))


def test_without_a_design_it_is_the_plain_mean() -> None:
    y = np.random.default_rng(1).normal(3, 2, 50)
    found = survey_mean({"value": y})
    assert found.estimates[0].se == pytest.approx(y.std(ddof=1) / 50**0.5)
    assert found.deff == pytest.approx(50 / 49 * 49 / 50, rel=0.05)


def test_intervals_hold_what_they_promise() -> None:
    """30 villages of 200 with chances by size, 8 people in each, 1,000 drawings of the same country."""
    rng = np.random.default_rng(2)
    level = rng.normal(0, 1, 200)
    size = rng.integers(40, 400, 200)
    people = [level[v] + rng.normal(12, 2, size[v]) for v in range(200)]
    truth = float(np.concatenate(people).mean())
    hits = 0
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        villages = rng.choice(200, 30, p=size / size.sum())  # with replacement
        y = np.concatenate([rng.choice(people[v], 8) for v in villages])
        rows = {"value": y, "v": np.repeat(np.arange(30), 8), "w": np.ones(240)}
        e = survey_mean(rows, weight="w", cluster="v").estimates[0]
        hits += e.low <= truth <= e.high
    within(hits, 1000)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    rows = drawn(3)
    one, other = (
        survey_mean({**rows, "y": rows["y"] * s}, value="y", weight="w", cluster="village") for s in (1, scale)
    )
    assert other.estimates[0].se == pytest.approx(one.estimates[0].se * scale)


@pytest.mark.parametrize(("rows", "more", "refusal"), [
    ({"value": [1.0]}, {}, TooFew),
    ({"value": [None, None]}, {}, TooFew),
    ({"value": ["a", 1]}, {}, NotANumber),
    ({"value": [1.0, 2], "w": [-1.0, 1]}, {"weight": "w"}, NotAllowedHere),
    ({"value": [1.0, 2], "w": [0.0, 0]}, {"weight": "w"}, TooFew),
    ({"value": [1.0, 2, 3], "c": [1, 1, 1]}, {"cluster": "c"}, TooFew),
    ({"value": [1.0, 2, 3], "s": [1, 1, 2]}, {"stratum": "s"}, TooFew),
    ({"value": [1.0, 2, 3], "f": [2, 2, 2]}, {"population": "f"}, NotAllowedHere),
    ({"value": [1.0, 2, 3], "f": [9, 8, 9]}, {"population": "f"}, NotAllowedHere),
])  # fmt: skip
def test_a_clear_refusal(rows: Any, more: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        survey_mean(rows, **more)


def test_the_same_answer_from_everybody_is_an_answer() -> None:
    found = survey_mean({"value": [4.0] * 9})
    assert found.estimates[0].se == 0
    assert found.deff is None
    assert found.to_json()
