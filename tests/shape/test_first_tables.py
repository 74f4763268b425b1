"""An empty database that gets its tables at once is the same as one that went through every migration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from kinweave.house.first_tables import bring_up
from kinweave.house.scratch import add_connection, drop_connection
from tests.sites import make_site

pytestmark = pytest.mark.django_db
Tables = dict[str, dict[str, Any]]
# What is about the moment or counted up in the order of making.
LOOSE = {"id", "applied", "content_type_id"}
# Django's own migration makes this number wider than its model does; the table (groups) is one that we never use.
WIDER = "auth_group_permissions", ("column", "id")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases of this run's kind."""
    for name in ("migrated", "at-once"):
        if connection.vendor == "postgresql":
            url = make_site(tmp_path / name, empty=True).url
            add_connection(name, NAME=url.partition("?")[0].rpartition("/")[2])
        else:
            add_connection(name, NAME=tmp_path / f"{name}.sqlite3")
    yield "migrated", "at-once"
    for name in ("migrated", "at-once"):
        drop_connection(name)


def described(alias: str) -> Tables:
    """Every table with its columns, constraints and indexes, in no order, as the database itself tells them."""
    with connections[alias].cursor() as cursor:

        def asked(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return cursor.fetchall()

        if connections[alias].vendor == "sqlite":
            made = asked("SELECT tbl_name, type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
            found: Tables = {}
            for table, kind, name, sql in made:
                found.setdefault(table, {})[kind, name] = split(sql) if kind == "table" else sql
            return found
        said = [
            *asked(
                "SELECT table_name, 'column', column_name, concat_ws(' ', data_type, character_maximum_length,"
                " numeric_precision, is_nullable, column_default, is_identity, identity_generation)"
                " FROM information_schema.columns WHERE table_schema = 'public'"
            ),
            *asked(
                "SELECT conrelid::regclass::text, 'constraint', conname, pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            ),
            *asked("SELECT tablename, 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"),
        ]
    found = {}
    for table, kind, name, told in said:
        found.setdefault(table, {})[kind, name] = told
    del found[WIDER[0]][WIDER[1]]
    return found


def split(sql: str) -> list[str]:
    """The parts of a CREATE TABLE; their order is how the table grew."""
    parts, depth = [""], 0
    for letter in sql[sql.index("(") + 1 : sql.rindex(")")]:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return sorted(one.strip() for one in parts)


def held(alias: str, table: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return sorted(str(sorted((k, v) for k, v in row.items() if k not in LOOSE)) for row in rows)


def test_at_once_is_the_same_as_migration_by_migration(two: tuple[str, str]) -> None:
    slow, quick = two
    call_command("migrate", "house", "0003", database=slow, verbosity=0, interactive=False)
    assert bring_up(slow) > 10, "it has tables, so it goes on by the migrations that it lacks"
    lacked = bring_up(quick)
    tables = described(slow)
    assert tables == described(quick)
    assert len(tables) > 60
    assert lacked == len(held(slow, "django_migrations")) > 50
    for table in tables:
        assert held(slow, table) == held(quick, table), table
    executor = MigrationExecutor(connections[quick])
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes()), "nothing waits"
    assert bring_up(quick) == 0
