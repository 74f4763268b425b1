"""The lake's shape: frozen column lists, and nothing a person could be known by.

A month is an int32 `year * 12 + month - 1` (see `month_index`), so that months can be subtracted. Person and
worker numbers are fresh pseudonyms, made anew by the caller at every rebuild and never stored elsewhere.
`code` columns hold short codes from a closed list (no blanks, no sentences): the writer refuses all else.

`answers` holds each person's first whole answers to a questionnaire that was asked in two languages or more, for one
use: to see whether the questions mean the same in both. It has numbers of its own, so that an answer stands beside no
place, group, month or score of its person. The questions about danger are in it as well: they are part of the score,
and the ones most likely to be understood otherwise; left out, a verdict would be about another questionnaire.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from kinweave.core.problems import Problem

CODE: Final = pa.dictionary(pa.int32(), pa.string())
NUMBER: Final = pa.int64()
MONTH: Final = pa.int32()
FLAG: Final = pa.bool_()

# What a row may be used for. `statistics` and `research` are consented to one by one; `both` says yes twice.
PURPOSES: Final = ("statistics", "research", "both")
KINDS: Final = ("session", "visit", "call", "group")


def _need(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


def _may(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=True)


SCHEMAS: Final[dict[str, pa.Schema]] = {
    "people": pa.schema(
        [
            _need("person", NUMBER),
            _need("place", NUMBER),
            _need("organisation", CODE),
            _need("programme", CODE),
            _may("gender", CODE),
            _may("age_band", CODE),
            _may("disability", CODE),
            _may("language", CODE),
            _may("dimension", CODE),
            _may("started_month", MONTH),
            _need("caregiver", FLAG),
            _need("purpose", CODE),
        ]
    ),
    "scores": pa.schema(
        [
            _need("person", NUMBER),
            _need("place", NUMBER),
            _need("instrument", CODE),
            _need("scale", CODE),
            _may("language", CODE),
            _need("month", MONTH),
            _may("months_since_start", pa.int32()),
            _need("value", pa.float64()),
            _may("band", CODE),
            _need("item_missing", pa.int32()),
            # Set when the checks on data quality think the row was copied or hurried; such a row is not counted.
            _need("doubtful", FLAG),
            _need("purpose", CODE),
        ]
    ),
    "answers": pa.schema(
        [
            _need("person", NUMBER),
            _need("instrument", CODE),
            _need("version", CODE),
            _need("language", CODE),
            # The question's place in that version, from 0: its code may be anything.
            _need("item", pa.int32()),
            _need("answer", pa.int32()),
            _need("purpose", CODE),
        ]
    ),
    "contacts": pa.schema(
        [
            _need("person", NUMBER),
            _need("place", NUMBER),
            _need("month", MONTH),
            _may("months_since_start", pa.int32()),
            _need("kind", CODE),
            _need("planned", FLAG),
            _need("held", FLAG),
            _may("missed_reason", CODE),
            _may("worker", NUMBER),
            _may("step", CODE),
            _need("purpose", CODE),
        ]
    ),
    "pathway": pa.schema(
        [
            _need("person", NUMBER),
            _need("place", NUMBER),
            _need("month", MONTH),
            _need("state", CODE),
            _may("reason", CODE),
            _need("purpose", CODE),
        ]
    ),
    # A goal of the person's own: written down (`set`), or reached. Its words stay in care.
    "goals": pa.schema(
        [
            _need("person", NUMBER),
            _need("place", NUMBER),
            _need("month", MONTH),
            _may("months_since_start", pa.int32()),
            _need("what", CODE),
            _need("purpose", CODE),
        ]
    ),
    # Without their persons; of one person's alerts in three months only the one that was answered worst.
    "risks": pa.schema(
        [
            _need("place", NUMBER),
            _need("month", MONTH),
            _need("acknowledged_in_time", FLAG),
            _may("closed_month", MONTH),
            _need("purpose", CODE),
        ]
    ),
    # One row for each head that was counted at a circle for the first time; circles name nobody.
    "circles": pa.schema(
        [
            _need("place", NUMBER),
            _need("month", MONTH),
        ]
    ),
    # A worker's minutes in a month, under the number they have in `contacts`.
    "hours": pa.schema(
        [
            _need("worker", NUMBER),
            _need("month", MONTH),
            _need("paid", NUMBER),
            _need("unpaid", NUMBER),
        ]
    ),
    "places": pa.schema(
        [
            _need("place", NUMBER),
            _may("parent", NUMBER),
            _need("year", pa.int32()),
            _need("population", NUMBER),
        ]
    ),
}


def month_index(year: int, month: int) -> int:
    """The lake's number of a calendar month (1 to 12)."""
    if not 1 <= month <= 12:
        raise ValueError("month must be 1 to 12")
    return year * 12 + month - 1


class LakeShape(Problem):
    status = 500
    code = "lake-shape"
    says = "The table {table} does not have the lake's columns: {column} is wrong."
    remedy = "Compare it with the lake's shape; the lake takes those columns and no other."


class LakeText(Problem):
    status = 500
    code = "lake-text"
    says = "The column {column} of {table} holds something that is not a short code."
    remedy = "Send codes only. Names, sentences and dates may not enter the lake."
