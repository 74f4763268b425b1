"""The lake: sealed, whole or not at all, and without anything a person could be known by."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from kinweave.learn import engine, lake
from kinweave.learn.lake import LakeAbsent, LakeKey, open_lake, write_lake
from kinweave.learn.shape import SCHEMAS, LakeShape, LakeText, month_index

pytestmark = pytest.mark.sqlite_only  # needs no database

KEY = bytes(range(32))
COLUMNS = {
    "people": "person place organisation programme gender age_band disability language dimension started_month "
    "caregiver purpose",
    "scores": "person place instrument scale language month months_since_start value band item_missing doubtful "
    "purpose",
    "answers": "person instrument version language item answer purpose",
    "contacts": "person place month months_since_start kind planned held missed_reason worker step purpose",
    "pathway": "person place month state reason purpose",
    "goals": "person place month months_since_start what purpose",
    "risks": "place month acknowledged_in_time closed_month purpose",
    "circles": "place month",
    "hours": "worker month paid unpaid",
    "places": "place parent year population",
}
STEP = {"person": 7, "place": 1, "month": month_index(2025, 3), "state": "Zzwaiting", "reason": None, "purpose": "both"}


def pathway(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMAS["pathway"])


def states(folder: Path, key: bytes = KEY) -> list[str]:
    opened = open_lake(folder, key)
    try:
        return sorted(opened.pathway.state.to_pyarrow().to_pylist())
    finally:
        opened.close()


def test_the_lake_has_these_columns_and_no_other() -> None:
    """A new column is a decision about people's privacy: it changes this list by hand."""
    assert {name: " ".join(schema.names) for name, schema in SCHEMAS.items()} == COLUMNS


def test_no_column_can_hold_text_a_day_or_a_time() -> None:
    for schema in SCHEMAS.values():
        for field in schema:
            assert not pa.types.is_temporal(field.type)
            assert not pa.types.is_string(field.type), "only codes from a closed list"
            assert pa.types.is_dictionary(field.type) or pa.types.is_primitive(field.type)


def test_risks_and_places_hold_no_person() -> None:
    assert "person" not in {name for table in ("risks", "circles", "places") for name in SCHEMAS[table].names}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert write_lake(tmp_path, {"pathway": pathway(STEP, STEP)}, KEY)["pathway"] == 2
    assert states(tmp_path) == ["Zzwaiting", "Zzwaiting"]


def test_batches_stream_in_any_column_order(tmp_path: Path) -> None:
    columns = sorted(SCHEMAS["pathway"].names)
    batches = (pathway(STEP | {"state": s}).select(columns).to_batches()[0] for s in ("a", "b", "c"))
    assert write_lake(tmp_path, {"pathway": batches}, KEY)["pathway"] == 3
    assert states(tmp_path) == ["a", "b", "c"]


def test_no_plain_text_stands_in_any_file(tmp_path: Path) -> None:
    write_lake(tmp_path, {"pathway": pathway(*[STEP] * 5000)}, KEY)
    every = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "manifest.json")
    for word in (b"Zzwaiting", b"both", b"reason", b"state", b"parquet.org"):
        assert word not in every
    assert b"PARE" in every, "sealed Parquet, footer too"


@pytest.mark.parametrize("key", [bytes(32), b"short"])
def test_another_key_opens_nothing(tmp_path: Path, key: bytes) -> None:
    write_lake(tmp_path, {"pathway": pathway(STEP)}, KEY)
    with pytest.raises(LakeKey):
        open_lake(tmp_path, key)


def test_a_changed_or_exchanged_file_is_refused(tmp_path: Path) -> None:
    write_lake(tmp_path, {"pathway": pathway(*[STEP] * 100)}, KEY)
    file = next(tmp_path.rglob("pathway.parquet"))
    whole = file.read_bytes()
    middle = len(whole) // 3
    file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(LakeKey):
        open_lake(tmp_path, KEY)
    shutil.copy(next(tmp_path.rglob("contacts.parquet")), file)
    with pytest.raises(LakeKey):
        open_lake(tmp_path, KEY)


def test_without_a_lake_there_is_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(LakeAbsent):
        open_lake(tmp_path, KEY)


def test_a_crash_while_writing_leaves_the_old_lake_whole(tmp_path: Path) -> None:
    write_lake(tmp_path, {"pathway": pathway(STEP)}, KEY)

    def breaks() -> object:
        yield pathway(STEP).to_batches()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lake(tmp_path, {"pathway": breaks()}, KEY)  # type: ignore[arg-type]
    assert states(tmp_path) == ["Zzwaiting"]
    assert len(list((tmp_path / "builds").iterdir())) == 1


@pytest.mark.parametrize("step", ["_point", "_sweep"])
def test_a_machine_that_dies_around_the_swap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Before the pointer moved the old lake is read, after it the new one; the next build sweeps."""
    write_lake(tmp_path, {"pathway": pathway(STEP)}, KEY)
    with monkeypatch.context() as patch:
        patch.setattr(lake, step, lambda *_: (_ for _ in ()).throw(MemoryError))
        patch.setattr(shutil, "rmtree", lambda *_a, **_k: None)
        with pytest.raises(MemoryError):
            write_lake(tmp_path, {"pathway": pathway(STEP | {"state": "new"})}, KEY)
    assert states(tmp_path) == (["Zzwaiting"] if step == "_point" else ["new"])
    write_lake(tmp_path, {"pathway": pathway(STEP | {"state": "third"})}, KEY)
    assert states(tmp_path) == ["third"]
    assert len(list((tmp_path / "builds").iterdir())) == 1


def test_other_columns_are_refused(tmp_path: Path) -> None:
    named = pathway(STEP).append_column("name", pa.array(["Zzrudo"]))
    for wrong in (named, pathway(STEP).drop_columns(["reason"])):
        with pytest.raises(LakeShape) as caught:
            write_lake(tmp_path, {"pathway": wrong}, KEY)
        assert "Zzrudo" not in str(caught.value)
    with pytest.raises(LakeShape):
        write_lake(tmp_path, {"diary": named}, KEY)


@pytest.mark.parametrize("value", ["Zz met her sister", "Zz2025/03/01", "", "Zz" * 30])
def test_text_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    with pytest.raises(LakeText) as caught:
        write_lake(tmp_path, {"pathway": pathway(STEP | {"state": value})}, KEY)
    assert "Zz" not in str(caught.value)


def test_a_column_of_names_is_no_list_of_codes(tmp_path: Path) -> None:
    rows = [STEP | {"state": f"name{i}"} for i in range(lake.MOST_CODES + 1)]
    with pytest.raises(LakeText):
        write_lake(tmp_path, {"pathway": pathway(*rows)}, KEY)


def test_unknown_purposes_empty_needs_and_nonsense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeText):
        write_lake(tmp_path, {"pathway": pathway(STEP | {"purpose": "marketing"})}, KEY)
    with pytest.raises(LakeShape):
        write_lake(tmp_path, {"pathway": pathway(STEP | {"state": None})}, KEY)
    text = pa.table({name: pa.array(["Zzrudo"]) for name in SCHEMAS["risks"].names})
    with pytest.raises(LakeShape) as caught:
        write_lake(tmp_path, {"risks": text}, KEY)
    assert "Zzrudo" not in str(caught.value)


def test_a_value_that_is_no_number_is_refused(tmp_path: Path) -> None:
    score = dict.fromkeys(SCHEMAS["scores"].names, 1) | dict.fromkeys(("instrument", "scale"), "x")
    score |= {"language": None, "band": None, "doubtful": False, "purpose": "both", "value": float("nan")}
    with pytest.raises(LakeShape):
        write_lake(tmp_path, {"scores": pa.Table.from_pylist([score], schema=SCHEMAS["scores"])}, KEY)


@pytest.mark.parametrize(("name", "problem"), [("spark://host:7077", "cluster-missing"), ("oracle", "engine-unknown")])
def test_other_engines_say_so(monkeypatch: pytest.MonkeyPatch, name: str, problem: str) -> None:
    monkeypatch.setenv("KINWEAVE_ENGINE", name)
    monkeypatch.setitem(sys.modules, "pyspark", None)  # as where the extra is not installed
    with pytest.raises(engine.Problem) as caught:
        engine.connect()
    assert caught.value.code == problem


def test_the_engine_may_not_spill_to_disk() -> None:
    backend = engine.connect("duckdb")
    assert backend.raw_sql("SELECT current_setting('temp_directory')").fetchall() == [("",)]
    backend.disconnect()


def test_months() -> None:
    assert month_index(2025, 1) == 24300
    assert month_index(2026, 1) - month_index(2025, 12) == 1
    with pytest.raises(ValueError, match="1 to 12"):
        month_index(2025, 13)
