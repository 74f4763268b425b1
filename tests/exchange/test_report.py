"""What became of a file: totals, reasons, and the rows set aside as a file that can be mended and sent again."""

from __future__ import annotations

import csv
from pathlib import Path
from uuid import UUID

import pytest

from kinweave.core.sheets import problems
from kinweave.core.sheets.columns import suggest_columns
from kinweave.core.sheets.people import parse_people
from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.report import Report, fingerprint, read_all, safe_cell, write_set_aside
from kinweave.core.sheets.rows import RowResult
from kinweave.core.sheets.table import Notice, Table
from tests.exchange.make_exports import TODAY

SPACE = UUID("6f2c5a2e-0000-4000-8000-000000000003")
FILE = (
    "Name,Age,Sex,Phone\nAmina,31,F,+255712345678\n"
    '=cmd|calc!A1,abc,F,+255712345679\nRudo,25,F,\nRudo,25,F,\n"@x, ""y""",300,F,-1\nZed,5,M,,shifted\n'
)


def parsed(table: Table) -> list[RowResult]:
    mapping = {s.column: s.field for s in suggest_columns(table) if s.field}
    return list(parse_people(table, mapping, today=TODAY, namespace=SPACE))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_totals_and_reasons_add_up() -> None:
    report = read_all(parsed(read_table(FILE.encode(), "f.csv")))
    told = report.as_dict()
    assert (told["total"], told["accepted"], told["set_aside"], told["duplicates"]) == (6, 2, 3, 1)
    assert told["reasons"] == {"age-unreadable": 1, "age-impossible": 1, "phone-unreadable": 1, "too-many-cells": 1}
    assert [(x.row_no, x.status) for x in report.lines] == [
        (3, "set-aside"),
        (5, "duplicate"),
        (6, "set-aside"),
        (7, "set-aside"),
    ]
    assert "Rudo" not in repr(report)


def test_rows_set_aside_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    table = read_table(FILE.encode(), "f.csv")
    path = tmp_path / "set-aside.csv"
    assert write_set_aside(path, table, read_all(parsed(table))) == 3
    assert path.stat().st_mode & 0o077 == 0
    rows = rows_of(path)
    assert [r[4] for r in rows] == ["Row in the first file", "3", "6", "7"]
    assert rows[1][5] == "Row 3, column B: this is not an age we can read. Write whole years."
    assert not any(cell.startswith(("=", "+", "-", "@")) for r in rows for cell in r)
    path.write_text(path.read_text("utf-8-sig").replace("abc", "44").replace(",shifted", ""), encoding="utf-8")
    again = read_table(path, "set-aside.csv")
    assert [s.field for s in suggest_columns(again)] == ["name", "age", "gender", "phone", None, None]
    mended = parsed(again)
    assert [m.status for m in mended] == ["accepted", "set-aside", "accepted"]
    assert (mended[0].values or {})["phones"] == ("+255712345679",)
    assert (mended[0].values or {})["name"] == "=cmd|calc!A1"
    assert write_set_aside(tmp_path / "twice.csv", again, read_all(mended)) == 1
    twice = rows_of(tmp_path / "twice.csv")
    assert len(twice[0]) == 6
    assert twice[1][:4] == ['\'@x, "y"', "300", "F", "'-1"]


def test_nothing_set_aside_writes_nothing(tmp_path: Path) -> None:
    table = read_table(b"Name,Age\nA,3\n", "f.csv")
    assert write_set_aside(tmp_path / "x.csv", table, read_all(parsed(table))) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    table = read_table(FILE.encode(), "f.csv")
    with pytest.raises(problems.FileMissing):
        write_set_aside(tmp_path / "no" / "x.csv", table, read_all(parsed(table)))


def test_a_second_run_knows_every_row_again() -> None:
    first = [r.fingerprint for r in parsed(read_table(FILE.encode(), "f.csv")) if r.status == "accepted"]
    report = Report()
    for result in parsed(read_table(FILE.replace(",", ";").encode(), "f.csv")):
        report.add(result, already_here=result.fingerprint in first)
    assert report.accepted == 0
    assert report.already_here == 3


def test_the_caller_can_set_a_row_aside_for_its_own_reason() -> None:
    report = read_all(parsed(read_table(b"Name,Age\nA,3\n", "f.csv")))
    report.set_row_aside(2, Notice(0, "place-unknown", "Row 2: we do not know this place."))
    assert (report.accepted, report.set_aside, report.bad) == (0, 1, {2: ("Row 2: we do not know this place.",)})


def test_lines_shown_are_bounded_and_rows_remembered_are_not() -> None:
    report = Report(lines_kept=2)
    for n in range(5):
        report.add(RowResult(n, None, (Notice(1, "x", "y"),)))
    assert (len(report.lines), len(report.bad), report.reasons["x"]) == (2, 5, 5)


def test_fingerprints() -> None:
    assert fingerprint(SPACE, "a", {"x": 1, "y": "é"}) == fingerprint(SPACE, "a", {"y": "é", "x": 1})
    assert fingerprint(SPACE, "a", {"x": 1}) != fingerprint(SPACE, "a", {"x": "1"})
    assert fingerprint(SPACE, "a", {"x": 1}) != fingerprint(SPACE, "b", {"x": 1})
    assert fingerprint(SPACE, "a", {"x": 1}) != fingerprint(UUID(int=1), "a", {"x": 1})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_run_as_a_formula(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_plain_cells_stay() -> None:
    assert [safe_cell(c) for c in ("a=b", "", None, 3, 3.0, 2.5)] == ["a=b", "", "", "3", "3", "2.5"]
