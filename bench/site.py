"""Sites to measure: a fresh data folder, work done in processes of its own, a server as `kinweave serve` runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.table import ROOT

WAIT = 90  # seconds for a server to answer


class BenchFailed(Exception):
    """A process of the benchmark ended badly; its last words."""


@dataclass(frozen=True)
class Site:
    """A site's folder and its database's address ("" for SQLite)."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "KINWEAVE_TEST_SQLITE")}
        own = {
            "KINWEAVE_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "kinweave.config.settings",
            "KINWEAVE_INVENTED": "1", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        return {**kept, **own, **({"DATABASE_URL": self.url} if self.url else {})}

    def call(self, name: str, **asked: Any) -> Any:
        """Run `module:function` of this package in a new process of the site; its answer comes back as JSON."""
        command = [sys.executable, "-m", "bench.inside", name]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=json.dumps(asked), stdout=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise BenchFailed(f"{name} ended with {done.returncode}")
        return json.loads(done.stdout.splitlines()[-1])

    @contextmanager
    def served(self, workers: int = 2) -> Iterator[Served]:
        """The site served by `kinweave serve`, its worker beside it; stopped at the end."""
        port = free_port()
        command = [sys.executable, "-m", "kinweave", "serve", "--port", str(port), "--workers", str(workers)]
        log = open(self.home / "serve.log", "ab")  # noqa: SIM115  closed below
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait_for(port, process, self.home / "serve.log")
            yield Served(process.pid, port)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            log.close()


@dataclass(frozen=True)
class Served:
    pid: int
    port: int

    def processes(self) -> list[int]:
        """The server's process and all below it."""
        found, wanted = [self.pid], [self.pid]
        while wanted:
            at = wanted.pop()
            for task in Path(f"/proc/{at}/task").glob("*/children"):
                children = [int(one) for one in task.read_text().split()]
                found += children
                wanted += children
        return found

    def cpu_seconds(self) -> float:
        """Processor time of all of them so far."""
        used = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")


@contextmanager
def fresh(url: str = "") -> Iterator[Site]:
    """An empty, migrated site in a folder of its own, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="kinweave-bench-"))
    try:
        site = Site(home, url)
        subprocess.run(
            [sys.executable, "-m", "kinweave.config.prepare"], cwd=ROOT, env=site.environment, check=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        yield site
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise BenchFailed(f"the server did not answer: {log.read_text()[-1500:]}")


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
