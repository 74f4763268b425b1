"""Writers that wait together share one commit, and nothing else: each is answered for itself, after the disk has it.

A group is made on purpose here: one writer is held in the middle of its transaction while the others come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from kinweave.care.models import Risk
from kinweave.core.problems import Problem
from kinweave.flows import receive
from kinweave.flows.receive import receive_response
from kinweave.house import quick, together
from kinweave.house.journal import Head
from kinweave.house.models import Arrival, Due, Entry, Happened, Message
from kinweave.house.registry import Ask, IdReused, Receipt, run_all
from kinweave.house.replay import check
from kinweave.listen.actions import switch_instrument
from kinweave.listen.models import Response, Score
from kinweave.people.standing import standing
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
CALM = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
DANGER = {**CALM, "q9": 2}
SOON = 20  # seconds for anything in here


@pytest.fixture
def asking() -> World:
    world = make_world()
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    return world


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many senders each transaction carried."""
    seen: list[int] = []
    taken = together._taken

    def counted() -> list[Any]:
        group = taken()
        seen.append(len(group))
        return group

    monkeypatch.setattr(together, "_taken", counted)
    return seen


def form(world: World, person: UUID, answers: dict[str, Any] = CALM, head: Head | None = None, by: str = "amina"):
    """Something to send: a questionnaire."""
    actor, given = world.actor(by), head or Head.now(unattended=True)
    return lambda: receive_response(by=actor, head=given, person_id=person, instrument="phq-9", answers=answers)


def in_one_group(works: Sequence[Callable[[], Any]]) -> list[Future[Any]]:
    """Send all of these, in this order, so that one transaction carries them all."""
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go.wait(SOON)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(_closing, lambda: together.write([together.Piece(hold)]))
        assert inside.wait(SOON)
        sent = []
        for work in works:
            sent.append(pool.submit(_closing, work))
            _until(lambda: len(together._waiting) == len(sent))
        go.set()
        first.result(SOON)
    return sent


def _closing(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connections.close_all()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_ten_who_wait_are_one_transaction_and_ten_entries(asking, groups):
    people = [asking.person() for _ in range(10)]
    before = Entry.objects.count()
    groups.clear()
    sent = in_one_group([form(asking, person) for person in people])
    assert groups == [1, 10]  # the one that was held, then all the others
    receipts = [one.result(SOON) for one in sent]
    assert {r.state for r in receipts} == {"accepted"}
    assert len({r.entry_id for r in receipts}) == 10 == Entry.objects.count() - before
    assert sorted(Response.objects.values_list("person_id", flat=True)) == sorted(people)
    assert Score.objects.count() == 10
    assert not check().differences


def test_they_are_written_in_the_order_in_which_they_came(asking):
    person = asking.person()
    heads = [Head.now(unattended=True) for _ in range(6)]
    sent = in_one_group([form(asking, person, head=head) for head in heads])
    assert [one.result(SOON).entry_id for one in sent] == [head.id for head in heads]
    serials = dict(Entry.objects.values_list("id", "serial"))
    assert sorted(heads, key=lambda head: serials[head.id]) == heads


def test_one_bad_among_many_is_refused_alone(asking, groups):
    people = [asking.person() for _ in range(4)]
    refusing = asking.person(consent=False)
    attended = Head.now()
    before = Entry.objects.count()
    groups.clear()
    sent = in_one_group(
        [
            form(asking, people[0]),
            form(asking, people[1]),
            form(asking, refusing, head=attended),
            form(asking, people[2]),
        ]
    )
    assert groups == [1, 4]
    assert isinstance(sent[2].exception(SOON), Problem)
    assert sent[2].exception(SOON).code == "no-consent"
    assert [one.result(SOON).state for one in sent if one is not sent[2]] == ["accepted"] * 3
    assert Entry.objects.count() - before == 3
    assert not Entry.objects.filter(id=attended.id).exists()


def test_what_fails_after_writing_takes_only_its_own_rows_back(asking, monkeypatch):
    """One piece writes rows and then breaks, in the middle of a group."""
    people = [asking.person() for _ in range(3)]
    bad = Head.now(unattended=True)
    settle = receive.to_ask_again
    person_of_bad = people[1]

    def broken(*, by: Any, head: Head, person_id: UUID) -> bool:
        if person_id == person_of_bad:
            assert Response.objects.filter(person_id=person_id).exists()  # its row is there by now
            raise ZeroDivisionError
        return settle(by=by, head=head, person_id=person_id)

    monkeypatch.setattr("kinweave.flows.receive.to_ask_again", broken)
    (state,) = {standing(one).state for one in people}
    monkeypatch.setattr("kinweave.flows.receive.ACTIVE", state)  # so that something follows the response
    heads = [Head.now(unattended=True), bad, Head.now(unattended=True)]
    sent = in_one_group([form(asking, p, head=h) for p, h in zip(people, heads, strict=True)])
    assert isinstance(sent[1].exception(SOON), ZeroDivisionError)
    assert [sent[n].result(SOON).state for n in (0, 2)] == ["accepted", "accepted"]
    assert not Response.objects.filter(person_id=person_of_bad).exists()
    assert not Happened.objects.filter(person_id=person_of_bad, kind="answered").exists()
    assert Response.objects.count() == 2
    assert not check().differences


def test_the_same_id_twice_in_one_group_is_written_once(asking, groups):
    person, head = asking.person(), Head.now(unattended=True)
    other = asking.person()
    groups.clear()
    sent = in_one_group(
        [form(asking, person, head=head), form(asking, person, head=head), form(asking, other, head=head)]
    )
    assert groups == [1, 3]
    first, second = sent[0].result(SOON), sent[1].result(SOON)
    assert (first.again, second.again) == (False, True)
    assert first.result == second.result
    assert isinstance(sent[2].exception(SOON), IdReused)  # the same id, but something else
    assert Response.objects.count() == 1


def test_a_safety_answer_in_a_group_is_told_once_and_after_the_commit(asking, monkeypatch):
    people = [asking.person() for _ in range(3)]
    committed = []
    tell = receive.tell_about

    def told(risk: UUID) -> None:
        committed.append(not connection.in_atomic_block and Risk.objects.filter(id=risk).exists())
        tell(risk)

    monkeypatch.setattr("kinweave.flows.receive.tell_about", told)
    sent = in_one_group([form(asking, people[0]), form(asking, people[1], DANGER), form(asking, people[2])])
    risk = UUID(sent[1].result(SOON).result["risk"])
    assert committed == [True]
    assert Message.objects.filter(ref_id=risk, code="risk", channel="page").count() == 1
    assert Risk.objects.count() == 1
    assert Due.objects.filter(ref_id=risk, state="open").count() == 2
    assert all("risk" not in sent[n].result(SOON).result for n in (0, 2))


def test_a_fault_in_telling_is_the_senders_own(asking, monkeypatch):
    """The entry stays, the others hear nothing of it, and the clock tells again."""
    people = [asking.person() for _ in range(2)]

    def broken(risk: UUID) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kinweave.flows.receive.tell_about", broken)
    sent = in_one_group([form(asking, people[0], DANGER), form(asking, people[1])])
    assert isinstance(sent[0].exception(SOON), ZeroDivisionError)
    assert sent[1].result(SOON).state == "accepted"
    assert Risk.objects.count() == 1


def test_what_failed_has_no_after(asking, monkeypatch):
    """Taken back as a whole, alone in its transaction: what it wanted done after the commit is not done."""
    person, done = asking.person(), []
    tell = receive.open_alert

    def broken(*args: Any) -> UUID:
        tell(*args)
        transaction.on_commit(lambda: done.append("destroyed"))
        raise ZeroDivisionError

    monkeypatch.setattr("kinweave.flows.receive.open_alert", broken)
    with pytest.raises(ZeroDivisionError):
        form(asking, person, DANGER, Head.now())()
    assert done == []
    assert not Risk.objects.exists()


def test_a_commit_that_fails_loses_nobody(asking, monkeypatch, groups):
    """The disk refuses once: each writes by itself, and is answered only then."""
    people = [asking.person() for _ in range(5)]
    database = type(connections["default"])
    commit, failed = database._commit, []

    def refuses(self: Any) -> None:
        if groups and groups[-1] == 5 and not failed:
            failed.append(True)
            raise OperationalError("disk I/O error")
        commit(self)

    groups.clear()
    monkeypatch.setattr(database, "_commit", refuses)
    sent = in_one_group([form(asking, person) for person in people])
    assert failed == [True]
    assert [(one.result(SOON).state, one.result(SOON).again) for one in sent] == [("accepted", False)] * 5
    assert Response.objects.count() == 5
    assert not check().differences


def test_the_thread_that_carries_may_die_and_the_others_go_on(asking):
    person = asking.person()
    inside, go = threading.Event(), threading.Event()

    def dies() -> None:
        inside.set()
        assert go.wait(SOON)
        raise SystemExit

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(_closing, lambda: together.write([together.Piece(dies)]))
        assert inside.wait(SOON)
        sent = pool.submit(_closing, form(asking, person))
        _until(lambda: len(together._waiting) == 1)
        go.set()
        assert isinstance(first.exception(SOON), SystemExit)
        assert sent.result(SOON).state == "accepted"


def test_a_fault_that_was_passed_over_is_never_answered_as_written(asking):
    """PostgreSQL rolls such a transaction back at its commit without a word; SQLite keeps it."""
    person, head = asking.person(), Head.now()

    def careless() -> Receipt:
        with suppress(DatabaseError):
            quick.ask("SELECT 1 FROM nowhere")
        return receive_response(by=asking.actor("amina"), head=head, person_id=person, instrument="phq-9", answers=CALM)

    piece = together.Piece(careless)
    together.write([piece])
    there = Response.objects.filter(person_id=person).exists()
    assert there == (piece.fault is None)
    if connection.vendor == "postgresql":
        assert isinstance(piece.fault, DatabaseError)

    def careless_at_the_end() -> str:
        quick.tell("INSERT INTO house_arrival (serial) VALUES (%s)", [987_654])
        with suppress(DatabaseError):
            quick.ask("SELECT 1 FROM nowhere")
        return "written"

    piece = together.Piece(careless_at_the_end)
    together.write([piece])
    assert Arrival.objects.filter(serial=987_654).exists() == (piece.fault is None)
    assert (piece.fault is None) == (connection.vendor == "sqlite")


def test_alone_nobody_waits_for_company(asking, groups):
    person = asking.person()
    groups.clear()
    assert form(asking, person)().state == "accepted"
    assert groups == [1]
    assert not together._waiting
    assert not together._led


def test_a_batch_is_one_transaction_with_its_order_kept(asking, groups):
    people = [asking.person() for _ in range(3)]
    refusing = asking.person(consent=False)
    by = asking.actor("amina")
    asks = [
        Ask("flows.receive_response", by, Head.now(), {"person_id": p, "instrument": "phq-9", "answers": CALM})
        for p in [*people, refusing, people[0]]
    ]
    groups.clear()
    answers = run_all(asks)
    assert groups == [1]
    assert [type(one) is Receipt for one in answers] == [True, True, True, False, True]
    assert [one.entry_id for n, one in enumerate(answers) if n != 3] == [
        a.head.id for n, a in enumerate(asks) if n != 3
    ]
    again = run_all(asks)
    assert [one.again for n, one in enumerate(again) if n != 3] == [True] * 4


def test_sixteen_clients_at_once(asking):
    """Two hundred forms of twenty people, each sent twice: each is there once, and replay agrees."""
    people = [asking.person() for _ in range(20)]
    by = asking.actor("amina")
    work = [(people[n % 20], Head.now(unattended=True)) for n in range(200)] * 2
    before = Entry.objects.count()

    def send(one: tuple[UUID, Head]) -> Receipt:
        return receive_response(by=by, head=one[1], person_id=one[0], instrument="phq-9", answers=CALM)

    def some(mine: list[tuple[UUID, Head]]) -> list[Receipt]:
        return _closing(lambda: [send(one) for one in mine])

    with ThreadPoolExecutor(16) as pool:
        receipts = [r for made in pool.map(some, [work[n::16] for n in range(16)]) for r in made]
    assert {r.state for r in receipts} == {"accepted"}
    assert sum(not r.again for r in receipts) == 200 == Entry.objects.count() - before == Response.objects.count()
    assert Arrival.objects.count() == Entry.objects.count()
    assert not check().differences


def test_a_calm_form_costs_few_statements(asking):
    """Counted, so that a look-up that creeps in is noticed."""
    person = asking.person()
    form(asking, person)()
    send = form(asking, person)
    with CaptureQueriesContext(connection) as seen:
        send()
    said = [one["sql"].split(" ", 1)[0].upper() for one in seen.captured_queries if "advisory" not in one["sql"]]
    assert said.count("SELECT") <= 6, said  # the entry, the person, merged ones, consent, the switch, the table
    assert said.count("INSERT") == 5  # the response, its score, the timeline, the entry, its arrival
    assert len(said) <= 17, said  # and the transaction, with two savepoints inside


def test_nothing_is_looked_up_twice_within_and_all_anew_after_a_write(asking):
    from kinweave.people.models import Person

    person = asking.person()
    with together.one_transaction():
        with CaptureQueriesContext(connection) as seen:
            rows = [quick.by_id(Person, person) for _ in range(3)]
        assert len(seen) == 1
        assert len({id(row) for row in rows}) == 1
        quick.forget("people.Person")
        with CaptureQueriesContext(connection) as seen:
            quick.by_id(Person, person)
        assert len(seen) == 1
    with CaptureQueriesContext(connection) as seen:
        quick.by_id(Person, person)
        quick.by_id(Person, person)
    assert len(seen) == 2  # outside of a transaction nothing is remembered


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    yield
    assert not together._waiting
    assert not together._led
