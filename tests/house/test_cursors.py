"""Why positions, and nothing simpler: a timestamp, a plain sequence and a transaction id as the reader's cursor.

A reader takes "everything after my cursor" again and again, while writers overlap. In the same scenario these
cursors lose entries or put an effect before its cause; positions do not (tests/house/test_sequencer.py).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_place, count_place
from kinweave.house.journal import Head
from kinweave.house.models import Entry, PlaceYear
from tests.house.test_sequencer import add, add_and_roll_back, gapless, read_on

pytestmark = pytest.mark.django_db(transaction=True)


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
