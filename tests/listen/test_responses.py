"""Responses: scored at once, sealed whole, corrected without losing what was."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.scoring import AnswersOutOfRange, score
from kinweave.house.access import SYSTEM
from kinweave.house.journal import Head
from kinweave.house.models import Entry, Held
from kinweave.listen.actions import record_response, switch_instrument, undo_response
from kinweave.listen.models import Response, Score, ScoringTable
from kinweave.listen.reads import one_response, scores_over_time
from kinweave.listen.shelf import SwitchedOff, compiled, switched_on, table_of

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}


@pytest.fixture
def asking(world):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    return world


def test_a_response_is_scored_and_its_answers_are_sealed(asking):
    person = asking.person()
    receipt = record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers=PHQ)
    row = Response.objects.get(id=receipt.result["response"])
    assert (row.complete, row.table_hash) == (True, compiled("phq-9")[1])
    assert Score.objects.get(response=row).value == 8
    assert b'"q1"' not in bytes(row.answers)
    assert one_response([person], row.id)[1] == PHQ
    assert '"q1"' not in Entry.objects.get(id=receipt.entry_id).parts  # without quotes, sealed bytes may spell it


def test_every_response_can_be_scored_again_as_it_was(asking):
    person = asking.person()
    record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers=PHQ)
    row = Response.objects.get()
    table = table_of(row.table_hash)
    assert score(table, PHQ).scale("total").scaled == Score.objects.get().scaled
    assert ScoringTable.objects.filter(slug="phq-9").count() == 1


def test_an_unfinished_form_is_kept_without_a_score(asking):
    person = asking.person()
    record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers={"q1": 3, "q2": "declined"})
    row = Score.objects.get()
    assert (row.scaled, row.declined, row.missing) == (None, 1, 8)
    assert not Response.objects.get().complete


def test_answers_out_of_range_are_named_by_question_only(asking):
    person = asking.person()
    with pytest.raises(AnswersOutOfRange) as fault:
        record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers={"q1": 77})
    assert "77" not in str(fault.value)
    assert "q1" in str(fault.value)
    assert not Response.objects.exists()


def test_without_consent_a_form_from_a_phone_is_held(asking):
    person = asking.person(consent=False)
    by = asking.actor("amina")
    with pytest.raises(Problem) as fault:
        record_response(by=by, person_id=person, instrument="phq-9", answers=PHQ)
    assert fault.value.code == "no-consent"
    receipt = record_response(by=by, head=Head.now(unattended=True), person_id=person, instrument="phq-9", answers=PHQ)
    assert (receipt.state, Held.objects.get().code) == ("held", "no-consent")
    assert not Response.objects.exists()


def test_a_questionnaire_that_is_off_is_not_asked(world):
    person = world.person()
    with pytest.raises(SwitchedOff):
        record_response(by=world.actor("amina"), person_id=person, instrument="gad-7", answers={})
    assert switched_on() == []


def test_a_correction_supersedes_and_keeps_the_old_one(asking):
    person = asking.person()
    by = asking.actor("amina")
    first = record_response(by=by, person_id=person, instrument="phq-9", answers=PHQ).result["response"]
    record_response(by=by, person_id=person, instrument="phq-9", answers={**PHQ, "q1": 3}, replaces=first)
    assert Response.objects.count() == 2
    (line,) = scores_over_time([person]).values()
    assert [point.value for point in line] == [10]


def test_only_the_author_takes_a_form_back_and_only_for_a_week(asking):
    person = asking.person()
    first = record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers=PHQ).result[
        "response"
    ]
    with pytest.raises(Problem) as fault:
        undo_response(by=asking.actor("dalia"), person_id=person, response_id=first)
    assert fault.value.code == "too-late-to-undo"
    late = Head.now(received_at=timezone.now() + timedelta(days=8))
    with pytest.raises(Problem):
        undo_response(by=asking.actor("amina"), head=late, person_id=person, response_id=first)
    undo_response(by=asking.actor("amina"), person_id=person, response_id=first)
    assert scores_over_time([person]) == {}


def test_texts_that_are_not_ours_need_a_licence(world):
    with pytest.raises(Problem) as fault:
        switch_instrument(by=world.actor("farai"), slug="osss-3", on=True)
    assert fault.value.code == "licence-needed"


def test_the_receipt_holds_no_answer(asking):
    person = asking.person()
    receipt = record_response(by=SYSTEM, person_id=person, instrument="phq-9", answers={**PHQ, "q9": 3})
    stored = json.loads(Entry.objects.get(id=receipt.entry_id).parts)[-1]["r"]
    assert set(stored) == {"response", "scales"}
