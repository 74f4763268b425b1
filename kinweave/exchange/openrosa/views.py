"""The addresses of an app user: `openrosa/<token>/…`. Thin: what is decided is decided in flows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from kinweave.core.problems import Problem
from kinweave.exchange.openrosa import answers
from kinweave.exchange.openrosa.body import form_and_files
from kinweave.exchange.openrosa.caseload import caseload, gone
from kinweave.exchange.openrosa.forms import md5, offered, one_offered
from kinweave.exchange.xlsform.sheets import PEOPLE
from kinweave.flows.openrosa import take_submission
from kinweave.flows.openrosa_read import UnknownForm
from kinweave.house import registry
from kinweave.house.app_users import sender_behind

log = logging.getLogger("kinweave.openrosa")
View = Callable[..., HttpResponse]


class UnknownToken(Problem):
    status, code = 403, "unknown-app-user"
    says = "This phone is not set up here any more."
    remedy = "Ask your coordinator for a new code to scan. What is on the phone stays there."


def app_user(*methods: str) -> Callable[[View], View]:
    """An address of an app user: its account acts, its language is spoken, every fault is an OpenRosaResponse."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: Any, token: str, **asked: str) -> HttpResponse:
            if request.method not in methods:
                return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
            found = sender_behind(token)
            with override(found[0].language if found else None):
                try:
                    if found is None:
                        raise UnknownToken()
                    request.actor = found[1]
                    return view(request, token=token, **asked)
                except Problem as fault:
                    log.info("problem %s %s", fault.status, fault.code)
                    return answers.problem(fault)
                except DatabaseError as fault:
                    log.warning("database: %s", type(fault).__name__)
                    return answers.problem(registry.Busy())
                except Exception as fault:
                    log.error("unforeseen: %s", type(fault).__name__)
                    return answers.message(_("Something went wrong here. Nothing was stored. Try again later."), 500)

        return guarded

    return wrap


def _base(request: Any, token: str) -> str:
    return str(request.build_absolute_uri(reverse("openrosa-list", args=[token]))).rpartition("/")[0]


@app_user("GET")
def form_list(request: Any, token: str) -> HttpResponse:
    """The forms; `?formID=` narrows the list to one."""
    wanted = request.GET.get("formID", "")
    found = [one for one in offered(request.actor) if wanted in {"", one.form_id}]
    return answers.form_list(found, _base(request, token))


@app_user("GET")
def form(request: Any, token: str, form_id: str) -> HttpResponse:
    return answers.answer(one_offered(request.actor, form_id).xml)


@app_user("GET")
def manifest(request: Any, token: str, form_id: str) -> HttpResponse:
    """The files of a form; the list of one's own people is an entity list."""
    one = one_offered(request.actor, form_id)
    base = f"{_base(request, token)}/forms/{answers.quoted(form_id)}/media"
    files = [
        {"name": m.name, "hash": md5(bytes(m.content)), "url": f"{base}/{answers.quoted(m.name)}"} for m in one.media
    ]
    if one.caseload:
        files.append({
            "name": PEOPLE, "hash": md5(caseload(request.actor)), "url": f"{base}/{PEOPLE}",
            "integrity": f"{_base(request, token)}/people",
        })  # fmt: skip
    return answers.manifest(files)


@app_user("GET")
def media(request: Any, token: str, form_id: str, name: str) -> HttpResponse:
    """One file of a form."""
    one = one_offered(request.actor, form_id)
    if name == PEOPLE and one.caseload:
        return answers.answer(caseload(request.actor, handed=True), kind="text/csv; charset=utf-8")
    for row in one.media:
        if row.name == name:
            sent = answers.answer(bytes(row.content), kind=row.kind or "application/octet-stream")
            sent["X-Content-Type-Options"] = "nosniff"
            sent["Content-Disposition"] = "attachment"  # it came from somebody: a browser shows nothing of it
            return sent
    raise UnknownForm()


@app_user("GET")
def people(request: Any, token: str) -> HttpResponse:
    """Which entities a phone is to drop: those that are not this account's own any more."""
    return answers.integrity(gone(request.actor, request.GET.get("id", "").split(",")))


@app_user("HEAD", "POST")
def submission(request: Any, token: str) -> HttpResponse:
    """HEAD: how much may be sent at once. POST: a form, with files or a part of them."""
    if request.method == "HEAD":
        return answers.answer(b"", status=204)
    xml, files = form_and_files(request)
    return answers.taken(take_submission(by=request.actor, xml=xml, files=files))


urlpatterns = [
    path("openrosa/<str:token>/formList", form_list, name="openrosa-list"),
    path("openrosa/<str:token>/submission", submission, name="openrosa-submission"),
    path("openrosa/<str:token>/people", people, name="openrosa-people"),
    path("openrosa/<str:token>/forms/<str:form_id>/form.xml", form, name="openrosa-form"),
    path("openrosa/<str:token>/forms/<str:form_id>/manifest", manifest, name="openrosa-manifest"),
    path("openrosa/<str:token>/forms/<str:form_id>/media/<str:name>", media, name="openrosa-media"),
]
