"""The one gate between counts and readers: exact counts go in, a table that is safe to show comes out.

Small counts are hidden, shown ones rounded, and as many others hidden as it takes that no hidden count can be
worked out by subtracting within the table, across tables of the same people, or across releases. What was
shown once stays as it was shown, what was hidden once stays hidden, and a period released once gets no new
cells, so that two releases can never be subtracted from each other.

Nobody ("0") is shown only beside a shown total. Known limit: someone who runs these very rules backwards over
every possible table finds no hidden number, but where two counts are shown as the same rounded number may learn
which of two hidden ones is the small one.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any, Final

from kinweave.core.problems import Problem
from kinweave.measures.disclosure_board import Board, Past, Rules
from kinweave.measures.disclosure_counts import Counts, Row, fill
from kinweave.measures.disclosure_keys import ALL, Key, NotTheGrid

__all__ = ["Cell", "Counts", "NotSafe", "NotTheGrid", "Row", "Rules", "SafeTable", "make_safe"]

_MADE: Final = object()
FORMAT: Final = 1


class NotSafe(Problem):
    status = 500
    code = "not-safe"
    says = "This table did not come through the disclosure rules, or was changed afterwards."
    remedy = "Make it again from the lake."


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a reader may see it. None: withheld.

    n: people, rounded; 0 where there was nobody; for a rate, inhabitants as published. parts: people in each
    part, rounded. mean, spread: of the measured people, one decimal, in the table's scale.
    """

    place: int
    period: int
    dimension: str
    group: str
    n: int | None
    parts: tuple[int | None, ...]
    mean: float | None = None
    spread: float | None = None


@dataclass(frozen=True)
class SafeTable:
    """A table that may be shown. Only `make_safe` makes one; `from_dict` reads back what it made."""

    name: str
    population: str
    kind: str
    parts: tuple[str, ...]
    series: tuple[str, ...]
    scale: float
    rules: Rules
    cells: tuple[Cell, ...]
    made: InitVar[object] = None

    def __post_init__(self, made: object) -> None:
        if made is not _MADE:
            raise NotSafe

    @property
    def hash(self) -> str:
        """SHA-256 over everything in the table."""
        return hashlib.sha256(_canonical(self._body())).hexdigest()

    def _body(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the hash."""
        plain: dict[str, Any] = json.loads(_canonical(self._body()))
        return plain | {"hash": self.hash}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> SafeTable:
        """The table that `to_dict` wrote; NotSafe if a value or the hash differs."""
        try:
            cells = tuple(Cell(**{**c, "parts": tuple(c["parts"])}) for c in data["cells"])
            table = SafeTable(
                name=data["name"],
                population=data["population"],
                kind=data["kind"],
                parts=tuple(data["parts"]),
                series=tuple(data["series"]),
                scale=data["scale"],
                rules=Rules(**data["rules"]),
                cells=cells,
                made=_MADE,
            )
            fits = table.to_dict() == dict(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotSafe from None
        if not fits:
            raise NotSafe
        return table

    def keys(self) -> dict[Key, int | None]:
        """Every count of the table by its key: the shown value, None where withheld."""
        found: dict[Key, int | None] = {}
        for c in self.cells:
            if self.kind != "rate":
                found[Key(self.population, c.place, c.period, c.dimension, c.group)] = c.n
            for series, value in zip(self.series, c.parts, strict=True):
                found[Key(series, c.place, c.period, c.dimension, c.group)] = value
        return found


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True).encode()


def _as_counted_now(table: Counts, old: SafeTable) -> SafeTable:
    """An earlier release of the same table; which of its parts are counts of other tables may be known better now."""
    again = old.name == table.name and old.parts == table.parts
    return replace(old, series=table.series, made=_MADE) if again else old


def _past(
    table: Counts, earlier: tuple[SafeTable, ...], beside: tuple[SafeTable, ...]
) -> tuple[Past, dict[tuple[int, int, str, str], Cell]]:
    """What earlier tables fixed for the counts of this one; the first value ever shown wins."""
    closed: frozenset[tuple[str, int]] = frozenset()
    fixed: dict[Key, int | None] = {}
    cells: dict[tuple[int, int, str, str], Cell] = {}
    mine = {table.population, *table.series}
    made_of: set[tuple[str, tuple[str, ...]]] = set()
    for i, old in enumerate(_as_counted_now(table, old) for old in (*earlier, *beside)):
        if mine.isdisjoint({old.population, *old.series}):
            continue
        for key, value in old.keys().items():
            # Of a count that was hidden in one table and shown in another, an attacker knows the number.
            if fixed.get(key) is None:
                fixed[key] = value
        if i < len(earlier):
            closed |= {(key.series, key.period) for key, _ in old.keys().items()}
        if old.kind != "rate":
            made_of.add((old.population, old.series))
        if old.name == table.name:
            if (old.parts, old.kind) != (table.parts, table.kind):
                raise NotTheGrid(table=table.name, rule="its parts differ from those of an earlier release")
            cells = {(c.place, c.period, c.dimension, c.group): c for c in old.cells} | cells
    return Past(fixed, tuple(sorted(made_of)), closed), cells


def _mean(table: Counts, row: Row | None, measured_shown: bool) -> tuple[float | None, float | None]:
    """Mean and spread to one decimal, or nothing: where the count is hidden or everyone gave the same."""
    if table.kind != "mean" or row is None or not measured_shown:
        return None, None
    n = row.parts[0]
    mean = row.total / n
    spread = math.sqrt(max(row.squares - n * mean * mean, 0.0) / (n - 1))
    shown = round(mean * table.scale, 1), round(spread * table.scale, 1)
    ends = [round(end * table.scale, 1) for end in (table.lowest, table.highest) if end is not None]
    return (None, None) if shown[1] == 0.0 or shown[0] in ends else (shown[0] + 0.0, shown[1])


def _cell(table: Counts, board: Board, key: Key, row: Row | None) -> Cell:
    at = (key.place, key.period, key.dimension, key.group)
    parts = tuple(board.shown(key._replace(series=series)) for series in table.series)
    if table.public_n:
        # Inhabitants by group are not known to us, so only whole places have a rate.
        n = table.inhabitants.get((key.place, key.period // 10)) if key.dimension == ALL else None
        return Cell(*at, n, parts)
    n = board.shown(key._replace(series=table.population))
    mean, spread = _mean(table, row, bool(parts[0]))
    return Cell(*at, n, parts, mean, spread)


def make_safe(
    table: Counts, rules: Rules, earlier: tuple[SafeTable, ...] = (), beside: tuple[SafeTable, ...] = ()
) -> SafeTable:
    """`table` as it may be shown after `earlier`: every table released before, of this release's too.

    beside: tables made just now of the very same people, which this one may part further (into combinations of their
    groups): what they show and hide stands, but they do not close their periods.

    Raises NotTheGrid where the table is not whole or its sums do not fit. Order matters: of two tables of one
    population made in one release, the second takes over which numbers of people are shown from the first.
    """
    full = fill(table)
    past, kept = _past(table, earlier, beside)
    board = Board(table, full, rules, past)
    board.finish()
    rows = {(r.place, r.period, r.dimension, r.group): r for r in table.rows}
    cells = dict(kept)
    for key in full.truth:
        at = key[1:]
        if key.place >= 0 and at not in cells:
            cells[at] = _cell(table, board, key, rows.get(at))
    ordered = tuple(cells[at] for at in sorted(cells))
    return SafeTable(
        table.name,
        table.population,
        table.kind,
        table.parts,
        table.series,
        table.scale,
        rules,
        ordered,
        _MADE,
    )
