"""Rates of small places: published numbers, a slow twin, truth, and bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.areas import marshall, smooth_areas
from kinweave.measures.refusals import NoSpread, NotAllowedHere, NotANumber, TooFew, TwiceTheSame
from tests.measures.simulate import within

pytestmark = pytest.mark.sqlite_only


def test_auckland_is_spdeps() -> None:
    """Deaths under five in 167 places of Auckland, 1977 to 1985 (Marshall 1991): 1,403 among 532,764 person-years.

    The two moments need three sums only, so any places with the same sums will do: 166 with one rate, one that makes
    up the squares. EBest: a = 7.284173e-07, b = .002633436; first smoothed .002978034, .002865623, .002118165.
    """
    deaths, years, squares, places = 1403.0, 532764.0, 4.522569332365304, 167
    mean = deaths / years
    # Two rates about the mean, half of the years each, with the same weighted variance.
    apart = np.sqrt(squares / years - mean**2)
    people = np.full(places, years / places)
    rate = np.full(places, mean)
    half = places // 2
    rate[:half], rate[half : 2 * half] = mean + apart * np.sqrt(places / 166), mean - apart * np.sqrt(places / 166)
    a, b = marshall(rate * people, people)
    assert a == pytest.approx(7.284173e-07, rel=1e-6)
    assert b == pytest.approx(0.002633436, rel=1e-6)
    for n, y, want in ((2268, 8, 0.002978034), (405, 2, 0.002865623), (3240, 5, 0.002118165)):
        # What `smooth_areas` does with one place, given these two moments.
        assert (b * b / a + y) / (b / a + n) == pytest.approx(want, rel=1e-6)


def country(seed: int, places: int = 60, spread: float = 0.4) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    true = 0.02 * rng.gamma(1 / spread**2, spread**2, places)
    people = rng.integers(100, 3000, places).astype(float)
    return {
        "place": np.arange(places),
        "people": people,
        "events": rng.poisson(true * people).astype(float),
        "true": true,
    }


@given(st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_it_is_marshalls_formula_place_by_place(seed: int) -> None:
    rows = country(seed, 20)
    n, y = rows["people"], rows["events"]
    m = sum(y) / sum(n)
    s2 = sum(k * (e / k - m) ** 2 for e, k in zip(y, n, strict=True)) / sum(n)
    a = max(0.0, s2 - m / (sum(n) / 20))
    found = smooth_areas(rows, per=1)
    by_name = {area.name: area for area in found.areas}
    for i, (e, k) in enumerate(zip(y, n, strict=True)):
        want = m + a * (e / k - m) / (a + m / k) if a else m
        assert by_name[str(i)].value == pytest.approx(want)
        assert by_name[str(i)].low <= want <= by_name[str(i)].high


def test_intervals_hold_what_they_promise_on_average() -> None:
    """60 places, 150 drawings; nearer the truth than raw rates."""
    held, all_places, ours, raw = 0, 0, 0.0, 0.0
    for seed in range(150):
        rows = country(seed)
        for area in smooth_areas(rows, per=1).areas:
            true = rows["true"][int(area.name)]
            held += area.low <= true <= area.high
            all_places += 1
            ours += (area.value - true) ** 2
            raw += (area.raw - true) ** 2
    within(held, all_places)
    assert ours < 0.9 * raw


def test_places_that_do_not_differ_get_one_rate() -> None:
    rows = {"place": list("abcdefghijkl"), "events": [10] * 12, "people": [1000] * 12}
    found = smooth_areas(rows)
    assert found.between == 0
    assert {a.value for a in found.areas} == {10.0}
    assert "no more than chance" in found.says
    assert found.to_json()


def ten(**changed: Any) -> dict[str, Any]:
    return {"place": list("abcdefghij"), "events": [1] * 10, "people": [100] * 10} | changed


@pytest.mark.parametrize(("rows", "refusal"), [
    ({"place": ["a"], "events": [1], "people": [100]}, TooFew),
    (ten(events=[0] * 10), NoSpread),
    (ten(events=[0.5] * 10), NotAllowedHere),
    (ten(events=[-1] * 10), NotAllowedHere),
    (ten(people=[0] * 10), NotAllowedHere),
    (ten(events=["many"] * 10), NotANumber),
    (ten(place=["a"] * 10), TwiceTheSame),
    (ten(events=[None] * 10), TooFew),
])  # fmt: skip
def test_a_clear_refusal(rows: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        smooth_areas(rows)


@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_the_unit_of_time_does_not_matter(scale: float) -> None:
    rows = country(9)
    one, other = smooth_areas(rows, per=1), smooth_areas({**rows, "people": rows["people"] * scale}, per=scale)
    assert [a.high for a in other.areas] == pytest.approx([a.high for a in one.areas])
