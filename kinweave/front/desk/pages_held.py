"""Quarantine: what could not be placed, why, and what a person decides. Nothing in it is ever thrown away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.core.instruments import questions
from kinweave.core.problems import Problem
from kinweave.flows.openrosa import named_in
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.care_parts import shown_as
from kinweave.front.desk.forms_care import AsideForm, CodeForm
from kinweave.front.desk.people_parts import EntryForm, account_names, in_local_time, said_when, send
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound
from kinweave.house.journal import Head
from kinweave.house.models import Held
from kinweave.house.quarantine import ASKED, release_held, set_held_aside
from kinweave.house.readlog import looked
from kinweave.house.sealing import open_sealed
from kinweave.listen.shelf import instruments
from kinweave.people import listing
from kinweave.people.quarantine import held_within
from kinweave.people.standing import names_of

MOST = 100


@in_local_time
def held(request: Any) -> HttpResponse:
    """The list, the oldest first, each with its reason in a sentence."""
    by: Actor = request.actor
    rows = list(held_within(by).filter(state="waiting").order_by("at", "id")[:MOST])
    looked(by, "held", list(dict.fromkeys(row.person_id for row in rows if row.person_id)))
    names = names_of([row.person_id for row in rows if row.person_id])
    senders = account_names(row.sent_by for row in rows)
    shown = {
        "rows": [
            {
                "what": words_of.HELD_WHAT.get(row.action, words_of.HELD_SOMETHING),
                "who": names.get(row.person_id, "") if row.person_id else "",
                "why": words_of.HELD_WHY.get(row.code, words_of.HELD_UNKNOWN),
                "when": said_when(row.at),
                "iso": row.at.isoformat(),
                "by": senders.get(row.sent_by, "") if row.sent_by else "",
                "url": reverse("held-one", args=[row.id]),
            }
            for row in rows
        ],
        "empty": {
            "title": _("Nothing waits here"),
            "sentence": _("What a form or a phone sends and we cannot place is kept here until someone decides."),
        },
    }
    return render(request, "desk/held/list.html", shown)


def _row(by: Actor, held_id: UUID) -> Held:
    row = held_within(by).filter(id=held_id).first()
    if row is None:
        raise NotFound(what="held entry")
    return row


@in_local_time
def held_one(request: Any, held_id: UUID, problem: Problem | None = None, find: Any = None) -> HttpResponse:
    """One of them: what it is, why it waits, how it can be put right."""
    by: Actor = request.actor
    row = _row(by, held_id)
    asked = json.loads(open_sealed(row.key_id, ASKED, row.asked) or "{}")
    if row.person_id:
        looked(by, "held", [row.person_id])
    form = find or CodeForm(request.GET if "code" in request.GET else None)
    shown = {
        "back": {"url": reverse("held"), "label": _("Set aside for now")},
        "row": row,
        "what": words_of.HELD_WHAT.get(row.action, words_of.HELD_SOMETHING),
        "why": words_of.HELD_WHY.get(row.code, words_of.HELD_UNKNOWN),
        "who": names_of([row.person_id]).get(row.person_id, "") if row.person_id else "",
        "person_url": reverse("person", args=[row.person_id]) if row.person_id else "",
        "when": said_when(row.at),
        "by": account_names([row.sent_by]).get(row.sent_by, "") if row.sent_by else "",
        "facts": [*facts(row, asked), *typed_on_the_phone(row)],
        "waiting": row.state == "waiting",
        "mends": _mends(row, asked),
        "entry": EntryForm()["entry"],
        "aside": AsideForm(auto_id="aside_%s"),
        "find": form,
        "consent_url": reverse("consent-new", args=[row.person_id]) if row.person_id else "",
        "settings_url": reverse("switches") if by.may("house.settings") else "",
        "problem": problem,
    }
    return render(request, "desk/held/one.html", shown, status=problem.status if problem else 200)


def typed_on_the_phone(row: Held) -> list[tuple[str, str]]:
    """What a form from ODK Collect says of the person, where it waits because nobody fits."""
    typed = "" if row.person_id else named_in(row.id)[:200]
    return [(_("Written for the person"), typed)] if typed else []


def facts(row: Held, asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was sent, without its answers: enough to know where it belongs."""
    found = instruments().get(str(asked.get("instrument", "")))
    said = [
        (_("Questions"), shown_as(found) if found else ""),
        (_("How many answers"), str(len(asked["answers"])) if isinstance(asked.get("answers"), dict) else ""),
        (_("Day"), str(asked.get("taken_on") or "")),
        (_("Number of the sheet"), str(asked.get("sheet") or "")),
        (_("Came by"), {"paper": _("paper"), "phone": _("phone"), "import": _("a file"), "screen": _("this site")}.get(
            str(asked.get("mode")), "")),
    ]  # fmt: skip
    return [(label, text) for label, text in said if text]


def _mends(row: Held, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a person can put right, by the reason it waits for."""
    found = instruments().get(str(asked.get("instrument", "")))
    wrong = wrong_answers(asked) if row.code == "answers-out-of-range" else []
    return {
        "whose": "person_id" in asked and row.code in {"person-not-found", "not-found", "bad-input"},
        "consent": row.code == "no-consent" and row.person_id is not None,
        "switch": row.code == "instrument-off",
        "day": row.code == "in-the-future" and "taken_on" in asked,
        "questions": [
            {"name": f"answer_{q.code}", "legend": q.text, "kind": "radios", "decline": True,
             "options": [{"value": str(v), "label": label} for v, label in q.options],
             "lang": q.language, "dir": q.direction}
            for q in (questions(found, str(asked.get("language") or "en")) if found and found.wordings else ())
            if q.code in wrong
        ],
    }  # fmt: skip


def wrong_answers(asked: Mapping[str, Any]) -> list[str]:
    """The questions whose answer was not among those offered."""
    found = instruments().get(str(asked.get("instrument", "")))
    answers = asked.get("answers")
    if found is None or not isinstance(answers, dict):
        return []
    return [
        item.code
        for item in found.items
        if item.code in answers and answers[item.code] not in (*item.values, "declined", None)
    ]


def held_release(request: Any, held_id: UUID) -> HttpResponse:
    """Let it in, with what was put right. What still does not fit is said above the page."""
    by: Actor = request.actor
    if request.method != "POST":
        return held_one(request, held_id)
    row = _row(by, held_id)
    mended: dict[str, Any] = {}
    if "code" in request.POST:
        find = CodeForm(request.POST)
        found = listing.find(by, find.cleaned_data["code"]).rows if find.is_valid() else ()
        if len(found) != 1:
            find.is_valid()
            many = _("Several people fit. Give their code, such as K4-7FD2.")
            find.add_error("code", many if found else _("Nobody fits. Look for the code on their page or sheet."))
            return held_one(request, held_id, find=find)
        mended["person_id"] = found[0].id
    mended |= _mended(row, request.POST)
    form = EntryForm(request.POST)
    if not form.is_valid():
        return held_one(request, held_id)
    _done, problem = send(
        form, lambda _given, head: release_held(by=by, head=head, held_id=held_id, mended=mended or None)
    )
    if problem is not None:
        return held_one(request, held_id, problem)
    messages.success(request, _("It is where it belongs now."))
    return HttpResponseRedirect(reverse("held"))


def _mended(row: Held, given: Mapping[str, Any]) -> dict[str, Any]:
    asked = json.loads(open_sealed(row.key_id, ASKED, row.asked) or "{}")
    mended: dict[str, Any] = {"taken_on": given["taken_on"]} if given.get("taken_on") else {}
    wrong = wrong_answers(asked)
    if wrong and row.code == "answers-out-of-range":
        answers = {code: value for code, value in asked["answers"].items() if code not in wrong}
        known = {item.code for item in instruments()[asked["instrument"]].items}
        answers = {code: value for code, value in answers.items() if code in known}
        for code in wrong:
            text = given.get(f"answer_{code}", "")
            if text:
                answers[code] = "declined" if text == "declined" else int(text)
        mended["answers"] = answers
    return mended


def held_aside(request: Any, held_id: UUID) -> HttpResponse:
    """It does not belong here: kept, with the reason."""
    by: Actor = request.actor
    if request.method != "POST":
        return held_one(request, held_id)
    _row(by, held_id)
    form = AsideForm(request.POST)
    if not form.is_valid():
        return held_one(request, held_id)

    def write(given: dict[str, Any], head: Head) -> Any:
        return set_held_aside(by=by, head=head, held_id=held_id, reason=given["reason"])

    _done, problem = send(form, write)
    if problem is not None:
        return held_one(request, held_id, problem)
    messages.success(request, _("Put away, with your reason. It is kept."))
    return HttpResponseRedirect(reverse("held"))
