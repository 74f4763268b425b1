"""The one way in: columns by name from whatever table a researcher has, or a refusal that names row and column.

Takes a dictionary of columns, pandas, polars, pyarrow, anything with the Arrow stream interface, or an Ibis table.
None of them is imported here but pyarrow, and that only when it is met.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinweave.measures.refusals import BadChoice, NoColumn, NotAllowedHere, NotANumber, NotReadable, UnequalColumns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Labels(NamedTuple):
    """A column of groups. codes: (rows,), −1 where missing; names: what each code means, sorted."""

    codes: Ints
    names: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """Columns of one length; `rows` may be 0."""

    columns: Mapping[str, Any]
    rows: int

    def __repr__(self) -> str:
        # Never the values: a repr ends in logs.
        return f"Frame({self.rows} rows: {', '.join(self.columns)})"

    def numbers(self, name: str, *, low: float | None = None, high: float | None = None, whole: bool = False) -> Floats:
        """The column as floats, (rows,), NaN where a cell is empty.

        low, high: what the column may hold. NotANumber or NotAllowedHere name the first row at fault.
        """
        found = _floats(self.columns[name], name)
        known = ~np.isnan(found)
        _refuse(known & np.isinf(found), name, None)
        if whole:
            _refuse(known & (found != np.floor(found)), name, "only whole numbers can stand here")
        if low is not None:
            _refuse(known & (found < low), name, f"nothing below {low:g} can stand here")
        if high is not None:
            _refuse(known & (found > high), name, f"nothing above {high:g} can stand here")
        return found

    def labels(self, name: str) -> Labels:
        """The column as groups; empty cells and empty text are missing."""
        return _labels(self.columns[name])

    def each(self, names: Sequence[str]) -> tuple[Labels, ...]:
        return tuple(self.labels(name) for name in names)


def is_ibis(data: Any) -> bool:
    """Whether `data` is an Ibis table, without importing Ibis."""
    return type(data).__module__.startswith("ibis.") and hasattr(data, "to_pyarrow")


def names_of(data: Any) -> list[str]:
    """The columns there are."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    if hasattr(data, "column_names"):  # pyarrow
        return list(data.column_names)
    if hasattr(data, "columns"):  # pandas, polars, Ibis
        return [str(name) for name in data.columns]
    raise NotReadable(found=type(data).__name__)


def check_columns(data: Any, wanted: Iterable[str]) -> None:
    """NoColumn unless every wanted column is there."""
    there = names_of(data)
    for name in wanted:
        if name not in there:
            raise NoColumn(column=name, columns=", ".join(there) or "none")


def read(data: Any, wanted: Iterable[str | None]) -> Frame:
    """The wanted columns (None is skipped) of `data`, in memory."""
    names = list(dict.fromkeys(name for name in wanted if name is not None))
    if isinstance(data, Frame):
        check_columns(data.columns, names)
        return data
    if not isinstance(data, Mapping) and hasattr(data, "__arrow_c_stream__") and not hasattr(data, "columns"):
        data = _arrow(data)
    check_columns(data, names)
    if is_ibis(data):
        data = data.select(*names).to_pyarrow()
    columns: dict[str, Any] = {name: _column(data[name]) for name in names}
    rows = {name: len(column) for name, column in columns.items()}
    first = next(iter(rows.values()), 0)
    for name, count in rows.items():
        if count != first:
            raise UnequalColumns(column=name, rows=count, others=first)
    return Frame(columns, first)


def _arrow(data: Any) -> Any:
    import pyarrow as pa

    return pa.table(data)


def _column(column: Any) -> Any:
    """One column as an array: floats where it is numbers already, objects with None otherwise."""
    if hasattr(column, "to_pylist"):  # pyarrow
        return _from_arrow(column)
    if hasattr(column, "to_arrow"):  # polars
        return _from_arrow(column.to_arrow())
    if hasattr(column, "to_numpy"):  # pandas
        found = column.to_numpy()
        return found if found.dtype.kind in "fiub" else np.asarray(column.astype(object), dtype=object)
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise NotReadable(found=f"a column with {column.ndim} dimensions")
        return column
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise NotReadable(found="a column that is not a list")
    made = list(column)
    found = np.empty(len(made), dtype=object)
    found[:] = made
    return found


def _from_arrow(column: Any) -> Any:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    found = np.empty(len(column), dtype=object)
    found[:] = column.to_pylist()
    return found


def _empty(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, float | np.floating):
        return bool(math.isnan(value))
    return type(value).__name__ in {"NAType", "NaTType"}


def _one(value: Any) -> float | None:
    """A cell as a number; None if it is none. Never raises."""
    if _empty(value):
        return math.nan
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    # "nan" as text is not an empty cell, and "1_000" is not how people write numbers.
    return None if math.isnan(found) or (isinstance(value, str) and "_" in value) else found


def _floats(column: Any, name: str) -> Floats:
    if column.dtype.kind in "fiub":
        return np.asarray(column, dtype=np.float64)
    found = np.empty(len(column), dtype=np.float64)
    for row, value in enumerate(column):
        number = _one(value)
        if number is None:
            raise NotANumber(row=row + 1, column=name)
        found[row] = number
    return found


def _labels(column: Any) -> Labels:
    if column.dtype.kind in "iub":
        names, codes = np.unique(column, return_inverse=True)
        return Labels(codes.astype(np.int64), tuple(str(n) for n in names))
    if column.dtype.kind == "f":
        known = np.isfinite(column)
        names, found = np.unique(column[known], return_inverse=True)
        codes = np.full(len(column), -1, dtype=np.int64)
        codes[known] = found
        return Labels(codes, tuple(f"{n:.15g}" for n in names))
    text = np.array(["" if _empty(v) else _name(v) for v in column], dtype=object)
    kinds = sorted(set(text) - {""})
    index = {name: code for code, name in enumerate(kinds)} | {"": -1}
    return Labels(np.array([index[v] for v in text], dtype=np.int64), tuple(kinds))


def _name(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float | np.floating) else str(value).strip()


def _refuse(wrong: NDArray[np.bool_], name: str, rule: str | None) -> None:
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        raise NotANumber(row=row, column=name) if rule is None else NotAllowedHere(row=row, column=name, rule=rule)


def groups_of(labels: Sequence[Labels]) -> tuple[Ints, tuple[tuple[str, ...], ...]]:
    """Every combination of the labels that occurs: codes (rows,), −1 where one is missing; the names of each.

    Sorted by the order of the names, the first column slowest.
    """
    if not labels:
        raise BadChoice(name="groups", allowed="at least one column")
    missing = np.any([label.codes < 0 for label in labels], axis=0)
    joint = np.zeros(len(labels[0].codes), dtype=np.int64)
    for label in labels:
        joint = joint * max(len(label.names), 1) + np.maximum(label.codes, 0)
    kinds, found = np.unique(joint[~missing], return_inverse=True)
    codes = np.full(len(joint), -1, dtype=np.int64)
    codes[~missing] = found
    names = []
    for kind in kinds:
        left, parts = int(kind), []
        for label in reversed(labels):
            left, code = divmod(left, max(len(label.names), 1))
            parts.append(label.names[code])
        names.append(tuple(reversed(parts)))
    return codes, tuple(names)


def check_level(level: float) -> float:
    if not 0.5 <= level < 1:
        raise BadChoice(name="level", allowed="from 0.5 to below 1, such as 0.95")
    return level
