"""Jacobson and Truax, by hand and by the definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave.measures.change import (
    Outcome,
    Thresholds,
    cutoff_c,
    judge,
    judge_all,
    reliable_change,
    reliable_change_index,
    standard_error_of_difference,
)

pytestmark = pytest.mark.sqlite_only  # needs no database

THRESHOLDS = Thresholds(reliable=6, cutoff=10, source="invented for this test")
scores = st.one_of(st.none(), st.integers(0, 27))


def test_the_worked_example_of_1991() -> None:
    """Pretest 32.5, post-test 47.5, s 7.5, reliability .80: S_diff 4.74, index 3.16 (p. 14 of the paper)."""
    assert standard_error_of_difference(7.5, 0.80) == pytest.approx(4.74, abs=0.005)
    assert reliable_change_index(32.5, 47.5, 7.5, 0.80) == pytest.approx(3.16, abs=0.005)


def test_the_smallest_reliable_change_has_an_index_of_196() -> None:
    points = reliable_change(7.5, 0.80)
    assert reliable_change_index(10.0, 10.0 + points, 7.5, 0.80) == pytest.approx(1.96)


def test_criterion_c_lies_half_way_for_equal_spreads_and_nearer_the_narrow_group() -> None:
    assert cutoff_c(40, 7.5, 60, 7.5) == 50
    assert cutoff_c(40, 2.0, 60, 8.0) == pytest.approx(44)


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (15, 9, Outcome.RECOVERED),
        (10, 4, Outcome.RECOVERED),
        (16, 10, Outcome.IMPROVED),
        (9, 3, Outcome.IMPROVED),
        (15, 10, Outcome.UNCHANGED),
        (9, 14, Outcome.UNCHANGED),
        (9, 15, Outcome.DETERIORATED),
        (None, 3, Outcome.UNKNOWN),
        (12, math.nan, Outcome.UNKNOWN),
    ],
)
def test_one_person(before: float | None, after: float | None, outcome: Outcome) -> None:
    assert judge(before, after, THRESHOLDS) is outcome


@given(scores, scores)
def test_a_scale_turned_round_gives_the_same_answer(before: int | None, after: int | None) -> None:
    turned = Thresholds(reliable=6, cutoff=-10, source="invented", higher_is_worse=False)
    flip = [None if x is None else -x for x in (before, after)]
    assert judge(before, after, THRESHOLDS) is judge(flip[0], flip[1], turned)


@given(st.lists(st.tuples(scores, scores), max_size=30), st.booleans())
def test_counting_all_is_counting_each(pairs: list[tuple[int | None, int | None]], worse: bool) -> None:
    thresholds = Thresholds(6, 10, "invented", worse)
    columns = [np.array([math.nan if p[i] is None else p[i] for p in pairs], dtype=float) for i in (0, 1)]
    found = judge_all(columns[0], columns[1], thresholds)
    each = [judge(before, after, thresholds) for before, after in pairs]
    assert found == {outcome: each.count(outcome) for outcome in Outcome}


def test_thresholds_need_a_source_and_sense() -> None:
    for wrong in ((6, 10, " "), (0, 10, "x"), (math.inf, 10, "x"), (6, math.nan, "x")):
        with pytest.raises(ValueError, match="source"):
            Thresholds(*wrong)
    with pytest.raises(ValueError, match="reliability"):
        standard_error_of_difference(5, 1.0)
    with pytest.raises(ValueError, match="one row"):
        judge_all(np.zeros(2), np.zeros(3), THRESHOLDS)
