"""A phone's clock may be years wrong: nothing is lost, nothing changes places, no time is told too exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from kinweave.care.models import Session
from kinweave.core.ids import uuid7
from kinweave.flows.phone.moments import put_right, shifted
from kinweave.house.models import Entry
from kinweave.listen.models import Response
from tests.care_world import started
from tests.phone_kit import registered

NOON = datetime(2041, 11, 21, 12, tzinfo=UTC)  # after the day on which the world of a test is made
YEAR = timedelta(days=365)
SECOND = timedelta(seconds=1)


def right(told, **more):
    asked = {"precision": "second", "skew_ms": None, "after": NOON - timedelta(hours=3), "received": NOON, **more}
    return put_right(told, asked["precision"], uuid7(int(told.timestamp() * 1000)), asked["skew_ms"], asked["after"],
                     asked["received"])  # fmt: skip


@pytest.mark.parametrize("off", [-YEAR, -timedelta(days=1), timedelta(), timedelta(hours=2), YEAR])
def test_a_known_difference_puts_a_time_right_to_the_second(off):
    happened = NOON - timedelta(hours=1)
    found = right(happened + off, skew_ms=round(-off / timedelta(milliseconds=1)))
    assert (found.happened, found.precision) == (happened, "second")
    assert found.shift == -off


@pytest.mark.parametrize(
    ("off", "happened", "precision"),
    [
        (-YEAR, NOON - timedelta(hours=3), "day"),  # not before what was written before it
        (YEAR, NOON, "day"),  # not after it arrived
        (timedelta(), NOON - timedelta(hours=1), "second"),  # nothing speaks against it
    ],
)
def test_an_unknown_difference_leaves_what_is_known(off, happened, precision):
    found = right(NOON - timedelta(hours=1) + off)
    assert (found.happened, found.precision) == (happened, precision)


@pytest.mark.parametrize(
    ("hours", "precision"), [(0.01, "minute"), (20, "day"), (24 * 20, "month"), (24 * 90, "year"), (24 * 4000, "year")]
)
def test_the_less_is_known_the_less_is_told(hours, precision):
    assert right(NOON + YEAR, after=NOON - timedelta(hours=hours)).precision == precision


def test_a_stated_day_long_ago_is_no_wrong_clock():
    told = NOON - timedelta(days=40)
    found = put_right(told, "day", uuid7(int(NOON.timestamp() * 1000)), None, NOON - timedelta(hours=1), NOON)
    assert (found.happened, found.precision) == (told, "day")


def test_what_the_wrong_clock_filled_in_moves_along():
    asked = {"taken_on": "2042-11-21", "at": "2042-11-21T12:00:00+00:00", "note": "2042-11-21", "next_at": "soon"}
    moved = shifted(asked, -YEAR)
    assert moved == {**asked, "taken_on": "2041-11-21", "at": "2041-11-21T12:00:00+00:00"}
    assert shifted(asked, timedelta(hours=3)) == asked


@pytest.mark.django_db
@pytest.mark.parametrize("off", [-YEAR, YEAR])
@pytest.mark.parametrize("known", [True, False])
def test_a_week_by_a_clock_that_is_a_year_off(world, phone_of, off, known):
    """Seven meetings on seven days; the site meets the phone before the week and after it."""
    with time_machine.travel(NOON, tick=False):
        phone = phone_of()
        person = started(world)
    phone.off = off
    phone.skew_ms = round(-off / timedelta(milliseconds=1)) if known else None
    sent, days = [], []
    for day in range(1, 8):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            sent.append(phone.write("care.note_session", person_id=person, held=True))
            days.append(NOON + timedelta(days=day))
    with time_machine.travel(NOON + timedelta(days=8), tick=False):
        again = registered(world, "baraka")
        assert [a["state"] for a in phone.answers(*sent)] == ["accepted"] * 7
        assert all(a["again"] for a in again.answers(*sent)), "carried a second time, it is the same"
    rows = {str(e.id): e for e in Entry.objects.filter(device=phone.device)}
    in_order = [rows[one["id"]] for one in sent]
    assert [e.serial for e in in_order] == sorted(e.serial for e in in_order)
    times = [e.happened_at for e in in_order]
    assert times == sorted(times)
    if known:
        assert [abs(t - d) < SECOND for t, d in zip(times, days, strict=True)] == [True] * 7
        assert {e.precision for e in in_order} == {"second"}
    else:
        assert all(NOON <= t <= NOON + timedelta(days=8) for t in times)
        assert "second" not in {e.precision for e in in_order}
    assert Session.objects.count() == 7


@pytest.mark.django_db
def test_the_contact_that_sends_the_week_puts_the_running_stretch_right(world, phone_of):
    with time_machine.travel(NOON, tick=False):
        phone = phone_of()
        person = started(world)
    phone.off = -YEAR
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        sent = phone.write("care.note_session", person_id=person, held=True)
    with time_machine.travel(NOON + timedelta(hours=9), tick=False):
        phone.answers(sent, segment=phone.segment)
    entry = Entry.objects.get(id=sent["id"])
    assert (entry.happened_at, entry.precision) == (NOON + timedelta(hours=5), "second")


@pytest.mark.django_db
@pytest.mark.parametrize("off", [-YEAR, YEAR])
def test_a_form_filled_in_by_a_wrong_clock_is_scored_on_the_right_day(world, phone_of, off):
    with time_machine.travel(NOON, tick=False):
        phone = phone_of()
        person = started(world)
        phone.off, phone.skew_ms = off, round(-off / timedelta(milliseconds=1))
        answers = {f"q{n}": 1 for n in range(1, 10)}
        sent = phone.write("flows.receive_response", person_id=person, instrument="phq-9", answers=answers,
                           taken_on=(NOON + off).date())  # fmt: skip
        first = phone.answers(sent)[0]
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        again = phone.answers(sent)[0]
    assert (first["state"], again["state"], again["again"]) == ("accepted", "accepted", True)
    assert Response.objects.get().taken_on == NOON.date()
