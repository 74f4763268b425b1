"""The scoring table: one JSON value that Python here and JavaScript on a phone read alike.

Everything in it is a whole number, a code or a list of them. The operations, all of them:

* points: an answer is looked up in its item's list of [answer, points] (reversal and recoding are already
  in that list);
* implied: an unanswered item takes a value when another item has one of certain answers;
* sum, mean, any over the points of the answered items; `need` answers at least, else there is no score
  (`any` is 1 as soon as one answered item is worth 1, however many are missing);
* fill: none (nothing may be missing), prorate (sum x items / answered), skip (mean or any of the answered);
* times [a, b]: multiply by a / b; then digits: value = floor((2 * top * 10**digits + bottom) / (2 * bottom)),
  where top / bottom is the exact fraction so far. No number exceeds 2**53, so doubles hold them exactly; in
  JavaScript take the floor as (x - x % y) / y;
* bands: the one with from <= value <= to.
"""

from __future__ import annotations

import hashlib
import json
from typing import TypedDict

from kinweave.core.instrument_types import Instrument, Scale


class TableItem(TypedDict):
    code: str
    values: list[int]


class TableImplied(TypedDict):
    when: str
    values: list[int]
    item: str
    value: int


class TablePoints(TypedDict):
    code: str
    points: list[list[int]]


TableBand = TypedDict("TableBand", {"code": str, "from": int, "to": int})


class TableScale(TypedDict):
    code: str
    op: str
    items: list[TablePoints]
    need: int
    fill: str
    times: list[int]
    digits: int
    rounding: str
    lowest: int
    highest: int
    bands: list[TableBand]


class TableCutOff(TypedDict):
    code: str
    scale: str
    rule: str
    value: int
    language: str
    population: str


class TableSafety(TypedDict):
    code: str
    item: str
    values: list[int]
    kind: str
    urgency: str
    says_key: str


class Table(TypedDict):
    """One version of one questionnaire's scoring; see the module for the meaning of every operation."""

    format: int
    slug: str
    version: str
    items: list[TableItem]
    implied: list[TableImplied]
    scales: list[TableScale]
    cutoffs: list[TableCutOff]
    safety: list[TableSafety]


def compile_table(instrument: Instrument) -> Table:
    """The instrument's scoring table: all rules and figures, no words and no citations."""
    return {
        "format": 1,
        "slug": instrument.slug,
        "version": instrument.version,
        "items": [{"code": item.code, "values": list(item.values)} for item in instrument.items],
        "implied": [
            {"when": rule.when, "values": list(rule.values), "item": rule.item, "value": rule.value}
            for rule in instrument.implied
        ],
        "scales": [_scale(scale) for scale in instrument.scales],
        "cutoffs": [
            {
                "code": cut.code,
                "scale": cut.scale,
                "rule": cut.rule,
                "value": cut.value,
                "language": cut.language,
                "population": cut.population,
            }
            for cut in instrument.cutoffs
        ],
        "safety": [
            {
                "code": rule.code,
                "item": rule.item,
                "values": list(rule.values),
                "kind": rule.kind,
                "urgency": rule.urgency,
                "says_key": rule.says_key,
            }
            for rule in instrument.safety
        ],
    }


def _scale(scale: Scale) -> TableScale:
    return {
        "code": scale.code,
        "op": scale.op,
        "items": [{"code": code, "points": [list(pair) for pair in pairs]} for code, pairs in scale.items],
        "need": scale.need,
        "fill": scale.fill,
        "times": list(scale.times),
        "digits": scale.digits,
        "rounding": "half_up",
        "lowest": scale.lowest,
        "highest": scale.highest,
        "bands": [{"code": band.code, "from": band.low, "to": band.high} for band in scale.bands],
    }


def canonical(table: Table) -> str:
    """Canonical JSON: keys sorted, no spaces, ASCII only, whole numbers only. The same in both languages."""
    return json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def table_hash(table: Table) -> str:
    """SHA-256 (64 hex digits) of the canonical JSON; kept with every response scored under this table."""
    return hashlib.sha256(canonical(table).encode("ascii")).hexdigest()
