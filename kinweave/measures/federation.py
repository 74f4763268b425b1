"""Sites evaluate together without sharing people: each writes its sums, the sums add up to the pooled answer.

A table of sums is plain JSON with a schema and a version. `withhold` takes out what could show a person: patterns
and cells of fewer people than the site allows, and those where everybody gave the same answer. What was taken out is
counted and said wherever the combined answer is shown; when nothing was, the answer is that of pooling the people.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from kinweave.measures.frames import Floats
from kinweave.measures.moments import MOST_TIMES, Moments, Pattern, merged
from kinweave.measures.refusals import BadChoice, NotAddable, NotTheSums, TooFew
from kinweave.measures.results import LeftOut, listed
from kinweave.measures.strata import Strata, together

MOMENTS: Final = "kinweave.moments"
STRATA: Final = "kinweave.strata"
VERSION: Final = 1
MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 20_000
SMALLEST: Final = 10  # people; ours, as in the disclosure rules

Sums = Moments | Strata


# -------------------------------------------------------------------------------------- what stays at home


def withhold(sums: Sums, smallest: int = SMALLEST) -> Sums:
    """The sums without patterns or cells of fewer than `smallest` people, or in which all say the same.

    Of yes-or-no outcomes, those with and those without are each at least `smallest` people. How many patterns were
    withheld is kept, and how many people that may be at most; not which.
    """
    if smallest < 2:
        raise BadChoice(name="smallest", allowed="at least 2")
    if isinstance(sums, Moments):
        kept = tuple(p for p in sums.patterns if p.n >= smallest and _spread(p))
        gone = [p.n for p in sums.patterns if not (p.n >= smallest and _spread(p))]
        return replace(sums, patterns=kept, **_gone(sums, gone, smallest))
    safe = (sums.n >= smallest) & (np.diagonal(sums.cross, axis1=1, axis2=2) > 0).all(axis=1)
    if sums.binary:
        safe &= (sums.events >= smallest) & (sums.n - sums.events >= smallest)
    names = tuple(n for n, ok in zip(sums.names, safe, strict=True) if ok)
    return replace(
        sums, names=names, n=sums.n[safe], mean=sums.mean[safe], cross=sums.cross[safe],
        **_gone(sums, [round(float(n)) for n in sums.n[~safe]], smallest),
    )  # fmt: skip


def _gone(sums: Sums, people: list[int], smallest: int) -> dict[str, Any]:
    # Rounded up to whole tens of the limit, so that the number itself shows nobody.
    at_most = math.ceil(sum(people) / smallest) * smallest if people else 0
    small = tuple(LeftOut(x.reason, x.n) for x in sums.left_out if x.n >= smallest)
    return {
        "withheld": sums.withheld + len(people), "withheld_at_most": sums.withheld_at_most + at_most,
        "left_out": small,
    }  # fmt: skip


def _spread(p: Pattern) -> bool:
    return bool((np.diag(p.products) - p.total**2 / p.n > 1e-12 * np.diag(p.products)).all())


# ------------------------------------------------------------------------------------------- on paper


def to_dict(sums: Sums) -> dict[str, Any]:
    """Plain JSON values; `from_dict` reads them back exactly."""
    shared = {
        "version": VERSION, "left_out": [[x.reason, x.n] for x in sums.left_out], "withheld": sums.withheld,
        "withheld_at_most": sums.withheld_at_most, "columns": list(sums.columns),
    }  # fmt: skip
    if isinstance(sums, Moments):
        return {
            "schema": MOMENTS, **shared, "times": list(sums.times), "origin": sums.origin, "unit": sums.unit,
            "patterns": [
                {"group": list(p.group), "visits": list(p.visits), "n": p.n, "total": p.total.tolist(),
                 "products": p.products[np.triu_indices(len(p.visits))].tolist()} for p in sums.patterns
            ],
        }  # fmt: skip
    return {
        "schema": STRATA, **shared, "others": list(sums.others), "binary": sums.binary,
        "cells": [
            {"names": list(k), "n": n, "mean": m.tolist(), "cross": c.tolist()}
            for k, n, m, c in zip(sums.names, sums.n.tolist(), sums.mean, sums.cross, strict=True)
        ],
    }  # fmt: skip


def to_json(sums: Sums) -> str:
    return json.dumps(to_dict(sums), ensure_ascii=False, allow_nan=False, sort_keys=True)


def from_json(text: str) -> Sums:
    """NotTheSums unless the text is what `to_json` writes, within bounds, and could be the sums of people."""
    if len(text.encode()) > MOST_BYTES:
        raise NotTheSums(why=f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise NotTheSums(why="it is not JSON") from None
    return from_dict(found)


def from_dict(data: Any) -> Sums:
    """As `from_json`, of values that were read already."""
    if not isinstance(data, dict) or data.get("schema") not in {MOMENTS, STRATA}:
        raise NotTheSums(why="it does not name a schema known here")
    if data.get("version") != VERSION:
        raise NotTheSums(why=f"it is of another version than {VERSION}")
    try:
        return _moments(data) if data["schema"] == MOMENTS else _strata(data)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise NotTheSums(why="a field is missing or has another shape") from None


def _shared(data: Mapping[str, Any]) -> dict[str, Any]:
    left = tuple(LeftOut(str(reason), _count(n)) for reason, n in data["left_out"])
    return {
        "columns": _names(data["columns"]), "left_out": left, "withheld": _count(data["withheld"]),
        "withheld_at_most": _count(data["withheld_at_most"]),
    }  # fmt: skip


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(v, str) and len(v) <= 200 for v in values):
        raise ValueError
    return tuple(values)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise ValueError
    return int(value)


def _floats(values: Any, *shape: int) -> Floats:
    found = np.array(values, dtype=np.float64)
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError
    return found


def _possible(n: float, total: Floats, products: Floats) -> bool:
    """Whether n vectors with this sum could have these sums of products."""
    inner = products - np.outer(total, total) / n
    size = float(np.max(np.abs(products), initial=0.0))
    return size == 0 or float(np.linalg.eigvalsh(inner)[0]) >= -1e-8 * size * max(1.0, len(total))


def _moments(data: Mapping[str, Any]) -> Moments:
    times = _floats(data["times"], len(data["times"]))
    if not 1 <= len(times) <= MOST_TIMES or (np.diff(times) <= 0).any() or len(data["patterns"]) > MOST_ROWS:
        raise NotTheSums(why="its times or patterns are too many, or not in order")
    origin, unit = _floats([data["origin"], data["unit"]], 2)
    if not unit > 0:
        raise ValueError
    shared, patterns, seen = _shared(data), [], set()
    for row in data["patterns"]:
        group, visits, n = _names(row["group"]), tuple(_count(v) for v in row["visits"]), _count(row["n"])
        total = _floats(row["total"], len(visits))
        products = np.zeros((len(visits), len(visits)))
        products[np.triu_indices(len(visits))] = _floats(row["products"], len(visits) * (len(visits) + 1) // 2)
        products = np.triu(products) + np.triu(products, 1).T
        if list(visits) != sorted(set(visits)) or not visits or visits[-1] >= len(times) or n < 1:
            raise ValueError
        if len(group) != len(shared["columns"]) or (group, visits) in seen:
            raise ValueError
        if not _possible(n, total, products):
            raise NotTheSums(why="no people could have these sums")
        seen.add((group, visits))
        patterns.append(Pattern(group, visits, n, total, products))
    return Moments(
        tuple(float(t) for t in times), origin=float(origin), unit=float(unit), patterns=merged(patterns), **shared
    )


def _strata(data: Mapping[str, Any]) -> Strata:
    shared, others, binary = _shared(data), _names(data["others"]), data["binary"]
    cells = data["cells"]
    if not isinstance(binary, bool) or len(cells) > MOST_ROWS:
        raise ValueError
    wide = len(cells[0]["mean"]) if cells else 1
    names = tuple(_names(c["names"]) for c in cells)
    n = _floats([_count(c["n"]) for c in cells], len(cells))
    mean, cross = (
        _floats([c["mean"] for c in cells] or np.zeros((0, wide)), len(cells), wide),
        _floats([c["cross"] for c in cells] or np.zeros((0, wide, wide)), len(cells), wide, wide),
    )
    if len(set(names)) < len(names) or any(len(k) != len(shared["columns"]) + len(others) for k in names):
        raise ValueError
    for i in range(len(cells)):
        if not n[i] >= 1 or not _possible(1.0, np.zeros(wide), (cross[i] + cross[i].T) / 2):
            raise NotTheSums(why="no people could have these sums")
        if binary and not (
            0 <= mean[i, 0] <= 1 and math.isclose(n[i] * mean[i, 0], round(n[i] * mean[i, 0]), abs_tol=1e-6)
        ):
            raise NotTheSums(why="no people could have these sums")
    return Strata(names=names, others=others, n=n, mean=mean, cross=cross, binary=binary, **shared)


# ------------------------------------------------------------------------------------------- together


@dataclass(frozen=True)
class Combined:
    """sums: of all sites, for `fit_slopes` or `fit_gaps`. people: that each site counted. withheld: patterns or cells
    that each site kept back, where any."""

    sums: Sums
    people: dict[str, int]
    withheld: dict[str, int]

    @property
    def says(self) -> str:
        total = sum(self.people.values())
        told = f"{total} people of {len(self.people)} sites, as sums."
        if not self.withheld:
            return f"{told} Nothing was withheld: the answer is the one that all people together would give."
        sites = listed(f"{site} ({n})" for site, n in self.withheld.items())
        return (
            f"{told} Small patterns were withheld by {sites}: at most {self.sums.withheld_at_most} people are missing "
            "from the answer, and they need not be like the others."
        )


def combine(tables: Mapping[str, Sums]) -> Combined:
    """Adds the tables of sites, by name. NotAddable where kinds, columns or covariates differ."""
    if not tables:
        raise TooFew(what="sites", found=0, needed=1)
    every = list(tables.values())
    for other in every[1:]:
        if type(other) is not type(every[0]):
            raise NotAddable(why="some are of repeated scores, some of strata")
        if other.columns != every[0].columns:
            raise NotAddable(why="the group columns differ")
    sums = _add_moments([t for t in every if isinstance(t, Moments)]) if isinstance(every[0], Moments) else _add_strata(
        [t for t in every if isinstance(t, Strata)]
    )  # fmt: skip
    people = {site: t.n if isinstance(t, Moments) else t.people for site, t in tables.items()}
    return Combined(sums, people, {site: t.withheld for site, t in tables.items() if t.withheld})


def _left(tables: list[Any]) -> dict[str, Any]:
    found: dict[str, int] = {}
    for t in tables:
        for x in t.left_out:
            found[x.reason] = found.get(x.reason, 0) + x.n
    return {
        "left_out": tuple(LeftOut(reason, n) for reason, n in found.items()),
        "withheld": sum(t.withheld for t in tables), "withheld_at_most": sum(t.withheld_at_most for t in tables),
    }  # fmt: skip


def _add_moments(tables: list[Moments]) -> Moments:
    times = sorted({t for table in tables for t in table.times})
    if len(times) > MOST_TIMES:
        raise NotAddable(why=f"together they have more than {MOST_TIMES} different times")
    origin, unit = tables[0].origin, tables[0].unit
    at = {t: i for i, t in enumerate(times)}
    patterns = [
        replace(p, visits=tuple(at[table.times[v]] for v in p.visits))
        for table in tables for p in table.moved(origin, unit).patterns
    ]  # fmt: skip
    return Moments(tuple(times), tables[0].columns, origin, unit, merged(patterns), **_left(tables))


def _add_strata(tables: list[Strata]) -> Strata:
    first = tables[0]
    for t in tables:
        if (t.others, t.binary, t.mean.shape[1]) != (first.others, first.binary, first.mean.shape[1]):
            raise NotAddable(why="the covariates or the kind of outcome differ")
    return replace(together(tables), **_left(tables))
