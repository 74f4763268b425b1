"""Phones of workers: which there are, when each was last heard of, what waits on it; ended, and bound again."""

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

from kinweave.front.desk.people_parts import in_local_time, said_when
from kinweave.house import devices
from kinweave.house.access import Actor
from kinweave.house.models import Device


@in_local_time
def phones(request: Any) -> HttpResponse:
    """One's own phones, and those of the people whom one may help to sign in."""
    return _page(request)


def _page(request: Any, code: str = "", bound: Device | None = None) -> HttpResponse:
    by: Actor = request.actor
    shown = {
        "rows": [_row(by, one) for one in devices.devices_within(by)],
        "code": code,
        "bound": bound,
        "minutes": int(devices.CODE_FOR.total_seconds() // 60),
        "empty": {
            "title": _("No phone yet"),
            "sentence": _("A worker opens the app on a phone, signs in once and gives the phone a short name."),
        },
    }
    answer = render(request, "desk/phones/list.html", shown)
    if code:
        answer["Cache-Control"] = "no-store"
    return answer


def _row(by: Actor, one: Device) -> dict[str, Any]:
    waiting = ngettext("%(n)d entry waits on it", "%(n)d entries wait on it", one.waiting) % {"n": one.waiting}
    mine = one.account_id == by.account_id
    return {
        "id": one.id,
        "label": one.label,
        "who": one.account.shown_name,
        "mine": mine,
        "heard": said_when(one.contact_at) if one.contact_at else "",
        "iso": one.contact_at.isoformat() if one.contact_at else "",
        "app": one.app,
        "waiting": waiting if one.waiting else "",
        "since": said_when(one.made_at),
        "ended": said_when(one.revoked_at) if one.revoked_at else "",
        "code": bool(one.code_digest and one.code_until and one.code_until > timezone.now()),
        "may_code": not mine and by.may("accounts.recover") and one.account.is_active,
    }


@in_local_time
def phone_end(request: Any, device_id: UUID) -> HttpResponse:
    """End a phone, after saying what that does."""
    row = devices.one_within(request.actor, device_id)
    if request.method == "POST":
        devices.revoke(by=request.actor, device_id=row.id)
        messages.success(request, _("Ended. It locks itself at its next contact; what it still brings is kept."))
        return HttpResponseRedirect(reverse("phones"))
    shown = {
        "row": _row(request.actor, row),
        "back": {"url": reverse("phones"), "label": _("Phones")},
    }
    return render(request, "desk/phones/end.html", shown)


@in_local_time
def phone_code(request: Any, device_id: UUID) -> HttpResponse:
    """A one-time code for the phone that takes this one's place; shown once."""
    row = devices.one_within(request.actor, device_id)
    code = devices.make_code(by=request.actor, device_id=row.id)
    return _page(request, code=code, bound=row)
