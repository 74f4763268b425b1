"""What the pages about people share: times as they are said here, forms that may be sent twice, tabs, names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kinweave.core.ids import uuid7
from kinweave.core.problems import Problem
from kinweave.front import sentences
from kinweave.front.routes import View
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.models import Account, Grant, Programme
from kinweave.house.readlog import looked
from kinweave.people import door
from kinweave.people.door import Seen


class EntryForm(forms.Form):
    """A form with the id of the entry it will make, so that sending it twice writes once."""

    entry = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def renew(self) -> None:
        """A new entry id after the old one was used for something else; what was typed stays."""
        typed = self.data.copy()  # type: ignore[attr-defined]
        typed["entry"] = str(uuid7())
        self.data = typed


def send(form: EntryForm, write: Callable[[dict[str, Any], Head], Any]) -> tuple[Any, Problem | None]:
    """Run a valid form's write under the form's own entry id; the result, or the problem to show above it."""
    asked = dict(form.cleaned_data)
    head = Head.now(id=asked.pop("entry"))
    try:
        return write(asked, head), None
    except Problem as fault:
        if fault.code == "entry-id-reused":
            form.renew()
        return None, fault


def form_page(
    request: HttpRequest,
    form: EntryForm,
    write: Callable[[dict[str, Any], Head], Any],
    *,
    to: str | Callable[[Any], str],
    done: str,
    template: str = "desk/people/form.html",
    **shown: Any,
) -> HttpResponse:
    """One form on one page: shown, checked, written, and on to `to` with the message `done`."""
    problem = None
    if request.method == "POST" and form.is_valid():
        result, problem = send(form, write)
        if problem is None:
            messages.success(request, done)
            return HttpResponseRedirect(to(result) if callable(to) else to)
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, template, {"form": form, "problem": problem, **shown}, status=status)


def in_local_time(view: View) -> View:
    """Times on the page are those of the programme, not of the machine."""

    @wraps(view)
    def here(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(zone_of(request.actor)):
            return view(request, *args, **kwargs)

    return here


def zone_of(by: Actor | None) -> ZoneInfo:
    homes = [grant.organisation_id for grant in by.grants if grant.organisation_id] if by else []
    if not homes:
        return ZoneInfo(timezone.get_default_timezone_name())
    names = Programme.objects.filter(organisation_id__in=homes).order_by("id").values_list("timezone", flat=True)
    return ZoneInfo(names.first() or timezone.get_default_timezone_name())


def said_when(at: datetime | date, precision: str = "minute") -> str:
    """A moment as people say it: the hour today, the weekday this week, else the date."""
    local = timezone.localtime(at) if isinstance(at, datetime) else None
    day = local.date() if local else at
    away = (day - timezone.localdate()).days
    if precision in {"year", "month"}:
        return str(day.year) if precision == "year" else date_format(day, "F Y")
    if away == 0:
        return date_format(local, "H:i") if local and precision in {"minute", "second"} else _("today")
    if away in {1, -1}:
        return _("tomorrow") if away == 1 else _("yesterday")
    if 1 < away < 7:
        return date_format(day, "l")
    return date_format(day, "j F" if day.year == timezone.localdate().year else "j F Y")


def said_next(at: datetime) -> str:
    """A coming moment within a sentence: today at 15:00, tomorrow at 9:30, Thursday, 3 March."""
    local = timezone.localtime(at)
    away = (local.date() - timezone.localdate()).days
    if away == 0:
        return _("today at %(hour)s") % {"hour": date_format(local, "H:i")}
    if away == 1:
        return _("tomorrow at %(hour)s") % {"hour": date_format(local, "H:i")}
    return said_when(at)


def said_day(at: datetime | date | None) -> str:
    """A date written out: 21 November 2026."""
    if at is None:
        return ""
    return date_format(timezone.localtime(at).date() if isinstance(at, datetime) else at, "j F Y")


def at_url(route: str, *args: Any) -> str:
    """The address of a page, or nothing where that page is not there."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def account_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What workers are called on pages. One query."""
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    return {row.id: row.shown_name for row in Account.objects.filter(id__in=wanted).only("id", "shown_name")}


def account_roles(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The role of each account in words. One query."""
    found: dict[UUID, str] = {}
    for account, role in Grant.objects.filter(account_id__in=[i for i in ids if i]).values_list("account_id", "role"):
        found[account] = str(sentences.ROLES.get(role, role))
    return found


def open_person(request: Any, person_id: UUID, page: str, permission: str = "people.see") -> Seen:
    """Through the one door, and written down: who looked at whom on which page."""
    seen = door.access(person_id, by=request.actor, permission=permission)
    looked(request.actor, page, [seen.id], reason="break_glass" if seen.glass else "")
    return seen


def person_head(request: Any, seen: Seen, current: str) -> dict[str, Any]:
    """What stands above every page about one person: what to call them, the tabs, whether opened in need."""
    by: Actor = request.actor
    tabs = [
        ("person", _("How things are"), True),
        ("person-happened", _("What happened"), True),
        ("person-consents", _("What was agreed"), True),
        ("person-referrals", _("Referrals"), by.may("connect.refer") and not seen.glass),
        ("person-stories", _("Their story"), by.may("listen.story") and not seen.glass),
        ("person-held", _("What is held"), True),
        ("person-looked", _("Who looked"), by.may("reads.see")),
    ]
    return {
        "person": seen.row,
        "called": door.shown_names([seen.row])[seen.id],
        "glass": seen.glass,
        "changes": not seen.glass and by.may("people.change"),
        "tabs": [
            {"url": reverse(name, args=[seen.id]), "label": label, "current": name == current}
            for name, label, may in tabs
            if may
        ],
    }


def choice(label: str, choices: Sequence[tuple[str, Any]], **more: Any) -> forms.ChoiceField:
    """Big stacked answers; a drop-down only from seven on."""
    widget = forms.RadioSelect if len([c for c in choices if c[0]]) < 7 else forms.Select
    return forms.ChoiceField(label=label, choices=choices, widget=widget, **more)
