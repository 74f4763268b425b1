"""How a promise stands: beside a slow twin that walks through the days one by one, and at each edge by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.core.promises import (
    BROKEN,
    DROPPED,
    HAS_TIME,
    KEPT,
    KEPT_LATE,
    LATE,
    OWED,
    STANDINGS,
    Days,
    may_be_named,
    standing,
)

pytestmark = pytest.mark.sqlite_only  # asks no database
DUE = date(2026, 3, 10)
NEAR = st.integers(-12, 12).map(lambda n: DUE + timedelta(days=n))
MAYBE = st.none() | NEAR


def at(n: int) -> date:
    return DUE + timedelta(days=n)


@pytest.mark.parametrize(
    ("days", "on", "stands"),
    [
        (Days(DUE), 0, HAS_TIME),  # the last day belongs to it
        (Days(DUE), 1, LATE),
        (Days(DUE), 5, LATE),
        (Days(DUE), 6, BROKEN),  # more than five days
        (Days(DUE, kept=DUE), 0, KEPT),
        (Days(DUE, kept=at(1)), 1, KEPT_LATE),
        (Days(DUE, kept=at(40)), 40, KEPT_LATE),  # kept after it was called broken is kept
        (Days(DUE, kept=at(1)), 0, HAS_TIME),  # on that day nobody knew yet
        (Days(DUE, dropped=at(9)), 9, DROPPED),
        (Days(DUE, dropped=at(9)), 8, BROKEN),
    ],
)
def test_each_edge(days, on, stands):
    assert standing(days, at(on), 5) == stands


def walked(days: Days, on: date, broken_after: int) -> str:
    """The twin: begin with time left and go on day by day."""
    now, late = HAS_TIME, 0
    for n in range(-13, (on - DUE).days + 1):
        today = at(n)
        if days.dropped is not None and today >= days.dropped:
            return DROPPED if on >= days.dropped else now
        if days.kept is not None and today >= days.kept:
            now = KEPT if days.kept <= days.due else KEPT_LATE
        elif today > days.due:
            late += 1
            now = BROKEN if late > broken_after else LATE
    return now


@settings(max_examples=300, deadline=None)
@given(st.builds(Days, st.just(DUE), MAYBE, MAYBE), NEAR, st.integers(1, 9))
def test_it_is_what_a_walk_through_the_days_says(days, on, broken_after):
    assert standing(days, on, broken_after) == walked(days, on, broken_after)
    assert standing(days, on, broken_after) in STANDINGS


@settings(max_examples=200, deadline=None)
@given(st.builds(Days, st.just(DUE), MAYBE, MAYBE, MAYBE, MAYBE), NEAR, st.integers(1, 9), st.integers(1, 9))
def test_what_is_owed_is_named_only_after_an_answer_or_the_time_for_one(days, on, broken_after, reply_days):
    named = may_be_named(days, on, broken_after, reply_days)
    answered = days.replied is not None and days.replied <= on
    waited = days.asked is not None and days.asked + timedelta(days=reply_days) <= on
    assert named == (standing(days, on, broken_after) not in OWED or answered or waited)


def test_the_last_day_of_the_time_to_answer_is_theirs():
    asked = Days(DUE, asked=at(2))
    assert [may_be_named(asked, at(n), 90, 7) for n in (2, 8, 9)] == [False, False, True]
    assert may_be_named(Days(DUE, asked=at(2), replied=at(3)), at(3), 90, 7)
    assert not may_be_named(Days(DUE), at(500), 90, 7)
