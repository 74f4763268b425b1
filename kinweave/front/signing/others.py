"""The accounts of others: made and ended by keepers, helped back in by those who know them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kinweave.core.problems import Problem
from kinweave.front.problem_words import both, told
from kinweave.house import accounts, recovery
from kinweave.house.access import ROLES
from kinweave.house.actions import NotFound, end_grant, grant_role
from kinweave.house.models import Account, Grant, Organisation, Place, Team

ROLE_WORDS = {
    "worker": gettext_lazy("Worker: meets people"),
    "supervisor": gettext_lazy("Supervisor: stands beside a team"),
    "coordinator": gettext_lazy("Coordinator: runs the programme in a place"),
    "evaluator": gettext_lazy("Evaluator: sees numbers, never a person"),
    "voice": gettext_lazy("Voice: signs reports for an organisation of people who use services"),
    "keeper": gettext_lazy("Keeper: accounts, settings and backups, never a person"),
}


class NewAccount(forms.Form):
    username = forms.CharField(label=gettext_lazy("Name to sign in with"), max_length=60)
    shown_name = forms.CharField(label=gettext_lazy("Name that colleagues see"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("Phone for alerts"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Mail for alerts"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class Role(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)
    organisation_id = forms.ModelChoiceField(
        Organisation.objects.order_by("name"), label=gettext_lazy("Organisation"), required=False
    )
    team_id = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=gettext_lazy("Team (worker, supervisor)"), required=False
    )
    place_id = forms.ModelChoiceField(
        Place.objects.order_by("path"), label=gettext_lazy("Place (coordinator, evaluator)"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, ROLE_WORDS.get(role, role)) for role in ROLES]  # type: ignore[attr-defined]
        for name in ("organisation_id", "team_id", "place_id"):
            self.fields[name].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        anchors = {n: getattr(self.cleaned_data[n], "pk", None) for n in ("organisation_id", "team_id", "place_id")}
        if self.cleaned_data["team_id"] and anchors["organisation_id"] is None:
            anchors["organisation_id"] = self.cleaned_data["team_id"].organisation_id
        return {"role": self.cleaned_data["role"], **anchors}


@login_required
def listed(request: Any) -> HttpResponse:
    """Accounts within reach, ways back that wait for a second person, duties of people who left."""
    request.actor.require("accounts.recover")
    found = accounts.within_reach(request.actor)
    now = timezone.now()
    roles: dict[UUID, list[str]] = {}
    for grant in Grant.objects.filter(since__lte=now).exclude(until__lte=now).order_by("role"):
        roles.setdefault(grant.account_id, []).append(str(ROLE_WORDS.get(grant.role, grant.role)).split(":")[0])
    return render(
        request,
        "accounts/list.html",
        {
            "people": [{"account": a, "roles": sorted(set(roles.get(a.id, [])))} for a in found],
            "waiting": recovery.waiting(request.actor),
            "left_behind": accounts.duties_left_behind(request.actor).count(),
            "may_make": request.actor.may("house.accounts"),
        },
    )


def uuid_or_not_found(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=what) from None


@login_required
@never_cache
def new(request: Any) -> HttpResponse:
    """Make an account; its password is on the answer and nowhere else."""
    request.actor.require("house.accounts")
    form = NewAccount(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = accounts.make_account(by=request.actor, **form.cleaned_data)
        except accounts.NameTaken as problem:
            form.add_error("username", told(problem)["says"])
        except accounts.BadName as problem:
            form.add_error("username", told(problem)["says"])
        else:
            return render(request, "accounts/password.html", {"made": made, "fresh": True})
    return render(request, "accounts/new.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
def shown(request: Any, account_id: UUID) -> HttpResponse:
    """One account: roles, and what can be done for or with it."""
    account = accounts.reachable(request.actor, account_id)
    return _shown(request, account, Role())


def _shown(request: Any, account: Account, form: Role, status: int = 200) -> HttpResponse:
    held = Grant.objects.filter(account_id=account.id).exclude(until__lte=timezone.now())
    rows = [
        {
            "grant": g,
            "role": str(ROLE_WORDS.get(g.role, g.role)).split(":")[0],
            "where": ", ".join(str(x.name) for x in (g.organisation, g.team, g.place) if x),
        }
        for g in held.select_related("organisation", "team", "place").order_by("role")
    ]
    facts = {
        "account": account,
        "grants": rows,
        "form": form,
        "may_make": request.actor.may("house.accounts"),
        "own": account.id == request.user.id,
        "duties": accounts.open_duties([account.id]).count(),
    }
    return render(request, "accounts/shown.html", facts, status=status)


@login_required
@require_POST
@never_cache
def password(request: Any, account_id: UUID) -> HttpResponse:
    """A new temporary password, from a keeper."""
    made = accounts.give_password(by=request.actor, account_id=account_id)
    return render(request, "accounts/password.html", {"made": made, "fresh": False})


@login_required
@require_POST
def leaves(request: Any, account_id: UUID) -> HttpResponse:
    """Someone leaves the programme."""
    left = accounts.leave(by=request.actor, account_id=account_id)
    messages.success(
        request, _("The account is closed. Open duties that somebody must take over: %(n)s.") % {"n": left}
    )
    return redirect("account-shown", account_id)


@login_required
@require_POST
def role(request: Any, account_id: UUID) -> HttpResponse:
    """Give a role, or take one back (`end`: the id of the grant)."""
    account = accounts.reachable(request.actor, account_id, "house.accounts")
    if ended := request.POST.get("end"):
        end_grant(by=request.actor, grant_id=uuid_or_not_found(ended, "role"))
        return redirect("account-shown", account_id)
    form = Role(request.POST)
    if not form.is_valid():
        return _shown(request, account, form, 422)
    grant_role(by=request.actor, account_id=account_id, **form.asked())
    messages.success(request, _("The role is given."))
    return redirect("account-shown", account_id)


@login_required
@require_POST
@never_cache
def back(request: Any, account_id: UUID) -> HttpResponse:
    """Start the way back in for someone; the code is on the answer and nowhere else."""
    lost = request.POST.get("lost") == "yes"
    row, code = recovery.start(by=request.actor, account_id=account_id, lost_step=lost)
    return render(
        request, "accounts/back.html", {"account": row.account, "code": f"{code[:5]} {code[5:]}", "recovery": row}
    )


@login_required
@require_POST
def confirm(request: Any, recovery_id: UUID) -> HttpResponse:
    """Confirm, as a second person, that someone asked for the way back."""
    request.actor.require("accounts.recover")
    try:
        recovery.confirm(by=request.actor, recovery_id=recovery_id)
    except Problem as problem:
        messages.error(request, both(problem))
    else:
        messages.success(request, _("Confirmed. They can now choose a new password with their code."))
    return redirect("accounts")
