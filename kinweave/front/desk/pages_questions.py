"""The questions themselves: one to a page or all on one, looked over, written down. Works without script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.core.instrument_types import Question
from kinweave.front.desk import asking
from kinweave.front.desk.asking import DECLINED, Asking
from kinweave.front.desk.care_parts import about, shown_as, with_undo
from kinweave.front.desk.people_parts import in_local_time, open_person

MISSED = "missed"


def _opened(request: Any, person_id: UUID, draft_id: UUID) -> Asking:
    found = asking.load(request.actor, person_id, draft_id)
    if request.method == "GET":
        open_person(request, person_id, "ask", "listen.record")
    return found


def _page(found: Asking, **more: Any) -> dict[str, Any]:
    first = found.questions[0]
    return {
        **about(found.seen),
        "title": shown_as(found.instrument),
        "unchecked": first.translated and not first.checked,
        "fell_back": first.fell_back,
        "lead": first.lead,
        "lang": first.language,
        "dir": first.direction,
        "leave_url": reverse("ask", args=[found.seen.id]),
        **more,
    }


def _asked(question: Question, value: Any, name: str, *, alone: bool, error: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "legend": question.text,
        "help": question.help,
        "kind": "radios",
        "options": [{"value": str(code), "label": label} for code, label in question.options],
        "value": value,
        "error": error,
        "decline": True,
        "alone": alone,
        "lang": question.language,
        "dir": question.direction,
    }


@in_local_time
def ask_question(request: Any, person_id: UUID, draft_id: UUID, number: int) -> HttpResponse:
    """Question `number` (from 1). Back, Next, and `keep` from the script when an answer is touched."""
    found = _opened(request, person_id, draft_id)
    if found.draft.finished:
        return _already(request, found)
    place = number - 1
    if place not in found.shown:
        return HttpResponseRedirect(asking.place_url(found))
    question = found.questions[place]
    if request.method != "POST":
        return _one(request, found, place)
    go, answer = request.POST.get("go", "next"), asking.read_answer(question, request.POST.get("answer"))
    card = asking.save(found, {question.code: answer}) if answer is not None else ""
    if go == "keep":
        return JsonResponse({"safety": card})
    if card:
        return HttpResponseRedirect(card)
    if go == "back":
        before = [n for n in found.shown if n < place]
        return HttpResponseRedirect(
            asking.place_url(found, before[-1]) if before else reverse("ask", args=[found.seen.id])
        )
    if answer is None and question.code not in found.answers:
        return _one(request, found, place, _("Choose an answer, or “I would rather not say”."))
    later = [n for n in found.shown if n > place]
    return HttpResponseRedirect(asking.place_url(found, later[0]) if later else _check_url(found))


def _one(request: Any, found: Asking, place: int, error: str = "") -> HttpResponse:
    question = found.questions[place]
    shown = _page(
        found,
        q=_asked(question, found.answers.get(question.code), "answer", alone=True, error=error),
        number=found.shown.index(place) + 1,
        of=len(found.shown),
    )
    return render(request, "desk/ask/question.html", shown, status=422 if error else 200)


@in_local_time
def ask_all(request: Any, person_id: UUID, draft_id: UUID) -> HttpResponse:
    """All questions on one page; kept as they are answered where there is script."""
    found = _opened(request, person_id, draft_id)
    if found.draft.finished:
        return _already(request, found)
    if request.method == "POST":
        read = {q.code: asking.read_answer(q, request.POST.get(q.code)) for q in found.questions}
        card = asking.save(found, {code: answer for code, answer in read.items() if answer is not None})
        if request.POST.get("go") == "keep":
            return JsonResponse({"safety": card})
        if card:
            return HttpResponseRedirect(card)
        return HttpResponseRedirect(_check_url(found)) if found.missing else _finish(request, found)
    asked = [_asked(q, found.answers.get(q.code), q.code, alone=False) for q in found.questions]
    return render(request, "desk/ask/all.html", _page(found, asked=asked))


@in_local_time
def ask_check(request: Any, person_id: UUID, draft_id: UUID) -> HttpResponse:
    """Everything once more, then it is written down."""
    found = _opened(request, person_id, draft_id)
    if found.draft.finished:
        return _already(request, found)
    if request.method == "POST":
        return _finish(request, found)
    rows = [
        {
            "asked": found.questions[n].text,
            "answer": said(found.questions[n], found.answers.get(found.questions[n].code)),
            "missing": n in found.missing,
            "url": asking.place_url(found, n) + (f"#id_{found.questions[n].code}_0" if found.draft.one_page else ""),
        }
        for n in found.shown
    ]
    missing = len(found.missing)
    shown = _page(found, rows=rows, missing=missing, go_back=asking.place_url(found, found.shown[-1]))
    return render(request, "desk/ask/check.html", shown)


def said(question: Question, answer: Any) -> str:
    """An answer in the words it was offered in."""
    if answer == DECLINED:
        return _("I would rather not say")
    return next((label for value, label in question.options if value == answer), "")


def _check_url(found: Asking) -> str:
    return reverse("ask-check", args=[found.seen.id, found.draft.id])


def _finish(request: Any, found: Asking) -> HttpResponse:
    response = asking.finish(found)
    if response is None:
        messages.warning(request, _("Kept. Something about it must be put right first; a supervisor will look."))
        return HttpResponseRedirect(reverse("person", args=[found.seen.id]))
    with_undo(request, _("The answers are kept."), reverse("answers-undo", args=[found.seen.id, response]))
    return HttpResponseRedirect(reverse("answers", args=[found.seen.id, response]))


def _already(request: Any, found: Asking) -> HttpResponse:
    """A second send, or another tab: nothing is written twice, nothing is lost."""
    if request.POST.get("go") == "keep":
        return JsonResponse({"safety": ""})
    messages.info(request, _("This form was written down already. To change an answer, correct it here."))
    return HttpResponseRedirect(asking.finished_url(found))
