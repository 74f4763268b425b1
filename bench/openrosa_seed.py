"""Stored submissions by the hundred thousand: copies of real ones, made in the database, each with its own ids.

The copied rows are what a real submission leaves: entry, position, response, score, timeline line, duty. Their
sealed parts are byte copies (the same person's key opens them), their chain of digests is not a chain: `verify` and
`replay` are measured elsewhere.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from bench.table import progress

TEMPLATE = 1_000  # real submissions that are copied
# table: columns with a fresh id of their own, columns that point to the copied response
COPIED = {
    "house_entry": ({"id"}, set()),
    "listen_response": (set(), {"id"}),
    "listen_score": ({"id"}, {"response_id"}),
    "house_happened": ({"id"}, {"ref_id"}),
}


def grow(to: int) -> dict[str, int]:
    """Copy what is stored until there are `to` submissions; how many there are now."""
    with connection.cursor() as cursor:
        _tune(cursor)
        have = _count(cursor)
        _templates(cursor, min(TEMPLATE, have))
        while have < to:
            copies = max(1, min(50, (to - have) // min(TEMPLATE, to - have)))
            some = min(TEMPLATE, to - have)
            cursor.execute("BEGIN" if connection.vendor == "sqlite" else "SELECT 1")
            for _ in range(copies):
                _copy(cursor, some)
            if connection.vendor == "sqlite":
                cursor.execute("COMMIT")
            have += copies * some
            progress(f"{have:,} submissions are stored")
        _settle(cursor)
        return {"stored": _count(cursor)}


def _count(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM listen_response")
    return int(cursor.fetchone()[0])


def _tune(cursor: Any) -> None:
    if connection.vendor == "sqlite":
        for pragma in ("synchronous=OFF", "cache_size=-2000000", "foreign_keys=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
    else:
        cursor.execute("SET synchronous_commit=off")
        cursor.execute("SET session_replication_role=replica")


def _settle(cursor: Any) -> None:
    """As a database is that has been running for a while."""
    if connection.vendor == "sqlite":
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
    cursor.execute("ANALYZE")


def _templates(cursor: Any, rows: int) -> None:
    """The newest real submissions: which response belongs to which entry, by the time they share."""
    cursor.execute(
        "CREATE TEMPORARY TABLE kept AS SELECT r.id AS response, e.serial AS serial FROM listen_response r "
        "JOIN house_entry e ON e.received_at = r.received_at AND e.action = 'flows.take_form' LIMIT %s",
        [rows],
    )
    cursor.execute("CREATE TEMPORARY TABLE fresh (response char(36), serial bigint, made char(36))")
    if connection.vendor != "sqlite":
        cursor.execute("ALTER TABLE fresh ALTER response TYPE uuid USING response::uuid, "
                       "ALTER made TYPE uuid USING made::uuid")  # fmt: skip


def _copy(cursor: Any, rows: int) -> None:
    chance = "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"
    cursor.execute("DELETE FROM fresh")
    cursor.execute(f"INSERT INTO fresh SELECT response, serial, {chance} FROM kept LIMIT {rows}")
    for table, (own, pointing) in COPIED.items():
        names = [name for name in _columns(cursor, table) if name != "serial"]
        values = [chance if n in own else "f.made" if n in pointing else f"t.{n}" for n in names]
        joins = {"house_entry": "t.serial = f.serial", "listen_response": "t.id = f.response",
                 "listen_score": "t.response_id = f.response", "house_happened": "t.ref_id = f.response"}  # fmt: skip
        quoted = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)} FROM fresh f JOIN {table} t ON {joins[table]}"
        )
    cursor.execute(
        "INSERT INTO house_position (position, serial, digest) SELECT m.top + row_number() OVER (ORDER BY e.serial), "
        "e.serial, m.digest FROM house_entry e, (SELECT coalesce(max(position), 0) AS top, max(serial) AS last, "
        f"{_digest()} AS digest FROM house_position) m WHERE e.serial > m.last"
    )


def _digest() -> str:
    return "zeroblob(32)" if connection.vendor == "sqlite" else "decode(repeat('00', 32), 'hex')"


def _columns(cursor: Any, table: str) -> list[str]:
    return [one.name for one in connection.introspection.get_table_description(cursor, table)]
