"""The import contract catches what it is there for: each breach is written into a stub of the house."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite_only  # nothing here asks a database

PACKAGES = [
    "core", "measures", "house", "people", "published", "directory", "listen", "care", "decide", "learn",
    "flows", "exchange", "front", "front/public", "front/desk", "demo", "config",
]  # fmt: skip
LINT = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as c; c()"


def run_contract(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def stub(tmp_path: Path, root: Path) -> Path:
    shutil.copy(root / "pyproject.toml", tmp_path)
    (tmp_path / "scripts").mkdir()
    shutil.copy(root / "scripts" / "contracts.py", tmp_path / "scripts")
    for package in ["", *PACKAGES]:
        folder = tmp_path / "kinweave" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    for room in ("people", "listen", "care", "published"):
        for module in ("models", "actions", "reads", "extract"):
            (tmp_path / "kinweave" / room / f"{module}.py").touch()
    return tmp_path


BREACHES = [
    ("core/a.py", "import django", "core is plain Python"),
    ("core/a.py", "import kinweave.house", "Imports run downhill"),
    ("measures/a.py", "from django.db import models", "measures is a library"),
    ("listen/a.py", "from kinweave.care import actions", "Imports run downhill"),
    ("front/desk/a.py", "from kinweave.exchange import x", "Imports run downhill"),
    ("listen/a.py", "from kinweave.people import models", "Only a room opens its own tables"),
    ("learn/a.py", "from kinweave.listen import reads", "learn comes in by extract"),
    ("front/desk/a.py", "from kinweave.published.models import Release", "open their own tables alone"),
    ("decide/a.py", "from kinweave.people import reads", "The public side cannot reach a person"),
    ("unheard_of.py", "", "Imports run downhill"),
]


@pytest.mark.parametrize(("where", "line", "contract"), BREACHES)
def test_a_breach_is_caught(stub: Path, where: str, line: str, contract: str) -> None:
    (stub / "kinweave" / where).write_text(line + "\n")
    code, said = run_contract(stub)
    assert code == 1
    broken = [text for text in said.splitlines() if text.endswith("BROKEN")]
    assert any(contract in text for text in broken), said


@pytest.mark.parametrize(
    ("first", "second"),
    [("front/public/pages", "front/desk/list"), ("decide/reads", "published/reads")],
)
def test_the_public_side_is_held_even_through_a_third_module(stub: Path, first: str, second: str) -> None:
    one, other = (f"kinweave.{path.replace('/', '.')}" for path in (first, second))
    package, module = other.rsplit(".", 1)
    (stub / f"kinweave/{second}.py").write_text("from kinweave.people import reads\n")
    (stub / f"kinweave/{first}.py").write_text(f"from {package} import {module}\n")
    code, said = run_contract(stub)
    assert code == 1
    assert f"{one} -> {other} -> kinweave.people.reads" in said


def test_what_is_allowed_passes(stub: Path) -> None:
    (stub / "kinweave/learn/a.py").write_text(
        "from kinweave.listen import extract\nfrom kinweave.published import actions\n"
    )
    (stub / "kinweave/listen/a.py").write_text(
        "from kinweave.listen import models\nfrom kinweave.people import actions\n"
    )
    code, said = run_contract(stub)
    assert code == 0, said
