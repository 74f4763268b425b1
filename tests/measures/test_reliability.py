"""α, ω and items: against R's psych and semTools, against slow twins, and on what people really send."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kinweave.measures.cfa import ItemMoments, fit
from kinweave.measures.refusals import BadChoice, NoColumn, NoSpread, NotANumber, TooFew
from kinweave.measures.reliability import alpha_interval, omega_minres, omega_of, reliability, reliability_of_moments
from tests.measures.golden import golden
from tests.measures.questionnaires import ITEMS, answered
from tests.measures.simulate import in_r

pytestmark = pytest.mark.sqlite_only  # needs no database

BFI, SCHOOLS = golden("bfi"), golden("holzinger_swineford")


def turned(scale: str) -> tuple[list[str], np.ndarray]:
    held = BFI["scales"][scale]
    sign = np.array([-1.0 if i in held["reverse"] else 1.0 for i in held["items"]])
    return held["items"], np.array(held["covariance"]) * np.outer(sign, sign)


@pytest.mark.parametrize("scale", list("ACENO"))
def test_alpha_as_psych_has_it(scale: str) -> None:
    items, covariance = turned(scale)
    found = reliability_of_moments(ItemMoments(2800, np.zeros(5), covariance), items)
    assert found["alpha"].value == pytest.approx(BFI["expected"]["alpha"][scale], abs=5e-4)


@pytest.mark.parametrize("scale", list("ACENO"))
def test_omega_of_equal_spreads_as_psych_has_it(scale: str) -> None:
    """To 0.001: psych's optimiser stops a little before the least squares solution."""
    _, covariance = turned(scale)
    sd = np.sqrt(np.diag(covariance))
    assert omega_minres(covariance / np.outer(sd, sd)) == pytest.approx(BFI["expected"]["omega"][scale], abs=1e-3)


def test_an_item_and_the_rest_as_psych_has_it() -> None:
    items, covariance = turned("A")
    found = reliability_of_moments(ItemMoments(2800, np.zeros(5), covariance), items)
    for item in found.items:
        assert item.rest == pytest.approx(BFI["expected"]["r.drop of A"][item.name], abs=2e-3)


@pytest.mark.parametrize(("k", "factor"), [(0, "visual"), (1, "textual"), (2, "speed")])
def test_omega_of_a_factor_among_three_as_semtools_has_it(k: int, factor: str) -> None:
    parts = [ItemMoments(s["n"], np.array(s["mean"]), np.array(s["covariance"])) for s in SCHOOLS["schools"].values()]
    n = sum(p.n for p in parts)
    mean = sum(p.n * p.mean for p in parts) / n
    pooled = sum(p.n * (p.covariance + np.outer(p.mean - mean, p.mean - mean)) for p in parts) / n
    model = fit("configural", [ItemMoments(n, mean, pooled)], [0, 0, 0, 1, 1, 1, 2, 2, 2], SCHOOLS["items"])
    assert omega_of(model, k)[0] == pytest.approx(SCHOOLS["expected"]["omega"][factor], abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(25, 60))
def test_alpha_is_what_the_definition_says(seed: int, items: int, people: int) -> None:
    """The slow twin: variances of the columns and of everybody's sum, by Python's own statistics."""
    from statistics import variance

    data = answered(seed, people, items)
    names = ITEMS[:items]
    assume(all(len(set(data[n])) > 1 for n in names))
    total = [sum(row) for row in zip(*(data[n] for n in names), strict=True)]
    slow = items / (items - 1) * (1 - sum(variance(data[n]) for n in names) / variance(total))
    found = reliability(data, names)
    assert found["alpha"].value == pytest.approx(slow, abs=1e-10)
    for item in found.items:
        rest = [t - x for t, x in zip(total, data[item.name], strict=True)]
        assert item.rest == pytest.approx(np.corrcoef(rest, data[item.name])[0, 1], abs=1e-10)
        assert item.floor == pytest.approx(np.mean(data[item.name] == min(data[item.name])))


def test_intervals_cover_the_truth() -> None:
    """Four parallel normal items: the true α and ω are both 4·.5/(1+3·.5) = .8. 400 samples of 80 people."""
    hits = {"alpha": 0, "omega": 0}
    for seed in range(400):
        rng = np.random.default_rng(seed)
        common = rng.normal(size=80)
        data = {name: common + rng.normal(size=80) for name in "wxyz"}
        found = reliability(data, list("wxyz"))
        for name in hits:
            e = found[name]
            assert e.low is not None
            assert e.high is not None
            hits[name] += e.low <= 0.8 <= e.high
    assert 0.93 <= hits["alpha"] / 400 <= 0.97
    assert 0.92 <= hits["omega"] / 400 <= 0.97, "the delta method is a little short in 80 people"


def test_reversed_items_and_people_with_gaps() -> None:
    data = answered(1)
    whole = reliability(data, ITEMS)
    data["b"] = 3 - data["b"]
    assert reliability(data, ITEMS).notes == ("items that go against the others: b",)
    data["a"][:7] = np.nan
    found = reliability(data, ITEMS, reverse=["b"])
    assert found.n == 593
    assert [(x.reason, x.n) for x in found.left_out] == [("some items not answered", 7)]
    assert found["alpha"].value == pytest.approx(whole["alpha"].value, abs=0.02)
    assert "hang together" in found.says


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_does_not_matter(scale: float) -> None:
    data = answered(2)
    plain = reliability(data, ITEMS)
    scaled = reliability({n: data[n] * scale for n in ITEMS}, ITEMS)
    for a, b in zip(plain.estimates, scaled.estimates, strict=True):
        assert b.value == pytest.approx(a.value, rel=1e-6)
        assert b.low == pytest.approx(a.low, rel=1e-6)


def test_what_cannot_be_judged_is_refused() -> None:
    data = answered(3)
    with pytest.raises(TooFew):
        reliability({n: data[n][:1] for n in ITEMS}, ITEMS)
    with pytest.raises(TooFew):
        reliability({n: [None] * 40 for n in ITEMS}, ITEMS)
    with pytest.raises(NoSpread, match="values of b"):
        reliability(data | {"b": np.full(600, 2.0)}, ITEMS)
    with pytest.raises(NoColumn):
        reliability(data, ["a", "nowhere"])
    with pytest.raises(NotANumber, match=r"Row 3, column b"):
        reliability(data | {"b": [1, 2, "three", *[1] * 597]}, ITEMS)
    with pytest.raises(BadChoice):
        reliability(data, ["a"])
    with pytest.raises(BadChoice):
        reliability(data, ["a", "a"])


def test_copies_of_one_item_say_so_instead_of_an_omega() -> None:
    data = answered(4)
    found = reliability({"a": data["a"], "b": data["a"], "c": data["a"]}, ["a", "b", "c"])
    assert found["alpha"].value == pytest.approx(1)
    assert any("no omega" in note for note in found.notes)


def test_feldt_in_r() -> None:
    low, high = alpha_interval(0.8, 80, 4)
    found = in_r("x <- alpha.ci(.8, 80, 4); cat(x$lower.ci, x$upper.ci)", "psych")
    assert (low, high) == pytest.approx(found, abs=1e-6)
