"""The same catalogue on two engines, cell by cell."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa

from kinweave.learn.grid import Grid
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.lake import Lake, write_lake
from kinweave.learn.shape import SCHEMAS
from tests.learn.little_lakes import FACTS, FIRST, TURNED

KEY = bytes(range(32))
GRID = Grid(FIRST, FIRST + 23)
SECOND = {"better-and-worse": FACTS, "symptom-change": TURNED}


def sealed(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    tables = {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in SCHEMAS.items()}
    write_lake(folder, tables, KEY)
    return folder


def sums(lake: Lake, slug: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    p = Parameters(instrument=SECOND.get(slug, FACTS), window=6)
    rows = CATALOGUE[slug].sums(lake, GRID, p).to_pylist()
    keys = ("place", "period", "dimension", "group")
    return {tuple(r[k] for k in keys): {k: v for k, v in r.items() if k not in keys} for r in rows}


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Counts to the last person, sums of fractions to 1e-9: engines add them up in another order."""
    return ours.keys() == theirs.keys() and all(
        math.isclose(one, theirs[name], rel_tol=1e-9, abs_tol=1e-9) if isinstance(one, float) else one == theirs[name]
        for name, one in ours.items()
    )


def compare(spark: Lake, duck: Lake) -> int:
    cells = 0
    for slug in CATALOGUE:
        ours, theirs = sums(spark, slug), sums(duck, slug)
        assert ours.keys() == theirs.keys(), slug
        assert all(same(ours[cell], theirs[cell]) for cell in ours), slug
        cells += len(ours)
    return cells
