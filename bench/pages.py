"""The pages of a working day at 10,000 and at 1,000,000 persons, from the real server, signed in.

Both sites are served at once and asked in turn, so that the ratio is of one moment. The caseload of a worker in
care is the same in both; what grows is everyone else.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.client import drive, request
from bench.site import Site, fresh, size_of
from bench.table import Row, percentile, progress, show

PAGES = {
    "people-worker": "list of people, a worker's",
    "people-supervisor": "list of people, a supervisor's",
    "people-coordinator": "list of people, a coordinator's",
    "person": "a person's page",
    "happened": "what happened",
    "find-name": "search by name, a worker's",
    "find-code": "search by code, a worker's",
    "find-supervisor": "search by name, a supervisor's",
    "find-active": "search by name in care now, a supervisor's",
    "today-worker": "today, a worker's",
    "today-supervisor": "today, a supervisor's",
    "today-coordinator": "today, a coordinator's",
}
TOKEN = "a" * 32


def sizes(quick: bool) -> dict[str, Any]:
    if quick:
        return {
            "small": {"persons": 300, "facts": 1_500, "workers": 8, "teams": 2, "places": 4},
            "large": {
                "persons": 2_000, "facts": 10_000, "workers": 8, "teams": 2, "places": 4, "through": 500, "block": 250,
            },
            "asked": 20, "rounds": 1,
        }  # fmt: skip
    return {
        "small": {"persons": 10_000, "facts": 100_000},
        "large": {"persons": 1_000_000, "facts": 10_000_000, "through": 14_000, "block": 5_000},
        "asked": 100, "rounds": 3,
    }  # fmt: skip


def run(quick: bool = False, sites: Path | None = None) -> list[Row]:
    size = sizes(quick)
    with ExitStack() as stack:
        small, few = stack.enter_context(generated(size["small"], sites))
        large, many = stack.enter_context(generated(size["large"], sites))
        asked = {site: site.call("bench.pages:ready", number=size["asked"]) for site in (small, large)}
        ports = {site: stack.enter_context(site.served()).port for site in (small, large)}
        rows = [
            _row(name, words, (small, large), asked, ports, size["rounds"], few["persons"])
            for name, words in PAGES.items()
        ]
        notes = [f"Few: {made_of(few, small)}", f"Many: {made_of(many, large)}"]
    show(f"Pages at {many['persons']:,} persons, p95", rows, notes)
    return rows


def _row(name: str, words: str, both: tuple[Site, Site], asked: Any, ports: Any, rounds: int, few: int) -> Row:
    progress(words)
    latencies: dict[Site, list[float]] = {site: [] for site in both}
    wrong: Counter[int] = Counter()
    for site in both:  # once unmeasured: templates and tables are loaded
        drive(ports[site], _requests(asked[site][name])[:20], 2)
    for _ in range(rounds):
        for site in both:
            seen = drive(ports[site], _requests(asked[site][name]), 1)
            latencies[site] += seen.latencies
            wrong.update({status: n for status, n in seen.statuses.items() if status != 200})
    errors = "".join(f"; {n} answers {status}" for status, n in wrong.items())
    small, large = ([1000 * percentile(latencies[site], share) for site in both] for share in (0.95, 0.5))
    queries = asked[both[1]][name]["queries"]
    return Row(
        words, small[1], "ms", f"p95 at {few:,}", small[0], at_most=100, ratio_at_most=1.5,
        note=f"p50 {large[1]:.1f} and {large[0]:.1f} ms; {queries} queries{errors}",
    )  # fmt: skip


def _requests(asked: dict[str, Any]) -> list[bytes]:
    return [
        request(
            one["method"], one["path"], body=one["body"].encode(), kind="application/x-www-form-urlencoded",
            headers=[f"Cookie: {asked['cookie']}={one['session']}; csrftoken={TOKEN}", f"X-CSRFToken: {TOKEN}"],
        )
        for one in asked["requests"]
    ]  # fmt: skip


@contextmanager
def generated(size: dict[str, Any], sites: Path | None) -> Iterator[tuple[Site, dict[str, Any]]]:
    """A generated site and what was made; kept and found again in the folder `sites` where one is given."""
    name = f"{size['persons']}-{size['facts']}"
    kept = sites / name if sites else None
    if kept and (kept / "made.json").exists():
        yield Site(kept), json.loads((kept / "made.json").read_text())
        return
    with fresh() as site:
        progress(f"making {size['persons']:,} persons with {size['facts']:,} facts")
        made = site.call("bench.generate:site", **size)
        if kept is None:
            yield site, made
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(site.home, kept)
    (kept / "made.json").write_text(json.dumps(made))
    yield Site(kept), made


def made_of(made: dict[str, Any], site: Site) -> str:
    """What a generated site holds, in words."""
    stamped = f", {made['stamped']:,} stamped (rows only, no journal)" if made["stamped"] else ""
    return (
        f"{made['persons']:,} persons with {made['facts']:,} facts, {made['through_journal']:,} of the persons through "
        f"the journal{stamped}; {size_of(site.home) / 1e9:.2f} GB; made in "
        f"{made['bulk_seconds'] + made['sequence_seconds'] + made.get('stamp_seconds', 0):.0f} s."
    )


# ------------------------------------------------------------------------------- inside the site


def ready(number: int) -> dict[str, Any]:
    """Sessions and requests for every page, with the queries that the first of each makes."""
    from django.conf import settings
    from django.urls import reverse

    from kinweave.house.models import Account, Grant
    from kinweave.people.models import Person

    held = {
        role: list(Grant.objects.filter(role=role).order_by("id")) for role in ("worker", "supervisor", "coordinator")
    }
    held["worker"] = held["worker"][:60]
    sessions = {g.account_id: _session(Account.objects.get(id=g.account_id)) for some in held.values() for g in some}
    own = {
        g.account_id: list(Person.objects.filter(worker_id=g.account_id, state="active")[:30]) for g in held["worker"]
    }

    def get(path: str, who: Any, body: str = "") -> dict[str, str]:
        return {"method": "POST" if body else "GET", "path": path, "session": sessions[who], "body": body}

    def each(role: str, path: str, body: str = "") -> list[dict[str, str]]:
        some = [g.account_id for g in held[role]]
        return [get(path, some[n % len(some)], body) for n in range(number)]

    def own_of(route: str) -> list[dict[str, str]]:
        workers = list(own)
        chosen = [
            (w, own[w][n // len(workers) % len(own[w])]) for n in range(number) for w in [workers[n % len(workers)]]
        ]
        return [get(reverse(route, args=[p.id]), w) for w, p in chosen]

    find, name = reverse("people-find"), urlencode({"words": "Rudo"})
    codes = [(w, own[w][n % len(own[w])].code) for n in range(number) for w in [list(own)[n % len(own)]]]
    made = {
        "people-worker": each("worker", reverse("people")),
        "people-supervisor": each("supervisor", reverse("people")),
        "people-coordinator": each("coordinator", reverse("people")),
        "person": own_of("person"),
        "happened": own_of("person-happened"),
        "find-name": each("worker", find, name),
        "find-code": [get(find, w, urlencode({"words": code})) for w, code in codes],
        "find-supervisor": each("supervisor", find, name),
        "find-active": each("supervisor", find, urlencode({"words": "Rudo", "state": "active"})),
        "today-worker": each("worker", reverse("today")),
        "today-supervisor": each("supervisor", reverse("today")),
        "today-coordinator": each("coordinator", reverse("today")),
    }
    cookie = settings.SESSION_COOKIE_NAME
    return {
        page: {"requests": some, "cookie": cookie, "queries": _queries(some[0], cookie)} for page, some in made.items()
    }


def _session(account: Any) -> str:
    from django.conf import settings

    return _client(account).cookies[settings.SESSION_COOKIE_NAME].value


def _client(account: Any) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _queries(one: dict[str, str], cookie: str) -> int:
    """How many statements a page sends to the database, the second time it is asked."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[cookie] = one["session"]
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            if one["body"]:
                answer = client.post(one["path"], one["body"], content_type="application/x-www-form-urlencoded")
            else:
                answer = client.get(one["path"])
    if answer.status_code != 200:
        raise AssertionError(f"{one['path']} answers {answer.status_code}")
    return len(seen)
