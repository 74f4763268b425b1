"""The parts that need a little arithmetic or a form's inside; the rest are plain includes in templates/parts.

Load with `{% load kw %}`. Every tag's arguments are listed in its docstring; texts come in already translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, widgets
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from kinweave.front.languages import unchecked
from kinweave.front.problem_words import told
from kinweave.front.templatetags import kw_charts as draw

register = template.Library()

NEUTRAL_SITE = "https://www.wikipedia.org/"
KINDS: tuple[tuple[type[widgets.Widget], str], ...] = (  # the first that fits decides how a field is asked
    (widgets.CheckboxSelectMultiple, "checkboxes"),
    (widgets.RadioSelect, "radios"),
    (widgets.CheckboxInput, "tick"),
    (widgets.Widget, "control"),
)


@register.simple_tag
def language_unchecked() -> bool:
    """Whether the page must say that a machine translated it and no speaker has checked that."""
    return unchecked(get_language() or settings.LANGUAGE_CODE)


@register.simple_tag
@lru_cache(maxsize=512)  # a page has a dozen, and they are the same on every page
def icon(name: str, turns: bool = False) -> SafeString:
    """A Lucide icon beside a word. `turns`: it points along the text and mirrors in right-to-left."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        " turns" if turns else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def exit_url() -> str:
    """Where quick exit leads: setting KINWEAVE_EXIT_URL, else an encyclopedia's front page."""
    return str(getattr(settings, "KINWEAVE_EXIT_URL", "") or NEUTRAL_SITE)


@register.filter
def plain(value: Any) -> str:
    """A number as people say it: at most one decimal, none when it is whole."""
    return "" if value is None else draw.plain_number(value)


@register.inclusion_tag("parts/progress.html")
def progress(done: int, total: int, label: str = "") -> dict[str, Any]:
    """`{% progress 3 9 %}` → a bar and "3 of 9"; `label` says of what, for those who listen."""
    return {"done": done, "total": total, "label": label}


@register.inclusion_tag("parts/dots.html")
def dots(
    segments: Sequence[Mapping[str, Any]],
    of: int = 10,
    sentence: str = "",
    n: int | None = None,
    note: str = "",
) -> dict[str, Any]:
    """`{% dots segments sentence=… n=273 %}`; a segment is {count, kind: full|half|ring|gap, label}.

    The counts must add up to `of` (ValueError otherwise); rounding is the caller's, by largest remainder.
    """
    row = draw.dot_row(segments, of, mirrored=get_language_bidi())
    spoken = _(", ").join(str(s["label"]) for s in segments if s["count"])
    return {
        "dots": row,
        "segments": segments,
        "inline": 30 * of,
        "spoken": spoken,
        "sentence": sentence,
        "n": n,
        "note": note,
        "of": of,
    }


@register.inclusion_tag("parts/number.html")
def number(
    label: str,
    value: int | None = None,
    of: int = 10,
    percent: float | None = None,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
    missed: int | None = None,
    withheld: bool = False,
) -> dict[str, Any]:
    """`{% number label=… value=7 of=10 percent=68 low=61 high=74 n=273 missed=41 %}`; percents are 0–100.

    `withheld=True` says that the number is kept back because too few people stand behind it.
    """
    flip = get_language_bidi()

    def place(p: float | None) -> float | None:
        return None if p is None else round(100 - p if flip else p, 2)

    return {
        "label": label,
        "value": value,
        "of": of,
        "percent": percent,
        "low": low,
        "high": high,
        "n": n,
        "missed": missed,
        "withheld": withheld or value is None,
        "at": place(percent),
        "from_": place(low),
        "to": place(high),
    }


@register.inclusion_tag("parts/intervals.html")
def intervals(rows: Sequence[Mapping[str, Any]], caption: str, first: str, of: float = 10.0) -> dict[str, Any]:
    """`{% intervals rows caption first %}`: a table with each value drawn between 0 and `of`, its reach beside it.

    A row is {name, value, low|None, high, n}; the order is the caller's, and says nothing of rank.
    """
    flip = get_language_bidi()

    def place(value: float) -> float:
        share = min(max(100 * value / of, 0.0), 100.0)
        return round(100 - share if flip else share, 2)

    drawn = [
        {**row, "at": place(row["value"])}
        | ({} if row["low"] is None else {"from_": place(row["low"]), "to": place(row["high"])})
        for row in rows
    ]
    return {"rows": drawn, "caption": caption, "first": first}


@register.inclusion_tag("parts/line.html")
def line_chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    """`{% line_chart chart %}`: sentence, chart, table.

    chart: sentence, desc, series [{name, points [{x, label, value|None, low, high, n, words}]}], y_min, y_max,
    unit ("%"), better ("Lower is better"), limit {value, label}, ends {x, label}, first_column. ValueError when no
    point is measured.
    """
    series = chart["series"]
    frame = draw.frame_for(series, chart, mirrored=get_language_bidi())
    ticks = draw.nice_ticks(frame.y_low, frame.y_high)
    points = [p for s in series for p in s["points"]]
    limit, ends = chart.get("limit"), chart.get("ends")
    return {
        "chart": chart,
        "lines": [draw.draw_series(s, i, len(series), frame) for i, s in enumerate(series)],
        "ticks": [plain_tick(t, chart) for t in reversed(ticks)],
        "grid": [frame.down(t) for t in ticks],
        "columns": draw.x_ticks(points, frame),
        "limit_at": frame.down(limit["value"]) if limit else None,
        "ends_at": frame.across(float(ends["x"])) if ends else None,
        "rows": table_rows(series),
        "words": [p for p in points if p.get("words")],
        "height": draw.PLOT_TOP * 2 + draw.PLOT_HEIGHT + 22,
        "floor": draw.PLOT_TOP + draw.PLOT_HEIGHT,
        "text_at": draw.PLOT_TOP * 2 + draw.PLOT_HEIGHT + 14,
    }


def plain_tick(value: float, chart: Mapping[str, Any]) -> str:
    return draw.plain_number(value) + str(chart.get("unit", ""))


def table_rows(series: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per moment: {label, cells: one point or None per series}, in order of time."""
    moments = sorted({float(p["x"]): str(p["label"]) for s in series for p in s["points"]}.items())
    found = [{float(p["x"]): p for p in s["points"]} for s in series]
    return [{"label": label, "cells": [f.get(x) for f in found]} for x, label in moments]


@register.inclusion_tag("parts/place_map.html")
def place_map(places: Sequence[Mapping[str, Any]], sentence: str = "", of: int = 10, note: str = "") -> dict[str, Any]:
    """`{% place_map places sentence=… %}`; a place is {name, count (of `of`) or withheld, n, said, url, row, col}.

    row and col (1–6) lay the tiles roughly as the places lie; without them they stand in the order given.
    """
    flip = get_language_bidi()
    tiles = []
    for place in places:
        held = bool(place.get("withheld")) or place.get("count") is None
        filled = (
            []
            if held
            else [
                {"kind": "full", "count": place["count"]},
                {"kind": "gap", "count": of - int(place["count"])},
            ]
        )
        row = () if held else draw.dot_row(filled, of, mirrored=flip)
        tiles.append({**place, "held": held, "dots": row})
    columns = max((int(p.get("col") or 0) for p in places), default=0)
    return {
        "tiles": tiles,
        "columns": min(columns, 6),
        "inline": 30 * of,
        "of": of,
        "sentence": sentence,
        "note": note,
    }


@register.inclusion_tag("parts/error_summary.html")
def error_summary(form: BaseForm | None = None, problem: Any = None) -> dict[str, Any]:
    """`{% error_summary form=form problem=problem %}`; says nothing when there is nothing to say.

    `problem`: a core Problem or its as_dict(). Each field's error links to the field.
    """
    items = []
    if form is not None and form.is_bound:
        items += [{"says": e, "target": ""} for e in form.non_field_errors()]
        for field in form:
            items += [{"says": e, "target": first_control(field)} for e in field.errors]
    return {"items": items, "problem": as_problem(problem)}


def as_problem(problem: Any) -> dict[str, Any] | None:
    if problem is None or problem == "":
        return None
    return told(problem)


def first_control(field: BoundField) -> str:
    """The id of the field's first control, which is where a link in the summary must land."""
    return f"{field.auto_id}_0" if kind_of(field) in ("radios", "checkboxes") else str(field.auto_id)


def kind_of(field: BoundField) -> str:
    return next(kind for widget, kind in KINDS if isinstance(field.field.widget, widget))


@register.inclusion_tag("parts/question.html")
def field(bound: BoundField, why: str = "", alone: bool = False) -> dict[str, Any]:
    """`{% field form.name why=… alone=True %}`: one Django form field asked in the question part.

    Choices become big radios or tick rows; an option whose value is "declined" stands apart.
    """
    kind = kind_of(bound)
    said = [f"{bound.auto_id}_help"] if bound.help_text else []
    said += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(said)} if said else {}
    q: dict[str, Any] = {
        "id": bound.auto_id,
        "name": bound.html_name,
        "legend": bound.label,
        "help": bound.help_text,
        "why": why,
        "alone": alone,
        "kind": kind,
        "error": " ".join(map(str, bound.errors)),
        "optional": not bound.field.required,
    }
    if kind in ("radios", "checkboxes"):
        q["options"], q["value"] = choices_of(bound)
    else:
        q["control"] = bound.as_widget(attrs=attrs)
    return {"q": q}


def choices_of(bound: BoundField) -> tuple[list[dict[str, Any]], list[str]]:
    held = bound.value()
    chosen = [str(v) for v in held] if isinstance(held, (list, tuple)) else [str(held)] if held is not None else []
    options = []
    for value, label in bound.field.choices:  # type: ignore[attr-defined]
        if isinstance(label, (list, tuple)):  # a group: its options follow one another
            options += [{"value": str(v), "label": la} for v, la in label]
        elif str(value) != "":
            options.append({"value": str(value), "label": label})
    return options, chosen


@register.filter
def chosen(q: Mapping[str, Any], value: Any) -> bool:
    """Is this option the one (or one of those) already answered?"""
    held = q.get("value")
    if isinstance(held, (list, tuple)):
        return str(value) in [str(v) for v in held]
    return held is not None and str(held) == str(value)


@register.simple_tag
def rather_not() -> str:
    """The words every question offers; one place, so that they never differ."""
    return _("I would rather not say")
