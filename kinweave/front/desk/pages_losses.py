"""If one goes: what each grant, organisation and worker carries, by place, and how long a place once took to recover.

Safe numbers as the learn process left them; of places within reach only, and never a worker's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kinweave.front.desk.pages_numbers import places_within
from kinweave.front.desk.people_parts import said_day
from kinweave.learn.nightly import MODELS

Found = Mapping[str, Any]


class ShockForm(forms.Form):
    """Which place, and the first month after something struck. Sent by GET, so that a view has an address."""

    place = forms.ChoiceField(label=gettext_lazy("Place"))
    month = forms.ChoiceField(
        label=gettext_lazy("First month after it"), help_text=gettext_lazy("A flood, a strike, a worker who left.")
    )

    def __init__(self, *args: Any, places: Any, months: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["month"].choices = months  # type: ignore[attr-defined]


def losses(request: Any) -> HttpResponse:
    """The page; empty until the first night has counted who is in care."""
    said = MODELS.read()
    more = {one["topic"]: one for one in said["more"]} if said else {}
    places = places_within(request.actor, said) if said else {}
    shown: dict[str, Any] = {"back": {"url": reverse("numbers"), "label": _("Numbers")}}
    found = more.get("losses")
    if said is None or found is None or not places:
        return render(request, "desk/losses.html", {**shown, "none": True})
    shown |= {
        "made_words": said_day(date.fromisoformat(said["made_on"])),
        "sources": [f"{found['method']}. {found['citation']}"],
        "carriers": [_carrier(one, places) for one in found["carriers"]],
        "alone": [_alone(one, places) for one in _within(found["alone"], places)],
    }  # fmt: skip
    status = _recover(request, shown, more.get("recovery"), places)
    return render(request, "desk/losses.html", shown, status=status)


def _within(rows: list[Found], places: Mapping[str, str]) -> list[Found]:
    """The rows of places within reach, a larger place before those inside it."""
    order = list(places)
    return sorted((row for row in rows if str(row["place"]) in places), key=lambda row: order.index(str(row["place"])))


def _carrier(one: Found, places: Mapping[str, str]) -> dict[str, Any]:
    rows = [_row(row, places) for row in _within(one["rows"], places)]
    until = _("Paid until %(month)s.") % {"month": one["until"]} if one["until"] else ""
    ends = sum(row["told"] and bool(row["ends"]) for row in rows)  # a district that loses a step whole is one of them
    if not rows:
        said = _("Nobody in care here stands on it alone or with others.")
    elif ends:
        said = ngettext("%(ends)s place loses a service whole.", "%(ends)s places lose a service whole.", ends)
        said %= {"ends": ends}
    elif all(row["told"] for row in rows):
        said = _("No service ends: others carry it too.")
    else:
        said = _("Where few people are in care, what ends is not shown.")
    return {"name": one["name"], "grant": one["kind"] == "grant", "until": until, "rows": rows, "said": said}


def _row(row: Found, places: Mapping[str, str]) -> dict[str, Any]:
    people = row["people"]
    count = _("about %(n)s") % {"n": people} if people else _("not shown")
    told = row["ends"] is not None
    ends, stays = (_steps(row[key]) if told else _("not shown") for key in ("ends", "stays"))
    return {"place": places[str(row["place"])], "people": count, "ends": ends, "stays": stays, "told": told}


def _steps(steps: list[str]) -> str:
    named = [_("Step %(n)s") % {"n": step} if step != "0" else _("Care, no step written") for step in steps]
    return _(", ").join(named)


def _alone(row: Found, places: Mapping[str, str]) -> dict[str, Any]:
    many = row["workers"]
    workers = ngettext("%(n)s worker", "%(n)s workers", many) % {"n": many}
    return {"place": places[str(row["place"])], "ends": _steps(row["ends"]), "workers": workers}


def _recover(request: Any, shown: dict[str, Any], found: Found | None, places: Mapping[str, str]) -> int:
    """Asks for place and month, and says what the meetings did; 422 for a month that cannot be looked at."""
    within = {n: places[n] for n in places if found and n in found["places"]}
    if found is None or not within:
        return 200
    first = request.GET.get("place") if request.GET.get("place") in within else next(iter(within))
    series = found["places"][first]
    months = [(name, name) for name in series["shocks"]]
    asked = request.GET.dict() if "month" in request.GET else None
    form = ShockForm(asked, places=list(within.items()), months=months, initial={"place": first})
    shown["form"] = form
    if asked is None:
        return 200
    if not form.is_valid():
        return 422
    shock = form.cleaned_data["month"]
    one = series["shocks"][shock]
    low, high = max(one["usual"][1], 0), one["usual"][2]
    points = [{"x": i, "label": name, "value": float(v), "low": None, "high": None, "n": None}
              for i, (name, v) in enumerate(zip(series["months"], series["values"], strict=True))]  # fmt: skip
    shown["recovery"] = {
        "said": [RECOVERED[one["state"]](one, shock),
                 _("Usual before it: %(low)s to %(high)s a month.") % {"low": round(low), "high": round(high)}],
        "chart": {"sentence": _("Meetings that took place, each month."),
                  "series": [{"name": within[first], "points": points}], "unit": "", "y_min": 0.0,
                  "y_max": max(p["value"] for p in points),
                  "ends": {"x": series["months"].index(shock), "label": _("First month after it")}},
        "note": _("Rounded. A month with fewer than %(n)s meetings in a place counts as half of that.")
        % {"n": found["smallest"]},
    }  # fmt: skip
    shown["sources"].append(f"{one['method']}. {one['citation']}")
    return 200


def _back(one: Found, shock: str) -> str:
    said = ngettext(
        "After %(shock)s meetings were back where they usually are %(n)s month later (%(back)s).",
        "After %(shock)s meetings were back where they usually are %(n)s months later (%(back)s).", one["periods"],
    )  # fmt: skip
    return said % {"shock": shock, "n": one["periods"], "back": one["back"]}


RECOVERED = {
    "back": _back,
    "not-yet": lambda one, shock: (
        _("After %(shock)s meetings are not back yet. %(n)s months were watched.")
        % {"shock": shock, "n": one["periods"]}
    ),
    "not-shaken": lambda one, shock: _("After %(shock)s meetings stayed where they usually are.") % {"shock": shock},
}
