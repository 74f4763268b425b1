"""Sheets to print on A4 or A5: every questionnaire in each of its languages, and the list of all there is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kinweave.core.instrument_types import NoWording
from kinweave.core.instruments import languages, questions
from kinweave.front.desk.care_parts import by_key, emergency, shown_as
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.people_parts import in_local_time
from kinweave.front.desk.typing import asked_here
from kinweave.front.print import sheets
from kinweave.front.print.codes import register
from kinweave.front.print.frame import page, programme_id_of, wanted
from kinweave.listen.shelf import instruments

WIDEST = {"a4": 5, "a5": 4}  # answers side by side; with more, each question has a list of its own


@in_local_time
def papers(request: Any) -> HttpResponse:
    """Every sheet there is, and where each is typed."""
    by = request.actor
    asked = asked_here(by)
    rows = [
        {
            "title": shown_as(one),
            "sheets": [
                {"label": name_of(w.code), "url": reverse("paper", args=[one.key, w.code])} for w in languages(one)
            ],
            "type_url": reverse("paper-run", args=[one.key]) if slug in asked else "",
        }
        for slug, one in sorted(instruments().items())
        if one.wordings
    ]
    shown = {"rows": rows, "forms": [_listed(by, kind, title) for kind, title in sheets.titles()]}
    return render(request, "desk/print/list.html", {**shown, "week_url": reverse("paper-week")})


def _listed(by: Any, kind: str, title: Any) -> dict[str, Any]:
    found = register(kind)
    typed = found is not None and by.may(found.permission)
    return {
        "title": title,
        "url": reverse("paper-sheet", args=[kind]),
        "type_url": reverse("paper-rows", args=[kind]) if typed else "",
    }


@in_local_time
def paper(request: Any, key: str, language: str) -> HttpResponse:
    """One questionnaire on paper: neutral title, numbered questions, the digit beside each answer."""
    one = by_key(key)
    if language not in one.wordings:
        raise NoWording(slug=one.key)
    words, asked = one.wordings[language], questions(one, language)
    options = {question.options for question in asked}
    size = wanted(request, languages=())
    grid = asked[0].options if len(options) == 1 and len(asked[0].options) <= WIDEST[size.size] else ()
    typed = reverse("paper-run", args=[key]) if one.slug in asked_here(request.actor) else ""
    rows = [{"number": n, "text": q.text, "help": q.help, "options": q.options} for n, q in enumerate(asked, 1)]
    return page(
        request, size, words.shown_as, dict, language=language, template="desk/print/paper.html",
        lines=(_("Code of the person"), _("Date"), _("Asked by")),
        lead=words.instruction, rows=rows, grid=grid, lang=language, dir=words.direction,
        unchecked=not words.original and not words.checked, watched=bool(one.safety),
        call=emergency(programme_id_of(request)), type_url=typed,
    )  # fmt: skip
