"""From a lake to tables that may be shown: something is said, and nothing small."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from kinweave.learn.grid import Grid
from kinweave.learn.indicators import CATALOGUE, Parameters
from kinweave.learn.indicators.base import MISSED
from kinweave.learn.tables import count, safe_table
from kinweave.measures.disclosure import Cell, Rules
from tests.learn.little_lakes import FACTS, FIRST, a_programme, lake_of

pytestmark = pytest.mark.sqlite_only  # needs no database

RULES = Rules()


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_from_a_lake_to_a_safe_table(slug: str) -> None:
    lake = lake_of(a_programme(11, 600))
    counts = count(CATALOGUE[slug], lake, Grid(FIRST, FIRST + 27), Parameters(instrument=FACTS))
    lake.close()
    table = safe_table(counts, RULES)
    exact = {(r.place, r.period, r.dimension, r.group): r for r in counts.rows}
    shown = 0
    for cell in table.cells:
        if table.kind == "mean":
            shown += cell.mean is not None
            continue
        at = (cell.place, cell.period, cell.dimension, cell.group)
        for i, (name, part) in enumerate(zip(table.parts, cell.parts, strict=True)):
            if name == MISSED or not cell.n or part is None:
                continue
            shown += 1
            if table.kind == "share":
                assert exact[at].parts[i] >= RULES.smallest
                assert 0 < part < cell.n
    assert shown >= 3, "something can be said"


def test_who_was_missed_is_one_count_in_both_tables_of_change() -> None:
    """Less those who felt better, the few who did not would be left."""
    lake = lake_of(a_programme(11, 600))
    felt, points = (
        count(CATALOGUE[slug], lake, Grid(FIRST, FIRST + 27), Parameters(instrument=FACTS))
        for slug in ("better-and-worse", "symptom-change")
    )
    lake.close()
    first = safe_table(felt, RULES)
    second = safe_table(points, RULES, (), (first,))
    at = first.parts.index(MISSED)
    known = {cell[:4]: cell[5][at] for cell in map(_plain, first.cells)}
    assert {cell[:4]: cell[5][1] for cell in map(_plain, second.cells)} == known
    assert any(v is None for v in known.values())
    assert any(cell.mean is not None for cell in second.cells), "something can still be said"


def _plain(cell: Cell) -> tuple[Any, ...]:
    return astuple(cell)
