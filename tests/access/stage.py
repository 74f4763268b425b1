"""A stage with something of every kind on it, about two people: one of Amina's (team 1), one of Chipo's (team 2).

Every name on it is a canary: it stands nowhere else in the world, so a page that shows it shows that person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core import signing
from django.test import Client
from django.utils import timezone

from kinweave.care.actions import change_goal, note_session, set_goal
from kinweave.connect.actions import draft_referral
from kinweave.core.ids import uuid7
from kinweave.decide.actions import add_promise
from kinweave.flows.imports import begin_import, end_import
from kinweave.flows.intake import uploads
from kinweave.flows.receive import receive_response, voice_worry
from kinweave.front.person.session import COOKIE, SALT
from kinweave.gather.actions import add_circle, record_circle_meeting
from kinweave.house import alerts, devices, recovery
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import add_organisation, add_programme, grant_role
from kinweave.house.journal import Head
from kinweave.listen import drafts
from kinweave.listen.actions import switch_instrument
from kinweave.listen.actions_forms import keep_form
from kinweave.listen.actions_stories import record_story
from kinweave.people.actions import (
    add_contact,
    add_tie,
    break_glass,
    contest_record,
    make_own_link,
    merge_persons,
    record_consent,
)
from kinweave.people.actions.records import digest_of
from kinweave.people.door import access
from kinweave.people.models import Glass
from kinweave.team.actions import record_hours
from tests.care_world import started
from tests.published.make import draft
from tests.world import account

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# One letter for each actor of the matrix; v is nobody signed in, p the person on the own page.
LETTERS = {
    "v": "", "a": "amina", "b": "baraka", "c": "chipo", "d": "dalia", "e": "esi", "f": "farai", "g": "gloria",
    "h": "hope", "i": "imani", "x": "foreign", "p": "",
}  # fmt: skip
TOKEN = {"theirs": "aToken_that-belongs-to-nobody-here", "mine": "aToken_of-the-length-that-is-made"}
# Canaries: who they belong to → every text that only that person's readers may see.
CANARIES = {
    "mine": ("Tendaishe", "Nyaradzokuda", "Vimbaishe", "0771-900-111", "a goat of seven spots", "beneath the msasa"),
    "theirs": (
        "Mukanyarirwa",
        "Chengetakure",
        "Ruvarashena",
        "0772-900-222",
        "a kite of nine tails",
        "beyond the vlei",
    ),
}
GAD = "gad-7"


def answers(items: int = 7, value: int = 1) -> dict[str, Any]:
    return {f"q{n}": value for n in range(1, items + 1)}


class Clients(dict[str, Client]):
    """Everyone's browser by letter, signed in when it is first used: most tests use two of twelve."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage

    def __missing__(self, letter: str) -> Client:
        self[letter] = client = Client()
        if LETTERS[letter]:
            client.force_login(self.stage.world.accounts[LETTERS[letter]], backend=BACKEND)
        if letter == "p":
            person = self.stage.ids["mine"]["person_id"]
            client.cookies[COOKIE] = signing.dumps(str(person), salt=SALT)
        return client


@dataclass
class Stage:
    """`ids[whose]`: the arguments of addresses and actions, for Amina's person ("mine") and Chipo's ("theirs")."""

    world: Any
    ids: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def clients(self) -> Clients:
        return Clients(self)

    def actor(self, letter: str) -> Actor | None:
        if letter == "v":
            return None
        if letter == "p":
            return Actor(None, kind="person", person_id=self.ids["mine"]["person_id"])
        return self.world.actor(LETTERS[letter])


def set_stage(world: Any) -> Stage:
    stage = Stage(world)
    _foreign(world)
    for slug in (GAD, "phq-9"):
        switch_instrument(by=SYSTEM, slug=slug, on=True)
    stage.ids["mine"] = _everything(world, "mine", "amina", "dalia", "chipo", 0)
    stage.ids["theirs"] = _everything(world, "theirs", "chipo", "esi", "amina", 1)
    assert stage.clients["p"]  # the person's own cookie is from before whatever a test does
    return stage


def _foreign(world: Any) -> None:
    """Another organisation on the same site, in the same district, with a coordinator of its own."""
    other = add_organisation(by=SYSTEM, name="Far Shore").result["organisation"]
    world.foreign = other
    world.foreign_programme = add_programme(by=SYSTEM, organisation_id=other, name="Shore").result["programme"]
    world.accounts["foreign"] = account("foreign")
    grant_role(
        by=SYSTEM, account_id=world.accounts["foreign"].id, role="coordinator", organisation_id=other,
        place_id=world.district,
    )  # fmt: skip


def _everything(world: Any, whose: str, worker: str, supervisor: str, opener: str, team: int) -> dict[str, Any]:
    alias, name, close, phone, goal, note = CANARIES[whose]
    by, over = world.actor(worker), world.actor(supervisor)
    at = {"by": worker, "team_id": world.teams[team], "place_id": world.wards[team]}
    person = started(world, alias=alias, name=name, **at)
    twin, other = world.person(alias=f"{alias} Twin", **at), world.person(alias=f"{alias} Again", **at)
    merge_persons(by=over, person_id=twin, into_id=person)
    seen = access(person, by=by)
    made = {
        "person_id": person, "one_id": person, "other_id": other, "into_id": other,
        "contact_id": add_contact(by=by, person_id=person, kind="phone", value=phone).result["contact"],
        "tie_id": add_tie(by=by, person_id=person, kind="supporter", name=close).result["tie"],
        "consent_id": record_consent(by=by, person_id=person, purpose="research", given=True).result["consent"],
        "goal_id": set_goal(by=by, person_id=person, text=goal).result["goal"],
        "session_id": note_session(by=by, person_id=person, held=True, note=note).result["session"],
        "response_id": receive_response(by=by, person_id=person, instrument=GAD, answers=answers()).result["response"],
        "risk_id": voice_worry(by=by, person_id=person, kinds=["self"], urgency="today", note=note).result["risk"],
        "draft_id": drafts.begin(by, seen, GAD, language="en").id,
        "held_id": receive_response(
            by=by, head=Head.now(unattended=True), person_id=person, instrument=GAD, answers={"q1": 99}
        ).result["held"],
        **_two_versions(by, over, person),
        "story_id": record_story(
            by=by, person_id=person, text=f"At first I had nobody. Then came {goal}.", language="en"
        ).result["story"],
        "glass_id": break_glass(
            by=world.actor(opener), person_id=person, reason="nobody else was near that night"
        ).result["glass"],
        "twin_id": twin,
    }  # fmt: skip
    Glass.objects.filter(id=made["glass_id"]).update(until=timezone.now() - timedelta(minutes=1))
    own = Actor(None, kind="person", person_id=person)
    entry = contest_record(by=own, person_id=person, text=f"{alias} says so").entry_id
    made["contest_id"] = _contest(person)
    assert entry
    make_own_link(by=over, person_id=person, token_digest=digest_of(TOKEN[whose]))
    return made | _of_the_rooms(world, whose, by, team, person) | _of_the_house(world, whose, worker)


def _of_the_rooms(world: Any, whose: str, by: Actor, team: int, person: UUID) -> dict[str, Any]:
    """A circle with a meeting, a referral in the making, hours, a promise."""
    name, alias = CANARIES[whose][4], CANARIES[whose][0]
    circle = add_circle(
        by=by, name=f"Circle {team}", organisation_id=world.organisation, team_id=world.teams[team],
        place_id=world.wards[team], begun_on=date(2025, 1, 1), rules=name, with_aliases=True,
    ).result["circle"]  # fmt: skip
    asked = {"circle_id": circle, "on": date(2025, 1, 2), "head_count": 5, "aliases": [f"{alias} again"]}
    return {
        "circle_id": circle,
        "meeting_id": record_circle_meeting(by=by, **asked).result["meeting"],
        "referral_id": draft_referral(
            by=by, person_id=person, to=f"the house by {name}", need="health", consent_items=["alias"], agreed=True
        ).result["referral"],
        "hours_id": record_hours(
            by=by, on=date(2025, 1, 2), minutes=30, kind="travel", paid=False, note=name
        ).result["hours"],
        "promise_id": add_promise(
            by=world.actor("farai"), organisation_id=world.organisation, place_id=world.wards[team], sector="health",
            owner="The clinic", what={"ar": "باب أوسع"}, said_on=date(2025, 1, 2), due_on=date(2025, 2, 1),
        ).result["promise"],
    }  # fmt: skip


def _two_versions(by: Actor, over: Actor, person: UUID) -> dict[str, Any]:
    """A goal put in other words on two sides: both are there."""
    goal = set_goal(by=by, person_id=person, text="to sleep").result["goal"]
    change_goal(by=over, person_id=person, instead_of=goal, text="to sleep till six")
    told = change_goal(by=by, person_id=person, instead_of=goal, text="to sleep till five").result
    return {"ref_id": told["goal"], "conflict_id": told["conflict"]}


def _contest(person: UUID) -> UUID:
    from kinweave.people.models import Contest

    return Contest.objects.get(person_id=person).id


def _of_the_house(world: Any, whose: str, worker: str) -> dict[str, Any]:
    """What is about no person: a report, an import, alerts, accounts. Only "mine" has its own."""
    if whose == "theirs":
        return {}
    farai = world.actor("farai")
    upload = uploads.receive(farai, "people", "list.csv", [b"name\nx\n"])
    upload.save(stage="problem")
    upload.write("aside", [b"name,why\n"])
    begun = begin_import(by=farai, kind="people", organisation_id=world.organisation, rows=1).result["import"]
    end_import(by=farai, import_id=begun, counts={"accepted": 1})
    alerts.alert([world.accounts[worker].id], "risk", None)
    from kinweave.house.models import Message

    row, _code = recovery.start(by=world.actor("hope"), account_id=world.accounts["amina"].id)
    release = draft(world)
    kept = keep_form(
        by=farai, organisation_id=world.organisation, slug="visit", version="1", name="A visit", xml="<x/>",
        columns=[], media={}, about="person", person_field="", instrument="", items={},
    )  # fmt: skip
    return {
        "form_id": kept.result["form"],
        "release_id": release["release"], "upload_id": upload.id, "import_id": begun, "recovery_id": row.id,
        "message_id": Message.objects.get(to_account=world.accounts[worker].id, code="risk").id,
        "device_id": devices.register(by=world.actor(worker), label="A.").device.id,
        "account_id": world.accounts["amina"].id, "slug": release["slug"],
    }  # fmt: skip


def nowhere() -> dict[str, UUID]:
    """Ids of nothing, for comparing what is forbidden with what is not there."""
    return {
        name: uuid7()
        for name in (
            "person_id", "one_id", "other_id", "into_id", "contact_id", "tie_id", "consent_id", "goal_id", "session_id",
            "response_id", "risk_id", "draft_id", "held_id", "glass_id", "contest_id", "release_id", "upload_id",
            "import_id", "recovery_id", "message_id", "account_id", "twin_id",
            "device_id", "ref_id", "story_id", "conflict_id", "circle_id", "meeting_id", "referral_id",
            "hours_id", "promise_id",
        )
    }  # fmt: skip
