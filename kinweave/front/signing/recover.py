"""The way back in: a name, the code that a supervisor gave, one more proof, a new password."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kinweave.front.problem_words import both
from kinweave.house import recovery


class Back(forms.Form):
    username = forms.CharField(label=gettext_lazy("Your sign-in name"), max_length=80)
    code = forms.CharField(
        label=gettext_lazy("The code you were told"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    step = forms.CharField(
        label=gettext_lazy("A code from your app, or a spare code"),
        help_text=gettext_lazy("Leave this empty if a second person confirmed for you."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    password = forms.CharField(
        label=gettext_lazy("A new password, at least 10 signs"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


@sensitive_post_parameters()
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """One page; every reason for a no reads the same."""
    form = Back(request.POST or None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="recover"):
            return render(request, "429.html", status=429)
        if form.is_valid() and _done(form):
            messages.success(request, _("Your new password is set. Sign in with it now."))
            return redirect("account_login")
        if form.is_valid():
            no = recovery.NoWayBack()
            form.add_error(None, both(no))
    return render(request, "account/recover.html", {"form": form}, status=422 if form.is_bound else 200)


def _done(form: Back) -> bool:
    given: dict[str, Any] = form.cleaned_data
    row = recovery.attempt(given["username"], given["code"])
    if row is None:
        return False
    try:
        recovery.finish(row, password=given["password"], second_step=_step_fits(row.account_id, given["step"]))
    except recovery.NoWayBack:
        return False
    return True


def _step_fits(account_id: Any, code: str) -> bool:
    """Whether the code is one of the person's own second step (an app's or a spare one)."""
    code = "".join(code.split())
    own = Authenticator.objects.filter(user_id=account_id).exclude(type=Authenticator.Type.WEBAUTHN)
    return bool(code) and any(step.wrap().validate_code(code) for step in own)
