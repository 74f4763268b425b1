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
    total = 0
    rows: list[Row] = []
    with site.served() as served:
        floor = drive(served.port, [request("GET", "/health")] * sent, 16)
        total += drive(served.port, posts(people, warm), 4).accepted
        for connections in CONNECTIONS:
            progress(f"{kind}: {connections} connections")
            seen = [drive(served.port, posts(people, sent), connections) for _ in range(rounds)]
            total += sum(one.accepted for one in seen)
            rows += _rows(kind, connections, seen, site, people["bytes"], sent)
        rows.append(Row(f"{kind}, 16 connections: GET /health", floor.rate, "per s", note="the server alone"))
    found = site.call("bench.actions:counted")
    if found != {"entries": total, "distinct": total}:
        raise AssertionError(f"{total} were accepted, the journal holds {found}")
    return rows


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
        answers = {item: rng.choice((0, 1, 1, 2, 3)) for item in ITEMS} | {"q9": 0}
        body = {
            "id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "device": "bench",
            "asked": {"person_id": one["person"], "instrument": "phq-9", "answers": answers, "language": "en"},
        }  # fmt: skip
        made.append(
            request(
                "POST", "/api/actions/flows.receive_response", body=json.dumps(body).encode(),
                headers=[f"Authorization: Bearer {one['token']}"],
            )
        )  # fmt: skip
    return made


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


def counted() -> dict[str, int]:
    """What the journal holds of the benchmark's entries: each acknowledged one exactly once."""
    from kinweave.house.models import Entry

    entries = Entry.objects.filter(device="bench", action="flows.receive_response", asked__gt="")
    return {"entries": entries.count(), "distinct": entries.values("id").distinct().count()}
