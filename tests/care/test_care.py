"""The pathway, sessions, risks: what moves, what becomes due, what never gets lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.care.actions import (
    acknowledge_risk,
    close_risk,
    contact_after_risk,
    escalate_risk,
    move_on,
    note_session,
    open_risk,
    plan_after_risk,
    set_goal,
    undo_session,
)
from kinweave.care.models import Episode, Risk, Session, Turn
from kinweave.care.reads import risks_in_reach, timeline, today, way_of
from kinweave.core.problems import Problem
from kinweave.house.access import SYSTEM
from kinweave.house.models import Due
from kinweave.people.actions import assign_worker
from kinweave.people.models import Person

pytestmark = pytest.mark.django_db


def started(world, **more):
    person = world.person(**more)
    by = world.actor(more.get("by", "amina"))
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    return person


def test_someone_comes_in_without_a_score_and_starts(world):
    person = started(world)
    episode = Episode.objects.get(person=person)
    assert (episode.state, episode.step, episode.entry) == ("active", 1, "own_words")
    assert [t.to_state for t in Turn.objects.order_by("at", "id")][-1] == "active"
    assert Person.objects.get(id=person).state == "active"
    assert set(Due.objects.filter(state="open").values_list("kind", flat=True)) == {"first_meeting", "ask_again"}
    assert Due.objects.get(kind="waiting").state == "done"


def test_a_step_out_of_order_is_told_and_writes_nothing(world):
    person = world.person()
    with pytest.raises(Problem) as fault:
        move_on(by=world.actor("amina"), person_id=person, move="graduate")
    assert fault.value.code == "wrong-state"
    assert not Turn.objects.exists()


def test_closing_says_whose_failure_and_drops_what_was_due_but_no_risk(world):
    person = started(world)
    open_risk(by=world.actor("amina"), person_id=person, kinds=["self_harm"], urgency="now")
    with pytest.raises(Problem):
        move_on(by=world.actor("amina"), person_id=person, move="close", reason="drop-out")
    move_on(by=world.actor("amina"), person_id=person, move="close", reason="we_left")
    assert set(Due.objects.filter(state="open").values_list("kind", flat=True)) == {"risk_answer", "risk_contact"}
    move_on(by=world.actor("amina"), person_id=person, move="reenter")
    assert Episode.objects.filter(person=person).count() == 2
    assert way_of([person]).episode.number == 2


def test_a_session_note_makes_the_next_one_due(world):
    person = started(world)
    next_at = timezone.now() + timedelta(days=7)
    note_session(by=world.actor("amina"), person_id=person, held=True, homework="done", mood="easier", next_at=next_at)
    assert Due.objects.get(kind="session", state="open").who == world.accounts["amina"].id
    note_session(by=world.actor("amina"), person_id=person, held=False, missed_reason="transport")
    assert Due.objects.filter(kind="session", state="open").count() == 0
    assert Due.objects.get(kind="missed", state="open").priority == 1
    assert way_of([person]).held == 1


def test_a_note_is_sealed_and_taken_back_by_its_author_only(world):
    person = started(world)
    done = note_session(by=world.actor("amina"), person_id=person, held=True, note="She slept well").result["session"]
    row = Session.objects.get(id=done)
    assert b"slept" not in bytes(row.note)
    with pytest.raises(Problem):
        undo_session(by=world.actor("dalia"), person_id=person, session_id=done)
    undo_session(by=world.actor("amina"), person_id=person, session_id=done)
    assert way_of([person]).held == 0


def test_what_was_due_moves_with_the_person(world):
    person = started(world)
    assign_worker(by=world.actor("dalia"), person_id=person, worker_id=world.accounts["baraka"].id)
    assert set(Due.objects.filter(state="open", role="").values_list("who", flat=True)) == {world.accounts["baraka"].id}


def test_a_risk_runs_its_whole_protocol(world):
    person = started(world)
    risk = open_risk(by=world.actor("amina"), person_id=person, kinds=["self_harm"], urgency="now").result["risk"]
    row = Risk.objects.get(id=risk)
    assert (row.answer_by - row.told_at) == timedelta(minutes=15)
    with pytest.raises(Problem) as fault:
        acknowledge_risk(by=world.actor("amina"), risk_id=risk)
    assert fault.value.code == "not-allowed"
    acknowledge_risk(by=world.actor("dalia"), risk_id=risk)
    contact_after_risk(by=world.actor("amina"), risk_id=risk)
    with pytest.raises(Problem) as fault:
        close_risk(by=world.actor("dalia"), risk_id=risk, debriefed=True)
    assert fault.value.code == "risk-state"
    plan_after_risk(by=world.actor("dalia"), risk_id=risk, plan="Her sister keeps the pills.")
    follow = Due.objects.filter(kind="risk_follow", state="open").count()
    assert follow == 8 + 5  # weekly for 8 weeks, then the months 2 to 6
    with pytest.raises(Problem):
        close_risk(by=world.actor("dalia"), risk_id=risk, debriefed=False)
    close_risk(by=world.actor("dalia"), risk_id=risk, debriefed=True)
    assert Risk.objects.get(id=risk).state == "closed"
    assert Due.objects.filter(kind="risk_follow", state="open").count() == follow


def test_another_teams_supervisor_does_not_see_it(world):
    person = started(world)
    risk = open_risk(by=world.actor("amina"), person_id=person, kinds=["child"], urgency="today").result["risk"]
    assert [r.id for r in risks_in_reach(world.actor("dalia"))] == [risk]
    assert risks_in_reach(world.actor("esi")) == []
    with pytest.raises(Problem) as fault:
        acknowledge_risk(by=world.actor("esi"), risk_id=risk)
    assert fault.value.code == "not-found"


def test_an_alert_of_nobody_known_reaches_a_supervisor(world):
    risk = open_risk(by=SYSTEM, person_id=None, kinds=["self_harm"], urgency="now", source="answer").result["risk"]
    assert [r.id for r in risks_in_reach(world.actor("farai"))] == [risk]
    assert any(task.kind == "risk_answer" for task in today(world.actor("farai")).tasks)
    acknowledge_risk(by=world.actor("farai"), risk_id=risk)


def test_an_unanswered_alert_goes_to_the_next_person(world):
    person = started(world)
    risk = open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now").result["risk"]
    escalate_risk(by=SYSTEM, risk_id=risk, to=world.accounts["farai"].id)
    assert Due.objects.get(kind="risk_answer", state="open").who == world.accounts["farai"].id
    with pytest.raises(Problem):
        escalate_risk(by=world.actor("amina"), risk_id=risk, to=None)


def test_todays_list_has_ten_lines_but_never_hides_a_danger(world):
    people = [started(world, alias=f"P{n}") for n in range(12)]
    for person in people:
        open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="week")
    for person in people[:4]:
        soon = timezone.now() + timedelta(hours=3)
        note_session(by=world.actor("amina"), person_id=person, held=True, next_at=soon)
    shown = today(world.actor("amina"))
    assert [t.kind for t in shown.tasks] == ["risk_contact"] * 12
    assert shown.more == 4


def test_todays_list_asks_few_questions(world, django_assert_max_num_queries):
    for n in range(6):
        person = started(world, alias=f"P{n}")
        open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    by = world.actor("dalia")
    with django_assert_max_num_queries(4):
        assert len(today(by).tasks) == 6


def test_the_timeline_shows_risks_only_to_who_may_see_them(world):
    person = started(world)
    set_goal(by=world.actor("amina"), person_id=person, text="Sell at the market again")
    open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    kinds = [line.kind for line in timeline([person], world.actor("amina"))]
    assert kinds[0] == "risk_opened"
    assert "goal_set" in kinds
    assert "risk_opened" not in [line.kind for line in timeline([person], world.actor("gloria"))]
