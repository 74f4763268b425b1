"""`make test`: the whole suite on SQLite, in a real browser and on a real PostgreSQL, then one line that sums.

Three runs, each with a folder and a database of its own: the browser's beside SQLite's and then PostgreSQL's, so that
two processors are busy to the end. Each prints as it goes, its name before the line. The last line counts all together
and the exit code is 1 when anything failed, when a run stopped early, or when a run could not begin. Arguments are
handed to every run: `python scripts/suite.py tests/house -x`.
"""

import os
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET
from contextlib import ExitStack
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
# Where each begins to look when nothing is named: importing what it will not run costs seconds.
WHERE = {"sqlite": ["--ignore=tests/browser"], "browser": ["tests/browser"]}
# Two at a time, for two cores: three in a crowd make a browser slower than its own patience.
LANES = (("browser",), ("sqlite", "postgres"))
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


class Run:
    """One pytest process on one database; its lines are printed with the run's name before them."""

    def __init__(self, name, database_url, folder, arguments):
        self.name = name
        self.report = folder / f"{name}.xml"
        self.count = Count(failed=1)
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.environment.pop("DATABASE_URL", None)
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        # Each run keeps its data in a folder of its own, so that no two ever meet.
        home = folder / f"home-{name}"
        home.mkdir()
        self.environment["KINWEAVE_HOME"] = str(home)
        self.environment["KINWEAVE_TEST_SQLITE"] = str(home / "test.sqlite3")
        self.command = [
            sys.executable, "-m", "pytest", "-q", "-m", CHOSEN[name], f"--junitxml={self.report}",
            "-o", f"cache_dir={ROOT / '.pytest_cache' / name}", *([] if named(arguments) else WHERE.get(name, [])),
            *arguments,
        ]  # fmt: skip

    def run(self):
        with subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        ) as process:  # fmt: skip
            for line in process.stdout:
                print(f"{self.name:>8} | {line}", end="", flush=True)
        self.count = read_report(self.report, process.returncode)


def run_all(arguments):
    """Run the lanes side by side, the runs of each one after the other; the counts by name."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-tests-")))
        runs = [Run(name, None, folder, arguments) for name in ("sqlite", "browser")]
        counts = {}
        try:
            server = stack.enter_context(postgres())
            runs.append(Run("postgres", server.url(), folder, arguments))
        except NoPostgres as problem:
            print(f"PostgreSQL could not be started, so its part of the tests failed. {problem}", flush=True)
            counts["postgres"] = Count(failed=1)
        lanes = [threading.Thread(target=one_by_one, args=([r for r in runs if r.name in lane],)) for lane in LANES]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    return counts | {run.name: run.count for run in runs}


def one_by_one(runs):
    """The runs of one lane."""
    for run in runs:
        run.run()


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
