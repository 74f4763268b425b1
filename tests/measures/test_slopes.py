"""Mixed models from sums: published numbers, a slow twin from rows, other software, truth, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from kinweave.core.problems import Problem
from kinweave.measures import lmm
from kinweave.measures.moments import take_moments
from kinweave.measures.refusals import CannotTell, ChangesWithin, NotANumber, TooFew, TooMany, TwiceTheSame
from kinweave.measures.slopes import Slopes, fit_slopes
from tests.measures.reference import GROWTH, SLEEP
from tests.measures.simulate import as_table, in_r, repeated, within

pytestmark = pytest.mark.sqlite_only

COLUMNS: dict[str, Any] = {"person": "person", "time": "month", "score": "score"}


def fitted(rows: Any, **more: Any) -> Slopes:
    return fit_slopes(rows, **{**COLUMNS, "group": "arm", **more})


# ------------------------------------------------------------------------------------ published numbers


def test_sleep_is_lme4s() -> None:
    """lme4, REML: 1743.628; printed in Bates et al. 2015. Tolerances: half of the last digit stored."""
    found = fit_slopes(SLEEP, time="day", score="reaction")
    assert found.criterion == pytest.approx(1743.628, abs=5e-4)
    assert [c.value for c in found.coefficients] == pytest.approx([251.4051, 10.46729], abs=5e-5)
    assert found.between == pytest.approx((24.74066, 5.922138), rel=2e-5)
    assert found.correlation == pytest.approx(0.06555124, rel=1e-5)
    assert found.residual == pytest.approx(25.5918, rel=2e-6)
    # lmerTest prints 17 degrees of freedom for both, SE 6.825 and 1.546.
    assert [c.df for c in found.coefficients] == pytest.approx([17, 17], abs=1e-6)
    assert [c.se for c in found.coefficients] == pytest.approx([6.825, 1.546], abs=5e-4)


def test_growth_is_lme4s_with_a_random_start() -> None:
    found = fit_slopes(GROWTH, time="age", score="distance", group="sex", random="intercept")
    assert found.criterion == pytest.approx(433.7572, abs=5e-5)
    values = {c.name: c.value for c in found.coefficients}
    assert values == pytest.approx({
        "start": 17.37273, "time1": 0.4795455, "group Male": -1.032102, "time1 Male": 0.3048295
    }, rel=1e-6)  # fmt: skip
    assert (*found.between, found.residual) == pytest.approx((1.816214, 1.386382), rel=1e-6)


def test_growth_is_lme4s_with_a_random_slope() -> None:
    """The top is flat: lme4 stopped at 432.5817 a little beside it, so its spreads are equal to 0.2 % only."""
    found = fit_slopes(GROWTH, time="age", score="distance", group="sex")
    assert found.criterion == pytest.approx(432.5817, abs=5e-5)
    assert (*found.between, found.residual) == pytest.approx((2.403016, 0.1801433, 1.3102), rel=2e-3)
    assert found.correlation == pytest.approx(-0.6669087, rel=2e-3)


# ----------------------------------------------------------------------------------------- a slow twin


def by_rows(rows: dict[str, Any], basis: Any, fixed: Any, random: list[int], lam: Any) -> tuple[float, Any, Any]:
    """The textbook: V of each person inverted, rows stacked. Criterion, β, covariance."""
    xvx, xvy, yvy, logdet, n = 0.0, 0.0, 0.0, 0.0, 0
    for who in sorted(set(rows["person"])):
        mine = rows["person"] == who
        x = np.array([fixed(t, g) for t, g in zip(rows["month"][mine], rows["arm"][mine], strict=True)])
        z = np.array([basis(t) for t in rows["month"][mine]])[:, random]
        y = rows["score"][mine]
        v = np.eye(len(y)) + z @ lam @ lam.T @ z.T
        inverse = np.linalg.inv(v)
        xvx, xvy, yvy = xvx + x.T @ inverse @ x, xvy + x.T @ inverse @ y, yvy + y @ inverse @ y
        logdet += np.linalg.slogdet(v)[1]
        n += len(y)
    beta = np.linalg.solve(xvx, xvy)
    df = n - len(beta)
    variance = (yvy - xvy @ beta) / df
    criterion = logdet + np.linalg.slogdet(xvx)[1] + df * (1 + math.log(2 * math.pi * variance))
    return criterion, beta, variance * np.linalg.inv(xvx)


def raw_model(rows: dict[str, Any]) -> tuple[lmm.Sums, tuple[str, ...]]:
    m = take_moments(rows, person="person", time="month", score="score", groups=["arm"], origin=0.0, unit=1.0)
    t = np.array(m.times)
    ones, b = np.ones(len(m.groups)), np.array([float(g == ("B",)) for g in m.groups])
    model = lmm.Model(np.column_stack([np.ones_like(t), t]), (0, 1), ((0, ones), (1, ones), (0, b), (1, b)), ("",) * 4)
    return lmm.gather(m, model), model.names


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(8, 20), st.booleans(),
    st.tuples(st.floats(0, 3), st.floats(-1, 1), st.floats(0, 1)),
)  # fmt: skip
def test_sums_give_what_rows_give(seed: int, people: int, leave: bool, theta: tuple[float, ...]) -> None:
    rows = repeated(seed, people, leave=leave)
    sums, _ = raw_model(rows)
    lam = np.array([[theta[0], 0], [theta[1], theta[2]]])
    state = lmm.State(sums, lam)
    criterion, beta, cov = by_rows(rows, lambda t: [1, t], lambda t, g: [1, t, g == "B", t * (g == "B")], [0, 1], lam)
    assert state.criterion == pytest.approx(criterion, rel=1e-8)
    assert state.beta == pytest.approx(beta, rel=1e-6, abs=1e-7)
    assert state.rss / state.df * state.c == pytest.approx(cov, rel=1e-6, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.tuples(st.floats(0.1, 3), st.floats(-1, 1), st.floats(0.05, 1)))
def test_the_gradient_is_the_criterions(seed: int, theta: tuple[float, ...]) -> None:
    sums, _ = raw_model(repeated(seed, 20))

    def criterion(x: Any) -> float:
        return lmm.State(sums, lmm._lower(x, 2)).criterion

    lam = lmm._lower(np.array(theta), 2)
    ours = (2 * lmm.State(sums, lam).slope() @ lam)[np.tril_indices(2)]
    assert ours == pytest.approx(optimize.approx_fprime(np.array(theta), criterion, 1e-7), rel=2e-3, abs=2e-3)


def test_the_information_is_the_average_curvature() -> None:
    """Expected information by simulation: the average of the observed one over many drawings of the scores."""
    sums, _ = raw_model(repeated(3, 40, leave=False))
    lam = np.array([[1.5, 0.0], [0.05, 0.1]])
    state = lmm.State(sums, lam)
    information, _sides = lmm._information(state, 4.0)
    # By the definition, from dense matrices: ½ tr(P Vi P Vj).
    t = np.array([0.0, 3, 6, 12])
    z1 = np.column_stack([np.ones(4), t])
    people = 40
    x = np.vstack([np.column_stack([np.ones(4), t, np.full(4, i % 2), t * (i % 2)]) for i in range(people)])
    v = np.kron(np.eye(people), 4.0 * (np.eye(4) + z1 @ lam @ lam.T @ z1.T))
    inverse = np.linalg.inv(v)
    p = inverse - inverse @ x @ np.linalg.inv(x.T @ inverse @ x) @ x.T @ inverse
    e = np.eye(2)
    kinds = [np.outer(e[0], e[0]), np.outer(e[1], e[0]) + np.outer(e[0], e[1]), np.outer(e[1], e[1])]
    parts = [np.eye(4 * people), *(np.kron(np.eye(people), z1 @ k @ z1.T) for k in kinds)]
    dense = np.array([[0.5 * np.trace(p @ a @ p @ b) for b in parts] for a in parts])
    assert information == pytest.approx(dense, rel=1e-8)


# -------------------------------------------------------------------------------------- other software


@pytest.mark.filterwarnings("ignore")  # it warns of many things on the way
def test_it_is_statsmodels() -> None:
    mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame(repeated(11, 80)).astype({"month": float, "score": float})
    theirs = mixed.MixedLM.from_formula("score ~ month * arm", groups="person", re_formula="~month", data=rows).fit(
        method=["powell", "lbfgs"]
    )
    ours = fitted(rows, interval="z")
    names = {"start": "Intercept", "time1": "month", "group B": "arm[T.B]", "time1 B": "month:arm[T.B]"}
    for c in ours.coefficients:
        assert c.value == pytest.approx(theirs.params[names[c.name]], rel=2e-3, abs=1e-3)
        assert c.se == pytest.approx(theirs.bse[names[c.name]], rel=5e-3)
    assert ours.residual**2 == pytest.approx(theirs.scale, rel=5e-3)


@pytest.mark.parametrize("random", ["intercept", "slope"])
def test_it_is_lme4_live(random: str, tmp_path: Any) -> None:
    rows = repeated(12, 90)
    path = tmp_path / "rows.csv"
    lines = [
        f"{p},{m},{s!r},{a}"
        for p, m, s, a in zip(*(rows[c].tolist() for c in ("person", "month", "score", "arm")), strict=True)
    ]
    path.write_text("person,month,score,arm\n" + "\n".join(lines))
    bars = "(month|person)" if random == "slope" else "(1|person)"
    theirs = in_r(
        f"d<-read.csv('{path}');m<-lmer(score~month*arm+{bars},d);"
        "cat(format(c(REMLcrit(m),fixef(m),sqrt(diag(as.matrix(vcov(m)))),sigma(m)),digits=12))", "lme4",
    )  # fmt: skip
    ours = fitted(rows, random=random)
    by_name = {c.name: c for c in ours.coefficients}
    order = [by_name[n] for n in ("start", "time1", "group B", "time1 B")]
    assert ours.criterion <= theirs[0] + 1e-3
    assert ours.criterion == pytest.approx(theirs[0], abs=1e-2)
    assert [c.value for c in order] == pytest.approx(theirs[1:5], rel=1e-3, abs=1e-3)
    assert [c.se for c in order] == pytest.approx(theirs[5:9], rel=1e-3)
    assert ours.residual == pytest.approx(theirs[9], rel=1e-3)


# ------------------------------------------------------------------------------------------------ truth


def test_intervals_hold_what_they_promise_under_dropout() -> None:
    """40 people, four visits, missing at random, 400 drawings: the difference in change and each slope."""
    runs, hits = 400, np.zeros(3, dtype=int)
    for seed in range(runs):
        found = fitted(repeated(seed, 40))
        truth = {"change per month: A": -0.2, "change per month: B": -0.5}
        for i, (name, true) in enumerate(truth.items()):
            e = found[name]
            hits[i] += e.low <= true <= e.high
        e = found.difference("B", "A")
        hits[2] += e.low <= -0.3 * 12 <= e.high
    for h in hits:
        within(int(h), runs)


def test_dropout_that_depends_on_earlier_scores_does_not_mislead() -> None:
    """Means of those who stayed are off by more than half a point; the model is not (truth −2.4 and −6)."""
    rows = repeated(5, 20_000)
    found = fitted(rows)
    assert found.change("A").value == pytest.approx(-2.4, abs=0.15)
    assert found.change("B").value == pytest.approx(-6.0, abs=0.15)
    last = rows["month"] == 12
    first = rows["month"] == 0
    for arm, truth in (("A", -2.4), ("B", -6.0)):
        mine = rows["arm"] == arm
        naive = rows["score"][last & mine].mean() - rows["score"][first & mine].mean()
        assert abs(naive - truth) > 0.5


def test_delta_moves_the_mean_by_the_share_not_seen() -> None:
    found = fitted(repeated(6, 400))
    what_if = found.without_that((0.0, 2.0))
    share = dict(what_if.missing)["A"]
    assert 0.1 < share < 0.9
    base, moved = (what_if[f"change from month 0 to 12: A, delta {d}"] for d in (0, 2))
    assert base.value == pytest.approx(found.change("A").value)
    assert moved.value - base.value == pytest.approx(2 * share)
    assert moved.se > base.se
    alone = fit_slopes(repeated(6, 400), **COLUMNS).without_that((0.0,))
    assert alone.tips_at is None or alone.tips_at > 0
    if alone.tips_at:
        at_edge = fit_slopes(repeated(6, 400), **COLUMNS).without_that((alone.tips_at,)).estimates[0]
        assert at_edge.high == pytest.approx(0, abs=1e-9)


# ------------------------------------------------------------------------------------- ways in and out


@pytest.mark.parametrize("random", ["intercept", "slope"])
def test_a_table_of_an_engine_gives_the_same(random: str) -> None:
    rows = repeated(7, 50)
    ours, theirs = fitted(rows, random=random), fitted(as_table(rows), random=random)
    assert theirs.criterion == pytest.approx(ours.criterion, abs=1e-8)
    assert [e.value for e in theirs.estimates] == pytest.approx([e.value for e in ours.estimates], rel=1e-7)
    assert theirs.seen == ours.seen


def test_who_is_missing_is_said_the_same_by_both_ways() -> None:
    rows: dict[str, Any] = {k: v.tolist() for k, v in repeated(8, 12).items()}
    for person, month, score, arm in (("none", 0.0, None, "A"), ("lost", 0.0, 12.0, None), (None, 3.0, 9.0, "B")):
        for name, value in (("person", person), ("month", month), ("score", score), ("arm", arm)):
            rows[name].append(value)
    made = {k: np.array(v, dtype=object) for k, v in rows.items()}
    ours = take_moments(made, groups=["arm"], **COLUMNS)
    theirs = take_moments(as_table(made), groups=["arm"], **COLUMNS)
    assert {(x.reason, x.n) for x in ours.left_out} == {
        ("rows without a person", 1), ("people without any score", 1), ("people whose arm is not known", 1),
    }  # fmt: skip
    assert ours.left_out == theirs.left_out
    assert ours.n == theirs.n == 12


def test_covariates_and_visits() -> None:
    rows = repeated(9, 300)
    rows["sex"] = np.array(["f" if int(p[1:]) % 3 else "m" for p in rows["person"]], dtype=object)
    line = fitted(rows, covariates=["sex"])
    assert {c.name for c in line.coefficients} >= {"sex m"}
    free = fitted(rows, covariates=["sex"], shape="visits", reference="B")
    assert free.groups == ("B", "A")
    assert len([e for e in free.estimates if e.name.startswith("difference")]) == 3
    assert free.change("A", end=6).value == pytest.approx(line.change("A", end=6).value, abs=1.0)
    assert free.mean("A", 0).value == pytest.approx(15, abs=1)


def test_the_result_is_plain() -> None:
    found = fitted(repeated(10, 60))
    told = found.as_dict()
    assert told["says"].startswith("From month 0 to 12 score fell by")
    assert "were not seen at month 12" in told["says"]
    assert found.to_json()
    assert not any(name.startswith("_") for name in told)
    assert str(found.table()).count("\n") == len(found.estimates)
    assert "p1" not in repr(take_moments(repeated(10, 60), **COLUMNS))


# -------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    rows = repeated(13, 60)
    one = fitted(rows)
    other = fitted({**rows, "score": rows["score"] * scale})
    assert other.estimates[0].value == pytest.approx(one.estimates[0].value * scale, rel=1e-6)
    assert other.residual == pytest.approx(one.residual * scale, rel=1e-6)
    slow = fitted({**rows, "month": rows["month"] * scale})
    assert slow.estimates[0].value == pytest.approx(one.estimates[0].value / scale, rel=1e-6)


def test_a_million_added_to_every_score_does_not_matter() -> None:
    rows = repeated(13, 60)
    one, other = fitted(rows), fitted({**rows, "score": rows["score"] + 1e6})
    assert other.change("A").value == pytest.approx(one.change("A").value, rel=1e-6)
    assert fitted(as_table({**rows, "score": rows["score"] + 1e6})).change("A").se == pytest.approx(one.change("A").se)


def bad(**changed: Any) -> dict[str, Any]:
    return {**repeated(14, 30), **changed}


ROWS = len(repeated(14, 30)["score"])


@pytest.mark.parametrize(("rows", "refusal"), [
    ({"person": ["a"] * 4, "month": [0, 3, 6, 12], "score": [9, 8, 7, 3], "arm": ["A"] * 4}, TooFew),
    (bad(month=np.zeros(ROWS), person=np.arange(ROWS)), TooFew),
    (bad(score=np.full(ROWS, np.nan)), TooFew),
    (bad(score=np.full(ROWS, 7.0)), CannotTell),
    (bad(score=bad()["month"] * 2.0), CannotTell),
    (bad(person=np.array(["same"] * ROWS, dtype=object)), ChangesWithin),
    (bad(arm=np.array([f"g{i}" for i in range(ROWS)], dtype=object)), ChangesWithin),
    ({"person": [1, 1, 2, 2], "month": [0, 0, 0, 3], "score": [1, 2, 3, 4], "arm": list("AABB")}, TwiceTheSame),
    (bad(month=np.arange(ROWS) * 1.37, person=np.arange(ROWS)), TooMany if ROWS > 120 else CannotTell),
    (bad(score=np.array(["seven"] + [1.0] * (ROWS - 1), dtype=object)), NotANumber),
    (bad(score=np.array([np.inf] + [1.0] * (ROWS - 1))), NotANumber),
    ({"person": [], "month": [], "score": [], "arm": []}, TooFew),
])  # fmt: skip
def test_a_clear_refusal(rows: Any, refusal: type[Problem]) -> None:
    with pytest.raises(refusal) as caught:
        fitted(rows)
    assert "{" not in str(caught.value)
    assert "seven" not in str(caught.value)


def test_a_refusal_names_row_and_column() -> None:
    with pytest.raises(NotANumber, match="Row 3, column score"):
        fitted(bad(score=np.array([1.0, 2.0, "x"] + [1.0] * (ROWS - 3), dtype=object)))


def test_two_visits_are_too_few_for_slopes_of_their_own() -> None:
    rows = repeated(15, 40, times=(0.0, 6.0))
    with pytest.raises(CannotTell, match="nobody has more than 2 visits"):
        fitted(rows)
    assert fitted(rows, random="intercept").n == 40


def test_a_group_seen_once_is_refused() -> None:
    rows = repeated(16, 40)
    keep = (rows["arm"] == "A") | (rows["month"] == 0)
    with pytest.raises(CannotTell, match="too seldom"):
        fitted({k: v[keep] for k, v in rows.items()})


def test_twins_are_seen_in_a_table_too() -> None:
    rows = {"person": [1, 1, 2, 2], "month": [0.0, 0, 0, 3], "score": [1.0, 2, 3, 4], "arm": list("AABB")}
    with pytest.raises(TwiceTheSame):
        fitted(as_table({k: np.array(v, dtype=object) for k, v in rows.items()}))
    rows = {"person": [1, 1, 2, 2], "month": [0.0, 3, 0, 3], "score": [1.0, 2, 3, 4], "arm": list("ABBB")}
    with pytest.raises(ChangesWithin):
        fitted(as_table({k: np.array(v, dtype=object) for k, v in rows.items()}))
