"""Verify finds any later change and names it by its position; it finishes what a crash left half done."""

from __future__ import annotations

import sqlite3

import pytest
from django.conf import settings
from django.db import connection

from kinweave.flows.erase import erase_person
from kinweave.house import erasure, sealing
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.models import Arrival, Entry, Position
from kinweave.house.sequencer import sequence
from kinweave.house.verify import Fault, verify

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = [f.column for f in Entry._meta.concrete_fields]


@pytest.fixture
def journal(world):
    """Nine people's entries, all placed, of which the fifth from the end is the one that tests change."""
    for number in range(9):
        world.person(consent=False, alias=f"Rudo {number}", birth_year=1980 + number)
    return sequence()


def raw(sql: str, *values) -> None:
    """Past every model and check, as someone with the database's password would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute(sql, values)


def test_a_whole_journal_has_no_fault_and_shows_its_head(journal):
    verdict = verify()
    assert verdict.ok, verdict.faults
    assert (verdict.entries, verdict.position) == (journal, journal)
    assert verdict.head == bytes(Position.objects.get(position=journal).digest).hex()
    assert verify(known={journal: verdict.head}).ok


def test_an_empty_journal_has_no_fault(db):
    verdict = verify()
    assert verdict.ok
    assert verdict.entries == 0


CHANGED = {
    "serial": "serial + 1000",
    "id": {"sqlite": "upper(id)", "postgresql": "gen_random_uuid()"},
    "action": "'house.add_programmf'",
    "actor_id": {"sqlite": "substr(actor_id, 1, 31) || 'g'", "postgresql": "gen_random_uuid()"},
    "device": "'x'",
    "happened_at": {
        "sqlite": "substr(happened_at, 1, 25) || ((substr(happened_at, 26, 1) + 1) % 10)",
        "postgresql": "happened_at + interval '1 microsecond'",
    },
    "happened_offset": "happened_offset + 1",
    "precision": "'secone'",
    "received_at": {
        "sqlite": "replace(received_at, ' ', 'T')",
        "postgresql": "received_at - interval '1 microsecond'",
    },
    "subject_id": {"sqlite": "NULL", "postgresql": "NULL"},
    "asked": "CASE substr(asked, 1, 1) WHEN 'f' THEN '0' ELSE 'f' END || substr(asked, 2)",
    "parts": "replace(parts, ':1}', ':2}')",
}


def test_every_column_of_an_entry_is_tried():
    assert set(CHANGED) == set(COLUMNS)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found_at_its_position(journal, column):
    at = journal - 4
    serial = Position.objects.get(position=at).serial
    how = CHANGED[column]
    how = how if isinstance(how, str) else how[connection.vendor]
    before = Entry.objects.filter(serial=serial).values_list(*COLUMNS).get()
    raw(f"UPDATE house_entry SET {column} = {how} WHERE serial = %s", serial)
    if column not in ("serial", "id", "actor_id", "received_at"):
        assert Entry.objects.filter(serial=serial).values_list(*COLUMNS).get() != before
    verdict = verify()
    assert {f.position for f in verdict.faults if f.position} == {at}, verdict.faults
    assert {"changed", "entry-missing"} & {f.code for f in verdict.faults}


@pytest.mark.sqlite_only
def test_every_single_byte_of_a_stored_entry_is_held(journal):
    """One bit in each byte of each text column, one after the other: none goes unseen."""
    at = journal - 1
    serial = Position.objects.get(position=at).serial
    missed = []
    for column in (
        "id",
        "action",
        "actor_id",
        "happened_at",
        "precision",
        "received_at",
        "subject_id",
        "asked",
        "parts",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} || '' FROM house_entry WHERE serial = %s", [serial])
            text = cursor.fetchone()[0]
        step = max(1, len(text) // 20)
        for place in range(0, len(text), step):
            other = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            raw(f"UPDATE house_entry SET {column} = %s WHERE serial = %s", other, serial)
            if at not in {f.position for f in verify().faults}:
                missed.append((column, place))
        raw(f"UPDATE house_entry SET {column} = %s WHERE serial = %s", text, serial)
    assert missed == []
    assert verify().ok


def test_a_changed_digest_is_found_at_its_position(journal):
    Position.objects.filter(position=journal - 4).update(digest=b"\1" * 32)
    assert verify().faults == [Fault("changed", journal - 4, _entry(journal - 4).id)]


def _entry(position: int) -> Entry:
    return Entry.objects.get(serial=Position.objects.get(position=position).serial)


def test_a_deleted_entry_a_gap_and_a_cut_end_are_found(journal):
    raw("DELETE FROM house_entry WHERE serial = %s", Position.objects.get(position=3).serial)
    raw("DELETE FROM house_position WHERE position = %s", 5)
    raw("DELETE FROM house_position WHERE position = %s", journal)
    codes = [(f.code, f.position) for f in verify().faults]
    assert ("entry-missing", 3) in codes
    assert ("gap", 5) in codes
    assert codes.count(("not-placed", None)) == 2


def test_two_entries_that_changed_places_are_found(journal):
    one, two = Position.objects.get(position=journal - 3), Position.objects.get(position=journal - 2)
    Position.objects.filter(position=one.position).update(serial=-1)
    Position.objects.filter(position=two.position).update(serial=one.serial)
    Position.objects.filter(position=one.position).update(serial=two.serial)
    assert {f.position for f in verify().faults} == {one.position, two.position}


def test_a_chain_rewritten_as_a_whole_is_found_by_a_printed_head(journal):
    printed = {journal: verify().head}
    entry = _entry(journal - 4)
    raw("UPDATE house_entry SET device = 'x' WHERE serial = %s", entry.serial)
    serials = list(Position.objects.order_by("position").values_list("serial", flat=True))
    Position.objects.all().delete()
    Arrival.objects.bulk_create([Arrival(serial=serial) for serial in serials])
    sequence()
    assert verify().ok  # within itself it is whole
    assert [(f.code, f.position) for f in verify(known=printed).faults] == [("head-differs", journal)]


def test_a_chain_that_lost_its_end_is_found_by_a_printed_head(journal):
    printed = {journal: verify().head}
    raw("DELETE FROM house_entry WHERE serial = %s", Position.objects.get(position=journal).serial)
    raw("DELETE FROM house_position WHERE position = %s", journal)
    assert verify().ok
    assert [(f.code, f.position) for f in verify(known=printed).faults] == [("head-differs", journal)]


def test_a_key_that_is_gone_without_an_erasure_is_found(journal):
    entry = _entry(journal)
    sealing.keystore().destroy([entry.subject_id])
    assert [(f.code, f.position) for f in verify().faults] == [("key-missing", journal)]


def test_a_key_that_does_not_open_is_found(journal):
    entry = _entry(journal)
    db = sqlite3.connect(settings.KEYSTORE_FILE)
    with db:
        db.execute("UPDATE key SET wrapped = zeroblob(60) WHERE id = ?", [entry.subject_id.bytes])
    db.close()
    try:
        assert [(f.code, f.position) for f in verify().faults] == [("key-unreadable", journal)]
    finally:
        sealing.keystore().destroy([entry.subject_id])


def test_an_action_that_this_release_does_not_know_is_found(world, monkeypatch):
    from kinweave.house.journal import APPLIES

    add_organisation(by=SYSTEM, name="Others")
    position = sequence()
    first = Position.objects.get(position=1)
    assert Entry.objects.get(serial=first.serial).action == "house.add_organisation"
    monkeypatch.delitem(APPLIES, ("house.add_organisation", 1))
    assert [(f.code, f.position) for f in verify().faults] == [("unknown-action", 1), ("unknown-action", position)]


def test_an_erased_person_is_no_fault(world):
    erase_person(by=world.actor("farai"), person_id=world.person())
    verdict = verify()
    assert verdict.ok, verdict.faults
    assert verdict.finished == 0


def test_an_erasure_that_the_ledger_lost_is_written_there_again(world):
    person = world.person()
    erase_person(by=world.actor("farai"), person_id=person)
    settings.ERASURE_LEDGER.unlink()
    verdict = verify()
    assert verdict.finished == 1
    assert [line.persons for line in erasure.ledger()] == [(person,)]
    assert verify().ok


def test_progress_is_told(journal):
    told = []
    verify(on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (journal, journal)
