"""When which places lost which money, and where there never was any: read from the settings, in the lake's numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.build_places import places_by_number
from kinweave.learn.grid import upwards
from kinweave.learn.lake import Lake
from kinweave.learn.release_tables import Basis

YEARS: Final = (36, 24, 12)  # anniversaries at which it is judged, the latest that is over


@dataclass(frozen=True)
class Ending:
    """until: `YYYY-MM`, the first month without the money. first, month: lake months of its first month and of `until`.

    months: the anniversary. ours: places it paid for and nothing else does; others: where nothing paid till then.
    """

    until: str
    first: int
    month: int
    months: int
    grants: tuple[str, ...]
    ours: tuple[int, ...]
    others: tuple[int, ...]


def lake_month(text: str) -> int:
    """Of `2027-04`."""
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def endings(lake: Lake, on: Basis) -> list[Ending]:
    """One for each month in which money ended a year or longer ago, the earliest first."""
    grants = chosen.value(choices.GRANTS)
    if not grants:
        return []
    paid = _paid(lake, grants)
    found = []
    for until in sorted({one["until"] for one in grants if one["until"]}):
        month = lake_month(until)
        months = next((y for y in YEARS if month + y - 1 <= on.grid.last), None)
        if months is not None:
            found.append(_ending(until, month, months, grants, paid))
    return found


def _paid(lake: Lake, grants: list[dict[str, Any]]) -> Mapping[int, frozenset[str]]:
    """The names of the grants that pay for each place: for itself or for a place around it."""
    numbers = {place.code: number for number, place in places_by_number().items()}
    found: dict[int, set[str]] = defaultdict(set)
    for place, line in upwards(lake).items():
        for one in grants:
            if not one["places"] or any(numbers.get(code) in line for code in one["places"]):
                found[place].add(one["name"])
        found[place] |= set()
    return {place: frozenset(names) for place, names in found.items()}


def _ending(
    until: str, month: int, months: int, grants: list[dict[str, Any]], paid: Mapping[int, frozenset[str]]
) -> Ending:
    here = {one["name"] for one in grants if one["until"] == until}
    by_then = {one["name"] for one in grants if lake_month(one["from"]) < month + months}
    # A place that something else goes on paying for has not lost its money.
    going_on = {n for one in grants if (n := one["name"]) in by_then and (one["until"] == "" or one["until"] > until)}
    ours = tuple(sorted(p for p, names in paid.items() if names & here and not names & going_on))
    others = tuple(sorted(p for p, names in paid.items() if not names & by_then))
    first = min(lake_month(one["from"]) for one in grants if one["until"] == until)
    return Ending(until, first, month, months, tuple(sorted(here)), ours, others)
