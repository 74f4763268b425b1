"""Which machine does the sums: DuckDB in this process, or later a Spark cluster, by `KINWEAVE_ENGINE`.

Indicators are Ibis expressions that give the same answers on both. What keeps them equal (tried on both):
denominators through `share` (nullif: a division by nought differs), `round` before a cast to int (DuckDB
rounds, Spark cuts), ordered picks by argmin/argmax over a key without ties (ordered `first` differs),
`corr(how="pop")`, and no ISO weeks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import ibis
import pyarrow as pa

from kinweave.core.problems import Problem


class EngineUnknown(Problem):
    status = 500
    code = "engine-unknown"
    says = "KINWEAVE_ENGINE names an engine that this version does not know."
    remedy = "Leave KINWEAVE_ENGINE empty, or set it to duckdb."


class EngineNotYet(Problem):
    status = 501
    code = "engine-not-yet"
    says = "The Spark engine is not part of this version."
    remedy = "Leave KINWEAVE_ENGINE empty: DuckDB on this machine does the same sums."


def engine_name(given: str | None = None) -> str:
    """`duckdb`, or a Problem for what is not served. `given` wins over the environment."""
    name = (given or os.environ.get("KINWEAVE_ENGINE") or "duckdb").strip()
    if name.startswith("spark"):
        raise EngineNotYet
    if name != "duckdb":
        raise EngineUnknown
    return name


def connect(given: str | None = None) -> Any:
    """A fresh in-memory engine that may not write people's rows to a disk."""
    engine_name(given)
    backend = ibis.duckdb.connect()
    # Without a folder for overflow DuckDB fails on a lake larger than memory; with one it would spill it unsealed.
    backend.raw_sql("SET temp_directory = ''")
    return backend


def take_in(backend: Any, streams: Mapping[str, pa.RecordBatchReader]) -> None:
    """Loads each stream, batch by batch, as a table of its name."""
    for table, stream in streams.items():
        backend.con.register("incoming", stream)
        backend.raw_sql(f'CREATE TABLE "{table}" AS FROM incoming')
        backend.con.unregister("incoming")


def share(part: Any, whole: Any) -> Any:
    """part / whole as a float, null where whole is nought, on every engine."""
    return part.cast("float64") / whole.cast("float64").nullif(0.0)
