"""The next step on someone's way: only what is possible from where they are, in plain words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.care.actions import move_on
from kinweave.care.reads import way_of
from kinweave.core.pathway import CLOSED, CLOSURES, IDENTIFIED, moves_from
from kinweave.front import sentences
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.care_parts import about, options
from kinweave.front.desk.forms_care import MoveForm
from kinweave.front.desk.people_parts import in_local_time, open_person, send
from kinweave.people.door import Seen, consent_for

NOT_HERE = ("consent", "screen")  # these happen by agreeing and by asking


@in_local_time
def move(request: Any, person_id: UUID) -> HttpResponse:
    """Choose one move and what belongs to it."""
    seen = open_person(request, person_id, "move", "care.act")
    form, problem = MoveForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        asked = {**form.asked(), "entry_id": form.cleaned_data["entry"]}
        problem = _write(request, seen, form, asked)
        if problem is None:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("person", args=[seen.id]))
    step = way_of(seen.ids).episode
    chosen = form.data.get("move", "") if form.is_bound else request.GET.get("move", "")
    shown = {
        **about(seen),
        "state": sentences.STATES.get(seen.row.state, ""),
        "step": words_of.STEPS.get(str(step.step)) if step and step.step and seen.row.state != CLOSED else "",
        "form": form,
        "problem": problem,
        "q": _moves(seen.row.state, chosen),
        "came_back": seen.row.state == CLOSED,
        "consent_url": _consent_url(request, seen),
        "ask_url": reverse("ask", args=[seen.id]) if request.actor.may("listen.record") else "",
        "steps": _asked("step", _("Which step?"), words_of.STEPS, form),
        "ways_in": _asked("way_in", _("How did they come to us?"), words_of.ENTRIES, form),
        "reasons": _reasons(form),
    }
    return render(request, "desk/move/move.html", shown, status=problem.status if problem else 200)


def _write(request: Any, seen: Seen, form: MoveForm, asked: dict[str, Any]) -> Any:
    asked.pop("entry_id")
    _done, problem = send(form, lambda _given, head: move_on(by=request.actor, head=head, person_id=seen.id, **asked))
    return problem


def _moves(state: str, chosen: str) -> dict[str, Any]:
    possible = {m: sentences.MOVES[m] for m in moves_from(state) if m not in NOT_HERE}
    return {
        "name": "move",
        "legend": _("What comes next?"),
        "kind": "radios",
        "options": options(possible, words_of.MOVE_HELP),
        "value": chosen,
    }


def _asked(name: str, legend: str, words: Any, form: MoveForm) -> dict[str, Any]:
    return {"name": name, "legend": legend, "kind": "radios", "options": options(words),
            "value": form.data.get(name, "") if form.is_bound else ""}  # fmt: skip


def _reasons(form: MoveForm) -> list[dict[str, Any]]:
    """Closing reasons under whose doing it was; what was ours to do better is said so."""
    value = form.data.get("reason", "") if form.is_bound else ""
    return [
        {
            "title": title,
            "options": [
                {"value": code, "label": sentences.CLOSURES[code], "chosen": code == value}
                for code, is_whose in CLOSURES.items()
                if is_whose == whose
            ],
        }
        for whose, title in words_of.WHOSE.items()
    ]


def _consent_url(request: Any, seen: Seen) -> str:
    """Where someone who has not agreed yet is asked."""
    if not request.actor.may("consent.record"):
        return ""
    if seen.row.state == IDENTIFIED or consent_for(seen.ids, "care") is None:
        return reverse("consent-new", args=[seen.id])
    return ""
