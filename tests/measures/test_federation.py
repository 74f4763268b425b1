"""Sums of sites: the same as pooling the people, safe to read, and honest about what is missing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.federation import combine, from_dict, from_json, to_dict, to_json, withhold
from kinweave.measures.gaps import fit_gaps
from kinweave.measures.moments import Moments, take_moments
from kinweave.measures.refusals import NotAddable, NotTheSums, TooFew
from kinweave.measures.slopes import fit_slopes
from kinweave.measures.strata import Strata, take_strata
from tests.measures.simulate import COLUMNS, community, repeated

pytestmark = pytest.mark.sqlite_only


def parted(rows: dict[str, Any], key: Any, sites: int) -> dict[str, dict[str, Any]]:
    return {f"site {s}": {k: v[key % sites == s] for k, v in rows.items()} for s in range(sites)}


def of_scores(rows: dict[str, Any]) -> Moments:
    return take_moments(rows, person="person", time="month", score="score", groups=["arm"])


def repeated_sites(seed: int, people: int, sites: int) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    rows = repeated(seed, people)
    return rows, parted(rows, np.array([int(p[1:]) // 2 for p in rows["person"]]), sites)


@given(st.integers(0, 1000), st.integers(1, 4))
@settings(max_examples=8, deadline=None)
def test_sites_together_are_the_people_together(seed: int, sites: int) -> None:
    rows, parts = repeated_sites(seed, 60, sites)
    sent = {site: from_json(to_json(of_scores(part))) for site, part in parts.items()}
    both = combine(sent)
    pooled = fit_slopes(rows, person="person", time="month", score="score", group="arm")
    ours = fit_slopes(both.sums, person="person", time="month", score="score", group="arm")
    assert ours.criterion == pytest.approx(pooled.criterion, abs=1e-6)
    assert [(e.value, e.se) for e in ours.estimates] == [
        (pytest.approx(e.value, rel=1e-5, abs=1e-8), pytest.approx(e.se, rel=1e-4)) for e in pooled.estimates
    ]
    assert ours.seen == pooled.seen
    assert "Nothing was withheld" in both.says


@given(st.integers(0, 1000), st.booleans())
@settings(max_examples=6, deadline=None)
def test_strata_of_sites_are_the_strata_of_all(seed: int, binary: bool) -> None:
    rows = community(seed, 900, binary=binary)
    take: dict[str, Any] = {"columns": COLUMNS, "outcome": "y", "binary": binary}
    parts = parted(rows, np.arange(900), 3)
    both = combine({site: from_json(to_json(take_strata(part, **take))) for site, part in parts.items()}).sums
    whole = take_strata(rows, **take)
    assert isinstance(both, Strata)
    assert both.names == whole.names
    assert both.n == pytest.approx(whole.n)
    assert both.mean == pytest.approx(whole.mean)
    assert both.cross == pytest.approx(whole.cross, abs=1e-9)
    kind: Any = "binomial" if binary else "gaussian"
    ours, theirs = (fit_gaps(s, outcome="y", kind=kind) for s in (both, whole))
    assert ours["VPC"].value == pytest.approx(theirs["VPC"].value, rel=1e-4, abs=1e-7)


def test_other_times_and_units_still_add() -> None:
    rows, parts = repeated_sites(3, 60, 2)
    first, second = (of_scores(p) for p in parts.values())
    moved = second.moved(1000.0, 0.5)
    assert combine({"a": first, "b": moved}).sums.n == of_scores(rows).n
    one = fit_slopes(combine({"a": first, "b": moved}).sums, group="arm")
    assert one.criterion == pytest.approx(fit_slopes(of_scores(rows), group="arm").criterion, abs=1e-5)
    later = {k: v[parts["site 1"]["month"] != 3] for k, v in parts["site 1"].items()}
    assert combine({"a": first, "b": of_scores(later)}).sums.times == (0.0, 3.0, 6.0, 12.0)


def test_small_patterns_stay_at_home_and_it_is_said() -> None:
    rows, parts = repeated_sites(4, 200, 2)
    kept = {site: withhold(of_scores(part), 10) for site, part in parts.items()}
    for table in kept.values():
        assert isinstance(table, Moments)
        assert min(p.n for p in table.patterns) >= 10
        assert table.withheld > 0
    both = combine(kept)
    missing = of_scores(rows).n - both.sums.n
    assert 0 < missing <= both.sums.withheld_at_most
    assert "withheld by site 0" in both.says
    assert any("withheld" in note for note in fit_slopes(both.sums, group="arm").notes)


def test_of_yes_and_no_both_sides_are_many() -> None:
    safe = withhold(take_strata(community(5, 1500), columns=COLUMNS, outcome="y", binary=True), 10)
    assert isinstance(safe, Strata)
    assert safe.withheld
    assert safe.events.min() >= 10
    assert (safe.n - safe.events).min() >= 10
    assert any("withheld" in note for note in fit_gaps(safe, outcome="y").notes)


def test_the_same_answer_from_everybody_is_withheld() -> None:
    rows = {"person": np.arange(40), "month": np.zeros(40), "score": np.full(40, 9.0)}
    table = take_moments(rows, person="person", time="month", score="score")
    assert withhold(table).withheld == 1


def written() -> dict[str, Any]:
    return to_dict(of_scores(repeated(6, 40)))


@pytest.mark.parametrize("change", [
    lambda d: d.update(version=2), lambda d: d.update(schema="other"), lambda d: d.pop("times"),
    lambda d: d["times"].reverse(), lambda d: d.update(unit=0), lambda d: d["patterns"][0].update(n=-1),
    lambda d: d["patterns"][0].update(n=1.5), lambda d: d["patterns"][0]["total"].append(1.0),
    lambda d: d["patterns"][0].update(visits=[9]), lambda d: d["patterns"].append(d["patterns"][0]),
    lambda d: d["patterns"][0].update(group=["A", "B"]), lambda d: d["patterns"][0]["total"].__setitem__(0, 1e9),
    lambda d: d.update(withheld=-1), lambda d: d["patterns"][0].update(visits="01"),
    lambda d: d["patterns"][0]["products"].__setitem__(0, float("nan")),
])  # fmt: skip
def test_what_cannot_be_sums_is_refused(change: Any) -> None:
    data = written()
    change(data)
    with pytest.raises(NotTheSums):
        from_dict(data)


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", "[" * 100_000, '{"schema": "kinweave.moments"}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotTheSums):
        from_json(text)


def test_strata_that_cannot_be_are_refused() -> None:
    data = to_dict(take_strata(community(7, 300), columns=COLUMNS, outcome="y", binary=True))
    for path, value in (("mean", [1.5]), ("cross", [[-1.0]]), ("n", 0), ("names", ["f"])):
        wrong = json.loads(json.dumps(data))
        wrong["cells"][0][path] = value
        with pytest.raises(NotTheSums):
            from_dict(wrong)


def test_what_does_not_fit_is_not_added() -> None:
    scores = of_scores(repeated(8, 30))
    strata = take_strata(community(8, 300), columns=COLUMNS, outcome="y", binary=True)
    measured = take_strata(community(8, 300, binary=False), columns=COLUMNS, outcome="y")
    for pair in ((scores, strata), (scores, scores.by([])), (strata, measured)):
        with pytest.raises(NotAddable):
            combine(dict(zip("ab", pair, strict=True)))
    with pytest.raises(TooFew):
        combine({})


def test_nothing_of_one_person_is_in_what_leaves() -> None:
    rows = repeated(9, 200)
    text = to_json(withhold(of_scores(rows)))
    assert not any(f'"{p}"' in text for p in rows["person"])
    assert not any(repr(s) in text for s in rows["score"].tolist())
