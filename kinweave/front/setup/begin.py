"""The wizard's one-time address: it makes the founder's account and signs it in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kinweave.core.problems import Problem
from kinweave.front.problem_words import told
from kinweave.front.setup import forms, pages, token
from kinweave.house.models import Account
from kinweave.house.sessions import device_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters()
@never_cache
def begin(request: Any, text: str) -> HttpResponse:
    """Works once, for a day, on a site without accounts."""
    if not token.fits(text) or Account.objects.exists():
        return render(request, "setup/over.html", status=404)
    form = forms.Founder(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                account = pages.founder(form)
        except Problem as problem:
            form.add_error("username", told(problem)["says"])
        else:
            token.use_up()
            login(request, account, backend=BACKEND)
            request.session["device"] = device_of(request.headers.get("User-Agent", ""))
            return redirect("setup")
    return render(request, "setup/begin.html", {"form": form}, status=422 if form.is_bound else 200)
