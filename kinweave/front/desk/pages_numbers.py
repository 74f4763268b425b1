"""Looking through the numbers: one place and one question at a time, each with its interval, whom it stands on and whom
it misses. Safe numbers only, as the learn process left them; nothing is counted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kinweave.front.desk.pages_languages import LANGUAGE, by_language, line_name
from kinweave.front.desk.pages_releases import QUESTIONS, quarter_words
from kinweave.front.desk.people_parts import said_day
from kinweave.house import reach
from kinweave.house.access import Actor
from kinweave.house.models import Place
from kinweave.learn.explored import explored
from kinweave.listen.shelf import instruments

SEE = "learn.see"
FEWEST = 2  # points that make a line
SPLITS = (
    ("gender", gettext_lazy("Women and men")),
    ("age_band", gettext_lazy("Age")),
    ("disability", gettext_lazy("Disability")),
    ("dimension", gettext_lazy("Groups here")),
    (LANGUAGE, gettext_lazy("Language of asking")),
)
PARTS = {
    "better": gettext_lazy("Felt clearly better"), "worse": gettext_lazy("Felt clearly worse"),
    "same": gettext_lazy("Felt about the same"), "missed": gettext_lazy("Not reached"),
    "unmet": gettext_lazy("Still waiting, or we left them"), "began": gettext_lazy("Started"),
    "not_needed": gettext_lazy("Needed no more than advice"), "own_choice": gettext_lazy("Chose not to go on"),
    "came_back": gettext_lazy("Came back"), "stayed_away": gettext_lazy("Did not come back"),
    "measured": gettext_lazy("Asked again"), "reached": gettext_lazy("Started"),
    "goal_reached": gettext_lazy("Reached a goal of their own"), "not_reached": gettext_lazy("Reached none yet"),
    "no_goal": gettext_lazy("No goal written down"),
    "joined": gettext_lazy("Came to a circle for the first time"),
    "late": gettext_lazy("Answered too late"), "done": gettext_lazy("Answered in time and seen through"),
    "band_1": gettext_lazy("Lowest band"), "band_2": gettext_lazy("Middle band"),
    "band_3": gettext_lazy("Highest band"),
}  # fmt: skip
# What it means to know nothing later, where it is not that somebody was not reached.
MISSED = {
    "own-goals": gettext_lazy("Not met again"),
    "alerts-answered": gettext_lazy("Answered in time, the rest not known"),
}
# Tables that count something other than people who are accompanied: of what, and what stands under "People".
OTHERS = {
    "alerts-answered": (gettext_lazy("Of ten alerts."), gettext_lazy("Alerts")),
    "unpaid-hours": (gettext_lazy("Of ten hours, an average over workers."), gettext_lazy("Workers")),
}
GROUPS = {
    "all": gettext_lazy("Everyone"), "woman": gettext_lazy("Women"), "man": gettext_lazy("Men"),
    "other": gettext_lazy("Other gender"), "declined": gettext_lazy("Would rather not say"),
    "unsaid": gettext_lazy("Not said"), "under18": gettext_lazy("Under 18"),
    "yes": gettext_lazy("Living with a disability"), "no": gettext_lazy("No disability"),
}  # fmt: skip


class Splits(forms.Select):
    """The choices under "Split by"; by language is greyed where no two languages may be compared."""

    closed = False

    def create_option(self, *args: Any, **more: Any) -> dict[str, Any]:
        option = super().create_option(*args, **more)
        if self.closed and option["value"] == LANGUAGE:
            option["attrs"]["disabled"] = True
        return option


class LookForm(forms.Form):
    """Which place, which question, by which questionnaire, split by what. Sent by GET: a view has an address."""

    place = forms.ChoiceField(label=gettext_lazy("Place"))
    question = forms.ChoiceField(label=gettext_lazy("Question"))
    asked = forms.ChoiceField(label=gettext_lazy("Questionnaire"), required=False)
    split = forms.ChoiceField(label=gettext_lazy("Split by"), choices=SPLITS, widget=Splits)

    def __init__(self, *args: Any, places: Any, questions: Any, asked: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["question"].choices = questions  # type: ignore[attr-defined]
        self.fields["asked"].choices = asked  # type: ignore[attr-defined]
        if len(asked) < 2:
            del self.fields["asked"]


def numbers(request: Any) -> HttpResponse:
    """The page; empty until the first night has counted."""
    said = explored()
    places = places_within(request.actor, said) if said else {}
    if said is None or not places or not said["tables"]:
        return render(request, "desk/numbers.html", {"none": True})
    form = _form(request, said, places)
    if not form.is_valid():
        return render(request, "desk/numbers.html", {"form": form}, status=422)
    asked = form.cleaned_data
    table, place = _table_of(said, asked), int(asked["place"])
    language = by_language(table or {})
    form.fields["split"].widget.closed = not language["groups"]  # type: ignore[attr-defined]
    shown = {
        "form": form, "title": dict(form.fields["question"].choices)[asked["question"]],  # type: ignore[attr-defined]
        "place": places[asked["place"]], "made_words": said_day(date.fromisoformat(said["made_on"])),
        "language": language, "by_language": asked["split"] == LANGUAGE, "no_table": table is None,
        **(_shown(table, place, asked["split"], language) if table else {}),
        "usual": said["usual"] if table and table["name"] in ("symptom-change", "better-and-worse") else [],
    }  # fmt: skip
    return render(request, "desk/numbers.html", shown)


def _form(request: Any, said: Mapping[str, Any], places: Mapping[str, str]) -> LookForm:
    questions = dict.fromkeys(_about(table)["indicator"] for table in said["tables"])
    named = [(name, QUESTIONS[name]() if name in QUESTIONS else name) for name in questions]
    asked = _questionnaires(said)
    first = {"place": next(iter(places)), "question": next(iter(questions)), "split": "gender"}
    first |= {"asked": asked[0][0]} if asked else {}
    return LookForm({**first, **request.GET.dict()}, places=list(places.items()), questions=named, asked=asked)


def _about(table: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = table.get("about", {"indicator": table["name"]})
    return found


def _line(table: Mapping[str, Any]) -> str:
    """A questionnaire and its scale in addresses: neutral words."""
    found = instruments().get(_about(table).get("instrument", ""))
    return f"{found.key}.{_about(table)['scale']}" if found else ""


def _questionnaires(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those by which one question can be looked at, the report's first."""
    several = {_about(t)["indicator"] for t in said["tables"] if _about(t)["indicator"] != t["name"]}
    lines = {_line(t): _about(t) for t in said["tables"] if _about(t)["indicator"] in several and _line(t)}
    return [(line, line_name(instruments()[a["instrument"]], a["scale"])) for line, a in lines.items()]


def _table_of(said: Mapping[str, Any], asked: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The table of the question by the questionnaire; a question that knows but one has that one."""
    found = [table for table in said["tables"] if _about(table)["indicator"] == asked["question"]]
    mine = next((table for table in found if _line(table) == asked.get("asked")), None)
    own = any(table["name"] != asked["question"] for table in found) and asked.get("asked")
    return mine or (None if own else found[0])


def _shown(table: Mapping[str, Any], place: int, split: str, language: Mapping[str, Any]) -> dict[str, Any]:
    chart = _chart(table, place)
    names = language["groups"] if split == LANGUAGE else None
    dimension = language["dimension"] if split == LANGUAGE else split
    years = [] if names == {} else [_year(table, place, key, dimension, names) for key in _years(table, place)]
    counted = str(OTHERS[table["name"]][1]) if table["name"] in OTHERS else _("People")
    people = table["name"] not in OTHERS and table["kind"] != "rate"
    return {"chart": chart, "hidden": ", ".join(_undrawn(table, chart)), "of": _of(table), "years": years,
            "counted": counted, "people": people}  # fmt: skip


def places_within(by: Actor, said: Mapping[str, Any]) -> dict[str, str]:
    """Number → name of the places within reach that the tables know, in their order."""
    number = {UUID(one): n for n, one in said["places"].items()}
    rows = Place.objects.filter(id__in=number).order_by("path")
    return {number[row.id]: row.name for row in rows if reach.reaches_place(by, SEE, row)}


def _of(table: Mapping[str, Any]) -> str:
    if table["kind"] == "rate":
        return _("Of 1,000 people who live here.")
    if table["name"] in OTHERS:
        return str(OTHERS[table["name"]][0])
    return _("Of ten people.") if table["kind"] == "share" else _("An average.")


def _times(table: Mapping[str, Any]) -> float:
    return 100.0 if table["kind"] == "rate" else 1.0


def _years(table: Mapping[str, Any], place: int) -> list[int]:
    """Whole years that have numbers, newest first."""
    return sorted({k[1] for k in table["at"] if k[0] == place and k[1] % 10 == 0}, reverse=True)[:3]


def _chart(table: Mapping[str, Any], place: int) -> dict[str, Any] | None:
    """Everyone over time: a line for each part that matters, with the reach of chance. None where too little shows."""
    keys = sorted({k[1] for k in table["at"] if k[0] == place and k[1] % 10 and k[2] == "all"})
    series: list[dict[str, Any]] = []
    reach: list[float] = []
    for name in _lines(table):
        points = [_point(table, place, key, name, n) for n, key in enumerate(keys)]
        if sum(p["value"] is not None for p in points) >= FEWEST:
            series.append({"name": _name(table, name), "points": points})
            reach += [p[end] for p in points for end in ("low", "high") if p[end] is not None]
    if not series:
        return None
    return {
        "sentence": _("Over time, allowing for chance."), "series": series, "unit": "",
        "y_min": min((0.0, *reach)), "y_max": max(reach, default=10.0),
    }  # fmt: skip


def _lines(table: Mapping[str, Any]) -> list[str]:
    """The parts that a line is drawn of: worse stands beside better, and so do those who were missed."""
    return ["mean"] if table["kind"] == "mean" else [n for n in table["parts"] if n not in ("same", "measured")][:3]


def _undrawn(table: Mapping[str, Any], chart: Mapping[str, Any] | None) -> list[str]:
    """Names of the lines that are too little shown to be drawn beside the others."""
    drawn = [one["name"] for one in chart["series"]] if chart else []
    return [name for name in (_name(table, part) for part in _lines(table)) if name not in drawn]


def _name(table: Mapping[str, Any], part: str) -> str:
    return str(MISSED.get(table["name"], PARTS[part]) if part == "missed" else PARTS.get(part, _("Average")))


def _point(table: Mapping[str, Any], place: int, key: int, name: str, x: int) -> dict[str, Any]:
    value, low, high = _value(table, table["at"].get((place, key, "all", "all")), name)
    cell = table["at"].get((place, key, "all", "all")) or {}
    return {
        "x": x,
        "label": f"{key % 10}/{key // 10 % 100:02}",
        "value": value,
        "low": low,
        "high": high,
        "n": cell.get("n"),
    }


def _value(table: Mapping[str, Any], cell: Any, name: str) -> tuple[float | None, float | None, float | None]:
    if cell is None:
        return None, None, None
    if name == "mean":
        value, low, high = cell.get("mean") or (None, None, None)
        return value, low, high
    part = cell["parts"][table["parts"].index(name)]
    if part is None:
        return None, None, None
    return part[1] * _times(table), part[2] * _times(table), part[3] * _times(table)


def _year(
    table: Mapping[str, Any], place: int, key: int, split: str, names_of: Mapping[str, str] | None
) -> dict[str, Any]:  # fmt: skip
    """A year's table: everyone, then each group, each part with its interval, n and whom it misses.

    names_of: languages by code; only those in it are shown, whatever the table holds from earlier nights.
    """
    cells = [c for k, c in table["at"].items() if k[:3] == (place, key, split)]
    if names_of is not None:
        cells = [c for c in cells if c["group"] in names_of]
    rows = [table["at"].get((place, key, "all", "all")), *sorted(cells, key=lambda c: _order(c["group"]))]
    names = ["mean"] if table["kind"] == "mean" else [n for n in table["parts"] if n != "measured"]
    return {
        "period": quarter_words(key), "columns": [_name(table, n) for n in names],
        "rows": [_row(table, cell, names, names_of or {}) for cell in rows if cell is not None],
    }  # fmt: skip


def _order(group: str) -> tuple[bool, str]:
    return (group in ("declined", "unsaid"), group)


def _row(
    table: Mapping[str, Any], cell: Mapping[str, Any], names: list[str], languages: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    missed = cell["parts"][table["parts"].index("missed")] if "missed" in table["parts"] else None
    return {
        "group": languages.get(cell["group"]) or str(GROUPS.get(cell["group"], cell["group"])), "n": cell["n"],
        "missed": missed[0] if missed else None,
        "cells": [dict(zip(("value", "low", "high"), _value(table, cell, name), strict=True)) for name in names],
    }  # fmt: skip
