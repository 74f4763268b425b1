"""May languages be compared? Each questionnaire's verdicts as the learn process left them; nothing is counted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.core.instrument_types import Instrument
from kinweave.front.desk.care_parts import shown_as
from kinweave.front.desk.forms_people import language_name
from kinweave.front.desk.languages_shown import names_of, said_pair, unchecked, why
from kinweave.front.desk.people_parts import said_day
from kinweave.learn.judged import judged, language_dimension, pairs, side_by_side
from kinweave.listen.shelf import instruments

LANGUAGE = "language"  # the choice under "Split by"


def languages(request: Any) -> HttpResponse:
    """The page; empty where no questionnaire has answers in two languages yet."""
    said = judged()
    shelf = instruments()
    every = [j for j in pairs() if j["instrument"] in shelf]
    blocks = [
        {"title": line_name(shelf[slug], scale), "key": shelf[slug].key, "scale": scale,
         "pairs": [said_pair(j, shelf[slug]) for j in found]}
        for (slug, scale), found in groupby(every, key=lambda j: (j["instrument"], j["scale"]))
    ]  # fmt: skip
    shown = {
        "blocks": blocks, "back": {"url": reverse("numbers"), "label": _("Numbers")},
        "made_words": said_day(date.fromisoformat(said["made_on"])) if said else "",
    }  # fmt: skip
    return render(request, "desk/languages.html", shown)


def line_name(found: Instrument, scale: str) -> str:
    """A questionnaire on pages; with its scale where it has several."""
    name = shown_as(found)
    return name if len(found.scales) < 2 or scale == found.scales[0].code else f"{name} ({scale})"


def by_language(table: Mapping[str, Any]) -> dict[str, Any]:
    """What the numbers page needs to split one table by language, or to say why not.

    dimension, groups: code → name, of the languages that may stand side by side. closed: the pairs that keep the other
    languages out, each with why.
    """
    about = table.get("about", {})
    line = about.get("instrument", ""), about.get("scale", "")
    found = instruments().get(line[0])
    if found is None:
        return {"dimension": "", "groups": {}, "closed": [], "asked": False, "unchecked": []}
    beside, every = side_by_side(*line), pairs(*line)
    closed = [
        {"name": names_of(j), "why": why(j, found)}
        for j in every
        if j["state"] != "open" and j["pair"][1] not in beside
    ]
    return {
        "dimension": language_dimension(*line), "groups": {code: language_name(code) for code in beside},
        "closed": closed, "asked": True,
        "unchecked": [language_name(code) for code in beside if unchecked(found, code)],
    }  # fmt: skip
