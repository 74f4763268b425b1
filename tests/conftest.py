"""Rules for every test: no network beyond this machine, data in a folder of the run's own."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before Django reads its settings: a test must never touch the data of a site on this machine.
if "KINWEAVE_HOME" not in os.environ:
    os.environ["KINWEAVE_HOME"] = tempfile.mkdtemp(prefix="kw-test-home-")

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104  compared with, never bound to


class NetworkUsed(AssertionError):
    """A test tried to reach another machine."""


def _guarded(real):
    def connect(self: socket.socket, address):
        if self.family != getattr(socket, "AF_UNIX", None) and not str(address[0]).startswith(LOOPBACK):
            raise NetworkUsed(f"Tests use no network; this one tried port {address[1]} of another machine.")
        return real(self, address)

    return connect


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Sockets reach this machine only."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT
