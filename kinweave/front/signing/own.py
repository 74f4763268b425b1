"""One's own account: where one is signed in, tokens for programs, alerts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kinweave.front.signin import has_second_step
from kinweave.front.signing.others import uuid_or_not_found
from kinweave.house import accounts
from kinweave.house import alerts as alert_store
from kinweave.house import tokens as token_store


@login_required
def account(request: Any) -> HttpResponse:
    """Everything about one's own account on one page."""
    return render(
        request,
        "account/index.html",
        {
            "second_step": has_second_step(request.user.id),
            "second_step_needed": accounts.needs_second_step(request.user.id, request.actor.roles),
            "open_sessions": accounts.sessions_of(request.user.id).count(),
            "roles": sorted(request.actor.roles),
        },
    )


@login_required
def sessions(request: Any) -> HttpResponse:
    """Where someone is signed in; ending the others or all."""
    here = request.session.session_key
    if request.method == "POST":
        ended = accounts.end_sessions(request.user.id, but=here)
        messages.success(request, _("Signed out on %(count)s other devices.") % {"count": ended})
        return redirect("sessions")
    listed = [
        {"device": s.device, "since": s.made_at, "until": s.expire_date, "here": s.session_key == here}
        for s in accounts.sessions_of(request.user.id)
    ]
    return render(request, "account/sessions.html", {"sessions": listed})


@login_required
@never_cache
def tokens(request: Any) -> HttpResponse:
    """Tokens for programs: made, shown once, ended."""
    shown = ""
    if request.method == "POST" and request.POST.get("end"):
        token_store.end_token(by=request.actor, token_id=uuid_or_not_found(request.POST["end"], "token"))
        return redirect("tokens")
    if request.method == "POST":
        shown = token_store.make_token(by=request.actor, name=request.POST.get("name", "") or _("Token"))[1]
    return render(request, "account/tokens.html", {"tokens": token_store.tokens_of(request.user.id), "shown": shown})


@login_required
def alerts(request: Any) -> HttpResponse:
    """Alerts that reached this account, the unanswered first."""
    return render(request, "account/alerts.html", {"alerts": alert_store.inbox(request.user.id)})


@login_required
def alert(request: Any, message_id: UUID) -> HttpResponse:
    """Open one alert: it counts as seen, and leads to where it can be answered."""
    message = alert_store.open_message(request.actor, message_id)
    if request.method == "POST":
        alert_store.answer(request.actor, message)
        messages.success(request, _("Answered. Thank you."))
        return redirect("alerts")
    there = alert_store.leads_to(message)
    return redirect(there) if there else render(request, "account/alert.html", {"alert": message})
