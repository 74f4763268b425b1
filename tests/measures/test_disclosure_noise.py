"""Noise: its law, its error, and attackers who subtract and average released tables over tables and time."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kinweave.measures.disclosure import Cell, Counts, Row, Rules, SafeTable, make_safe
from kinweave.measures.disclosure_keys import Key
from kinweave.measures.disclosure_noise import Noise, laplace_error, new_secret, with_noise
from kinweave.measures.refusals import BadChoice

pytestmark = pytest.mark.sqlite_only  # needs no database

YEAR = 20250
SECRET = bytes(range(32))
RULES = Rules(smallest=4, base=2, population_floor=0)


def key(i: int, period: int = YEAR) -> Key:
    return Key("started", i, period, "all", "all")


def test_the_error_that_opendp_states() -> None:
    """laplacian_scale_to_accuracy(1, .05) = ln 20."""
    assert laplace_error(1.0) == pytest.approx(2.9957, abs=5e-5)
    for scale in (0.5, 2, 5, 40):
        assert abs(Noise(SECRET, scale).error - laplace_error(scale)) < 1.01


@pytest.mark.parametrize("scale", [0.5, 2.0, 7.25])
def test_the_law_of_the_noise(scale: float) -> None:
    """20,000 cells: chi-square against exp(−|k| / scale), no bias, and 95 % within the stated error."""
    noise = Noise(SECRET, scale)
    drawn = np.array([noise.of(key(i)) for i in range(20_000)])
    p = math.exp(-1 / scale)
    reach = max(2, round(4 * scale))
    at = np.arange(-reach, reach + 1)
    chances = (1 - p) / (1 + p) * p ** np.abs(at)
    seen = np.array([(drawn == k).sum() for k in at] + [(np.abs(drawn) > reach).sum()])
    expected = np.append(chances, 1 - chances.sum()) * len(drawn)
    assert stats.chisquare(seen, expected).pvalue > 0.001
    assert abs(drawn.mean()) < 4 * drawn.std() / math.sqrt(len(drawn))
    assert (np.abs(drawn) <= noise.error).mean() >= 0.945
    assert (np.abs(drawn) <= noise.error - 1).mean() < 0.955


def test_cells_are_independent_and_secrets_differ() -> None:
    noise, other = Noise(SECRET, 5), Noise(bytes(32), 5)
    mine = np.array([noise.of(key(i)) for i in range(4000)])
    assert abs(np.corrcoef(mine[:-1], mine[1:])[0, 1]) < 0.06
    assert abs(np.corrcoef(mine, [other.of(key(i)) for i in range(4000)])[0, 1]) < 0.06
    assert new_secret() != new_secret()
    assert len(new_secret()) == 32


def table(counts: tuple[int, int], name: str = "t", quarter: int = 1) -> Counts:
    rows = (Row(1, YEAR + quarter, "all", "all", sum(counts), counts),)
    return Counts(name, "started", "share", ("better", "other"), rows)


def test_asking_again_gives_the_same_number_so_averages_learn_nothing() -> None:
    """An attacker averages one cell over 40 releases and three tables of the same people, and is as wrong as before."""
    noise = Noise(SECRET, 6)
    released: list[SafeTable] = []
    seen, wrong = set(), []
    for quarter in range(1, 5):
        for _ in range(10):
            for name in ("t", "u", "v"):
                released.append(make_safe(table((30, 25), name, quarter), RULES, tuple(released[-6:])))
                seen.add((quarter, with_noise(released[-1], noise).cells[0].n))
    assert len(seen) == 4, "one number for each quarter, whatever the table and the release"
    wrong = [abs(n - 56) for _, n in seen if n is not None]
    assert any(wrong)


def test_what_is_hidden_stays_hidden_and_what_reads_as_all_is_withheld() -> None:
    safe = make_safe(table((20, 2)), RULES)
    assert safe.cells[0].parts == (None, None)
    for scale in (0.5, 3, 50):
        for i in range(40):
            noisy = with_noise(safe, Noise(bytes([i]) * 32, scale))
            assert noisy.cells[0].parts == (None, None)
    full = make_safe(table((20, 14)), RULES)
    for i in range(200):
        cell = with_noise(full, Noise(bytes([i]) * 32, 15)).cells[0]
        assert all(p is None or (cell.n is not None and 0 < p < cell.n) for p in cell.parts)


def test_a_noisy_table_says_what_it_is() -> None:
    safe = make_safe(table((20, 14)), RULES)
    noisy = with_noise(safe, Noise(SECRET, 2))
    assert (noisy.epsilon, noisy.scale, noisy.safe_hash) == (1.0, 2.0, safe.hash)
    assert "at most 6" in noisy.says
    assert SECRET.hex() not in json.dumps(noisy.as_dict())
    assert "secret" not in repr(Noise(SECRET, 2))


def test_inhabitants_are_public_and_keep_their_number() -> None:
    rows = (Row(1, YEAR, "all", "all", 40, (40,)),)
    rate = Counts("reach", "inhabitants", "rate", ("reached",), rows, {}, {(1, 2025): 1000})
    cell = with_noise(make_safe(rate, Rules()), Noise(SECRET, 10)).cells[0]
    assert cell.n == 1000
    assert cell.parts[0] != 40


@pytest.mark.parametrize(("secret", "scale"), [(b"short", 5), (SECRET, 0), (SECRET, math.inf), (SECRET, math.nan)])
def test_bad_noise_is_refused(secret: bytes, scale: float) -> None:
    with pytest.raises(BadChoice):
        Noise(secret, scale)


# Attackers who try everything


def shown(safe: SafeTable) -> tuple[Cell, ...]:
    return safe.cells


def test_differencing_two_tables_of_the_same_people_pins_nothing() -> None:
    """Every world of up to 10 people in two tables: worlds that look alike differ in each hidden count."""
    alike: dict[tuple, list[tuple[int, ...]]] = defaultdict(list)
    for n in range(11):
        for a, b in product(range(n + 1), repeat=2):
            first = make_safe(table((a, n - a)), RULES)
            second = make_safe(table((b, n - b), "u"), RULES, (first,))
            alike[shown(first), shown(second)].append((n, a, n - a, b, n - b))
    judged = 0
    for (first, second), worlds in alike.items():
        if any(w[0] >= 9 for w in worlds):
            continue  # at the edge larger worlds are missing from the list
        values = (first[0].n, *first[0].parts, *second[0].parts)
        for i, value in enumerate(values):
            if value is None:
                judged += 1
                assert len({w[i] for w in worlds}) > 1
    assert judged >= 3


def test_differencing_over_time_learns_nothing_of_what_was_corrected() -> None:
    """Every first count and every later correction up to 12: the second release never depends on the correction."""
    for a, b in product(range(13), repeat=2):
        first = make_safe(table((a, b)), RULES)
        for more in range(4):
            second = make_safe(table((a + more, b)), RULES, (first,))
            assert second.cells == first.cells


people = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.sampled_from([1, 2, 3, 4]), st.sampled_from("fm"), st.integers(0, 1)),
    max_size=160,
)


def grid(rows: list[tuple[int, int, str, int]], quarters: tuple[int, ...], name: str, turn: int) -> Counts:
    cells: dict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    spans = [(YEAR + q, {q}) for q in quarters] + ([(YEAR, {1, 2, 3, 4})] if len(quarters) == 4 else [])
    for period, span in spans:
        for place in (1, 2, 9):
            cells[place, period, "all", "all"] = [0, 0]
            for home, quarter, gender, part in rows:
                if quarter in span and place in (home, 9):
                    cells[place, period, "all", "all"][(part + turn * (gender == "f")) % 2] += 1
                    cells[place, period, "gender", gender][(part + turn * (gender == "f")) % 2] += 1
    found = tuple(Row(*at, sum(c), tuple(c)) for at, c in cells.items())
    return Counts(name, "started", "share", ("yes", "no"), found, {1: 9, 2: 9, 9: None})


def known_sums(names: set[Key]) -> list[tuple[Key, list[Key]]]:
    """Every whole and its parts, written down by the names alone."""
    found = []
    for k in names:
        if k.group == "all":
            found.append((k, [k._replace(dimension="gender", group=g) for g in "fm"]))
        if k.place == 9:
            found.append((k, [k._replace(place=p) for p in (1, 2)]))
        if k.period == YEAR:
            found.append((k, [k._replace(period=YEAR + q) for q in (1, 2, 3, 4)]))
        if k.series == "started":
            found += [(k, [k._replace(series=f"{t}/{p}") for p in ("yes", "no")]) for t in "tu"]
    return [(w, parts) for w, parts in found if names.issuperset(parts)]


def lowest_and_highest(values: dict[Key, int | None], rules: Rules) -> dict[Key, tuple[float, float]]:
    """All differences of all released tables, again and again, until nothing more can be learnt."""
    ranges = {}
    for k, v in values.items():
        at = [] if v is None else [x for x in range(v + 8) if rules.rounded(x) == v and (x == 0 or x >= 4)]
        ranges[k] = (min(at), max(at)) if at else (0, math.inf)
    sums = known_sums(set(values))
    changed = True
    while changed:
        changed = False
        for whole, parts in sums:
            low, high = sum(ranges[p][0] for p in parts), sum(ranges[p][1] for p in parts)
            new = {whole: (max(ranges[whole][0], low), min(ranges[whole][1], high))}
            for p in parts:
                rest_low, rest_high = low - ranges[p][0], sum(ranges[q][1] for q in parts if q != p)
                ends = ranges[whole][0] - rest_high, ranges[whole][1] - rest_low
                new[p] = (max(ranges[p][0], ends[0]), min(ranges[p][1], ends[1]))
            for k, span in new.items():
                if span != ranges[k]:
                    ranges[k], changed = span, True
    return ranges


@settings(max_examples=6, deadline=None)
@given(people)
def test_all_differences_of_all_tables_and_releases_pin_no_hidden_count(rows: list[tuple[int, int, str, int]]) -> None:
    released: list[SafeTable] = []
    truth: dict[Key, int] = {}
    for quarters in ((1,), (1, 2), (1, 2, 3, 4)):
        for name, turn in (("t", 0), ("u", 1)):
            exact = grid(rows, quarters, name, turn)
            released.append(make_safe(exact, RULES, tuple(released)))
            for r in exact.rows:
                for series, count in zip(("started", *exact.series), (r.n, *r.parts), strict=True):
                    truth[Key(series, r.place, r.period, r.dimension, r.group)] = count
    values: dict[Key, int | None] = {}
    for safe in released:
        values = safe.keys() | values
    for one, other in combinations(released, 2):
        shared = set(one.keys()) & set(other.keys())
        assert all(one.keys()[k] == other.keys()[k] for k in shared), "a count was shown in two ways"
    for k, (low, high) in lowest_and_highest(values, RULES).items():
        if values[k] is None:
            assert low <= truth.get(k, 0) <= high, "the attacker's sums are wrong"
            assert low < high, f"a hidden count can only be {low}"
