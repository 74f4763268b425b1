"""Second connections: a read snapshot beside the writers, and a temporary database of the same kind."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from kinweave.house import operational


def ours() -> list[type[models.Model]]:
    """Every model of our own apps, by label."""
    found = [m for c in apps.get_app_configs() if c.name.startswith("kinweave.") for m in c.get_models()]
    return sorted(found, key=lambda m: m._meta.label)


def domain() -> list[type[models.Model]]:
    """The models that are rebuilt from the journal."""
    outside = operational.OPERATIONAL | operational.JOURNAL
    return [m for m in ours() if m._meta.label not in outside]


def add_connection(alias: str, **changes: Any) -> BaseDatabaseWrapper:
    """A further connection of this thread, like the site's; `options` are laid over its own."""
    home = connections["default"]
    made = copy.deepcopy(home.settings_dict)
    options = {**made["OPTIONS"], **changes.pop("options", {})}
    new = type(home)({**made, "CONN_MAX_AGE": None, **changes, "OPTIONS": options}, alias)
    connections[alias] = new
    return new


def drop_connection(alias: str) -> None:
    connections[alias].close()
    del connections[alias]


@contextmanager
def snapshot() -> Iterator[str]:
    """The alias of a connection that sees the site as it is now and does not hold up writers.

    Inside a transaction it is that transaction's own connection, which sees what it has written.
    """
    home = connections["default"]
    if home.in_atomic_block:
        yield "default"
        return
    alias = f"snapshot-{uuid4().hex[:8]}"
    if home.vendor == "postgresql":
        from psycopg import IsolationLevel

        add_connection(alias, options={"isolation_level": IsolationLevel.REPEATABLE_READ})
    else:
        add_connection(alias, options={"transaction_mode": "DEFERRED"})
    try:
        with transaction.atomic(using=alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT count(*) FROM house_site")  # the first read fixes what is seen
            yield alias
    finally:
        drop_connection(alias)


@contextmanager
def scratch(alias: str) -> Iterator[str]:
    """An empty database with our tables under this alias, gone afterwards: a file, or a schema of its own."""
    home = connections["default"]
    folder: Path | None = None
    schema = ""
    if home.vendor == "postgresql":
        schema = f"kinweave_{uuid4().hex[:12]}"
        had = home.settings_dict["OPTIONS"].get("options", "")
        db = add_connection(alias, options={"options": f"{had} -c search_path={schema}".strip()})
    else:
        folder = Path(tempfile.mkdtemp(prefix="kinweave-"))
        quick = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-64000;"
        db = add_connection(alias, NAME=folder / "scratch.sqlite3", options={"init_command": quick})
    try:
        if schema:
            with db.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA {schema}")
        make_tables(alias)
        yield alias
    finally:
        if schema:
            with db.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")
        drop_connection(alias)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def in_order(chosen: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """These models with those that they point to, each after what it points to."""
    wanted: dict[type[models.Model], None] = {}

    def add(model: type[models.Model]) -> None:
        if model in wanted or not model._meta.managed:
            return
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is not model:
                add(field.related_model)  # type: ignore[arg-type]
        wanted[model] = None

    for model in chosen:
        add(model)
    return list(wanted)


_STATEMENTS: dict[str, tuple[str, ...]] = {}  # by kind of database: the same in every empty one, and slow to word


def make_tables(alias: str) -> None:
    """Our tables, with those that they point to, straight from the models (no migrations), in an empty database."""
    db = connections[alias]
    if db.vendor not in _STATEMENTS:
        with db.schema_editor(collect_sql=True) as editor:
            for model in in_order(ours()):
                editor.create_model(model)
        _STATEMENTS[db.vendor] = tuple(editor.collected_sql)
    with transaction.atomic(using=alias), db.cursor() as cursor:
        for statement in _STATEMENTS[db.vendor]:
            cursor.execute(statement)
