"""A spreadsheet from a coordinator as the sheets of an XLSForm, within bounds. Nothing in it is ever run."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

from kinweave.core.problems import Problem
from kinweave.core.sheets.table import Limits, Watch
from kinweave.core.sheets.xlsx import check_archive

SHEETS = ("survey", "choices", "settings", "entities", "osm", "external_choices")
LIMITS = Limits(
    size=5_000_000, rows=5_000, columns=300, seconds=20.0, entries=300, unpacked=40_000_000,
    shared_strings=20_000_000, ratio=100,
)  # fmt: skip
LONGEST = 20_000  # signs in one cell
Rows = list[dict[str, str]]
Sheets = dict[str, Rows]


class NotAForm(Problem):
    """The file cannot be read as a form at all. Facts: reason, a fixed phrase."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "not-an-xlsform"
    says: ClassVar[str] = "This file is not a form: {reason}."
    remedy: ClassVar[str] = "Choose an Excel file (.xlsx) with the sheets survey, choices and settings."


def read_workbook(raw: bytes, limits: Limits = LIMITS) -> Sheets:
    """The XLSForm sheets of a workbook, each a list of rows by heading. Raises NotAForm and every SheetProblem."""
    if len(raw) > limits.size:
        raise NotAForm(reason="it is too large")
    check_archive(lambda: io.BytesIO(raw), limits)
    from openpyxl import load_workbook
    from pyxform.xls2json_backends import xlsx_value_to_str

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False, keep_vba=False)
    except Exception:
        raise NotAForm(reason="Excel itself would not open it") from None
    found: Sheets = {}
    watch = Watch(limits.seconds)
    try:
        for sheet in book.worksheets:
            name = sheet.title.strip().lower()
            if name in SHEETS and name not in found:
                found[name] = _rows(sheet, watch, limits, xlsx_value_to_str)
    except Problem:
        raise
    except Exception:
        raise NotAForm(reason="one of its sheets is damaged") from None
    finally:
        book.close()
    if not found.get("survey"):
        raise NotAForm(reason="it has no sheet named survey with questions in it")
    return found


def _rows(sheet: Any, watch: Watch, limits: Limits, as_text: Any) -> Rows:
    sheet.reset_dimensions()
    headings: list[str] = []
    rows: Rows = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > limits.rows:
            raise NotAForm(reason="it has too many rows")
        if watch.out():
            raise NotAForm(reason="reading it takes too long")
        texts = ["" if cell is None else str(as_text(cell)).strip() for cell in cells[: limits.columns + 1]]
        if len(texts) > limits.columns and any(texts[limits.columns :]):
            raise NotAForm(reason="it has too many columns")
        if any(len(text) > LONGEST for text in texts):
            raise NotAForm(reason="one of its cells is too long")
        if not headings:
            headings = texts if any(texts) else []
        elif any(texts):
            rows.append({name: text for name, text in zip(headings, texts, strict=False) if name and text})
    return rows


def settings_of(sheets: Mapping[str, Rows]) -> dict[str, str]:
    """The one row of the settings sheet."""
    return dict((sheets.get("settings") or [{}])[0])
