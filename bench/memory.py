"""Resident memory of the served demo: proportional set size over all its processes, after 200 page views.

What analyses (numpy, DuckDB, pyarrow, Ibis) must not live in the server. Its processes' maps tell what is loaded;
where something is, the import that brought it is named.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.client import drive, request
from bench.site import Site, fresh
from bench.table import ROOT, Row, progress, show

HEAVY = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "duckdb",
    "ibis",
    "sqlglot",
    "altair",
    "typst",
    "openpyxl",
    "statsmodels",
)
GOAL = 250  # MB
PERSON_PAGES = ("person", "person-happened", "person-held", "person-consents")


def run(quick: bool = False) -> list[Row]:
    with fresh() as site:
        progress("the demo's community")
        _demo(site)
        views = site.call("bench.memory:views", number=40 if quick else 200)
        with site.served() as served:
            idle = sum(pss(pid) for pid in served.processes())
            asked = [
                request("GET", v["path"], headers=[f"Cookie: {v['cookie']}={v['session']}"] if v["session"] else [])
                for v in views
            ]
            seen = drive(served.port, asked, 4)
            each = {pid: (_name(pid), pss(pid), heavy(pid)) for pid in served.processes()}
        brought = site.call("bench.memory:brought")
    processes = "; ".join(f"{name} {size:.0f}" for name, size, _ in each.values())
    answers = ", ".join(f"{n} × {status}" for status, n in sorted(seen.statuses.items()))
    loaded = sorted({one for _, _, some in each.values() for one in some})
    rows = [
        Row("the served demo after its first request", idle, "MB", at_most=GOAL),
        Row(f"after {len(asked)} page views", sum(size for _, size, _ in each.values()), "MB", at_most=GOAL,
            note=f"{processes}; answers {answers}"),
    ]  # fmt: skip
    notes = [f"Mapped into a process of the server: {', '.join(loaded) or 'nothing that only analysis needs'}."]
    notes += [f"`{module}` is loaded with the site by {by}." for module, by in brought.items()]
    show("Memory of the served demo (PSS)", rows, notes)
    return rows


def _demo(site: Site) -> None:
    command = [sys.executable, "-m", "kinweave", "demo", "--load-only"]
    subprocess.run(
        command, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def pss(pid: int) -> float:
    """MB of a process, its shared pages counted in proportion."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def heavy(pid: int) -> set[str]:
    """Which packages of analysis have a library mapped into a process."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in HEAVY if f"/site-packages/{name}" in maps}


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return "worker" if "worker" in words else "server"


# ------------------------------------------------------------------------------- inside the site


def views(number: int) -> list[dict[str, str]]:
    """Page views of a working day: every page without an address of its own for each role, and people's pages."""
    from django.conf import settings
    from django.urls import NoReverseMatch, reverse

    from bench.pages import _session
    from kinweave.front.routes import ROUTES
    from kinweave.house.access import Actor
    from kinweave.house.models import Account, Grant
    from kinweave.people.door import within

    reverse("home")  # loads every address, which fills ROUTES
    cookie = settings.SESSION_COOKIE_NAME
    found = [{"path": "/", "session": "", "cookie": cookie}, {"path": "/sign-in/", "session": "", "cookie": cookie}]
    for role in ("worker", "supervisor", "coordinator", "evaluator", "keeper"):
        grant = Grant.objects.filter(role=role, until=None).first()
        account = Account.objects.filter(id=grant.account_id, is_active=True).first() if grant else None
        if account is None:
            continue
        by, session = Actor.of(account.id), _session(account)
        for name, permission in sorted(_named(ROUTES)):
            try:
                path = reverse(name)
            except NoReverseMatch:
                continue
            if by.may(permission):
                found.append({"path": path, "session": session, "cookie": cookie})
        people = within(by)[:5] if by.may("people.see") else []
        pages = [reverse(name, args=[person.id]) for person in people for name in PERSON_PAGES]
        found += [{"path": path, "session": session, "cookie": cookie} for path in pages]
    return [found[n % len(found)] for n in range(max(number, 1))]


def _named(routes: Any) -> list[tuple[str, str]]:
    """Name and permission of every declared route."""
    rows = routes.values() if isinstance(routes, dict) else routes
    return [(one.name, one.permission) for one in rows if one.permission]


def brought() -> dict[str, str]:
    """Which of the heavy packages the site loads by itself, each with the module of ours that asks for it."""
    code = (
        "import sys, traceback\n"
        f"heavy = {HEAVY!r}\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in heavy:\n"
        "            ours = [f.filename for f in traceback.extract_stack() if '/kinweave/' in f.filename]\n"
        "            print(name, ours[-1].partition('/kinweave/')[2] if ours else 'a package')\n"
        "sys.meta_path.insert(0, Watch())\n"
        "import kinweave.config.wsgi\n"
        "from django.urls import reverse\n"
        "reverse('home')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if line)
