"""Networks: the karate club as networkx has it, slow twins, and lists as people send them."""

from __future__ import annotations

from collections import deque
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.refusals import BadChoice, NoColumn, NotAllowedHere, TooFew
from kinweave.measures.ties import ties
from tests.measures.golden import golden
from tests.measures.simulate import in_r

pytestmark = pytest.mark.sqlite_only  # needs no database

KARATE = golden("karate")
CLUB = {
    "name": list(range(1, 35)),
    "club": ["Mr Hi" if m in KARATE["hi"] else "officer" for m in range(1, 35)],
}
PAIRS = {"a": [t[0] for t in KARATE["ties"]], "b": [t[1] for t in KARATE["ties"]]}


def karate():
    return ties(PAIRS, "a", "b", members=CLUB, group="club")


def test_the_karate_club_as_networkx_has_it() -> None:
    found, wanted = karate(), KARATE["expected"]
    first = next(m for m in found.members if m.name == "1")
    assert first.betweenness == pytest.approx(wanted["betweenness of 1"], abs=6e-5)
    assert first.constraint == pytest.approx(wanted["constraint of 1"], abs=6e-5)
    assert found["E-I"].value == pytest.approx(wanted["E-I"], abs=6e-5)
    assert found["density"].value == pytest.approx(78 * 2 / (34 * 33))
    assert found["bonding"].value + found["bridging"].value == pytest.approx(1)
    assert (first.effective_size, first.redundancy) == (13.75, 2.25)
    assert found.p == 0.001
    assert abs(found.expected_ei - 0.03) < 0.02


def test_the_karate_club_in_igraph() -> None:
    flat = ",".join(str(x) for t in KARATE["ties"] for x in t)
    told = in_r(f"g<-make_graph(c({flat}),directed=FALSE);cat(constraint(g),betweenness(g,normalized=TRUE))", "igraph")
    found = karate()
    for i, member in enumerate(found.members):
        assert member.constraint == pytest.approx(told[i], abs=1e-6)
        assert member.betweenness == pytest.approx(told[34 + i], abs=1e-6)


def slow_betweenness(names: list[int], near: dict[int, set[int]]) -> dict[int, float]:
    """By listing every shortest way between every two others."""
    found = dict.fromkeys(names, 0.0)
    for a, b in combinations(names, 2):
        ways, turn, best = [], deque([[a]]), None
        while turn:
            way = turn.popleft()
            if best is not None and len(way) > best:
                break
            if way[-1] == b:
                ways.append(way)
                best = len(way)
                continue
            turn.extend([*way, n] for n in near[way[-1]] if n not in way)
        for way in ways:
            for middle in way[1:-1]:
                found[middle] += 1 / len(ways)
    n = len(names)
    return {k: v / ((n - 1) * (n - 2) / 2) for k, v in found.items()}


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 7), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_against_slow_twins(n: int, pairs: list[tuple[int, int]]) -> None:
    names = list(range(n))
    pairs = [(a % n, b % n) for a, b in pairs if a % n != b % n]
    near: dict[int, set[int]] = {i: set() for i in names}
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    found = ties({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}, "a", "b", members={"name": names})
    between = slow_betweenness(names, near)
    for member in found.members:
        me = int(member.name)
        assert member.ties == len(near[me])
        assert member.betweenness == pytest.approx(between[me], abs=1e-9)
        if not near[me]:
            assert member.constraint is None
            continue
        slow = 0.0
        for j in near[me]:
            through = sum(1 / len(near[me]) / len(near[q]) for q in near[me] if j in near[q])
            slow += (1 / len(near[me]) + through) ** 2
        assert member.constraint == pytest.approx(slow)
        among = sum(b in near[a] for a, b in combinations(sorted(near[me]), 2))
        assert member.redundancy == pytest.approx(2 * among / len(near[me]))
    assert found.ties == len({tuple(sorted(p)) for p in pairs})
    assert sum(found.pieces) == n
    found.to_json()


def test_mixing_by_chance_is_not_called_bonding() -> None:
    """Type 1 error of the shuffles: groups given out by lot, 60 networks, 5 % beyond p .05 (0 to 8 of 60)."""
    import numpy as np

    low = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        pairs = [p for p in combinations(range(20), 2) if rng.random() < 0.2]
        club = {"name": list(range(20)), "g": rng.permutation(["x"] * 10 + ["y"] * 10)}
        found = ties({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}, "a", "b", members=club, group="g")
        low += found.p < 0.05
    assert low <= 8


def test_what_people_send() -> None:
    found = ties({"a": ["Ada", "Ben", "Ada"], "b": ["Ben", "Ada", "Cem"]}, "a", "b")
    assert [(x.reason, x.n) for x in found.left_out] == [("named twice", 1)]
    assert found.notes
    assert found.says == "3 members have 2 ties, 66.7 of 100 possible ones."
    alone = ties({"a": ["Ada"], "b": ["Ben"]}, "a", "b", members={"name": ["Ada", "Ben", "Cem", "Dua"]})
    assert "2 have no tie at all" in alone.says
    assert alone.pieces == (2, 1, 1)


def test_refusals_name_the_row() -> None:
    club = {"name": ["Ada", "Ben", "Cem"], "g": ["x", None, "y"]}
    with pytest.raises(TooFew):
        ties({"a": [], "b": []}, "a", "b")
    with pytest.raises(NotAllowedHere, match="Row 2, column b: nobody"):
        ties({"a": ["Ada", "Ben"], "b": ["Ben", "Ben"]}, "a", "b")
    with pytest.raises(NotAllowedHere, match="Row 1, column b: this member is not"):
        ties({"a": ["Ada"], "b": ["Zoe"]}, "a", "b", members=club)
    with pytest.raises(NotAllowedHere, match="Row 2, column b: a tie needs"):
        ties({"a": ["Ada", "Ben"], "b": ["Ben", None]}, "a", "b")
    with pytest.raises(NotAllowedHere, match="Row 3, column name: this member stands twice"):
        ties({"a": ["Ada"], "b": ["Ben"]}, "a", "b", members={"name": ["Ada", "Ben", "Ada"]})
    with pytest.raises(NoColumn):
        ties({"a": ["Ada"]}, "a", "b")
    with pytest.raises(BadChoice):
        ties({"a": ["Ada"], "b": ["Ben"]}, "a", "b", group="g")
    found = ties({"a": ["Ada", "Cem"], "b": ["Cem", "Ben"]}, "a", "b", members=club, group="g")
    assert found["E-I"].value == 1
    assert found.members[1].across is None
