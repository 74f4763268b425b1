"""Forms of one's own for ODK Collect: upload, versions, the way to a score, answers to take along; and the phones."""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache

from kinweave.core.instruments import wording
from kinweave.core.problems import Problem
from kinweave.flows import forms as flow
from kinweave.flows import forms_answers as table_of
from kinweave.front.desk.care_parts import shown_as
from kinweave.front.desk.forms_import import select
from kinweave.front.desk.people_parts import EntryForm, choice, in_local_time, said_when, send
from kinweave.house import app_users
from kinweave.house.access import Actor
from kinweave.house.accounts import within_reach
from kinweave.house.actions import NotFound
from kinweave.listen.actions_forms import set_form
from kinweave.listen.reads_forms import Form, media_of
from kinweave.listen.shelf import instruments

MOST_FORM = 5_000_000
ABOUT = (
    ("person", lazy("A person of the programme: answers go to their record")),
    ("nobody", lazy("Nobody in particular: a place, a meeting, a stock")),
)
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "columns": "text/csv; charset=utf-8",
}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, or none."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class UploadForm(EntryForm):
    """The form's file, what it shows or plays, and whom its answers are about."""

    file = forms.FileField(label=lazy("The form"), help_text=lazy("An XLSForm: an Excel file (.xlsx), 5 MB at most."))
    with_it = FilesField(
        label=lazy("Pictures, sounds and lists that it uses"), required=False,
        help_text=lazy("All of them together, 8 MB at most."),
    )  # fmt: skip
    person_field = forms.CharField(
        label=lazy("Which question says who it is?"), required=False, max_length=200,
        help_text=lazy("Its name in the form. Leave it empty for a question named person."),
    )  # fmt: skip

    def __init__(self, by: Actor, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["about"] = choice(_("Whom is an answer about?"), ABOUT, initial="person")
        self.order_fields(["file", "with_it", "about", "person_field"])
        homes = [(str(one.id), one.name) for one in flow.homes_of(by)]
        self.fields["organisation_id"] = select(_("Organisation"), homes, homes[0][0] if homes else "")
        if len(homes) == 1:
            self.fields["organisation_id"].widget = forms.HiddenInput()


@in_local_time
def home(request: Any) -> HttpResponse:
    """The newest version of each form, and how many there are."""
    rows: dict[str, dict[str, Any]] = {}
    for one in flow.forms_within(request.actor):
        row = rows.setdefault(one.slug, {"name": one.name, "slug": one.slug, "versions": 0, "on": one.on,
                                         "url": reverse("form", args=[one.id]), "when": said_when(one.at)})  # fmt: skip
        row["versions"] += 1
    return render(request, "desk/forms/home.html", {"rows": list(rows.values())})


def new(request: Any) -> HttpResponse:
    """Upload a form; it is stored only when every judge is content."""
    form = UploadForm(request.actor, request.POST or None, request.FILES or None)
    problem: Problem | None = None
    if request.method == "POST" and form.is_valid():
        stored, problem = send(form, lambda given, head: _stored(request, given, head))
        if problem is None:
            said = stored.checked.judged
            messages.success(request, _("The form is stored. Phones get it with their next list."))
            if not said.ran:
                messages.info(request, _("ODK Validate did not look at it: no Java here, or it took too long."))
            return HttpResponseRedirect(reverse("form", args=[stored.form_id]))
    shown = {
        "form": form, "problem": problem, "faults": getattr(problem, "faults", ()),
        "back": {"url": reverse("forms"), "label": _("Forms")},
    }  # fmt: skip
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/forms/new.html", shown, status=status)


def _stored(request: Any, given: dict[str, Any], head: Any) -> Any:
    file, several = given["file"], given["with_it"]
    if file.size > MOST_FORM or sum(one.size for one in several) > flow.ALL_MEDIA:
        raise flow.MediaUnfit(reason="together they are too large")
    if len({one.name for one in several}) != len(several):
        raise flow.MediaUnfit(reason="its name or kind is not one that forms use")
    return flow.upload_form(
        by=request.actor, head=head, organisation_id=UUID(given["organisation_id"]), raw=file.read(),
        media={one.name: one.read() for one in several}, about=given["about"], person_field=given["person_field"],
    )  # fmt: skip


class MapForm(EntryForm):
    """Which question is which item of a questionnaire."""

    def __init__(self, row: Form, slug: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        one = instruments()[slug]
        paths = [("", _("No question")), *((c["path"], f"{c['label'][:80]} ({c['path']})") for c in row.columns)]
        kept = row.items if row.instrument == slug else flow.suggested(one, row.columns)
        words = wording(one, "en").items if one.wordings else {}
        for item in one.items:
            label = f"{item.code}: {words[item.code]}" if item.code in words else item.code
            self.fields[f"item-{item.code}"] = select(label, paths, kept.get(item.code, ""))


@in_local_time
def one(request: Any, form_id: UUID) -> HttpResponse:
    """One version: offered or not, what it asks, the way to a score, its answers."""
    row = flow.one_form(request.actor, form_id)
    known = instruments()
    slug = request.GET.get("score", row.instrument)
    slug = slug if slug in known else ""
    mapped = MapForm(row, slug, request.POST if request.POST.get("do") == "map" else None) if slug else None
    plain = EntryForm(request.POST or None)
    problem: Problem | None = None
    if request.method == "POST":
        problem = _changed(request, row, slug, mapped, plain)
        if problem is None:
            return HttpResponseRedirect(reverse("form", args=[row.id]))
    shown = {
        "row": row, "when": said_when(row.at), "problem": problem, "faults": getattr(problem, "faults", ()),
        "back": {"url": reverse("forms"), "label": _("Forms")}, "columns": row.columns, "mapped": mapped,
        "entry": EntryForm(auto_id="plain_%s")["entry"], "slug": slug,
        "scores": [{"slug": s, "name": shown_as(i), "here": s == slug} for s, i in sorted(known.items())],
        "scored_as": shown_as(known[row.instrument]) if row.instrument in known else "",
        "media": [m.name for m in media_of(row)],
        "answers": [{"label": label, "url": reverse("form-answers", args=[row.id, kind])} for kind, label in (
            ("csv", _("Answers as CSV")), ("parquet", _("Answers as Parquet")),
            ("columns", _("What the columns mean (CSV)")),
        )] if request.actor.may("forms.answers") else [],
    }  # fmt: skip
    return render(request, "desk/forms/one.html", shown, status=problem.status if problem else 200)


def _changed(request: Any, row: Form, slug: str, mapped: MapForm | None, plain: EntryForm) -> Problem | None:
    """Offer it or not, or lead it to a score."""
    by = request.actor
    if request.POST.get("do") == "map" and mapped is not None and mapped.is_valid():
        items = {n.removeprefix("item-"): v for n, v in mapped.cleaned_data.items() if n.startswith("item-")}
        _done, problem = send(
            mapped, lambda _g, head: flow.map_form(by=by, head=head, form_id=row.id, instrument=slug, items=items)
        )
        if problem is None:
            messages.success(request, _("Answers from now on get a score."))
        return problem
    if not plain.is_valid():
        return None
    if request.POST.get("do") == "unmap":
        _done, problem = send(
            plain, lambda _g, head: flow.map_form(by=by, head=head, form_id=row.id, instrument="", items={})
        )
        return problem
    on = request.POST.get("do") == "on"
    _done, problem = send(plain, lambda _g, head: set_form(by=by, head=head, form_id=row.id, on=on))
    if problem is None:
        messages.success(request, _("Phones get this form.") if on else _("Phones do not get this form any more."))
    return problem


@never_cache
def answers(request: Any, form_id: UUID, kind: str) -> HttpResponse:
    """What was answered, to take along. Downloading it is written down as a look at these people."""
    row = table_of.form_of(request.actor, form_id)
    table = table_of.Table(request.actor, row.slug)
    if kind == "parquet":
        content = table_of.as_parquet(table)
    elif kind == "columns":
        content = b"".join(table_of.as_csv(table.dictionary()))
    elif kind == "csv":
        content = b"".join(table_of.as_csv(table.rows(), table.columns))
    else:
        raise NotFound(what="form")
    sent = HttpResponse(content, content_type=KINDS[kind])
    ending = {"csv": ".csv", "parquet": ".parquet", "columns": "-columns.csv"}[kind]
    sent["Content-Disposition"] = f'attachment; filename="{row.slug}{ending}"'
    return sent


# -------------------------------------------------------------------------------------------------- phones


def set_up_code(address: str, name: str) -> str:
    """What ODK Collect reads from a square code: its settings as JSON, packed (zlib) and in base64."""
    wanted = {
        "general": {"server_url": address, "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular"},
        "project": {"name": name, "icon": "K"},
        "admin": {},
    }
    return base64.b64encode(zlib.compress(json.dumps(wanted, ensure_ascii=False).encode(), 9)).decode()


def drawn(code: str) -> str:
    """The square code as a drawing that fits whatever is beside it: on a small screen it must stay whole."""
    out = io.BytesIO()
    segno.make(code, error="l").save(out, kind="svg", border=4, light="#ffffff", xmldecl=False, omitsize=True)
    return mark_safe(out.getvalue().decode())  # noqa: S308  drawn by segno from an address of our own


def address_of(request: Any, token: str) -> str:
    """The address that a phone sends to, without a last slash."""
    path = f"/openrosa/{token}"
    return settings.SITE_URL.rstrip("/") + path if settings.SITE_URL else str(request.build_absolute_uri(path))


@never_cache
@in_local_time
def phones(request: Any) -> HttpResponse:
    """Phones with ODK Collect: set one up with a code shown once, end one."""
    by: Actor = request.actor
    problem: Problem | None = None
    made: dict[str, Any] = {}
    if request.method == "POST":
        try:
            made = _phone(request, by)
            if not made:
                return HttpResponseRedirect(reverse("form-phones"))
        except Problem as fault:
            problem = fault
    shown = {
        "problem": problem, **made,
        "accounts": [a for a in within_reach(by, "forms.phones") if a.is_active],
        "rows": [{"id": r.id, "who": r.account.shown_name, "name": r.name, "until": said_when(r.until),
                  "used": r.used_on} for r in app_users.app_users(by)],
        "back": {"url": reverse("forms") if by.may("forms.keep") else reverse("today"), "label": _("Forms")},
    }  # fmt: skip
    return render(request, "desk/forms/phones.html", shown, status=problem.status if problem else 200)


def _phone(request: Any, by: Actor) -> dict[str, Any]:
    """End a phone (nothing is returned), or make one: its address and its code."""
    try:
        ended, wanted = request.POST.get("end", ""), request.POST.get("account", "")
        which = UUID(ended or wanted)
    except ValueError:
        raise NotFound(what="account") from None
    if ended:
        app_users.end_app_user(by=by, token_id=which)
        messages.success(request, _("This phone can send nothing any more."))
        return {}
    row, token = app_users.make_app_user(by=by, account_id=which, name=request.POST.get("name", ""))
    address = address_of(request, token)
    return {"address": address, "qr": drawn(set_up_code(address, "Kinweave")), "whose": row.account.shown_name}
