"""Yardsticks: what the databases do by themselves with rows of the same size, in the same run."""

from __future__ import annotations

import os
import sqlite3
import time
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

TABLE = "CREATE TABLE bare (id char(36) PRIMARY KEY, at text NOT NULL, parts text NOT NULL)"
SENT = "2026-01-01 00:00:00+00"


def sqlite_commits(folder: Path, rows: int, size: int, per_commit: int = 1) -> float:
    """Rows a second of inserts of `size` bytes into SQLite (WAL, synchronous FULL), so many for each commit."""
    path = folder / f"bare-{uuid4().hex}.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(TABLE)
        made = [(str(uuid4()), SENT, os.urandom(size // 2).hex()) for _ in range(rows)]
        began = time.perf_counter()
        for start in range(0, rows, per_commit):
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO bare VALUES (?, ?, ?)", made[start : start + per_commit])
            db.execute("COMMIT")
        return rows / (time.perf_counter() - began)
    finally:
        db.close()
        for file in folder.glob(f"{path.name}*"):
            file.unlink()


def postgres_commits(url: str, rows: int, size: int, connections: int) -> float:
    """Rows a second of single-row commits into PostgreSQL over so many connections, two processes at most."""
    from tests.sites import connect

    name = f"bare_{uuid4().hex[:8]}"
    with connect(url) as db:
        db.execute(TABLE.replace("bare", name))
    context = get_context("spawn")
    processes = min(connections, 2)
    ready, start = context.Queue(), context.Event()
    share = [(url, name, rows // connections, size, connections // processes, ready, start)] * processes
    workers = [context.Process(target=_insert, args=one) for one in share]
    try:
        for worker in workers:
            worker.start()
        for _ in workers:
            ready.get(timeout=60)
        began = time.perf_counter()
        start.set()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - began
        with connect(url) as db:
            found = db.execute(f"SELECT count(*) FROM {name}").fetchone()
        return float(found[0]) / seconds
    finally:
        with connect(url) as db:
            db.execute(f"DROP TABLE {name}")


def _insert(url: str, name: str, rows: int, size: int, threads: int, ready, start) -> None:  # type: ignore[no-untyped-def]
    from concurrent.futures import ThreadPoolExecutor

    from tests.sites import connect

    made = [[(str(uuid4()), SENT, os.urandom(size // 2).hex()) for _ in range(rows)] for _ in range(threads)]
    opened = [connect(url) for _ in range(threads)]

    def work(n: int) -> None:
        for row in made[n]:
            opened[n].execute(f"INSERT INTO {name} VALUES (%s, %s, %s)", row)

    ready.put(1)
    start.wait()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    for db in opened:
        db.close()
