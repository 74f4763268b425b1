"""Combinations of groups beside the groups themselves: sums of strata are the groups, so both are hidden together."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable, make_safe
from kinweave.measures.disclosure_keys import Key
from tests.measures.attacker import ranges, values

pytestmark = pytest.mark.sqlite_only  # needs no database

YEAR, CROSSED = 20250, "gender*age"
RULES = Rules(smallest=4, base=2, population_floor=0)
PARENT, INSIDE = {1: 9, 2: 9, 9: None}, {9: [1, 2]}


def tables(seed: int, people: int) -> tuple[Counts, Counts]:
    """The groups one by one, and their combinations, of invented people in two places."""
    random = np.random.default_rng(seed)
    one: dict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    crossed: dict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for _ in range(people):
        home, gender = (
            int(random.choice([1, 2], p=[0.7, 0.3])),
            str(random.choice(["f", "m", "x"], p=[0.6, 0.35, 0.05])),
        )
        age, part = str(random.choice(["a", "b", "c"], p=[0.5, 0.4, 0.1])), int(random.random() < 0.4)
        for place in (home, 9):
            for cell in (("all", "all"), ("gender", gender), ("age", age)):
                one[place, YEAR, *cell][part] += 1
                crossed[place, YEAR, *cell][part] += 1
            crossed[place, YEAR, CROSSED, f"{gender}*{age}"][part] += 1

    def counts(name: str, cells: dict[tuple[int, int, str, str], list[int]]) -> Counts:
        rows = tuple(Row(*at, sum(parts), tuple(parts)) for at, parts in cells.items())
        series = {"better": "felt/better", "rest": "felt/rest"}
        return Counts(name, "started", "share", ("better", "rest"), rows, PARENT, counted_as=series)

    return counts("felt", one), counts("strata", crossed)


def made(seed: int, people: int) -> tuple[list[SafeTable], dict[Key, int]]:
    one, crossed = tables(seed, people)
    first = make_safe(one, RULES)
    second = make_safe(crossed, RULES, (), (first,))
    truth = {Key(series, r.place, r.period, r.dimension, r.group): count for r in crossed.rows
             for series, count in zip((crossed.population, *crossed.series), (r.n, *r.parts), strict=True)}  # fmt: skip
    return [first, second], truth


@pytest.mark.parametrize("seed", range(3))
def test_no_attacker_finds_a_hidden_count_from_groups_and_their_combinations(seed: int) -> None:
    people = 20 + 40 * seed
    safe, truth = made(seed, people)
    for name, (low, high) in ranges(safe, INSIDE, most=4 * people).items():
        assert low <= truth.get(Key(*name), 0) <= high, "the attacker's sums are wrong"
        known_nought = any(
            value == 0 and n[:3] == name[:3] and n[3] in name[3].split("*") and n[4] in name[4].split("*")
            for n, value in values(safe).items() if n[0] == "started"
        )  # fmt: skip
        assert low < high or known_nought, f"a hidden count can only be {low}: {name}"
        if name[0] == "started" and not known_nought:
            assert high >= RULES.smallest, "people are shown to be few"


def test_combinations_are_shown_where_they_are_many_and_change_nothing_shown_before() -> None:
    (first, second), truth = made(3, 400)
    before, after = values([first]), values([second])
    assert {k: v for k, v in after.items() if k[3] != CROSSED} == before
    shown = {k: v for k, v in after.items() if k[3] == CROSSED and v is not None}
    assert len(shown) > 10
    assert all(v == RULES.rounded(truth[Key(*k)]) for k, v in shown.items())


def test_a_period_released_without_combinations_gets_none() -> None:
    one, crossed = tables(3, 400)
    late = make_safe(crossed, RULES, (make_safe(one, RULES),))
    assert all(v is None for k, v in values([late]).items() if k[3] == CROSSED)


def test_an_attacker_who_is_not_reckoned_with_would_win() -> None:
    """Were the combinations made without looking at the groups, sums would give hidden ones away."""
    won = 0
    for seed in (0,):
        one, crossed = tables(seed, 60)
        rows = tuple(r for r in crossed.rows if r.dimension in ("all", CROSSED))
        alone = Counts("strata", "started", "share", crossed.parts, rows, PARENT, counted_as=crossed.counted_as)
        safe = [make_safe(one, RULES), make_safe(alone, RULES)]
        try:
            found = ranges(safe, INSIDE, most=1000)
        except AssertionError:  # the same people shown in two ways: enough for the attacker
            won += 1
            continue
        won += any(low == high or (n[0] == "started" and high < RULES.smallest) for n, (low, high) in found.items())
    assert won
