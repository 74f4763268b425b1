"""Imports on the desk: send a file, say what its columns mean, look over what would happen, bring it in, undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from kinweave.core.problems import Problem
from kinweave.core.sheets.response_map import ResponseMap, default_words, write_map
from kinweave.flows.intake import jobs, past, uploads
from kinweave.flows.intake.site import organisation_for
from kinweave.front.desk.forms_import import (
    FileForm,
    MatchForm,
    PeopleMapForm,
    ResponseMapForm,
    SheetForm,
    site_choices,
)
from kinweave.front.desk.import_words import KINDS, STATES, told_of
from kinweave.front.desk.people_parts import account_names, in_local_time, said_when
from kinweave.front.notice_words import lines, notice
from kinweave.front.problem_words import told as told_problem
from kinweave.front.sealed_upload import SealingHandler
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound

AGAIN = "3"  # seconds until a page that waits looks again


@in_local_time
def import_home(request: Any) -> HttpResponse:
    """What can be brought in, what waits, what was brought in before."""
    by: Actor = request.actor
    rows = past.history(by)
    names = account_names(row.actor_id for row in rows)
    shown = [
        {
            "id": row.id, "what": KINDS.get(row.kind, row.kind), "when": said_when(row.at), "iso": row.at.isoformat(),
            "by": names.get(row.actor_id, "") if row.actor_id else "", "state": STATES[row.state],
            "says": told_of(row.counts), "undo_url": reverse("import-undo", args=[row.id]) if row.undo else "",
        }
        for row in rows
    ]  # fmt: skip
    waiting = [
        {
            "url": reverse("import-job", args=[one.id]),
            "name": told.get("name") or _("Undo"),
            "kind": KINDS[told["kind"]],
        }
        for one, told in uploads.waiting(by)
    ]
    return render(request, "desk/import/home.html", {"rows": shown, "waiting": waiting})


@csrf_exempt  # until the handler is set: whoever reads the form first decides where the file goes
def import_new(request: Any, kind: str) -> HttpResponse:
    """Send a file. It is sealed as it arrives."""
    if kind not in KINDS:
        raise NotFound(what="import")
    request.actor.require(f"import.{kind}")
    request.upload_handlers = [SealingHandler(request)]
    return _import_new(request, kind)


@csrf_protect
def _import_new(request: Any, kind: str) -> HttpResponse:
    by: Actor = request.actor
    form = FileForm(kind, by, request.POST or None, request.FILES or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            organisation = organisation_for(by, f"import.{kind}", told.get("organisation", ""))
            more = {"instrument": told.get("instrument", ""), "organisation": str(organisation)}
            upload = uploads.receive(by, kind, told["file"].name, told["file"].chunks(), **more)
            jobs.start(upload, "study")
            return HttpResponseRedirect(reverse("import-job", args=[upload.id]))
        except Problem as fault:
            problem = fault
    status = problem.status if problem else 422 if form.is_bound else 200
    shown = {"form": form, "problem": problem, "kind": kind, "title": KINDS[kind]}
    return render(request, "desk/import/new.html", shown, status=status)


@in_local_time
def import_job(request: Any, upload_id: UUID) -> HttpResponse:
    """One file on its way, by the stage it is in."""
    upload = uploads.open_upload(request.actor, upload_id)
    told = upload.state()
    if request.method == "POST":
        return _post(request, upload, told)
    if told["stage"] == "working":
        return _working(request, upload, told)
    stage = told["stage"] if told["stage"] in STAGES else "problem"
    response = render(request, f"desk/import/{stage}.html", {**_common(upload, told), **STAGES[stage](request, told)})
    response["Cache-Control"] = "no-store"
    return response


def _common(upload: uploads.Upload, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": KINDS[told["kind"]], "told": told, "url": reverse("import-job", args=[upload.id]),
        "back": {"url": reverse("import"), "label": _("Bring in from a file")},
        "aside_url": reverse("import-aside", args=[upload.id]) if upload.has("aside") else "",
    }  # fmt: skip


def _working(request: Any, upload: uploads.Upload, told: Mapping[str, Any]) -> HttpResponse:
    dead = jobs.seems_dead(told)
    response = render(request, "desk/import/working.html", {**_common(upload, told), "dead": dead})
    if not dead:
        response["Refresh"] = AGAIN
    response["Cache-Control"] = "no-store"
    return response


def _post(request: Any, upload: uploads.Upload, told: dict[str, Any]) -> HttpResponse:
    """What its owner decided. Each step may be sent twice: it is the same import."""
    do = request.POST.get("do", "")
    here = HttpResponseRedirect(reverse("import-job", args=[upload.id]))
    if told["stage"] == "working":
        if jobs.seems_dead(told) and do == "again":
            jobs.start(upload, told["step"])
        return here
    if do == "drop":
        upload.delete()
        messages.success(request, _("The file is deleted. Nothing else was changed."))
        return HttpResponseRedirect(reverse("import"))
    if do == "map" and "headings" in told:
        upload.save(stage="map")
    elif do == "run" and told["stage"] == "looked":
        jobs.start(upload, "run")
    elif do in POSTS and told["stage"] in POSTS[do][1]:
        return POSTS[do][0](request, upload, told) or here
    return here


def _choose_sheet(request: Any, upload: uploads.Upload, told: dict[str, Any]) -> HttpResponse | None:
    form = SheetForm(told["sheets"], request.POST)
    if not form.is_valid():
        return render(request, "desk/import/sheet.html", {**_common(upload, told), "form": form}, status=422)
    jobs.start(upload, "study", sheet=int(form.cleaned_data["sheet"]))
    return None


def _look(request: Any, upload: uploads.Upload, told: dict[str, Any]) -> HttpResponse | None:
    """The map was filled in: a dry run."""
    form = _map_form(request, told, request.POST)
    if not form.is_valid():
        return render(request, "desk/import/map.html", {**_common(upload, told), "form": form}, status=422)
    if isinstance(form, PeopleMapForm):
        plan = form.plan(told["organisation"]) | {"sheet": told.get("sheet")}
        changes = {"names": told.get("plan", {}).get("names", {})}
    else:
        found = form.map()
        missing, declined = (*default_words("missing"), *found["missing"]), default_words("declined")
        parts = (found["columns"], found["items"], found["values"])
        text = write_map(ResponseMap(told["instrument"], *parts, missing, declined))
        plan = {
            "instrument": told["instrument"], "map_text": text, "organisation": told["organisation"],
            "day_first": {"day": True, "month": False}.get(form.cleaned_data["dates"]), "sheet": told.get("sheet"),
        }  # fmt: skip
        changes = {}
        upload.save(roles=found["columns"], items=found["items"], values=found["values"])
    jobs.start(upload, "look", plan={**plan, **changes})
    return None


def _match(request: Any, upload: uploads.Upload, told: dict[str, Any]) -> HttpResponse | None:
    """Names were matched by hand: look again."""
    form = MatchForm(told["report"]["unmatched"], _site(request, told), request.POST)
    if form.is_valid() and (found := form.chosen()):
        names = {k: dict(v) for k, v in told["plan"].get("names", {}).items()}
        for part, words in found.items():
            names.setdefault(part, {}).update(words)
        jobs.start(upload, "look", plan={**told["plan"], "names": names})
    return None


POSTS = {
    "sheet": (_choose_sheet, ("sheet",)),
    "look": (_look, ("map", "looked", "problem")),
    "match": (_match, ("looked",)),
}


def _site(request: Any, told: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return site_choices(request.actor, f"import.{told['kind']}", told["organisation"])


def _map_form(request: Any, told: Mapping[str, Any], data: Any = None) -> PeopleMapForm | ResponseMapForm:
    if told["kind"] == "people":
        return PeopleMapForm(told, _site(request, told), data)
    return ResponseMapForm(told, data)


def _looked(request: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    unmatched = told["report"]["unmatched"]
    danger = told["report"]["extra"].get("danger", 0)
    says = ngettext(
        "%d row holds an answer that someone must look at.",
        "%d rows hold an answer that someone must look at.",
        danger,
    )
    return {
        **_report(request, told),
        "match": MatchForm(unmatched, _site(request, told)) if unmatched else None,
        "danger": says % danger if danger else "",
        "may_run": bool(told["report"]["accepted"] or danger),
    }


def _report(request: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    report = told["report"]
    reasons = [{"count": n, "says": notice(report["says"].get(code, code))} for code, n in report["reasons"].items()]
    stopped = told_problem(report["stopped"]) if report.get("stopped") else None
    read = {"lines": lines(report.get("lines") or []), "notes": [notice(one) for one in report.get("notes") or []]}
    return {
        "report": {**report, **read, "stopped": stopped},
        "says": told_of({**report, **report["extra"]}, dry=not report["written"]),
        "reasons": reasons,
    }


STAGES: dict[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    "sheet": lambda request, told: {"form": SheetForm(told["sheets"])},
    "map": lambda request, told: {"form": _map_form(request, told)},
    "looked": _looked,
    "done": _report,
    "undone": lambda request, told: {"says": told_of(told["report"])},
    "problem": lambda request, told: {"problem": told.get("problem"), "may_map": "headings" in told},
}


def import_aside(request: Any, upload_id: UUID) -> HttpResponse:
    """The rows that were set aside, with their reasons, to be mended and sent again."""
    upload = uploads.open_upload(request.actor, upload_id)
    content = upload.read("aside")
    headers = {"Content-Disposition": 'attachment; filename="set-aside.csv"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@in_local_time
def import_undo(request: Any, import_id: UUID) -> HttpResponse:
    """Take an import back, after saying what that means."""
    found = next((row for row in past.history(request.actor) if row.id == import_id and row.undo), None)
    if found is None:
        raise NotFound(what="import")
    if request.method == "POST":
        upload = jobs.start_undo(request.actor, found)
        return HttpResponseRedirect(reverse("import-job", args=[upload.id]))
    shown = {
        "title": _("Undo this import?"), "what": KINDS[found.kind], "kind": found.kind, "when": said_when(found.at),
        "says": told_of(found.counts), "back": {"url": reverse("import"), "label": _("Bring in from a file")},
    }  # fmt: skip
    return render(request, "desk/import/undo.html", shown)
