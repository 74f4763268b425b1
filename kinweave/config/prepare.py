"""Make the database ready for this release. A process of its own, so that `serve` does not load the site."""

from __future__ import annotations

import os
import sys


def setup() -> None:
    """Load Django with our settings (for every command that needs the site)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    import django

    django.setup()


def waiting() -> list[str]:
    """Migrations that are not applied yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def prepare() -> int:
    """Apply what is missing and make the table of counters; returns how many changes were applied."""
    from django.core.management import call_command

    missing = waiting()
    if missing:
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    from kinweave.house.erasure import settle

    settle()  # an erasure that a crash cut short is finished before anybody looks
    return len(missing)


if __name__ == "__main__":
    setup()
    done = prepare()
    if done:
        sys.stderr.write(f"Database ready ({done} changes applied)\n")
