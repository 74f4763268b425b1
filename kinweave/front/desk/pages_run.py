"""Typing a pile of sheets: the questionnaire is chosen once; number, person, digits, and the next sheet at once.

A second reading types a pile again, number by number, and shows where the two differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core import sheet_numbers
from kinweave.core.instrument_types import Question
from kinweave.core.instruments import questions, wording
from kinweave.core.problems import Problem
from kinweave.front.desk import typing
from kinweave.front.desk.care_parts import by_key, shown_as
from kinweave.front.desk.forms_care import PaperForm, read_number
from kinweave.front.desk.pages_ask import language_choices
from kinweave.front.desk.pages_paper import digit_row, read_digits, send_sheet, tell_early, written_early
from kinweave.front.desk.people_parts import in_local_time, open_person, said_day
from kinweave.house.models import Entry
from kinweave.listen.reads_sheets import Typed, answers_typed, typed_before
from kinweave.listen.shelf import SwitchedOff
from kinweave.people.door import PersonNotFound, Seen


class RunForm(PaperForm):
    """The head of a sheet in a pile."""

    code = forms.CharField(
        label=lazy("Code of the person"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )  # fmt: skip
    copy = forms.BooleanField(
        label=lazy("It is another sheet with the same number (a photocopy): keep both"), required=False
    )

    def __init__(self, *args: Any, own: bool, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own, self.again = own, again
        self.fields["sheet"].required = not own
        self.fields["sheet"].widget.attrs |= {"spellcheck": "false", "dir": "ltr"}
        if again:
            self.fields["on"].required = False
        else:
            self.fields["code"].required = True

    def clean_on(self) -> date | None:  # type: ignore[override]
        """A second reading leaves the day as it was typed first."""
        return super().clean_on() if self.cleaned_data.get("on") else None

    def clean_sheet(self) -> str:
        """Printed numbers are checked, others kept as they are."""
        return read_number(self.cleaned_data["sheet"], sheet_numbers.kept if self.own else sheet_numbers.read)


@dataclass
class Sheet:
    """One sheet on its way: what was typed, and what is to be said about it."""

    form: RunForm
    asked: tuple[Question, ...]
    answers: dict[str, Any]
    wrong: list[str]
    language: str
    seen: Seen | None = None
    before: Typed | None = None  # the same number was typed before
    differs: dict[str, Any] | None = None  # second reading: code → what was typed first
    problem: Problem | None = None


@in_local_time
def paper_run(request: Any, key: str) -> HttpResponse:
    """The pile."""
    one = by_key(key)
    if one.slug not in typing.asked_here(request.actor):
        raise SwitchedOff()
    again, own = _flag(request, "again"), _flag(request, "own")
    run = typing.run_of(request, key)
    given = request.POST or request.GET
    language = wording(one, given.get("language") or get_language() or "en").language
    first = {"on": run["on"] or timezone.localdate(), "language": language, **typing.kept_entry(request)}
    form = RunForm(request.POST or None, languages=language_choices(one), initial=first, own=own, again=again)
    asked = questions(one, language)
    sheet = Sheet(form, asked, *read_digits(asked, request.POST), language)
    if request.method == "POST":
        answer = _typed(request, key, one.slug, sheet)
        if answer is not None:
            return answer
    return _page(request, key, one, sheet, run)


def _flag(request: Any, name: str) -> bool:
    return (request.POST or request.GET).get(name) == "1"


def _typed(request: Any, key: str, slug: str, sheet: Sheet) -> HttpResponse | None:
    """What becomes of a sent form: kept while typing, or the sheet itself. None: the page is shown again."""
    go, valid = request.POST.get("go", ""), sheet.form.is_valid()
    if go == "keep":
        return _kept(request, slug, sheet)
    if sheet.form.again:
        return _second(request, key, slug, sheet) if valid and not sheet.wrong else None
    if valid:
        _whose(request, sheet)
    if not valid or sheet.wrong or sheet.seen is None:
        _early(request, slug, sheet)
        return None
    if _doubled(request, sheet):
        _early(request, slug, sheet)
        return None
    return _save(request, key, slug, sheet)


def _whose(request: Any, sheet: Sheet) -> None:
    """The person of the code, through the door; or why there is none."""
    row, several = typing.person_by_code(request.actor, sheet.form.cleaned_data["code"])
    if row is None:
        says = _("Several people fit. Type the code.") if several else _(
            "Nobody fits. Look for the code at the head of the sheet."
        )  # fmt: skip
        sheet.form.add_error("code", says)
        return
    sheet.seen = open_person(request, row.id, "paper", "listen.record")


def _doubled(request: Any, sheet: Sheet) -> bool:
    """The same number was typed before; a repeated send of this very sheet is no such thing."""
    given = sheet.form.cleaned_data
    if given.get("copy") or not given["sheet"] or Entry.objects.filter(id=given["entry"]).exists():
        return False
    found = typed_before(request.actor, given["sheet"])
    if found is None or found.id in {given.get("replaces"), written_early(given["entry"])}:
        return False
    sheet.before = found
    return True


def _save(request: Any, key: str, slug: str, sheet: Sheet) -> HttpResponse | None:
    seen, given = sheet.seen, sheet.form.cleaned_data
    assert seen is not None  # noqa: S101  _typed asked
    given["replaces"] = given.get("replaces") or written_early(given["entry"])
    result, problem = send_sheet(request, seen, slug, sheet.form, sheet.answers, sheet.language)
    if problem is not None:
        sheet.problem = problem
        return None
    made = result.get("response") or result.get("held")
    row = {"id": str(made), "person": str(seen.id), "sheet": given["sheet"], "held": not result.get("response")}
    typing.add_to_run(request, key, row, given["on"])
    if result.get("risk"):
        return HttpResponseRedirect(f"{reverse('safety-card', args=[seen.id, result['risk']])}?run={key}")
    return HttpResponseRedirect(_again(request, key, sheet))


def _again(request: Any, key: str, sheet: Sheet) -> str:
    """The same screen for the next sheet."""
    more = "".join(f"&{name}=1" for name in ("again", "own") if _flag(request, name))
    return f"{reverse('paper-run', args=[key])}?language={sheet.language}{more}"


# --------------------------------------------------------------------------- danger, while typing


def _early(request: Any, slug: str, sheet: Sheet) -> str:
    """A safety answer on a sheet that is not finished reaches someone now; the card's address, or nothing."""
    if sheet.seen is None:
        row = typing.exact_code(request.actor, request.POST.get("code", ""))
        if row is None:
            return ""
        try:
            sheet.seen = open_person(request, row.id, "paper", "listen.record")
        except PersonNotFound:
            return ""
    try:
        risk = tell_early(request, sheet.seen, slug, sheet.form, sheet.answers, sheet.language)
    except Problem:  # two keystrokes at once: the first of them has told someone, or the save will
        return ""
    return reverse("safety-card", args=[sheet.seen.id, risk]) if risk else ""


def _kept(request: Any, slug: str, sheet: Sheet) -> HttpResponse:
    """Kept while typing, in case the page is lost; danger goes out at once."""
    card = "" if sheet.form.again else _early(request, slug, sheet)
    replaces = str(sheet.form.data.get("replaces") or "")
    return typing.keep(request, [card] if card else [], replaces)


# ------------------------------------------------------------------------------- a second reading


def _second(request: Any, key: str, slug: str, sheet: Sheet) -> HttpResponse | None:
    """The same number typed again: alike, or where not; what the sheet says wins, and both stay in the history."""
    number = sheet.form.cleaned_data["sheet"]
    found = typed_before(request.actor, number)
    if found is None or not found.reached or found.instrument != slug:
        sheet.form.add_error("sheet", _("No sheet of this number was typed here."))
        return None
    sheet.seen, sheet.before = open_person(request, found.person_id, "paper", "listen.record"), None
    first = answers_typed(sheet.seen.ids, found.id)
    differs = {q.code: first.get(q.code) for q in sheet.asked if first.get(q.code) != sheet.answers.get(q.code)}
    if not differs:
        messages.success(request, _("Sheet %(number)s: the same, digit by digit.") % {"number": number})
        return HttpResponseRedirect(_again(request, key, sheet))
    if request.POST.get("go") != "correct":
        sheet.differs = differs
        return None
    sheet.form.cleaned_data |= {"on": found.taken_on, "replaces": found.id}
    return _save(request, key, slug, sheet)


# --------------------------------------------------------------------------------------- the page


def _page(request: Any, key: str, one: Any, sheet: Sheet, run: dict[str, Any]) -> HttpResponse:
    form, asked = sheet.form, sheet.asked
    rows = [digit_row(q, request.POST.get(f"digit_{q.code}", ""), q.code in sheet.wrong) for q in asked]
    if sheet.differs is not None:
        for row in rows:
            if row["code"] in sheet.differs:
                row["first"] = sheet.differs[row["code"]]
                row["differs"] = True
    same = rows[0]["codes"] if len({q.options for q in asked}) == 1 else ""
    bad = bool(form.is_bound and (form.errors or sheet.wrong or sheet.before or sheet.differs is not None))
    shown = {
        "title": shown_as(one), "key": key, "form": form, "rows": rows, "same": same, "problem": sheet.problem,
        "lead": asked[0].lead, "lang": asked[0].language, "dir": asked[0].direction, "language": sheet.language,
        "wrong": bool(sheet.wrong), "again": form.again, "own": form.own, "differs": sheet.differs is not None,
        "before": _before(sheet.before), "typed": listed(request, run["rows"]),
        "languages": language_choices(one), "watched": bool(one.safety),
        "back": {"url": reverse("paper-list"), "label": _("Paper")}, "undo_name": f"paper-run:{key}",
    }  # fmt: skip
    status = sheet.problem.status if sheet.problem else 409 if sheet.before else 422 if bad else 200
    return render(request, "desk/type/run.html", shown, status=status)


def _before(found: Typed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    url = reverse("answers", args=[found.person_id, found.id]) if found.reached else ""
    return {"day": said_day(found.taken_on), "url": url}


def listed(request: Any, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was typed in this run, each with its way to be opened and taken back."""
    codes = typing.codes_of(request.actor, rows)
    made = []
    for row in rows:
        there = row.get("person") in codes
        args = [row.get("person"), row["id"]]
        made.append({
            "sheet": row.get("sheet", ""),
            "code": codes.get(str(row.get("person")), ""),
            "held": row.get("held", False),
            "url": reverse("answers", args=args) if there and not row.get("held") else "",
            "undo_url": reverse("answers-undo", args=args) if there and not row.get("held") else "",
        })  # fmt: skip
    return made
