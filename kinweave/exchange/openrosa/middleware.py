"""Phones' requests take the short way: no session, no cookies, no page, and nobody else reads the body first."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from kinweave.exchange.openrosa.answers import problem
from kinweave.flows.openrosa_read import UnknownForm

UNDER = "/openrosa/"


class OpenRosaMiddleware:
    """Answers what lies under /openrosa/ before everything that is only for browsers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(UNDER):
            return self.get_response(request)
        try:
            found = resolve(request.path_info, urlconf="kinweave.exchange.openrosa.views")  # not all the site's
        except Resolver404:
            return problem(UnknownForm())
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        return answer
