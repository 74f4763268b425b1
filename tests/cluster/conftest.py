"""A real standalone Spark on this machine: one master, two workers, each a process of its own, and a shared secret."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinweave.learn import engine, engine_spark
from kinweave.learn.lake import Lake

MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
WAIT = 240.0  # a bound against hanging, not a promise: a busy machine starts Spark slowly


def spark_home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


def environment(secret: str) -> dict[str, str]:
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    engine_spark._find_java()
    options = f"-Dspark.authenticate=true -Dspark.authenticate.secret={secret} -Dspark.network.crypto.enabled=true"
    return {**os.environ, "SPARK_HOME": str(spark_home()), "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_MASTER_OPTS": options, "SPARK_WORKER_OPTS": options, "SPARK_NO_DAEMONIZE": "1"}  # fmt: skip


def said(log: Path, pattern: str) -> re.Match[str]:
    """Wait until a process has written this."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        found = re.search(pattern, log.read_text(errors="replace"))
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"Spark did not say {pattern!r} within {WAIT:.0f} s:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def secret() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="session")
def standalone(tmp_path_factory: pytest.TempPathFactory, secret: str) -> Iterator[str]:
    """The master's address, with two workers of one core each."""
    folder = tmp_path_factory.mktemp("spark")
    base, started = environment(secret), []

    def start(name: str, *command: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("w") as out:
            line = [str(spark_home() / "bin" / "spark-class"), *command]
            started.append(subprocess.Popen(line, stdout=out, stderr=out, env=base, cwd=folder))
        return log

    try:
        here = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        log = start("master", MASTER, *here)
        address = said(log, r"Starting Spark master at (spark://\S+)")[1]
        for n in (1, 2):
            work = str(folder / f"work{n}")
            start(f"worker{n}", WORKER, *here, "--cores", "1", "--memory", "1g", "--work-dir", work, address)
        said(log, r"(?s)Registering worker.*Registering worker")
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server."""
    folder = tmp_path_factory.mktemp("connect")
    log, port = folder / "server.log", 15_000 + os.getpid() % 10_000
    settings = {**engine_spark.SEALED, "spark.connect.grpc.binding.port": str(port), "spark.log.level": "INFO",
                "spark.connect.grpc.binding.address": "127.0.0.1"}  # fmt: skip
    options = [part for name, one in settings.items() for part in ("--conf", f"{name}={one}")]
    line = [
        str(spark_home() / "bin" / "spark-submit"),
        "--master",
        "local[1]",
        "--class",
        CONNECT,
        *options,
        "spark-internal",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(
            line, stdout=out, stderr=out, env={**environment(""), "SPARK_DAEMON_MEMORY": "1g"}, cwd=folder
        )
    try:
        said(log, r"Connect server started")
        yield f"sc://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def on_spark(monkeypatch: pytest.MonkeyPatch, secret: str):
    """Open a lake of these tables on a cluster, closed at the end."""
    monkeypatch.setenv("KINWEAVE_SPARK_SECRET", secret)
    opened: list[Lake] = []

    def open_on(address: str, folder: Path, key: bytes) -> Lake:
        from kinweave.learn.lake import open_lake

        opened.append(open_lake(folder, key, address))
        return opened[-1]

    yield open_on
    for lake in opened:
        engine.close(lake.backend)
