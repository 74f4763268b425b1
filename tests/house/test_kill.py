"""The process is killed in the middle of two thousand concurrent writes: what was acknowledged is there, once.

Once the writers are threads of a process of their own, once clients of the real server, each with ids that the
sender made. SIGKILL leaves no time for anything. Then everything is sent again, as phones do.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from kinweave.core.ids import uuid7
from tests.sites import ROOT, Site, finished, make_site

WRITES = 2_000
BY_THREADS = 600
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
    given = {"TOLD": told, "ACKNOWLEDGED": str(log), "COUNT": BY_THREADS, "WRITERS": WRITERS}
    return "".join(f"{name} = {value!r}\n" for name, value in given.items()) + WRITER


def acknowledged(log: Path) -> list[str]:
    """The ids told to senders, by whole lines."""
    text = log.read_text() if log.exists() else ""
    return [line.split()[0] for line in text[: text.rfind("\n") + 1].splitlines()]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.timeout(300)
def test_a_process_killed_twice_between_its_threads_writes(site, tmp_path):
    told = site.run(BEGIN)
    before = len(json.loads(site.run(CHECK))["ids"])
    log = tmp_path / "acknowledged"
    for share in (0.25, 0.6):  # killed twice, at two moments
        process = site.start(writer(site, told, log))
        _wait_for(log, int(BY_THREADS * share), process)
        os.kill(process.pid, signal.SIGKILL)
        assert finished(process)[0] == -signal.SIGKILL
        had = acknowledged(log)
        assert BY_THREADS * share <= len(set(had)) < BY_THREADS
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
    assert len(after["ids"]) == before + BY_THREADS
    assert set(acknowledged(log)) <= set(after["ids"])
    assert len(set(acknowledged(log))) == BY_THREADS
    assert after["people"] == 20 + BY_THREADS // 2
    assert after["contacts"] == BY_THREADS // 2
    answers = [line.split()[2] for line in log.read_text().splitlines() if line]
    assert answers.count("True") >= BY_THREADS * 0.6


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


# --------------------------------------------------------------------------------- the same through the server

TOKEN = """
import json
from uuid import UUID
from kinweave.house.access import Actor
from kinweave.house.tokens import make_token
told = json.loads(TOLD)
print(make_token(by=Actor.of(UUID(told["amina"])), name="phone")[1])
"""
IN_A_BATCH = 5


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.timeout(300)
def test_the_server_killed_in_the_middle_of_two_thousand_writes(site):
    told = site.run(BEGIN)
    asked = json.loads(told)
    token = site.run(f"TOLD = {told!r}\n{TOKEN}").strip()
    before = len(json.loads(site.run(CHECK))["ids"])
    batches = [_batch(asked, start) for start in range(0, WRITES, IN_A_BATCH)]
    had: set[str] = set()
    with _server(site) as (address, process):
        with ThreadPoolExecutor(WRITERS) as senders:
            sent = [senders.submit(_send, address, token, batch, had) for batch in batches]
            while len(had) < WRITES * 0.4:
                assert process.poll() is None
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)
        assert any(one.exception() for one in sent)  # some were cut off in the middle
    assert WRITES * 0.4 <= len(had) < WRITES
    after = json.loads(site.run(CHECK))
    _whole(after)
    assert had <= set(after["ids"])
    with _server(site) as (address, _), ThreadPoolExecutor(WRITERS) as senders:
        for one in [senders.submit(_send, address, token, batch, had) for batch in batches]:
            one.result()
    after = json.loads(site.run(CHECK))
    _whole(after)
    assert len(had) == WRITES
    assert len(after["ids"]) == before + WRITES
    assert (after["people"], after["contacts"]) == (20 + WRITES // 2, WRITES // 2)


def _batch(asked: dict, start: int) -> list[dict]:
    return [_entry(asked, number) for number in range(start, start + IN_A_BATCH)]


def _entry(asked: dict, number: int) -> dict:
    head = {"id": str(uuid7()), "happened_at": "2026-01-02T10:00:00+02:00"}
    if number % 2:
        contact = {"person_id": asked["people"][number % 20], "kind": "phone", "value": f"0700 {number}"}
        return {**head, "action": "people.add_contact", "asked": contact}
    person = {"organisation_id": asked["organisation"], "team_id": asked["team"], "place_id": asked["place"]}
    return {**head, "action": "people.register_person", "asked": {**person, "alias": f"Rudo {number}"}}


def _send(address: str, token: str, batch: list[dict], had: set[str]) -> None:
    request = Request(
        f"{address}/api/entries", json.dumps({"entries": batch}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urlopen(request, timeout=60) as answer:
        for one in json.load(answer)["entries"]:
            assert one["state"] == "accepted", one
            had.add(one["id"])


@contextmanager
def _server(site: Site) -> Iterator[tuple[str, subprocess.Popen]]:
    """The site's own server on a free port, in a process group of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kinweave", "serve", "--port", str(port), "--no-worker"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=site.environment, start_new_session=True, **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, process)
        yield address, process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _wait_until_it_answers(address: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")
