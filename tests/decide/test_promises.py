"""The register of promises: who may write what when, what stays, what learn is told before and after an answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.promises import BROKEN, DROPPED, HAS_TIME, KEPT, KEPT_LATE, LATE
from kinweave.decide import extract
from kinweave.decide.actions import add_promise, ask_owner, drop_promise, keep_promise, reopen_promise, write_reply
from kinweave.decide.models import Promise
from kinweave.decide.reads import promises
from kinweave.house import replay
from kinweave.house.access import SYSTEM, NotAllowed
from kinweave.house.actions import add_place, change_setting
from kinweave.house.models import Due, Place

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def promise(world, by="farai", due=10, **more):
    """Written down; `due`: so many days ago."""
    asked = {
        "organisation_id": world.organisation, "place_id": world.wards[0], "sector": "housing",
        "owner": "Ward housing office", "what": {"en": "Mend the roof of the hall"}, "said_on": ago(300),
        "due_on": ago(due), **more,
    }  # fmt: skip
    return add_promise(by=world.actor(by), **asked).result["promise"]


def code_of(write) -> str:
    try:
        write()
    except Problem as fault:
        return fault.code
    return ""


def told(world, on=TODAY, place=None, since=None, until=None):
    path = Place.objects.get(id=place or world.district).path
    return extract.promises(world.organisation, path, since or ago(365), until or TODAY, on)


def test_the_register_lists_what_is_owed_first(world):
    farai = world.actor("farai")
    kept, late_kept, broken, late, open_ = (promise(world, due=n) for n in (20, 30, 200, 10, -30))
    dropped = promise(world)
    keep_promise(by=farai, promise_id=kept, on=ago(25), shown_by="The roof is tight")
    keep_promise(by=farai, promise_id=late_kept, on=ago(5), shown_by="Two rooms were let")
    drop_promise(by=farai, promise_id=dropped, on=ago(1), why="not_wanted")
    found = {one.row.id: one.standing for one in promises(world.actor("imani"), TODAY)}
    assert list(found.items()) == [
        (broken, BROKEN), (late, LATE), (open_, HAS_TIME), (late_kept, KEPT_LATE), (kept, KEPT), (dropped, DROPPED),
    ]  # fmt: skip
    change_setting(by=SYSTEM, key="decide.broken_after_days", value=9)
    assert [one.standing for one in promises(farai, TODAY)][:2] == [BROKEN, BROKEN]


def test_only_those_who_make_reports_write_and_within_their_places(world):
    beside = add_place(by=SYSTEM, code="D2", name="Beside", kind="district").result["place"]
    for name in ("amina", "dalia", "hope", "imani"):
        with pytest.raises(NotAllowed):
            promise(world, by=name)
    one = promise(world, by="gloria")
    assert code_of(lambda: promise(world, place_id=beside)) == "not-found"
    assert code_of(lambda: promise(world, organisation_id=beside)) == "not-found"
    with pytest.raises(NotAllowed):
        keep_promise(by=world.actor("imani"), promise_id=one, on=TODAY, shown_by="x")
    with pytest.raises(NotAllowed):
        promises(world.actor("amina"), TODAY)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sector": "weather"}, "unknown-choice"),
        ({"owner": "  "}, "promise-words"),
        ({"owner": "x" * 121}, "promise-words"),
        ({"what": {"en": " "}}, "promise-words"),
        ({"what": {"en": "x" * 201}}, "promise-words"),
        ({"what": {"../x": "Mend it"}}, "unknown-choice"),
        ({"what": {f"a{chr(97 + n)}": "Mend it" for n in range(11)}}, "promise-words"),
        ({"said_on": ago(-5)}, "promise-day"),
        ({"due_on": ago(301)}, "promise-day"),
        ({"due_on": date(2999, 1, 1)}, "promise-day"),
    ],
)
def test_what_does_not_fit_is_told(world, more, code):
    assert code_of(lambda: promise(world, **more)) == code
    assert not Promise.objects.exists()


def test_texts_are_cleaned_and_empty_languages_left_out(world):
    row = Promise.objects.get(id=promise(world, what={"en": " Mend\r\n the  roof ", "ar": ""}))
    assert row.what == {"en": "Mend the roof"}


def test_the_order_of_things_is_held(world):
    farai = world.actor("farai")
    one, open_ = promise(world), promise(world, due=-5)
    ask = {"by": farai, "promise_id": one}
    assert code_of(lambda: ask_owner(by=farai, promise_id=open_, on=TODAY)) == "promise-day"  # its time is not over
    assert code_of(lambda: ask_owner(**ask, on=ago(10))) == "promise-day"
    assert code_of(lambda: write_reply(**ask, on=TODAY, reply={"en": "Soon"})) == "promise-not-asked"
    ask_owner(**ask, on=ago(8))
    assert code_of(lambda: write_reply(**ask, on=ago(9), reply={"en": "Soon"})) == "promise-day"
    write_reply(**ask, on=ago(7), reply={"en": "Soon"})
    write_reply(**ask, on=ago(6), reply={"en": "In May"})
    assert Promise.objects.get(id=one).reply == {"en": "In May"}
    assert code_of(lambda: keep_promise(**ask, on=ago(301), shown_by="x")) == "promise-day"
    assert code_of(lambda: keep_promise(**ask, on=ago(-5), shown_by="x")) == "promise-day"
    assert code_of(lambda: keep_promise(**ask, on=TODAY, shown_by=" ")) == "promise-words"
    assert code_of(lambda: reopen_promise(**ask)) == "promise-open"
    keep_promise(**ask, on=TODAY, shown_by="The roof is tight")
    for again in (
        lambda: keep_promise(**ask, on=TODAY, shown_by="x"),
        lambda: ask_owner(**ask, on=TODAY),
        lambda: drop_promise(**ask, on=TODAY, why="not_wanted"),
    ):
        assert code_of(again) == "promise-settled"
    reopen_promise(**ask)
    assert code_of(lambda: drop_promise(**ask, on=TODAY, why="tired of it")) == "unknown-choice"
    drop_promise(**ask, on=TODAY, why="by_mistake")
    assert code_of(lambda: write_reply(**ask, on=TODAY, reply={"en": "Soon"})) == "promise-not-asked"
    row = Promise.objects.get(id=one)
    assert (row.kept_on, row.shown_by, row.dropped_on, row.reply) == (None, "", TODAY, {"en": "In May"})


def test_whoever_wrote_it_is_reminded_until_something_came_of_it(world):
    farai = world.accounts["farai"].id
    one, other = promise(world), promise(world)
    waits = Due.objects.filter(who=farai, kind="promise", state="open", person_id=None)
    assert set(waits.values_list("ref_id", flat=True)) == {one, other}
    assert waits.filter(ref_id=one).get().at.date() == ago(9)
    ask_owner(by=world.actor("gloria"), promise_id=one, on=TODAY)
    drop_promise(by=world.actor("gloria"), promise_id=other, on=TODAY, why="by_mistake")
    assert not waits.exists()


def test_a_report_hears_no_name_before_the_owner_could_answer(world):
    farai = world.actor("farai")
    one = promise(world)
    found = told(world)
    assert [(f.standing, f.asked, f.named) for f in found] == [(LATE, False, None)]
    assert "housing" not in repr(found)
    ask_owner(by=farai, promise_id=one, on=ago(3))
    assert [(f.asked, f.named) for f in told(world)] == [(True, None)]
    assert told(world, on=TODAY + timedelta(days=18))[0].named.reply == {}
    write_reply(by=farai, promise_id=one, on=TODAY, reply={"ar": " في  أيار\r\n\r\nإن شاء الله "})
    named = told(world)[0].named
    assert (named.owner, named.what["en"], named.reply) == (
        "Ward housing office", "Mend the roof of the hall", {"ar": "في أيار\nإن شاء الله"},
    )  # fmt: skip


def test_a_report_is_told_what_is_open_and_what_was_settled_in_its_time(world):
    farai = world.actor("farai")
    long_ago, lately, mistake, unwanted = (promise(world) for _ in range(4))
    keep_promise(by=farai, promise_id=long_ago, on=ago(200), shown_by="x")
    keep_promise(by=farai, promise_id=lately, on=ago(50), shown_by="x")
    drop_promise(by=farai, promise_id=mistake, on=ago(50), why="by_mistake")
    drop_promise(by=farai, promise_id=unwanted, on=ago(40), why="not_wanted")
    broken = promise(world, said_on=ago(3000), due=2900, place_id=world.wards[1])
    promise(world, said_on=ago(5), due=-5)  # said after the report's time
    found = told(world, since=ago(100), until=ago(20))
    assert sorted(f.standing for f in found) == sorted([KEPT, DROPPED, BROKEN])
    assert [f.standing for f in told(world, place=world.wards[1])] == [BROKEN]
    assert {f.standing for f in told(world, place=world.wards[0])} == {KEPT, DROPPED, HAS_TIME}
    assert extract.promises(broken, "/", ago(100), TODAY, TODAY) == []  # of no other organisation


def test_nothing_here_can_hold_a_person():
    for model in apps.get_app_config("decide").get_models():
        assert not hasattr(model.Privacy, "person")
        related = {f.related_model._meta.app_label for f in model._meta.concrete_fields if f.is_relation}
        assert related <= {"house", "decide"}
        assert not [f.name for f in model._meta.concrete_fields if "person" in f.name]


@pytest.mark.django_db(transaction=True)
def test_replay_makes_the_register_again(world):
    farai = world.actor("farai")
    one, two = promise(world), promise(world)
    ask_owner(by=farai, promise_id=one, on=ago(8))
    write_reply(by=farai, promise_id=one, on=ago(7), reply={"ar": "في أيار", "en": "In May"})
    keep_promise(by=farai, promise_id=one, on=TODAY, shown_by="The roof is tight")
    drop_promise(by=farai, promise_id=two, on=TODAY, why="not_wanted")
    reopen_promise(by=farai, promise_id=two)
    report = replay.check()
    assert report.ok, report.differences
    assert report.rows["decide.Promise"] == 2
