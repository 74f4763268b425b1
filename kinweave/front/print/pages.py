"""Sheets to print on A4: every questionnaire in each of its languages, and an empty register for meetings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kinweave.core.instrument_types import NoWording
from kinweave.core.instruments import languages, questions
from kinweave.front import sentences
from kinweave.front.desk.care_parts import by_key, emergency, shown_as
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.people_parts import in_local_time, said_day
from kinweave.house.models import Programme
from kinweave.listen.shelf import instruments

ROWS = 14  # lines of an empty register that fit on one page with room to write


@in_local_time
def papers(request: Any) -> HttpResponse:
    """Every sheet there is."""
    rows = [
        {
            "title": shown_as(one),
            "count": len(one.items),
            "sheets": [
                {"label": name_of(w.code), "url": reverse("paper", args=[one.key, w.code])} for w in languages(one)
            ],
        }
        for _slug, one in sorted(instruments().items())
        if one.wordings
    ]
    return render(request, "desk/print/list.html", {"rows": rows, "register_url": reverse("paper-register")})


@in_local_time
def paper(request: Any, key: str, language: str) -> HttpResponse:
    """One questionnaire on paper: neutral title, numbered questions, the digit beside each answer."""
    one = by_key(key)
    if language not in one.wordings:
        raise NoWording(slug=one.key)
    words, asked = one.wordings[language], questions(one, language)
    options = {question.options for question in asked}
    ui = language.split("-")[0] if language.split("-")[0] in dict(settings.LANGUAGES) else get_language() or "en"
    with translation.override(ui):  # the head of the sheet speaks the language of its questions where we do
        sheet = {
            "title": words.shown_as,
            "programme": _programme(request),
            "code": "",
            "printed": said_day(timezone.now()),
            "lines": [_("Code of the person"), _("Date"), _("Number of the sheet"), _("Asked by")],
        }
        ui_dir = "rtl" if translation.get_language_bidi() else "ltr"
    shown = {
        "sheet": sheet,
        "ui": ui,
        "ui_dir": ui_dir,
        "lead": words.instruction,
        "rows": [{"number": n, "text": q.text, "help": q.help, "options": q.options} for n, q in enumerate(asked, 1)],
        "grid": asked[0].options if len(options) == 1 and len(asked[0].options) <= 5 else (),
        "lang": language,
        "dir": words.direction,
        "unchecked": not words.original and not words.checked,
        "watched": bool(one.safety),
        "call": emergency(None),
        "back": {"url": reverse("paper-list"), "label": _("Paper")},
    }
    return render(request, "desk/print/paper.html", shown)


@in_local_time
def register(request: Any) -> HttpResponse:
    """An empty register for meetings: the same things, in the same order, as the note on screen."""
    shown = {
        "sheet": {
            "title": _("Register of meetings"),
            "programme": _programme(request),
            "printed": said_day(timezone.now()),
            "lines": [_("Worker"), _("Place"), _("Month")],
        },
        "rows": range(ROWS),
        "missed": sentences.MISSED.values(),
        "call": emergency(None),
        "back": {"url": reverse("paper-list"), "label": _("Paper")},
    }
    return render(request, "desk/print/register.html", shown)


def _programme(request: Any) -> str:
    homes = [grant.organisation_id for grant in request.actor.grants if grant.organisation_id]
    found = Programme.objects.filter(organisation_id__in=homes).order_by("id").values_list("name", flat=True).first()
    return found or "Kinweave"
