"""The tables of a database: one that has none gets them all at once, another by its migrations.

Going through every migration takes seconds on an empty database, most of it the making of models that no release
has any more. What comes out is the same, row for row and constraint for constraint: tests/shape/test_first_tables.py.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from kinweave.house.scratch import in_order


def bring_up(using: str = "default") -> int:
    """Give a database the tables of this release; returns how many migrations it lacked."""
    executor = MigrationExecutor(connections[using])
    lacking = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not connections[using].introspection.table_names():
        _all_at_once(executor)
        emit_post_migrate_signal(0, False, using)
    elif lacking:
        call_command("migrate", database=using, verbosity=0, interactive=False)
    return lacking


def _all_at_once(executor: MigrationExecutor) -> None:
    """In one transaction: every table, and a note that no migration is waiting."""
    noted = executor.recorder.Migration
    with executor.connection.schema_editor() as editor:
        for model in in_order(apps.get_models()):
            editor.create_model(model)
        editor.create_model(noted)
        executor.recorder.migration_qs.bulk_create(
            noted(app=app, name=name) for app, name in executor.loader.graph.nodes
        )
