"""Which machine does the sums: DuckDB in this process, or a Spark cluster, by `KINWEAVE_ENGINE`.

Indicators are Ibis expressions that give the same answers on both. What keeps them equal (tried on both):
denominators through `share` (nullif: a division by nought differs), `round` before a cast to int (DuckDB
rounds, Spark cuts), ordered picks by argmin/argmax over a key without ties (ordered `first` differs),
`corr(how="pop")`, and no ISO weeks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from kinweave.core.problems import Problem
from kinweave.learn import engine_spark

CODES: Final = b"kinweave.codes"


class EngineUnknown(Problem):
    status = 500
    code = "engine-unknown"
    says = "KINWEAVE_ENGINE names an engine that this version does not know."
    remedy = "Leave KINWEAVE_ENGINE empty, or name a Spark cluster: spark://host:7077 or sc://host:15002."


SPARK: Final = ("spark://", "sc://")


def engine_name(given: str | None = None) -> str:
    """`duckdb`, or the address of a Spark cluster; EngineUnknown for all else. `given` wins over the environment."""
    name = (given or os.environ.get("KINWEAVE_ENGINE") or "duckdb").strip()
    if name != "duckdb" and not name.startswith(SPARK):
        raise EngineUnknown
    return name


def connect(given: str | None = None) -> Any:
    """A fresh engine that may not write people's rows to a disk unsealed."""
    name = engine_name(given)
    if name != "duckdb":
        return engine_spark.connect(name)
    backend = ibis.duckdb.connect()
    # Without a folder for overflow DuckDB fails on a lake larger than memory; with one it would spill it unsealed.
    backend.raw_sql("SET temp_directory = ''")
    return backend


def close(backend: Any) -> None:
    """Let go of the engine and of every row in it."""
    if backend.name == "pyspark":
        engine_spark.close(backend)
    else:
        backend.disconnect()


def take_in(backend: Any, streams: Mapping[str, pa.RecordBatchReader]) -> None:
    """Loads each stream, batch by batch, as a table of its name; its code columns as the engine's ENUMs.

    A code then takes a byte or two instead of 16, and is compared as a number. The codes come from the schema's
    metadata (`with_codes`); without them the stream is held whole for a moment to find them.
    """
    if backend.name == "pyspark":
        engine_spark.take_in(backend, streams)
        return
    for table, stream in streams.items():
        codes = codes_in(stream.schema)
        source: Any = stream
        if codes is None:
            source = stream.read_all()
            codes = {f.name: _codes_of(source.column(f.name)) for f in source.schema if _is_code(f)}
        kept = (_typed(backend, table, field.name, codes.get(field.name)) for field in stream.schema)
        backend.con.register("incoming", source)
        backend.raw_sql(f'CREATE TABLE "{table}" AS FROM incoming SELECT {", ".join(kept)}')
        backend.con.unregister("incoming")


def with_codes(schema: pa.Schema, codes: Mapping[str, Iterable[str]]) -> pa.Schema:
    """The schema with every code that its code columns hold, by column, for `take_in`."""
    return schema.with_metadata({CODES: json.dumps({name: sorted(found) for name, found in codes.items()})})


def codes_in(schema: pa.Schema) -> dict[str, list[str]] | None:
    """What `with_codes` put there; None where nothing was."""
    found = (schema.metadata or {}).get(CODES)
    return None if found is None else json.loads(found)


def _is_code(field: pa.Field) -> bool:
    return bool(pa.types.is_dictionary(field.type))


def _codes_of(column: pa.ChunkedArray) -> list[str]:
    found: set[str] = set()
    for chunk in column.chunks:
        found |= set(pc.unique(chunk).dictionary_decode().to_pylist())
    return sorted(code for code in found if code is not None)


def _typed(backend: Any, table: str, column: str, codes: list[str] | None) -> str:
    """The column's expression; an ENUM of its codes is made on the way. An ENUM of nothing cannot be made."""
    if not codes:
        return f'"{column}"'
    kind = f'"{table}_{column}"'
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in codes)
    backend.raw_sql(f"CREATE TYPE {kind} AS ENUM ({listed})")
    return f'"{column}"::{kind} AS "{column}"'


def keep(backend: Any, table: Any) -> Any:
    """The Ibis table worked out now and held in the engine's memory until the engine is closed.

    On DuckDB by its own statement: Ibis' `cache` would turn ENUMs back into strings.
    """
    if backend.name == "pyspark":
        return engine_spark.keep(backend, table)
    name = f"kept_{uuid4().hex}"
    backend.raw_sql(f"CREATE TEMP TABLE {name} AS {backend.compile(table)}")
    return backend.table(name)


def share(part: Any, whole: Any) -> Any:
    """part / whole as a float, null where whole is nought, on every engine."""
    return part.cast("float64") / whole.cast("float64").nullif(0.0)
