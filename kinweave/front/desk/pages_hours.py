"""A worker's own hours, month by month: paid and unpaid. Nobody else sees this page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.front import sentences_rooms as words_of
from kinweave.front.desk.care_parts import with_undo
from kinweave.front.desk.forms_rooms import HoursForm
from kinweave.front.desk.people_parts import in_local_time, said_day, send
from kinweave.front.desk.typing import back_to
from kinweave.front.problem_words import both
from kinweave.house.journal import Head
from kinweave.team.actions import UNDO, record_hours, undo_hours
from kinweave.team.reads import Given, own_month


@in_local_time
def hours(request: Any) -> HttpResponse:
    """This month, or another one; and a form for today."""
    today = timezone.localdate()
    form, problem = HoursForm(request.POST or None, initial={"on": today, "paid": ""}), None
    if request.method == "POST" and form.is_valid():
        asked = form.asked()
        receipt, problem = send(form, lambda _given, head: record_hours(by=request.actor, head=head, **asked))
        if problem is None:
            undo = reverse("hours-undo", args=[receipt.result["hours"]])
            with_undo(request, _("The hours are kept."), undo)
            return HttpResponseRedirect(f"{reverse('hours')}?month={asked['on']:%Y-%m}")
    first = _month(request.GET.get("month", ""), today)
    month = own_month(request.actor, first)
    shown = {
        "form": form,
        "problem": problem,
        "month": date_format(first, "F Y"),
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "after": f"{_next(first):%Y-%m}" if _next(first) <= today else "",
        "paid": lasted(month.paid),
        "unpaid": lasted(month.unpaid),
        "rows": [_row(one, today) for one in month.rows],
        "sheet_url": reverse("paper-sheet", args=["hours"]),
    }
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/rooms/hours.html", shown, status=status)


def _month(text: str, today: date) -> date:
    """The first day of the month that the address names, within reason; else of this month."""
    this = today.replace(day=1)
    try:
        return min(max(date.fromisoformat(f"{text}-01"), date(1950, 1, 1)), this)
    except ValueError:
        return this


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def lasted(minutes: int) -> str:
    """Minutes as hours and minutes: 1:30."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def _row(one: Given, today: date) -> dict[str, Any]:
    return {
        "id": one.id, "day": said_day(one.on), "long": lasted(one.minutes),
        "kind": words_of.said(words_of.WORK, one.kind), "paid": one.paid, "note": one.note,
        "recent": one.on >= today - UNDO,
    }  # fmt: skip


def hours_undo(request: Any, hours_id: UUID) -> HttpResponse:
    """Taken back by who wrote it."""
    try:
        undo_hours(by=request.actor, head=Head.now(id=child(hours_id, "undo")), hours_id=hours_id)
        messages.success(request, _("The hours are taken back. The history keeps them."))
    except Problem as fault:
        if fault.status == 404:
            raise
        messages.warning(request, both(fault))
    return HttpResponseRedirect(back_to(request, hours_id) or reverse("hours"))
