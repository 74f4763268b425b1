"""From instrument.toml and <lang>.toml to the frozen values of `instrument_types`, every rule checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from kinweave.core.instrument_fields import Fields, read_toml
from kinweave.core.instrument_types import (
    Asked,
    Band,
    Change,
    CutOff,
    Implied,
    Instrument,
    Item,
    Licence,
    Points,
    SafetyRule,
    Scale,
)

FORMAT = 1
VALUE = (-999, 9_999)
"""Smallest and largest coded answer."""
POINTS = (0, 1_000)
OPS = ("sum", "mean", "any")
WAYS = ("worse", "better")
FILLS = ("none", "prorate", "skip")
RULES = ("at_least", "above", "at_most", "below")
CHANGES = ("reliable", "caseness", "smallest-that-matters")
URGENCIES = ("now", "today", "this-week")


def read_instrument(path: Path, slug: str) -> Instrument:
    """instrument.toml without its words. Raises InstrumentFault."""
    fields = Fields(read_toml(path), file=f"{slug}/{path.name}")
    fields.whole("format", FORMAT, FORMAT)
    if fields.code("slug") != slug:
        raise fields.fault("slug", "differs from the folder's name")
    items = _items(fields)
    known = {item.code: item for item in items}
    scales = tuple(_scale(row, known) for row in fields.rows("scale"))
    _no_twins(fields, "scale", (scale.code for scale in scales))
    by_code = {scale.code: scale for scale in scales}
    made = Instrument(
        slug=slug,
        version=fields.text("version"),
        key=fields.code("key"),
        name=fields.text("name"),
        origin=fields.text("origin"),
        recall_days=fields.whole("recall_days", 0, 36_600),
        asked=_asked(fields.table("asked")),
        licence=_licence(fields.table("licence")),
        items=items,
        implied=tuple(_implied(row, known) for row in fields.rows("implied")),
        scales=scales,
        cutoffs=tuple(_cutoff(row, by_code) for row in fields.rows("cutoff")),
        changes=tuple(_change(row, by_code) for row in fields.rows("change")),
        safety=tuple(_safety(row, known) for row in fields.rows("safety")),
        unverified=fields.texts("unverified"),
        wordings={},
    )
    _no_twins(fields, "cutoff", (cutoff.code for cutoff in made.cutoffs))
    _no_twins(fields, "safety", (rule.code for rule in made.safety))
    fields.done()
    return made


def _no_twins(fields: Fields, key: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise fields.fault(f"{key} {code}", "is there twice")
        seen.add(code)


def _asked(fields: Fields) -> Asked:
    asked = Asked(
        of=fields.one_of("of", ("person", "supporter", "worker", "anyone")),
        alone=fields.flag("alone"),
        interviewer=fields.flag("interviewer"),
        ages=fields.text("ages"),
    )
    fields.done()
    return asked


def _licence(fields: Fields) -> Licence:
    licence = Licence(
        tier=fields.one_of("tier", ("A", "B", "C")),
        statement=fields.text("statement"),
        citation=fields.text("citation"),
    )
    fields.done()
    return licence


def _items(fields: Fields) -> tuple[Item, ...]:
    responses: dict[str, tuple[int, ...]] = {}
    rows = fields.rows("response")
    for row in rows:
        code = row.code("code")
        if code in responses:
            raise row.fault("code", "is there twice")
        responses[code] = row.wholes("values", *VALUE)
        row.done()
    items: list[Item] = []
    for row in fields.rows("item"):
        response = row.one_of("response", responses)
        items.append(Item(row.code("code"), response, responses[response], row.text("loinc", "") or None))
        row.done()
    if not items:
        raise fields.fault("item", "is missing")
    _no_twins(fields, "item", (item.code for item in items))
    return tuple(items)


def _implied(fields: Fields, items: Mapping[str, Item]) -> Implied:
    when = items[fields.one_of("when", items)]
    item = items[fields.one_of("item", items)]
    rule = Implied(when.code, fields.wholes("values", *VALUE), item.code, fields.whole("value", *VALUE))
    if not set(rule.values) <= set(when.values) or rule.value not in item.values:
        raise fields.fault("values", "is no answer of that question")
    fields.done()
    return rule


def _scale(fields: Fields, items: Mapping[str, Item]) -> Scale:
    code = fields.code("code")
    op = fields.one_of("op", OPS)
    points = _points(fields, items)
    need = fields.whole("need", 1, len(points))
    fill = fields.one_of("fill", FILLS, "none")
    times = _times(fields)
    digits = fields.whole("digits", 0, 4, 0)
    fields.one_of("rounding", ("half_up",), "half_up")
    _check_fill(fields, op, points, need, fill)
    lowest, highest = _ends(op, points, times, digits)
    bands = _bands(fields, digits, lowest, highest)
    citation = fields.text("citation")
    higher_is, said_by = fields.one_of("higher_is", WAYS), fields.text("higher_is_by")
    fields.done()
    return Scale(code, op, points, need, fill, times, digits, lowest, highest, bands, citation, higher_is, said_by)


def _points(fields: Fields, items: Mapping[str, Item]) -> tuple[tuple[str, Points], ...]:
    """Points of every coded answer: as coded, reversed (lowest + highest - value) or recoded."""
    codes = fields.texts("items")
    if not codes:
        raise fields.fault("items", "is missing")
    _no_twins(fields, "items", codes)
    reverse = fields.texts("reverse")
    recode = fields.table("recode", {})
    if any(code not in items for code in codes):
        raise fields.fault("items", "names a question that is not there")
    if not set(reverse) <= set(codes) or not recode.names() <= set(codes) - set(reverse):
        raise fields.fault("reverse or recode", "names a question that is not in this scale, or one in both")
    recoded = recode.names()
    made: list[tuple[str, Points]] = []
    for code in codes:
        values = items[code].values
        worth = {value: value for value in values}
        if code in reverse:
            worth = {value: min(values) + max(values) - value for value in values}
        elif code in recoded:
            worth = _recoded(recode.table(code), values)
        if any(not POINTS[0] <= points <= POINTS[1] for points in worth.values()):
            raise fields.fault("items", f"is worth points outside {POINTS[0]} to {POINTS[1]}")
        made.append((code, tuple(sorted(worth.items()))))
    return tuple(made)


def _recoded(fields: Fields, values: tuple[int, ...]) -> dict[int, int]:
    worth = {value: fields.whole(str(value), *POINTS) for value in values}
    fields.done()
    return worth


def _times(fields: Fields) -> tuple[int, int]:
    if "times" not in fields:
        return (1, 1)
    top, bottom, *rest = (*fields.wholes("times", 1, 1_000), 1)
    if len(rest) > 1:
        raise fields.fault("times", "is not one or two whole numbers")
    return (top, bottom)


def _check_fill(fields: Fields, op: str, points: tuple[tuple[str, Points], ...], need: int, fill: str) -> None:
    """`fill` must say something exactly when answers may be missing, and fit the operation."""
    if (fill == "none") != (need == len(points)):
        raise fields.fault("fill", "must be none exactly when every answer is needed")
    if op == "any" and any(worth not in (0, 1) for _, pairs in points for _, worth in pairs):
        raise fields.fault("op", "any needs answers recoded to 0 and 1")
    if fill == "prorate" and (op != "sum" or len({_span(pairs) for _, pairs in points}) > 1):
        raise fields.fault("fill", "prorate needs a sum of questions with the same points")
    if fill == "skip" and op == "sum":
        raise fields.fault("fill", "a sum cannot skip: it would read silence as zero")


def _span(pairs: Points) -> tuple[int, int]:
    worth = [points for _, points in pairs]
    return min(worth), max(worth)


def _ends(op: str, points: tuple[tuple[str, Points], ...], times: tuple[int, int], digits: int) -> tuple[int, int]:
    spans = [(0, 1)] if op == "any" else [_span(pairs) for _, pairs in points]
    under = len(points) if op == "mean" else 1
    by = times[0] * 10**digits
    low, high = (half_up(sum(end) * by, under * times[1]) for end in zip(*spans, strict=True))
    return low, high


def half_up(top: int, bottom: int) -> int:
    """top / bottom (bottom > 0) to the nearest whole number, halves upwards, in whole numbers only."""
    return (2 * top + bottom) // (2 * bottom)


def scaled(fields: Fields, key: str, digits: int) -> int:
    """A figure in points as a whole number of 10**-digits. Raises InstrumentFault when it has more digits."""
    value = fields.number(key) * Decimal(10) ** digits
    if value != value.to_integral_value():
        raise fields.fault(key, "has more digits than its scale")
    return int(value)


def _bands(fields: Fields, digits: int, lowest: int, highest: int) -> tuple[Band, ...]:
    rows = fields.rows("band")
    starts = [(row.code("code"), scaled(row, "from", digits)) for row in rows]
    for row in rows:
        row.done()
    if not starts:
        return ()
    lows = [low for _, low in starts]
    if lows[0] != lowest or lows != sorted(set(lows)) or lows[-1] > highest:
        raise fields.fault("band", "must begin at the lowest score and rise within the scale")
    _no_twins(fields, "band", (code for code, _ in starts))
    highs = [low - 1 for low in lows[1:]] + [highest]
    return tuple(Band(code, low, high) for (code, low), high in zip(starts, highs, strict=True))


def _cutoff(fields: Fields, scales: Mapping[str, Scale]) -> CutOff:
    scale = scales[fields.one_of("scale", scales)]
    rules = [rule for rule in RULES if rule in fields]
    if len(rules) != 1:
        raise fields.fault("at_least", "exactly one of " + ", ".join(RULES) + " is needed")
    cutoff = CutOff(
        code=fields.code("code"),
        scale=scale.code,
        rule=rules[0],
        value=scaled(fields, rules[0], scale.digits),
        language=fields.language("language", "any", "unstated"),
        population=fields.code("population"),
        citation=fields.text("citation"),
    )
    if not scale.lowest <= cutoff.value <= scale.highest:
        raise fields.fault(rules[0], "is outside the scale")
    fields.done()
    return cutoff


def _change(fields: Fields, scales: Mapping[str, Scale]) -> Change:
    change = Change(
        scale=fields.one_of("scale", scales),
        kind=fields.one_of("kind", CHANGES),
        value=fields.number("value"),
        population=fields.code("population"),
        citation=fields.text("citation"),
    )
    fields.done()
    return change


def _safety(fields: Fields, items: Mapping[str, Item]) -> SafetyRule:
    item = items[fields.one_of("item", items)]
    if "min" in fields:
        least = fields.whole("min", *VALUE)
        values = tuple(value for value in item.values if value >= least)
    else:
        values = fields.wholes("values", *VALUE)
    if not values or not set(values) <= set(item.values):
        raise fields.fault("values", "is no answer of that question")
    rule = SafetyRule(
        code=fields.code("code"),
        item=item.code,
        values=values,
        kind=fields.code("kind"),
        urgency=fields.one_of("urgency", URGENCIES),
        says_key=fields.code("says_key"),
        basis=fields.text("basis"),
    )
    fields.done()
    return rule
