"""What every statistic of the library hands back: frozen, finite, with its method, its source and a plain sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from kinweave.measures.refusals import OutOfRange


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with how sure it is.

    name: what it is, as a reader may see it. value: in `unit`. low, high: the ends of the interval; both None where
    none can be given (`how` says why). se: standard error of `value` on the scale where it was estimated. df: degrees
    of freedom of t, None for the normal. how: how the interval was made.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    se: float | None = None
    df: float | None = None
    unit: str = ""
    how: str = ""

    def excludes(self, value: float = 0.0) -> bool:
        """Whether the interval leaves `value` out; False without an interval."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" ({plain(self.low)} to {plain(self.high)})"
        return f"{plain(self.value)}{interval}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who is not in the numbers, and why. n: rows or people, as `reason` says."""

    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Table:
    """A result as rows; `str()` aligns it for a terminal. Cells are text, numbers or None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def __str__(self) -> str:
        text = [self.columns, *(tuple(_cell(c) for c in row) for row in self.rows)]
        wide = [max(len(row[i]) for row in text) for i in range(len(self.columns))]
        numeric = [
            all(isinstance(row[i], int | float) or row[i] is None for row in self.rows) and bool(self.rows)
            for i in range(len(self.columns))
        ]
        lines = (
            (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, wide, numeric, strict=True))
            for row in text
        )
        return "\n".join("  ".join(line).rstrip() for line in lines)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Base of every result.

    method, citation: name them wherever a figure is shown. n: who is in the numbers (`counted` says what is counted).
    left_out: who is not, and why. level: of the intervals. notes: what a reader must know besides.
    """

    method: str
    citation: str
    n: int
    counted: str = "people"
    left_out: tuple[LeftOut, ...] = ()
    level: float = 0.95
    estimates: tuple[Estimate, ...] = field(default=())
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # The last guard: no NaN and no infinity leaves this library, whatever went in.
        for name, value in _plain_fields(self).items():
            if not _finite(value):
                raise OutOfRange(what=name)

    @property
    def says(self) -> str:
        """One or two plain sentences."""
        return f"{self.method}: {'; '.join(f'{e.name} {e}' for e in self.estimates)}."

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of that name. KeyError if there is none."""
        for estimate in self.estimates:
            if estimate.name == name:
                return estimate
        raise KeyError(name)

    def table(self) -> Table:
        """The estimates, one a row."""
        return Table(
            ("estimate", "value", "low", "high", "se", "df", "unit"),
            tuple((e.name, e.value, e.low, e.high, e.se, e.df, e.unit) for e in self.estimates),
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values, with the sentence."""
        return {**_plain_fields(self), "says": self.says}

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)


def _plain_fields(of: Any) -> dict[str, Any]:
    return {f.name: plain_value(getattr(of, f.name)) for f in fields(of) if f.repr}


def plain_value(value: Any) -> Any:
    """Any result's part as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "__dataclass_fields__"):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(plain_value(k)): plain_value(v) for k, v in value.items()}
    if hasattr(value, "tolist"):
        return plain_value(value.tolist())
    if isinstance(value, list | tuple):
        return [plain_value(v) for v in value]
    return value


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(_finite(v) for v in value.values())
    if isinstance(value, list):
        return all(_finite(v) for v in value)
    return True


def plain(value: float) -> str:
    """A number as a reader wants it: three figures that matter, no exponent between a thousandth and a million."""
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def some(reasons: Iterable[tuple[str, int]]) -> tuple[LeftOut, ...]:
    """The reasons that anybody was left out for."""
    return tuple(LeftOut(reason, int(n)) for reason, n in reasons if n)


def listed(words: Iterable[str]) -> str:
    """a, b and c."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""
