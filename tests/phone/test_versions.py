"""A contact or a goal changed on two sides: both versions are kept, and the person's worker decides."""

from __future__ import annotations

import pytest

from kinweave.care.actions import change_goal, set_goal, set_goal_state
from kinweave.care.models import Goal
from kinweave.house.models import Due
from kinweave.house.replay import check
from kinweave.people.actions import add_contact, change_contact
from kinweave.people.models import Contact
from tests.care_world import started
from tests.phone_kit import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world):
    return started(world)


def held_contacts():
    return set(Contact.objects.filter(ended_at=None).values_list("id", flat=True))


def changed_twice(world, phone, person):
    """A number that the supervisor corrects on the desk while the phone, offline, corrects it otherwise."""
    first = add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771").result["contact"]
    entry = phone.write("people.change_contact", person_id=person, instead_of=first, kind="phone", value="0772")
    desk = change_contact(
        by=world.actor("dalia"), person_id=person, instead_of=first, kind="phone", value="0773", allowed="call"
    ).result
    assert "conflict" not in desk
    return first, desk["contact"], entry


def test_both_numbers_stay_and_the_worker_is_asked(world, phone_of, person):
    phone = phone_of()
    _first, desk, entry = changed_twice(world, phone, person)
    answer = phone.answers(entry)[0]
    assert answer["state"] == "accepted"
    ours = made(entry, "contact")
    assert {str(one) for one in held_contacts()} == {ours, str(desk)}
    due = Due.objects.get(kind="two_versions")
    assert (due.who, due.state, str(due.id)) == (world.accounts["amina"].id, "open", answer["result"]["conflict"])
    phone.sync()
    conflict = phone.people[str(person)]["conflicts"][0]
    assert conflict["action"] == "people.change_contact"
    assert [(v["id"], v["value"], v["mine"]) for v in conflict["versions"]] == [
        (ours, "0772", True), (str(desk), "0773", False)]  # fmt: skip
    assert phone.settings["conflicts"] == [conflict]
    assert phone.last["today"][0]["kind"] == "two_versions"


@pytest.mark.parametrize("keep", ["ours", "theirs", "both"])
def test_the_word_of_the_worker_holds(world, phone_of, person, keep):
    phone = phone_of()
    _first, desk, entry = changed_twice(world, phone, person)
    conflict = phone.answers(entry)[0]["result"]["conflict"]
    versions = {"ours": made(entry, "contact"), "theirs": str(desk), "both": "both"}
    word = phone.write("flows.decide_version", conflict_id=conflict, keep=versions[keep])
    assert phone.answers(word)[0]["state"] == "accepted"
    wanted = {versions["ours"], versions["theirs"]} if keep == "both" else {versions[keep]}
    assert {str(one) for one in held_contacts()} == wanted
    assert Due.objects.get(kind="two_versions").state == "done"
    phone.sync()
    assert phone.people[str(person)]["conflicts"] == []
    assert phone.settings["conflicts"] == []
    later = phone.write("flows.decide_version", conflict_id=conflict, keep=versions["ours"])
    assert phone.answers(later)[0]["state"] == "accepted", "who decides second changes nothing, and is not refused"
    assert {str(one) for one in held_contacts()} == wanted
    assert check().ok


def test_the_same_change_on_both_sides_is_no_conflict(world, phone_of, person):
    phone = phone_of()
    first = add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771").result["contact"]
    entry = phone.write("people.change_contact", person_id=person, instead_of=first, kind="phone", value="0773")
    change_contact(by=world.actor("dalia"), person_id=person, instead_of=first, kind="phone", value="0773")
    assert "conflict" not in phone.answers(entry)[0]["result"]
    assert len(held_contacts()) == 1
    assert not Due.objects.filter(kind="two_versions").exists()


def test_a_way_that_is_not_safe_any_more_and_was_changed_meanwhile(world, phone_of, person):
    phone = phone_of()
    first = add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771").result["contact"]
    entry = phone.write("people.end_contact", person_id=person, contact_id=first)
    desk = change_contact(
        by=world.actor("dalia"), person_id=person, instead_of=first, kind="phone", value="0773"
    ).result["contact"]
    conflict = phone.answers(entry)[0]["result"]["conflict"]
    assert held_contacts() == {desk}
    word = phone.write("flows.decide_version", conflict_id=conflict, keep=str(first))
    assert phone.answers(word)[0]["state"] == "accepted"
    assert held_contacts() == set()
    assert check().ok


def test_a_goal_in_other_words_on_two_sides(world, phone_of, person):
    phone = phone_of()
    goal = set_goal(by=world.actor("amina"), person_id=person, text="sleep").result["goal"]
    entry = phone.write("care.change_goal", person_id=person, instead_of=goal, text="sleep till five")
    desk = change_goal(by=world.actor("dalia"), person_id=person, instead_of=goal, text="sleep till six").result["goal"]
    conflict = phone.answers(entry)[0]["result"]["conflict"]
    assert {str(g.id) for g in Goal.objects.filter(state="open")} == {str(desk), made(entry, "goal")}
    phone.sync()
    assert {g["text"] for g in phone.people[str(person)]["goals"]} == {"sleep till five", "sleep till six"}
    phone.answers(phone.write("flows.decide_version", conflict_id=conflict, keep=made(entry, "goal")))
    phone.sync()
    assert {g["text"] for g in phone.people[str(person)]["goals"]} == {"sleep till five"}
    assert check().ok


@pytest.mark.parametrize("keep", ["reached", "let_go"])
def test_a_goal_that_stands_elsewhere_by_now(world, phone_of, person, keep):
    phone = phone_of()
    goal = set_goal(by=world.actor("amina"), person_id=person, text="sleep").result["goal"]
    entry = phone.write("care.mark_goal", person_id=person, goal_id=goal, state="reached", seen="open")
    set_goal_state(by=world.actor("dalia"), person_id=person, goal_id=goal, state="let_go")
    conflict = phone.answers(entry)[0]["result"]["conflict"]
    assert Goal.objects.get().state == "let_go"
    phone.answers(phone.write("flows.decide_version", conflict_id=conflict, keep=keep))
    assert Goal.objects.get().state == keep
    assert check().ok


def test_only_who_accompanies_the_person_may_decide(world, phone_of, person):
    phone, stranger = phone_of(), phone_of("chipo")
    _first, desk, entry = changed_twice(world, phone, person)
    conflict = phone.answers(entry)[0]["result"]["conflict"]
    word = stranger.write("flows.decide_version", conflict_id=conflict, keep=str(desk))
    answer = stranger.answers(word)[0]
    assert (answer["state"], answer["code"]) == ("held", "person-not-found")
    assert len(held_contacts()) == 2
