"""Typing answers from paper: digits one after another, the sheet's number kept, the next sheet at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.core.ids import child
from kinweave.core.instrument_types import Question
from kinweave.core.instruments import questions
from kinweave.core.problems import Problem
from kinweave.flows.receive import receive_response, signs_in
from kinweave.front.desk.asking import DECLINED
from kinweave.front.desk.care_parts import about, by_key, shown_as, with_undo
from kinweave.front.desk.forms_care import CodeForm, PaperForm
from kinweave.front.desk.pages_ask import language_choices, name_of, wanted_language
from kinweave.front.desk.people_parts import in_local_time, open_person
from kinweave.house.bulk import parsed_parts
from kinweave.house.journal import Head
from kinweave.house.models import Entry
from kinweave.house.readlog import looked
from kinweave.listen.shelf import SwitchedOff, is_on
from kinweave.people import listing
from kinweave.people.door import Seen, shown_names

NOT_SAID = ("-", "x", "X", "9-")  # how "I would rather not say" is written on a sheet
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


@in_local_time
def paper_type(request: Any, person_id: UUID, key: str) -> HttpResponse:
    """One sheet of one person."""
    seen, one = open_person(request, person_id, "paper", "listen.record"), by_key(key)
    if not is_on(one.slug, str(seen.row.programme_id or "")) or not one.wordings:
        raise SwitchedOff()
    language = request.POST.get("language") or wanted_language(one, seen)
    asked = questions(one, language)
    form = PaperForm(request.POST or None, languages=language_choices(one), initial=_usual(language))
    answers, wrong, problem = *read_digits(asked, request.POST), None
    if request.method == "POST":
        if form.is_valid() and not wrong:
            result, problem = send_sheet(request, seen, one.slug, form, answers, language)
            if problem is None:
                return _on(request, seen, key, result)
        else:
            tell_early(request, seen, one.slug, form, answers, language)
    rows = [digit_row(q, request.POST.get(f"digit_{q.code}", ""), q.code in wrong) for q in asked]
    same = rows[0]["codes"] if len({q.options for q in asked}) == 1 else ""
    shown = {
        **about(seen),
        "title": shown_as(one),
        "code": seen.row.code,
        "form": form,
        "rows": rows,
        "problem": problem,
        "lead": asked[0].lead,
        "lang": asked[0].language,
        "dir": asked[0].direction,
        "wrong": bool(wrong),
        "same": same,
        "language": name_of(asked[0].language),
        "back": {"url": reverse("ask", args=[seen.id])},
        "paper_url": reverse("paper", args=[key, asked[0].language]),
    }
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/ask/paper.html", shown, status=status)


def _usual(language: str) -> dict[str, Any]:
    return {"on": timezone.localdate(), "language": language}


def read_digits(asked: tuple[Question, ...], given: Any) -> tuple[dict[str, Any], list[str]]:
    """Typed digits as answers, and the questions whose digit is none of theirs. Nothing typed is no answer."""
    answers: dict[str, Any] = {}
    wrong = []
    for question in asked:
        text = given.get(f"digit_{question.code}", "").strip().translate(DIGITS)
        if not text:
            continue
        values = {str(value): value for value, _label in question.options}
        if text in NOT_SAID:
            answers[question.code] = DECLINED
        elif text in values:
            answers[question.code] = values[text]
        else:
            wrong.append(question.code)
    return answers, wrong


def digit_row(question: Question, typed: str, wrong: bool) -> dict[str, Any]:
    codes = " · ".join(f"{value} {label}" for value, label in question.options)
    most = max(len(str(value)) for value, _label in question.options)  # signs of the longest answer
    return {"code": question.code, "text": question.text, "codes": codes, "typed": typed, "wrong": wrong, "most": most,
            "lang": question.language, "dir": question.direction}  # fmt: skip


def _asked(seen: Seen, slug: str, form: PaperForm, answers: dict[str, Any], language: str) -> dict[str, Any]:
    given = getattr(form, "cleaned_data", {})
    return {
        "person_id": seen.id, "instrument": slug, "answers": answers, "language": language, "mode": "paper",
        "taken_on": given.get("on"), "sheet": given.get("sheet", ""), "replaces": given.get("replaces"),
    }  # fmt: skip


def send_sheet(
    request: Any, seen: Seen, slug: str, form: PaperForm, answers: dict[str, Any], language: str
) -> tuple[dict[str, Any], Problem | None]:
    head = Head.now(id=form.cleaned_data["entry"], unattended=True)
    try:
        asked = _asked(seen, slug, form, answers, language)
        return dict(receive_response(by=request.actor, head=head, **asked).result), None
    except Problem as fault:
        form.renew()
        return {}, fault


def tell_early(request: Any, seen: Seen, slug: str, form: PaperForm, answers: dict[str, Any], language: str) -> str:
    """A safety answer on a sheet that still has a slip of the pen in it reaches someone now; the alert's id."""
    entry = form.cleaned_data.get("entry")
    if entry is None or form.cleaned_data.get("replaces") or not signs_in(slug, answers):
        return ""
    head = Head.now(id=child(entry, "unfinished"), unattended=True)
    asked = {**_asked(seen, slug, form, answers, language), "taken_on": None}
    result = receive_response(by=request.actor, head=head, **asked).result
    written = result.get("response") or result.get("held")
    if written:
        form.data = {**form.data.dict(), "replaces": str(written)}  # type: ignore[attr-defined]
    return str(result.get("risk") or "")


def written_early(entry: UUID) -> UUID | None:
    """What was written of a sheet before it was finished, because an answer on it could not wait."""
    row = Entry.objects.filter(id=child(entry, "unfinished")).first()
    result = parsed_parts(row)[-1].get("r", {}) if row else {}
    written = result.get("response") or result.get("held")
    return UUID(str(written)) if written else None


def _on(request: Any, seen: Seen, key: str, result: dict[str, Any]) -> HttpResponse:
    """Where a sheet leads: the safety card first of all, the next sheet, or what the answers say."""
    response = result.get("response")
    says = _("The sheet is kept.") if response else _("The sheet is kept; a supervisor will look where it belongs.")
    if response:
        with_undo(request, says, reverse("answers-undo", args=[seen.id, response]))
    if result.get("risk"):
        return HttpResponseRedirect(f"{reverse('safety-card', args=[seen.id, result['risk']])}?sheet={key}")
    if request.POST.get("go") == "next" or not response:
        return HttpResponseRedirect(reverse("paper-next", args=[key]))
    return HttpResponseRedirect(reverse("answers", args=[seen.id, response]))


@in_local_time
def paper_next(request: Any, key: str) -> HttpResponse:
    """Whose the next sheet is: a code or a name, then straight to its digits."""
    one = by_key(key)
    form = CodeForm(request.POST or None)
    found: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        found = listing.find(request.actor, form.cleaned_data["code"]).rows
        if len(found) == 1:
            return HttpResponseRedirect(reverse("paper-type", args=[found[0].id, key]))
        if not found:
            form.add_error("code", _("Nobody fits. Look for the code at the head of the sheet."))
        looked(request.actor, "find", [row.id for row in found])
    called = shown_names(found)
    shown = {
        "title": shown_as(one),
        "form": form,
        "people": [
            {"called": called[row.id], "code": row.code, "url": reverse("paper-type", args=[row.id, key])}
            for row in found
        ],
    }
    return render(request, "desk/ask/next.html", shown, status=422 if form.is_bound and form.errors else 200)
