"""The lake: encrypted Parquet files, rebuilt whole, read by an analysis that ends when it is done.

A lake is a folder with one pointer, `CURRENT`, and one sub-folder per build. The pointer moves in a single
rename, so that a reader, and a machine that dies half-way, sees the old lake whole or the new one whole.

Files are sealed by Parquet modular encryption (AES-256-GCM, footer and every column). Each file has its own
key, derived (HKDF-SHA256) from the caller's key and the build's random salt, and is bound to its build and
table name, so that no file can be put in another's place.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kinweave.core.problems import Problem
from kinweave.learn import engine
from kinweave.learn.shape import CODE, PURPOSES, SCHEMAS, LakeShape, LakeText

FORMAT: Final = 2
ROWS_A_BATCH: Final = 1 << 17
_CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}$"
# More different codes than this is no closed list but, most likely, a column of names. Our own limit.
MOST_CODES: Final = 500
# As long as the numbers that `build_places` gives to places.
PLACE_BITS: Final = 48

Batches: TypeAlias = pa.Table | Iterable[pa.RecordBatch]


class LakeKey(Problem):
    status = 500
    code = "lake-key"
    says = "The lake cannot be opened with this key, or a file of it was changed."
    remedy = "Rebuild the lake; it is made from the records and nothing is lost."


class LakeAbsent(Problem):
    status = 404
    code = "lake-absent"
    says = "There is no finished lake yet."
    remedy = "Rebuild the lake first."


@dataclass(frozen=True)
class Lake:
    """An open lake: one Ibis table per table of the shape, on one engine."""

    backend: Any
    people: Any
    scores: Any
    answers: Any
    contacts: Any
    pathway: Any
    goals: Any
    risks: Any
    circles: Any
    hours: Any
    places: Any
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The Ibis table that `make` gives, worked out at the first call and held until the lake is closed.

        What several indicators ask of the same rows is then asked once. `key` names all it depends on.
        """
        return self.remember(key, lambda: engine.keep(self.backend, make()))

    def remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, made at the first call and the same until the lake is closed."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def close(self) -> None:
        engine.close(self.backend)


def _file_key(key: bytes, salt: bytes, table: str) -> bytes:
    if len(key) != 32:
        raise LakeKey
    info = b"kinweave lake " + table.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def _aad(build: str, table: str) -> bytes:
    return f"kinweave/{FORMAT}/{build}/{table}".encode()


def _batches(table: str, data: Batches) -> Iterator[pa.RecordBatch]:
    """`data` in the lake's own column order and types; LakeShape on any other column."""
    schema = SCHEMAS[table]
    for batch in data.to_batches(ROWS_A_BATCH) if isinstance(data, pa.Table) else data:
        odd = set(batch.schema.names) ^ set(schema.names)
        if odd:
            raise LakeShape(table=table, column=min(odd))
        columns = [_column(table, f, batch.column(f.name)) for f in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(table: str, field: pa.Field, values: pa.Array) -> pa.Array:
    try:
        if field.type == CODE and not pa.types.is_dictionary(values.type):
            values = values.cast(pa.string()).dictionary_encode()
        values = values.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # The error's own text would quote a value.
        raise LakeShape(table=table, column=field.name) from None
    if values.null_count and not field.nullable:
        raise LakeShape(table=table, column=field.name)
    if field.name == "place" and not _places_fit(values):
        raise LakeShape(table=table, column=field.name)
    if field.type == pa.float64() and not pc.all(pc.is_finite(values), min_count=0).as_py():
        raise LakeShape(table=table, column=field.name)
    return values


def _places_fit(values: pa.Array) -> bool:
    """No number longer than PLACE_BITS: the indicators pack month and place into one number."""
    ends = pc.min_max(values).as_py()
    return ends["min"] is None or (ends["min"] >= 0 and ends["max"] < 1 << PLACE_BITS)


def _in_order(table: str, batches: Iterator[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """Rows about persons by person and month: their order says nothing of when they came, and the engine finds what
    belongs together side by side. The table is held whole meanwhile; an engine holds all of them.
    """
    if not {"person", "month"} <= set(SCHEMAS[table].names):
        return batches
    whole = pa.Table.from_batches(batches, SCHEMAS[table]).unify_dictionaries()
    return whole.sort_by([("person", "ascending"), ("month", "ascending")]).to_batches(ROWS_A_BATCH)


class _Codes:
    """Watches the code columns of one table: short, from a closed list, purposes known."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.seen: dict[str, set[str]] = {f.name: set() for f in SCHEMAS[table] if f.type == CODE}

    def check(self, batch: pa.RecordBatch) -> None:
        for column, seen in self.seen.items():
            fresh = set(pc.unique(batch.column(column)).dictionary_decode().to_pylist()) - seen - {None}
            good = all(re.fullmatch(_CODE, code) for code in fresh)
            if not good or len(seen | fresh) > MOST_CODES or (column == "purpose" and fresh - set(PURPOSES)):
                raise LakeText(table=self.table, column=column)
            seen |= fresh


def _write_table(path: Path, table: str, data: Batches, key: bytes, build: str, salt: bytes) -> int:
    secret = pe.create_encryption_properties(
        footer_key=_file_key(key, salt, table), aad_prefix=_aad(build, table), store_aad_prefix=False
    )
    rows, codes = 0, _Codes(table)
    with pq.ParquetWriter(path, SCHEMAS[table], compression="zstd", encryption_properties=secret) as writer:
        for batch in _in_order(table, _batches(table, data)):
            codes.check(batch)
            writer.write_batch(batch)
            rows += batch.num_rows
        # Sealed with the footer, so that a reader knows all codes before the first row.
        writer.add_key_value_metadata(engine.with_codes(SCHEMAS[table], codes.seen).metadata)
    return rows


def _sync(path: Path) -> None:
    """Makes a file's bytes durable before anything points at it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _point(folder: Path, build: str) -> None:
    beside = folder / f"CURRENT.{build}"
    beside.write_text(build)
    _sync(beside)
    beside.replace(folder / "CURRENT")


def _sweep(folder: Path, keep: str) -> None:
    """Removes older and unfinished builds; one that a reader still holds open goes next time."""
    for other in (folder / "builds").iterdir():
        if other.name != keep:
            shutil.rmtree(other, ignore_errors=True)
    for stray in folder.glob("CURRENT.*"):
        stray.unlink(missing_ok=True)


def write_lake(folder: Path, tables: Mapping[str, Batches], key: bytes) -> dict[str, int]:
    """Rebuilds the lake whole and swaps it in; the rows written of each table.

    `tables` holds some or all of the shape's tables (an absent one is written empty), each a pyarrow Table or
    an iterable of RecordBatches with exactly the shape's columns. `key` is 32 bytes. Raises LakeShape,
    LakeText or LakeKey, and then the old lake stands as it was. One writer at a time: the caller's care.
    """
    strange = set(tables) - set(SCHEMAS)
    if strange:
        raise LakeShape(table=min(strange), column="*")
    folder = Path(folder)
    build, salt = os.urandom(8).hex(), os.urandom(16)
    place = folder / "builds" / build
    place.mkdir(parents=True, mode=0o700)
    try:
        rows = {}
        for table, schema in SCHEMAS.items():
            path = place / f"{table}.parquet"
            rows[table] = _write_table(path, table, tables.get(table, schema.empty_table()), key, build, salt)
            _sync(path)
        manifest = place / "manifest.json"
        manifest.write_text(json.dumps({"format": FORMAT, "salt": salt.hex(), "rows": rows}, sort_keys=True))
        _sync(manifest)
        _point(folder, build)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    _sweep(folder, build)
    return rows


def _watched(batches: Iterator[pa.RecordBatch], broken: list[str], table: str) -> Iterator[pa.RecordBatch]:
    """The same batches; notes the table in `broken` if unsealing fails half-way, whatever the engine makes of it."""
    try:
        yield from batches
    except (OSError, ValueError):
        broken.append(table)
        raise


def _reader(place: Path, table: str, key: bytes, build: str, salt: bytes, broken: list[str]) -> pa.RecordBatchReader:
    secret = pe.create_decryption_properties(footer_key=_file_key(key, salt, table), aad_prefix=_aad(build, table))
    file = pq.ParquetFile(place / f"{table}.parquet", decryption_properties=secret)
    batches = _watched(file.iter_batches(ROWS_A_BATCH), broken, table)
    return pa.RecordBatchReader.from_batches(file.schema_arrow.with_metadata(file.metadata.metadata), batches)


def _current(folder: Path) -> tuple[Path, str, bytes]:
    """The current build: its folder, name and salt."""
    try:
        build = (folder / "CURRENT").read_text()
        place = folder / "builds" / build
        return place, build, bytes.fromhex(json.loads((place / "manifest.json").read_text())["salt"])
    except (FileNotFoundError, KeyError, ValueError):
        raise LakeAbsent from None


def read_lake(folder: Path, key: bytes, broken: list[str] | None = None) -> dict[str, pa.RecordBatchReader]:
    """The current lake's tables as streams of record batches, for an engine to take in.

    `broken` gets the name of a table whose unsealing fails while it is read. Raises LakeAbsent or LakeKey.
    """
    place, build, salt = _current(Path(folder))
    seen = [] if broken is None else broken
    try:
        return {table: _reader(place, table, key, build, salt, seen) for table in SCHEMAS}
    except (OSError, ValueError):
        raise LakeKey from None


def open_lake(folder: Path, key: bytes, engine_name: str | None = None) -> Lake:
    """The lake as Ibis tables on the engine (`KINWEAVE_ENGINE`, DuckDB in this process by default).

    The rows are taken into the engine's memory and never written out unsealed. Raises LakeAbsent, LakeKey,
    or the engine's own Problem.
    """
    broken: list[str] = []
    streams = read_lake(folder, key, broken)
    backend = engine.connect(engine_name)
    try:
        engine.take_in(backend, streams)
    except Exception:
        engine.close(backend)
        if broken:
            raise LakeKey from None
        raise
    return Lake(backend, **{table: backend.table(table) for table in SCHEMAS})
