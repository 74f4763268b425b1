"""Action throughput over HTTP: answered questionnaires, posted to the JSON API of the real server.

Each is signed in by token, checked for reach and consent, scored, sealed, journalled, and durable when it is
answered. Beside it: single-row commits of an entry's size, by the bare database in the same run.
"""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bench import bare
from bench.client import Seen, drive, request
from bench.site import Site, fresh
from bench.table import Rounds, Row, progress, show
from kinweave.core.ids import uuid7

CONNECTIONS = (1, 4, 16)
ITEMS = [f"q{n}" for n in range(1, 10)]
FIFTY = 50  # entries of a batch: design, §8
WARM = 200  # requests before anything is counted: both workers have loaded everything


def sizes(quick: bool) -> dict[str, Any]:
    return {"sent": 150, "rounds": 1, "workers": 20, "warm": 40} if quick else {
        "sent": 1_500, "rounds": 3, "workers": 300, "warm": WARM}  # fmt: skip


def run(quick: bool = False, postgres: bool = True) -> list[Row]:
    size = sizes(quick)
    rows: list[Row] = []
    for kind in ("SQLite", "PostgreSQL") if postgres else ("SQLite",):
        with _database(kind) as url, fresh(url) as site:
            rows += _measure(site, kind, **size)
    show("Accepting an answered questionnaire (flows.receive_response over the JSON API)", rows, [
        "Goal: 1,000 accepted a second at 16 connections. Server, client and database share the cores.",
    ])  # fmt: skip
    return rows


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "SQLite":
        yield ""
        return
    from tests.postgres import postgres

    with postgres(durable=True) as server:
        yield server.url()


def _measure(site: Site, kind: str, *, sent: int, rounds: int, workers: int, warm: int) -> list[Row]:
    progress(f"{kind}: a site with {workers} workers, each with a person")
    people = site.call("bench.actions:people", workers=workers)
    told: list[bytes] = []
    rows: list[Row] = []
    with site.served() as served:
        floor = drive(served.port, [request("GET", "/health")] * sent, 16)
        told += drive(served.port, posts(people, warm), 4, keep=True).bodies
        for connections in CONNECTIONS:
            progress(f"{kind}: {connections} connections")
            seen, used = [], []
            for _ in range(rounds):
                made, before = posts(people, sent), served.cpu_seconds()
                seen.append(drive(served.port, made, connections, keep=True))
                used.append(1e6 * (served.cpu_seconds() - before) / sent)
                told += seen[-1].bodies
            rows += _rows(kind, connections, seen, site, people["bytes"], sent)
            what = f"{kind}, {connections} connection{'s' * (connections > 1)}: processor time of the server a post"
            rows.append(Rounds.of(used).row(what, "µs", note="all its processes, the clocks' too"))
        rows.append(_batches(kind, served.port, people, sent, told))
        rows.append(Row(f"{kind}, 16 connections: GET /health", floor.rate, "per s", note="the server alone"))
    _all_there(told, site.call("bench.actions:journalled"))
    return rows


def _batches(kind: str, port: int, people: dict[str, Any], sent: int, told: list[bytes]) -> Row:
    """As phones and programs send that were away for a while: fifty at once, one after the other."""
    seen = drive(port, batches(people, sent // FIFTY), 1, keep=True)
    for body in seen.bodies:
        told += [json.dumps({**one, "entry_id": one["id"]}).encode() for one in json.loads(body)["entries"]]
    each = 1000 * statistics.median(seen.latencies)
    note = f"{FIFTY * seen.rate:,.0f} entries a second"
    return Row(f"{kind}: fifty in one post to /api/entries", each, "ms", at_most=100, note=note)


def _all_there(told: list[bytes], journal: dict[str, Any]) -> None:
    """Each entry that was answered as accepted is in the journal once, and nothing else is. Says what is amiss."""
    answers = [json.loads(one) for one in told]
    accepted = [one["entry_id"] for one in answers if one.get("state") == "accepted"]
    twice = len(accepted) - len(set(accepted))
    lost, unknown = set(accepted) - set(journal["ids"]), set(journal["ids"]) - set(accepted)
    if twice or lost or unknown or journal["entries"] != len(accepted):
        others = Counter(str(one.get("problem", {}).get("code", one.get("state"))) for one in answers)
        raise AssertionError(
            f"{len(accepted)} were accepted ({twice} twice), the journal holds {journal['entries']}; answered but not "
            f"there: {sorted(lost)[:3]}, there but not answered: {sorted(unknown)[:3]}; answers: {dict(others)}"
        )


def _rows(kind: str, connections: int, seen: list[Seen], site: Site, size: int, sent: int) -> list[Row]:
    if kind == "SQLite":
        name = "bare SQLite WAL FULL, one writer"
        base = statistics.median(bare.sqlite_commits(site.home, sent, size) for _ in seen)
    else:
        name = f"bare PostgreSQL, {connections} connections"
        base = statistics.median(bare.postgres_commits(site.url, sent, size, connections) for _ in seen)
    wrong = sum((Counter({s: n for s, n in one.statuses.items() if s != 200}) for one in seen), Counter[int]())
    errors = ", ".join(f"{n} answers {status}" for status, n in sorted(wrong.items())) or "no errors"
    what = f"{kind}, {connections} connection{'s' * (connections > 1)}"
    goal = 1_000 if connections == 16 else None
    rate = Rounds.of([one.rate for one in seen])
    return [
        rate.row(f"{what}: accepted", "per s", yardstick=name, beside=base, at_least=goal, note=errors),
        Rounds.of([one.milliseconds(0.5) for one in seen]).row(f"{what}: p50", "ms"),
        Rounds.of([one.milliseconds(0.95) for one in seen]).row(f"{what}: p95", "ms"),
    ]


def posts(people: dict[str, Any], count: int) -> list[bytes]:
    """Requests in the workers' turn, each with a new id; nothing in them calls for help."""
    rng = random.Random(count)
    made = []
    for n in range(count):
        one = people["workers"][n % len(people["workers"])]
        body = json.dumps(_form(one, rng)).encode()
        made.append(_request("/api/actions/flows.receive_response", one["token"], body))
    return made


def batches(people: dict[str, Any], count: int) -> list[bytes]:
    """The same, fifty of one worker in each request."""
    rng = random.Random(count)
    made = []
    for n in range(count):
        one = people["workers"][n % len(people["workers"])]
        forms = [{**_form(one, rng), "action": "flows.receive_response"} for _ in range(FIFTY)]
        made.append(_request("/api/entries", one["token"], json.dumps({"entries": forms}).encode()))
    return made


def _form(one: dict[str, str], rng: random.Random) -> dict[str, Any]:
    answers = {item: rng.choice((0, 1, 1, 2, 3)) for item in ITEMS} | {"q9": 0}
    asked = {"person_id": one["person"], "instrument": "phq-9", "answers": answers, "language": "en"}
    return {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "device": "bench", "asked": asked}


def _request(path: str, token: str, body: bytes) -> bytes:
    return request("POST", path, body=body, headers=[f"Authorization: Bearer {token}"])


# ------------------------------------------------------------------------------- inside the site


def people(workers: int) -> dict[str, Any]:
    """A world whose workers each have one person who agreed to care, screened once; tokens for all."""
    from bench import world
    from bench.generate import Maker, Plan
    from kinweave.house.models import Entry
    from kinweave.house.sequencer import sequence
    from kinweave.people.models import Person

    made = world.make(places=4, teams=min(50, workers), workers=workers)
    plan = Plan(persons=workers, facts=workers * 3, workers=workers)
    maker = Maker(plan, made)
    maker.write(range(workers), plan.counts())
    sequence()
    by_worker = {row.worker_id: row.id for row in Person.objects.all()}
    sample = Entry.objects.filter(action="flows.receive_response").values_list("parts", flat=True)[:50]
    return {
        "workers": [{"token": world.token_for(w), "person": str(by_worker[w])} for w in made.workers],
        "bytes": round(sum(map(len, sample)) / len(sample)),
    }


def journalled() -> dict[str, Any]:
    """What the journal holds of the benchmark's entries."""
    from kinweave.house.models import Entry

    found = Entry.objects.filter(device="bench", action="flows.receive_response", asked__gt="")
    ids = [str(one) for one in found.values_list("id", flat=True)]
    return {"entries": len(ids), "ids": ids}
