"""What staff may look through: the safe tables of the newest lake, ready to be shown, written by the learn process.

The same disclosure rules as for releases, on the same fixed grid: there is no second way out. Unlike a release it is
made anew each night, so that corrections and late sheets are in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from kinweave.learn.nightly import EXPLORED
from kinweave.learn.report_audience import Z95, usual_care
from kinweave.learn.report_numbers import share
from kinweave.measures.disclosure import Cell, SafeTable


def write_explored(
    tables: list[SafeTable], made_on: str, months: int, places: Mapping[int, str], measure: Mapping[str, str],
    about: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Write the file that the desk's pages read.

    places: id by number. measure: the questionnaire and scale of the outcome, for the studies beside it. about: by
    name of the table its indicator, questionnaire and scale, where it has them.
    """
    EXPLORED.write({
        "made_on": made_on, "months": months, "places": places,
        "usual": [asdict(one) for one in usual_care(measure["instrument"], measure["scale"])],
        "tables": [{**_table(one), "about": {"indicator": one.name, **about.get(one.name, {})}} for one in tables],
    })  # fmt: skip


def _table(table: SafeTable) -> dict[str, Any]:
    return {
        "name": table.name, "kind": table.kind, "scale": table.scale, "parts": list(table.parts),
        "cells": [_cell(table, one) for one in table.cells],
    }  # fmt: skip


def _cell(table: SafeTable, cell: Cell) -> dict[str, Any]:
    """n, and for each part its count, its value of ten people with the reach of chance; None where not shown."""
    found: dict[str, Any] = {
        "place": cell.place, "period": cell.period, "dimension": cell.dimension, "group": cell.group, "n": cell.n,
        "parts": [_part(count, cell.n) for count in cell.parts],
    }  # fmt: skip
    if cell.mean is not None:
        found["mean"] = _mean(table, cell)
    return found


def _part(count: int | None, n: int | None) -> list[float] | None:
    if count is None or not n:
        return None
    one = share(count, n)
    return [one.count, one.value, one.low, one.high]


def _mean(table: SafeTable, cell: Cell) -> list[float | None]:
    """The mean with its 95 % interval from the shown spread and number of people."""
    n = cell.parts[table.parts.index("measured")] if "measured" in table.parts else None
    if cell.mean is None or cell.spread is None or not n:
        return [cell.mean, None, None]
    half = Z95 * cell.spread / math.sqrt(n)
    return [cell.mean, cell.mean - half, cell.mean + half]
