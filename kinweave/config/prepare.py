"""Make the database ready for this release. A process of its own, so that `serve` does not load the site."""

from __future__ import annotations

import os
import sys


def setup() -> None:
    """Load Django with our settings (for every command that needs the site)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    import django

    django.setup()


def prepare() -> int:
    """Apply what is missing and make the table of counters; returns how many changes were applied."""
    from django.core.management import call_command

    from kinweave.house.first_tables import bring_up

    applied = bring_up()
    call_command("createcachetable", verbosity=0)
    from kinweave.house.erasure import settle

    settle()  # an erasure that a crash cut short is finished before anybody looks
    return applied


if __name__ == "__main__":
    setup()
    done = prepare()
    if done:
        sys.stderr.write(f"Database ready ({done} changes applied)\n")
