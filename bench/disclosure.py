"""Making one table safe, in districts of more and more wards: how the time grows with what an attacker could combine.

The yardstick is one linear program over all counts of the same table with nothing to find (scipy, HiGHS): asking one
for every hidden count would cost as many of them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import numpy as np

from bench.table import Row, progress, show
from kinweave.measures.disclosure import Counts, Rules, make_safe
from kinweave.measures.disclosure import Row as Cell
from kinweave.measures.disclosure_audit import fitting
from kinweave.measures.disclosure_counts import fill
from kinweave.measures.disclosure_keys import families

WARDS_A_DISTRICT = 15
YEARS, PEOPLE = (2023, 2024, 2025), 60  # a ward and year, on average
GROUPS = {"gender": (0.6, 0.38, 0.02), "age_band": (0.2,) * 5, "disability": (0.2, 0.8)}
PARTS = {"better": 0.45, "same": 0.25, "worse": 0.1, "missed": 0.2}


def run(quick: bool = False) -> list[Row]:
    rows = []
    for wards in (5,) if quick else (15, 30, 60):
        progress(f"a table of {wards} wards")
        table = invented(wards)
        beside = _one_program(table)
        began = time.process_time()
        safe = make_safe(table, Rules())
        seen = time.process_time() - began
        hidden = sum(cell.n is None for cell in safe.cells)
        note = f"{len(safe.cells):,} cells, {hidden:,} of them hidden"
        rows.append(Row(f"one table of {wards} wards, three years", seen, "s", "one program over the table", beside,
                        note=note))  # fmt: skip
    show("Making a table safe (processor time)", rows)
    return rows


def invented(wards: int) -> Counts:
    """A table of people who started, by quarter and year, and by three kinds of group in whole years."""
    random = np.random.default_rng(wards)
    parent: dict[int, int | None] = {1: None}
    cells: dict[Any, list[int]] = defaultdict(lambda: [0] * len(PARTS))
    for ward in range(1000, 1000 + wards):
        district = 100 + (ward - 1000) // WARDS_A_DISTRICT
        parent |= {district: 1, ward: district}
        for year in YEARS:
            for _ in range(random.poisson(PEOPLE)):
                part, quarter = random.choice(len(PARTS), p=list(PARTS.values())), int(random.integers(1, 5))
                at = [("all", "all", year * 10), ("all", "all", year * 10 + quarter)]
                at += [(name, f"g{random.choice(len(p), p=p)}", year * 10) for name, p in GROUPS.items()]
                for place in (ward, district, 1):
                    for dimension, group, period in at:
                        cells[place, period, dimension, group][part] += 1
    rows = tuple(Cell(*key, sum(parts), tuple(parts)) for key, parts in cells.items())
    inhabitants = {(place, year): 5_000 for place in parent for year in YEARS}
    return Counts("bench", "started", "share", tuple(PARTS), rows, parent, inhabitants)


def _one_program(table: Counts) -> float:
    truth = fill(table).truth
    linked = families(set(truth), table.parent, [(table.population, table.series)])
    began = time.process_time()
    fitting(linked, {}, dict.fromkeys(truth, (0, None)))
    return time.process_time() - began
