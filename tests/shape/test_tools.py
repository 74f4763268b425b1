"""The tools keep their promises: counts are summed honestly, stale environments and leaks are seen."""

from __future__ import annotations

import importlib.util
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.mark.expression import Expression

pytestmark = pytest.mark.sqlite_only


def load(root: Path, name: str) -> ModuleType:
    """A fresh copy of one of the scripts, so that a test may bend it."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", root / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("figures", "code", "line"),
    [
        ((10, 0, 0, 0), 0, "10 passed, 0 failed"),
        ((10, 1, 2, 3), 1, "4 passed, 3 failed, 3 skipped"),
        ((10, 0, 0, 0), 2, "10 passed, 1 failed"),  # broke off after its report: never counted as fine
        (None, 4, "0 passed, 1 failed"),
        (None, 5, "0 passed, 0 failed"),
    ],
)
def test_a_run_is_counted_honestly(root, tmp_path, figures, code, line) -> None:
    report = tmp_path / "report.xml"
    if figures:
        report.write_text(REPORT.format(*figures))
    assert str(load(root, "suite").read_report(report, code)) == line


def test_two_runs_add_up(root) -> None:
    count = load(root, "suite").Count
    assert str(count(3, 1, 0) + count(2, 0, 4)) == "5 passed, 1 failed, 4 skipped"


@pytest.mark.parametrize(
    ("marks", "runs"),
    [
        (set(), {"sqlite", "postgres"}),
        ({"sqlite_only"}, {"sqlite"}),
        ({"postgres_only"}, {"postgres"}),
        ({"browser"}, {"browser"}),
        ({"browser", "postgres_too"}, {"browser", "postgres"}),
        ({"cluster"}, {"cluster"}),
    ],
)
def test_every_test_has_its_runs_and_none_comes_twice_to_one_database(root, marks, runs) -> None:
    chosen = load(root, "suite").CHOSEN
    assert {name for name, words in chosen.items() if Expression.compile(words).evaluate(marks.__contains__)} == runs


def test_every_file_of_tests_is_in_one_part_on_each_database(root) -> None:
    planned = load(root, "suite").planned(["-x"])
    files = {str(one.relative_to(root)) for one in (root / "tests").rglob("test_*.py")}
    on = {name: [path for n, paths in planned if n == name for path in paths] for name in ("sqlite", "postgres")}
    for name, paths in on.items():
        for one in files - {f for f in files if name == "sqlite" and f.startswith("tests/browser/")}:
            assert sum(one.startswith(f"{path}/") for path in paths) == 1, (name, one)
    assert [n for n, _ in load(root, "suite").planned(["tests/shape"])] == ["browser", "sqlite", "postgres"]


def test_the_run_on_spark_begins_as_the_others_do(root, monkeypatch) -> None:
    cluster = load(root, "suite_cluster")
    begun = []
    monkeypatch.setattr(cluster.Run, "run", lambda run: begun.append(run.command))
    assert cluster.main(["-x"]) == 1  # nothing was counted
    assert begun[0][-2:] == ["tests/cluster", "-x"]


def test_what_is_named_is_looked_for_by_every_run(root) -> None:
    named = load(root, "suite").named
    assert named(["-x", "tests/shape/test_tools.py::test_two_runs_add_up"])
    assert not named(["-x", "-k", "people"])


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://host.example/simple",
        "-i x",
        "kin @ file:kin.whl",
        "  --find-links wheels",
        "# from http://h",
    ],
)
def test_a_host_in_a_lock_is_seen(root, line) -> None:
    assert load(root, "check").HOST.search(line)


@pytest.mark.parametrize("line", ["django==5.2.19 \\", "    --hash=sha256:0a1b", "    # via -r requirements.in"])
def test_a_plain_lock_line_passes(root, line) -> None:
    assert not load(root, "check").HOST.search(line)


@pytest.mark.parametrize(
    ("before", "path"), [("", "home/ann/x"), ('"', "Users/ann"), ("=", "work/x"), (" ", "root/.x")]
)
def test_a_machine_path_is_seen(root, before, path) -> None:
    assert load(root, "check").MACHINE_PATH.search(before + "/" + path)


@pytest.mark.parametrize("text", ["/people/home", "https://host.example/home/x", "docs/work/x", "/worker/x"])
def test_a_page_address_passes(root, text) -> None:
    assert not load(root, "check").MACHINE_PATH.search(text)


@pytest.fixture
def bootstrap(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap, let loose in an empty folder with a lock of its own."""
    module = load(root, "bootstrap")
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOG", tmp_path / ".venv" / "install.log")
    locks = {"base": tmp_path / "requirements.lock", "dev": tmp_path / "requirements-dev.lock"}
    monkeypatch.setattr(module, "LOCKS", locks)
    module.venv_python().parent.mkdir(parents=True)
    module.venv_python().touch()
    return module


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed_again(bootstrap, tmp_path, changed) -> None:
    assert not bootstrap.is_ready("base")
    bootstrap.stamp("base").write_text(bootstrap.fingerprint("base"))
    assert bootstrap.is_ready("base")
    (tmp_path / changed).write_text("# another\n")
    assert not bootstrap.is_ready("base")


def test_a_developers_environment_serves_a_site_but_not_the_reverse(bootstrap) -> None:
    bootstrap.stamp("base").write_text(bootstrap.fingerprint("base"))
    assert not bootstrap.is_ready("dev")
    bootstrap.stamp("base").unlink()
    bootstrap.stamp("dev").write_text(bootstrap.fingerprint("dev"))
    assert bootstrap.is_ready("base")


def test_a_python_too_old_is_told_so(bootstrap, monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.CannotInstall, match=r"needs Python 3\.11 or newer"):
        bootstrap.ensure("base")


def test_a_failed_install_says_what_to_do(bootstrap, monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "venv_python", lambda: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "make_venv", lambda: None)
    bootstrap.LOCKS["base"].write_text("this is no requirement\n")
    assert bootstrap.main(["base"]) == 1
    said = capsys.readouterr().err
    assert "run this again" in said
    assert "this is no requirement" in said
    assert not bootstrap.stamp("base").exists()


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match="Tests use no network"):
        outside.connect(("192.0.2.1", 80))
