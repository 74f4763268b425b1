"""What was promised: the register with what is owed first, a new promise, and one with all that can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core.problems import Problem
from kinweave.core.promises import OWED
from kinweave.decide import actions, reads
from kinweave.decide.reads import KEEP, SEE, Standing
from kinweave.decide.rules import REPLY_DAYS
from kinweave.front import sentences_promises as words_of
from kinweave.front.desk.forms_promises import AskedForm, DropForm, KeptForm, PromiseForm, ReplyForm, StepForm
from kinweave.front.desk.people_parts import form_page, in_local_time, said_day, send
from kinweave.front.report.document import direction_of
from kinweave.front.sentences_rooms import said
from kinweave.house import settings as chosen

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do with a promise: its action, its form, what the page calls it and says once it is done."""

    write: Callable[..., Any]
    form: type[StepForm]
    title: Any
    done: Any


STEPS: Mapping[str, Step] = {
    "kept": Step(actions.keep_promise, KeptForm, lazy("It was kept"), lazy("Written down: it was kept.")),
    "asked": Step(
        actions.ask_owner, AskedForm, lazy("They were asked for an answer"), lazy("Their time to answer runs now.")
    ),
    "reply": Step(actions.write_reply, ReplyForm, lazy("They answered"), lazy("Their answer is kept.")),
    "drop": Step(actions.drop_promise, DropForm, lazy("Drop it"), lazy("It is dropped. The history keeps it.")),
    "reopen": Step(
        actions.reopen_promise, StepForm, lazy("That was a mistake: open it again"), lazy("It is open again.")
    ),
}


def _back() -> dict[str, str]:
    return {"url": reverse("promises"), "label": _("What was promised")}


@in_local_time
def promises(request: Any) -> HttpResponse:
    """The register of the places within reach."""
    may_keep = request.actor.may(KEEP)
    empty = {
        "title": _("Nothing is written down yet"),
        "sentence": _(
            "What offices, services or we ourselves say we will do stands here, with its day and its answer."
        ),
    }
    if may_keep:
        empty |= {"url": reverse("promise-new"), "action": _("Write down a promise")}
    shown = {
        "rows": [_line(one) for one in reads.promises(request.actor, timezone.localdate())],
        "new_url": reverse("promise-new") if may_keep else "", "empty": empty,
    }  # fmt: skip
    return render(request, "desk/promises/list.html", shown)


def _line(one: Standing) -> Shown:
    row = one.row
    day = _("until %(day)s") % {"day": said_day(row.due_on)}
    if row.kept_on:
        day = _("kept on %(day)s") % {"day": said_day(row.kept_on)}
    return {
        "what": in_words(row.what), "owner": row.owner, "place": row.place.name, **_tag(one), "day": day,
        "url": reverse("promise", args=[row.id]),
    }  # fmt: skip


def _tag(one: Standing) -> Shown:
    return {"tag": str(words_of.STANDINGS[one.standing]), "warm": one.standing in OWED}


def in_words(texts: Mapping[str, str]) -> Shown | None:
    """A text in the reader's language, or else in one it was written in; None where there is none."""
    if not texts:
        return None
    code = (get_language() or "en").split("-")[0]
    code = code if code in texts else min(texts)
    return {"text": texts[code], "language": code, "direction": direction_of(code)}


@in_local_time
def promise_new(request: Any) -> HttpResponse:
    """Write one down."""
    form = PromiseForm(request.POST or None, by=request.actor, initial={"said_on": timezone.localdate()})
    return form_page(
        request, form,
        lambda _given, head: actions.add_promise(by=request.actor, head=head, **form.asked()).result["promise"],
        to=lambda made: reverse("promise", args=[made]), done=_("The promise is written down."),
        title=_("Write down a promise"), submit=_("Save"), back=_back(),
        lead=_("What a body said it would do for people here, and until when."),
    )  # fmt: skip


@in_local_time
def promise(request: Any, promise_id: UUID) -> HttpResponse:
    """One promise: how it stands, whether reports name it, and what can be done now."""
    return _page(request, reads.promise_for(request.actor, SEE, promise_id))


def _page(request: Any, row: Any, problem: Problem | None = None, **bound: StepForm) -> HttpResponse:
    today = timezone.localdate()
    one = reads.standings([row], today)[0]
    steps = _open_steps(row, today) if request.actor.may(KEEP) else []
    shown = {
        "back": _back(), "what": in_words(row.what), "owner": row.owner, "place": row.place.name, **_tag(one),
        "sector": said(words_of.SECTORS, row.sector), "facts": _facts(row), "reply": in_words(row.reply),
        "reply_on": said_day(row.replied_on), "named": _named(one), "problem": problem,
        "steps": [
            {
                "title": STEPS[name].title, "url": reverse(f"promise-{name}", args=[row.id]),
                "form": bound.get(name) or STEPS[name].form(initial={"on": today}, auto_id=f"{name}_%s"),
                "open": name in bound or (not bound and number == 0 and name != "reopen"),
            }
            for number, name in enumerate(steps)
        ],
    }  # fmt: skip
    status = problem.status if problem else 422 if bound else 200
    return render(request, "desk/promises/one.html", shown, status=status)


def _open_steps(row: Any, today: date) -> list[str]:
    """What can be done now, the likeliest first."""
    settled, late = row.kept_on or row.dropped_on, today > row.due_on
    return [
        *(["reply"] if row.asked_on and not row.dropped_on and not row.replied_on else []),
        *(["asked"] if late and not settled and not row.asked_on else []),
        *(["kept"] if not settled else []),
        *(["asked"] if late and not settled and row.asked_on and not row.replied_on else []),
        *(["reply"] if row.replied_on and not row.dropped_on else []),
        *(["reopen"] if settled else ["drop"]),
    ]


def _facts(row: Any) -> list[tuple[str, str]]:
    """The days of a promise that are there, each with its name."""
    found = [
        (_("Said on"), said_day(row.said_on)), (_("To be done by"), said_day(row.due_on)),
        (_("Kept on"), said_day(row.kept_on)), (_("What shows it"), row.shown_by),
        (_("Dropped on"), said_day(row.dropped_on)),
        (_("Why"), str(words_of.DROPS.get(row.dropped_why, row.dropped_why))),
        (_("Asked on"), said_day(row.asked_on)),
    ]  # fmt: skip
    return [(label, value) for label, value in found if value]


def _named(one: Standing) -> str:
    """Whether reports name what is owed, and what it takes."""
    if one.standing not in OWED:
        return ""
    if one.named:
        return _("Reports name it, and who made it, with their answer beside it.")
    if one.row.asked_on is None:
        return _("Reports count it without a name. First ask whoever made it for an answer.")
    until = one.row.asked_on + timedelta(days=int(chosen.value(REPLY_DAYS)))
    return _("Reports count it without a name until %(day)s, or until they answer.") % {"day": said_day(until)}


def _taken(name: str) -> Callable[..., HttpResponse]:
    """The page that takes one step's form in."""

    @in_local_time
    def take(request: Any, promise_id: UUID) -> HttpResponse:
        row, step = reads.promise_for(request.actor, KEEP, promise_id), STEPS[name]
        form, problem = step.form(request.POST, auto_id=f"{name}_%s"), None
        if form.is_valid():
            _result, problem = send(
                form, lambda _given, head: step.write(by=request.actor, head=head, promise_id=row.id, **form.asked())
            )
            if problem is None:
                messages.success(request, str(step.done))
                return HttpResponseRedirect(reverse("promise", args=[row.id]))
        return _page(request, row, problem, **{name: form})

    return take


kept, asked, reply, drop, reopen = (_taken(name) for name in STEPS)
