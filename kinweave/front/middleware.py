"""For every request: who acts, in which language, and problems shown as pages that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from kinweave.core.problems import Problem
from kinweave.house.access import Actor

log = logging.getLogger("kinweave.front")
JSON_ONLY = ("/api/", "/phone/api/")  # addresses whose every answer is JSON


class KinweaveMiddleware:
    """Sets `request.actor` (None for visitors) and turns a Problem into its page or its JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = Actor.of(request.user.id) if request.user.is_authenticated else None
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if not isinstance(fault, Problem):
            return None
        log.info("problem %s %s", fault.status, fault.code)
        if request.path.startswith(JSON_ONLY):
            return JsonResponse({"problem": fault.as_dict()}, status=fault.status)
        return render(request, "problem.html", {"problem": fault}, status=fault.status)
