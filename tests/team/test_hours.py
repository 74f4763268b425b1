"""Hours, paid and unpaid: written by who gave them, corrected, taken back; seen by nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from kinweave.house import replay
from kinweave.house.access import NotAllowed
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.models import Entry
from kinweave.people.actions.persons import InTheFuture
from kinweave.team.actions import NotADay, TooLateForHours, record_hours, undo_hours
from kinweave.team.models import Hours
from kinweave.team.reads import own_month

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 15)


def give(world, by="amina", **more):
    asked = {"on": DAY, "minutes": 90, "kind": "meeting", "paid": True, **more}
    return record_hours(by=world.actor(by), **asked).result["hours"]


def test_ones_own_month(world):
    give(world)
    give(world, minutes=30, kind="travel", paid=False, note="walked to the mill")
    give(world, on=date(2026, 2, 1))
    give(world, by="baraka")
    month = own_month(world.actor("amina"), DAY)
    assert (month.paid, month.unpaid, len(month.rows)) == (90, 30, 2)
    assert {row.note for row in month.rows} == {"", "walked to the mill"}
    assert own_month(world.actor("dalia"), DAY).rows == ()
    assert not any("mill" in entry.parts for entry in Entry.objects.all())
    with pytest.raises(NotAllowed):
        own_month(world.actor("gloria"), DAY)
    assert Hours.objects.filter(organisation_id=world.organisation).count() == 4


@pytest.mark.parametrize("minutes", [0, -5, 1441])
def test_a_day_has_24_hours(world, minutes):
    with pytest.raises(NotADay):
        give(world, minutes=minutes)


def test_a_day_is_full_once(world):
    give(world, minutes=1000)
    with pytest.raises(NotADay):
        give(world, minutes=441)
    give(world, minutes=440, kind="night", paid=False)


def test_a_correction_keeps_the_old_row(world):
    first = give(world, minutes=1400)
    second = give(world, minutes=1440, replaces=first)
    assert [row.id for row in own_month(world.actor("amina"), DAY).rows] == [second]
    assert Hours.objects.get(id=first).superseded_by == second
    with pytest.raises(NotFound):
        give(world, minutes=10, replaces=first)
    with pytest.raises(NotFound):
        give(world, by="baraka", minutes=10, replaces=second)


def test_taken_back_within_a_week_by_oneself(world):
    first, second = give(world), give(world, kind="travel")
    with pytest.raises(NotFound):
        undo_hours(by=world.actor("dalia"), hours_id=first)
    undo_hours(by=world.actor("amina"), hours_id=first)
    assert [row.id for row in own_month(world.actor("amina"), DAY).rows] == [second]
    with time_machine.travel(timezone.now() + timedelta(days=8)), pytest.raises(TooLateForHours):
        undo_hours(by=world.actor("amina"), hours_id=second)


def test_what_does_not_fit(world):
    with pytest.raises(Unknown):
        give(world, kind="sleeping")
    with pytest.raises(InTheFuture):
        give(world, on=timezone.now().date() + timedelta(days=3))


@pytest.mark.django_db(transaction=True)
def test_replay_makes_hours_again(world):
    first = give(world, note="by bicycle")
    second = give(world, replaces=first, minutes=80)
    give(world, kind="travel")
    undo_hours(by=world.actor("amina"), hours_id=second)
    report = replay.check()
    assert report.ok, report.differences
    assert report.rows["team.Hours"] == 3
