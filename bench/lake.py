"""The lake: how fast facts come out of a site, and the whole catalogue of indicators beside one bare scan."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.lake_rows import FIRST, LAST, made
from bench.pages import generated
from bench.pages import sizes as page_sizes
from bench.site import fresh
from bench.table import Rounds, Row, peak, progress, show

KEY = bytes(range(32))
SCORES = """SELECT s.person_id, s.scale, s.taken_on, s.scaled, s.band, r.language
    FROM listen_score s JOIN listen_response r ON r.id = s.response_id"""
# What the indicators read of each table: the bare scan reads the same.
READ = {
    "people": (
        "person", "place", "gender", "age_band", "disability", "dimension", "started_month", "caregiver", "purpose",
    ),
    "scores": ("person", "instrument", "scale", "months_since_start", "value", "band", "doubtful", "purpose"),
    "contacts": ("person", "months_since_start", "planned", "held", "worker", "purpose"),
    "pathway": ("person", "place", "month", "state", "reason", "purpose"),
    "goals": ("person", "months_since_start", "what", "purpose"),
    "circles": ("place", "month"),
    "hours": ("worker", "month", "paid", "unpaid"),
    "risks": ("place", "month", "acknowledged_in_time", "closed_month", "purpose"),
}  # fmt: skip


def run(quick: bool = False, sites: Path | None = None) -> list[Row]:
    rows = _extraction(quick, sites) + _indicators(100_000 if quick else 10_000_000, 1 if quick else 3)
    show("The lake", rows)
    return rows


def _extraction(quick: bool, sites: Path | None) -> list[Row]:
    with generated(page_sizes(quick)["small"], sites) as (site, made):
        seen = [site.call("bench.lake:extract") for _ in range(1 if quick else 3)]
    rate = Rounds.of([one["rows"] / one["seconds"] for one in seen])
    base = Rounds.of([one["bare_rows"] / one["bare_seconds"] for one in seen]).median
    note = f"{seen[0]['rows']:,} rows; {seen[0]['memory']:.0f} MB at most"
    return [
        rate.row(f"extraction from a site with {made['facts']:,} facts", "rows per s",
                 yardstick="the same rows of the same tables, read by sqlite3", beside=base, note=note)
    ]  # fmt: skip


def _indicators(scores: int, rounds: int) -> list[Row]:
    with fresh() as site:
        seen = site.call("bench.lake:indicators", scores=scores, rounds=rounds)
    scan, catalogue = Rounds(*seen["scan"]), Rounds(*seen["catalogue"])
    size = f"{scores:,} scores, {seen['rows']:,} rows in all"
    bare = "one DuckDB scan of the same columns, plain Parquet"
    each = ", ".join(f"{slug} {seconds:.2g} s" for slug, seconds in seen["each"].items())
    return [
        Row(f"writing the lake sealed ({size})", seen["rows"] / seen["write"], "rows per s",
            "plain Parquet by pyarrow", seen["rows"] / seen["plain"]),
        Row("opening it: unsealing and taking in", seen["open"], "s", bare, scan.median),
        catalogue.row(f"the {len(seen['each'])} indicators, one after the other", "s", yardstick=bare,
                      beside=scan.median, ratio_at_most=3, note=each),
        catalogue.row("the same", "s", yardstick="one DuckDB GROUP BY person over the scores",
                      beside=Rounds(*seen["group"]).median),
        Row("memory at most, the lake taken in", seen["memory"], "MB"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------- inside the site


def extract() -> dict[str, Any]:
    """One rebuild of the lake, and the bare reading of the rows it is made of."""
    from django.db import connection

    from kinweave.learn.build import build

    connection.ensure_connection()
    db: Any = connection.connection  # sqlite3's own, without a model in between
    began, bare = time.perf_counter(), 0
    for select in (
        "SELECT id, place_id, birth_year, gender, language, facts FROM people_person",
        SCORES,
        "SELECT person_id, at, kind, planned, held, missed_reason, worker_id, step FROM care_session",
        "SELECT person_id, at, to_state, move, reason FROM care_turn",
    ):
        for _ in db.execute(select):
            bare += 1
    seconds = time.perf_counter() - began
    built = build()
    return {
        "rows": sum(built.rows.values()), "seconds": built.seconds, "bare_rows": bare, "bare_seconds": seconds,
        "memory": peak(),
    }  # fmt: skip


def indicators(scores: int, rounds: int) -> dict[str, Any]:
    """Write, open and count a lake of so many scores; the bare scan beside it."""
    import pyarrow.parquet as pq

    from bench.table import timed
    from kinweave.learn.lake import open_lake, write_lake
    from kinweave.learn.shape import SCHEMAS

    folder = Path(tempfile.mkdtemp(prefix="kinweave-bench-lake-"))
    told: dict[str, Any] = {}
    try:
        progress(f"writing a lake with {scores:,} scores")
        began = time.perf_counter()
        told["rows"] = sum(write_lake(folder / "lake", made(scores), KEY).values())
        told["write"] = time.perf_counter() - began

        def plain() -> None:
            for name, batches in made(scores).items():
                with pq.ParquetWriter(folder / f"{name}.parquet", SCHEMAS[name], compression="zstd") as writer:
                    for batch in batches:
                        writer.write_batch(batch)

        told["plain"] = timed(plain, 1).median
        told |= _bare(folder, rounds)
        progress("opening it and counting")
        began = time.perf_counter()
        lake = open_lake(folder / "lake", KEY)
        told["open"] = time.perf_counter() - began
        each: dict[str, list[float]] = {}
        whole = [_count(lake, each) for _ in range(rounds)]
        found = Rounds.of(whole)
        told["catalogue"] = [found.median, found.low, found.high]
        told["each"] = {slug: Rounds.of(seconds).median for slug, seconds in each.items()}
        told["memory"] = peak()
        lake.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return told


def _bare(folder: Path, rounds: int) -> dict[str, Any]:
    """One pass over the columns that the indicators read, and one GROUP BY person, by DuckDB on plain Parquet."""
    import duckdb

    from bench.table import timed

    db = duckdb.connect()

    def scan() -> None:
        for name, columns in READ.items():
            counted = ", ".join(f"count({c}), max({c})" for c in columns)
            db.execute(f"SELECT {counted} FROM read_parquet('{folder / name}.parquet')").fetchall()

    def group() -> None:
        db.execute(
            "SELECT count(*), sum(f) FROM (SELECT person, arg_min(value, months_since_start) f FROM "
            f"read_parquet('{folder}/scores.parquet') GROUP BY person)"
        ).fetchall()

    found = {"scan": timed(scan, rounds), "group": timed(group, rounds)}
    db.close()
    return {name: [r.median, r.low, r.high] for name, r in found.items()}


def _count(lake: Any, each: dict[str, list[float]]) -> float:
    """Every indicator once, to its last row, nothing kept from the round before; seconds in all."""
    from django.conf import settings

    from kinweave.core.instruments import load_all
    from kinweave.learn.grid import Grid
    from kinweave.learn.indicators import CATALOGUE, Parameters
    from kinweave.learn.release_tables import instrument_facts

    files, grid, total = load_all(settings.INSTRUMENTS), Grid(FIRST, LAST), 0.0
    lake.kept.clear()
    # Each asks by a questionnaire of its own; of wellbeing and loneliness none is shipped, so others stand for them.
    asks = {"support": "osss-3", "caregivers-load": "bsfc-s", "wellbeing": "gad-7", "loneliness": "phq-4"}
    for slug, indicator in CATALOGUE.items():
        facts = instrument_facts(files, {"instrument": asks.get(slug, "phq-9"), "scale": "total"})
        began = time.perf_counter()
        rows = indicator.expression(lake, grid, Parameters(instrument=facts)).to_pyarrow().num_rows
        seconds = time.perf_counter() - began
        if not rows:
            raise AssertionError(f"{slug} counts nobody")
        each.setdefault(slug, []).append(seconds)
        total += seconds
    return total
