"""Whether it lasts, from averages of places: the arithmetic beside statsmodels, coverage, verdicts, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kinweave.core.problems import Problem
from kinweave.measures import fit_endurance_of_places, meta
from kinweave.measures.endurance import Lasts

pytestmark = pytest.mark.sqlite_only  # needs no database

OURS = {"a", "b", "c", "d"}


def rows(before: dict[str, float], after: dict[str, float], spread: float = 4.0, n: int = 60) -> dict[str, list]:
    table: dict[str, list] = {name: [] for name in ("place", "phase", "value", "spread", "n")}
    for phase, means in (("before", before), ("after", after)):
        for place, value in means.items():
            for name, one in zip(table, (place, phase, value, spread, n), strict=True):
                table[name].append(one)
    return table


def places(ours: float, others: float) -> dict[str, float]:
    """Four places of each kind, a little apart."""
    off = (-0.2, 0.1, 0.2, -0.1)
    return {p: ours + o for p, o in zip("abcd", off, strict=True)} | {
        p: others + o for p, o in zip("efgh", reversed(off), strict=True)
    }


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 2.0]))
@settings(max_examples=40)
def test_the_difference_is_weighted_least_squares_at_the_spread_that_makes_it_fit(seed: int, tau: float) -> None:
    """At Paule and Mandel's spread the weighted residuals have their expected size; then statsmodels' WLS, whose
    standard errors are scaled by them, is Knapp and Hartung's answer."""
    rng = np.random.default_rng(seed)
    many = int(rng.integers(3, 9)), int(rng.integers(3, 9))
    ours = np.repeat([True, False], many)
    variance = rng.uniform(0.1, 1.0, ours.size)
    y = 1.5 * ours + rng.normal(0, np.sqrt(variance + tau**2))
    value, se, df = meta.difference(y, variance, ours)
    x = np.column_stack([np.ones(ours.size), ours])

    def at(spread: float) -> object:
        return sm.WLS(y, x, weights=1 / (variance + spread)).fit()

    spread = 0.0
    if at(0.0).scale > 1:  # halving, not the library's root finder
        low, high = 0.0, 100.0
        for _ in range(80):
            spread = (low + high) / 2
            low, high = (spread, high) if at(spread).scale > 1 else (low, spread)
    oracle = at(spread)
    assert (value, se) == pytest.approx((oracle.params[1], oracle.bse[1]), rel=1e-6)
    assert df == ours.size - 2


@pytest.mark.parametrize(("each", "tau"), [(3, 0.0), (4, 0.5), (6, 0.3), (10, 1.0)])
def test_intervals_hold_the_truth_in_93_to_97_of_100(each: int, tau: float) -> None:
    """Stated range: 3 to 10 places of each kind, of 20 to 80 people, with and without a will of their own."""
    rng = np.random.default_rng(each)
    ours, held = np.repeat([True, False], each), 0
    for _ in range(2000):
        variance = 16 / rng.integers(20, 80, 2 * each)
        y = 1.5 * ours + rng.normal(0, np.sqrt(variance + tau**2))
        value, se, df = meta.difference(y, variance, ours)
        held += abs(value - 1.5) <= stats.t.ppf(0.975, df) * se
    assert 0.93 <= held / 2000 <= 0.97


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(-3.0, -3.0, Lasts.HOLDS), (-3.0, -0.4, Lasts.FADES), (-3.0, -6.0, Lasts.GROWS), (0.0, 0.0, Lasts.NOT_SHOWN)],
)
def test_each_course_is_told(before: float, after: float, said: Lasts) -> None:
    """Less is better here, as in most questionnaires of distress."""
    found = fit_endurance_of_places(rows(places(before, 0.0), places(after, 0.0), n=400), ours=OURS)
    assert found.verdict is said
    assert found["gain at the end"].value == pytest.approx(before)
    assert found["change after the end"].value == pytest.approx(after - before)
    assert found["gain that is left"].value == pytest.approx(after)
    assert found.sites == 8
    assert found.citation
    assert "impact" not in found.says + found.to_json()


def test_what_everybody_went_through_is_not_the_programmes() -> None:
    """A bad year next door too is no fading."""
    found = fit_endurance_of_places(rows(places(-3.0, 0.0), places(-1.0, 2.0), n=400), ours=OURS)
    assert found.verdict is Lasts.HOLDS


def test_more_can_be_better() -> None:
    turned = rows(places(3.0, 0.0), places(0.4, 0.0), n=400)
    assert fit_endurance_of_places(turned, ours=OURS, higher_is_better=True).verdict is Lasts.FADES
    assert fit_endurance_of_places(turned, ours=OURS).verdict is Lasts.NOT_SHOWN


def test_seldom_wrong_when_nothing_changed_or_nothing_was_gained() -> None:
    """False `grows`, `fades` and `holds` stay at 5 in 100 or below, with places that move by themselves."""
    rng = np.random.default_rng(4)
    names, wrong = "abcdefgh", {"gained": 0, "never": 0, "fades": 0}
    for _ in range(400):
        own = rng.normal(0, 0.3, (2, 8)) + rng.normal(0, 4 / np.sqrt(50), (2, 8))
        gain = np.repeat([-3.0, 0.0], 4)
        steady = [dict(zip(names, gain + own[i], strict=True)) for i in (0, 1)]
        wrong["gained"] += fit_endurance_of_places(rows(*steady, n=50), ours=OURS).verdict is Lasts.GROWS
        nothing = [dict(zip(names, own[i], strict=True)) for i in (0, 1)]
        wrong["never"] += fit_endurance_of_places(rows(*nothing, n=50), ours=OURS).verdict is not Lasts.NOT_SHOWN
        gone = [dict(zip(names, gain * share + own[i], strict=True)) for i, share in enumerate((1, 0))]
        wrong["fades"] += fit_endurance_of_places(rows(*gone, n=50), ours=OURS).verdict in (Lasts.HOLDS, Lasts.GROWS)
    assert max(wrong.values()) <= 0.05 * 400, wrong


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ours": {"a", "b"}}, "too-few"),
        ({"ours": set()}, "too-few"),
        ({"margin": 0.0}, "bad-choice"),
        ({"spread": "nowhere"}, "no-column"),
    ],
)
def test_what_cannot_be_told_is_refused(change: dict, code: str) -> None:
    with pytest.raises(Problem) as refused:
        fit_endurance_of_places(rows(places(-3, 0), places(-3, 0)), **{"ours": OURS, **change})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [(2, "phase", "later", "not-allowed-here"), (2, "n", 1, "not-allowed-here"), (2, "value", None, "not-allowed-here"),
     (2, "spread", -1, "not-allowed-here"), (1, "place", "a", "not-allowed-here")],
)  # fmt: skip
def test_a_bad_row_is_named(row: int, column: str, value: object, code: str) -> None:
    table = rows(places(-3, 0), places(-3, 0))
    table[column][row] = value
    with pytest.raises(Problem) as refused:
        fit_endurance_of_places(table, ours=OURS)
    assert refused.value.code == code
    assert str(row + 1) in refused.value.sentence


def test_a_place_seen_once_is_left_out_and_all_alike_is_refused() -> None:
    before = places(-3, 0) | {"z": -3.0}
    found = fit_endurance_of_places(rows(before, places(-3, 0)), ours=OURS)
    assert [(x.reason, x.n) for x in found.left_out] == [("places seen in one phase only", 1)]
    with pytest.raises(Problem) as refused:
        fit_endurance_of_places(rows(places(-3, 0), places(-3, 0), spread=0.0), ours=OURS)
    assert refused.value.code == "no-spread"


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    before, after = ({k: v * scale for k, v in p.items()} for p in (places(-3, 0), places(-0.4, 0)))
    found = fit_endurance_of_places(rows(before, after, spread=4 * scale, n=400), ours=OURS)
    assert found.verdict is Lasts.FADES
