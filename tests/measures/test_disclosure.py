"""The gate: what is shown is right, what is hidden stays hidden, whoever subtracts."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.disclosure import Cell, Counts, NotSafe, NotTheGrid, Row, Rules, SafeTable, make_safe
from kinweave.measures.disclosure_keys import Key
from tests.measures.attacker import could_be, ranges, values

pytestmark = pytest.mark.sqlite_only  # needs no database

Q1, Q2, Q3, Q4, YEAR = 20251, 20252, 20253, 20254, 20250
SMALL = Rules(smallest=4, base=2, population_floor=0)
REAL = Rules(population_floor=0)
PARENT = {1: 9, 2: 9, 9: None}
INSIDE = {9: [1, 2]}

# One person: place, quarter (1 to 4), gender, part.
People = list[tuple[int, int, str, int]]


def table(people: People, quarters: set[int], name: str = "t", parts: int = 3, turn: int = 0) -> Counts:
    """Exact counts of invented people over places 1, 2 and 9 around both; the year once all quarters are in."""
    cells: dict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0] * parts)
    periods = [(YEAR + q, {q}) for q in quarters] + ([(YEAR, {1, 2, 3, 4})] if len(quarters) == 4 else [])
    for period, span in periods:
        for place in (1, 2, 9):
            cells[place, period, "all", "all"] = [0] * parts
            for lives, quarter, gender, part in people:
                if quarter in span and place in (lives, 9):
                    cells[place, period, "all", "all"][(part + turn) % parts] += 1
                    if not period % 10:
                        cells[place, period, "gender", gender][(part + turn) % parts] += 1
    rows = tuple(Row(*at, sum(counts), tuple(counts)) for at, counts in cells.items())
    return Counts(name, "started", "share", tuple("abcdef"[:parts]), rows, PARENT)


def crowd(counts: list[int]) -> People:
    kinds = list(product((1, 2), (1, 2, 3, 4), "fm", (0, 1, 2)))
    return [kind for kind, many in zip(kinds, counts, strict=True) for _ in range(many)]


def many(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, most), min_size=48, max_size=48)


def check(tables: list[SafeTable], people: int, truth: dict[Key, int]) -> None:
    rules = tables[0].rules
    for name, (low, high) in ranges(tables, INSIDE, most=4 * people + 50).items():
        assert low <= truth[Key(*name)] <= high, "the attacker's sums are wrong"
        assert low < high, f"a hidden count can only be {low}"
        if name[0] == "started":
            assert high >= rules.smallest, "people are shown to be few"


def exact(*tables: Counts) -> dict[Key, int]:
    return {
        Key(series, r.place, r.period, r.dimension, r.group): count
        for t in tables
        for r in t.rows
        for series, count in zip((t.population, *t.series), (r.n, *r.parts), strict=True)
    }


def with_noughts(safe: list[SafeTable], truth: dict[Key, int]) -> dict[Key, int]:
    return {Key(*name): truth.get(Key(*name), 0) for name in values(safe)}


@settings(max_examples=12, deadline=None)
@given(many(3), st.sampled_from([SMALL, Rules(smallest=3, base=3, population_floor=0)]))
def test_no_attacker_finds_a_hidden_count_in_one_table(counts: list[int], rules: Rules) -> None:
    people = crowd(counts)
    counted = table(people, {1, 2, 3, 4})
    safe = [make_safe(counted, rules)]
    check(safe, len(people), with_noughts(safe, exact(counted)))


@settings(max_examples=5, deadline=None)
@given(many(3))
def test_no_attacker_finds_a_hidden_count_across_releases_and_tables(counts: list[int]) -> None:
    people = crowd(counts)
    released: list[SafeTable] = []
    truth: dict[Key, int] = {}
    for quarters in ({1}, {1, 2, 3}, {1, 2, 3, 4}):
        for counted in (table(people, quarters), table(people, quarters, "u", turn=1)):
            released.append(make_safe(counted, SMALL, tuple(released)))
            truth |= exact(counted)
    check(released, len(people), with_noughts(released, truth))


def shown_for(groups: tuple[int, ...], rules: Rules) -> tuple[int | None, ...]:
    rows = [Row(1, YEAR, "all", "all", sum(groups), (sum(groups),))]
    rows += [Row(1, YEAR, "gender", "abc"[i], n, (n,)) for i, n in enumerate(groups)]
    cells = make_safe(Counts("r", "inhabitants", "rate", ("reached",), tuple(rows)), rules).cells
    return tuple(c.parts[0] for c in cells)


@pytest.mark.parametrize(("rules", "groups", "most"), [(REAL, 2, 40), (Rules(6, 5, 0), 3, 12)])
def test_running_the_gate_backwards_pins_no_count(rules: Rules, groups: int, most: int) -> None:
    """An attacker who tries every table there is, and keeps those that would have been shown just so."""
    alike: dict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(most + 1), repeat=groups):
        alike[shown_for(counts, rules)].append((sum(counts), *counts))
    judged = 0
    for shown, could in alike.items():
        # At the edge of what we tried, larger tables are missing from the list.
        if any(most in counts[1:] for counts in could):
            continue
        for i, value in enumerate(shown):
            if value is None:
                judged += 1
                assert len({counts[i] for counts in could}) > 1
    assert judged > 10


@settings(max_examples=15, deadline=None)
@given(many(6))
def test_what_is_shown_is_rounded_right_and_never_small(counts: list[int]) -> None:
    counted = table(crowd(counts), {1, 2, 3, 4})
    truth = exact(counted)
    safe = make_safe(counted, REAL)
    for name, value in values([safe]).items():
        if value is not None:
            assert value == 0 or value >= REAL.smallest
            low, high = could_be(value, REAL.smallest, REAL.base)
            assert low <= truth.get(Key(*name), 0) <= high
    for cell in safe.cells:
        for part in cell.parts:
            assert cell.n is not None or part is None, "a share of a hidden number"
            assert part is None or cell.n == part == 0 or 0 < part < (cell.n or 0), "a share of all or of none"


@settings(max_examples=10, deadline=None)
@given(many(4), many(1))
def test_what_was_shown_once_never_changes(counts: list[int], late: list[int]) -> None:
    """Late entries change the exact counts; the released quarters stay as they were, and no cell is added."""
    first = make_safe(table(crowd(counts), {1, 2}), SMALL)
    more = crowd([a + b for a, b in zip(counts, late, strict=True)])
    second = make_safe(table(more, {1, 2, 3, 4}), SMALL, (first,))
    old = {c[:4]: c for c in ((c.place, c.period, c.dimension, c.group, c) for c in first.cells)}
    new = {(c.place, c.period, c.dimension, c.group): c for c in second.cells}
    assert old
    for at, cell in old.items():
        assert new[at] == cell[4]


def one_place(better: int, worse: int, missed: int, same: int) -> Counts:
    n = better + worse + missed + same
    rows = (Row(1, YEAR, "all", "all", n, (better, worse, missed, same)),)
    return Counts("b", "started", "share", ("better", "worse", "missed", "same"), rows)


def test_it_still_says_something_at_forty() -> None:
    safe = make_safe(one_place(20, 3, 8, 9), REAL)
    assert safe.cells == (Cell(1, YEAR, "all", "all", 40, (20, None, None, None)),)


def test_at_forty_women_can_be_seen_beside_men() -> None:
    rows = (
        Row(1, YEAR, "all", "all", 40, (20, 20)),
        Row(1, YEAR, "gender", "f", 28, (14, 14)),
        Row(1, YEAR, "gender", "m", 12, (6, 6)),
    )
    safe = make_safe(Counts("b", "started", "share", ("better", "other"), rows), REAL)
    shown = {c.group: c.n for c in safe.cells}
    assert shown == {"all": 40, "f": 30, "m": 15}


def test_a_small_part_takes_the_least_wanted_one_with_it() -> None:
    safe = make_safe(one_place(60, 2, 30, 25), REAL)
    assert safe.cells[0].parts == (60, None, 30, None)


@pytest.mark.parametrize("counts", [(40, 0, 0, 0), (39, 1, 0, 0), (0, 0, 40, 0)])
def test_no_cell_says_all_or_none(counts: tuple[int, int, int, int]) -> None:
    safe = make_safe(one_place(*counts), REAL)
    assert safe.cells[0].n == 40
    assert safe.cells[0].parts == (None, None, None, None)


def test_a_place_below_the_floor_is_not_shown_nor_left_over() -> None:
    rows = tuple(
        Row(place, YEAR, "all", "all", n, (n // 2, n - n // 2)) for place, n in ((1, 60), (2, 50), (3, 70), (9, 180))
    )
    people = {(1, 2025): 300, (2, 2025): 4000, (3, 2025): 4000, (9, 2025): 8300}
    counted = Counts("b", "started", "share", ("better", "other"), rows, {1: 9, 2: 9, 3: 9}, people)
    shown = {c.place: c.n for c in make_safe(counted, Rules()).cells}
    assert shown == {1: None, 2: None, 3: 70, 9: 180}


def test_people_outside_every_inner_place_cannot_be_subtracted() -> None:
    rows = tuple(Row(p, YEAR, "all", "all", n, (n // 2, n - n // 2)) for p, n in ((1, 60), (2, 50), (9, 113)))
    shown = {c.place: c.n for c in make_safe(Counts("b", "s", "share", ("x", "y"), rows, PARENT), REAL).cells}
    assert shown == {1: 60, 2: None, 9: 115}


def test_a_mean_is_shown_only_with_its_people_and_never_when_all_are_alike() -> None:
    def shown(total: float, squares: float, measured: int = 40) -> tuple[int | None, float | None]:
        row = Row(1, YEAR, "all", "all", measured + 15, (measured, 15), total, squares)
        counted = Counts("m", "s", "mean", ("measured", "missed"), (row,), lowest=-27, highest=27)
        cell = make_safe(counted, REAL).cells[0]
        return cell.parts[0], cell.mean

    assert shown(-172.0, 1500.0) == (40, -4.3)
    assert shown(-160.0, 640.0) == (40, None)
    assert shown(-30.0, 150.0, measured=6) == (None, None)


def test_a_rate_hides_few_people_among_public_inhabitants() -> None:
    rows = tuple(Row(p, YEAR, "all", "all", n, (n,)) for p, n in ((1, 4), (2, 30), (3, 41), (9, 75)))
    counted = Counts(
        "reach", "inhabitants", "rate", ("reached",), rows, {1: 9, 2: 9, 3: 9},
        {(p, 2025): 1000 for p in (1, 2, 3, 9)}, {"reached": "started"},
    )  # fmt: skip
    safe = make_safe(counted, Rules())
    assert {c.place: c.parts[0] for c in safe.cells} == {1: None, 2: None, 3: 40, 9: 75}
    assert {c.n for c in safe.cells} == {1000}


def test_a_rate_and_the_people_who_started_are_one_count() -> None:
    rate = Counts(
        "reach", "inhabitants", "rate", ("reached",), (Row(1, YEAR, "all", "all", 52, (52,)),),
        counted_as={"reached": "started"},
    )  # fmt: skip
    first = make_safe(rate, REAL)
    second = make_safe(one_place(20, 14, 15, 15), REAL, (first,))
    assert second.cells[0].n == first.cells[0].parts[0] == 50


def _averages(series: dict[str, str]) -> Counts:
    row = Row(1, YEAR, "all", "all", 100, (65, 35), -600.0, 6000.0)
    return Counts("points", "started", "mean", ("measured", "missed"), (row,), counted_as=series)


def test_a_part_that_another_table_hides_is_hidden_here_too() -> None:
    parts = ("better", "worse", "missed", "same")
    rows = (Row(1, YEAR, "all", "all", 100, (55, 3, 35, 7)),)
    felt = make_safe(Counts("felt", "started", "share", parts, rows), REAL)
    assert felt.cells[0].parts == (55, None, None, None)  # who was missed would tell how few the other two are
    apart = make_safe(_averages({}), REAL, (felt,))
    assert apart.cells[0].parts == (65, 35)
    tied = make_safe(_averages({"missed": "felt/missed"}), REAL, (), (felt,))
    assert (tied.cells[0].parts, tied.cells[0].mean) == ((None, None), None)
    # Where it went out before it was known to be the same count, the next release goes on from what is known.
    later = make_safe(_averages({"missed": "felt/missed"}), REAL, (felt, apart))
    assert later.cells == apart.cells
    assert make_safe(Counts("felt", "started", "share", parts, rows), REAL, (felt, apart, later)).cells == felt.cells


def test_what_was_hidden_stays_hidden_when_it_has_grown() -> None:
    first = make_safe(one_place(4, 1, 1, 1), REAL)
    second = make_safe(one_place(40, 15, 15, 15), REAL, (first,))
    assert second.cells == first.cells
    assert second.cells[0].n is None


def test_nobody_in_a_group_is_told_only_beside_a_shown_total() -> None:
    def shown(women: int, men: int) -> list[int | None]:
        groups = (("all", "all", women + men), ("gender", "f", women), ("gender", "m", men))
        rows = tuple(Row(1, YEAR, d, g, n, (n - n // 2, n // 2)) for d, g, n in groups)
        return [c.n for c in make_safe(Counts("b", "s", "share", ("x", "y"), rows), REAL).cells]

    assert shown(40, 0) == [40, 40, 0]
    assert shown(4, 0) == [None, None, None]
    assert shown(0, 0) == [None, None, None]


def test_json_there_and_back_with_its_hash() -> None:
    safe = make_safe(table(crowd([5] * 48), {1, 2, 3, 4}), REAL)
    text = json.dumps(safe.to_dict(), allow_nan=False)
    again = SafeTable.from_dict(json.loads(text))
    assert again == safe
    assert again.hash == safe.hash == json.loads(text)["hash"]


@pytest.mark.parametrize("change", [{"name": "other"}, {"hash": "0" * 64}, {"cells": []}, {"extra": 1}, {"rules": {}}])
def test_a_changed_table_is_refused(change: dict[str, object]) -> None:
    data = make_safe(one_place(20, 3, 8, 9), REAL).to_dict()
    with pytest.raises(NotSafe):
        SafeTable.from_dict(data | change)


def test_only_the_gate_makes_a_safe_table() -> None:
    safe = make_safe(one_place(20, 3, 8, 9), REAL)
    with pytest.raises(NotSafe):
        SafeTable("b", "s", "share", (), (), 1.0, REAL, ())
    with pytest.raises((NotSafe, ValueError)):
        replace(safe, cells=())


@pytest.mark.parametrize(
    "rows",
    [
        (Row(1, YEAR, "all", "all", 5, (2, 2)),),
        (Row(1, YEAR, "all", "all", 4, (2, 2)), Row(1, YEAR, "all", "all", 4, (2, 2))),
        (Row(1, YEAR, "all", "all", 4, (2, 2)), Row(1, YEAR, "gender", "f", 2, (1, 1))),
        (Row(1, YEAR, "all", "all", 4, (2, 2)), Row(9, YEAR, "all", "all", 3, (2, 1))),
        (Row(1, YEAR, "all", "all", 4, (5, -1)),),
        (Row(1, YEAR + 7, "all", "all", 4, (2, 2)),),
    ],
)
def test_a_table_off_the_grid_is_refused(rows: tuple[Row, ...]) -> None:
    with pytest.raises(NotTheGrid):
        make_safe(Counts("b", "s", "share", ("x", "y"), rows, PARENT), REAL)


def test_an_empty_table_is_safe_and_empty() -> None:
    assert make_safe(Counts("b", "s", "share", ("x", "y"), ()), REAL).cells == ()
