"""Reports on the desk: make a draft, read it with others, say what may be wrong, sign, take back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Min
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kinweave.core.problems import Problem
from kinweave.front.desk.forms_releases import DraftForm, ReadingForm, SignForm, WithdrawForm
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.people_parts import EntryForm, said_day
from kinweave.front.desk.people_parts import send as send_form
from kinweave.front.problem_words import both
from kinweave.front.public.pages import pdf_of
from kinweave.front.report.document import document
from kinweave.front.report.pdf import NoPdf
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Account, Entry, Place
from kinweave.learn import choices, jobs
from kinweave.learn.periods import offered
from kinweave.published import reads
from kinweave.published.actions import drop_draft, set_reading, sign_release, voice_release, withdraw_release
from kinweave.published.reads_stories import left_out, stories_of
from kinweave.published.states import DRAFT, PUBLISHED, SIGNED, WITHDRAWN

STATES = {
    DRAFT: lambda: _("Draft"),
    SIGNED: lambda: _("Waits for signatures"),
    PUBLISHED: lambda: _("Published"),
    WITHDRAWN: lambda: _("Taken back"),
}
SHOWN_CELLS = 40


def quarter_words(key: int) -> str:
    """`2025`, or `January to March 2025`."""
    year, quarter = divmod(key, 10)
    names = {1: _("January to March"), 2: _("April to June"), 3: _("July to September"), 4: _("October to December")}
    return f"{names[quarter]} {year}" if quarter else str(year)


def releases(request: Any) -> HttpResponse:
    """Everything on its way and on the shelf."""
    rows = [
        {
            "title": f"{row.place.name}, {quarter_words(row.period)}", "url": reverse("release", args=[row.id]),
            "state": STATES[row.state](), "warm": row.state in (DRAFT, SIGNED), "when": said_day(row.made_at),
        }
        for row in reads.for_desk(request.actor)
    ]  # fmt: skip
    new_url = reverse("release-new") if request.actor.may("published.draft") else ""
    return render(request, "desk/releases/list.html", {"rows": rows, "new_url": new_url})


def release_new(request: Any) -> HttpResponse:
    """Choose place and time; a process of its own then makes the draft."""
    places = [(str(p.id), p.name) for p in Place.objects.filter(valid_until=None).order_by("path")[:500]]
    periods = [(key, quarter_words(key)) for key in _periods()]
    spoken = [(one, name_of(one)) for one in choices.offered_languages()]
    first = {"template": "community", "languages": [code for code, _name in spoken]}
    form = DraftForm(
        request.POST if request.method == "POST" else None, places=places, periods=periods, languages=spoken,
        initial=first,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        job = jobs.start_draft(
            UUID(asked["place"]), asked["period"], request.actor.account_id, asked["template"], asked["languages"]
        )
        return HttpResponseRedirect(reverse("release-making", args=[job]))
    shown = {"form": form, "back": _back(), "none": not (places and periods)}
    return render(request, "desk/releases/new.html", shown, status=422 if form.is_bound else 200)


def _periods() -> list[int]:
    """Whole periods since the first entry of this site, newest first."""
    first = Entry.objects.aggregate(at=Min("happened_at"))["at"]
    today = timezone.localdate()
    start = first.date() if first else today
    return offered(max(start, date(today.year - 10, 1, 1)), today, int(chosen.value(choices.MONTHS)) + 1)


def release_making(request: Any, job: str) -> HttpResponse:
    """How far the process has come; leads on to the draft once it is done."""
    said = jobs.look(job) if len(job) == 32 else None
    if said is None or said.get("account") != str(request.actor.account_id):
        raise Http404
    if said["state"] == jobs.DONE:
        url = reverse("release", args=[said["release"]])
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
    shown = {
        "percent": said["percent"], "step": STEPS[said["step"]](), "failed": said["state"] == jobs.FAILED,
        "problem": said.get("problem"), "here": request.path, "back": _back(), "new_url": reverse("release-new"),
    }  # fmt: skip
    part = request.headers.get("HX-Request")
    return render(request, "desk/releases/making_part.html" if part else "desk/releases/making.html", shown)


STEPS = {
    "waiting": lambda: _("Getting ready"),
    "lake": lambda: _("Gathering what may be counted"),
    "languages": lambda: _("Looking whether languages may be compared"),
    "sums": lambda: _("Counting"),
    "safe": lambda: _("Hiding small numbers, so that nobody can be found"),
    "models": lambda: _("Looking at what lies behind the numbers"),
    "words": lambda: _("Putting it into words"),
    "done": lambda: _("Done"),
}


def _back() -> dict[str, str]:
    return {"url": reverse("releases"), "label": _("Reports")}


def release(request: Any, release_id: UUID) -> HttpResponse:
    """One report: how far it has come, the preview, what was hidden, and what comes next."""
    return _page(request, reads.one_for_desk(request.actor, release_id))


def _page(request: Any, row: Any, problem: Problem | None = None, **bound: Any) -> HttpResponse:
    by: Actor = request.actor
    signed = reads.signatures(row)
    language = request.GET.get("language", "")
    language = language if language in row.texts else row.head["languages"][0]
    is_open, names = row.state in (DRAFT, SIGNED), _names(row)
    read = bool(set(row.reading) & set(row.wrong))
    mine = any(one.account_id == by.account_id for one in signed)
    may_write, may_sign, is_voice = (by.may(f"published.{what}") for what in ("draft", "sign", "voice"))
    waits = reads.waits_for(row)
    signs = is_open and read and not mine
    url = reverse("release", args=[row.id])
    shown = {
        "title": f"{row.place.name}, {quarter_words(row.period)}", "state": STATES[row.state](), "row": row, "url": url,
        "back": _back(), "problem": problem, "read": read, "mine": mine, "may_sign": may_sign or is_voice,
        "is_open": is_open, "waits": _waits(waits) if is_open else "",
        "doc": document(row, language, signed, stories_of(row)), "intact": reads.is_intact(row),
        "tabs": [{"url": f"?language={code}#preview", "label": name, "current": code == language}
                 for code, name in names.items()],
        "signed": [{"by": _name(one.account_id), "on": said_day(one.at)} for one in signed],
        "reading_form": bound.get("reading") or _reading_form(row, names) if is_open and may_write else None,
        "sign_form": (bound.get("sign") or SignForm(initial={"hash": row.hash})) if signs and may_sign else None,
        "voice_form": (bound.get("voice") or SignForm(initial={"hash": row.hash}))
        if signs and is_voice and waits.voice else None,
        "drop_form": EntryForm() if is_open and may_write else None,
        "withdraw_form": (bound.get("withdraw") or WithdrawForm())
        if row.state == PUBLISHED and by.may("published.sign") else None,
        "public_url": reverse("report", args=[row.slug]) if row.published_at else "",
        "stories_url": reverse("release-stories", args=[row.id]) if is_open and may_write else "",
        "left_out": left_out(row) if may_write else 0,
        "notes": [_note(one) for one in row.notes], "made": said_day(row.made_at),
    }  # fmt: skip
    return render(request, "desk/releases/one.html", shown, status=problem.status if problem else 200)


def _waits(waits: reads.Missing) -> str:
    """Which signatures are missing, in a sentence."""
    two = ngettext("%d person", "%d people", waits.two) % waits.two if waits.two else ""
    voice = _("an organisation of people who use services") if waits.voice else ""
    both_said = _("%(one)s and %(other)s") % {"one": two, "other": voice} if two and voice else two or voice
    return _("Still to sign: %(who)s. The last signature publishes it.") % {"who": both_said} if both_said else ""


def _names(row: Any) -> dict[str, str]:
    return {code: row.texts[code]["name"] for code in row.head["languages"]}


def _name(account_id: UUID) -> str:
    found = Account.objects.filter(id=account_id).values_list("shown_name", flat=True).first()
    return found or _("someone who has left")


def _reading_form(row: Any, names: dict[str, str], data: Any = None) -> ReadingForm:
    return ReadingForm(data, languages=names, reading=row.reading, wrong=row.wrong)


QUESTIONS = {
    "better-and-worse": lambda: _("How people felt later"),
    "symptom-change": lambda: _("By how many points it changed"),
    "reach": lambda: _("How many started, of all who live here"),
    "unmet-need": lambda: _("What those who came got"),
    "re-entry": lambda: _("Who came back"),
    "continuity": lambda: _("Meetings with the same worker"),
    "sessions-held": lambda: _("Meetings that took place"),
    "support": lambda: _("People to count on"),
    "caregivers-load": lambda: _("Load of those who care for others"),
    "alerts-answered": lambda: _("Alerts answered in time"),
    "own-goals": lambda: _("Goals of people's own"),
    "wellbeing": lambda: _("Wellbeing"),
    "loneliness": lambda: _("Feeling lonely"),
    "circles": lambda: _("Who came to a circle"),
    "unpaid-hours": lambda: _("Hours that nobody pays for"),
    "strata": lambda: _("Groups in combination"),
}


def _later(table: str) -> str:
    """The name of a table of average points some months after the start."""
    if table.startswith("lasting-"):
        return _("Wards before and after money ended")
    months = table.removeprefix("score-at-")
    return _("Average points %(months)s months after the start") % {"months": months} if months.isdigit() else table


def _note(one: dict[str, Any]) -> dict[str, Any]:
    """What was hidden of one table, in words."""
    name = QUESTIONS[one["table"]]() if one["table"] in QUESTIONS else _later(one["table"])
    said = ngettext(
        "%(hidden)d of %(cells)d groups has a number that is not shown.",
        "%(hidden)d of %(cells)d groups have a number that is not shown.", one["hidden"],
    ) % one  # fmt: skip
    why = (
        _("Too few people live here for any number.")
        if one["why"] == "floor"
        else _("It was small, or it would have given a small one away.")
    )
    where = [f"{quarter_words(c['period'])}: {c['group']}" for c in one["where"][:SHOWN_CELLS]]
    return {"name": name, "said": said, "why": why if one["hidden"] else "", "where": where,
            "more": max(one["hidden"] - SHOWN_CELLS, 0)}  # fmt: skip


def release_reading(request: Any, release_id: UUID) -> HttpResponse:
    """Keep the meeting's words; signatures given before are void then."""
    row = reads.one_for_desk(request.actor, release_id)
    form = _reading_form(row, _names(row), request.POST)
    problem = None
    if form.is_valid():
        reading, wrong = form.texts("reading"), form.texts("wrong")
        _result, problem = send_form(form, lambda asked, head: set_reading(
            by=request.actor, head=head, release_id=row.id, reading=reading, wrong=wrong))  # fmt: skip
        if problem is None:
            return _on(request, row, _("Kept. The report can be signed once both are written."))
    return _page(request, row, problem, reading=form)


def release_sign(request: Any, release_id: UUID) -> HttpResponse:
    """Sign what the page showed, as one of two."""
    return _signed(request, release_id, sign_release, "sign")


def release_voice(request: Any, release_id: UUID) -> HttpResponse:
    """Sign what the page showed, for an organisation of people who use services."""
    return _signed(request, release_id, voice_release, "voice")


def _signed(request: Any, release_id: UUID, action: Any, form_name: str) -> HttpResponse:
    """The last signature publishes, and the files for printing are made."""
    row = reads.one_for_desk(request.actor, release_id)
    form, problem = SignForm(request.POST), None
    if form.is_valid():
        result, problem = send_form(form, lambda asked, head: action(
            by=request.actor, head=head, release_id=row.id, hash=asked["hash"]))  # fmt: skip
        if problem is None:
            if result.result["state"] == PUBLISHED:
                _print_files(request, reads.public(row.slug))
                return _on(request, row, _("Published. Anyone can read it now."))
            return _on(request, row, _("Signed. It waits for the others now."))
    return _page(request, row, problem, **{form_name: form})


def _print_files(request: Any, row: Any) -> None:
    """Make the PDF of each language once; a language that fails is made again when somebody asks for it."""
    for language in row.head["languages"]:
        try:
            pdf_of(row, language)
        except NoPdf as fault:
            messages.warning(request, both(fault))


def release_drop(request: Any, release_id: UUID) -> HttpResponse:
    """Put a draft away."""
    row = reads.one_for_desk(request.actor, release_id)
    form = EntryForm(request.POST)
    if form.is_valid():
        _result, problem = send_form(form, lambda asked, head: drop_draft(
            by=request.actor, head=head, release_id=row.id))  # fmt: skip
        if problem is not None:
            return _page(request, row, problem)
        messages.success(request, _("The draft is put away."))
        return HttpResponseRedirect(reverse("releases"))
    return _page(request, row)


def release_withdraw(request: Any, release_id: UUID) -> HttpResponse:
    """Take a published report back, with a reason that everyone can read."""
    row = reads.one_for_desk(request.actor, release_id)
    form, problem = WithdrawForm(request.POST), None
    if form.is_valid():
        _result, problem = send_form(form, lambda asked, head: withdraw_release(
            by=request.actor, head=head, release_id=row.id, note=asked["note"]))  # fmt: skip
        if problem is None:
            return _on(request, row, _("Taken back. Its address now says why."))
    return _page(request, row, problem, withdraw=form)


def _on(request: Any, row: Any, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(reverse("release", args=[row.id]))
