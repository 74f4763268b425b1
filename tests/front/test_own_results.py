"""A worker's own month: counted by reliable change, honest about who was asked too seldom."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from kinweave.care.actions import note_session, undo_session
from kinweave.flows.own_results import OwnResults, change_of, met_since, own_results, thresholds
from kinweave.front.desk.pages_today import own_sentence
from kinweave.listen.actions import record_response, switch_instrument
from tests.front.people_help import started

pytestmark = pytest.mark.django_db
LINE = {("q", "total"): Decimal(6)}


@pytest.mark.parametrize(
    ("points", "word"),
    [([15, 9], "better"), ([15, 10], "same"), ([9, 15], "worse"), ([9, 14], "same"), ([9], "unknown"), ([], "unknown")],
)
def test_change_counts_from_the_published_figure_on(points, word):
    assert change_of({("q", "total"): points}, LINE) == word


def test_worse_on_one_measure_is_not_hidden_by_better_on_another():
    lines = {("q", "total"): [15, 5], ("r", "total"): [2, 9]}
    assert change_of(lines, {**LINE, ("r", "total"): Decimal(4)}) == "worse"


def test_the_figures_come_from_the_questionnaires():
    assert thresholds()["phq-9", "total"] == 6
    assert thresholds()["gad-7", "total"] == 4


def asked_twice(world, person, first, last):
    for days, level in ((20, first), (0, last)):
        answers = {f"q{n}": level for n in range(1, 9)} | {"q9": 0}
        taken = timezone.localdate() - timedelta(days=days)
        record_response(by=world.actor("amina"), person_id=person, instrument="phq-9", answers=answers, taken_on=taken)


def test_only_own_people_met_this_month_are_counted(world, django_assert_max_num_queries):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    changes = [(2, 1), (3, 1), (1, 1), (0, 2), (2, 0)]
    amina = world.actor("amina")
    for first, last in changes:
        person = started(world)
        asked_twice(world, person, first, last)
        note_session(by=amina, person_id=person, held=True)
    once = started(world)
    note_session(by=amina, person_id=once, held=True)
    started(world)  # not met
    undone = started(world)
    taken_back = note_session(by=amina, person_id=undone, held=True).result["session"]
    undo_session(by=amina, person_id=undone, session_id=taken_back)
    others = started(world, by="baraka")
    note_session(by=world.actor("baraka"), person_id=others, held=True)
    with django_assert_max_num_queries(3):
        own = own_results(amina)
    assert own == OwnResults(met=6, better=3, worse=1, same=1, unknown=1)
    assert "Of 6 people you met this month, 3 feel better, 1 feels worse." in own_sentence(own)["says"]
    assert own_results(world.actor("gloria")).met == 0
    assert met_since(amina, timezone.now() + timedelta(days=1)) == []


def test_few_people_are_told_of_kindly_and_without_numbers_of_change():
    says = own_sentence(OwnResults(met=4, better=4, worse=0, same=0, unknown=0))["says"]
    assert "better" not in says
    assert own_sentence(OwnResults(0, 0, 0, 0, 0)) is None


def test_where_more_is_better_a_rise_is_for_the_better():
    line = ("calm-5", "total")
    steps = {line: Decimal(-10), ("phq-9", "total"): Decimal(6)}
    assert change_of({line: [40.0, 50.0]}, steps) == "better"
    assert change_of({line: [40.0, 30.0]}, steps) == "worse"
    assert change_of({line: [40.0, 49.0]}, steps) == "same"
    assert change_of({line: [40.0, 60.0], ("phq-9", "total"): [4.0, 10.0]}, steps) == "worse"
