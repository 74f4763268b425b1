"""Three ways to call a change more than chance, against one person at a time by the printed formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.change import Outcome, Thresholds, judge_all
from kinweave.measures.change_count import (
    EDWARDS_NUNNALLY,
    HAGEMAN_ARRINDELL,
    JACOBSON_TRUAX,
    count_change,
)
from kinweave.measures.refusals import BadChoice, CannotTell, NoColumn, NoSpread, NotANumber, TooFew
from tests.measures.simulate import within

pytestmark = pytest.mark.sqlite_only
SOURCE: dict[str, Any] = {"reliability": 0.8, "source": "invented for this test"}


def people(seed: int, n: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    before = rng.normal(15, 5, n).round()
    after = (before - 3 + rng.normal(0, 5, n)).round()
    after[rng.random(n) < 0.2] = np.nan
    return {"before": before, "after": after}


@given(st.integers(0, 500), st.booleans())
@settings(max_examples=40, deadline=None)
def test_with_published_thresholds_it_is_the_old_count(seed: int, worse: bool) -> None:
    rows = people(seed)
    limits = Thresholds(6, 10, "invented", worse)
    found = count_change(rows, thresholds=limits)
    assert found.counts == {o.value: k for o, k in judge_all(rows["before"], rows["after"], limits).items()}
    assert sum(found.counts.values()) == found.n


def one_by_one(rows: dict[str, Any], method: str, cutoff: float) -> dict[str, int]:
    """The formulas of the papers, one person after the other, lower is better."""
    pairs = [(b, a) for b, a in zip(rows["before"], rows["after"], strict=True) if not math.isnan(a)]
    firsts = rows["before"]
    m, s = firsts.mean(), firsts.std(ddof=1)
    r = SOURCE["reliability"]
    se = s * math.sqrt(1 - r)
    b2, a2 = np.array(pairs).T
    s2 = a2.std(ddof=1)
    cov = ((b2 - b2.mean()) * (a2 - a2.mean())).sum() / (len(pairs) - 1)
    r1, r2 = (s**2 - se**2) / s**2, (s2**2 - se**2) / s2**2
    r_dd = (s**2 * r1 + s2**2 * r2 - 2 * cov) / (s**2 + s2**2 - 2 * cov)
    found = dict.fromkeys((o.value for o in Outcome), 0)
    for b, a in zip(rows["before"], rows["after"], strict=True):
        if math.isnan(a):
            found["unknown"] += 1
            continue
        well, limit = b >= cutoff > a, 1.96
        if method == JACOBSON_TRUAX:
            index = (a - b) / (math.sqrt(2) * se)
        elif method == EDWARDS_NUNNALLY:
            index = (a - (r * (b - m) + m)) / se
        else:
            index = ((a - b) * r_dd + (a2.mean() - b2.mean()) * (1 - r_dd)) / (math.sqrt(r_dd) * math.sqrt(2 * se**2))
            limit = 1.65
            well = b >= cutoff and (a2.mean() + (a - a2.mean()) * r2 - cutoff) / (math.sqrt(r2) * se) <= -1.65
        if index >= limit:
            found["deteriorated"] += 1
        elif index > -limit:
            found["unchanged"] += 1
        else:
            found["recovered" if well else "improved"] += 1
    return found


@given(st.integers(0, 500), st.sampled_from([JACOBSON_TRUAX, EDWARDS_NUNNALLY, HAGEMAN_ARRINDELL]))
@settings(max_examples=60, deadline=None)
def test_each_method_is_its_formula(seed: int, method: str) -> None:
    rows = people(seed)
    found = count_change(rows, method=method, cutoff=10, **SOURCE)
    assert found.counts == one_by_one(rows, method, 10)
    turned = {k: -v for k, v in rows.items()}
    assert count_change(turned, method=method, cutoff=-10, higher_is_worse=False, **SOURCE).counts == found.counts
    for scale in (1e-9, 1e9):
        big = {k: v * scale for k, v in rows.items()}
        assert sum(count_change(big, method=method, cutoff=10 * scale, **SOURCE).counts.values()) == found.n


def test_without_any_change_few_are_called_changed() -> None:
    """4,000 people whose true score stays: 5 % beyond ±1.96, half on each side, by Jacobson and Truax."""
    rng = np.random.default_rng(3)
    true = rng.normal(15, 4, 4000)
    rows = {"before": true + rng.normal(0, 2, 4000), "after": true + rng.normal(0, 2, 4000)}
    found = count_change(rows, **SOURCE)
    changed = found.n - found.counts["unchanged"]
    within(found.n - changed, found.n)
    assert abs(found.counts["improved"] - found.counts["deteriorated"]) < 60


def test_the_sentence_holds_both_sides() -> None:
    found = count_change(people(1), thresholds=Thresholds(6, 10, "invented"), important=5)
    assert "got worse" in found.says
    assert "were not seen again" in found.says
    assert "Jacobson-Truax" in found.says
    assert {"better by 5 or more", "worse by 5 or more"} <= {e.name for e in found.estimates}
    assert found.to_json()
    assert len(found.table().rows) == 7


@pytest.mark.parametrize(("rows", "more", "refusal"), [
    ({"before": [1.0], "after": [2.0]}, SOURCE, TooFew),
    ({"before": [None, None], "after": [2.0, 1.0]}, SOURCE, TooFew),
    ({"before": [7.0] * 9, "after": [2.0] * 9}, SOURCE, NoSpread),
    ({"before": [1.0, 2, 3, 4], "after": [1.0, 2, 3, 4]}, {**SOURCE, "method": HAGEMAN_ARRINDELL}, CannotTell),
    ({"before": [1.0], "after": ["bad"]}, SOURCE, NotANumber),
    ({"before": [1.0]}, SOURCE, NoColumn),
    (people(1), {"reliability": 0.8}, BadChoice),
    (people(1), {**SOURCE, "method": "mine"}, BadChoice),
    (people(1), {**SOURCE, "important": -1}, BadChoice),
])  # fmt: skip
def test_a_clear_refusal(rows: Any, more: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        count_change(rows, **more)


def test_one_person_with_published_thresholds_is_an_answer() -> None:
    found = count_change({"before": [15.0], "after": [5.0]}, thresholds=Thresholds(6, 10, "invented"))
    assert found.counts["recovered"] == 1
    assert found["recovered"].low == pytest.approx(0.2065, abs=1e-4)
