"""What lies behind the numbers: what the models of the night said of one place and year, in plain sentences first.

Nothing is worked out here. Each answer stands with its interval, its people, who is not in it, and whose method it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kinweave.front.desk.behind_lasting import lasting_section
from kinweave.front.desk.behind_words import EQUAL, GAPS, above, along, area_words, gap_words, year_words
from kinweave.front.desk.pages_numbers import GROUPS, PARTS, places_within
from kinweave.front.desk.pages_releases import quarter_words
from kinweave.front.desk.people_parts import said_day
from kinweave.learn.explored import explored
from kinweave.learn.nightly import MODELS

Found = Mapping[str, Any]


class BehindForm(forms.Form):
    """Which place, which year. Sent by GET, so that a view has an address."""

    place = forms.ChoiceField(label=gettext_lazy("Place"))
    period = forms.ChoiceField(label=gettext_lazy("Started in"))

    def __init__(self, *args: Any, places: Any, periods: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["period"].choices = periods  # type: ignore[attr-defined]


def behind(request: Any) -> HttpResponse:
    """The page; empty until a whole year was counted."""
    said = MODELS.read()
    places = places_within(request.actor, said) if said else {}
    results = [one for one in said["results"] if str(one["place"]) in places] if said else []
    back = {"url": reverse("numbers"), "label": _("Numbers")}
    if said is None or not results:
        return render(request, "desk/behind.html", {"none": True, "back": back})
    there = {str(one["place"]) for one in results}
    periods = sorted({one["period"] for one in results}, reverse=True)
    form = BehindForm(
        {"place": next(p for p in places if p in there), "period": periods[0], **request.GET.dict()},
        places=[(n, name) for n, name in places.items() if n in there],
        periods=[(str(key), quarter_words(key)) for key in periods],
    )  # fmt: skip
    if not form.is_valid():
        return render(request, "desk/behind.html", {"form": form, "back": back}, status=422)
    at = int(form.cleaned_data["place"]), int(form.cleaned_data["period"])
    mine = [one for one in results if (one["place"], one["period"]) == at]
    counted = explored()
    stays = lasting_section(said["more"], places)
    shown = {
        "form": form, "back": back, "place": places[str(at[0])], "period": quarter_words(at[1]),
        "made_words": said_day(date.fromisoformat(said["made_on"])),
        "sections": [*_sections(mine, places), *([stays] if stays else [])],
        "usual": counted["usual"] if counted else [],
    }  # fmt: skip
    return render(request, "desk/behind.html", shown)


def _sections(mine: Sequence[Found], places: Mapping[str, str]) -> list[dict[str, Any]]:
    """The topics in their order; within each, worse beside better."""
    made = []
    for topic, title, make in (
        ("gaps", _("Is it the same for all?"), _gap), ("slopes", _("Over the first year"), _year),
        ("inequality", _("From one end to the other"), _along),
        ("areas", _("From place to place"), lambda one: _area(one, places)),
    ):  # fmt: skip
        parts = [make(one) for one in mine if one["topic"] == topic]
        if parts:
            made.append({"id": topic, "title": title, "parts": parts, "sources": _sources(mine, topic)})
    return made


def _sources(mine: Sequence[Found], topic: str) -> list[str]:
    """Method and citation, once each, as they were printed."""
    found = [f"{one['method']}. {one['citation']}" for one in mine if one["topic"] == topic and "method" in one]
    found += [one["sensitivity"] for one in mine if one["topic"] == topic and "sensitivity" in one]
    return list(dict.fromkeys(found))


def _name(about: str) -> str:
    return str(PARTS.get(about, about))


def _group(names: Sequence[str]) -> str:
    return " · ".join(str(GROUPS.get(name, name)) for name in names)


def _row(name: str, one: Found) -> dict[str, Any]:
    """A line with its interval, of ten people."""
    return {"name": name, **{key: one[key] for key in ("value", "low", "high", "n")}}


def _gap(one: Found) -> dict[str, Any]:
    rows = [_row(_group(r["group"]), r) for r in one.get("rows", ())]
    return {"name": _name(one["about"]), "said": gap_words(one), "rows": rows, "caption": GAPS[one["of"]](),
            "first": _("Group"), "missing": _left_strata(one)}  # fmt: skip


def _left_strata(one: Found) -> str:
    left = one["left"]
    if not left["strata"]:
        return _("Every combination is in it.")
    return _("Combinations too small to show (%(strata)s of %(of)s), with about %(people)s people.") % left


def _year(one: Found) -> dict[str, Any]:
    part: dict[str, Any] = {"name": _("Points on the questionnaire; a fall is a relief"), "said": year_words(one)}
    if one["state"] != "found":
        return part
    labels = [above(w) for w in one["windows"]]
    points = list(zip(one["windows"], labels, one["model"], one["reached"], strict=True))
    model = [{"x": w, "label": str(w), **m, "n": None} for w, _l, m, _r in points]
    empty = {"value": None, "low": None, "high": None, "n": None}
    plain = [
        {"x": w, "label": str(w), **({**empty, **r, "value": r["mean"]} if r else empty)} for w, _l, _m, r in points
    ]
    series = [{"name": _("Everyone who started, as the model sees them"), "points": model},
              {"name": _("Only those we reached"), "points": plain}]  # fmt: skip
    ends = [p[e] for p in (*model, *plain) for e in ("low", "high") if p[e] is not None]
    part["chart"] = {
        "sentence": _("Months after the start, with the reach of chance."), "series": series, "unit": "",
        "y_min": 0.0, "y_max": max(ends), "first_column": _("Months"), "better": _("Lower is better"),
    }  # fmt: skip
    part["table"] = {
        "columns": [_("Months"), _("Everyone"), _("Only those we reached"), _("Reached"), _("Missed")],
        "rows": [[label, _with_ends(m), _with_ends({**r, "value": r["mean"]}) if r else None,
                  r["n"] if r else None, r["missed"] if r else None] for _w, label, m, r in points],
    }  # fmt: skip
    if one["groups"]:
        part["more"] = {
            "columns": [_("Group"), _("Change"), _("Everyone, at the end"), _("Only those we reached"), _("Started")],
            "rows": [[str(GROUPS.get(g["group"], g["group"])), _with_ends(g["change"]), _with_ends(g["model"]),
                      _with_ends({**g["end"], "value": g["end"]["mean"]}) if g["end"] else None, g["n"]]
                     for g in one["groups"]],
        }  # fmt: skip
    held = one["withheld"]
    if held["patterns"]:
        part["missing"] = _("Small groups of visits (%(patterns)s), with at most %(people)s people.") % held
    else:
        part["missing"] = _("Everyone with at least one score is in it.")
    return part


def _with_ends(one: Found) -> str:
    ends = "" if one["low"] is None else f" ({one['low']:.1f} – {one['high']:.1f})"
    return f"{one['value']:.1f}{ends}"


def _along(one: Found) -> dict[str, Any]:
    rows = [{"name": str(GROUPS.get(r["group"], r["group"])), "value": r["value"], "low": None, "n": r["n"]}
            for r in one["rows"]]  # fmt: skip
    left = one["left"]
    missing = _("Groups too small to show, or people who did not say (%(groups)s).") % left if left["groups"] else ""
    return {"name": f"{_name(one['about'])} ({EQUAL[one['dimension']]()})", "said": along(one), "rows": rows,
            "caption": GAPS["came" if one["of"] == "unmet-need" else "all"](), "first": _("Group"),
            "missing": missing}  # fmt: skip


def _area(one: Found, places: Mapping[str, str]) -> dict[str, Any]:
    rows = [_row(places[str(r["place"])], r) for r in one.get("rows", ()) if str(r["place"]) in places]
    left = one["left"]
    missing = _("Places too small to show (%(places)s), with about %(people)s people.") % left
    return {"name": _name(one["about"]), "said": area_words(one), "rows": sorted(rows, key=lambda r: r["name"]),
            "caption": GAPS["came" if one["of"] == "unmet-need" else "started"](), "first": _("Place"),
            "missing": missing if left["places"] else ""}  # fmt: skip
