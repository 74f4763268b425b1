"""`kinweave measure` on anyone's file: every example runs, every option is written down, messy files are told so."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.config import cli
from kinweave.config.cli_measure_parser import KINDS
from kinweave.core.problems import Problem
from kinweave.measures.files import looks_missing, read_file
from kinweave.measures.pictures import svg, ticks
from kinweave.measures.results import Estimate, Result
from scripts import make_examples

pytestmark = pytest.mark.sqlite_only

SHARED = {"--json", "--plot", "--decimal", "--missing", "--level"}


def kinds() -> dict[str, argparse.ArgumentParser]:
    top = next(a for a in cli.parser()._actions if isinstance(a, argparse._SubParsersAction))
    return next(a for a in top.choices["measure"]._actions if isinstance(a, argparse._SubParsersAction)).choices


def words(name: str) -> list[str]:
    return shlex.split(KINDS[name].example)[1:]


@pytest.fixture
def here(monkeypatch, root: Path) -> Path:
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="module")
def manual(root: Path) -> str:
    return (root / "docs" / "measure-command.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(KINDS))
def test_the_example_of_each_kind_runs_and_says_what_the_page_says(name, here, manual, capsys) -> None:
    assert cli.main(words(name)) == cli.OK
    said = capsys.readouterr().out
    assert "In the numbers: " in said
    assert "Method: " in said
    assert "Source: " in said
    assert not re.search(r"\b(nan|NaN|inf|None)\b", said)
    part = manual.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert f"$ {KINDS[name].example}\n" in part
    quoted = " ".join(re.findall(r"^> (.*)$", part, re.MULTILINE))
    assert quoted == said.split("\n")[0]


@pytest.mark.parametrize("name", list(KINDS))
def test_json_and_picture_of_each_kind(name, here, tmp_path, capsys) -> None:
    picture = tmp_path / "out.svg"
    assert cli.main([*words(name), "--json", "--plot", str(picture)]) == cli.OK
    found = json.loads(capsys.readouterr().out)
    assert found["n"] > 0
    assert found["says"]
    assert found["citation"]
    tree = ET.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 - our own
    words_of = [e.text for e in tree.iter("{http://www.w3.org/2000/svg}title")]
    assert words_of[0] == found["method"]
    assert next(tree.iter("{http://www.w3.org/2000/svg}desc")).text == found["says"]
    for element in tree.iter():
        for value in (v for k, v in element.attrib.items() if k in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy"}):
            assert -1 <= float(value) <= 100_000


@pytest.mark.parametrize("name", list(KINDS))
def test_the_manual_lists_each_option(name, manual) -> None:
    part = manual.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    real = {o for a in kinds()[name]._actions for o in a.option_strings} - {"-h", "--help"}
    assert set(re.findall(r"^\| `(--[\w-]+)` \|", part, re.MULTILINE)) == real - SHARED
    shared = manual.partition("### For every kind")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(--[\w-]+)` \|", shared, re.MULTILINE)) == SHARED <= real


@pytest.mark.parametrize("name", list(KINDS))
def test_help_shows_the_example(name, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["measure", name, "--help"])
    assert left.value.code == 0
    assert KINDS[name].example in capsys.readouterr().out


def test_the_command_line_page_names_every_kind(root: Path) -> None:
    part = (root / "docs" / "command-line.md").read_text().partition("### `kinweave measure`")[2].partition("\n### ")[0]
    assert set(re.findall(r"`(\w+)`", part)) == set(KINDS)


def test_the_examples_are_those_of_the_script(root: Path) -> None:
    import csv
    import io
    import random

    for number, make in enumerate((make_examples.people, make_examples.visits, make_examples.months,
                                   make_examples.weeks)):  # fmt: skip
        rows = list(make(random.Random(make_examples.SEED + number)))
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        assert (root / "docs" / "examples" / f"{make.__name__}.csv").read_text() == out.getvalue()


def test_no_django_and_quick_to_start(root: Path) -> None:
    """Without Django and DuckDB; `--help` in the time Python itself takes (the best of three, for a busy machine)."""
    asked = (
        "import sys; from kinweave.config import cli;"
        "code = cli.main(['measure', 'change', 'docs/examples/people.csv', '--reliability', '.8', '--source', 'x']);"
        "print([m for m in ('django', 'duckdb', 'ibis', 'pyarrow', 'pandas', 'scipy.stats') if m in sys.modules], code)"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=root)
    assert said.stdout.splitlines()[-1] == "[] 0"
    best = 9.0
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kinweave", "measure", "change", "--help"], capture_output=True, check=True
        )
        best = min(best, time.perf_counter() - began)
    assert best < 1.0


# Other ways to ask


def test_parquet_gives_what_csv_gives(here, tmp_path, capsys) -> None:
    table = read_file("docs/examples/people.csv")
    numbers = {"wealth", "reached", "weight"}
    typed = {k: pa.array([float(v) for v in c]) if k in numbers else pa.array(c) for k, c in table.items()}
    pq.write_table(pa.table(typed), tmp_path / "p.parquet")
    for file in ("docs/examples/people.csv", str(tmp_path / "p.parquet")):
        assert cli.main(["measure", "survey", file, "--value", "reached", "--weight", "weight"]) == cli.OK
    one, _, other = capsys.readouterr().out.partition("Source: ")
    assert one.splitlines()[0] in other


def test_semicolons_commas_and_a_byte_order_mark(tmp_path, capsys) -> None:
    file = tmp_path / "liste.csv"
    file.write_bytes("\ufeffvalue;weight\n1,5;2\n2,5;-99\n\n3,5;4\n".encode())
    asked = ["measure", "survey", str(file), "--weight", "weight", "--decimal", "comma", "--missing", "-99"]
    assert cli.main(asked) == cli.OK
    said = capsys.readouterr().out
    assert "mean 2.83" in said
    assert "1 " in said.partition("Left out:")[2]


def test_validity_without_languages_and_with_details(here, capsys) -> None:
    assert cli.main(["measure", "validity", "docs/examples/people.csv", "--items", "i1,i2,i3"]) == cli.OK
    assert "hang together" in capsys.readouterr().out
    assert cli.main([*words("validity"), "--details"]) == cli.OK
    said = capsys.readouterr().out
    for word in ("configural", "scalar", "alpha without", "Mantel", "logistic", "en: Among"):
        assert word in said or word.lower() in said.lower()


@pytest.mark.parametrize("method", ["C1", "C3", "cusum"])
def test_other_signals(method, here, capsys) -> None:
    asked = ["measure", "signals", "docs/examples/weeks.csv", "--count", "contacts", "--method", method]
    assert cli.main([*asked, "--least", "2"]) == cli.OK
    assert "2025-12" in capsys.readouterr().out


def test_seasonal_signals(tmp_path, capsys) -> None:
    rows = [f"{y}-{m:02}-01,{10 + m % 3}" for y in range(2018, 2024) for m in range(1, 13)]
    file = tmp_path / "months.csv"
    file.write_text("week,count\n" + "\n".join([*rows[:-1], "2023-12-01,60"]) + "\n")
    assert cli.main(["measure", "signals", str(file), "--method", "seasonal", "--years", "4"]) == cli.OK
    assert "2023-12-01" in capsys.readouterr().out


# Messy files


MESSY = [
    ("a,b\n1,2\n3\n", "row 2 has 1 cells, the heading 2"),
    ("a,b\n1,2,3\n", "row 1 has 3 cells"),
    ("a,a\n1,2\n", "two columns are called a"),
    ("a,\n1,2\n", "column 2 has no name"),
    ("", "it is empty"),
    ('a,b\n1,2\n"3,4\n', "quotation mark"),
]


@pytest.mark.parametrize(("text", "says"), MESSY)
def test_a_messy_file_is_told_so(text, says, tmp_path, capsys) -> None:
    file = tmp_path / "messy.csv"
    file.write_text(text)
    assert cli.main(["measure", "change", str(file)]) == cli.PROBLEM
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_not_utf8_not_there_not_a_table(tmp_path, capsys) -> None:
    (tmp_path / "latin.csv").write_bytes("a,b\n1,caf\xe9\n".encode("latin-1"))
    (tmp_path / "fake.parquet").write_bytes(b"PAR1 nothing")
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    for name, says in (
        ("latin.csv", "UTF-8"),
        ("fake.parquet", "damaged"),
        ("book.xlsx", "CSV"),
        ("no.csv", "no file"),
    ):
        assert cli.main(["measure", "change", str(tmp_path / name)]) == cli.PROBLEM
        err = capsys.readouterr().err
        assert says in err
        assert str(tmp_path) not in err


@pytest.mark.parametrize(
    ("text", "asked", "says"),
    [
        (
            "before,after\n12,3\nfourteen,2\n",
            ["change", "--reliability", ".8", "--source", "x"],
            "Row 2, column before",
        ),
        ("before,after\n12,3\n", ["change", "--before", "first"], "no column first"),
        ("week,count\n2026-01-05,3\n2026-01-12,2.5\n", ["signals"], "Row 2, column count"),
        ("week,count\n5 January,3\n", ["signals"], "Row 1, column week"),
        ("a,b,l\n" + "1,2,x\n" * 30, ["validity", "--items", "a,b"], "All values of a are the same"),
        ("a,b\n1,2\n", ["validity", "--items", "a,b"], "Too few people"),
        ("rank,v\n1,\n2,\n", ["inequality", "--value", "v"], ""),
        ("g,outcome\nx,1\n", ["gaps", "--strata", "g"], ""),
        ("person,month,score\np,0,3\n", ["slopes"], "Too few"),
        ("before,after\n1,1\n", ["change", "--reliable", "6"], "--cutoff and --source"),
        ("value\n1\n2\n", ["survey", "--total"], "--weight"),
    ],
)
def test_bad_data_is_refused_in_one_sentence(text, asked, says, tmp_path, capsys) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text)
    assert cli.main(["measure", asked[0], str(file), *asked[1:]]) == cli.PROBLEM
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert "unforeseen" not in said.err
    assert said.out == ""


def test_a_picture_that_cannot_be_written(here, tmp_path, capsys) -> None:
    for name in ("out.png", str(tmp_path / "nowhere" / "out.svg")):
        assert cli.main([*words("survey"), "--plot", name]) == cli.PROBLEM
        assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["nan", "inf", "many"])
def test_options_are_finite_numbers(value, here) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([*words("survey"), "--level", value])
    assert left.value.code == cli.USAGE


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data) -> None:
    file = tmp_path_factory.mktemp("any") / "x.csv"
    file.write_bytes(data)
    try:
        found = read_file(file)
    except Problem:
        return
    assert len({len(c) for c in found.values()}) <= 1


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))
def test_ticks_hold_what_they_mark(low, size) -> None:
    high = low + size
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return
    found = ticks(low, high)
    assert found[0] <= low + 1e-6 * size
    assert found[-1] >= high - 1e-6 * size
    assert 2 <= len(found) <= 13


def test_names_cannot_break_out_of_a_picture() -> None:
    bad = '"><script>alert(1)</script>'
    found = svg(Result(method=bad, citation="x", n=1, estimates=(Estimate(bad, 1.0, 0.0, 2.0),)))
    assert "<script" not in found
    ET.fromstring(found)  # noqa: S314 - our own


def test_a_number_that_may_mean_no_answer_is_pointed_at(tmp_path, capsys) -> None:
    asked = ["--reliable", "6", "--cutoff", "10", "--source", "made up"]
    file = tmp_path / "codes.csv"
    file.write_text("before,after,third\n14,8,99\n" + "15,9,1\n" * 9 + "16,-99,2\n", encoding="utf-8")
    assert cli.main(["measure", "change", str(file), *asked]) == cli.OK
    said = capsys.readouterr().out
    assert "-99 stands in after 1 times" in said
    assert "third" not in said, "only columns that were asked for"
    assert cli.main(["measure", "change", str(file), *asked, "--missing", "-99"]) == cli.OK
    assert "stands in" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1", "27", "-9"], ("-9", 1)),
        (["-12", "30", "-9"], None),  # a scale that goes below nought
        (["3", "4", "99", None, "99"], ("99", 2)),
        (["60", "80", "99"], None),  # ages
        (["99"], None),
        (["hill", "99"], None),
    ],
)
def test_what_looks_like_no_answer(cells, found) -> None:
    assert looks_missing(cells) == found


def test_nobody_is_told_recovered_without_a_line_between_the_ranges(tmp_path, capsys) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("before,after\n" + "".join(f"{10 + i},{9 + i % 2}\n" for i in range(9)), encoding="utf-8")
    change = ["measure", "change", str(file), "--reliability", "0.8", "--source", "made up"]
    assert cli.main(change) == cli.OK
    assert "recovered" not in capsys.readouterr().out
    assert cli.main([*change, "--cutoff", "10"]) == cli.OK
    said = capsys.readouterr().out
    assert "recovered" in said
    assert "Intervals: 95%." in said


def test_months_are_dates_too(tmp_path, capsys) -> None:
    file = tmp_path / "months.csv"
    rows = [f"{2020 + i // 12}-{i % 12 + 1:02d},{30 if i == 30 else 5 + i % 3}" for i in range(36)]
    file.write_text("week,count\n" + "\n".join(rows), encoding="utf-8")
    assert cli.main(["measure", "signals", str(file)]) == cli.OK
    assert "2022-07-01" in capsys.readouterr().out
