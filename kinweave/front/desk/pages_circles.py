"""Circles: the list, a new one, one with its meetings. How many came, never what was said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.front import sentences_rooms as words_of
from kinweave.front.desk.care_parts import with_undo
from kinweave.front.desk.forms_rooms import CircleForm, EndForm, MeetingForm
from kinweave.front.desk.people_parts import account_names, form_page, in_local_time, said_day, send
from kinweave.front.desk.typing import back_to
from kinweave.front.problem_words import both
from kinweave.gather import reads
from kinweave.gather.actions import UNDO, add_circle, end_circle, record_circle_meeting, undo_circle_meeting
from kinweave.gather.door import circle_for
from kinweave.house.journal import Head


@in_local_time
def circles(request: Any) -> HttpResponse:
    """The circles in reach, the open ones first."""
    found = reads.circles(request.actor, states=("open", "ended"))
    keeps = request.actor.may("gather.keep")
    empty = {"title": _("No circle yet"), "sentence": _("Circles appear here with when they met and how many came.")}
    if keeps:
        empty |= {"url": reverse("circle-new"), "action": _("A new circle")}
    shown = {
        "rows": [_row(one) for one in sorted(found, key=lambda one: one.row.state != "open")],
        "new_url": reverse("circle-new") if keeps else "",
        "empty": empty,
    }
    return render(request, "desk/rooms/circles.html", shown)


def _row(one: reads.Listed) -> dict[str, Any]:
    met = ngettext("%(n)d meeting", "%(n)d meetings", one.meetings) % {"n": one.meetings}
    return {
        "name": one.row.name,
        "place": one.row.place.name if one.row.place else "",
        "day": words_of.WEEKDAYS.get(str(one.row.weekday), ""),
        "met": met,
        "last": said_day(one.last),
        "ended": one.row.state != "open",
        "url": reverse("circle", args=[one.row.id]),
        "meet_url": reverse("circle-meeting", args=[one.row.id]) if one.row.state == "open" else "",
    }


@in_local_time
def circle_new(request: Any) -> HttpResponse:
    form = CircleForm(request.POST or None, by=request.actor, initial={"begun_on": timezone.localdate()})
    return form_page(
        request, form, lambda _given, head: add_circle(by=request.actor, head=head, **form.asked()).result["circle"],
        to=lambda made: reverse("circle", args=[made]), done=_("The circle is written down."),
        title=_("A new circle"), submit=_("Save"), back={"url": reverse("circles"), "label": _("Circles")},
    )  # fmt: skip


@in_local_time
def circle(request: Any, circle_id: UUID) -> HttpResponse:
    """One circle and its meetings."""
    found = reads.circle(circle_id, request.actor)
    writers = account_names(one.written_by for one in found.met)
    since = timezone.localdate() - UNDO
    shown = {
        "circle": found.row,
        "place": found.row.place.name if found.row.place else "",
        "day": words_of.WEEKDAYS.get(str(found.row.weekday), ""),
        "rules": found.rules,
        "since": said_day(found.row.begun_on),
        "ended": said_day(found.row.ended_on),
        "why": words_of.CIRCLE_ENDS.get(found.row.end_reason, ""),
        "keeps": found.keeps and found.row.state == "open",
        "met": [_meeting(request, one, writers, since) for one in found.met],
        "back": {"url": reverse("circles"), "label": _("Circles")},
        "empty": {
            "title": _("No meeting yet"), "sentence": _("Each meeting appears here with how many came."), "plain": True,
        },
    }  # fmt: skip
    return render(request, "desk/rooms/circle.html", shown)


def _meeting(request: Any, one: reads.Met, writers: dict[UUID, str], since: Any) -> dict[str, Any]:
    kinds = [f"{words_of.said(words_of.CIRCLE_KINDS, code)}: {number}" for code, number in one.kinds.items()]
    mine = one.written_by == request.actor.account_id and one.on >= since
    return {
        "id": one.id, "day": said_day(one.on), "count": one.head_count, "new": one.new_count,
        "kinds": " · ".join(kinds), "aliases": one.aliases, "sheet": one.sheet,
        "who": writers.get(one.written_by, "") if one.written_by else "", "mine": mine,
    }  # fmt: skip


@in_local_time
def meeting(request: Any, circle_id: UUID) -> HttpResponse:
    """How many came."""
    row = circle_for(circle_id, request.actor, "gather.meet")
    form, problem = MeetingForm(request.POST or None, circle=row, initial={"on": timezone.localdate()}), None
    if request.method == "POST" and form.is_valid():
        asked = form.asked()
        receipt, problem = send(
            form, lambda _given, head: record_circle_meeting(by=request.actor, head=head, circle_id=row.id, **asked)
        )
        if problem is None:
            undo = reverse("circle-meeting-undo", args=[row.id, receipt.result["meeting"]])
            with_undo(request, _("The meeting is kept."), undo)
            return HttpResponseRedirect(reverse("circle", args=[row.id]))
    shown = {
        "form": form, "problem": problem, "title": row.name, "submit": _("Save"),
        "lead": _("How many came. What is said in a circle stays there."),
        "back": {"url": reverse("circle", args=[row.id]), "label": row.name},
    }  # fmt: skip
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/people/form.html", shown, status=status)


def meeting_undo(request: Any, circle_id: UUID, meeting_id: UUID) -> HttpResponse:
    """Who wrote it takes it back."""
    circle_for(circle_id, request.actor, "gather.meet")
    head = Head.now(id=child(meeting_id, "undo"))
    try:
        undo_circle_meeting(by=request.actor, head=head, circle_id=circle_id, meeting_id=meeting_id)
        messages.success(request, _("The meeting is taken back. The history keeps it."))
    except Problem as fault:
        if fault.status == 404:
            raise
        messages.warning(request, both(fault))
    return HttpResponseRedirect(back_to(request, meeting_id) or _of(circle_id))


def _of(circle_id: UUID) -> str:
    return reverse("circle", args=[circle_id])


@in_local_time
def end(request: Any, circle_id: UUID) -> HttpResponse:
    row = circle_for(circle_id, request.actor, "gather.keep")
    form = EndForm(request.POST or None, initial={"on": timezone.localdate()})
    return form_page(
        request, form, lambda asked, head: end_circle(by=request.actor, head=head, circle_id=row.id, **asked),
        to=_of(row.id), done=_("Written down: the circle has ended."), title=_("The circle ends"),
        submit=_("Save"), back={"url": _of(row.id), "label": row.name},
    )  # fmt: skip
