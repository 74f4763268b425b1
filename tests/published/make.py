"""Releases for tests: made-up counts through the real disclosure rules, put into words, drafted on the shelf."""

from __future__ import annotations

from functools import cache
from typing import Any

from kinweave.house.models import Place
from kinweave.learn.build_places import place_number
from kinweave.learn.report import About, compose
from kinweave.learn.report_words import words
from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable, make_safe
from kinweave.published.actions import draft_release, set_reading
from kinweave.published.frozen import FORMAT, content_hash, mark, sha256

YEAR = 2025
ASKED = {
    "shown": {"en": "How you have been (9 questions)", "ar": "كيف حالك (9 أسئلة)"},
    "points": "6", "lowest": "0", "highest": "27", "citation": "A source, with its page.",
}  # fmt: skip


def split(n: int, shares: tuple[float, ...]) -> tuple[int, ...]:
    """n people over parts; the last part takes what is left."""
    first = [int(n * s) for s in shares[:-1]]
    return (*first, n - sum(first))


def quarters(n: int, shares: tuple[tuple[float, ...], ...], place: int, groups: dict[str, float]) -> list[Row]:
    """Rows of one place and year: four quarters with their own shares, and gender."""
    rows: list[Row] = []
    sums: dict[tuple[str, str], list[int]] = {}
    for q, (people, parts) in enumerate(zip(split(n, (0.25,) * 4), shares, strict=True), 1):
        cells = {("all", "all"): split(people, parts)}
        names = list(groups)
        taken = [0] * len(parts)
        for name in names[:-1]:
            mine = tuple(int(c * groups[name]) for c in cells["all", "all"])
            cells["gender", name] = mine
            taken = [a + b for a, b in zip(taken, mine, strict=True)]
        cells["gender", names[-1]] = tuple(c - t for c, t in zip(cells["all", "all"], taken, strict=True))
        for key, counts in cells.items():
            rows.append(Row(place, YEAR * 10 + q, *key, sum(counts), counts))
            sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(counts)), counts, strict=True)]
    return rows + [Row(place, YEAR * 10, *key, sum(c), tuple(c)) for key, c in sums.items()]


@cache
def safe_tables(n: int, place: int, inhabitants: int = 5000) -> dict[str, SafeTable]:
    """How people felt, and what those who came got, for n people who started."""
    people = {(place, YEAR): inhabitants}
    groups = {"woman": 0.75, "man": 0.25}
    felt = tuple((0.55 - 0.05 * q, 0.08, 0.2 + 0.05 * q, 0.17) for q in range(4))
    got = ((0.6, 0.1, 0.15, 0.05, 0.1),) * 4
    made: list[SafeTable] = []
    for name, population, parts, shares, size in (
        ("better-and-worse", "started", ("better", "worse", "same", "missed"), felt, n),
        ("unmet-need", "came", ("began", "not_needed", "unmet", "own_choice", "missed"), got, int(n * 1.5)),
    ):
        rows = tuple(quarters(size, shares, place, groups))
        counts = Counts(name, population, "share", parts, rows, {place: None}, people)
        made.append(make_safe(counts, Rules(), tuple(made)))
    return {table.name: table for table in made}


def about(place: int, name: str = "Ward 1", **more: Any) -> About:
    return About(
        **{
            "place": place, "place_name": name, "organisation": "Open Bench", "period": YEAR * 10, "months": 3,
            "reentry_months": 3, "rules": Rules(), "asked": ASKED, **more,
        }
    )  # fmt: skip


def content(
    place: Place, n: int = 400, after: tuple[str, ...] = (), invented: bool = False,
    promises: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What draft_release takes, without who and where."""
    number = place_number(place.id)
    tables = safe_tables(n, number)
    told = about(number, place.name, promises=promises or {})
    texts = {one: compose(told, tables, words(one)) for one in ("en", "ar")}
    plain = [table.to_dict() for table in tables.values()]
    head = {
        "format": FORMAT, "template": "community", "languages": ["en", "ar"], "invented": invented, "place": number,
        "after": list(after), "chain": {"position": 42, "digest": "ab" * 32},
    }  # fmt: skip
    if promises:
        head["promises"] = promises
    notes = [{"table": "better-and-worse", "cells": 15, "hidden": 2, "why": "few",
              "where": [{"period": YEAR * 10 + 1, "dimension": "gender", "group": "man"}]}]  # fmt: skip
    return {
        "about": head, "texts": texts, "tables": plain, "notes": notes,
        "mark": mark(content_hash(head, texts, sha256(plain))),
    }  # fmt: skip


def draft(
    world: Any, by: str = "gloria", n: int = 400, after: tuple[str, ...] = (), promises: dict[str, Any] | None = None,
    **more: Any,
) -> Any:  # fmt: skip
    """A draft about Ward 1; returns the receipt's result {release, slug}."""
    place = Place.objects.get(id=world.wards[0])
    asked = {"organisation_id": world.organisation, "place_id": place.id, "period": YEAR * 10}
    return draft_release(by=world.actor(by), **asked, **{**content(place, n, after, promises=promises), **more}).result


def read(world: Any, release: Any, by: str = "farai") -> None:
    set_reading(
        by=world.actor(by), release_id=release, reading={"en": "Many of us sleep again."},
        wrong={"en": "The road was closed in March."},
    )  # fmt: skip
