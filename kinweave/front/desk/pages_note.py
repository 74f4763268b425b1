"""A note about a meeting, and the worry button that needs no questionnaire."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.care.actions import note_call_to_emergency, note_session, undo_session
from kinweave.care.reads import way_of
from kinweave.care.reads_risks import one_risk
from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.flows.receive import voice_worry
from kinweave.front import sentences_care as words_of
from kinweave.front.desk import asking
from kinweave.front.desk.care_parts import about, emergency, options, safety_card, with_undo
from kinweave.front.desk.forms_care import NoteForm, WorryForm
from kinweave.front.desk.people_parts import in_local_time, open_person, said_when, send
from kinweave.front.desk.typing import back_to
from kinweave.front.problem_words import both
from kinweave.house.actions import NotFound
from kinweave.house.journal import Head
from kinweave.listen import drafts
from kinweave.people.door import Seen, consent_for


@in_local_time
def note(request: Any, person_id: UUID) -> HttpResponse:
    """Held, what was agreed, the goal, the next date, worry, save: six touches."""
    seen = open_person(request, person_id, "note", "care.act")
    way = way_of(seen.ids)
    form, problem = NoteForm(request.POST or None, usual=_usual(way)), None
    if request.method == "POST" and form.is_valid():
        asked = form.asked()
        receipt, problem = send(
            form, lambda _given, head: note_session(by=request.actor, head=head, person_id=seen.id, **asked)
        )
        if problem is None:
            session = receipt.result["session"]
            with_undo(request, _("The note is kept."), reverse("note-undo", args=[seen.id, session]))
            return HttpResponseRedirect(reverse("worry" if asked["worry"] else "person", args=[seen.id]))
    shown = {
        **about(seen),
        "form": form,
        "problem": problem,
        "held": way.held,
        "planned": said_when(way.next.at) if way.next else "",
        "consent_url": "" if consent_for(seen.ids, "care") else reverse("consent-new", args=[seen.id]),
        "worry_url": reverse("worry", args=[seen.id]),
    }
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/note/note.html", shown, status=status)


def _usual(way: Any) -> time | None:
    """The hour at which they last said they would meet."""
    if way.next is not None:
        return timezone.localtime(way.next.at).time().replace(second=0, microsecond=0)
    said = next((s.next_at for s in way.sessions if s.next_at is not None), None)
    return timezone.localtime(said).time().replace(second=0, microsecond=0) if said else None


def note_undo(request: Any, person_id: UUID, session_id: UUID) -> HttpResponse:
    """The author takes a note back; what was due comes back too."""
    seen = open_person(request, person_id, "note", "care.act")
    head = Head.now(id=child(session_id, "undo"))
    try:
        undo_session(by=request.actor, head=head, person_id=seen.id, session_id=session_id)
        messages.success(request, _("The note is taken back. The history keeps it."))
    except Problem as fault:
        messages.warning(request, both(fault))
    return HttpResponseRedirect(back_to(request, session_id) or reverse("person", args=[seen.id]))


@in_local_time
def worry(request: Any, person_id: UUID) -> HttpResponse:
    """The "I am worried" button. Whatever is left out, it goes out."""
    seen = open_person(request, person_id, "worry", "care.worry")
    form, problem = WorryForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        asked = form.asked()
        receipt, problem = send(
            form, lambda _given, head: voice_worry(by=request.actor, head=head, person_id=seen.id, **asked)
        )
        if problem is None:
            return HttpResponseRedirect(reverse("safety-card", args=[seen.id, receipt.result["risk"]]))
    urgency = {
        "name": "urgency",
        "legend": form.fields["urgency"].label,
        "help": form.fields["urgency"].help_text,
        "kind": "radios",
        "options": options(words_of.URGENCIES, words_of.URGENCY_HELP),
        "value": form["urgency"].value(),
    }
    call = emergency(seen.row.programme_id)
    shown = {**about(seen), "form": form, "urgency": urgency, "problem": problem, "call": call}
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/note/worry.html", shown, status=status)


@in_local_time
def card(request: Any, person_id: UUID, risk_id: UUID) -> HttpResponse:
    """What to do now and who has been told; then on with the form where one is open."""
    seen = open_person(request, person_id, "safety", "risk.see")
    found = _of(request, seen, risk_id)
    head = about(seen)
    going_on = _form(request, seen)
    shown = {
        **head,
        "safety": safety_card(request.actor, found.row, head["called"], seen.id, seen.row.programme_id),
        "risk_url": reverse("risk", args=[risk_id]),
        "go_on": asking.place_url(going_on) if going_on else "",
        "next_sheet": _next_sheet(request),
    }
    return render(request, "desk/note/card.html", shown)


def _next_sheet(request: Any) -> str:
    """Back to the pile that raised the alert, or to the next single sheet."""
    for name, route in (("run", "paper-run"), ("sheet", "paper-next")):
        if _is_key(request.GET.get(name)):
            return reverse(route, args=[request.GET[name]])
    return reverse("paper-rows", args=["meetings"]) if request.GET.get("rows") else ""


def _of(request: Any, seen: Seen, risk_id: UUID) -> Any:
    found = one_risk(request.actor, risk_id)
    if found.row.person_id not in seen.ids:
        raise NotFound(what="alert")
    return found


def _form(request: Any, seen: Seen) -> asking.Asking | None:
    """The form that raised the alert, where it is still open."""
    try:
        found = asking.load(request.actor, seen.id, UUID(request.GET.get("form", "")))
    except (ValueError, drafts.DraftGone):
        return None
    return None if found.draft.finished else found


def _is_key(text: str | None) -> bool:
    return bool(text) and all(part.isalnum() for part in str(text).split("-"))


def called(request: Any, person_id: UUID, risk_id: UUID) -> HttpResponse:
    """The printed number was called; that is written down."""
    seen = open_person(request, person_id, "safety", "care.worry")
    _of(request, seen, risk_id)
    note_call_to_emergency(by=request.actor, head=Head.now(), person_id=seen.id)
    messages.success(request, _("The call is written down."))
    return HttpResponseRedirect(reverse("safety-card", args=[seen.id, risk_id]))
