"""What reading one row gives: values or faults, always with its number, never with its content in a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .table import Notice, Row, letter


@dataclass(frozen=True)
class Twin:
    """An earlier row of the same file that may be about the same thing.

    `kind`: same-row (nothing differs), same-id, same-name-and-birth, sounds-alike.
    """

    kind: str
    row_no: int


@dataclass(frozen=True)
class RowResult:
    """One row understood, or set aside with its faults.

    `values` is None when there is any fault. `fingerprint` stays the same for the same content in any file;
    `identity` for the same person (or the same submission) even when other cells have changed.
    """

    row_no: int
    values: Mapping[str, Any] | None = field(repr=False)
    faults: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    twins: tuple[Twin, ...] = ()
    fingerprint: UUID | None = None
    identity: UUID | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        """accepted, set-aside or duplicate (the very same row came before)."""
        if self.faults:
            return "set-aside"
        return "duplicate" if any(t.kind == "same-row" for t in self.twins) else "accepted"


def at(row: int, column: int, code: str, says: str) -> Notice:
    """A notice that begins with where it is: 'Row 12, column C: this date is in the future.'"""
    where = f"Row {row}, column {letter(column)}" if column else f"Row {row}"
    return Notice(column, code, f"{where}: {says}")


def shape_faults(row: Row, width: int) -> list[Notice]:
    """What is wrong with a row before anyone looks at what it says."""
    faults = []
    if row.surplus:
        says = "it has more cells than there are headings, so its values may have shifted."
        faults.append(at(row.number, width + 1, "too-many-cells", says))
    if row.too_long:
        faults.append(at(row.number, row.too_long, "cell-too-long", "the text is too long for a cell."))
    return faults
