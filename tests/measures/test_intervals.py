"""Intervals against scipy's and statsmodels' own, and against published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kinweave.measures.intervals import (
    difference_interval,
    mean_interval,
    mean_interval_of_sums,
    rate_interval,
    wilson,
)

pytestmark = pytest.mark.sqlite_only  # needs no database

levels = st.sampled_from([0.8, 0.95, 0.99])


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_wilson_is_scipys(counts: tuple[int, int], level: float) -> None:
    theirs = stats.binomtest(*counts).proportion_ci(level, method="wilson")
    assert wilson(*counts, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_is_statsmodels() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for part, whole in ((0, 7), (7, 10), (10, 10), (113, 273)):
        assert wilson(part, whole) == pytest.approx(proportion.proportion_confint(part, whole, method="wilson"))


@given(st.lists(st.floats(-27, 27), min_size=2, max_size=40), levels)
def test_a_mean_from_its_sums_is_scipys(values: list[float], level: float) -> None:
    data = np.array(values)
    spread = float(data.std(ddof=1))
    ours = mean_interval_of_sums(float(data.sum()), float((data**2).sum()), len(values), level)
    half = float(stats.t.ppf(0.5 + level / 2, len(values) - 1)) * spread / math.sqrt(len(values))
    # Sums of squares lose the last digits of a spread near nought; far below one decimal.
    assert ours == pytest.approx((data.mean() - half, data.mean() + half), abs=1e-4)
    assert mean_interval(float(data.mean()), spread, len(values), level) == pytest.approx(
        (data.mean() - half, data.mean() + half)
    )


def test_a_mean_by_the_printed_table() -> None:
    """t for 9 degrees of freedom is 2.262 (any printed table)."""
    assert mean_interval(5.0, 3.0, 10) == pytest.approx((5 - 2.262 * 3 / 10**0.5, 5 + 2.262 * 3 / 10**0.5), abs=1e-3)


@given(st.integers(0, 200), st.integers(1, 10**6))
def test_a_rate_leaves_one_tail_on_each_side(count: int, people: int) -> None:
    interval = rate_interval(count, people)
    assert interval is not None
    low, high = (end * people / 1000 for end in interval)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025, rel=1e-6)
    assert low == 0 if count == 0 else stats.poisson.sf(count - 1, low) == pytest.approx(0.025, rel=1e-6)


def test_a_difference_is_newcombes_own_example() -> None:
    """Newcombe 1998, table II, row 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    assert difference_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_nobody_gives_no_interval() -> None:
    assert wilson(0, 0) is None
    assert mean_interval(1.0, 1.0, 1) is None
    assert mean_interval_of_sums(1.0, 1.0, 1) is None
    assert rate_interval(0, 0) is None
    assert difference_interval(0, 0, 1, 2) is None


@pytest.mark.parametrize("call", [
    lambda: wilson(3, 2), lambda: wilson(-1, 2), lambda: wilson(1, 2, 1.0), lambda: mean_interval(0, -1, 5),
    lambda: rate_interval(-1, 5),
])  # fmt: skip
def test_nonsense_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"nought|level"):
        call()  # type: ignore[operator]
