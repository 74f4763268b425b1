"""The way in and the way out: every kind of table, clear refusals, no NaN, lazy names."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave import measures
from kinweave.measures.frames import groups_of, read
from kinweave.measures.refusals import (
    BadChoice,
    NoColumn,
    NotAllowedHere,
    NotANumber,
    NotReadable,
    OutOfRange,
    UnequalColumns,
)
from kinweave.measures.results import Estimate, LeftOut, Result, Table, listed, plain, some
from tests.measures.simulate import as_table

pytestmark = pytest.mark.sqlite_only

PLAIN: dict[str, Any] = {"x": [1.5, None, 3.0], "g": ["b", None, "a"], "n": [1, 2, 3], "t": [True, False, True]}


def made(kind: str) -> Any:
    """PLAIN as a table of that kind."""
    import pyarrow as pa

    arrow = pa.table(PLAIN)
    if kind.startswith("pandas"):
        pd = pytest.importorskip("pandas", reason="pandas is not installed")
        frame = pd.DataFrame(PLAIN, dtype=object if kind == "pandas objects" else None)
        return frame.convert_dtypes() if kind == "pandas nullable" else frame
    if kind == "ibis":
        import ibis

        return ibis.duckdb.connect().create_table("t", arrow)
    return {
        "lists": PLAIN, "pyarrow": arrow, "batch": arrow.to_batches()[0],
        "dictionary": arrow.set_column(1, "g", arrow["g"].dictionary_encode()),
        "stream": pa.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches()),
    }[kind]  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    ["lists", "pyarrow", "batch", "dictionary", "stream", "ibis", "pandas", "pandas nullable", "pandas objects"],
)
def test_every_kind_of_table_reads_the_same(kind: str) -> None:
    frame = read(made(kind), ["x", "g", "n", "t"])
    assert frame.rows == 3
    x = frame.numbers("x")
    assert (x[0], x[2]) == (1.5, 3.0)
    assert math.isnan(x[1])
    assert frame.labels("g").names == ("a", "b")
    assert frame.labels("g").codes.tolist() == [1, -1, 0]
    assert frame.numbers("n", whole=True).tolist() == [1, 2, 3]
    assert frame.numbers("t").tolist() == [1, 0, 1]


def test_polars_reads_the_same() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = read(polars.DataFrame(PLAIN), ["x", "g", "n"])
    assert frame.labels("g").codes.tolist() == [1, -1, 0]
    assert frame.numbers("n").tolist() == [1, 2, 3]


@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", " ", "7"])))
)
def test_what_is_a_number_is_read_and_what_is_empty_is_missing(values: list[Any]) -> None:
    found = read({"x": values}, ["x"]).numbers("x")
    for got, value in zip(found, values, strict=True):
        if value is None or (isinstance(value, str) and not value.strip()):
            assert math.isnan(got)
        else:
            assert got == float(value)


@pytest.mark.parametrize("value", ["seven", "1_000", "nan", "inf", math.inf, -math.inf, object(), [1], "1,5"])
def test_what_is_no_number_is_named_by_row_and_column_and_never_shown(value: Any) -> None:
    with pytest.raises(NotANumber, match="Row 2, column x") as caught:
        read({"x": [1, value, 3]}, ["x"]).numbers("x")
    assert "seven" not in str(caught.value.as_dict())


@pytest.mark.parametrize(("call", "refusal"), [
    (lambda: read({"x": [1]}, ["y"]), NoColumn),
    (lambda: read(7, ["y"]), NotReadable),
    (lambda: read({"x": 7}, ["x"]), NotReadable),
    (lambda: read({"x": "text"}, ["x"]), NotReadable),
    (lambda: read({"x": np.zeros((2, 2))}, ["x"]), NotReadable),
    (lambda: read({"x": [1], "y": [1, 2]}, ["x", "y"]), UnequalColumns),
    (lambda: read({"x": [1, -2]}, ["x"]).numbers("x", low=0), NotAllowedHere),
    (lambda: read({"x": [1, 9]}, ["x"]).numbers("x", high=8), NotAllowedHere),
    (lambda: read({"x": [1, 1.5]}, ["x"]).numbers("x", whole=True), NotAllowedHere),
    (lambda: groups_of([]), BadChoice),
])  # fmt: skip
def test_a_clear_refusal(call: Any, refusal: Any) -> None:
    with pytest.raises(refusal) as caught:
        call()
    assert caught.value.what_to_do
    assert "{" not in str(caught.value)


def test_a_frame_does_not_print_what_it_holds() -> None:
    assert "1.5" not in repr(read(PLAIN, ["x"]))


@dataclass(frozen=True, kw_only=True)
class _One(Result):
    extra: Any = None


def result(**more: Any) -> _One:
    return _One(method="a way", citation="a book", n=3, **more)


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float64("nan"), [1.0, math.nan], {"a": (math.inf,)}])
def test_no_result_holds_a_nan(value: Any) -> None:
    with pytest.raises(OutOfRange):
        result(extra=value)
    with pytest.raises(OutOfRange):
        result(estimates=(Estimate("x", math.nan),))


def test_a_result_is_plain_json_and_a_table() -> None:
    found = result(
        estimates=(Estimate("x", 2.0, 1.0, 3.0, unit="points"), Estimate("y", 5.0)),
        left_out=some([("late", 2), ("no", 0)]),
    )  # fmt: skip
    assert json.loads(found.to_json()) == found.as_dict()
    assert found.left_out == (LeftOut("late", 2),)
    assert found["x"].excludes()
    assert not found["y"].excludes()
    assert found.says == "a way: x 2.00 (1.00 to 3.00); y 5.00."
    lines = str(found.table()).splitlines()
    assert lines[0].split()[:3] == ["estimate", "value", "low"]
    assert found.table().as_dicts()[1]["low"] is None
    with pytest.raises(KeyError):
        found["z"]


def test_numbers_and_lists_as_people_write_them() -> None:
    assert [plain(x) for x in (0, 1234.5, 0.05123, 12.345, 1e-9, 2.5e9)] == [
        "0",
        "1,234",
        "0.0512",
        "12.3",
        "1e-09",
        "2.5e+09",
    ]
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""
    assert str(Table(("a",), ())) == "a"


def test_every_name_of_the_library_is_there_and_loaded_late() -> None:
    for name in dir(measures):
        assert getattr(measures, name) is not None
    with pytest.raises(AttributeError):
        _ = measures.nonsense
    code = "import sys; from kinweave import measures; assert not {'numpy', 'django'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys; from kinweave import measures; measures.fit_slopes; assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_stays_what_it_is_after_its_module_was_loaded() -> None:
    code = (
        "import sys, pkgutil, importlib; from kinweave import measures\n"
        "for m in pkgutil.iter_modules(measures.__path__): importlib.import_module(f'kinweave.measures.{m.name}')\n"
        "assert not [n for n in dir(measures) if isinstance(getattr(measures, n), type(sys))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_empty_text_is_missing_in_an_engines_table_too() -> None:
    rows: dict[str, Any] = {
        "person": ["a", "a", "b", "", "c"], "month": [0.0, 3, 0, 0, 0], "score": [1.0, 2, 3, 4, 5],
        "arm": ["x", "x", "x ", "x", " "],
    }  # fmt: skip
    asked: dict[str, Any] = {"person": "person", "time": "month", "score": "score", "groups": ["arm"]}
    ours = measures.take_moments(rows, **asked)
    theirs = measures.take_moments(as_table({k: np.array(v, dtype=object) for k, v in rows.items()}), **asked)
    assert ours.left_out == theirs.left_out
    assert [(p.group, p.visits, p.n) for p in ours.patterns] == [(p.group, p.visits, p.n) for p in theirs.patterns]
    counted: dict[str, Any] = {"columns": ["arm"], "outcome": "score"}
    one, other = (measures.take_strata(data, **counted) for data in (rows, as_table({
        k: np.array(v, dtype=object) for k, v in rows.items()})))  # fmt: skip
    assert one.names == other.names == (("x",),)
    assert one.left_out == other.left_out


def test_the_page_names_only_what_there_is(root: Path) -> None:
    page = (root / "docs" / "measures.md").read_text(encoding="utf-8")
    named = set(re.findall(r"measures\.([a-z_A-Z]+)\(", page))
    assert {"fit_slopes", "fit_gaps", "count_change", "combine"} <= named
    assert named <= set(dir(measures))
