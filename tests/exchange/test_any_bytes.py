"""Whatever the bytes, reading ends with rows or with a Problem; whatever the cells, no message repeats them."""

from __future__ import annotations

import csv
import io
import zipfile
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kinweave.core import safety
from kinweave.core.instruments import compile_table
from kinweave.core.problems import Problem
from kinweave.core.sheets.columns import suggest_columns
from kinweave.core.sheets.people import FIELDS, parse_people
from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.responses import ResponseMap, parse_responses, suggest_map, write_map
from kinweave.core.sheets.rows import RowResult
from kinweave.core.sheets.table import Limits
from tests.exchange.make_exports import TODAY, messy_caseload, odk_central, phq9

pytestmark = pytest.mark.sqlite_only  # needs no database

SPACE = UUID("6f2c5a2e-0000-4000-8000-000000000004")
PHQ = phq9()
TABLE = compile_table(PHQ)
SMALL = Limits(seconds=20)
CASELOAD = messy_caseload(12)
EXPORT, _ = odk_central(6)
CANARY = "zqxcanary"


def whole(data: bytes, name: str = "f") -> list[RowResult]:
    """Everything that an import does with a file, except to write."""
    table = read_table(data, name, SMALL)
    mapping = {s.column: s.field for s in suggest_columns(table) if s.field}
    results: list[RowResult] = []
    if mapping:
        results += parse_people(table, mapping, today=TODAY, namespace=SPACE)
    found = suggest_map(table, PHQ)
    write_map(found)
    if found.items:
        answers = list(parse_responses(table, found, PHQ, today=TODAY, namespace=SPACE))
        assert all(isinstance(safety.find(TABLE, a.for_safety), tuple) for a in answers)
        results += answers
    return results


def ends_well(data: bytes, name: str = "f") -> bool:
    """Rows, or a Problem with a sentence and a remedy; anything else is raised."""
    try:
        whole(data, name)
    except Problem as problem:
        return bool(problem.sentence and problem.what_to_do)
    return True


@given(st.binary(max_size=2_000))
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe")
@example(b"\xff\xfea")
@example(b'"')
@example(b"sep=;")
@example(b"sep=\x00\n")
@example(b"PK\x03\x04" + b"\0" * 100)
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_rows_or_a_problem(data: bytes) -> None:
    assert ends_well(data)


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from(',;\t"\n\r=')), max_size=600),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
@settings(max_examples=300, deadline=None)
def test_any_text_ends_in_rows_or_a_problem(text: str, encoding: str) -> None:
    assert ends_well(text.encode(encoding, "surrogatepass"))


@given(st.lists(st.tuples(st.integers(0, len(EXPORT) - 1), st.integers(0, 255)), max_size=20))
@settings(max_examples=150, deadline=None)
def test_a_damaged_export_ends_in_rows_or_a_problem(changes: list[tuple[int, int]]) -> None:
    data = bytearray(EXPORT)
    for place, byte in changes:
        data[place] = byte
    assert ends_well(bytes(data))


@given(st.lists(st.tuples(st.integers(0, len(CASELOAD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_damaged_workbook_ends_in_rows_or_a_problem(changes: list[tuple[int, int]]) -> None:
    data = bytearray(CASELOAD)
    for place, byte in changes:
        data[place] = byte
    assert ends_well(bytes(data), "f.xlsx")


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_workbook_with_a_changed_part_ends_in_rows_or_a_problem(data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(CASELOAD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = data.draw(st.sampled_from([n for n in old.namelist() if n.endswith((".xml", ".rels"))]))
        for name in old.namelist():
            body = old.read(name)
            if name == chosen:
                start = data.draw(st.integers(0, len(body)))
                end = data.draw(st.integers(start, min(len(body), start + 40)))
                body = (
                    body[:start]
                    + data.draw(st.binary(max_size=12) | st.sampled_from([b"9", b"-1", b"ZZZ9", b'"']))
                    + body[end:]
                )
            new.writestr(name, body)
    assert ends_well(out.getvalue(), "f.xlsx")


HEADS = [*FIELDS, "today", *(f"phq9_{n}" for n in range(1, 10))]
CELLS = st.one_of(
    st.just(CANARY),
    st.text(max_size=20).map(lambda t: t + CANARY),
    st.text(max_size=20),
    st.integers(-10_000, 99_999).map(str),
    st.sampled_from(
        ["3/4/2024", "2080-01-01", "yes", "F", "33", "1985", "0712345678", "999", "refused", "#REF!", "31/2/2001"]
    ),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=len(HEADS) + 2), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_fault_names_its_row_and_column_and_never_the_content(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADS, *rows])
    data = out.getvalue().encode("utf-8", "replace")
    results: list[RowResult] = []
    said = ""
    try:
        table = read_table(data, "f.csv", SMALL, header_row=1, encoding="utf-8", delimiter=",")
        results += parse_people(table, {f: f for f in FIELDS}, today=TODAY, namespace=SPACE)
        items = {f"q{n}": f"phq9_{n}" for n in range(1, 10)}
        found = ResponseMap("phq-9", {"date": "today", "person": "external_id"}, items)
        results += parse_responses(table, found, PHQ, today=TODAY, namespace=SPACE)
    except Problem as problem:
        said = str(problem)
    assert CANARY not in said
    for result in results:
        assert CANARY not in repr(result)
        for notice in (*result.faults, *result.warnings):
            assert notice.sentence.startswith(f"Row {result.row_no}")
            assert 0 <= notice.column <= len(HEADS) + 1
            assert (", column " in notice.sentence) == (notice.column > 0)
        assert (result.values is None) == bool(result.faults)


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx", "", "../../etc/passwd", "\0"])
def test_the_file_s_name_decides_nothing(name: str) -> None:
    assert len(list(read_table(CASELOAD, name).rows())) == 13
    assert len(list(read_table(EXPORT, name).rows())) == 6
