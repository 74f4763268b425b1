"""What makes the indicators quick: codes as ENUMs, work shared while the lake is open, one small roll-up."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from kinweave.learn import engine
from kinweave.learn.grid import Grid, period_key
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.lake import PLACE_BITS, open_lake, write_lake
from kinweave.learn.rollup import roll_up
from kinweave.learn.shape import SCHEMAS, LakeShape, month_index
from tests.learn.little_lakes import FACTS, FIRST, lake_of, make

pytestmark = pytest.mark.sqlite_only  # needs no database

KEY = bytes(range(32))
STEP = {"person": 7, "place": 1, "month": FIRST, "state": "Zzwaiting", "reason": None, "purpose": "both"}


def kinds(backend: object, table: str) -> dict[str, str]:
    found = backend.raw_sql(  # type: ignore[attr-defined]
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'"
    )
    return dict(found.fetchall())


def test_a_lake_knows_its_codes_and_keeps_them_sealed(tmp_path: Path) -> None:
    write_lake(tmp_path, {"pathway": pa.Table.from_pylist([STEP], schema=SCHEMAS["pathway"])}, KEY)
    lake = open_lake(tmp_path, KEY)
    assert kinds(lake.backend, "pathway")["state"] == "ENUM('Zzwaiting')"
    assert kinds(lake.backend, "pathway")["reason"] == "VARCHAR", "an ENUM of nothing cannot be made"
    assert lake.pathway.state.to_pyarrow().to_pylist() == ["Zzwaiting"]
    lake.close()
    assert not any(b"Zzwaiting" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_streams_without_codes_come_in_the_same() -> None:
    table = pa.Table.from_pylist([STEP, STEP | {"state": "active"}], schema=SCHEMAS["pathway"])
    named = engine.with_codes(table.schema, {"state": ["active", "Zzwaiting"], "purpose": ["both"], "reason": []})
    for schema in (table.schema, named):
        backend = engine.connect("duckdb")
        stream = pa.RecordBatchReader.from_batches(schema, table.to_batches())
        engine.take_in(backend, {"pathway": stream})
        assert kinds(backend, "pathway")["state"] == "ENUM('Zzwaiting', 'active')"
        assert backend.table("pathway").to_pyarrow().to_pylist() == table.to_pylist()
        backend.disconnect()


@pytest.mark.parametrize("place", [-1, 1 << PLACE_BITS])
def test_a_place_that_would_not_fit_is_refused(tmp_path: Path, place: int) -> None:
    odd = pa.Table.from_pylist([STEP | {"place": place}], schema=SCHEMAS["pathway"])
    with pytest.raises(LakeShape):
        write_lake(tmp_path, {"pathway": odd}, KEY)


def test_what_indicators_share_is_worked_out_once() -> None:
    lake, grid = lake_of(make(4, 30)), Grid(FIRST, FIRST + 27)
    CATALOGUE["better-and-worse"].sums(lake, grid, Parameters(instrument=FACTS))
    held = dict(lake.kept)
    CATALOGUE["symptom-change"].sums(lake, grid, Parameters(instrument=FACTS))
    assert lake.kept == held
    wider = CATALOGUE["symptom-change"].sums(lake, grid, Parameters(instrument=FACTS, window=3))
    assert len(lake.kept) == len(held) + 1, "another window is another question"
    fresh = lake_of(make(4, 30))
    again = CATALOGUE["symptom-change"].sums(fresh, grid, Parameters(instrument=FACTS, window=3))
    order = [("place", "ascending"), ("period", "ascending"), ("dimension", "ascending"), ("group", "ascending")]
    assert wider.sort_by(order).equals(again.sort_by(order))
    lake.close()
    fresh.close()


def test_places_add_up_and_unknown_ones_are_left_out() -> None:
    month, key = month_index(2024, 4), period_key(month_index(2024, 4))
    small = pa.table({
        "half": [0, 0, 0], "place": [1, 2, 99], "month": [month] * 3, "a": ["f", None, "f"],
        "b": pa.nulls(3, pa.string()), "n": [3, 4, 50],
    })  # fmt: skip
    periods = {key: (month, month + 2), 20240: (month - 3, month + 8)}
    found = roll_up(small, {1: [1, 10], 2: [2, 10]}, periods, ("gender",), ("n",)).to_pylist()
    cells = {(r["place"], r["period"], r["dimension"], r["group"]): r["n"] for r in found}
    assert cells[10, key, "all", "all"] == 7
    assert cells[10, 20240, "gender", "f"] == 3
    assert cells[10, 20240, "gender", "unsaid"] == 4
    assert (10, key, "gender", "f") not in cells, "groups in whole years only"
    assert {place for place, *_ in cells} == {1, 2, 10}
