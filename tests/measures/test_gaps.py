"""Gaps between combined groups: published numbers, slow twins, other software, truth, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize
from scipy.special import expit

from kinweave.core.problems import Problem
from kinweave.measures import aghq
from kinweave.measures.gaps import fit_gaps
from kinweave.measures.gaps_fit import auc, response_vpc
from kinweave.measures.refusals import NoSpread, NotAllowedHere, NotANumber, Separated, TooFew
from kinweave.measures.strata import Strata, take_strata
from tests.measures.reference import HEALTH
from tests.measures.simulate import COLUMNS, as_table, community, in_r, within

pytestmark = pytest.mark.sqlite_only


# ------------------------------------------------------------------------------------ published numbers


def health(events: bool) -> Any:
    columns = list(zip(*HEALTH, strict=True))
    names = {name: np.array(columns[i], dtype=object) for i, name in enumerate(("gender", "race", "education"))}
    return names | {"n": np.array(columns[3], float), "obese": np.array(columns[4], float)} if events else columns


def test_obesity_by_stratum_is_rs_maihda() -> None:
    """R's MAIHDA on NHANES uses Laplace. It stops its search early: variance equal to 0.01 %, the rest as printed."""
    found = fit_gaps(
        health(True), strata=["gender", "race", "education"], outcome="obese", n="n", nodes=1, main_effects=False
    )
    assert found.effects[0].value == pytest.approx(-0.6160105, abs=5e-5)
    assert found["variance between strata"].value == pytest.approx(0.2226674, rel=1e-4)
    assert found["VPC"].value == pytest.approx(0.06339, abs=1e-5)
    assert found["MOR"].value == pytest.approx(1.568, abs=6e-4)
    assert found["AUC"].value == pytest.approx(0.626, abs=5e-4)
    # R's is a simulation, 0.0478; ours the integral.
    assert found["VPC of the shares"].value == pytest.approx(0.0478, abs=1.5e-3)
    assert len(found.strata) == 50
    assert found.n == 3000


def test_bmi_given_age_is_rs_maihda() -> None:
    c = [np.array(column) for column in health(False)]
    n, age, age2, bmi, both, bmi2 = c[3], c[5], c[6], c[7], c[8], c[9]
    mean = np.column_stack([bmi / n, age / n])
    cross = np.empty((50, 2, 2))
    cross[:, 0, 0], cross[:, 1, 1] = bmi2 - bmi**2 / n, age2 - age**2 / n
    cross[:, 0, 1] = cross[:, 1, 0] = both - bmi * age / n
    sums = Strata(("gender", "race", "education"), (), tuple(h[:3] for h in HEALTH), n.astype(float), mean, cross, ())
    found = fit_gaps(sums, kind="gaussian", outcome="BMI", main_effects=False)
    assert found["variance between strata"].value == pytest.approx(2.900099, rel=1e-6)
    assert found["variance within strata"].value == pytest.approx(43.36886, rel=1e-6)
    assert found["VPC"].value == pytest.approx(0.06268, abs=5e-6)


@pytest.mark.filterwarnings("ignore")  # of the package that carries the data
def test_cattle_is_lme4s() -> None:
    """cbpp with 9 nodes, from the package mixedlm where it is installed: β to 2e-5, spread 0.6475179 to 1e-5."""
    datasets = pytest.importorskip("mixedlm.datasets", reason="mixedlm, which carries the data, is not installed")
    d = datasets.load_cbpp()
    column = {name: np.asarray(d[name]) for name in ("herd", "incidence", "size", "period")}
    period = np.array([str(p) for p in column["period"]])
    x = np.column_stack([np.ones(56), *((period == k).astype(float) for k in "234")])
    herd = np.unique(column["herd"].astype(str), return_inverse=True)[1]
    fit = aghq.fit_logit(aghq.Counts(x, column["incidence"].astype(float), column["size"].astype(float), herd, 15), 9)
    assert fit.beta == pytest.approx([-1.399219, -0.9914087, -1.127813, -1.579488], abs=2e-5)
    assert fit.sigma == pytest.approx(0.6475179, abs=1e-5)
    assert np.sqrt(np.diag(fit.cov))[:4] == pytest.approx([0.2335106, 0.3067679, 0.3267672, 0.4275962], abs=2e-6)


# ----------------------------------------------------------------------------------------- slow twins


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 2.0), st.floats(-2, 1))
def test_the_likelihood_is_the_integral(seed: int, sigma: float, start: float) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 40, 6).astype(float)
    events = rng.binomial(n.astype(int), 0.3).astype(float)
    counts = aghq.Counts(np.ones((6, 1)), events, n, np.arange(6), 6)
    ours, _ = aghq.Quadrature(counts, 25)(np.array([start, sigma]))

    def one(y: float, m: float) -> float:
        def f(z: float) -> float:
            eta = start + sigma * z
            return math.exp(y * eta - m * np.logaddexp(0, eta) - z * z / 2) / math.sqrt(2 * math.pi)

        return integrate.quad(f, -12, 12, epsabs=0, epsrel=1e-10, limit=400)[0]

    assert ours == pytest.approx(-sum(math.log(one(y, m)) for y, m in zip(events, n, strict=True)), rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.2, 1.2))
def test_the_gradient_is_the_likelihoods(seed: int, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 60, 30).astype(float)
    x = np.column_stack([np.ones(30), rng.integers(0, 2, 30)])
    counts = aghq.Counts(x, rng.binomial(n.astype(int), 0.4).astype(float), n, np.repeat(np.arange(15), 2), 15)
    at = aghq.Quadrature(counts, 15)
    theta = np.array([-0.3, 0.2, sigma])
    ours = at(theta)[1]
    theirs = optimize.approx_fprime(theta, lambda t: aghq.Quadrature(counts, 15)(t)[0], 1e-6)
    assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-3)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000))
def test_counts_say_what_people_say(seed: int) -> None:
    """One row a person, counts, an engine's table: the same gaps."""
    people = community(seed, 800)
    counts = take_strata(people, columns=COLUMNS, outcome="y", binary=True)
    table = {c: np.array([name[i] for name in counts.names], dtype=object) for i, c in enumerate(COLUMNS)}
    ours = fit_gaps(people, strata=COLUMNS, outcome="y")
    summed = fit_gaps(table | {"y": counts.events, "n": counts.n}, strata=COLUMNS, outcome="y", n="n")
    engine = fit_gaps(as_table(people), strata=COLUMNS, outcome="y")
    for other in (summed, engine):
        assert [e.value for e in other.estimates] == pytest.approx(
            [e.value for e in ours.estimates], rel=1e-6, abs=1e-9
        )
        assert [s.value for s in other.strata] == pytest.approx([s.value for s in ours.strata], rel=1e-7)


def test_measured_gaps_are_the_textbooks() -> None:
    """Restricted likelihood from the full covariance matrix of 150 people, minimised without gradient."""
    people = community(4, 150, binary=False, own=0.3)
    ours = fit_gaps(people, strata=COLUMNS, outcome="y", kind="gaussian", main_effects=False)
    key = np.array(["".join(k) for k in zip(*(people[c] for c in COLUMNS), strict=True)])
    same = (key[:, None] == key[None, :]).astype(float)
    x, y = np.ones((150, 1)), people["y"] - 20

    def criterion(theta: Any) -> float:
        v = math.exp(theta[0]) * np.eye(150) + math.exp(theta[1]) * same
        inverse = np.linalg.inv(v)
        xvx = x.T @ inverse @ x
        beta = np.linalg.solve(xvx, x.T @ inverse @ y)
        r = y - x @ beta
        return float(np.linalg.slogdet(v)[1] + np.linalg.slogdet(xvx)[1] + r @ inverse @ r)

    best = optimize.minimize(criterion, [0, -2], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10})
    assert ours["variance within strata"].value == pytest.approx(math.exp(best.x[0]), rel=1e-4)
    assert ours["variance between strata"].value == pytest.approx(math.exp(best.x[1]), rel=1e-3)
    ends = ours["VPC"]
    for end in (ends.low, ends.high):
        assert end is not None
        if end > 0:
            worst = optimize.minimize(
                lambda t, e=end: criterion([t[0], t[0] + math.log(e / (1 - e))]), [0.0], method="Nelder-Mead"
            )  # fmt: skip
            assert worst.fun - best.fun == pytest.approx(3.841459, abs=1e-3)
    engine = fit_gaps(as_table(people), strata=COLUMNS, outcome="y", kind="gaussian", main_effects=False)
    assert engine["VPC"].value == pytest.approx(ours["VPC"].value, rel=1e-8)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.1, 0.2, 0.3])), min_size=2, max_size=8)
)
def test_auc_is_counting_pairs(rows: list[tuple[int, int, float]]) -> None:
    yes = [s for e, _, s in rows for _ in range(e)]
    no = [s for _, o, s in rows for _ in range(o)]
    if not yes or not no:
        return
    pairs = np.mean([(a > b) + 0.5 * (a == b) for a in yes for b in no])
    e, o, s = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    assert auc(e, e + o, s) == pytest.approx(float(pairs))


def test_vpc_of_the_shares_is_a_simulations() -> None:
    rng = np.random.default_rng(1)
    p = expit(-0.6 + 0.5 * rng.normal(size=2_000_000))
    assert response_vpc(-0.6, 0.5) == pytest.approx(p.var() / (p.mean() * (1 - p.mean())), rel=5e-3)


@pytest.mark.parametrize("main", ["", "+gender+place+age"])
def test_it_is_lme4_live(main: str, tmp_path: Any) -> None:
    people = community(6, 3000, own=0.3)
    counts = take_strata(people, columns=COLUMNS, outcome="y", binary=True)
    path = tmp_path / "rows.csv"
    lines = [
        ",".join((*k, str(int(e)), str(int(n)))) for k, e, n in zip(counts.names, counts.events, counts.n, strict=True)
    ]
    path.write_text("gender,place,age,e,n\n" + "\n".join(lines))
    theirs = in_r(
        f"d<-read.csv('{path}');d$age<-factor(d$age);d$s<-interaction(d$gender,d$place,d$age);"
        f"m<-glmer(cbind(e,n-e)~1{main}+(1|s),d,binomial,nAGQ=7,control=glmerControl(tolPwrss=1e-10));"
        "cat(format(c(fixef(m),sqrt(diag(as.matrix(vcov(m)))),sqrt(unlist(VarCorr(m)))),digits=12))", "lme4",
    )  # fmt: skip
    found = fit_gaps(people, strata=COLUMNS, outcome="y", main_effects=bool(main))
    p = len(found.effects)
    values = [found.effects[0].value, *(math.log(e.value) for e in found.effects[1:])]
    assert values == pytest.approx(theirs[:p], abs=2e-4)
    assert [e.se for e in found.effects] == pytest.approx(theirs[p : 2 * p], rel=2e-3)
    name = "variance beyond main effects" if main else "variance between strata"
    assert math.sqrt(found[name].value) == pytest.approx(theirs[-1], abs=2e-4)


# ------------------------------------------------------------------------------------------------ truth


@pytest.mark.parametrize("kind", ["binomial", "gaussian"])
def test_intervals_hold_what_they_promise(kind: str) -> None:
    """32 strata, variance 0.25 between them, 2,400 people, 400 drawings: VPC, and strata on average."""
    runs, hits, strata, held = 400, 0, 0, 0
    noise = math.pi**2 / 3 if kind == "binomial" else 1.0
    truth = 0.25 / (0.25 + noise)
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        own = rng.normal(0, 0.5, 32)
        at = rng.integers(0, 32, 2400)
        eta = -0.4 + own[at]
        y = (rng.random(2400) < expit(eta)).astype(float) if kind == "binomial" else eta + rng.normal(0, 1, 2400)
        found = fit_gaps({"s": at, "y": y}, strata=["s"], outcome="y", kind=kind)  # type: ignore[arg-type]
        vpc = found["VPC"]
        hits += vpc.low <= truth <= vpc.high
        true = expit(-0.4 + own) if kind == "binomial" else -0.4 + own
        held += sum(s.low <= true[int(s.names[0])] <= s.high for s in found.strata)
        strata += len(found.strata)
    within(hits, runs)
    within(held, strata)


def test_a_pattern_is_told_only_where_it_is() -> None:
    """Without any interaction it is told in at most 5 of 100 drawings; with a strong one nearly always."""
    false = sum(fit_gaps(community(s, 3000), strata=COLUMNS, outcome="y").pattern == "interaction" for s in range(100))
    assert false <= 5
    true = sum(
        fit_gaps(community(s, 3000, own=0.6), strata=COLUMNS, outcome="y").pattern == "interaction" for s in range(20)
    )
    assert true >= 18


# -------------------------------------------------------------------------------------------- bad input


def small(**changed: Any) -> dict[str, Any]:
    return {**community(1, 400), **changed}


@pytest.mark.parametrize(("rows", "refusal"), [
    (small(gender=["f"] * 400, place=["hill"] * 400), TooFew),
    (small(y=np.zeros(400)), NoSpread),
    (small(y=np.ones(400)), NoSpread),
    (small(y=np.full(400, 2.0)), NotAllowedHere),
    (small(y=np.full(400, np.nan)), TooFew),
    (small(y=np.array(["yes"] * 400, dtype=object)), NotANumber),
    ({k: v[:1] for k, v in small().items()}, TooFew),
])  # fmt: skip
def test_a_clear_refusal(rows: dict[str, Any], refusal: type[Problem]) -> None:
    with pytest.raises(refusal):
        fit_gaps(rows, strata=COLUMNS, outcome="y")


def test_separated_groups_are_refused_and_a_separated_stratum_is_not() -> None:
    rows = small()
    rows["y"] = np.where(rows["place"] == "hill", 0.0, rows["y"])
    with pytest.raises(Separated, match="place"):
        fit_gaps(rows, strata=COLUMNS, outcome="y")
    found = fit_gaps(rows, strata=COLUMNS, outcome="y", main_effects=False)
    assert all(0 < s.low <= s.value <= s.high < 1 for s in found.strata)


def test_duplicated_rows_only_make_it_surer() -> None:
    rows = small()
    twice = {k: np.concatenate([v, v]) for k, v in rows.items()}
    assert fit_gaps(twice, strata=COLUMNS, outcome="y").n == 800


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    rows = community(2, 600, binary=False)
    one = fit_gaps(rows, strata=COLUMNS, outcome="y", kind="gaussian")
    other = fit_gaps({**rows, "y": rows["y"] * scale}, strata=COLUMNS, outcome="y", kind="gaussian")
    assert other["VPC"].value == pytest.approx(one["VPC"].value, rel=1e-4)
    assert other.strata[3].value == pytest.approx(one.strata[3].value * scale, rel=1e-6)


def test_no_gap_is_an_answer() -> None:
    rng = np.random.default_rng(0)
    rows = {"s": np.arange(2000) % 20, "y": np.tile([0.0, 1.0], 1000)[rng.permutation(2000)]}
    found = fit_gaps(rows, strata=["s"], outcome="y")
    assert found["VPC"].low == 0
    assert found.as_dict()["says"].startswith("0.")


def test_who_is_left_out_is_said() -> None:
    rows = small()
    rows["place"] = np.array([None if i < 7 else p for i, p in enumerate(rows["place"])], dtype=object)
    rows["y"] = np.where(np.arange(400) > 390, np.nan, rows["y"])
    for data in (rows, as_table(rows)):
        found = fit_gaps(data, strata=COLUMNS, outcome="y")
        assert {(x.reason, x.n) for x in found.left_out} == {
            ("people whose gender or place or age is not known", 7), ("people without y", 9),
        }  # fmt: skip
        assert found.n == 384
