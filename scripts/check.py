"""`make check`: lint, format, types, import contract, migrations, lock files, no machine's own paths.

Every step runs even when an earlier one failed; each failed step prints what it found and how to put it
right. Exit code 1 when any failed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-cluster.lock")
# A home or work folder, unless it is the middle of a longer path, of a web address or of an XPath.
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}{)-])/(?:home|Users|root|work)/[\w.]|[A-Z]:\\Users\\\w")
HOST = re.compile(
    r"://|^\s*(?:--(?:index-url|extra-index-url|find-links|trusted-host)|-[if])\b| @ |file:", re.MULTILINE
)


def python(*arguments):
    """A step that runs a module of the environment; its words are shown when it fails."""

    def step():
        with tempfile.TemporaryDirectory(prefix="kw-check-") as home:
            environment = {**os.environ, "KINWEAVE_HOME": home, "PYTHONPATH": str(ROOT)}
            environment["DJANGO_SETTINGS_MODULE"] = "kinweave.config.settings"
            done = subprocess.run(
                [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
            )  # fmt: skip
        return "" if done.returncode == 0 else done.stdout or f"It ended with {done.returncode}."

    return step


def import_contract():
    """Run import-linter, which has a command but no module to run."""
    code = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def locks_name_no_host():
    """The lock files hold versions and hashes only, so that they install from any index."""
    return "\n".join(
        f"{name}: {line.strip()}"
        for name in LOCKS
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if HOST.search(line)
    )


def locks_hold_every_dependency():
    """Each dependency of pyproject.toml stands in its lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base = project["project"]["dependencies"]
    groups, cluster = project["dependency-groups"], project["project"]["optional-dependencies"]["cluster"]
    wanted = {
        LOCKS[0]: base,
        LOCKS[1]: [*base, *groups["dev"]],
        LOCKS[2]: [*base, *cluster, *groups["cluster-tests"]],
    }
    missing = []
    for lock, requirements in wanted.items():
        held = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in requirements}
        missing += [f"{lock}: {name} is missing" for name in sorted(names - held)]
    return "\n".join(missing)


def no_machine_paths():
    """No file of the repository names a home or work folder of someone's machine."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        print("  (not a git folder: file paths were not looked at)")
        return ""
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file() or path.stat().st_size > 2_000_000 or name.startswith("tests/vendor/"):
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{name}: {match[0]}…" for match in MACHINE_PATH.finditer(text)]
    return "\n".join(found)


def docs_hold():
    """The tests that read the documentation; `make test` runs them too."""
    if not any((ROOT / "tests" / "docs").glob("test_*.py")):
        return ""
    return python("pytest", "-q", "-p", "no:cacheprovider", "tests/docs")()


STEPS = {
    "lint": (python("ruff", "check", "."), "`make fix` puts much of it right."),
    "format": (python("ruff", "format", "--check", "."), "Run `make fix`."),
    "types": (python("mypy"), "Types are strict in core, measures, house and every actions.py."),
    "import contract": (import_contract, "pyproject.toml says which way imports may run."),
    "site check": (python("django", "check"), "Django says what is wrong with the settings or models."),
    "migrations": (
        python("django", "makemigrations", "--check", "--dry-run"),
        "A model changed without its migration: run `.venv/bin/python -m django makemigrations`.",
    ),
    "docs": (docs_hold, "A page says what the code does not, or lacks what it must say."),
    "locks name no host": (locks_name_no_host, "Run `make lock`."),
    "locks are complete": (locks_hold_every_dependency, "Run `make lock`."),
    "no machine's own paths": (no_machine_paths, "Write paths relative to the repository."),
}


def timed(name):
    begun = time.monotonic()
    found = STEPS[name][0]()
    return name, found, time.monotonic() - begun


def main():
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, found, seconds in pool.map(timed, STEPS):
            print(f"{'FAILED' if found else 'ok':>6}  {name} ({seconds:.1f} s)", flush=True)
            if found:
                failed += 1
                print(f"{found.rstrip()}\n        {STEPS[name][1]}", flush=True)
    print(f"{len(STEPS) - failed} checks passed, {failed} failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
