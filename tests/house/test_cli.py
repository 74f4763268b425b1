"""The command line: what it says it can do is what it can do; every failure is a sentence and a code."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from kinweave.config import cli, cli_demo, cli_keep, cli_serve
from kinweave.config.progress import line, progress
from kinweave.core.problems import Problem
from kinweave.house.models import Account, Grant

pytestmark = pytest.mark.sqlite_only


def commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in cli.parser()._actions if isinstance(a, argparse._SubParsersAction))
    return action.choices


@pytest.fixture(scope="module")
def manual(root: Path) -> str:
    return (root / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_the_manual_lists_the_commands_and_no_others(manual) -> None:
    assert re.findall(r"^### `kinweave ([\w-]+)`", manual, re.MULTILINE) == list(commands())


@pytest.mark.parametrize("name", list(commands()))
def test_the_manual_lists_each_option(manual, name) -> None:
    part = manual.partition(f"### `kinweave {name}`")[2].partition("\n### ")[0]
    listed = set(re.findall(r"`(--[\w-]+)`", part))
    real = {o for a in commands()[name]._actions for o in a.option_strings} - {"-h", "--help"}
    assert listed == real


def test_the_manual_lists_the_exit_codes(manual) -> None:
    part = manual.partition("## Exit codes")[2].partition("\n## ")[0]
    listed = {int(code): says for code, says in re.findall(r"^\| (\d+) \| (.+) \|$", part, re.MULTILINE)}
    assert listed == cli.EXIT_CODES


@pytest.mark.parametrize("name", list(commands()))
def test_each_command_has_its_function(name) -> None:
    run = commands()[name].get_default("run")
    assert callable(cli.handler(run))


def test_wrong_usage_is_two() -> None:
    for words in (["nonsense"], [], ["serve", "--prot", "1"]):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        assert left.value.code == cli.USAGE


class Away(Problem):
    says = "The thing is away."
    remedy = "Bring it back."


def test_a_problem_is_one_sentence_and_a_remedy(monkeypatch, capsys) -> None:
    def fails(arguments):
        raise Away()

    monkeypatch.setattr(cli, "handler", lambda name: fails)
    assert cli.main(["worker"]) == cli.PROBLEM
    assert capsys.readouterr().err == "The thing is away. Bring it back.\n"


def test_an_unforeseen_fault_shows_its_kind_and_never_its_words(monkeypatch, capsys) -> None:
    def breaks(arguments):
        raise KeyError("Canary Name")

    monkeypatch.setattr(cli, "handler", lambda name: breaks)
    assert cli.main(["worker"]) == cli.PROBLEM
    said = capsys.readouterr()
    assert "KeyError" in said.err
    assert "Canary" not in said.out + said.err


def test_stopping_from_the_keyboard(monkeypatch) -> None:
    def stops(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "handler", lambda name: stops)
    assert cli.main(["worker"]) == cli.STOPPED


def test_the_parser_loads_nothing_heavy() -> None:
    asked = (
        "import sys; from kinweave.config import cli; cli.parser();"
        "print([m for m in ('django', 'numpy', 'duckdb') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_what_is_loaded_before_the_fork_opens_nothing_that_two_processes_may_not_share() -> None:
    asked = (
        "import threading; import kinweave.config.wsgi; from django.db import connections;"
        "from kinweave.house import sealing; from django.urls import reverse;"
        "print(reverse('promises'), threading.active_count(),"
        " [c.alias for c in connections.all(initialized_only=True) if c.connection is not None],"
        " sealing.keystore.cache_info().currsize, sealing.house_key.cache_info().currsize)"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "/promises/ 1 [] 0 0"


@pytest.mark.parametrize(("given", "port"), [("8123", 8123), ("", 8000)])
def test_the_port_comes_from_the_environment(monkeypatch, given, port) -> None:
    monkeypatch.setenv("PORT", given)
    assert cli_serve.port_of(argparse.Namespace(port=None)) == port
    assert cli_serve.port_of(argparse.Namespace(port=9)) == 9


@pytest.mark.parametrize("given", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_said(monkeypatch, given) -> None:
    monkeypatch.setenv("PORT", given)
    with pytest.raises(cli_serve.BadPort):
        cli_serve.port_of(argparse.Namespace(port=None))


def test_a_taken_port_is_said_before_anything_starts(capsys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == cli.PROBLEM
    assert f"port {port}" in capsys.readouterr().err


def test_the_demo_info_without_a_demo_says_what_to_do(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setenv("KINWEAVE_HOME", str(tmp_path))
    assert cli.main(["demo-info", "--json"]) == cli.PROBLEM
    assert "kinweave demo" in capsys.readouterr().err


def test_the_demo_info_names_every_login(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setenv("KINWEAVE_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "8123")
    logins = {"worker": "amina", "keeper": "keeper"}
    told = {"password": "p", "communities": [{"pattern": "fades", "seed": 1, "logins": logins}], "logins": logins}
    (tmp_path / "demo.json").write_text(json.dumps({**told, "tokens": {"worker": "kw_x"}}))
    assert cli.main(["demo-info", "--json"]) == cli.OK
    read = json.loads(capsys.readouterr().out)
    assert read["address"] == "http://localhost:8123"
    assert [(a["role"], a["username"], a["password"]) for a in read["accounts"]] == [
        ("worker", "amina", "p"),
        ("keeper", "keeper", "p"),
    ]
    assert read["tokens"] == {"worker": "kw_x"}


def test_a_real_site_is_not_thrown_away_for_a_demo(tmp_path) -> None:
    (tmp_path / "kinweave.sqlite3").touch()
    with pytest.raises(cli_demo.NotADemo):
        cli_demo._throw_away(tmp_path)
    assert (tmp_path / "kinweave.sqlite3").exists()


def test_a_missing_file_is_named_without_its_folder(tmp_path) -> None:
    with pytest.raises(cli_keep.NoSuchFile, match=r"There is no file x\.backup\."):
        cli_keep._file(str(tmp_path / "x.backup"))


@pytest.mark.django_db
def test_accounts_from_the_command_line(world, capsys) -> None:
    assert cli.main(["account", "add", "zuri", "--name", "Zuri", "--role", "worker", "--team", "Team 1"]) == cli.OK
    said = capsys.readouterr().out
    zuri = Account.objects.get(username="zuri")
    assert zuri.check_password(said.rstrip().rpartition(" ")[2])
    assert Grant.objects.get(account_id=zuri.id).team_id == world.teams[0]
    assert cli.main(["account", "reset", "Zuri"]) == cli.OK
    assert cli.main(["account", "leave", "zuri"]) == cli.OK
    zuri.refresh_from_db()
    assert not zuri.is_active
    assert cli.main(["account", "reset", "nobody"]) == cli.PROBLEM
    assert cli.main(["account", "add", "rudo", "--role", "worker", "--team", "None"]) == cli.PROBLEM
    assert not Account.objects.filter(username="rudo").exists(), "nothing half made"


def test_progress_is_plain_text() -> None:
    assert line("Loading", 5, 10, 2.0) == "Loading [###############...............]  50%  2 s"
    assert line("Loading", 1234, 0, 2.0) == "Loading 1,234  2 s"


def test_progress_in_a_file_is_not_a_flood(tmp_path) -> None:
    with open(tmp_path / "out", "w+") as out:
        show = progress("Loading", out)
        for done in range(1000):
            show(done, 1000)
        out.seek(0)
        assert out.read() == ""


def test_serving_for_real(tmp_path) -> None:
    """From an empty folder to a page, with its worker; and everything ends with it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = {**os.environ, "KINWEAVE_HOME": str(tmp_path), "PORT": str(port)}
    home.pop("DATABASE_URL", None)
    server = subprocess.Popen(
        [sys.executable, "-m", "kinweave", "serve", "--workers", "1"], env=home, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"Kinweave is ready at http://localhost:{port}\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=10) as page:
            assert page.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/kinweave.css", timeout=10) as sheet:
            assert sheet.status == 200
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) in {0, cli.STOPPED}
        server.stdout.close()
    time.sleep(1.5)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)
