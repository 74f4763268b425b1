"""Large files: ten thousand rows in seconds, and fifty megabytes without the memory to hold them.

The bounds are ours, several times what was measured on two shared cores, so that only a change of kind fails.
"""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kinweave.core.sheets import problems
from kinweave.core.sheets.columns import suggest_columns
from kinweave.core.sheets.people import parse_people
from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.report import read_all
from kinweave.core.sheets.responses import parse_responses, suggest_map
from tests.exchange.make_exports import TODAY, long_csv, messy_caseload, odk_central, phq9

pytestmark = pytest.mark.sqlite_only  # needs no database

SPACE = UUID("6f2c5a2e-0000-4000-8000-000000000005")
SECONDS_FOR_10_000 = 20.0
READING_PEAK = 8_000_000  # bytes allocated by Python while walking 50 MB

CHILD = """
import resource, sys
from kinweave.core.sheets.read import read_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(1 for _ in read_table(sys.argv[1], "f.csv").rows())
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(scope="module")
def fifty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    path = tmp_path_factory.mktemp("large") / "fifty.csv"
    rows = long_csv(path)
    assert path.stat().st_size >= 50_000_000
    yield path, rows
    path.unlink()


def test_ten_thousand_answers_from_odk_central() -> None:
    data, told = odk_central(10_000)
    table = read_table(data, "submissions.csv")
    found = suggest_map(table, phq9())
    start = time.perf_counter()
    results = list(parse_responses(table, found, phq9(), today=TODAY, namespace=SPACE))
    took = time.perf_counter() - start
    assert [list(r.answers.values()) for r in results] == told
    assert read_all(results).as_dict()["accepted"] == 10_000
    assert took < SECONDS_FOR_10_000


def test_ten_thousand_people_from_a_messy_workbook() -> None:
    data = messy_caseload(10_000)
    start = time.perf_counter()
    table = read_table(data, "caseload.xlsx")
    mapping = {s.column: s.field for s in suggest_columns(table) if s.field}
    report = read_all(parse_people(table, mapping, today=TODAY, namespace=SPACE))
    took = time.perf_counter() - start
    assert report.total == 10_001
    assert report.accepted >= 9_900
    assert took < 2 * SECONDS_FOR_10_000


def test_fifty_megabytes_are_walked_in_a_few(fifty: tuple[Path, int]) -> None:
    path, rows = fifty
    tracemalloc.start()
    walked = sum(1 for _ in read_table(path, "fifty.csv").rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert walked == rows
    assert peak < READING_PEAK


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_the_process_does_not_grow_by_the_file(fifty: tuple[Path, int]) -> None:
    path, rows = fifty
    said = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True).stdout
    walked, grown = map(int, said.split())
    assert walked == rows
    assert grown * (1 if sys.platform == "darwin" else 1024) < 2 * READING_PEAK


def test_a_file_cut_short_in_a_quote_is_not_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write('name,age\n"A,1\n')
        for n in range(300_000):
            out.write(f"Name {n},30\n")
    with pytest.raises(problems.SheetProblem) as caught:
        list(read_table(path, "open.csv").rows())
    assert caught.value.facts == {"row": 2}
