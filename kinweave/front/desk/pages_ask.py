"""Asking someone: which questions, in which language, one at a time or all on a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from kinweave.core.instrument_types import Instrument, Language
from kinweave.core.instruments import languages
from kinweave.front.desk import asking
from kinweave.front.desk.care_parts import about, by_key, shown_as
from kinweave.front.desk.forms_care import BeginForm
from kinweave.front.desk.people_parts import in_local_time, open_person, said_day
from kinweave.listen import drafts
from kinweave.listen.reads_ask import last_asked
from kinweave.listen.shelf import SwitchedOff, instruments, is_on, switched_on
from kinweave.people.door import Seen, consent_for


@in_local_time
def ask(request: Any, person_id: UUID) -> HttpResponse:
    """What can be asked here, what was begun and not finished."""
    seen = open_person(request, person_id, "ask", "listen.record")
    agreed = consent_for(seen.ids, "care") is not None
    shown = {
        **about(seen),
        "agreed": agreed,
        "consent_url": reverse("consent-new", args=[seen.id]) if request.actor.may("consent.record") else "",
        "begun": [_begun(seen, draft) for draft in drafts.waiting(request.actor, seen)],
        "ready": _ready(seen) if agreed else [],
        "may_switch": request.actor.may("house.settings"),
    }
    return render(request, "desk/ask/choose.html", shown)


def _ready(seen: Seen) -> list[dict[str, Any]]:
    """The questionnaires that are asked here and have words, with when they were last answered."""
    last = last_asked(seen.ids)
    return [
        {
            "title": shown_as(one),
            "count": len(one.items),
            "last": said_day(last[one.slug]) if one.slug in last else "",
            "alone": one.asked.alone,
            "url": reverse("ask-begin", args=[seen.id, one.key]),
            "paper_url": reverse("paper-type", args=[seen.id, one.key]),
        }
        for one in switched_on(str(seen.row.programme_id or ""))
        if one.wordings
    ]


def _begun(seen: Seen, draft: Any) -> dict[str, Any]:
    one = instruments()[draft.instrument]
    answered = len(drafts.opened(draft))
    return {
        "title": shown_as(one),
        "done": answered,
        "of": len(one.items),
        "url": reverse("ask-go-on", args=[seen.id, draft.id]),
        "drop_url": reverse("ask-drop", args=[seen.id, draft.id]),
    }


@in_local_time
def ask_begin(request: Any, person_id: UUID, key: str) -> HttpResponse:
    """In which language and how; then a draft is begun."""
    seen = open_person(request, person_id, "ask", "listen.record")
    one = by_key(key)
    if not is_on(one.slug, str(seen.row.programme_id or "")) or not one.wordings:
        raise SwitchedOff()
    form = BeginForm(request.POST or None, languages=language_choices(one), wanted=wanted_language(one, seen))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        language, one_page = given["language"], given["way"] == "page"
        draft = drafts.begin(
            request.actor, seen, one.slug, language=language, one_page=one_page, draft_id=given["entry"]
        )
        return HttpResponseRedirect(asking.place_url(asking.load(request.actor, seen.id, draft.id)))
    shown = {
        **about(seen),
        "title": shown_as(one),
        "count": len(one.items),
        "form": form,
        "alone": one.asked.alone,
        "watched": bool(one.safety),
        "back": {"url": reverse("ask", args=[seen.id])},
        "papers": [{"label": name_of(found.code), "url": reverse("paper", args=[one.key, found.code])}
                   for found in languages(one)],
    }  # fmt: skip
    return render(request, "desk/ask/begin.html", shown, status=422 if form.is_bound else 200)


def language_choices(one: Instrument) -> list[tuple[str, str]]:
    """Its languages by their own names; a translation that nobody has checked says so."""
    return [(found.code, _with_note(found)) for found in languages(one)]


def _with_note(found: Language) -> str:
    name = name_of(found.code)
    unchecked = found.translated and not found.checked
    return f"{name} — {_('translation not checked by a native speaker')}" if unchecked else name


def name_of(code: str) -> str:
    """A language by its own name: العربية, English, Português (BR)."""
    base, _dash, region = code.partition("-")
    try:
        name = str(get_language_info(base)["name_local"]).capitalize()
    except KeyError:
        return code
    return f"{name} ({region})" if region else name


def wanted_language(one: Instrument, seen: Seen) -> str:
    """The person's own language where the questions have it, then English, then any."""
    codes = [found.code for found in languages(one)]
    own = seen.row.language
    near = [code for code in codes if own and code.split("-")[0] == own.split("-")[0]]
    return own if own in codes else [*near, *[c for c in codes if c == "en"], *codes][0]


@in_local_time
def ask_go_on(request: Any, person_id: UUID, draft_id: UUID) -> HttpResponse:
    """Back to where a form was left."""
    found = asking.load(request.actor, person_id, draft_id)
    return HttpResponseRedirect(asking.finished_url(found) if found.draft.finished else asking.place_url(found))


def ask_drop(request: Any, person_id: UUID, draft_id: UUID) -> HttpResponse:
    """A form that was begun is put away. What a safety answer in it has set off stays."""
    found = asking.load(request.actor, person_id, draft_id)
    drafts.drop(found.draft)
    messages.success(request, _("The form that was begun is put away."))
    return HttpResponseRedirect(reverse("ask", args=[found.seen.id]))
