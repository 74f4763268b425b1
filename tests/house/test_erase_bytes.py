"""After an erasure no byte on the disk, and no row, tells of the person."""

from __future__ import annotations

import json

import pytest

from tests.sites import connect, make_site

LIVED = """
from tests.world import make_world
from kinweave.flows.erase import erase_person
from kinweave.people.actions import add_contact, add_tie, change_person
from kinweave.house.journal import Head
from kinweave.listen.actions_stories import agree_story, record_story
from kinweave.listen.models import Story
from kinweave.house.sequencer import sequence
world = make_world()
amina = world.actor("amina")
for n in range(40):
    world.person(alias=f"Rudo {n}")
one = world.person(alias="Canarybird", name="Zuhura Canarysong", facts={"wg": {"seeing": 3}}, language="canaryish")
add_contact(by=amina, person_id=one, kind="phone", value="0700-canary-1", cover="Canary seed shop")
add_tie(by=amina, person_id=one, kind="guardian", name="Mother Canary")
story = {"person_id": one, "text": "A canary sang to me, and so I sleep.", "language": "en"}
told = record_story(by=amina, **story).result["story"]
agree_story(by=amina, person_id=one, story_id=told, mark=Story.objects.get(id=told).mark, given=True)
change_person(by=amina, person_id=one, language="canarytwo", name="Zuhura Canarynew")
alone = Head.now(unattended=True)
add_contact(by=world.actor("baraka"), head=alone, person_id=one, kind="phone", value="0700-canary-2")
for n in range(40):
    world.person(alias=f"Rudo after {n}")
sequence()
print(one)
"""
ERASE = """
import sys
from uuid import UUID
from kinweave.flows.erase import erase_person
from kinweave.house.access import SYSTEM
erase_person(by=SYSTEM, person_id=UUID(PERSON))
"""


@pytest.mark.sqlite_only
def test_no_byte_of_any_file_tells_of_the_erased(tmp_path):
    """Database, its log, keystore, ledger: scanned byte by byte for names, contacts and answers, in any case."""
    site = make_site(tmp_path / "site")
    one = site.run(LIVED).split()[-1]
    before = b"".join(p.read_bytes() for p in site.files()).lower()
    assert b"canarytwo" in before  # the scan sees what is there: a language stands in clear until it is erased
    assert b"canarysong" not in before
    site.run(f"PERSON = {one!r}\n{ERASE}")
    for path in site.files():
        assert b"canary" not in path.read_bytes().lower(), path.name
    names = {p.name for p in site.files()}
    assert {"kinweave.sqlite3", "keys.sqlite3", "erased.jsonl"} <= names
    line = json.loads((site.home / "keys" / "erased.jsonl").read_text())
    assert set(line) == {"entry", "persons", "keys", "at"}


@pytest.mark.postgres_only
def test_no_row_tells_of_the_erased(tmp_path):
    """Every column of every table as text. (Old row versions go with PostgreSQL's next VACUUM.)"""
    site = make_site(tmp_path / "site")
    one = site.run(LIVED).split()[-1]
    with connect(site.url) as db:
        assert "canarytwo" in _everything(db)
    site.run(f"PERSON = {one!r}\n{ERASE}")
    with connect(site.url) as db:
        text = _everything(db)
    assert "canary" not in text.lower()
    assert one in text  # the tombstone


def _everything(db) -> str:
    tables = [r[0] for r in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
    return "\n".join(str(row[0]) for t in tables for row in db.execute(f'SELECT x::text FROM "{t}" x').fetchall())
