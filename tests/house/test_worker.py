"""The clocks: one worker at a time, after crashes and with clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kinweave.core.problems import Problem
from kinweave.house import worker
from kinweave.house.models import Arrival, Lease, Position
from kinweave.house.worker import HELD_FOR, every, late, round_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """One task that notes its runs, every ten seconds, and no other."""
    monkeypatch.setattr(worker, "CLOCKS", {})
    runs: list[str] = []
    every(10, "test.task")(lambda: runs.append("run"))
    return runs


def after(seconds: float):
    return lambda: NOON + timedelta(seconds=seconds)


def test_a_task_runs_when_it_is_due(ran) -> None:
    assert [round_of("a", after(s)) for s in (0, 5, 10, 11, 20)] == [1, 0, 1, 0, 1]
    assert len(ran) == 3


def test_of_two_workers_one_runs_it(ran) -> None:
    Lease.objects.create(name="test.task", holder="a", until=NOON + HELD_FOR)
    assert round_of("b", after(0)) == 0
    assert round_of("a", after(0)) == 1


def test_the_lease_of_a_dead_worker_is_taken_over(ran) -> None:
    Lease.objects.create(name="test.task", holder="dead", until=NOON + HELD_FOR)
    assert round_of("b", after(HELD_FOR.total_seconds() + 1)) == 1
    assert not Lease.objects.get().until


def test_a_worker_that_slept_does_not_give_back_what_another_holds(ran) -> None:
    clock = worker.CLOCKS["test.task"]
    assert worker.take(clock, "slow", NOON)
    assert worker.take(clock, "quick", NOON + 2 * HELD_FOR)
    worker.done(clock, "slow", NOON + 2 * HELD_FOR)
    assert Lease.objects.get().holder == "quick"


def test_a_machine_that_slept_runs_it_once_not_a_hundred_times(ran) -> None:
    round_of("a", after(0))
    assert [round_of("a", after(s)) for s in (100_000, 100_001)] == [1, 0]


def test_a_clock_set_back_does_not_stop_it(ran) -> None:
    round_of("a", after(100_000))
    assert round_of("a", after(0)) == 1
    Lease.objects.update(holder="dead", until=NOON + timedelta(days=9), last_at=None)
    assert round_of("a", after(5)) == 1


def test_a_task_that_fails_stops_no_other_and_shows(ran) -> None:
    class Away(Problem):
        code = "away"

    def fails() -> None:
        raise Away()

    def breaks() -> None:
        raise RuntimeError("with a name in it")

    every(10, "test.fails")(fails)
    every(10, "test.breaks")(breaks)
    assert round_of("a", after(0)) == 3
    assert ran == ["run"]
    assert {lease.name: lease.fault for lease in late(NOON)} == {"test.fails": "away", "test.breaks": "RuntimeError"}


def test_what_has_not_run_for_long_shows(ran) -> None:
    assert [lease.name for lease in late(NOON)] == ["test.task"]
    round_of("a", after(0))
    assert late(NOON + timedelta(seconds=30)) == []
    assert [lease.name for lease in late(NOON + timedelta(minutes=5))] == ["test.task"]


def test_an_idle_site_writes_nothing(ran, django_assert_num_queries) -> None:
    worker.CLOCKS.clear()
    every(1, "test.wanted", Arrival.objects.exists)(lambda: ran.append("run"))
    with django_assert_num_queries(1):
        assert round_of("a", after(0)) == 0
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)  # the worker closes its connection
def test_the_worker_gives_entries_their_positions(world) -> None:
    assert Arrival.objects.exists()
    assert worker.run(once=True) == 0
    assert not Arrival.objects.exists()
    assert Position.objects.exists()
