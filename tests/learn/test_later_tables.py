"""The later tables of a report: what comes into the lake, that nobody is found in them, and what is said of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kinweave.care.actions import acknowledge_risk, move_on, note_session, open_risk
from kinweave.care.models import Risk
from kinweave.gather.actions import add_circle, record_circle_meeting, undo_circle_meeting
from kinweave.house.access import SYSTEM
from kinweave.learn.build import build, lake_key
from kinweave.learn.build_places import place_number
from kinweave.learn.grid import Grid
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.lake import read_lake
from kinweave.learn.report import compose
from kinweave.learn.report_words import words
from kinweave.learn.shape import month_index
from kinweave.learn.tables import count, safe_table
from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable, make_safe
from kinweave.people.actions import merge_persons, withdraw_consent
from kinweave.people.models import Consent
from kinweave.team.actions import record_hours, undo_hours
from tests.learn.little_lakes import FACTS, FIRST, PLACES, Rows, a_programme, lake_of
from tests.measures.attacker import ranges, values
from tests.published.make import YEAR, about

SMALL = Rules(smallest=4, base=2, population_floor=0)
INSIDE = {up: [one for one, above in PLACES.items() if above == up] for up in (10, 20)}


@pytest.fixture
def lake(tmp_path):
    def rebuilt(table):
        build(tmp_path / "lake")
        return read_lake(tmp_path / "lake", lake_key())[table].read_all().to_pylist()

    rebuilt.folder = tmp_path / "lake"
    return rebuilt


# -------------------------------------------------------------------------------------------------- alerts


def worry(world, person, answered=True):
    by = world.actor("dalia")
    risk = open_risk(by=by, person_id=person, kinds=["self_harm"], urgency="today").result["risk"]
    if answered:
        acknowledge_risk(by=by, risk_id=risk)
    return risk


@pytest.mark.django_db
def test_of_one_persons_alerts_the_one_answered_worst_counts(world, lake):
    twice, once = world.person(), world.person()
    for person, answered in ((twice, True), (twice, False), (once, True)):
        worry(world, person, answered)
    found = lake("risks")
    assert [row["acknowledged_in_time"] for row in found] == [False, True]
    assert {row["purpose"] for row in found} == {"statistics"}
    assert [row["closed_month"] for row in found] == [None, None]


@pytest.mark.django_db
def test_an_answer_after_its_time_is_late_even_if_nobody_else_was_asked(world, lake):
    risk = worry(world, world.person())
    Risk.objects.filter(id=risk).update(answer_by=timezone.now() - timedelta(hours=1), closed_at=timezone.now())
    row = lake("risks")[0]
    assert not row["acknowledged_in_time"]
    assert row["closed_month"] == row["month"]


@pytest.mark.django_db
def test_alerts_of_who_declined_or_is_not_known_are_left_out_and_two_records_are_one_person(world, lake):
    one, same, declined = world.person(), world.person(), world.person()
    for person in (one, same, declined):
        worry(world, person)
    open_risk(by=SYSTEM, person_id=None, kinds=["self_harm"], urgency="now", source="answer")
    given = Consent.objects.get(person=declined, purpose="statistics")
    withdraw_consent(by=world.actor("amina"), person_id=declined, consent_id=given.id)
    assert len(lake("risks")) == 2
    merge_persons(by=world.actor("dalia"), person_id=one, into_id=same)
    assert len(lake("risks")) == 1


# ------------------------------------------------------------------------------------------------- circles


@pytest.mark.django_db
def test_circles_come_as_heads_that_came_for_the_first_time_and_a_meeting_taken_back_does_not(world, lake):
    by, on = world.actor("amina"), date(2026, 1, 15)
    one, nowhere = (
        add_circle(by=by, name="Zzsewing", organisation_id=world.organisation, place_id=place, begun_on=on).result[
            "circle"
        ]
        for place in (world.wards[0], None)
    )
    for circle, new in ((one, 3), (one, 2), (nowhere, 1)):
        meeting = record_circle_meeting(by=by, circle_id=circle, on=on, head_count=9, new_count=new).result["meeting"]
        if new == 2:
            undo_circle_meeting(by=by, circle_id=circle, meeting_id=meeting)
    here = {"place": place_number(world.wards[0]), "month": month_index(2026, 1)}
    assert lake("circles") == [here | {"place": 0}, here, here, here]


# --------------------------------------------------------------------------------------------------- hours


@pytest.mark.django_db
def test_hours_come_by_month_under_the_workers_number_and_without_what_was_done(world, lake):
    by, person = world.actor("amina"), world.person()
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    note_session(by=by, person_id=person, held=True)
    rows = [
        record_hours(by=by, on=date(2026, 1, day), minutes=minutes, kind="night", paid=paid, note="Zznight").result
        for day, minutes, paid in ((5, 60, True), (6, 30, False), (7, 45, False))
    ]
    undo_hours(by=by, hours_id=rows[2]["hours"])
    (hours,) = lake("hours")
    assert {name: hours[name] for name in ("month", "paid", "unpaid")} == {
        "month": month_index(2026, 1), "paid": 60, "unpaid": 30,
    }  # fmt: skip
    rebuilt = read_lake(lake.folder, lake_key())
    assert rebuilt["contacts"].read_all().to_pylist()[0]["worker"] == hours["worker"]


# ------------------------------------------------------------------------------------------ the disclosure rules


def counted(slug: str, rows: Rows, last: int, dimensions: tuple[str, ...] = ()) -> Counts:
    lake = lake_of(rows)
    found = count(CATALOGUE[slug], lake, Grid(FIRST, last, dimensions=dimensions), Parameters(instrument=FACTS))
    lake.close()
    return found


def attacked(tables: list[SafeTable], exact: list[Counts], inside: dict[int, list[int]]) -> None:
    """Someone who knows the rules, and holds every table, narrows no hidden number down to one."""
    truth = {
        (series, r.place, r.period, r.dimension, r.group): value
        for counts in exact
        for r in counts.rows
        for series, value in zip((counts.population, *counts.series), (r.n, *r.parts), strict=True)
    }
    assert None in values(tables).values(), "something had to be hidden"
    for name, (low, high) in ranges(tables, inside, most=2000).items():
        assert low <= truth.get(name, 0) <= high, "the attacker's sums are wrong"
        assert low < high, f"a hidden number can only be {low}"
        if name[0] == tables[0].population or tables[0].kind == "rate":
            assert high >= SMALL.smallest


@pytest.mark.parametrize(
    ("slug", "people", "second"), [("alerts-answered", 80, 17), ("circles", 50, 27), ("unpaid-hours", 40, 27)]
)
@pytest.mark.sqlite_only  # needs no database
def test_no_attacker_finds_a_hidden_number_of_events_in_two_releases(slug: str, people: int, second: int) -> None:
    rows = a_programme(5, people)
    # The second release has what the first could not have yet.
    exact = [counted(slug, rows, last) for last in (FIRST + 12, FIRST + second)]
    made: list[SafeTable] = []
    for counts in exact:
        made.append(safe_table(counts, SMALL, tuple(made)))
    assert {c.period for c in made[1].cells} > {c.period for c in made[0].cells}
    assert {c.group for c in made[1].cells} == {"all"}
    attacked(made, exact, INSIDE)


@pytest.mark.sqlite_only  # needs no database
def test_goals_follow_a_release_that_did_not_have_them_and_give_nothing_in_it_away() -> None:
    rows = a_programme(7, 90)
    for row in rows["people"]:
        row["place"] = 1
    rows["places"] = [row | {"parent": None} for row in rows["places"] if row["place"] == 1]
    exact = [counted(slug, rows, FIRST + 20, ("gender",)) for slug in ("better-and-worse", "own-goals")]
    before = safe_table(exact[0], SMALL)
    after = safe_table(exact[1], SMALL, (before,))
    people = {(c.place, c.period, c.dimension, c.group): c.n for c in before.cells}
    both = [c for c in after.cells if (c.place, c.period, c.dimension, c.group) in people]
    assert len(both) > 5
    assert all(c.n == people[c.place, c.period, c.dimension, c.group] for c in both)
    assert any(None not in c.parts for c in both), "and something is said"
    attacked([before, after], exact, {})


# -------------------------------------------------------------------------------------------------- the report


def owed(slug: str, language: str, *parts: int) -> list[str]:
    """What the report says of a place's own promises, where these people stood in the parts of the indicator."""
    names = CATALOGUE[slug].parts(Parameters())
    row = Row(7, YEAR * 10, "all", "all", sum(parts), parts)
    counts = Counts(slug, CATALOGUE[slug].population, "share", names, (row,), {7: None}, {(7, YEAR): 5000})
    doc = compose(about(7), {slug: make_safe(counts, Rules())}, words(language))
    return [line for s in doc["sections"] if s["id"] == "owed" for b in s["blocks"] for line in b.get("lines", ())]


def test_the_report_says_how_often_we_were_too_late_and_how_often_we_saw_it_through() -> None:
    assert owed("alerts-answered", "en", 30, 55, 15) == [
        "Of ten times when someone may have been in danger, we answered too late in three.",
        "Of ten such times, we answered in time and saw it through in six.",
    ]
    assert owed("alerts-answered", "en", 30, 5, 65)[1:] == [], "too few to be said"
    assert len(owed("alerts-answered", "ar", 30, 55, 15)) == 2


def test_the_report_says_how_many_hours_nobody_paid_for() -> None:
    row = Row(7, YEAR * 10, "all", "all", 40, (26, 14), total=7.8, squares=4.0)  # three of ten on average
    counts = Counts("unpaid-hours", "workers", "mean", ("measured", "missed"), (row,), {7: None}, {(7, YEAR): 5000},
                    scale=10.0, lowest=0.0, highest=1.0)  # fmt: skip
    doc = compose(about(7), {"unpaid-hours": make_safe(counts, Rules())}, words("en"))
    found = next(s for s in doc["sections"] if s["id"] == "owed")
    assert found["blocks"][0]["lines"] == ["Of ten hours that workers wrote down, nobody paid for three."]
