"""Typing the lines of a register: one line after another, the sheet's number above, what was kept beside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from kinweave.core import sheet_numbers
from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.front.desk import typing
from kinweave.front.desk.forms_care import read_number
from kinweave.front.desk.people_parts import EntryForm, in_local_time
from kinweave.front.desk.rows import Line, read_lines, tell_worry, typed_already, write
from kinweave.front.print.codes import Register, register
from kinweave.front.print.frame import programme_id_of
from kinweave.front.print.sheets import ROWS
from kinweave.front.problem_words import both
from kinweave.gather.reads import circles
from kinweave.house.models import Entry
from kinweave.house.readlog import looked

COUNT = ROWS["a4"]


class SheetForm(EntryForm):
    """The head of a register."""

    sheet = forms.CharField(
        label=lazy("Number of the sheet"), max_length=36, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )  # fmt: skip
    copy = forms.BooleanField(
        label=lazy("It is another sheet with the same number (a photocopy): keep both"), required=False
    )

    def __init__(self, *args: Any, kind: str, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == "circles":
            choices = [(str(one.row.id), one.row.name) for one in circles(by, states=("open", "ended"))]
            widget = forms.Select
            self.fields["circle"] = forms.ChoiceField(label=_("Which circle"), choices=choices, widget=widget)

    def clean_sheet(self) -> str:
        return read_number(self.cleaned_data["sheet"], sheet_numbers.kept)


@in_local_time
def paper_rows(request: Any, kind: str) -> HttpResponse:
    """The lines of one sheet."""
    found = register(kind, str(programme_id_of(request) or ""))
    if found is None:
        raise Http404
    request.actor.require(found.permission)
    form = SheetForm(request.POST or None, kind=kind, by=request.actor, initial=typing.kept_entry(request))
    lines = read_lines(found, request.POST, COUNT, request.actor)
    doubled: set[int] = set()
    if request.method == "POST":
        valid = form.is_valid()
        if request.POST.get("go") == "keep":
            return _kept(request, form, lines)
        if valid:
            doubled = _write_all(request, found, form, lines)
            if not any(_waits(line) for line in lines):
                return _on(request, kind, lines)
        else:
            _cards(request, form, lines)
    return _page(request, found, form, lines, doubled)


def _waits(line: Line) -> bool:
    return not line.empty and line.made is None


def _kept(request: Any, form: SheetForm, lines: list[Line]) -> HttpResponse:
    return typing.keep(request, _cards(request, form, lines))


def _cards(request: Any, form: SheetForm, lines: list[Line]) -> list[str]:
    """Worried lines reach someone while the rest is still being typed."""
    entry = form.cleaned_data.get("entry")
    made = []
    for line in lines:
        try:
            made.append(tell_worry(request.actor, entry, line) if entry else "")
        except Problem:  # out of reach for this; the line itself will be held and says so
            continue
    return [card for card in made if card]


def _write_all(request: Any, found: Register, form: SheetForm, lines: list[Line]) -> set[int]:
    """Write the lines that fit; the others keep what was typed and say why. Returns those that were typed before."""
    given, by = form.cleaned_data, request.actor
    before = set() if given.get("copy") else typed_already(found.kind, by, given["sheet"], lines)
    circle = typing.as_uuid(given.get("circle")) if found.kind == "circles" else None
    doubled = set()
    looked(by, "paper", [line.values["code"].id for line in lines if line.values.get("code")])
    for line in lines:
        if line.empty:
            continue
        if line.number in before and not _same_send(given["entry"], line.number):
            doubled.add(line.number)
            continue
        if line.faults:
            _cards(request, form, [line])
            continue
        try:
            line.made = write(found, by, given["entry"], given["sheet"], line, circle)
        except Problem as fault:
            line.problem = both(fault)
            continue
        typing.add_to_run(request, found.kind, line.made, line.values["on"])
    return doubled


def _same_send(entry: UUID, number: int) -> bool:
    """This very form was sent before: the line answers as it did then."""
    return Entry.objects.filter(id=child(entry, f"line/{number}")).exists()


def _on(request: Any, kind: str, lines: list[Line]) -> HttpResponse:
    """The next sheet; the first safety card before that."""
    kept = [line for line in lines if line.made]
    says = ngettext("%(n)d line is kept.", "%(n)d lines are kept.", len(kept)) % {"n": len(kept)}
    if kept:
        messages.success(request, says)
    card = next((line.made["card"] for line in kept if line.made and line.made.get("card")), "")
    return HttpResponseRedirect(f"{card}?rows=1" if card else reverse("paper-rows", args=[kind]))


def _page(request: Any, found: Register, form: SheetForm, lines: list[Line], doubled: set[int]) -> HttpResponse:
    run = typing.run_of(request, found.kind)
    codes = typing.codes_of(request.actor, run["rows"])
    rows = [_row(found, line, line.number in doubled) for line in lines]
    shown = {
        "title": found.title, "kind": found.kind, "form": form, "rows": rows, "doubled": sorted(doubled),
        "columns": [{"label": c.label, "legend": c.numbered if c.codes else ()} for c in found.columns],
        "legends": [{"label": c.label, "options": c.numbered} for c in found.columns if c.codes],
        "typed": [{**one, "code": codes.get(str(one.get("person")), "")} for one in run["rows"]],
        "wrong": any(row["says"] for row in rows), "back": {"url": reverse("paper-list"), "label": _("Paper")},
        "print_url": reverse("paper-sheet", args=[found.kind]), "undo_name": f"paper-rows:{found.kind}",
    }  # fmt: skip
    status = 200 if not form.is_bound else 409 if doubled else 422
    return render(request, "desk/type/rows.html", shown, status=status)


def _row(found: Register, line: Line, doubled: bool) -> dict[str, Any]:
    says = [f"{c.label}: {line.faults[c.name]}" for c in found.columns if c.name in line.faults]
    if line.problem:
        says.append(str(line.problem))
    if doubled:
        says.append(_("This line was typed already."))
    cells = [
        {
            "name": f"{c.name}_{line.number}", "label": c.label, "value": line.typed[c.name], "kind": c.kind,
            "wrong": c.name in line.faults, "most": len(str(len(c.codes))),
        }
        for c in found.columns
    ]  # fmt: skip
    return {"number": line.number, "cells": cells, "says": says, "kept": line.made is not None}
