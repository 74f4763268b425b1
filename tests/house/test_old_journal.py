"""A journal written by an earlier release makes the same tables today, on either database."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps

from kinweave.house.keystore import Keystore
from kinweave.house.models import Entry, Position
from kinweave.house.replay import replay
from kinweave.house.scratch import scratch
from kinweave.house.sequencer import START, digest
from tests.fixtures.make_journal import JOURNAL, TABLES, digest_of

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [json.loads(line) for line in JOURNAL.read_text(encoding="utf-8").splitlines()]
EXPECTED = json.loads(TABLES.read_text(encoding="utf-8"))


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    made = Keystore(tmp_path / "keys.sqlite3", bytes(32))
    for line in LINES:
        if "key" in line:
            one = UUID(line["key"])
            wrapped = made._wrapped(one, base64.b64decode(line["raw"]))
            made._db().execute("INSERT INTO key VALUES (?, ?)", [one.bytes, wrapped])
    return made


def entries() -> list[Entry]:
    made = []
    for serial, line in enumerate((one["entry"] for one in LINES if "entry" in one), 1):
        entry = Entry(serial=serial, **line)
        for field in Entry._meta.concrete_fields:
            setattr(entry, field.attname, field.to_python(getattr(entry, field.attname)))
        made.append(entry)
    return made


def test_it_makes_the_same_tables(store, db):
    with scratch("replay") as fresh:
        chain, placed = START, []
        for entry in entries():
            chain = digest(chain, entry)
            placed.append(Position(position=entry.serial, serial=entry.serial, digest=chain))
        Entry.objects.using(fresh).bulk_create(entries())
        Position.objects.using(fresh).bulk_create(placed)
        assert replay(fresh, using=fresh, store=store) == len(placed) > 30
        for label, expected in EXPECTED.items():
            rows, found = digest_of(apps.get_model(label), expected["columns"], fresh)
            assert (label, rows, found) == (label, expected["rows"], expected["sha256"])
    assert EXPECTED["people.Person"]["rows"] == 5


def test_an_erased_person_is_among_them_without_a_key(store):
    erased = [e for e in entries() if e.action == "flows.erase_person"]
    assert len(erased) == 1
    keys = [UUID(k) for k in json.loads(erased[0].parts)[-1]["o"]["keys"]]
    assert keys
    assert store.read(keys) == {}
