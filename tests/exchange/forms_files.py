"""XLSForms as tests write them."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

LABELS = ("label::English (en)", "label::Arabic (ar)")


def workbook(**sheets: list[list[Any]]) -> bytes:
    """An .xlsx file of these sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def visit(form_id: str = "visit", version: str = "1", *, calculation: str = "${n} + 1", more: Any = ()) -> bytes:
    """A small form about a person: a list of people, a choice, a number, a repeat, a calculation, two languages."""
    return workbook(
        survey=[
            ["type", "name", *LABELS, "calculation", "relevant"],
            ["select_one_from_file people.csv", "person", "Who?", "من؟", "", ""],
            ["date", "taken_on", "When?", "متى؟", "", ""],
            ["select_one yn", "ok", "All well?", "بخير؟", "", ""],
            ["integer", "n", "How many?", "كم؟", "", "${ok} = 'yes'"],
            ["text", "words", "In your words", "بكلماتك", "", ""],
            ["begin_repeat", "child", "Child", "طفل", "", ""],
            ["integer", "age", "Age", "العمر", "", ""],
            ["end_repeat", "", "", "", "", ""],
            ["calculate", "next", "", "", calculation, ""],
            *more,
        ],
        choices=[
            ["list_name", "name", *LABELS],
            ["yn", "yes", "Yes", "نعم"],
            ["yn", "no", "No", "لا"],
        ],
        settings=[["form_id", "form_title", "version"], [form_id, "A visit", version]],
    )


def two_questions(version: str = "1") -> bytes:
    """Two questions that are those of PHQ-2, under other names."""
    words = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
    return workbook(
        survey=[
            ["type", "name", "label"],
            ["text", "who", "Whose code?"],
            ["select_one often", "interest", "Little interest?"],
            ["select_one often", "mood", "Feeling down?"],
        ],
        choices=[["list_name", "name", "label"], *([["often", n, word] for n, word in enumerate(words)])],
        settings=[["form_id", "version"], ["two", version]],
    )
