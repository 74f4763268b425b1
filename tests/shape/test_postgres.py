"""The PostgreSQL of the tests: on its socket only, and not run as root."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [pytest.mark.postgres_only, pytest.mark.django_db]


def test_nothing_listens_on_the_network() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)


def test_the_run_is_really_on_postgres() -> None:
    assert connection.vendor == "postgresql"
    assert connection.pg_version >= 16_00_00
