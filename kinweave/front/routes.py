"""Routes with their permission in one place: what is not declared here does not exist, and the access matrix
test walks this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

View = Callable[..., HttpResponse]

PUBLIC = "public"  # anyone, signed in or not
SIGNED_IN = "signed_in"  # any account
OWN = "own"  # a person on their own page


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `permission`: a permission of house.access, or PUBLIC, SIGNED_IN, OWN."""

    name: str
    address: str
    permission: str
    methods: tuple[str, ...]


ROUTES: dict[str, Route] = {}


def route(
    address: str,
    view: View,
    *,
    name: str,
    permission: str,
    methods: tuple[str, ...] = ("GET", "POST"),
    namespace: str = "",
) -> URLPattern:
    """Declare an address: signed in, allowed, and only by these methods."""
    full = f"{namespace}:{name}" if namespace else name
    if full in ROUTES:
        raise ValueError(f"the route {full} is declared twice")
    ROUTES[full] = Route(full, address, permission, methods)

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {*methods, "HEAD", "OPTIONS"}:
            return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
        if permission in {PUBLIC, OWN}:  # an own page checks its own session
            return view(request, *args, **kwargs)
        if request.actor is None:
            return _sign_in(request)
        if permission != SIGNED_IN:
            request.actor.require(permission)
        return view(request, *args, **kwargs)

    return path(address, guarded, name=name)


def _sign_in(request: HttpRequest) -> HttpResponse:
    return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)
