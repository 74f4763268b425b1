"""A community loaded in bulk is the community that the actions themselves would have written."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models, transaction

from kinweave.care import actions as care
from kinweave.care.models import Risk, Session
from kinweave.demo import load as loading
from kinweave.demo.chapters import GOAL_TEXT, moment
from kinweave.demo.load import TELL, load_demo
from kinweave.demo.simulate import simulate
from kinweave.flows.receive import receive_response
from kinweave.flows.welcome import agree
from kinweave.gather.actions import add_circle, record_circle_meeting
from kinweave.gather.models import Meeting
from kinweave.house.access import Actor
from kinweave.house.journal import Head, canonical
from kinweave.house.models import Entry
from kinweave.house.operational import JOURNAL, OPERATIONAL
from kinweave.house.sequencer import site
from kinweave.listen.models import Response
from kinweave.people import actions as people
from kinweave.people.models import Person
from kinweave.team.actions import record_hours
from kinweave.team.models import Hours

pytestmark = pytest.mark.django_db
SMALL = 700


class Live:
    """The same events through the real actions, one by one."""

    def __init__(self, load: loading.Loader) -> None:
        self.load, self.ids, self.risks, self.goals = load, {}, {}, {}
        self.circles, self.fresh, self.sheets = {}, Counter(), replace(load.sheets, open={})

    def actor(self, event) -> Actor:
        return Actor(None if event.worker is None else self.load.members[event.worker], kind="system")

    def tell(self, event, given):
        at = moment(event.at)
        head = Head.now(happened_at=at, received_at=at, precision=event.precision)
        who, same = self.ids.get(event.person), {"by": self.actor(event), "head": head}
        getattr(self, f"_{event.kind}")(same, who, event, given)

    def _person_identified(self, same, who, event, given, **more):
        ward, load = given["ward"], self.load
        receipt = people.register_person(
            **same, organisation_id=load.organisations[0], programme_id=load.programme, place_id=load.wards[ward],
            team_id=load.teams[ward % len(load.teams)], worker_id=load.members[event.worker or 0], alias=given["alias"],
            **more,
        )  # fmt: skip
        self.ids[event.person] = UUID(str(receipt.result["person"]))

    def _facts(self, given):
        facts = {"wg": given["washington"], self.load.community.dimension.code: given["group"]}
        names = {"name": given["name"], "birth_year": given["birth_year"], "gender": given["gender"]}
        return {**names, "language": given["languages"][0], "facts": facts}

    def _supporter_registered(self, same, who, event, given):
        self._person_identified(same, who, event, given, **self._facts(given))

    def _registered(self, same, who, event, given):
        people.change_person(**same, person_id=who, alias=given["alias"], **self._facts(given))

    def _consent_given(self, same, who, event, given):
        for purpose in given["purposes"]:
            same["head"] = replace(same["head"], id=Head.now().id)
            agree(**same, person_id=who, purpose=purpose, given=event.kind == "consent_given", how=given["how"])

    _consent_declined = _consent_given

    def _response(self, same, who, event, given):
        receive_response(
            **same, person_id=who, instrument=given["instrument"], answers=given["answers"],
            language=given["language"], mode=given["mode"],
        )  # fmt: skip

    def _move(self, same, who, move, **more):
        care.move_on(**same, person_id=who, move=move, **more)

    def _waiting(self, same, who, event, given):
        self._move(same, who, "wait")

    def _started(self, same, who, event, given):
        self._move(same, who, "start", step=given["step"])

    def _screen_result(self, same, who, event, given):
        if given["result"] == "below":
            self._move(same, who, "inform")

    def _closed(self, same, who, event, given):
        self._move(same, who, "close", reason=given["reason"])

    def _session(self, same, who, event, given):
        following = given["next_date"]
        care.note_session(
            **same, person_id=who, held=given["held"], homework=given["homework"] or "", mood=given["goal_mood"] or "",
            missed_reason="" if given["held"] else given["missed_reason"] or "other", note=given["note"] or "",
            where={"health_facility": "clinic"}.get(given["setting"], given["setting"]) or "",
            next_at=moment(following, 9) if following else None, worry=given["worry"],
        )  # fmt: skip
        same["head"] = replace(same["head"], id=Head.now().id)
        goal = self.goals.get(event.person)
        if given["held"] and goal is None:
            self.goals[event.person] = care.set_goal(**same, person_id=who, text=GOAL_TEXT).result["goal"]
        elif given["goal_mood"] == "reached":
            care.set_goal_state(**same, person_id=who, goal_id=self.goals.pop(event.person), state="reached")
        if given["held"] and event.worker is not None:
            for row in self.sheets.met(event.worker, same["head"].happened_at.date(), given["minutes"]):
                same["head"] = replace(same["head"], id=Head.now().id)
                record_hours(**same, on=row.on, minutes=row.minutes, kind=row.kind, paid=row.paid)

    def _circle_opened(self, same, who, event, given):
        one, load, ward = self.load.community.circles[given["circle"]], self.load, given["ward"]
        receipt = add_circle(
            **same, name=one.name, organisation_id=load.organisations[0], programme_id=load.programme,
            team_id=load.teams[ward % len(load.teams)], place_id=load.wards[ward],
            begun_on=same["head"].happened_at.date(),
        )  # fmt: skip
        self.circles[given["circle"]] = receipt.result["circle"]

    def _circle_met(self, same, who, event, given):
        new = min(self.fresh[given["circle"]], given["heads"])
        self.fresh[given["circle"]] -= new
        on, circle = same["head"].happened_at.date(), self.circles[given["circle"]]
        record_circle_meeting(**same, circle_id=circle, on=on, head_count=given["heads"], new_count=new)

    def _attempt(self, same, who, event, given):
        missed = "" if given["reached"] else "unreachable"
        care.note_session(
            **same, person_id=who, kind=event.kind, planned=False, held=given["reached"], missed_reason=missed
        )

    _call = _visit = _attempt

    def _step_changed(self, same, who, event, given):
        self._move(same, who, "step", step=given["now"])

    def _graduated(self, same, who, event, given):
        self._move(same, who, "graduate")
        if event.person in self.goals:
            same["head"] = replace(same["head"], id=Head.now().id)
            care.set_goal_state(**same, person_id=who, goal_id=self.goals.pop(event.person), state="reached")

    def _circle_joined(self, same, who, event, given):
        self._move(same, who, "join_group")
        self.fresh[given["circle"]] += 1

    def _reentered(self, same, who, event, given):
        self._move(same, who, "reenter")

    def _handed_over(self, same, who, event, given):
        people.assign_worker(**same, person_id=who, worker_id=self.load.members[given["now"]])

    def _tie_added(self, same, who, event, given):
        other = self.ids[given["other"]] if given["other"] is not None else None
        name = None if other else given["relation"].replace("_", " ")
        people.add_tie(
            **same, person_id=who, kind="supporter" if given["cares"] else "family", other_id=other, name=name
        )


class Undone(Exception):
    """Takes one of the two loads back."""


def told(community):
    """The events that both ways know, of people whose whole story is made of them, before any alert."""
    can = {name[1:] for name in dir(Live) if name.startswith("_") and not name.startswith("__")}
    stories: dict[int, list] = {}
    for event in community.events:
        if event.person is not None and event.kind in TELL:
            stories.setdefault(event.person, []).append(event)
    whole = {p for p, events in stories.items() if all(e.kind in can for e in events)}
    # A tie leads to someone whose own story must be there too.
    ties = {(e.person, e.payload["other"]) for e in community.events if e.kind == "tie_added"}
    whole -= {one for one, other in ties if other is not None and other not in whole}
    return [e for e in community.events if (e.person is None or e.person in whole) and e.kind in TELL]


def shape() -> Counter:
    """Every domain row without ids and sealed bytes, counted."""
    found: Counter = Counter()
    for model in apps.get_models():
        label = model._meta.label
        if not model.__module__.startswith("kinweave") or label in JOURNAL | OPERATIONAL:
            continue
        loose = (models.UUIDField, models.BinaryField, models.ForeignKey)
        names = [f.attname for f in model._meta.concrete_fields if not isinstance(f, loose)]
        names = [n for n in names if n not in {"code", "received_at", "table_hash"}]
        for row in model._default_manager.values(*names):
            found[label, canonical(row)] += 1
    return found


def test_bulk_and_actions_write_the_same_rows(monkeypatch):
    community = simulate("holds", 3, inhabitants=SMALL, start=date(2023, 10, 1))
    events = told(community)
    assert {e.kind for e in events} >= {
        "person_identified", "registered", "response", "session", "closed", "waiting", "circle_opened", "circle_met",
    }  # fmt: skip

    def run(self, on_progress=None):
        live = Live(self)
        for event in events:
            live.tell(event, event.payload)

    def bulk(self, on_progress=None):
        self.bulk.make_keys(self.person_id(n) for n in range(len(community.people)))
        self.bulk.make_keys(self.circle_id(n) for n in range(len(community.circles)))
        for event in events:
            TELL[event.kind](self, self.head(event), event, event.payload)
        self.bulk.flush()

    monkeypatch.setattr(loading, "simulate", lambda *a, **k: community)
    shapes = []
    for way in (run, bulk):
        monkeypatch.setattr(loading.Loader, "run", way)
        with contextlib.suppress(Undone), transaction.atomic():
            load_demo("holds", 3)
            shapes.append(shape())
            raise Undone
    only_live, only_bulk = shapes[0] - shapes[1], shapes[1] - shapes[0]
    ours = {"house.Setting", "listen.Switch", "house.Grant"}  # written at the clock's own time
    assert {k: v for k, v in only_live.items() if k[0] not in ours} == {}
    assert {k: v for k, v in only_bulk.items() if k[0] not in ours} == {}


def test_a_whole_community_is_there_and_marked_as_invented(monkeypatch):
    small = simulate("fades", 5, inhabitants=1_000, start=date(2023, 10, 1))
    monkeypatch.setattr(loading, "simulate", lambda *a, **k: small)
    info = load_demo("fades", 5)
    assert site().invented
    assert {"worker", "supervisor", "coordinator", "evaluator", "keeper"} <= set(info["logins"])
    assert Person.objects.count() == len(small.people)
    assert Response.objects.count() == sum(e.kind == "response" for e in small.events)
    assert Session.objects.count() == sum(e.kind in {"session", "call", "visit"} for e in small.events)
    met = [e for e in small.events if e.kind == "circle_met"]
    assert Meeting.objects.count() == len(met) > 0
    assert sum(Meeting.objects.values_list("new_count", flat=True)) <= sum(
        e.kind == "circle_joined" for e in small.events
    )
    assert set(Hours.objects.values_list("paid", flat=True)) == {True, False}
    assert Risk.objects.count() == sum(e.kind == "risk_opened" for e in small.events)
    assert Entry.objects.filter(device="demo").count() > 1_000
