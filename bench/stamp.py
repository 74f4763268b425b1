"""Copies of rows that the apply functions made: how a site comes to a million persons within minutes.

A block of people who left is copied in SQL with new ids, each copy with its own key and its own sealed names.
Their other sealed fields are copies that no key opens, and they have no journal entries: `replay --check` and
`verify` are measured elsewhere. SQLite only.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from bench.table import progress
from kinweave.house.sealing import Opener, keystore, seal
from kinweave.people import fields
from kinweave.people.actions.persons import code_of
from kinweave.people.models import Person

# Table: the columns that hold ids of copied rows (everything else stays as it is).
COPIED = {
    "people_namekey": ("id", "person_id", "digest"),
    "people_residence": ("id", "person_id"),
    "people_consent": ("id", "person_id"),
    "listen_response": ("id", "person_id"),
    "listen_score": ("id", "person_id", "response_id"),
    "care_episode": ("id", "person_id"),
    "care_turn": ("id", "person_id", "episode_id"),
    "care_session": ("id", "person_id", "episode_id"),
    "house_happened": ("id", "person_id", "ref_id"),
    "house_due": ("id", "person_id", "ref_id"),
}
MOST = 255  # copies: the first byte of an id tells them apart
VERSION = "c"  # of a copied id, at the place where a UUID has its version: no id of ours has it


def stamp(skip: int, block: int, copies: int, first: int = 1) -> None:
    """Copy `block` persons, those written after the first `skip`, `copies` times.

    Nothing guards the file while it is stamped (no journal of the database, no checks of keys, indexes made anew
    at the end): a generator that is stopped half-way has made nothing.
    """
    if connection.vendor != "sqlite":
        raise ValueError("stamping is written for SQLite")
    if copies + first - 1 > MOST:
        raise ValueError(f"at most {MOST} copies")
    with connection.cursor() as cursor:
        _set(cursor, "foreign_keys=OFF", "journal_mode=DELETE", "synchronous=OFF", "cache_size=-4000000")
        _set(cursor, "journal_mode=OFF", "temp_store=MEMORY", "locking_mode=EXCLUSIVE")
        indexes = _drop_indexes(cursor)
        _take(cursor, skip, block)
        named = _names(cursor)
        for number in range(first, first + copies):
            _one(cursor, f"{number:02x}", named)
            if number % 20 == 0:
                progress(f"stamped {number * block:,} persons")
        progress("making the indexes anew")
        for statement in indexes:
            cursor.execute(statement)
        _set(cursor, "locking_mode=NORMAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
        _set(cursor, "cache_size=-32000")
    connection.close()


def _set(cursor: Any, *pragmas: str) -> None:
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
        cursor.fetchall()


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop the indexes of the tables that grow, but for those of their keys; the statements that make them."""
    tables = [Person._meta.db_table, *COPIED]
    marks = ", ".join(["%s"] * len(tables))
    cursor.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        tables,
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _take(cursor: Any, skip: int, block: int) -> None:
    """The block and its rows, in memory, each table's by itself."""
    cursor.execute("CREATE TEMP TABLE block (id char(32) PRIMARY KEY) WITHOUT ROWID")
    cursor.execute("INSERT INTO block SELECT id FROM people_person ORDER BY rowid LIMIT %s OFFSET %s", [block, skip])
    for table in COPIED:
        cursor.execute(
            f"CREATE TEMP TABLE of_{table} AS SELECT * FROM {table} WHERE person_id IN (SELECT id FROM block)"
        )


def _names(cursor: Any) -> list[tuple[str, str, str]]:
    """Id, alias and name of the block, opened once."""
    cursor.execute("SELECT id FROM block")
    ids, people = [UUID(row[0]) for row in cursor.fetchall()], []
    for start in range(0, len(ids), 500):
        people += Person.objects.filter(id__in=ids[start : start + 500])
    opened = Opener(ids)
    return [
        (p.id.hex, opened(p.id, fields.ALIAS, p.alias) or "", opened(p.id, fields.NAME, p.name) or "") for p in people
    ]


def _one(cursor: Any, mark: str, named: list[tuple[str, str, str]]) -> None:
    cursor.execute("BEGIN")
    ids = {old: UUID(f"{mark}{old[2:12]}{VERSION}{old[13:]}") for old, _, _ in named}
    keys = keystore().create(ids.values())
    cursor.execute("CREATE TEMP TABLE fresh (old char(32) PRIMARY KEY, id, code, alias, name) WITHOUT ROWID")
    cursor.executemany(
        "INSERT INTO fresh VALUES (%s, %s, %s, %s, %s)",
        [
            (
                old, ids[old].hex, code_of(ids[old]),
                seal(keys[ids[old]], ids[old], fields.ALIAS, alias), seal(keys[ids[old]], ids[old], fields.NAME, name),
            )
            for old, alias, name in named
        ],
    )  # fmt: skip
    columns = [f.column for f in Person._meta.concrete_fields]
    new = [f"f.{c}" if c in {"id", "code", "alias", "name"} else f'p."{c}"' for c in columns]
    quoted = ", ".join(f'"{c}"' for c in columns)
    people = "fresh f JOIN people_person p ON p.id = f.old"
    cursor.execute(f"INSERT INTO people_person ({quoted}) SELECT {', '.join(new)} FROM {people}")
    for table, ours in COPIED.items():
        _copy(cursor, table, ours, mark)
    cursor.execute("DROP TABLE fresh")
    cursor.execute("COMMIT")


def _copy(cursor: Any, table: str, ours: tuple[str, ...], mark: str) -> None:
    cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
    columns = [row[0] for row in cursor.fetchall()]
    quoted = ", ".join(f'"{c}"' for c in columns)
    copied = "'{0}' || substr(t.\"{1}\", 3, 10) || '{2}' || substr(t.\"{1}\", 14)"
    new = ", ".join(copied.format(mark, c, VERSION) if c in ours else f't."{c}"' for c in columns)
    cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {new} FROM of_{table} t")
