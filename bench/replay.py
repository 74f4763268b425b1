"""The journal as a whole: loading in bulk, giving positions, replay, backup, restore, verify; entries a second."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from bench import bare
from bench.site import Site, fresh, size_of
from bench.table import Row, progress, show

PER_COMMIT = 1_000


def run(quick: bool = False) -> list[Row]:
    size: dict[str, Any] = {"persons": 200, "facts": 1_600, "workers": 6, "teams": 2, "places": 4}
    if not quick:
        size = {"persons": 3_000, "facts": 30_000, "workers": 100}
    with fresh() as site:
        progress(f"loading {size['persons']:,} persons in bulk")
        made = site.call("bench.generate:site", **size)
        entries, seconds = made["bulk_entries"], made["bulk_seconds"]
        told = site.call("bench.replay:keep")
        base = bare.sqlite_commits(site.home, min(entries, 20_000), told["bytes"], PER_COMMIT)
        with tempfile.TemporaryDirectory(prefix="kinweave-bench-") as empty:
            progress("restoring")
            told |= Site(Path(empty)).call("bench.replay:back", **told["pair"], key=told["key"])
        held = size_of(site.home)
    name = f"bare SQLite WAL FULL, {PER_COMMIT:,} rows of an entry's size for each commit"
    all_ = told["entries"]

    def row(what: str, count: int, seconds: float, note: str = "") -> Row:
        return Row(what, count / seconds, "entries per s", name, base, note=note)

    rows = [
        row("loading in bulk", entries, seconds, f"{entries:,} entries, {told['rows']:,} rows, {told['bytes']} B each"),
        row("giving positions", entries, made["sequence_seconds"]),
        row("replay and comparison with every table", all_, told["check"], f"{told['faults']} differences"),
        row("backup", all_, told["backup"], f"{told['size'] / 1e6:.1f} MB; the site {held / 1e6:.0f} MB"),
        row("restore", all_, told["restore"], "on an empty machine, every table made anew"),
        row("verify", all_, told["verify"], f"{told['found']} faults"),
    ]
    show("The journal", rows)
    return rows


# ------------------------------------------------------------------------------- inside the site


def keep() -> dict[str, Any]:
    """Replay with its comparison, verify, backup: seconds of each, and what a restore needs."""
    from django.conf import settings

    from kinweave.house.backup import backup
    from kinweave.house.models import Entry
    from kinweave.house.replay import check
    from kinweave.house.sealing import house_key
    from kinweave.house.verify import verify

    told: dict[str, Any] = {"entries": Entry.objects.count()}
    sample = Entry.objects.order_by("-serial").values_list("parts", flat=True)[:500]
    told["bytes"] = round(sum(map(len, sample)) / len(sample))
    progress("replay")
    began = time.perf_counter()
    report = check()
    told |= {"check": time.perf_counter() - began, "faults": report.faults, "rows": sum(report.rows.values())}
    progress("verify")
    began = time.perf_counter()
    verdict = verify()
    told |= {"verify": time.perf_counter() - began, "found": len(verdict.faults)}
    progress("backup")
    began = time.perf_counter()
    receipt = backup(settings.HOME / "kept")
    told |= {"backup": time.perf_counter() - began, "size": receipt.size}
    return told | {"pair": {"data": str(receipt.backup), "keys": str(receipt.keys)}, "key": house_key().hex()}


def back(data: str, keys: str, key: str) -> dict[str, Any]:
    """A restore onto this empty site."""
    from kinweave.house.backup_restore import restore

    began = time.perf_counter()
    restored = restore(Path(data), Path(keys), house_key=bytes.fromhex(key))
    return {"restore": time.perf_counter() - began, "restored": restored.position}
