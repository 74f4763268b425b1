"""Invariance and the verdict: lavaan's numbers, known truths, and how often each is told wrongly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.cfa import LEVELS, ItemMoments, fit
from kinweave.measures.invariance import Limits, invariance, invariance_of_moments
from kinweave.measures.refusals import BadChoice, CannotTell, NoColumn, NoSpread, TooFew
from kinweave.measures.validity import State, compare_languages
from tests.measures.golden import golden
from tests.measures.questionnaires import ITEMS, answered
from tests.measures.simulate import in_r

pytestmark = pytest.mark.sqlite_only  # needs no database

SCHOOLS = golden("holzinger_swineford")
NINE, FACTORS = SCHOOLS["items"], SCHOOLS["factors"]
SEEN = {k: ItemMoments(v["n"], np.array(v["mean"]), np.array(v["covariance"])) for k, v in SCHOOLS["schools"].items()}
FACTOR_OF = [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_three_levels_as_lavaan_has_them() -> None:
    """Chi-square to 0.005 (stored with three decimals; 164.103), CFI and RMSEA to 0.0006."""
    found = invariance_of_moments(SEEN, NINE, factors=FACTORS)
    for level in found.levels:
        chi2, df, cfi, rmsea = SCHOOLS["expected"][level.name]
        assert level.chi2 == pytest.approx(chi2, abs=1e-3)
        assert level.df == df
        assert (level.cfi, level.rmsea) == pytest.approx((cfi, rmsea), abs=6e-4)
    assert [m.step_df for m in found.levels] == [None, 6, 6]
    assert not found.levels[2].holds
    assert "CFI falls by 0.038" in found.levels[2].why


def test_one_group_as_lavaan_and_semopy_have_it() -> None:
    n = sum(m.n for m in SEEN.values())
    mean = sum(m.n * m.mean for m in SEEN.values()) / n
    pooled = sum(m.n * (m.covariance + np.outer(m.mean - mean, m.mean - mean)) for m in SEEN.values()) / n
    found, wanted = fit("configural", [ItemMoments(n, mean, pooled)], FACTOR_OF, NINE), SCHOOLS["expected"]["pooled"]
    assert (found.chi2, found.df) == (pytest.approx(wanted["chi2"], abs=1e-3), wanted["df"])
    for name in ("cfi", "rmsea", "rmsea_low", "rmsea_high"):
        assert getattr(found, name) == pytest.approx(wanted[name], abs=6e-4)


@pytest.mark.parametrize("equal", ["", "'loadings'", "c('loadings','intercepts')"])
def test_invented_answers_in_lavaan(equal: str) -> None:
    data = answered(11, 250, 5, load={1: 0.5}, shift={2: 0.6}, lower=0.4)
    names = ITEMS[:5]
    seen = {}
    text = []
    for name in "xy":
        rows = np.column_stack([data[i][data["language"] == name] for i in names])
        seen[name] = ItemMoments(250, rows.mean(axis=0), np.cov(rows.T, bias=True))
        flat = ",".join(f"{v:.17g}" for v in seen[name].covariance.ravel())
        means = ",".join(f"{v:.17g}" for v in seen[name].mean)
        text.append((f"matrix(c({flat}),5,dimnames=list(v,v))", f"setNames(c({means}),v)"))
    code = (
        f"v<-c({','.join(repr(n) for n in names)});"
        f"f<-cfa('f=~a+b+c+d+e',sample.cov=list({text[0][0]},{text[1][0]}),sample.mean=list({text[0][1]},{text[1][1]}),"
        f"sample.nobs=c(250,250),sample.cov.rescale=FALSE,group.equal={equal or 'NULL'});"
        "cat(fitMeasures(f,c('chisq','df','cfi','rmsea')))"
    )
    chi2, df, cfi, rmsea = in_r(code.replace("group.equal=NULL", "group.equal=''"), "lavaan")
    level = LEVELS[{"": 0, "'loadings'": 1}.get(equal, 2)]
    found = fit(level, list(seen.values()), [0] * 5, names)
    assert (found.chi2, found.df) == (pytest.approx(chi2, abs=2e-3), df)
    assert (found.cfi, found.rmsea) == pytest.approx((cfi, rmsea), abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1e-9, 1.0, 1e9]))
def test_levels_only_get_worse_and_the_unit_does_not_matter(seed: int, unit: float) -> None:
    data = answered(seed, 200, 5)
    scaled = {n: (data[n] * unit if n != "language" else data[n]) for n in data}
    found = invariance(scaled, ITEMS[:5], "language")
    plain = invariance(data, ITEMS[:5], "language")
    chi = [m.chi2 for m in found.levels]
    assert chi == sorted(chi)
    for a, b in zip(found.levels, plain.levels, strict=True):
        assert a.chi2 == pytest.approx(b.chi2, rel=1e-5, abs=1e-5)


def test_the_best_fit_is_flat() -> None:
    """The slow twin: no small step from the answer makes the likelihood better, computed by the plain formula."""
    seen = list(SEEN.values())
    found = fit("metric", seen, FACTOR_OF, NINE)

    def chi2(values: np.ndarray) -> float:
        spread, total = np.array(found.scale), 0.0
        for g, m in enumerate(seen):
            loads, psi, errors = np.zeros((9, 3)), np.eye(3), np.zeros(9)
            for f, v in zip(found.free, values, strict=True):
                if f.group in (None, g):
                    if f.kind == "loading":
                        loads[f.row, f.col] = v
                    elif f.kind == "error":
                        errors[f.row] = v
                    else:
                        psi[f.row, f.col] = psi[f.col, f.row] = v
            sigma = (loads @ psi @ loads.T + np.diag(errors)) * np.outer(spread, spread)
            s = m.covariance
            total += m.n * (
                math.log(np.linalg.det(sigma) / np.linalg.det(s)) + np.trace(s @ np.linalg.inv(sigma)) - 9
            )  # fmt: skip
        return total

    best = np.array(found.values)
    assert chi2(best) == pytest.approx(found.chi2, abs=1e-6)
    rng = np.random.default_rng(1)
    for _ in range(60):
        assert chi2(best + rng.normal(size=len(best)) * 1e-3) > found.chi2


def test_chi_square_of_a_true_model_is_what_it_should_be() -> None:
    """Normal items, a true metric model: 5 % of 200 samples beyond the 5 % line, give or take."""
    beyond = 0
    loads = np.array([0.8, 0.7, 0.6, 0.7])
    for seed in range(200):
        rng = np.random.default_rng(seed)
        seen = []
        for spread in (1.0, 1.3):
            rows = rng.normal(size=(200, 1)) * spread * loads + rng.normal(size=(200, 4)) * 0.7
            seen.append(ItemMoments(200, rows.mean(axis=0), np.cov(rows.T, bias=True)))
        beyond += fit("metric", seen, [0] * 4, list("wxyz")).p < 0.05
    assert 0.025 <= beyond / 200 <= 0.085


def test_truths_are_told_apart() -> None:
    """Same measure with lower people; other intercepts; other loadings: 10 samples each of 500 a language."""
    told = {"same": [], "start": [], "slope": []}
    for seed in range(10):
        told["same"].append(invariance(answered(seed, 500, lower=0.3), ITEMS, "language").holds)
        told["start"].append(invariance(answered(seed, 500, shift={1: 1.5, 3: 1.5}), ITEMS, "language").holds)
        told["slope"].append(invariance(answered(seed, 500, load={1: 0.2, 3: 0.2}), ITEMS, "language").holds)
    assert told["same"].count("scalar") == 10
    assert told["start"].count("scalar") == 0
    assert told["slope"].count("configural") >= 9


# The verdict


def judged(**how):
    people = how.pop("people", 300)
    return compare_languages(answered(how.pop("seed", 1), people, **how), ITEMS, "language", ("x", "y"))


def test_a_fair_questionnaire_is_opened() -> None:
    found = judged(lower=0.3)
    assert found.state is State.OPEN
    assert found.opens == ("averages", "change and relations")
    assert found.says == "This questionnaire: averages in x and y may be compared."
    assert all(r.source for r in found.reasons)
    assert all(r.passed for r in found.reasons)
    assert found.n == 600


def test_one_unfair_item_blocks_and_is_named() -> None:
    found = judged(shift={1: 2.0})
    assert found.state is State.BLOCKED
    assert "class C: b" in found.says
    assert "may not be compared" in found.says
    assert "averages" not in found.opens


def test_too_few_is_neither_yes_nor_no() -> None:
    for people in (1, 20, 60, 199):
        found = judged(people=people)
        assert found.state is State.TOO_FEW
        assert found.opens == ()
        assert "cannot be compared yet" in found.says


def test_a_language_that_nobody_speaks_is_too_few() -> None:
    found = compare_languages(answered(1), ITEMS, "language", ("x", "nowhere"))
    assert found.state is State.TOO_FEW


def test_noise_is_blocked() -> None:
    rng = np.random.default_rng(3)
    data = {n: rng.integers(0, 4, 800).astype(float) for n in ITEMS} | {"language": ["x", "y"] * 400}
    found = compare_languages(data, ITEMS, "language", ("x", "y"), instrument="nonsense-6")
    assert found.state is State.BLOCKED
    assert "hang together" in found.says
    assert found.says.startswith("nonsense-6")


def test_constant_answers_open_nothing() -> None:
    data = answered(5, 300)
    data["c"] = np.where(data["language"] == "x", 1.0, data["c"])
    found = compare_languages(data, ITEMS, "language", ("x", "y"))
    assert found.state is not State.OPEN
    assert "All values of c are the same" in str(found.table())
    found.to_json()


def test_how_often_the_verdict_errs() -> None:
    """20 fair questionnaires, people of y truly lower: blocked at most twice. 20 with two shifted items: never open."""
    fair = [judged(seed=s, people=400, lower=0.4).state for s in range(20)]
    assert fair.count(State.BLOCKED) <= 2
    assert fair.count(State.TOO_FEW) == 0
    unfair = [judged(seed=s, people=400, shift={1: 1.2, 4: 1.2}).state for s in range(20)]
    assert unfair.count(State.OPEN) == 0


def test_sums_are_enough_and_people_are_not_in_the_result() -> None:
    found = judged(lower=0.2)
    assert set(found.reliabilities) == {"x", "y"}
    assert found.as_dict()["state"] == "open"
    assert len(found.to_json()) < 40_000


def test_wrong_questions_are_refused() -> None:
    data = answered(1)
    with pytest.raises(NoColumn):
        compare_languages(data, ITEMS, "tongue", ("x", "y"))
    with pytest.raises(BadChoice):
        compare_languages(data, ["a"], "language", ("x", "y"))
    with pytest.raises(BadChoice):
        invariance(data, ITEMS, "language", groups=["x", "z"])
    with pytest.raises(BadChoice):
        invariance(data, ITEMS, "language", factors={"one": ["a", "b"]})
    with pytest.raises(TooFew):
        invariance(answered(1, 99), ITEMS, "language")
    with pytest.raises(NoSpread):
        invariance(data | {"b": np.ones(600)}, ITEMS, "language")
    with pytest.raises(CannotTell):
        invariance(data, ITEMS[:2], "language", limits=Limits(fewest=50))
    with pytest.raises(CannotTell):
        invariance({**data, "b": data["a"]}, ITEMS[:4], "language")
