"""The whole catalogue on a real cluster gives what DuckDB gives, from the same sealed lake."""

from __future__ import annotations

import math
import subprocess
import sys

import ibis
import pyarrow as pa
import pytest

from kinweave.core.problems import Problem
from kinweave.learn import engine
from kinweave.learn.lake import open_lake
from tests.cluster.compared import KEY, compare, sealed
from tests.learn.little_lakes import a_programme, make

# Spark's own client leaves sockets for the collector, and its gRPC warns of its threads.
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.timeout(
    400
)  # a bound against hanging: on a busy machine the whole catalogue takes more than the usual one
def test_every_indicator_on_a_master_and_two_workers_is_that_of_duckdb(tmp_path, standalone, on_spark) -> None:
    folder = sealed(tmp_path, make(7, 200))
    spark, duck = on_spark(standalone, folder, KEY), open_lake(folder, KEY, "duckdb")
    executors = spark.backend._session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    assert executors == 3  # the driver and one executor on each worker
    assert compare(spark, duck) > 300
    duck.close()


def test_every_indicator_over_spark_connect_is_that_of_duckdb(tmp_path, remote) -> None:
    folder = sealed(tmp_path, a_programme(9, 200))
    line = [sys.executable, "-m", "tests.cluster.over_connect", remote, str(folder)]
    done = subprocess.run(line, check=False, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) > 300


def test_the_cluster_seals_what_it_writes_to_disk(tmp_path, standalone, on_spark) -> None:
    spark = on_spark(standalone, sealed(tmp_path, a_programme(1, 5)), KEY)
    settings = dict(spark.backend._session.sparkContext.getConf().getAll())
    assert settings["spark.io.encryption.enabled"] == settings["spark.network.crypto.enabled"] == "true"


@pytest.mark.parametrize("address", ["sc://127.0.0.1:9", "spark://127.0.0.1:9,127.0.0.1:10", "spark://nowhere"])
def test_a_cluster_that_is_not_there_says_so(address: str) -> None:
    with pytest.raises(Problem) as caught:
        engine.connect(address)
    assert caught.value.code == "cluster-away"


PORTABLE = {
    # What indicators may lean on: each gives the same number on both engines.
    "share of nought": lambda t: engine.share(t.a.sum(), (t.a * 0).sum()),
    "rounded, then cast": lambda t: (t.x.round().cast("int64")).sum(),
    "greatest": lambda t: ibis.greatest(t.a, t.b).sum(),
    "shift and mask": lambda t: ((t.big >> 48) + (t.big & ((1 << 48) - 1))).sum(),
    "argmin over a key without ties": lambda t: t.b.argmin(t.x),
    "argmax where": lambda t: t.b.argmax(t.x, where=t.a > 2),
    "remainder": lambda t: (t.a % 3).sum(),
    "distinct": lambda t: t.b.nunique(),
    "sd of the sample": lambda t: t.x.std(),
    "correlation": lambda t: t.x.corr(t.a.cast("float64"), how="pop"),
    "nulls are not counted": lambda t: t.gap.count(),
    "fill and sum": lambda t: t.gap.fill_null(0).sum(),
}


def test_what_indicators_lean_on_is_portable(standalone, monkeypatch, secret) -> None:
    monkeypatch.setenv("KINWEAVE_SPARK_SECRET", secret)
    table = pa.table({
        "a": list(range(40)), "b": [n * 7 % 11 for n in range(40)], "x": [n * 1.37 - 11.21 for n in range(40)],
        "big": [(n << 48) + n * 5 for n in range(40)], "gap": [n if n % 3 else None for n in range(40)],
    })  # fmt: skip
    answers = []
    for name in ("duckdb", standalone):
        backend = engine.connect(name)
        engine.take_in(backend, {"t": table.to_reader()})
        t = backend.table("t")
        row = t.aggregate(**{f"c{n}": make(t) for n, make in enumerate(PORTABLE.values())}).to_pyarrow().to_pylist()[0]
        answers.append([row[f"c{n}"] for n in range(len(PORTABLE))])
        engine.close(backend)
    for name, ours, theirs in zip(PORTABLE, *answers, strict=True):
        assert ours == theirs or math.isclose(ours, theirs, rel_tol=1e-9), name
