"""OpenRosa intake: filled PHQ-9 forms posted as ODK Collect does, at 1,000 and at 1,000,000 stored submissions.

Each is signed in by the app user's token, read from multipart and XML, checked for reach and consent, scored, its
raw text sealed, journalled, and durable when it is answered. Beside it: single-row commits of an entry's size, by
the bare database in the same run.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from bench import bare
from bench.client import Seen, drive, request
from bench.site import Site, fresh
from bench.table import Rounds, Row, progress, show

CLIENTS = (1, 4, 16)
BOUNDARY = "bench-0f3a"
FORM = "how-you-have-been-9"


def sizes(quick: bool) -> dict[str, Any]:
    if quick:
        return {"sent": 100, "rounds": 1, "workers": 10, "stored": (200, 1_000)}
    return {"sent": 1_500, "rounds": 3, "workers": 300, "stored": (1_000, 1_000_000)}


def run(quick: bool = False, postgres: bool = True) -> list[Row]:
    size = sizes(quick)
    rows: list[Row] = []
    for kind in ("SQLite", "PostgreSQL") if postgres else ("SQLite",):
        with _database(kind) as url, fresh(url) as site:
            rows += _measure(site, kind, **size)
    show("Accepting a filled form over OpenRosa (multipart, XML, token in the address)", rows, [
        "Goal: 1,000 accepted a second at 16 clients, and the same p50 at 1,000 and 1,000,000 stored.",
        "Server, client and database share the cores.",
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


def _measure(site: Site, kind: str, *, sent: int, rounds: int, workers: int, stored: tuple[int, ...]) -> list[Row]:
    progress(f"{kind}: a site with {workers} phones, each with a person")
    people = site.call("bench.openrosa:phones", workers=workers)
    found: list[Row] = []
    middles: dict[int, dict[int, float]] = {}
    total = 0
    for wanted in stored:
        if total == 0:
            with site.served() as served:
                total += _accepted(drive(served.port, posts(people, wanted), 4))
        have = site.call("bench.openrosa:grown", to=wanted)["stored"]
        size = site.call("bench.openrosa:entry_size")
        with site.served() as served:
            _accepted(drive(served.port, posts(people, min(200, sent)), 4))  # both processes have loaded everything
            for clients in CLIENTS:
                progress(f"{kind}: {clients} clients at {have:,} stored")
                seen = [drive(served.port, posts(people, sent), clients) for _ in range(rounds)]
                found += _rows(kind, clients, have, seen, site, size, sent)
                middles.setdefault(clients, {})[wanted] = statistics.median(s.milliseconds(0.5) for s in seen)
    first, last = stored[0], stored[-1]
    for clients, by in middles.items():
        what = f"{kind}, {clients} client{'s' * (clients > 1)}: p50 at {last:,} beside {first:,} stored"
        found.append(Row(what, by[last], "ms", yardstick=f"at {first:,}", beside=by[first]))
    return found


def _accepted(seen: Seen) -> int:
    """How many were answered 201; anything else is a fault of the benchmark."""
    if set(seen.statuses) != {201}:
        raise AssertionError(f"answers {seen.statuses}")
    return seen.statuses[201]


def _rows(kind: str, clients: int, have: int, seen: list[Seen], site: Site, size: int, sent: int) -> list[Row]:
    if kind == "SQLite":
        name = "bare SQLite WAL FULL, one writer"
        base = statistics.median(bare.sqlite_commits(site.home, sent, size) for _ in seen)
    else:
        name = f"bare PostgreSQL, {clients} connections"
        base = statistics.median(bare.postgres_commits(site.url, sent, size, clients) for _ in seen)
    wrong = sum((Counter({s: n for s, n in one.statuses.items() if s != 201}) for one in seen), Counter[int]())
    errors = ", ".join(f"{n} answers {status}" for status, n in sorted(wrong.items())) or "no errors"
    what = f"{kind}, {clients} client{'s' * (clients > 1)}, {have:,} stored"
    rate = Rounds.of([one.statuses.get(201, 0) / one.seconds for one in seen])
    goal = 1_000 if clients == 16 else None
    return [
        rate.row(f"{what}: accepted", "per s", yardstick=name, beside=base, at_least=goal, note=errors),
        Rounds.of([one.milliseconds(0.5) for one in seen]).row(f"{what}: p50", "ms"),
        Rounds.of([one.milliseconds(0.95) for one in seen]).row(f"{what}: p95", "ms"),
    ]


def posts(people: dict[str, Any], count: int) -> list[bytes]:
    """Requests in the phones' turn, each with a new instance id; nothing in them calls for help."""
    rng = random.Random(count)
    made = []
    for n in range(count):
        one = people["phones"][n % len(people["phones"])]
        asked = "".join(f"<q{i}>{rng.choice((0, 1, 1, 2, 3))}</q{i}>" for i in range(1, 9))
        xml = (
            f'<?xml version="1.0"?><data id="{FORM}" version="{people["version"]}" '
            f'xmlns:orx="http://openrosa.org/xforms"><person>{one["person"]}</person><person_code/><taken_on/>'
            f"<asked_in>en</asked_in><asked>{asked}<q9>0</q9><now_1/></asked><thanks/>"
            f"<orx:meta><orx:instanceID>uuid:{uuid4()}</orx:instanceID></orx:meta></data>"
        )
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="form.xml"\r\n'
            f"Content-Type: text/xml\r\n\r\n{xml}\r\n--{BOUNDARY}--\r\n"
        ).encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        made.append(
            request("POST", f"/openrosa/{one['token']}/submission", body=body, headers=["X-OpenRosa-Version: 1.0"],
                    kind=kind)
        )  # fmt: skip
    return made


# --------------------------------------------------------------------------- inside the site's process


def phones(workers: int) -> dict[str, Any]:
    """A site on which so many workers each have a phone and a person in care."""
    from bench.actions import people
    from kinweave.exchange.openrosa.forms import one_offered
    from kinweave.house.access import SYSTEM, Actor
    from kinweave.house.app_users import make_app_user
    from kinweave.house.models import Account
    from kinweave.people.standing import standing

    made = []
    for one in people(workers)["workers"]:
        found = standing(UUID(one["person"]))
        assert found is not None
        account = Account.objects.get(id=found.worker_id)
        made.append({"person": one["person"], "token": make_app_user(by=SYSTEM, account_id=account.id)[1]})
    return {"phones": made, "version": one_offered(Actor.of(account.id), FORM).version}


def grown(to: int) -> dict[str, int]:
    """Bring the stored submissions to `to`, all of them placed in the one order."""
    from bench.openrosa_seed import grow
    from kinweave.house.sequencer import sequence

    sequence()
    return grow(to)


def entry_size() -> int:
    """Bytes of a submission's entry, for the bare commits."""
    from kinweave.house.models import Entry

    entry = Entry.objects.filter(action="flows.take_form").order_by("-serial").first()
    assert entry is not None
    return len(entry.parts) + 200
