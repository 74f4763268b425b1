"""Circles: head-counts by default, aliases only by choice, reached by keeper, team and place, rebuilt by replay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.gather.actions import (
    ALIASES,
    CircleEnded,
    CountsDoNotFit,
    NoAliases,
    TooLateForMeeting,
    add_circle,
    end_circle,
    record_circle_meeting,
    undo_circle_meeting,
)
from kinweave.gather.door import CircleNotFound
from kinweave.gather.models import Circle, Meeting
from kinweave.gather.reads import circle, circles, lines_typed
from kinweave.house import replay
from kinweave.house.access import SYSTEM
from kinweave.house.actions import Unknown, change_setting
from kinweave.house.journal import Head
from kinweave.house.models import Happened, Held
from kinweave.house.sealing import open_sealed
from kinweave.people.actions.persons import InTheFuture, OutOfReach

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> date:
    return timezone.now().date()


def begin(world, by="amina", **more):
    team = more.pop("team", 0)
    asked = {
        "name": "Sewing on Thursday", "organisation_id": world.organisation, "team_id": world.teams[team],
        "place_id": world.wards[team], "begun_on": date(2026, 1, 8), "weekday": 4, **more,
    }  # fmt: skip
    return add_circle(by=world.actor(by), **asked).result["circle"]


def meet(world, one, by="amina", **more):
    asked = {"on": date(2026, 1, 15), "head_count": 12, **more}
    return record_circle_meeting(by=world.actor(by), circle_id=one, **asked).result["meeting"]


def test_a_meeting_is_a_count_and_no_names(world):
    one = begin(world)
    meet(world, one, new_count=3, kinds={"women": 10, "men": 2})
    found = circle(one, world.actor("amina"))
    assert [(m.head_count, m.new_count, m.kinds, m.aliases) for m in found.met] == [
        (12, 3, {"women": 10, "men": 2}, ())
    ]
    assert Meeting.objects.get().aliases is None
    assert list(Happened.objects.filter(ref_id=one).order_by("at").values_list("kind", "person_id")) == [
        ("circle_begun", None), ("circle_met", None),
    ]  # fmt: skip


def test_aliases_only_where_the_circle_chose_so_and_only_its_keeper_reads_them(world):
    plain, chosen = begin(world), begin(world, with_aliases=True, rules="We listen first.")
    with pytest.raises(NoAliases):
        meet(world, plain, aliases=["Rudo"])
    meet(world, chosen, aliases=["Rudo", "  ", "Tendai"])
    row = Meeting.objects.get(circle_id=chosen)
    assert b"Rudo" not in bytes(row.aliases)
    assert open_sealed(chosen, ALIASES, row.aliases) == "Rudo\nTendai"
    assert circle(chosen, world.actor("amina")).met[0].aliases == ("Rudo", "Tendai")
    mate = circle(chosen, world.actor("baraka"))
    assert (mate.rules, mate.met[0].aliases, mate.met[0].head_count) == ("", (), 12)


@pytest.mark.parametrize(
    "counts",
    [{"head_count": -1}, {"head_count": 501}, {"head_count": 5, "new_count": 6}, {"head_count": 5, "new_count": -1},
     {"head_count": 5, "kinds": {"women": 6}}, {"head_count": 5, "kinds": {"women": -1}}],
)  # fmt: skip
def test_counts_that_cannot_be_are_refused(world, counts):
    with pytest.raises(CountsDoNotFit):
        meet(world, begin(world), **counts)
    assert not Meeting.objects.exists()


def test_the_kinds_are_a_setting(world):
    one = begin(world)
    with pytest.raises(Unknown):
        meet(world, one, kinds={"fishers": 2})
    change_setting(by=SYSTEM, key="gather.kinds", value=["fishers"])
    meet(world, one, kinds={"fishers": 2})


def test_who_reaches_which_circle(world):
    one, other = begin(world), begin(world, by="chipo", team=1)
    seen = {name: {row.row.id for row in circles(world.actor(name))} for name in ("amina", "baraka", "chipo", "farai")}
    assert seen == {"amina": {one}, "baraka": {one}, "chipo": {other}, "farai": {one, other}}
    meet(world, one, by="baraka")  # somebody of the team stands in
    with pytest.raises(CircleNotFound):
        meet(world, one, by="chipo")
    with pytest.raises(CircleNotFound):
        end_circle(by=world.actor("baraka"), circle_id=one, on=date(2026, 2, 1))
    with pytest.raises(OutOfReach):
        begin(world, organisation_id=uuid7())


def test_an_ended_circle_takes_what_happened_before_its_end(world, today):
    one = begin(world)
    end_circle(by=world.actor("dalia"), circle_id=one, on=date(2026, 1, 20), reason="self_run")
    meet(world, one)
    with pytest.raises(CircleEnded):
        meet(world, one, on=date(2026, 1, 21))
    with pytest.raises(InTheFuture):
        meet(world, begin(world), on=today + timedelta(days=3))
    late = record_circle_meeting(
        by=world.actor("amina"), head=Head.now(unattended=True), circle_id=one, on=date(2026, 1, 22), head_count=4
    )
    assert (late.state, Held.objects.get().code) == ("held", "circle-ended")
    assert [c.row.id for c in circles(world.actor("amina"), states=("ended",))] == [one]


def test_the_author_takes_a_meeting_back_within_a_week(world):
    one = begin(world)
    first, second = meet(world, one, sheet=" K4-7FD2-3 "), meet(world, one, on=date(2026, 1, 22))
    assert lines_typed(["K4-7FD2-3", "K4-7FD2-4"]) == {"K4-7FD2-3"}
    with pytest.raises(TooLateForMeeting):
        undo_circle_meeting(by=world.actor("baraka"), circle_id=one, meeting_id=first)
    undo_circle_meeting(by=world.actor("amina"), circle_id=one, meeting_id=first)
    assert [m.id for m in circle(one, world.actor("amina")).met] == [second]
    assert lines_typed(["K4-7FD2-3"]) == set()
    with time_machine.travel(timezone.now() + timedelta(days=8)), pytest.raises(TooLateForMeeting):
        undo_circle_meeting(by=world.actor("amina"), circle_id=one, meeting_id=second)


@pytest.mark.django_db(transaction=True)
def test_replay_makes_circles_again(world):
    one = begin(world, with_aliases=True, rules="Whoever holds the stone speaks.")
    meeting = meet(world, one, aliases=["Rudo"], kinds={"women": 3})
    meet(world, one, on=date(2026, 1, 22))
    undo_circle_meeting(by=world.actor("amina"), circle_id=one, meeting_id=meeting)
    end_circle(by=world.actor("farai"), circle_id=one, on=date(2026, 2, 1), reason="reached")
    report = replay.check()
    assert report.ok, report.differences
    assert (report.rows["gather.Circle"], report.rows["gather.Meeting"]) == (1, 2)
    assert Circle.objects.get().state == "ended"
