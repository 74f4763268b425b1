"""Our few distributions against scipy.stats."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kinweave.measures import quantiles

pytestmark = pytest.mark.sqlite_only  # needs no database

shares = st.floats(0.001, 0.9995)


@settings(max_examples=200, deadline=None)
@given(shares, st.floats(1, 500))
def test_normal_student_and_chi_square(p: float, df: float) -> None:
    assert quantiles.normal(p) == pytest.approx(stats.norm.ppf(p), rel=1e-9, abs=1e-9)
    assert quantiles.student(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-7, abs=1e-7)
    assert quantiles.student_above(p * 5, df) == pytest.approx(stats.t.sf(p * 5, df), rel=1e-9)
    assert quantiles.chi2(p, df) == pytest.approx(stats.chi2.ppf(p, df), rel=1e-7)


@settings(max_examples=200, deadline=None)
@given(shares, st.floats(0.01, 5000), st.floats(1.01, 20))
def test_counts(p: float, mean: float, spread: float) -> None:
    assert quantiles.poisson(p, mean) == stats.poisson.ppf(p, mean)
    size, share = mean / (spread - 1), 1 / spread
    assert quantiles.negative_binomial(p, size, share) == stats.nbinom.ppf(p, size, share)
