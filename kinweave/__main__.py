"""`python -m kinweave …`: on a bare machine make the environment first, then start again inside it."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

BOOTSTRAP = Path(__file__).resolve().parent.parent / "scripts" / "bootstrap.py"
NEEDED = ("django", "granian", "ibis")


def start_in_environment() -> int:
    """Run the same command with the environment's Python. Only a source folder carries the bootstrap."""
    if not BOOTSTRAP.exists():
        print("Kinweave's packages are missing. Install them with `pip install kinweave`.", file=sys.stderr)
        return 1
    bootstrap = runpy.run_path(str(BOOTSTRAP))
    try:
        python = str(bootstrap["ensure"]("base"))
    except bootstrap["CannotInstall"] as problem:
        print(problem, file=sys.stderr)
        return 1
    command = [python, "-m", "kinweave", *sys.argv[1:]]
    if os.name != "nt":
        os.execv(python, command)  # noqa: S606 - the server then gets Ctrl-C itself
    return subprocess.call(command)


def main() -> int | None:
    if any(find_spec(name) is None for name in NEEDED):
        return start_in_environment()
    from kinweave.config.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
