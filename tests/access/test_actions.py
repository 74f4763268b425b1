"""Each action by each actor with arguments that fit: allowed, or denied as if nothing were there, writing nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.flows.receive import receive_response
from kinweave.front.api import open_actions
from kinweave.house import rota, tokens
from kinweave.house.access import SYSTEM
from kinweave.house.journal import Head
from kinweave.house.models import AlertTest, Entry, Grant, Held
from kinweave.house.registry import ACTIONS, IdReused, run
from tests.access import matrix
from tests.access.stage import GAD, LETTERS, Stage, answers, nowhere

pytestmark = pytest.mark.django_db
TOLD = {"text": "I sleep again, and I go to the well with the others.", "language": "en"}
# Problems that say "you may not" or "there is no such thing"; any other is about the content, past the door.
CLOSED = {"not-allowed", "person-not-found", "not-found", "release-not-found", "out-of-reach", "no-such-upload",
          "import-not-yours", "too-late-for-session", "too-late-to-undo", "circle-not-found",
          "too-late-for-meeting"}  # fmt: skip


def test_every_action_is_in_the_matrix_and_every_line_is_an_action() -> None:
    there, listed = set(ACTIONS), set(matrix.ACTIONS)
    assert not there - listed, f"not in the matrix: {sorted(there - listed)}"
    assert not listed - there, f"no such action: {sorted(listed - there)}"


def test_the_api_offers_what_the_matrix_opens() -> None:
    closed = {name for name, who in matrix.ACTIONS.items() if who == matrix.NOT_OPEN}
    offered = {spec.name for spec in open_actions()}
    assert not offered & closed
    system = {name for name, who in matrix.ACTIONS.items() if who == matrix.SYSTEM_ONLY}
    own = {"people.contest_record", "listen.agree_own_story", "listen.remove_own_story"}
    assert offered | closed | system | own == set(matrix.ACTIONS)


def site_arguments(stage: Stage) -> dict[str, dict[str, Any]]:
    """What actions about no person are asked for, all within Open Bench."""
    world, ids = stage.world, stage.ids["mine"]
    home, scope = world.organisation, str(world.programme)
    person = {"organisation_id": home, "programme_id": world.programme, "alias": "Newcomer"}
    grant = Grant.objects.get(account_id=world.accounts["amina"].id)
    test = AlertTest.objects.filter(account_id=world.accounts["dalia"].id).first()
    return {
        "decide.add_promise": {
            "organisation_id": home, "place_id": world.wards[1], "sector": "work", "owner": "The mill",
            "what": {"en": "Ten places for learners"}, "said_on": date(2025, 1, 1), "due_on": date(2025, 6, 1),
        },
        "flows.begin_import": {"kind": "people", "organisation_id": home, "rows": 1},
        "flows.choose_stories": {"release_id": ids["release_id"], "story_ids": []},
        "flows.end_import": {"import_id": ids["import_id"], "counts": {}},
        "flows.end_undo": {"import_id": ids["import_id"], "undone": 0, "kept": 0},
        "flows.import_person": {"mark": uuid7(), "person": person},
        "flows.switch_questionnaire": {"slug": GAD, "on": True, "scope": scope},
        "flows.undo_people": {"import_id": ids["import_id"], "persons": [ids["person_id"]]},
        "flows.undo_responses": {
            "import_id": ids["import_id"], "responses": [(ids["person_id"], ids["response_id"])], "held": [],
        },
        "flows.welcome_person": {"person": person},
        "gather.add_circle": {"name": "Under the fig tree", "organisation_id": home},
        "house.add_organisation": {"name": "Another"},
        "house.add_place": {"code": "N1", "name": "New", "kind": "ward", "parent_id": world.wards[0]},
        "house.add_programme": {"organisation_id": home, "name": "New"},
        "house.add_team": {"organisation_id": home, "name": "New"},
        "house.answer_test_alert": {"test_id": test.id if test else uuid7()},
        "house.change_setting": {"key": "people.link_hours", "value": 24, "scope": scope},
        "house.close_place": {"place_id": world.wards[1], "until": date(2030, 1, 1)},
        "house.count_place": {"place_id": world.wards[1], "year": 2025, "population": 10},
        "house.end_grant": {"grant_id": grant.id},
        "house.grant_role": {"account_id": world.accounts["amina"].id, "role": "keeper"},
        "house.send_test_alert": {"programme_id": world.programme},
        "house.set_rota": {"programme_id": world.programme, "turns": []},
        "people.register_person": person,
        "published.draft_release": {
            "organisation_id": home, "place_id": world.wards[0], "period": 20250, "about": {}, "texts": {},
            "tables": [], "notes": [], "mark": "0" * 64,
        },
        "published.drop_draft": {"release_id": ids["release_id"]},
        "published.set_reading": {"release_id": ids["release_id"], "reading": {"en": "Read."}, "wrong": {"en": "?"}},
        "published.sign_release": {"release_id": ids["release_id"], "hash": "0" * 64},
        "published.voice_release": {"release_id": ids["release_id"], "hash": "0" * 64},
        "published.withdraw_release": {"release_id": ids["release_id"], "note": "It was not what we counted."},
        "team.record_hours": {"on": date(2025, 1, 1), "minutes": 60, "kind": "travel", "paid": False},
    }  # fmt: skip


def person_arguments(stage: Stage, ids: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What actions about a person are asked for."""
    who, risk = {"person_id": ids["person_id"]}, {"risk_id": ids["risk_id"]}
    world = stage.world
    worker = world.accounts["amina"].id
    form = {**who, "instrument": GAD, "answers": answers()}
    circle = {"circle_id": ids["circle_id"]}
    promise = {"promise_id": ids["promise_id"]}
    return {
        "care.acknowledge_risk": risk,
        "care.close_risk": {**risk, "debriefed": True},
        "care.contact_after_risk": {**risk, "note": "met"},
        "care.change_goal": {**who, "instead_of": ids["goal_id"], "text": "sleep"},
        "care.mark_goal": {**who, "goal_id": ids["goal_id"], "state": "reached", "seen": "open"},
        "care.correct_session": {**who, "session_id": ids["session_id"], "note": "other"},
        "care.move_on": {**who, "move": "step", "step": 2},
        "care.note_call_to_emergency": who,
        "care.note_session": {**who, "held": True},
        "care.plan_after_risk": {**risk, "plan": "a plan"},
        "care.set_goal": {**who, "text": "sleep"},
        "care.set_goal_state": {**who, "goal_id": ids["goal_id"], "state": "reached"},
        "care.undo_session": {**who, "session_id": ids["session_id"]},
        "connect.cancel_referral_draft": {**who, "referral_id": ids["referral_id"]},
        "connect.draft_referral": {**who, "to": "The clinic", "need": "health", "consent_items": ["alias"]},
        "decide.ask_owner": {**promise, "on": date(2025, 3, 1)},
        "decide.drop_promise": {**promise, "on": date(2025, 3, 1), "why": "not_wanted"},
        "decide.keep_promise": {**promise, "on": date(2025, 3, 1), "shown_by": "The door is wider"},
        "decide.reopen_promise": promise,
        "decide.write_reply": {**promise, "on": date(2025, 3, 1), "reply": {"en": "In May"}},
        "flows.agree": {**who, "purpose": "research", "given": False},
        "flows.decide_version": {"conflict_id": ids["conflict_id"], "keep": "both"},
        "flows.erase_person": who,
        "flows.receive_response": form,
        "flows.voice_worry": {**who, "kinds": ["self"], "urgency": "today"},
        "gather.end_circle": {**circle, "on": date(2025, 1, 2)},
        "gather.record_circle_meeting": {**circle, "on": date(2025, 1, 1), "head_count": 9},
        "gather.undo_circle_meeting": {**circle, "meeting_id": ids["meeting_id"]},
        "house.release_held": {"held_id": ids["held_id"], "mended": {"answers": answers()}},
        "house.set_held_aside": {"held_id": ids["held_id"], "reason": "not ours"},
        "listen.agree_own_story": {**who, "story_id": ids["story_id"], "mark": "0" * 64},
        "listen.agree_story": {**who, "story_id": ids["story_id"], "mark": "0" * 64, "given": True},
        "listen.change_story": {**who, "story_id": ids["story_id"], **TOLD},
        "listen.record_story": {**who, **TOLD},
        "listen.remove_own_story": {**who, "story_id": ids["story_id"]},
        "listen.remove_story": {**who, "story_id": ids["story_id"]},
        "listen.tell_story_back": {**who, "story_id": ids["story_id"]},
        "listen.undo_response": {**who, "response_id": ids["response_id"]},
        "people.add_contact": {**who, "kind": "phone", "value": "0770"},
        "people.add_tie": {**who, "kind": "friend", "name": "Someone"},
        "people.answer_contest": {**who, "contest_id": ids["contest_id"], "answer": "mended"},
        "people.assign_worker": {**who, "worker_id": worker},
        "people.break_glass": {**who, "reason": "nobody else was near"},
        "people.change_person": {**who, "alias": "Changed"},
        "people.change_contact": {**who, "instead_of": ids["contact_id"], "kind": "phone", "value": "0770"},
        "people.contest_record": {**who, "text": "not so"},
        "people.end_contact": {**who, "contact_id": ids["contact_id"]},
        "people.end_tie": {**who, "tie_id": ids["tie_id"]},
        "people.make_own_link": {**who, "token_digest": "ab" * 32},
        "people.merge_persons": {**who, "into_id": ids["into_id"]},
        "people.move_person": {**who, "place_id": world.wards[0], "on": date(2025, 1, 1)},
        "people.record_consent": {**who, "purpose": "research", "given": True},
        "people.review_glass": {**who, "glass_id": ids["glass_id"], "needed": True},
        "people.unmerge_person": {"person_id": ids["twin_id"]},
        "people.withdraw_consent": {**who, "consent_id": ids["consent_id"]},
        "team.undo_hours": {"hours_id": ids["hours_id"]},
    }  # fmt: skip


class Undo(Exception):
    pass


def attempt(stage: Stage, letter: str, name: str, asked: dict[str, Any]) -> tuple[str, str, int]:
    """What came of it: (problem code or "", all that was said, entries written), and everything taken back."""
    before = Entry.objects.count()
    said = ("", "", 0)
    try:
        with transaction.atomic():
            try:
                run(name, by=stage.actor(letter), **asked)
            except Problem as fault:
                said = (fault.code, json.dumps(fault.as_dict()), Entry.objects.count() - before)
            else:
                said = ("", "", Entry.objects.count() - before)
            raise Undo
    except Undo:
        return said


@pytest.mark.timeout(600)
def test_every_actor_and_every_action(stage, tmp_path, settings) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    world = stage.world
    turns = [{"account": str(world.accounts["dalia"].id)}]
    rota.set_rota(by=SYSTEM, programme_id=world.programme, turns=turns)
    rota.send_test_alert(by=SYSTEM, programme_id=world.programme)
    wrong: list[str] = []
    asked_for = {("site", "mine"): site_arguments(stage)}
    asked_for |= {("person", whose): person_arguments(stage, stage.ids[whose]) for whose in ("mine", "theirs")}
    absent = person_arguments(stage, nowhere())
    seen: set[str] = set()
    for (kind, whose), actions in asked_for.items():
        for name, asked in actions.items():
            who = matrix.ACTIONS[name]
            allowed = who if isinstance(who, str) else who[whose == "theirs"]
            seen.add(name)
            for letter in LETTERS:
                if letter == "v":
                    continue  # nobody is no actor; the API says so below
                code, said, wrote = attempt(stage, letter, name, asked)
                at = f"{name} ({whose}) as {LETTERS[letter] or letter}: {code or 'done'}"
                if (letter in allowed) == (code in CLOSED):
                    wrong.append(f"{at}, expected {'open' if letter in allowed else 'closed'}")
                elif letter not in allowed:
                    wrong += [f"{at} wrote {wrote}" for _ in "x" if wrote]
                    own_only = code.startswith("too-late")  # in reach, but another's to take back
                    if kind == "person" and not own_only and said != attempt(stage, letter, name, absent[name])[1]:
                        wrong.append(f"{at}: tells forbidden from absent")
    inner = {name for name, who in matrix.ACTIONS.items() if who in {matrix.NOT_OPEN, matrix.SYSTEM_ONLY}}
    assert seen | inner == set(matrix.ACTIONS)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


def test_what_only_the_system_does_is_done_by_nobody_else(stage) -> None:
    risk = stage.ids["mine"]["risk_id"]
    asked = {
        "care.escalate_risk": {"risk_id": risk, "to": None},
        "house.hold_fact": {"action": "care.note_session", "code": "x", "asked": {}},
        "people.use_own_link": {"token_digest": "ab" * 32},
    }
    for name, given in asked.items():
        for letter in LETTERS:
            if letter != "v":
                assert attempt(stage, letter, name, given)[0] == "not-allowed", (name, letter)


# ------------------------------------------------------------------------------------------ over the API


def bearer(world: Any, name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.make_token(by=world.actor(name), name='t')[1]}"}


def post(path: str, body: Any, headers: dict[str, str]) -> Any:
    return Client().post(
        f"/api/{path}", json.dumps(body, default=str), content_type="application/json", headers=headers
    )


def entry(name: str, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "action": name, "asked": asked, **more}


def test_inner_actions_are_not_there_over_the_api(stage) -> None:
    headers = bearer(stage.world, "amina")
    for name, who in matrix.ACTIONS.items():
        if who in {matrix.NOT_OPEN, matrix.SYSTEM_ONLY} and name != "care.escalate_risk":
            body = entry(name, {})
            assert post("entries", {"entries": [body]}, headers).json()["entries"][0]["code"] == "no-such-operation"
            body.pop("action")
            assert post(f"actions/{name}", body, headers).status_code == 404, name


def test_a_batch_mixes_nothing_up(stage) -> None:
    """One refused entry takes nothing with it and tells nothing; what may be written is written."""
    mine, theirs = stage.ids["mine"]["person_id"], stage.ids["theirs"]["person_id"]
    before = Entry.objects.count()
    batch = [
        entry("people.change_person", {"person_id": mine, "alias": "One"}),
        entry("people.change_person", {"person_id": theirs, "alias": "Two"}),
        entry("people.change_person", {"person_id": uuid7(), "alias": "Two"}),
        entry("people.change_person", {"person_id": mine, "alias": "Three", "state": "closed"}),
    ]
    told = post("entries", {"entries": batch}, bearer(stage.world, "amina")).json()["entries"]
    assert [one["state"] for one in told] == ["accepted", "rejected", "rejected", "rejected"]
    assert {k: v for k, v in told[1].items() if k != "id"} == {k: v for k, v in told[2].items() if k != "id"}
    assert told[3]["code"] == "bad-input"
    assert "state" not in told[3]["says"]
    assert Entry.objects.count() == before + 1


def test_another_account_gets_no_receipt_for_a_known_id(stage) -> None:
    mine = stage.ids["mine"]["person_id"]
    head, asked = Head.now(), {"person_id": mine, "text": "sleep"}
    run("care.set_goal", by=stage.actor("a"), head=head, **asked)
    assert run("care.set_goal", by=stage.actor("a"), head=head, **asked).again
    for letter in "bcdefghxp":
        with pytest.raises(IdReused):
            run("care.set_goal", by=stage.actor(letter), head=head, **asked)


def test_another_account_learns_nothing_of_an_erased_entry(stage, tmp_path, settings) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    from kinweave.flows.erase import erase_person
    from kinweave.house import erasure

    mine = stage.ids["mine"]["person_id"]
    head, asked = Head.now(), {"person_id": mine, "text": "sleep"}
    run("care.set_goal", by=stage.actor("a"), head=head, **asked)
    erase_person(by=stage.actor("f"), person_id=mine)
    erasure.destroy([mine])
    with pytest.raises(IdReused):
        run("care.set_goal", by=stage.actor("c"), head=head, **asked)


def test_whoever_never_met_people_cannot_fill_quarantine(stage) -> None:
    before = Held.objects.count(), Entry.objects.count()
    bad, good = {"person_id": "x"}, {"person_id": str(stage.ids["mine"]["person_id"]), "held": True}
    for name in ("gloria", "hope"):
        batch = [entry("care.note_session", bad), entry("care.note_session", good)]
        told = post("entries", {"entries": batch}, bearer(stage.world, name)).json()["entries"]
        assert {one["state"] for one in told} == {"rejected"}
    assert (Held.objects.count(), Entry.objects.count()) == before


def test_a_safety_answer_about_a_stranger_alerts_and_tells_the_sender_nothing(stage) -> None:
    """The alert opens whatever the sender may see; what the sender gets is the same for a person that is not there."""
    from kinweave.care.models import Risk
    from kinweave.listen.models import Response

    form = {"instrument": "phq-9", "answers": answers(9, 1)}
    before, told = Response.objects.count(), []
    for person in (stage.ids["theirs"]["person_id"], uuid7()):
        receipt = receive_response(by=stage.actor("a"), head=Head.now(unattended=True), person_id=person, **form)
        told.append({k: type(v) for k, v in receipt.result.items()} | {"code": receipt.result.get("code")})
        assert Risk.objects.filter(id=receipt.result["risk"]).exists()
        with pytest.raises(Problem):
            run("care.contact_after_risk", by=stage.actor("b"), risk_id=receipt.result["risk"])
    assert told[0] == told[1]
    assert told[0]["code"] == "person-not-found"
    assert Response.objects.count() == before


def test_a_session_of_another_person_cannot_be_pushed_aside(stage) -> None:
    from kinweave.care.models import Session

    mine, theirs = stage.ids["mine"], stage.ids["theirs"]
    with pytest.raises(Problem) as fault:
        run("care.note_session", by=stage.actor("a"), person_id=mine["person_id"], held=True,
            replaces=theirs["session_id"])  # fmt: skip
    assert fault.value.code == "not-found"
    assert Session.objects.get(id=theirs["session_id"]).superseded_by is None


def test_a_guardian_of_another_person_gives_no_consent(stage) -> None:
    mine, theirs = stage.ids["mine"], stage.ids["theirs"]
    for tie in (theirs["tie_id"], uuid7()):
        with pytest.raises(Problem) as fault:
            run("people.record_consent", by=stage.actor("a"), person_id=mine["person_id"], purpose="care", given=True,
                guardian_tie_id=tie)  # fmt: skip
        assert fault.value.code == "not-found"


def test_nobody_is_given_to_a_worker_of_another_organisation(stage) -> None:
    foreign = stage.world.accounts["foreign"].id
    person = stage.ids["mine"]["person_id"]
    for account in (foreign, uuid7()):
        with pytest.raises(Problem):
            run("people.assign_worker", by=stage.actor("d"), person_id=person, worker_id=account)
        with pytest.raises(Problem):
            run("people.register_person", by=stage.actor("a"), organisation_id=stage.world.organisation, alias="X",
                worker_id=account)  # fmt: skip


def test_the_site_belongs_to_no_single_organisation_where_there_are_two(stage) -> None:
    for letter in "fx":
        for asked in ({"scope": ""}, {"scope": "elsewhere"}):
            code, _, wrote = attempt(stage, letter, "house.change_setting",
                                     {"key": "people.link_hours", "value": 1, **asked})  # fmt: skip
            assert (code, wrote) == ("not-allowed", 0)


def test_a_decider_mends_no_more_than_what_can_be_mended(stage) -> None:
    held = stage.ids["mine"]["held_id"]
    for mended in ({"instrument": "phq-9"}, {"mode": "import"}, {"replaces": str(uuid7())}, {"by": "x"}):
        with pytest.raises(Problem) as fault:
            run("house.release_held", by=stage.actor("d"), held_id=held, mended=mended)
        assert fault.value.code == "unknown-choice"
