"""`kinweave serve` and `kinweave worker`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from kinweave.config.cli import say
from kinweave.core.problems import Problem

WAIT = 60  # seconds until /health must have answered
THREADS = 4  # of one server process: as many writers can share one commit (house.together); each has its connection
PAUSE = 2  # seconds before a worker that ended is started again


class PortTaken(Problem):
    status, code = 409, "port-taken"
    says = "Something else already answers on port {port}."
    remedy = "Stop it, or choose another port: PORT=8001 kinweave serve"


class BadPort(Problem):
    status, code = 422, "bad-port"
    says = "PORT is not a number from 1 to 65535."
    remedy = "Write for instance PORT=8001"


class NotReady(Problem):
    status, code = 503, "database-not-ready"
    says = "The database could not be made ready for this release."
    remedy = "The lines above say why. Nothing was started."


def port_of(arguments: argparse.Namespace) -> int:
    """The port: the option, else PORT, else 8000."""
    given = arguments.port if arguments.port is not None else os.environ.get("PORT") or 8000
    try:
        port = int(given)
    except ValueError:
        raise BadPort() from None
    if not 0 < port < 65_536:
        raise BadPort()
    return port


def address_of(host: str, port: int) -> str:
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104  compared only
    return f"http://{shown}:{port}"


def serve(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    return run_server(arguments, lambda address: say(f"Kinweave is ready at {address}"))


def run_server(arguments: argparse.Namespace, when_ready: Callable[[str], None]) -> int:
    """Make the database ready, start the worker, serve; `when_ready(address)` is called once it answers."""
    port = port_of(arguments)
    _require_free(arguments.host, port)
    prepared = subprocess.run([sys.executable, "-m", "kinweave.config.prepare"], check=False)
    if prepared.returncode:
        raise NotReady()
    # The C library keeps a pool of memory for each thread; one pool saves tens of MB and costs us nothing.
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")
    stop = threading.Event()
    if not getattr(arguments, "no_worker", False):
        threading.Thread(target=_keep_worker, args=(stop,), daemon=True).start()
    _load_once()
    address = address_of(arguments.host, port)
    threading.Thread(target=_tell, args=(address, when_ready, stop), daemon=True).start()
    try:
        _server(arguments, port).serve()
    finally:
        stop.set()
    return 0


def _load_once() -> None:
    """Where the server's processes are forked, they share what is loaded before; elsewhere each loads its own."""
    if multiprocessing.get_start_method() == "fork":
        import kinweave.config.wsgi  # noqa: F401


def _server(arguments: argparse.Namespace, port: int):  # type: ignore[no-untyped-def]
    from granian import Granian
    from granian.constants import Interfaces

    return Granian(
        "kinweave.config.wsgi:application",
        address=arguments.host,
        port=port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        backlog=1024,
    )


def _require_free(host: str, port: int) -> None:
    """Say so at once when the port is taken, instead of failing in a process below."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(port=port) from None


def _tell(address: str, when_ready: Callable[[str], None], stop: threading.Event) -> None:
    """Wait for /health, then say that the site is ready."""
    until = time.monotonic() + WAIT
    while not stop.is_set() and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310  our own address
                if answer.status == 200:
                    when_ready(address)
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)


def _keep_worker(stop: threading.Event) -> None:
    """Run a worker beside the server, and a new one when it ends."""
    command = [sys.executable, "-m", "kinweave", "worker"]
    while not stop.is_set():
        process = subprocess.Popen(command, env={**os.environ, "KINWEAVE_SERVED_BY": str(os.getpid())})
        while process.poll() is None and not stop.wait(0.5):
            pass
        if process.poll() is None:
            process.terminate()
            return
        stop.wait(PAUSE)


def worker(arguments: argparse.Namespace) -> int:
    """Run the clocks until stopped (or one round)."""
    from kinweave.config.prepare import setup

    setup()
    from kinweave.config import nightly  # noqa: F401  registers what happens at night
    from kinweave.house.worker import run

    return run(once=arguments.once)
