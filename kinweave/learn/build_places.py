"""Places and time zones for the lake. A place's number is the same in every lake: releases are told apart by it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house.models import Place, PlaceYear, Programme
from kinweave.learn.shape import month_index

DEEPEST = 12
NOWHERE = 0  # a person whose place is not known: in no place's count, and told as missing


class PlacesClash(Problem):
    status, code = 500, "places-clash"
    says = "Two places have the same number in the lake."
    remedy = "Report this: it is a one in a million million chance."


def place_number(place_id: UUID) -> int:
    """The place's number in every lake and every table: 48 bits of a hash of its id. A place is no secret."""
    return int.from_bytes(hashlib.blake2b(place_id.bytes, digest_size=6).digest(), "big") or 1


def places_by_number() -> dict[int, Place]:
    """Every place by its number. Raises PlacesClash."""
    rows = list(Place.objects.all())
    found = {place_number(row.id): row for row in rows}
    if len(found) != len(rows):
        raise PlacesClash()
    return found


def place_rows() -> Iterator[tuple[Any, ...]]:
    """place, parent, year, population: for each place and each year since any population is known.

    Where a year has no number, the last known one before it is taken, else the first known after it; a place
    nobody counted has what the places inside it have; 0 where nothing is known, which keeps it off every page.
    """
    places = places_by_number()
    known: dict[UUID, dict[int, int]] = {}
    for place, year, population in PlaceYear.objects.order_by("year").values_list("place_id", "year", "population"):
        known.setdefault(place, {})[year] = population
    this_year = timezone.localdate().year
    first = min((year for years in known.values() for year in years), default=this_year)
    inside: dict[UUID, list[UUID]] = {}
    for row in places.values():
        if row.parent_id:
            inside.setdefault(row.parent_id, []).append(row.id)

    def people(place: UUID, year: int, deep: int = 0) -> int:
        if place in known or deep == DEEPEST:
            return _population(known.get(place, {}), year)
        return sum(people(one, year, deep + 1) for one in inside.get(place, ()))

    for number, row in sorted(places.items()):
        parent = place_number(row.parent_id) if row.parent_id else None
        for year in range(first, this_year + 1):
            yield number, parent, year, people(row.id, year)


def _population(years: dict[int, int], year: int) -> int:
    before = [y for y in years if y <= year]
    after = [y for y in years if y > year]
    if not before and not after:
        return 0
    return years[max(before)] if before else years[min(after)]


class Zones:
    """Months as the programme's own clock and calendar have them, and places' numbers."""

    def __init__(self) -> None:
        rows = Programme.objects.order_by("id").values_list("id", "timezone")
        self.zones: dict[UUID | None, ZoneInfo] = {one: ZoneInfo(name) for one, name in rows}
        # What belongs to no programme follows the site's first.
        self.zones[None] = next(iter(self.zones.values()), ZoneInfo("UTC"))
        self.numbers: dict[UUID, int] = {}

    def month(self, at: datetime, programme: UUID | None = None) -> int:
        """The lake's number of the month of a moment, by the clock of a programme."""
        there = at.astimezone(self.zones.get(programme) or self.zones[None])
        return month_index(there.year, there.month)

    def number(self, place_id: UUID | None) -> int:
        if place_id is None:
            return NOWHERE
        if place_id not in self.numbers:
            self.numbers[place_id] = place_number(place_id)
        return self.numbers[place_id]
