"""Safety: what waits for an answer, most urgent first; one alert with its steps. Red stands only here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.care.actions import acknowledge_risk, close_risk, contact_after_risk, plan_after_risk
from kinweave.care.reads import risks_in_reach
from kinweave.care.reads_risks import Opened, line_of, one_risk
from kinweave.core.problems import Problem
from kinweave.core.risk import CLOSED, MOVES, OPEN
from kinweave.front import sentences
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.care_parts import (
    kinds_in_words,
    lasting,
    left_or_late,
    safety_card,
    told_of,
)
from kinweave.front.desk.forms_care import CloseForm, ContactForm, PlanForm
from kinweave.front.desk.people_parts import EntryForm, account_names, in_local_time, said_day, said_when, send
from kinweave.house import alerts
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.models import Due
from kinweave.house.readlog import looked
from kinweave.people.standing import names_of, standing

alerts.leads("risk", "risk")
MOST_CLOSED = 50
NEXT = {"open": "risk_answer", "acknowledged": "risk_contact", "contacted": "risk_plan", "planned": "risk_follow"}


@in_local_time
def risks(request: Any) -> HttpResponse:
    """What waits, the unanswered first; or what was closed."""
    by: Actor = request.actor
    closed = request.GET.get("which") == "closed"
    rows = risks_in_reach(by, (CLOSED,)) if closed else risks_in_reach(by)
    rows = sorted(rows, key=lambda r: r.closed_at or r.told_at, reverse=True)[:MOST_CLOSED] if closed else rows
    looked(by, "risks", list(dict.fromkeys(row.person_id for row in rows if row.person_id)))
    names = names_of([row.person_id for row in rows if row.person_id])
    times = next_times([row.id for row in rows]) if not closed else {}
    address = reverse("risks")
    shown = {
        "tasks": [_line(row, names, times) for row in rows],
        "open": sum(row.state == OPEN for row in rows),
        "closed": closed,
        "tabs": [
            {"url": address, "label": _("To look after"), "current": not closed},
            {"url": f"{address}?which=closed", "label": _("Closed"), "current": closed},
        ],
        "empty": _none(closed),
    }
    return render(request, "desk/risks/list.html", shown)


def _none(closed: bool) -> dict[str, Any]:
    if closed:
        return {"title": _("None closed yet"), "sentence": _("Closed cards are kept here."), "plain": True}
    return {
        "title": _("Nobody is in danger that we know of"),
        "sentence": _("A safety answer or a worry appears here at once, the most urgent first."),
    }


def next_times(ids: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:
    """What is due next about each alert and when. One query."""
    rows = Due.objects.filter(ref_id__in=list(ids), state="open", kind__startswith="risk_").order_by("-at")
    return {row.ref_id: (row.kind, row.at) for row in rows if row.ref_id}


def _line(row: Any, names: dict[UUID, str], times: dict[UUID, tuple[str, datetime]]) -> dict[str, Any]:
    """An alert as parts/task_row.html takes it."""
    kind, at = times.get(row.id, (NEXT.get(row.state, ""), row.answer_by))
    when, late = left_or_late(at)
    if row.state == CLOSED:
        what, when, late = _("closed"), said_day(row.closed_at), False
    else:
        what = sentences.due_words(kind)[0] if row.state != CLOSED else ""
    return {
        "who": names.get(row.person_id) or _("Someone not known by name"),
        "what": what,
        "when": when,
        "iso": (row.closed_at or at).isoformat(),
        "late": late,
        "now": row.state == OPEN,
        "url": reverse("risk", args=[row.id]),
        "action": _("Open"),
    }


@in_local_time
def risk(request: Any, risk_id: UUID, form: EntryForm | None = None, problem: Problem | None = None) -> HttpResponse:
    """One alert: what to do now, who was told, the steps that are possible, what happened."""
    by: Actor = request.actor
    found = one_risk(by, risk_id)
    row = found.row
    if row.person_id:
        looked(by, "risk", [row.person_id])
    person = standing(row.person_id)
    called = names_of([row.person_id]).get(row.person_id, "") if row.person_id else ""
    called = called or _("Someone not known by name")
    when, late = left_or_late(next_times([row.id]).get(row.id, ("", row.answer_by))[1])
    events = line_of(row)
    names = account_names([row.opened_by, *(event.actor_id for event in events)])
    shown = {
        "called": called,
        "back": {"url": reverse("risks"), "label": _("Safety")},
        "risk": row,
        "person_url": reverse("person", args=[person.id]) if person and by.may("people.see") else "",
        "state": words_of.RISK_STATES[row.state],
        "when": when if row.state != CLOSED else "",
        "late": late and row.state != CLOSED,
        "urgency": words_of.URGENCIES[row.urgency],
        "kinds": kinds_in_words(found.kinds),
        "note": found.note,
        "plan": found.plan,
        "source": _source(row, names),
        "opened": said_when(row.opened_at),
        "safety": safety_card(by, row, called, row.person_id, person.programme_id if person else None),
        "told": [{"says": t.says, "when": said_when(t.at), "state": _opened_words(t)} for t in told_of(row.id)],
        "steps": steps(by, found, form),
        "problem": problem,
        "moments": [_moment(event, names) for event in events],
        "took": lasting(_minutes(row)) if row.acknowledged_at else "",
    }
    status = problem.status if problem else 422 if form is not None else 200
    return render(request, "desk/risks/risk.html", shown, status=status)


def _minutes(row: Any) -> int:
    return max(0, int((row.acknowledged_at - row.told_at).total_seconds() // 60))


def _opened_words(told: Any) -> str:
    if told.seen:
        return _("opened it")
    return _("not opened yet") if told.sent else _("not sent yet")


def _source(row: Any, names: dict[UUID, str]) -> str:
    if row.source == "answer":
        return _("An answer to a question")
    return _("%(name)s is worried") % {"name": names.get(row.opened_by, "") or _("A worker")}


def _moment(event: Any, names: dict[UUID, str]) -> dict[str, Any]:
    danger = event.kind in {"risk_opened", "risk_escalated"}
    return {
        "what": sentences.happened_words(event.kind, event.facts),
        "when": said_when(event.at),
        "iso": event.at.isoformat(),
        "by": names.get(event.actor_id, ""),
        "icon": "shield-alert" if danger else "check",
        "state": "danger" if danger else "",
    }


STEPS: dict[str, tuple[str, str, type[EntryForm]]] = {
    "contact": ("risk-contact", "care.worry", ContactForm),
    "plan": ("risk-plan", "risk.answer", PlanForm),
    "close": ("risk-close", "risk.close", CloseForm),
}


def steps(by: Actor, found: Opened, sent: EntryForm | None) -> list[dict[str, Any]]:
    """The steps possible now for this reader, the next one open. A form that was sent comes back filled."""
    titles = {
        "contact": (_("Met or called again"), _("Write it down")),
        "plan": (_("Safety plan"), _("Keep the plan")),
        "close": (_("Close this card"), _("Close")),
    }
    possible = [s for s, (_r, permission, _f) in STEPS.items()
                if found.row.state in MOVES[s][0] and by.may(permission)]  # fmt: skip
    done = {"contact": found.row.contacted_at, "plan": found.row.planned_at, "close": found.row.closed_at}
    first = next((s for s in possible if done[s] is None), "")
    made = []
    for step in possible:
        route, _permission, kind = STEPS[step]
        initial = {"plan": found.plan} if step == "plan" else {}
        form = sent if isinstance(sent, kind) else kind(prefix=None, initial=initial, auto_id=f"{step}_%s")
        title, submit = titles[step]
        made.append({
            "title": title, "submit": submit, "form": form, "url": reverse(route, args=[found.row.id]),
            "open": step == first or form is sent,
        })  # fmt: skip
    return made


def acknowledge(request: Any, risk_id: UUID) -> HttpResponse:
    """One tap: I am taking this on."""
    by: Actor = request.actor
    try:
        acknowledge_risk(by=by, head=Head.now(), risk_id=risk_id)
        messages.success(request, _("You took this on. Talk with the worker, then with the person."))
    except Problem as fault:
        if fault.code != "risk-state":
            raise
        messages.info(request, _("Someone took this on a moment ago."))
    return HttpResponseRedirect(reverse("risk", args=[risk_id]))


def _step(request: Any, risk_id: UUID, name: str, write: Callable[..., Any], done: str) -> HttpResponse:
    if request.method != "POST":  # back from signing in: the page shows the form with what was typed
        return risk(request, risk_id)
    form = STEPS[name][2](request.POST, auto_id=f"{name}_%s")
    problem = None
    if form.is_valid():
        _receipt, problem = send(form, write)
        if problem is None:
            messages.success(request, done)
            return HttpResponseRedirect(reverse("risk", args=[risk_id]))
    return risk(request, risk_id, form, problem)


def contact(request: Any, risk_id: UUID) -> HttpResponse:
    """The person was met or called again. What was written before stays above the new words."""
    by: Actor = request.actor

    def write(given: dict[str, Any], head: Head) -> Any:
        before, said = one_risk(by, risk_id, "care.worry").note, given["note"].strip()
        # A second send finds its words there already, and says the same as the first.
        note = before if said and before.endswith(said) else "\n\n".join(part for part in (before, said) if part)
        return contact_after_risk(by=by, head=head, risk_id=risk_id, note=note if said else "")

    return _step(request, risk_id, "contact", write, _("Written down."))


def plan(request: Any, risk_id: UUID) -> HttpResponse:
    by: Actor = request.actor
    return _step(
        request, risk_id, "plan",
        lambda given, head: plan_after_risk(by=by, head=head, risk_id=risk_id, plan=given["plan"]),
        _("The plan is kept. The next meetings are due."),
    )  # fmt: skip


def close(request: Any, risk_id: UUID) -> HttpResponse:
    by: Actor = request.actor
    return _step(
        request, risk_id, "close",
        lambda given, head: close_risk(by=by, head=head, risk_id=risk_id, debriefed=given["debriefed"]),
        _("Closed. The meetings that were agreed stay due."),
    )  # fmt: skip
