"""`make test`: the whole suite on SQLite, in a real browser and on a real PostgreSQL, then one line that sums.

The tests on a database go in parts by folder, each with a folder and a database of its own; as many parts run at a
time as there are processors, so that all are busy to the end. Each prints as it goes, its name before the line. The
last line counts all together and the exit code is 1 when anything failed, when a part stopped early, or when one could
not begin. Where a file or folder is named, it is handed to one part each: `python scripts/suite.py tests/house -x`.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from browser import ensure_chromium  # noqa: E402

from tests.postgres import NoPostgres, postgres  # noqa: E402

CHOSEN = {
    "cluster": "cluster",
    "sqlite": "not postgres_only and not cluster and not browser",
    "browser": "browser and not postgres_only and not cluster",
    "postgres": "not sqlite_only and not cluster and (not browser or postgres_too)",
}
DATABASES = ("sqlite", "postgres")
# What runs together, those first that take longest, so that no processor is idle at the end. The last of each database
# takes every folder that stands in none before it.
REST = "…"
PARTS = (
    ("browser", "browser"), ("sqlite", "measures"), ("postgres", "front"), ("postgres", "house"), ("sqlite", "access"),
    ("sqlite", "front"), ("sqlite", "house"), ("postgres", "access"), ("postgres", "phone", "learn"),
    ("postgres", "browser"), ("postgres", "exchange", "flows", "demo"), ("sqlite", "demo"),
    ("sqlite", "phone", "learn"), ("sqlite", "exchange", "flows"), ("postgres", REST), ("sqlite", REST),
)  # fmt: skip
MOST_AT_ONCE = 4
NOTHING_CHOSEN = 5  # pytest's exit code when its markers leave no test


@dataclass(frozen=True)
class Count:
    """What one run counted; an error outside a test counts as a failure."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def read_report(path, code):
    """Counts from pytest's report. A run that broke off without a report is one failure."""
    if not path.exists():
        return Count(failed=0 if code == NOTHING_CHOSEN else 1)
    total = Count()
    for suite in ET.parse(path).getroot().iter("testsuite"):  # noqa: S314
        tests, bad = int(suite.get("tests")), int(suite.get("failures")) + int(suite.get("errors"))
        skipped = int(suite.get("skipped"))
        total += Count(tests - bad - skipped, bad, skipped)
    if code not in (0, NOTHING_CHOSEN) and not total.failed:
        total += Count(failed=1)
    return total


def named(arguments):
    """Whether a file or folder stands among the arguments."""
    return any((ROOT / one.partition("::")[0]).exists() for one in arguments)


def planned(arguments):
    """(name, paths) of every run, in their order."""
    if named(arguments):
        return [(name, []) for name in ("browser", *DATABASES)]
    there = sorted(one.name for one in (ROOT / "tests").iterdir() if list(one.glob("test_*.py")))
    plan = []
    for name, *folders in PARTS:
        taken = {"browser", *(one for other, *some in PARTS if other == name for one in some)}
        chosen = [one for one in there if one not in taken] if folders == [REST] else folders
        plan.append((name, [f"tests/{one}" for one in chosen]))
    return plan


class Run:
    """One pytest process on one database; its lines are printed with the run's name before them."""

    def __init__(self, name, paths, folder, arguments):
        self.name, self.folder = name, folder
        self.report = folder / "report.xml"
        self.count = Count(failed=1)
        folder.mkdir()
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.environment.pop("DATABASE_URL", None)
        # Where Python may not write bytecode beside the sources, each of hundreds of processes would compile them anew.
        if self.environment.pop("PYTHONDONTWRITEBYTECODE", None):
            self.environment.setdefault("PYTHONPYCACHEPREFIX", str(folder.parent / "bytecode"))
        # Each run keeps its data in a folder of its own, so that no two ever meet.
        home = folder / "home"
        home.mkdir()
        self.environment["KINWEAVE_HOME"] = str(home)
        self.environment["KINWEAVE_TEST_SQLITE"] = str(home / "test.sqlite3")
        self.command = [
            sys.executable, "-m", "pytest", "-q", "-m", CHOSEN[name], f"--junitxml={self.report}",
            "-o", f"cache_dir={folder / 'cache'}", *paths, *arguments,
        ]  # fmt: skip

    def run(self):
        if self.name != "postgres":
            self.tests()
            return
        try:
            # A server for each: where positions are given, one's open transactions would hold up another's.
            with postgres() as server:
                self.environment["DATABASE_URL"] = server.url()
                self.tests()
        except NoPostgres as problem:
            print(f"PostgreSQL could not be started, so its part of the tests failed. {problem}", flush=True)

    def tests(self):
        with subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        ) as process:  # fmt: skip
            for line in process.stdout:
                print(f"{self.name:>8} | {line}", end="", flush=True)
        self.count = read_report(self.report, process.returncode)


def run_all(arguments):
    """Every run, as many at a time as there are processors; the counts by name."""
    counts = {}
    with tempfile.TemporaryDirectory(prefix="kw-tests-") as folder:
        runs = [Run(name, paths, Path(folder) / str(i), arguments)
                for i, (name, paths) in enumerate(planned(arguments))]  # fmt: skip
        with ThreadPoolExecutor(max(1, min(os.cpu_count() or 1, MOST_AT_ONCE))) as workers:
            for run in runs:
                workers.submit(run.run)
        for run in runs:
            counts[run.name] = counts.get(run.name, Count()) + run.count
    return counts


def main(arguments):
    if ensure_chromium() is None:
        print("The browser tests are skipped.", flush=True)
    counts = run_all(arguments)
    for name, count in sorted(counts.items()):
        print(f"{name}: {count.passed} right, {count.failed} wrong, {count.skipped} left out")
    total = sum(counts.values(), Count())
    print(total, flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
