"""Whole sites beside the test's own database: a data folder, a database of either kind, processes of their own.

site = make_site(tmp_path)             # migrated and empty; on PostgreSQL a database of its own
out = site.run('''print(1 + 1)''')     # a fresh process of this site, with Django set up
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
SETUP = "import django; django.setup(); from kinweave.flows import erase as _erase\n"


@dataclass(frozen=True)
class Site:
    """A site's folder and the address of its PostgreSQL database ("" for SQLite)."""

    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "KINWEAVE_TEST_SQLITE")}
        own = {"KINWEAVE_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "kinweave.config.settings"}
        return {**kept, **own, "PYTHONPATH": str(ROOT), **({"DATABASE_URL": self.url} if self.url else {})}

    def start(self, code: str, **more) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SETUP + code]
        return subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, **more}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self, code: str, **more) -> str:
        """What the process printed; an AssertionError with its last words where it failed."""
        exit_code, said, complained = finished(self.start(code, **more))
        assert exit_code == 0, complained[-3000:]
        return said

    def files(self) -> list[Path]:
        return [p for p in self.home.rglob("*") if p.is_file()]


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process: its exit code, what it printed, what it complained of."""
    said, complained = process.communicate(timeout=150)
    return process.returncode, said, complained


def make_site(folder: Path, *, empty: bool = False) -> Site:
    """A migrated site without any data; `empty`: not even tables, as on a new machine."""
    folder.mkdir(parents=True, exist_ok=True)
    server = os.environ.get("DATABASE_URL", "")
    if server:
        return Site(folder, _database(server, None if empty else _postgres_template(server)))
    if not empty:
        shutil.copyfile(_sqlite_template(), folder / "kinweave.sqlite3")
    return Site(folder, "")


@cache
def _sqlite_template() -> Path:
    folder = Path(mkdtemp(prefix="site-", dir=os.environ["KINWEAVE_HOME"]))
    site = Site(folder, "")
    site.run(
        "from kinweave.house.first_tables import bring_up; bring_up()\n"
        "from django.db import connection; connection.cursor().execute('PRAGMA wal_checkpoint(TRUNCATE)')\n"
    )
    return folder / "kinweave.sqlite3"


@cache
def _postgres_template(server: str) -> str:
    url = _database(server, None)
    Site(Path(mkdtemp(prefix="site-", dir=os.environ["KINWEAVE_HOME"])), url).run(
        "from kinweave.house.first_tables import bring_up; bring_up()"
    )
    return urlsplit(url).path.lstrip("/")


def _database(server: str, template: str | None) -> str:
    """A new database on the server of this address; the server goes away with the test run."""
    name = f"kw_{uuid4().hex[:12]}"
    with connect(server) as db:
        db.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def connect(url: str):
    """A plain connection to the database of this address, in autocommit."""
    import psycopg

    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return psycopg.connect(
        dbname=parts.path.lstrip("/"), user=unquote(parts.username or ""), password=unquote(parts.password or ""),
        host=query.get("host") or parts.hostname, port=parts.port, autocommit=True,
    )  # fmt: skip
