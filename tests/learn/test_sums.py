"""Sums leave, people stay: signed files of sites add up to what all people together would give."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import ibis
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kinweave.config.cli import main as kinweave
from kinweave.core.problems import Problem
from kinweave.house.access import NotAllowed
from kinweave.house.actions import change_setting
from kinweave.house.models import Entry
from kinweave.learn import choices
from kinweave.learn.sums import moments_of, write_sums
from kinweave.learn.sums_signed import number_of, read, sign, together
from kinweave.measures.federation import to_dict, withhold
from kinweave.measures.slopes import fit_slopes
from tests.learn.little_lakes import a_programme, lake_of

ABOUT = {"site": "One", "made_on": "2026-01-01", "instrument": "scale-a", "scale": "total", "purpose": "statistics",
         "windows": [0, 3], "smallest": 11, "started_from": "", "started_before": "2026-01"}  # fmt: skip


def key(n: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)


def code_of(call) -> str:
    with pytest.raises(Problem) as fault:
        call()
    return fault.value.code


@pytest.fixture(scope="module")
def lakes():
    """Two sites, and one lake with the people of both."""
    one, two = a_programme(1, 900), a_programme(2, 700)
    moved = {name: [row | ({"person": row["person"] + 10_000} if "person" in row else {}) for row in rows]
             for name, rows in two.items()}  # fmt: skip
    both = {name: one[name] + moved[name] for name in one}
    both["places"] = one["places"]
    made = [lake_of(rows) for rows in (one, two, both)]
    yield made
    for lake in made:
        lake.close()


def sums(lake, groups=()):
    return moments_of(lake, "scale-a", "total", [0, 3], groups, "statistics")


def written(folder: Path, lakes, groups=(), smallest=11) -> list[Path]:
    files = []
    for n, lake in enumerate(lakes[:2], 1):
        path = folder / f"site{n}.json"
        path.write_text(sign(withhold(sums(lake, groups), smallest), {**ABOUT, "site": f"Site {n}"}, key(n)))
        files.append(path)
    return files


def test_two_sites_together_are_all_their_people(tmp_path, lakes):
    pooled, sites = together(written(tmp_path, lakes, ["gender"]))
    assert not pooled.withheld
    ours = fit_slopes(pooled.sums, group="gender", random="intercept")
    theirs = fit_slopes(sums(lakes[2], ["gender"]), group="gender", random="intercept")
    assert math.isclose(ours.criterion, theirs.criterion, rel_tol=1e-12)
    for mine, other in zip(ours.coefficients, theirs.coefficients, strict=True):
        assert (mine.value, mine.low, mine.high) == pytest.approx((other.value, other.low, other.high), rel=1e-9)
    assert [one.sums.n for one in sites] == [sums(lake).n for lake in lakes[:2]]


def test_the_sums_are_those_of_the_rows(lakes):
    """Beside the lake's own sums: the scores picked person by person, in plain Python."""
    found = sums(lakes[0])
    rows = lakes[0].scores.filter(ibis._.instrument == "scale-a").to_pyarrow().to_pylist()
    people: dict[int, dict[int, float]] = {}
    for row in rows:
        if row["scale"] == "total" and row["months_since_start"] in (0, 3) and row["purpose"] in ("statistics", "both"):
            people.setdefault(row["person"], {})[row["months_since_start"]] = row["value"]
    both = np.array([[one[0], one[3]] for one in people.values() if len(one) == 2])
    pattern = next(p for p in found.patterns if len(p.visits) == 2)
    assert pattern.n == len(both)
    assert pattern.products == pytest.approx(both.T @ both)


def test_what_a_site_keeps_back_is_said(tmp_path, lakes):
    pooled, _sites = together(written(tmp_path, lakes, ["gender"], smallest=100))
    assert sum(pooled.withheld.values()) > 0
    assert "withheld by" in pooled.says
    assert all(p.n >= 100 for p in withhold(sums(lakes[0], ["gender"]), 100).patterns)


@pytest.mark.parametrize("change", [
    lambda d: d["sums"]["patterns"][0].update(n=999), lambda d: d["about"].update(site="Another"),
    lambda d: d.update(key=d["key"][::-1]), lambda d: d.pop("about"), lambda d: d.update(signature=""),
    lambda d: d.update(more=1), lambda d: d.update(version=1),
])  # fmt: skip
def test_a_file_changed_after_signing_is_refused(lakes, change):
    data = json.loads(sign(withhold(sums(lakes[0])), ABOUT, key(1)))
    change(data)
    assert code_of(lambda: read(json.dumps(data), "a.json")) == "sums-not-signed"


@pytest.mark.parametrize("month", ["2026", 7, None, "2026-13", "x"])
def test_a_file_that_does_not_say_about_whom_is_refused(lakes, month):
    text = sign(withhold(sums(lakes[0])), {**ABOUT, "started_before": month}, key(1))
    assert code_of(lambda: read(text, "a.json")) == "sums-not-signed"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 5000, json.dumps({"schema": "x"})])
def test_other_files_are_refused(text):
    assert code_of(lambda: read(text, "a.json")) == "sums-not-signed"


def test_only_sites_that_are_trusted_and_each_once(tmp_path, lakes):
    files = written(tmp_path, lakes)
    numbers = [number_of(key(n).public_key().public_bytes_raw()) for n in (1, 2)]
    assert len(together(files, numbers)[1]) == 2
    assert code_of(lambda: together(files, numbers[:1])) == "sums-not-trusted"
    assert code_of(lambda: together([files[0], files[0]])) == "sums-twice"
    files[1].write_text(sign(withhold(sums(lakes[1])), {**ABOUT, "windows": [0, 6]}, key(2)))
    assert code_of(lambda: together(files)) == "sums-differ"


def test_combining_on_the_command_line_needs_no_site(tmp_path, lakes, capsys):
    files = [str(path) for path in written(tmp_path, lakes, ["gender"])]
    assert kinweave(["learn", "combine", *files]) == 0
    said = capsys.readouterr().out
    assert "Site 1" in said
    assert "Nothing was withheld" in said
    assert kinweave(["learn", "combine", *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["withheld"] == {}
    assert [one["people"] for one in told["sites"]] == [sums(lake).n for lake in lakes[:2]]
    assert kinweave(["learn", "combine"]) != 0


def asked(**more):
    return {"instrument": "scale-a", "scale": "total", "windows": [0, 3], **more}


@pytest.fixture
def site(db, world, lakes, monkeypatch):
    """A site whose lake is the first of ours."""
    monkeypatch.setattr("kinweave.learn.sums.build", lambda **more: None)
    monkeypatch.setattr("kinweave.learn.sums.open_lake", lambda *where: SimpleNamespace(
        scores=lakes[0].scores, people=lakes[0].people, close=lambda: None))  # fmt: skip
    return world


def test_a_site_writes_its_sums_and_its_journal_knows(site):
    text = write_sums(site.actor("gloria"), **asked(groups=["gender"]))
    found = read(text, "a.json")
    assert to_dict(found.sums)["patterns"]
    assert found.about["site"] == "Open Bench"
    entry = Entry.objects.get(action="published.give_sums")
    assert "scale-a" in entry.parts
    assert entry.actor_id == site.accounts["gloria"].id
    assert write_sums(site.actor("gloria"), **asked(groups=["gender"])) == text


def test_a_site_can_refuse_a_table_and_asks_who(site):
    change_setting(by=site.actor("hope"), key=choices.REFUSED, value=["scale-a"])
    assert code_of(lambda: write_sums(site.actor("gloria"), **asked())) == "sums-refused"
    with pytest.raises(NotAllowed):
        write_sums(site.actor("amina"), **asked())
    assert not Entry.objects.filter(action="published.give_sums").exists()


@pytest.mark.parametrize("wrong", [
    {"windows": [0, 1]}, {"windows": []}, {"windows": [-3, 0]}, {"groups": ["village"]}, {"purpose": "care"},
    {"instrument": "never-asked"},
])  # fmt: skip
def test_unclear_questions_are_refused(site, wrong):
    assert code_of(lambda: write_sums(site.actor("gloria"), **asked(**wrong))) == "sums-unclear"
