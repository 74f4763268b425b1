"""Several phones against a plain model in memory: whatever is cut, repeated, reordered, carried or revoked, and
whatever their clocks say, no entry is lost, none is doubled, and the end is the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kinweave.care.models import Goal, Session
from kinweave.flows.phone.line import give_gaps_up
from kinweave.house import devices
from kinweave.house.models import Entry, Held, InLine
from kinweave.house.replay import check
from kinweave.house.sealing import open_sealed
from kinweave.people import fields
from kinweave.people.models import Contact, Person
from tests.care_world import asking
from tests.phone_kit import Phone, made, newcomer, registered
from tests.world import make_world

EXAMPLES = 30  # about fifteen seconds on two cores; a failing run is not made smaller, which would take many
WORKERS = ("amina", "baraka", "chipo")
OFF = [timedelta(days=-365), timedelta(hours=-7), timedelta(), timedelta(minutes=11), timedelta(days=365)]


@dataclass
class Sheet:
    """What one worker wrote, on paper as it were: the truth to compare with."""

    people: dict[str, str] = field(default_factory=dict)  # id → what they are called, by the last word
    met: dict[str, str] = field(default_factory=dict)  # meeting → person
    goals: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass
class Pocket:
    """A phone with all that was ever written on it, in its order, and what its owner meant."""

    phone: Phone
    owner: str
    sealed: list[dict[str, Any]] = field(default_factory=list)
    meant: Sheet = field(default_factory=Sheet)
    arrived: set[str] = field(default_factory=set)


class Undo(Exception):
    pass


class Phones(RuleBasedStateMachine):
    """Rules: write on a phone, send any of it in any order by anybody, cut it off, move its clock, revoke it."""

    def __init__(self) -> None:
        super().__init__()
        self.block = taken_back()
        self.block.__enter__()
        self.world = asking(make_world())
        self.pockets: list[Pocket] = []
        self.lost: list[Pocket] = []

    def teardown(self) -> None:
        try:
            if self.pockets:
                self.settled()
        finally:
            self.block.__exit__(None, None, None)

    @initialize(offs=st.lists(st.sampled_from(OFF), min_size=3, max_size=3))
    def phones(self, offs: list[timedelta]) -> None:
        for owner, off in zip(WORKERS, offs, strict=True):
            phone = registered(self.world, owner)
            phone.off = off
            self.pockets.append(Pocket(phone, owner))

    # ------------------------------------------------------------------------------------------ writing

    @rule(n=st.integers(0, 2), name=st.sampled_from(["Rudo", "Tendai", "فاطمة"]))
    def someone_new(self, n: int, name: str) -> None:
        pocket = self.pockets[n]
        team = 1 if pocket.owner == "chipo" else 0
        entry = self.put(pocket, "people.register_person", **newcomer(self.world, alias=name,
                         team_id=self.world.teams[team]))  # fmt: skip
        person = made(entry, "person")
        self.put(pocket, "flows.agree", person_id=person, purpose="care", given=True)
        pocket.meant.people[person] = name

    @precondition(lambda self: any(p.meant.people for p in self.pockets))
    @rule(data=st.data(), what=st.sampled_from(["meeting", "goal", "number", "name"]))
    def about_someone(self, data: st.DataObject, what: str) -> None:
        pocket = data.draw(st.sampled_from([p for p in self.pockets if p.meant.people]))
        person = data.draw(st.sampled_from(sorted(pocket.meant.people)))
        meant = pocket.meant
        if what == "meeting":
            entry = self.put(pocket, "care.note_session", person_id=person, held=True)
            meant.met[made(entry, "session")] = person
        elif what == "goal":
            entry = self.put(pocket, "care.set_goal", person_id=person, text="sleep till six")
            meant.goals[made(entry, "goal")] = person
        elif what == "number":
            entry = self.put(pocket, "people.add_contact", person_id=person, kind="phone", value="0771")
            meant.numbers[made(entry, "contact")] = person
        else:  # the last word holds: here the order is everything
            name = data.draw(st.sampled_from(["Anesu", "Bahati", "Chido"]))
            self.put(pocket, "people.change_person", person_id=person, alias=name)
            meant.people[person] = name

    def put(self, pocket: Pocket, action: str, **asked: Any) -> dict[str, Any]:
        entry = pocket.phone.write(action, **asked)
        pocket.sealed.append(entry)
        return entry

    # ------------------------------------------------------------------------------------------ sending

    @precondition(lambda self: any(p.sealed for p in self.pockets))
    @rule(data=st.data())
    def some_of_it_goes_up(self, data: st.DataObject) -> None:
        """A batch of one phone's entries, in order or not, with repeats, by itself or carried by another."""
        pocket = data.draw(st.sampled_from([p for p in self.pockets if p.sealed]))
        carrier = data.draw(st.sampled_from(self.pockets))
        start = data.draw(st.integers(0, len(pocket.sealed) - 1))
        some = pocket.sealed[start : start + data.draw(st.integers(1, 6))]
        if data.draw(st.booleans()):
            some = data.draw(st.permutations(some))
        if data.draw(st.booleans()):
            some = [*some, some[0]]
        answers = carrier.phone.answers(*some)
        self.heard(pocket, some, answers)

    @precondition(lambda self: any(p.sealed for p in self.pockets))
    @rule(data=st.data())
    def the_line_breaks(self, data: st.DataObject) -> None:
        """A batch is cut off: nothing of it arrives, or all does but nobody hears the answer."""
        pocket = data.draw(st.sampled_from([p for p in self.pockets if p.sealed]))
        some = pocket.sealed[data.draw(st.integers(0, len(pocket.sealed) - 1)) :][:4]
        if data.draw(st.booleans()):
            self.heard(pocket, some, pocket.phone.answers(*some))  # heard by the model alone
            return
        before = Entry.objects.count()
        cut = pocket.phone.post("envelopes", f'{{"envelopes": [{some[0]!r}, '.encode())
        assert cut.status_code == 400
        assert Entry.objects.count() == before

    def heard(self, pocket: Pocket, some: list[Any], answers: list[dict[str, Any]]) -> None:
        assert [a["id"] for a in answers] == [one["id"] for one in some]
        for answer in answers:
            assert answer["state"] in {"accepted", "held"}, answer
            if answer["again"]:
                assert answer["id"] in pocket.arrived
            pocket.arrived.add(answer["id"])

    # -------------------------------------------------------------------------------------------- clocks

    @rule(n=st.integers(0, 2), off=st.sampled_from(OFF))
    def a_clock_jumps(self, n: int, off: timedelta) -> None:
        phone = self.pockets[n].phone
        phone.off, phone.skew_ms = off, None
        phone.segment = f"{phone.segment}x"[-60:]

    @rule(n=st.integers(0, 2))
    def a_phone_meets_the_site(self, n: int) -> None:
        phone = self.pockets[n].phone
        phone.skew_ms = -round(phone.off / timedelta(milliseconds=1))

    # ------------------------------------------------------------------------------------------ revoking

    @precondition(lambda self: any(p.sealed for p in self.pockets))
    @rule(data=st.data())
    def a_phone_is_lost_and_revoked(self, data: st.DataObject) -> None:
        """All that it had is carried in first; what it brings later is held."""
        pocket = data.draw(st.sampled_from([p for p in self.pockets if p.sealed]))
        self.heard(pocket, pocket.sealed, self.pockets[0].phone.answers(*pocket.sealed))
        devices.revoke(by=self.world.actor(pocket.owner), device_id=pocket.phone.device)
        late = self.put(pocket, "care.set_goal", person_id=pocket.phone.device, text="too late")
        answers = self.pockets[0].phone.answers(late)
        self.heard(pocket, [late], answers)
        assert (answers[0]["state"], answers[0]["code"]) == ("held", "device-ended")
        fresh = registered(self.world, pocket.owner)
        fresh.off = pocket.phone.off
        kept = Pocket(fresh, pocket.owner)
        kept.meant.people |= pocket.meant.people  # its people are on the new phone, too
        self.pockets[self.pockets.index(pocket)] = kept
        self.lost.append(pocket)

    # ---------------------------------------------------------------------------------------- comparing

    @invariant()
    def nothing_is_doubled(self) -> None:
        if not self.pockets:
            return
        mine = Entry.objects.exclude(device="").exclude(action="flows.place_in_turn")
        for pocket in self.all():
            here = mine.filter(device=pocket.phone.device)
            assert here.count() == len(pocket.arrived), "every entry that arrived is here, once"

    def all(self) -> Iterator[Pocket]:
        yield from self.lost
        yield from self.pockets

    def settled(self) -> None:
        """In the end each phone sends all it has: the same as if nothing had ever gone wrong."""
        for pocket in self.pockets:
            for start in range(0, len(pocket.sealed), 50):
                some = pocket.sealed[start : start + 50]
                self.heard(pocket, some, pocket.phone.answers(*some))
        assert give_gaps_up() == 0
        assert not InLine.objects.filter(state="waiting").exists()
        people: dict[str, str] = {}
        for pocket in self.all():
            people |= pocket.meant.people
        met = {k: v for p in self.all() for k, v in p.meant.met.items()}
        goals = {k: v for p in self.all() for k, v in p.meant.goals.items()}
        numbers = {k: v for p in self.all() for k, v in p.meant.numbers.items()}
        called = {str(p.id): open_sealed(p.id, fields.ALIAS, p.alias) for p in Person.objects.all()}
        assert called == people, "the last word about each name holds"
        assert {str(s.id): str(s.person_id) for s in Session.objects.all()} == met
        assert {str(g.id): str(g.person_id) for g in Goal.objects.all()} == goals
        assert {str(c.id): str(c.person_id) for c in Contact.objects.all()} == numbers
        late = len(self.lost)
        assert Held.objects.filter(state="waiting").count() == late, "only what came from revoked phones waits"
        for pocket in self.all():
            rows = Entry.objects.filter(device=pocket.phone.device).exclude(action="flows.place_in_turn")
            assert rows.count() == len(pocket.sealed)
            assert all(row.happened_at <= row.received_at for row in rows)
        assert check().ok


@contextmanager
def taken_back() -> Iterator[None]:
    """A block of the test's transaction that leaves nothing behind."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


@pytest.mark.django_db
@pytest.mark.timeout(400)  # on a machine that others use, too
def test_no_entry_is_lost_and_none_is_doubled(monkeypatch) -> None:
    from kinweave.front import api_bounds

    monkeypatch.setattr(api_bounds, "PER_MINUTE", 10**9)
    api_bounds._seen.clear()
    run_state_machine_as_test(
        Phones,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=25, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
