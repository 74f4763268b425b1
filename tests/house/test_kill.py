"""The process is killed in the middle of two thousand concurrent writes: what was acknowledged is there, once.

The writers are threads of a process of their own, calling actions as the server's handlers do, with ids that
the sender made. SIGKILL leaves them no time for anything. Then everything is sent again, as phones do.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.sites import Site, finished, make_site

WRITES = 2_000
WRITERS = 8

BEGIN = """
from tests.world import make_world
import json
world = make_world()
print(json.dumps({"amina": str(world.accounts["amina"].id), "organisation": str(world.organisation),
    "team": str(world.teams[0]), "place": str(world.wards[0]), "people": [str(world.person()) for _ in range(20)]}))
"""

# Half of the writes are about new people (with a new key each), half about twenty who are known to all writers.
WRITER = """
import json, os, sys, threading
from uuid import UUID
from kinweave.core.ids import child
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.sequencer import sequence
from kinweave.people.actions import add_contact, register_person
told = json.loads(TOLD)
amina = Actor.of(UUID(told["amina"]))
base = UUID("0198f5a0-0000-7000-8000-000000000000")
acknowledged = os.open(ACKNOWLEDGED, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def send(number):
    head = Head.now(id=child(base, str(number)))
    if number % 2:
        person = UUID(told["people"][number % 20])
        return add_contact(by=amina, head=head, person_id=person, kind="phone", value=f"0700 {number}")
    return register_person(by=amina, head=head, organisation_id=UUID(told["organisation"]), alias=f"Rudo {number}",
        name=f"Rudo {number}", team_id=UUID(told["team"]), place_id=UUID(told["place"]))

def write(which):
    for number in range(which, COUNT, WRITERS):
        receipt = send(number)
        os.write(acknowledged, f"{receipt.entry_id} {receipt.state} {receipt.again}\\n".encode())
        if number % 40 == 0:
            sequence()

threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""

CHECK = """
import json
from collections import Counter
from kinweave.house.models import Entry
from kinweave.house.replay import check
from kinweave.house.verify import verify
from kinweave.house.sealing import open_sealed
from kinweave.people.models import Contact, Person
verdict, report = verify(), check()
ids = [str(i) for i in Entry.objects.values_list("id", flat=True)]
opened = sum(1 for p in Person.objects.all() if open_sealed(p.id, "people.person.alias", p.alias))
print(json.dumps({"ids": ids, "faults": [f.code for f in verdict.faults], "differences": len(report.differences),
    "position": verdict.position, "people": Person.objects.count(), "opened": opened,
    "contacts": Contact.objects.count()}))
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


def writer(site: Site, told: str, log: Path) -> str:
    given = {"TOLD": told, "ACKNOWLEDGED": str(log), "COUNT": WRITES, "WRITERS": WRITERS}
    return "".join(f"{name} = {value!r}\n" for name, value in given.items()) + WRITER


def acknowledged(log: Path) -> list[str]:
    """The ids told to senders, by whole lines."""
    text = log.read_text() if log.exists() else ""
    return [line.split()[0] for line in text[: text.rfind("\n") + 1].splitlines()]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.timeout(300)
def test_killed_in_the_middle_of_two_thousand_writes(site, tmp_path):
    told = site.run(BEGIN)
    before = len(json.loads(site.run(CHECK))["ids"])
    log = tmp_path / "acknowledged"
    for share in (0.25, 0.6):  # killed twice, at two moments
        process = site.start(writer(site, told, log))
        _wait_for(log, int(WRITES * share), process)
        os.kill(process.pid, signal.SIGKILL)
        assert finished(process)[0] == -signal.SIGKILL
        had = acknowledged(log)
        assert WRITES * share <= len(set(had)) < WRITES
        after = json.loads(site.run(CHECK))
        _whole(after)
        assert set(had) <= set(after["ids"])
        # At most what each writer had on its way was written and not told.
        assert len(after["ids"]) - before - len(set(had)) <= WRITERS
    # Everything once more, as senders do who do not know what arrived: nothing is doubled, nothing is missing.
    again = site.start(writer(site, told, log))
    code, _, complained = finished(again)
    assert code == 0, complained[-2000:]
    after = json.loads(site.run(CHECK))
    _whole(after)
    assert len(after["ids"]) == before + WRITES
    assert set(acknowledged(log)) <= set(after["ids"])
    assert len(set(acknowledged(log))) == WRITES
    assert after["people"] == 20 + WRITES // 2
    assert after["contacts"] == WRITES // 2
    answers = [line.split()[2] for line in log.read_text().splitlines() if line]
    assert answers.count("True") >= WRITES * 0.6


def _wait_for(log: Path, count: int, process) -> None:
    until = time.monotonic() + 120
    while len(set(acknowledged(log))) < count:
        assert process.poll() is None, finished(process)[2][-2000:]
        assert time.monotonic() < until, "the writers are too slow"
        time.sleep(0.01)


def _whole(after: dict) -> None:
    """Each entry once, none half: every row is what the journal says, every name opens, positions without a gap."""
    assert len(after["ids"]) == len(set(after["ids"])) == after["position"]
    assert after["faults"] == []
    assert after["differences"] == 0
    assert after["opened"] == after["people"]
