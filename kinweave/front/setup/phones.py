"""The last step: a name, Caddy's configuration, and a phone that has opened the site over HTTPS."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from kinweave.front.setup import caddy, forms
from kinweave.front.setup.settings import HTTPS
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.house.settings import value

SALT = "kinweave.set-up.phone"
DAYS = 30


def phones(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    """Ask for the name, write the configuration, show what a phone has to open."""
    now = value(HTTPS)
    if request.POST.get("do") == "later":
        change_setting(by=request.actor, key=HTTPS, value={**now, "later": True})
        return redirect("setup")
    form = facts["form"] = forms.Phones(
        request.POST if request.POST.get("do") == "host" else None, initial={"host": now.get("host", "")}
    )
    if form.is_bound and form.is_valid():
        host = form.cleaned_data["host"]
        caddy.write(host)
        (settings.HOME / "address").write_text(f"https://{host}\n", encoding="utf-8")
        change_setting(by=request.actor, key=HTTPS, value={"host": host, "later": bool(now.get("later"))})
        return redirect("setup-step", "phones")
    if now.get("host"):
        page = f"https://{now['host']}" + reverse("setup-phone", args=[signing.dumps(now["host"], salt=SALT)])
        facts.update(
            page=page, qr=segno.make(page, error="m").svg_data_uri(scale=5, border=4, light="#ffffff"),
            host=now["host"], opened=now.get("opened", ""), home=settings.HOME.name,
        )  # fmt: skip
    return None


@never_cache
def phone(request: Any, code: str) -> HttpResponse:
    """A phone opens this over HTTPS: the set-up is told that trusted HTTPS works."""
    try:
        host = signing.loads(code, salt=SALT, max_age=DAYS * 86_400)
    except signing.BadSignature:
        return render(request, "404.html", status=404)
    # Only Caddy on this machine reaches us, and it says whether the phone came by HTTPS.
    safe = request.is_secure() or request.headers.get("X-Forwarded-Proto") == "https"
    now = value(HTTPS)
    works = safe and request.get_host().partition(":")[0] == host == now.get("host")
    if works and not now.get("opened"):
        change_setting(by=SYSTEM, key=HTTPS, value={**now, "opened": True})
    return render(request, "setup/phone.html", {"works": works})
