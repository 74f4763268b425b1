"""Indexes of inequality: published numbers, slow twins, truth, and bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.inequality import concentration_index, slope_index
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, NotAllowedHere, NotANumber, TooFew
from tests.measures.reference import LIFE_1, LIFE_2
from tests.measures.simulate import within

pytestmark = pytest.mark.sqlite_only


def tenths(rows: list[tuple[int, float, float]]) -> dict[str, Any]:
    people, value, se = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    return {"tenth": np.arange(1.0, 11), "people": people, "life": value, "se": se}


@pytest.mark.parametrize(("rows", "sii", "rii", "slope_ends", "ratio_ends"), [
    (LIFE_1, 6.93461647, 1.08881808, (3.1276, 10.7587), (1.03837, 1.14129)),
    (LIFE_2, 12.54784664, 1.18088562, None, None),
])  # fmt: skip
def test_it_is_phes(rows: Any, sii: float, rii: float, slope_ends: Any, ratio_ends: Any) -> None:
    """PHEindicatormethods::phe_sii, its own test data. Its ends are simulated (100,000 times), ours are exact."""
    found = slope_index(tenths(rows), rank="tenth", value="life", people="people", se="se")
    assert found["SII"].value == pytest.approx(sii, abs=5e-8)
    assert found["RII"].value == pytest.approx(rii, abs=5e-8)
    if slope_ends:
        assert (found["SII"].low, found["SII"].high) == pytest.approx(slope_ends, abs=0.05)
        assert (found["RII"].low, found["RII"].high) == pytest.approx(ratio_ends, abs=1e-3)


def test_it_is_the_world_banks() -> None:
    """Under-five deaths by wealth in India, Technical Note 7: −0.1694."""
    births = np.array([29939.0, 28776, 26528, 24689, 19739])
    rate = np.array([154.7, 152.9, 119.5, 86.9, 54.3])
    rows = {"fifth": np.arange(5.0), "births": births, "deaths": np.round(births * rate / 1000)}
    found = concentration_index(rows, rank="fifth", events="deaths", people="births")
    assert found.estimates[0].value == pytest.approx(-0.1694, abs=5e-5)
    assert found.estimates[0].high < 0
    assert "worst off" in found.says


# ----------------------------------------------------------------------------------------- slow twins


def crowd(seed: int, n: int = 80, ties: bool = True) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    wealth = rng.integers(0, 12, n).astype(float) if ties else rng.normal(size=n)
    return {"wealth": wealth, "y": np.abs(5 + 0.3 * wealth + rng.normal(0, 2, n))}


@given(st.integers(0, 300), st.booleans())
@settings(max_examples=40, deadline=None)
def test_by_comparing_everybody_with_everybody(seed: int, ties: bool) -> None:
    rows = crowd(seed, ties=ties)
    w, y = rows["wealth"], rows["y"]
    ridit = np.array([(np.sum(w < v) + 0.5 * np.sum(w == v)) / len(w) for v in w])
    slope, bottom = np.polyfit(ridit, y, 1)
    found = slope_index(rows, rank="wealth", value="y")
    assert found["SII"].value == pytest.approx(slope)
    assert found["RII"].value == pytest.approx((bottom + slope) / bottom)
    c = concentration_index(rows, rank="wealth", value="y", bounds=(0, 30))
    assert c.estimates[0].value == pytest.approx(2 * np.cov(y, ridit, ddof=0)[0, 1] / y.mean())
    assert c["Erreygers index"].value == pytest.approx(8 * np.cov(y, ridit, ddof=0)[0, 1] / 30)
    turned = concentration_index({**rows, "y": 30 - y}, rank="wealth", value="y", bounds=(0, 30))
    assert turned["Erreygers index"].value == pytest.approx(-c["Erreygers index"].value)


@given(st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_the_error_of_the_index_is_the_jackknifes(seed: int) -> None:
    rows = crowd(seed, 150, ties=seed % 2 == 0)
    found = concentration_index(rows, rank="wealth", value="y").estimates[0]
    keep = [np.arange(150) != i for i in range(150)]
    without = [concentration_index({k: v[m] for k, v in rows.items()}, rank="wealth", value="y") for m in keep]
    values = np.array([w.estimates[0].value for w in without])
    assert found.se == pytest.approx(np.sqrt(149 / 150 * ((values - values.mean()) ** 2).sum()), rel=0.06)


def test_it_is_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    rows = crowd(5)
    w = rows["wealth"]
    ridit = np.array([(np.sum(w < v) + 0.5 * np.sum(w == v)) / len(w) for v in w])
    theirs = api.OLS(rows["y"], api.add_constant(ridit)).fit(cov_type="HC2", use_t=True)
    ours = slope_index(rows, rank="wealth", value="y")["SII"]
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.conf_int()[1]))


# ------------------------------------------------------------------------------------------------ truth


def test_intervals_hold_what_they_promise() -> None:
    """200 people with unequal spread, 1,000 drawings; the truth from a million people."""
    runs, hits = 1000, np.zeros(4, dtype=int)

    def draw(seed: int, n: int) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        wealth = rng.gamma(2, 1, n)
        rank = wealth.argsort().argsort() / n
        return {
            "wealth": wealth,
            "y": rng.gamma(4, (1 + rank) / 4),
            "ill": (rng.random(n) < 0.5 - 0.3 * rank).astype(float),
        }

    big = draw(10_000_019, 1_000_000)
    true = [
        slope_index(big, rank="wealth", value="y")["SII"].value,
        slope_index(big, rank="wealth", value="ill")["SII"].value,
        concentration_index(big, rank="wealth", value="y").estimates[0].value,
        concentration_index(big, rank="wealth", value="ill").estimates[0].value,
    ]  # fmt: skip
    for seed in range(runs):
        rows = draw(seed, 200)
        found = [
            slope_index(rows, rank="wealth", value="y")["SII"], slope_index(rows, rank="wealth", value="ill")["SII"],
            concentration_index(rows, rank="wealth", value="y").estimates[0],
            concentration_index(rows, rank="wealth", value="ill").estimates[0],
        ]  # fmt: skip
        hits += [e.low <= t <= e.high for e, t in zip(found, true, strict=True)]
    for h in hits:
        within(int(h), runs)


def test_intervals_of_groups_hold_too() -> None:
    """Five groups of 100, a share that rises from 20 to 40 %, 1,000 drawings: SII on the line, index by its mean."""
    share = np.array([0.2, 0.25, 0.3, 0.35, 0.4])
    rank = np.arange(5.0)
    ridit = (rank + 0.5) / 5
    true_slope, true_c = 0.25, 2 * np.mean(share * ridit) / share.mean() - 1
    hits = np.zeros(2, dtype=int)
    for seed in range(1000):
        events = np.random.default_rng(seed).binomial(100, share).astype(float)
        rows = {"rank": rank, "e": events, "n": np.full(5, 100.0)}
        sii = slope_index(rows, events="e", people="n")["SII"]
        c = concentration_index(rows, events="e", people="n").estimates[0]
        hits += [sii.low <= true_slope <= sii.high, c.low <= true_c <= c.high]
    for h in hits:
        within(int(h), 1000)


# -------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    rows = crowd(7)
    one, other = (slope_index({**rows, "y": rows["y"] * s}, rank="wealth", value="y") for s in (1.0, scale))
    assert other["SII"].low == pytest.approx(one["SII"].low * scale)
    assert other["RII"].high == pytest.approx(one["RII"].high)
    c = concentration_index({**rows, "y": rows["y"] * scale}, rank="wealth", value="y").estimates[0]
    assert c.se == pytest.approx(concentration_index(rows, rank="wealth", value="y").estimates[0].se)


@pytest.mark.parametrize(("rows", "more", "refusal"), [
    ({"rank": [1.0], "y": [2.0]}, {"value": "y"}, TooFew),
    ({"rank": [1.0] * 30, "y": list(range(30))}, {"value": "y"}, NoSpread),
    ({"rank": list(range(30)), "y": [2.0] * 30}, {"value": "y"}, CannotTell),
    ({"rank": list(range(30)), "y": [None] * 30}, {"value": "y"}, TooFew),
    ({"rank": list(range(30)), "y": ["x"] * 30}, {"value": "y"}, NotANumber),
    ({"rank": [1, 2, 3], "y": [1, 2, 9], "n": [5, 5, 5]}, {"events": "y", "people": "n"}, NotAllowedHere),
    ({"rank": [1, 2, 3], "y": [1, 2, 9], "n": [5, 5, 5]}, {"value": "y", "people": "n"}, BadChoice),
    ({"rank": [1, 2, 3]}, {}, BadChoice),
])  # fmt: skip
def test_a_clear_refusal(rows: Any, more: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        slope_index(rows, **more)


def test_the_index_refuses_what_has_no_shares() -> None:
    rows = crowd(1)
    with pytest.raises(CannotTell):
        concentration_index({**rows, "y": rows["y"] - 100}, rank="wealth", value="y")
    with pytest.raises(NoSpread):
        concentration_index({**rows, "y": rows["y"] * 0}, rank="wealth", value="y")
    with pytest.raises(BadChoice):
        concentration_index(rows, rank="wealth", value="y", bounds=(0, 1))


def test_a_group_with_nobody_ill_is_not_taken_as_certain() -> None:
    found = slope_index({"rank": [1, 2, 3], "e": [0, 0, 1], "n": [20, 20, 20]}, events="e", people="n")
    assert found["SII"].low < 0 < found["SII"].high
    assert "not shown" in found.says
    assert slope_index({"rank": [1, 2, 3], "e": [0, 0, 9], "n": [20, 20, 20]}, events="e", people="n").notes
