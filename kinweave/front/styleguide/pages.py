"""The styleguide's pages: `?lang=ar` chooses the language, `?theme=dark` the colours."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from kinweave.front.styleguide.samples import PARTS, sample

BASES = {"desk": "base_desk.html", "public": "base_public.html", "person": "base_person.html"}


def index(request: HttpRequest) -> HttpResponse:
    """The list of parts."""
    return answer(request, "styleguide/index.html", {"parts": PARTS, "wears": "base_desk.html"})


def part(request: HttpRequest, part: str) -> HttpResponse:
    """One part with its states. 404 for a part that does not exist."""
    if part not in PARTS:
        raise Http404
    words = sample(language_of(request))
    context = {**words, "part": part, "part_title": PARTS[part].title, "wears": BASES[PARTS[part].wears]}
    return answer(request, f"styleguide/{part}.html", context)


def language_of(request: HttpRequest) -> str:
    """The language asked for in the address, else the request's own; only those the site speaks."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    if not getattr(settings, "KINWEAVE_STYLEGUIDE", False):
        raise Http404
    theme = request.GET.get("theme", "")
    with translation.override(language_of(request)):
        frame = {"invented": True, "theme": theme if theme in ("light", "dark") else "", **context}
        return render(request, template, {**sample(language_of(request))["frame"], **frame})
