"""The building blocks of sheets, as templates/desk/print/blocks.html sets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]


def heading(text: Any) -> Block:
    return {"kind": "heading", "text": str(text)}


def text(words: Any, look: str = "") -> Block:
    """A paragraph; look: "", "strong" or "small"."""
    return {"kind": "text", "text": str(words), "look": look}


def write(label: Any, help_: Any = "", rows: int = 1) -> Block:
    """A line to write on, or several."""
    return {"kind": "write", "label": str(label), "help": str(help_), "rows": range(rows)}


def pair(*labels: Any) -> Block:
    """Short lines to write on, side by side."""
    return {"kind": "pair", "labels": [str(label) for label in labels]}


def ticks(label: Any, options: Iterable[Any], numbered: bool = False) -> Block:
    """A question with boxes to tick, or with numbers to circle."""
    shown = [(n if numbered else "", str(option)) for n, option in enumerate(options, 1)]
    return {"kind": "ticks", "label": str(label), "options": shown}


def grid(label: Any, questions: Iterable[Any], options: Sequence[Any]) -> Block:
    """Several questions with the same numbered answers."""
    heads = [(n, str(option)) for n, option in enumerate(options, 1)]
    return {"kind": "grid", "label": str(label), "questions": [str(q) for q in questions], "options": heads}


def table(columns: Iterable[tuple[Any, str, int]], rows: int) -> Block:
    """Empty rows under columns of (label, hint, share of twelve)."""
    return {
        "kind": "table",
        "columns": [{"label": str(label), "hint": hint, "share": share} for label, hint, share in columns],
        "rows": range(1, rows + 1),
    }


def legend(label: Any, numbered: Iterable[tuple[int, str]]) -> Block:
    """What the numbers of a column stand for."""
    return {"kind": "legend", "label": str(label), "options": list(numbered)}


def leaves(purpose: Any, words: Mapping[str, Any]) -> Block:
    """What leaves and what stays for one purpose."""
    return {
        "kind": "leaves",
        "purpose": str(purpose),
        "to": str(words["to"]),
        "what": [str(one) for one in words["what"]],
        "stays": [str(one) for one in words["stays"]],
    }


def steps(words: Iterable[Any]) -> Block:
    return {"kind": "steps", "steps": [str(one) for one in words]}


def numbers(rows: Iterable[tuple[str, str]]) -> Block:
    """Whom to call: name and number."""
    return {"kind": "numbers", "rows": list(rows)}


def call(number: str) -> Block:
    """The emergency number at the foot of a sheet."""
    return {"kind": "call", "number": number}
