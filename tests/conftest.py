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


@pytest.fixture(autouse=True, scope="session")
def tables_at_once() -> Iterator[None]:
    """The run's own database gets its tables as a new site does. That they are what the migrations make, and the
    migrations themselves, are looked at in tests/shape/test_first_tables.py."""
    from django.core import management

    from kinweave.house.first_tables import bring_up

    real = management.call_command

    def quick(command: str, *arguments: object, **options: object) -> object:
        if command == "migrate" and options.get("run_syncdb"):  # asked so by Django's maker of test databases alone
            return bring_up(options["database"])
        return real(command, *arguments, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(management, "call_command", quick)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def plain_pages(django_test_environment: None) -> Iterator[None]:
    """Django's test client keeps a copy of every template's values; no test looks at them, only at what was written."""
    patch = pytest.MonkeyPatch()
    patch.setattr("django.template.base.Template._render", lambda self, context: self.nodelist.render(context))
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def files_found_once() -> Iterator[None]:
    """Each test client has middleware of its own, and whitenoise's begins with a search for every file it may serve."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    real, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            real(self)
            found.update(self.files)
        self.files.update(found)

    patch = pytest.MonkeyPatch()
    patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def only_what_was_written_is_emptied() -> Iterator[None]:
    """After a test with transactions of its own, Django empties every table and makes the kinds of content and the
    permissions anew. Here the tables that hold something are emptied, and those two, which no test writes to, stay."""
    from django.db import connections, transaction
    from django.test import TransactionTestCase

    def empty(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):
            db = connections[alias]
            names = {*db.introspection.django_table_names()} - {"django_content_type", "auth_permission"}
            looks = " UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM \"{one}\")" for one in names)
            with transaction.atomic(using=alias), db.cursor() as cursor:
                cursor.execute(looks)
                for (one,) in cursor.fetchall():
                    cursor.execute(f'DELETE FROM "{one}"')

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
    yield
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
    from tests.world import world_again

    return world_again()
