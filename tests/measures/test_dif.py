"""Items that differ between groups: against difR, against slow twins, and how often a fair item is accused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kinweave.measures.dif import FEWEST, METHODS, differential_items, item_dif
from kinweave.measures.ordinal import ordinal
from kinweave.measures.refusals import BadChoice, NoSpread, NotAllowedHere, NotANumber, TooFew
from tests.measures.golden import golden
from tests.measures.questionnaires import ITEMS, answered
from tests.measures.simulate import in_r

pytestmark = pytest.mark.sqlite_only  # needs no database

VERBAL = golden("verbal")


def test_chi_squares_as_difr_has_them() -> None:
    """To four decimals, as stored; and the items that are not named there are below its 5 % line."""
    for method in METHODS:
        named = VERBAL["expected"][method]
        found = {n: item_dif(n, np.array(c), method=method) for n, c in VERBAL["counts"].items()}
        for name, chi2 in named.items():
            assert found[name].chi2 == pytest.approx(chi2, abs=6e-5)
        assert {n for n, f in found.items() if f.p is not None and f.p < 0.05} == set(named)


def test_the_odds_ratio_as_difr_has_it() -> None:
    found = item_dif("x", np.array(VERBAL["counts"]["S2WantShout"]))
    assert found.effect == pytest.approx(VERBAL["expected"]["alphaMH S2WantShout"], abs=6e-5)
    assert found.kind == "C"


def test_mantel_haenszel_in_r() -> None:
    """R's own mantelhaen.test on the same counts: chi-square, odds ratio, interval."""
    counts = np.array(VERBAL["counts"]["S2DoScold"], dtype=float)
    flat = ",".join(str(int(x)) for t in counts if t.sum(axis=1).all() for x in t[::-1, ::-1].T.ravel())
    told = in_r(
        f"x <- array(c({flat}), c(2, 2, {flat.count(',') // 4 + 1}));"
        "m <- mantelhaen.test(x, correct=TRUE); cat(m$statistic, 1 / m$estimate, 1 / m$conf.int)", "stats",
    )  # fmt: skip
    found = item_dif("x", counts)
    assert found.chi2 == pytest.approx(told[0], rel=1e-5)
    assert min(found.effect, 1 / found.effect) == pytest.approx(min(told[1], 1 / told[1]), rel=1e-5)
    ends = sorted([found.low, found.high])
    theirs = sorted(told[2:])
    assert ends == pytest.approx(theirs, rel=1e-5) or ends == pytest.approx(sorted(1 / x for x in theirs), rel=1e-5)


def test_ordinal_regression_in_r() -> None:
    data = answered(5, 200, 4, shift={1: 0.8})
    total = sum(data[n] for n in ITEMS[:4])
    group = (data["language"] == "y").astype(float)
    rows = np.stack([data["b"] == a for a in range(4)], axis=1).astype(float)
    found = ordinal(rows, np.column_stack([total, group]))
    assert found is not None

    def vector(values: np.ndarray) -> str:
        return "c(" + ",".join(f"{v:g}" for v in values) + ")"

    told = in_r(
        f"y <- factor({vector(data['b'])}); s <- {vector(total)}; g <- {vector(group)};"
        "m <- polr(y ~ s + g, Hess=TRUE); cat(coef(m), as.numeric(logLik(m)))", "MASS",
    )  # fmt: skip
    assert found.slopes == pytest.approx(told[:2], abs=2e-4)
    assert found.loglik == pytest.approx(told[2], abs=1e-4)


def slow_mantel(total: np.ndarray, group: np.ndarray, answer: np.ndarray) -> float:
    """Mantel (1963) by its words: in each stratum the sum of the focal answers, were they drawn without order."""
    away = spread = 0.0
    for level in set(total):
        mine = answer[total == level]
        focal = answer[(total == level) & (group == 1)]
        n, k = len(mine), len(focal)
        if 0 < k < n:
            away += focal.sum() - k * mine.mean()
            spread += k * (n - k) / n * mine.var(ddof=1)
    correction = 0.5 if set(answer) <= {0, 1} else 0.0
    return max(abs(away) - correction, 0) ** 2 / spread


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.sampled_from([2, 4]))
def test_mantel_against_its_slow_twin(seed: int, items: int, answers: int) -> None:
    lines = np.array([0.3]) if answers == 2 else None
    data = answered(seed, 70, items, shift={0: 0.7}, lines=lines)
    names = ITEMS[:items]
    if any(len(set(data[n])) < 2 for n in names):
        return
    total = sum(data[n] - data[n].min() for n in names)
    found = differential_items(data, names, "language", reference="x", focal="y", purify=False)
    for item in found.items:
        if item.chi2 is not None:
            answer = data[item.name] - data[item.name].min()
            slow = slow_mantel(total, (data["language"] == "y").astype(int), answer)
            assert item.chi2 == pytest.approx(slow, rel=1e-9, abs=1e-9)


def test_logistic_against_a_plain_optimiser_on_rows() -> None:
    data = answered(8, 150, 5, shift={2: 0.9}, lines=np.array([0.2]))
    names = ITEMS[:5]
    total, group = sum(data[n] for n in names), (data["language"] == "y").astype(float)

    def worst(design: np.ndarray, y: np.ndarray) -> float:
        def loss(b: np.ndarray) -> float:
            return float(np.logaddexp(0, design @ b).sum() - y @ design @ b)

        return float(minimize(loss, np.zeros(design.shape[1]), method="BFGS").fun)

    one = np.ones_like(total)
    found = differential_items(data, names, "language", reference="x", focal="y", method="logistic", purify=False)
    for item in found.items:
        y = data[item.name]
        full = np.column_stack([one, total, group, total * group])
        slow = 2 * (worst(full[:, :2], y) - worst(full, y))
        assert item.chi2 == pytest.approx(slow, abs=1e-3)


@pytest.mark.parametrize("method", list(METHODS))
def test_a_fair_item_is_accused_in_one_of_twenty(method: str) -> None:
    """Type 1 error at 5 %, people of y truly lower by half a spread; 120 questionnaires × 6 items.

    Standard error of the rate about 0.8 %: between 3 and 7.5 %. And hardly ever as a difference that matters.
    """
    accused = matters = judged = 0
    for seed in range(120):
        data = answered(seed, 250, lower=0.5)
        found = differential_items(data, ITEMS, "language", reference="x", focal="y", method=method, purify=False)
        judged += len(found.items)
        accused += sum(i.p < 0.05 for i in found.items if i.p is not None)
        matters += len(found.unlike)
    assert 0.03 <= accused / judged <= 0.075, accused / judged
    assert matters / judged <= 0.03


@pytest.mark.parametrize("method", list(METHODS))
def test_a_planted_item_is_found_and_purification_clears_the_others(method: str) -> None:
    found_it = wrongly = wrongly_before = 0
    for seed in range(40):
        data = answered(seed, 300, shift={1: 1.6, 4: 1.6})
        args = {"items": ITEMS, "group": "language", "reference": "x", "focal": "y", "method": method}
        clean = differential_items(data, **args)
        raw = differential_items(data, purify=False, **args)
        found_it += sum(i.p is not None and i.p < 0.05 for i in clean.items if i.name in "be")
        wrongly += sum(i.p is not None and i.p < 0.05 for i in clean.items if i.name not in "be")
        wrongly_before += sum(i.p is not None and i.p < 0.05 for i in raw.items if i.name not in "be")
    assert found_it == 80
    assert wrongly < wrongly_before / 2
    assert wrongly / 160 <= 0.10


def test_a_difference_in_slope_is_seen_by_the_logistic_method() -> None:
    """Non-uniform: the item says less in y, at the same middle."""
    seen = 0
    for seed in range(20):
        data = answered(seed, 400, load={2: 0.3})
        found = differential_items(data, ITEMS, "language", reference="x", focal="y", method="logistic")
        seen += next(i for i in found.items if i.name == "c").p < 0.05
    assert seen >= 19


def test_the_direction_is_said() -> None:
    found = differential_items(answered(1, 400, shift={1: 1.6}), ITEMS, "language", reference="x", focal="y")
    item = next(i for i in found.items if i.name == "b")
    assert item.kind == "C"
    assert item.effect is not None
    assert item.effect > 0
    assert not item.anchor
    assert "b may not mean the same" in found.says
    turned = differential_items(answered(1, 400, shift={1: 1.6}), ITEMS, "language", reference="y", focal="x")
    assert next(i for i in turned.items if i.name == "b").effect == pytest.approx(-item.effect, rel=0.2)


def test_who_is_left_out_is_said() -> None:
    data = answered(2, 100)
    data["a"][:5] = math.nan
    data["language"] = data["language"].astype(object)
    data["language"][5:8] = None
    data["language"][8:10] = "z"
    found = differential_items(data, ITEMS, "language", reference="x", focal="y")
    assert {x.reason: x.n for x in found.left_out} == {
        "no group named": 3, "in another group": 2, "some items not answered": 5,
    }  # fmt: skip
    assert found.n == 190
    assert found.people == {"x": 90, "y": 100}


def test_duplicated_rows_are_counted_and_nothing_breaks() -> None:
    data = answered(3, 60)
    twice = {n: np.concatenate([v, v]) for n, v in data.items()}
    found = differential_items(twice, ITEMS, "language", reference="x", focal="y")
    assert found.n == 240
    assert all(i.chi2 is None or math.isfinite(i.chi2) for i in found.items)


def test_what_cannot_be_judged_is_refused() -> None:
    data = answered(4, 100)
    judge = {"items": ITEMS, "group": "language", "reference": "x", "focal": "y"}
    with pytest.raises(TooFew, match=f"at least {FEWEST}"):
        differential_items({n: np.concatenate([v[:1], v[100:101]]) for n, v in data.items()}, **judge)
    with pytest.raises(TooFew):
        differential_items(data | {"a": [None] * 200}, **judge)
    with pytest.raises(NoSpread):
        differential_items(data | {"a": np.zeros(200)}, **judge)
    with pytest.raises(NotAllowedHere, match="Row 7, column a"):
        differential_items(data | {"a": np.r_[np.zeros(6), 1e9, np.ones(193)]}, **judge)
    with pytest.raises(NotAllowedHere, match="whole numbers"):
        differential_items(data | {"a": data["a"] * 1e-9}, **judge)
    with pytest.raises(NotANumber):
        differential_items(data | {"a": ["often"] * 200}, **judge)
    with pytest.raises(BadChoice):
        differential_items(data, ITEMS, "language", reference="x", focal="q")


def test_nobody_in_common_is_said_not_computed() -> None:
    """The two groups share no total: there is nobody to compare."""
    apart = np.zeros((9, 2, 2))
    apart[1, 0] = apart[7, 1] = [30, 30]
    found = item_dif("x", apart)
    assert (found.chi2, found.kind) == (None, None)
    assert "both groups" in found.why


def test_separated_answers_have_no_slope() -> None:
    assert ordinal(np.array([[20.0, 0.0], [0.0, 20.0]]), np.array([[0.0], [1.0]])) is None
