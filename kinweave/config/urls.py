"""Every address of the site. Each front has a file of its own and one line here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, include, path, reverse
from django.views.i18n import set_language


def health(request: HttpRequest) -> HttpResponse:
    """The site answers and its database too."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def home(request: HttpRequest) -> HttpResponse:
    """Where everyone begins: today's list, or the public page, or the way in."""
    signed_in = request.user.is_authenticated
    for name in ("today", "account") if signed_in else ("public-home", "account_login"):
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    raise LookupError("no page to begin with")


urlpatterns = [
    path("health", health, name="health"),
    path("", home, name="home"),
    path("language/", set_language, name="set-language"),
    path("", include("kinweave.front.signing.urls")),
    path("", include("kinweave.front.setup.urls")),
    path("", include("kinweave.front.desk.urls_people")),
    path("", include("kinweave.front.desk.urls_care")),
    path("", include("kinweave.front.desk.urls_rooms")),
    path("", include("kinweave.front.desk.urls_promises")),
    path("", include("kinweave.front.person.urls")),
    path("", include("kinweave.front.public.urls")),
    path("", include("kinweave.front.desk.urls_releases")),
    path("", include("kinweave.front.desk.urls_import")),
    path("", include("kinweave.front.desk.urls_forms")),
    path("api/", include("kinweave.front.api_urls")),
    path("", include("kinweave.front.phone.urls")),
    path("", include("kinweave.front.desk.urls_phones")),
    path("", include("kinweave.front.phone.urls_pages")),
    path("", include("kinweave.exchange.openrosa.views")),
]

if settings.KINWEAVE_STYLEGUIDE:
    urlpatterns.append(path("styleguide/", include("kinweave.front.styleguide.urls")))
