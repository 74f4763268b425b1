"""`kinweave forms` and what `kinweave demo-info` says of phones."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest

from kinweave.config import cli, cli_demo
from kinweave.flows import forms as flow
from tests.exchange.forms_files import visit
from tests.exchange.phones import Phone, new_instance, set_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_java(monkeypatch):
    monkeypatch.setattr("kinweave.core.xforms.judge.java", lambda: None)


def test_answers_are_exported_with_their_dictionary(world, tmp_path, capsys):
    flow.upload_form(by=world.actor("farai"), organisation_id=world.organisation, raw=visit(), media={})
    person = world.person()
    xml = (
        f'<data id="visit" version="1"><person>{person}</person><n>3</n>'
        f"<meta><instanceID>{new_instance()}</instanceID></meta></data>"
    )
    assert Phone(set_up(world)).send(xml).status_code == 201
    to, meant = tmp_path / "a.csv", tmp_path / "meant.csv"
    asked = ["forms", "export", "visit", "--by", "farai"]
    assert cli.main([*asked, "--to", str(to), "--dictionary", str(meant)]) == 0
    (row,) = csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines())
    assert row["n"] == "3"
    assert to.stat().st_mode & 0o077 == 0
    assert "How many?" in meant.read_text(encoding="utf-8")
    assert cli.main([*asked, "--to", str(tmp_path / "a.parquet")]) == 0
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 1
    assert cli.main(["forms", "list", "--by", "farai"]) == 0
    assert "visit  1" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["export", "visit", "--to", "x.txt"], ["export", "none", "--to", "x.csv"]])
def test_what_cannot_be_exported_is_a_problem(world, words):
    assert cli.main(["forms", *words, "--by", "farai"]) == cli.PROBLEM


def test_a_worker_exports_nothing(world, tmp_path):
    assert cli.main(["forms", "list", "--by", "amina"]) == cli.PROBLEM


def test_a_file_is_checked_and_nothing_stored(tmp_path, capsys):
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(visit())
    bad.write_bytes(visit(calculation="/data/nothere"))
    assert cli.main(["forms", "check", str(good)]) == 0
    assert "no Java" in capsys.readouterr().out
    assert cli.main(["forms", "check", str(bad)]) == cli.PROBLEM
    assert "/data/nothere" in capsys.readouterr().out
    assert cli.main(["forms", "check"]) == cli.USAGE


def test_the_demo_names_a_working_address_for_phones(world, tmp_path):
    names = {"worker": "amina", "coordinator": "farai"}
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"password": "x", "logins": names, "communities": []}))
    cli_demo._tokens(path)
    told = cli_demo.read(tmp_path, "http://localhost:8000")
    assert told["openrosa"].startswith("http://localhost:8000/openrosa/")
    phone = Phone(told["openrosa"].rpartition("/")[2])
    assert phone.get(f"{phone.base}/formList").status_code == 200
    cli_demo._tokens(path)  # again: the same phone still works
    assert cli_demo.read(tmp_path, "http://localhost:8000")["openrosa"] == told["openrosa"]
