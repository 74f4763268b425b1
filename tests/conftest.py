"""Rules for every test: no network beyond this machine. `own_home.py` gives each run its data folder.

Passwords are hashed in few rounds: the real number (tests/front/test_signin.py looks at it) takes half a second each.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(autouse=True, scope="session")
def real_rounds() -> Iterator[int]:
    """How many rounds a password takes on a site; in this run they are a thousand."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    patch = pytest.MonkeyPatch()
    real = PBKDF2PasswordHasher.iterations
    patch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)
    yield real
    patch.undo()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test about one database is left out where the other one runs."""
    there = "sqlite_only" if os.environ.get("DATABASE_URL") else "postgres_only"
    for item in items:
        if item.get_closest_marker(there):
            item.add_marker(pytest.mark.skip(reason=f"{there}: not this database"))


@pytest.fixture
def world(db):
    """One organisation with teams, wards and an account for each role (tests/world.py)."""
    from tests.world import make_world

    return make_world()
