"""Who is reading their own page: a signed cookie of its own for half an hour, apart from any sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Programme
from kinweave.house.readlog import looked
from kinweave.people.door import PersonNotFound, Seen, access

COOKIE, SALT, PATH = "mine", "kinweave.mine", "/mine/"
OPEN_FOR = timedelta(minutes=30)


def begin(answer: HttpResponse, person_id: UUID) -> None:
    """Let this browser read the person's page for half an hour, not longer however much it reads."""
    answer.set_cookie(
        COOKIE, signing.dumps(str(person_id), salt=SALT), max_age=int(OPEN_FOR.total_seconds()), path=PATH,
        secure=settings.SECURE, httponly=True, samesite="Strict",
    )  # fmt: skip


def end(answer: HttpResponse) -> None:
    answer.delete_cookie(COOKIE, path=PATH, samesite="Strict")


def reader(request: Any) -> Actor | None:
    """The person whose page this browser may read now."""
    try:
        text = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=OPEN_FOR)
        return Actor(None, kind="person", person_id=UUID(text))
    except (signing.BadSignature, ValueError):
        return None


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the person's own pages: `view(request, by, seen, …)`, or the page that says it has closed."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        by = reader(request)
        try:
            seen = access(by.person_id, by=by) if by and by.person_id else None
        except PersonNotFound:
            seen = None
        if by is None or seen is None:
            return private(render(request, "person/closed.html", {**around()}, status=403))
        looked(by, "mine", [seen.id], reason="own_page")
        with timezone.override(_zone(seen)):
            return private(view(request, by, seen, *args, **kwargs))

    return guarded


def private(answer: HttpResponse) -> HttpResponse:
    """Nothing of it stays in the browser or anywhere between."""
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def around() -> dict[str, Any]:
    """What stands around every own page: no menu of whoever else is signed in, and whom to call."""
    number = chosen.value(chosen.EMERGENCY)
    return {"nav": None, "who": "", "help_now": {"name": "", "number": number} if number else None}


def _zone(seen: Seen) -> ZoneInfo:
    programme = [seen.row.programme_id] if seen.row.programme_id else []
    name = Programme.objects.filter(id__in=programme).values_list("timezone", flat=True).first()
    return ZoneInfo(name or timezone.get_default_timezone_name())
