"""Someone who holds every file of sums that a small site ever gave, and looks for one person in them.

Written apart from the guard and from the lake: the site is a list of people in plain Python, and the attack is not
clever but complete. A file's numbers are sums over its people, so all that can be worked out by adding, subtracting
and weighing them is the span of those sums. For every set of fewer people than the smallest cell it is asked whether
something in the span is about these people alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from kinweave.learn.sums_once import Question

Number = frozenset[tuple[int, Any]]  # one number of a file: whose terms are in its sum, and which term of each


@dataclass
class Someone:
    """start: lake month. seen: months after the start with a score. known, gone: in the records from, until before."""

    number: int
    start: int
    seen: tuple[int, ...]
    facts: dict[str, str]
    purpose: str = "both"
    known: int = 0
    gone: int = 1 << 30


def _picked(one: Someone, windows: Sequence[int]) -> dict[int, int]:
    """Which score counts in each window: the nearest, of two as near the earlier one."""
    found = {}
    for window in windows:
        near = [month for month in one.seen if abs(month - window) <= 1]
        if near:
            found[window] = min(near, key=lambda month: (abs(month - window), month))
    return found


def file_of(people: Iterable[Someone], q: Question, month: int, since: int, until: int, smallest: int) -> list[Number]:
    """Every number that a file made in this month shows: counts, sums and sums of products, small patterns withheld."""
    patterns: dict[Any, list[tuple[int, dict[int, int]]]] = defaultdict(list)
    for one in people:
        picked = _picked(one, q.windows)
        there = one.known <= month < one.gone and one.purpose in (q.purpose, "both") and since <= one.start < until
        if there and picked:
            patterns[tuple(one.facts[g] for g in q.groups), tuple(picked)].append((one.number, picked))
    return [number for members in patterns.values() if len(members) >= smallest for number in _numbers(members)]


def _numbers(members: list[tuple[int, dict[int, int]]]) -> Iterator[Number]:
    yield frozenset((who, "counted") for who, _ in members)
    windows = list(members[0][1])
    for n, first in enumerate(windows):
        yield frozenset((who, picked[first]) for who, picked in members)
        for second in windows[n:]:
            yield frozenset((who, (picked[first], picked[second])) for who, picked in members)


def shown(files: Iterable[list[Number]], smallest: int) -> set[int]:
    """The first set of fewer than `smallest` people about whom alone something can be worked out; empty where none."""
    numbers = sorted({number for file in files for number in file}, key=sorted_by)
    terms = sorted({term for number in numbers for term in number}, key=str)
    if not numbers:
        return set()
    sums = np.array([[term in number for term in terms] for number in numbers], dtype=float)
    # The same span in fewest rows, so that the many questions below are quick.
    _, size, rows = np.linalg.svd(sums, full_matrices=False)
    span = rows[size > 1e-9 * size[0]]
    whose = np.array([who for who, _ in terms])
    onto = span.T @ span
    for few in combinations(sorted(set(whose.tolist())), smallest - 1):
        theirs = np.isin(whose, few)
        # How much of something in the span can be about these alone: nearly all of it, or the next question is spared.
        if np.linalg.eigvalsh(onto[np.ix_(theirs, theirs)])[-1] < 1 - 1e-6:
            continue
        rest = span[:, ~theirs]
        if rest.shape[1] < len(span) or np.linalg.svd(rest, compute_uv=False)[-1] < 1e-9:
            return set(few)
    return set()


def sorted_by(number: Number) -> list[str]:
    return sorted(map(str, number))
