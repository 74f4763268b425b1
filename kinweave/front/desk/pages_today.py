"""Today: what to do, for whom, when, one action each; and what became of one's own people this month."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kinweave.care.reads import Task, today
from kinweave.flows.own_results import OwnResults, own_results
from kinweave.front import sentences
from kinweave.front.desk.people_parts import at_url, in_local_time, said_day, said_when
from kinweave.house import alerts
from kinweave.house.access import Actor
from kinweave.house.models import Due
from kinweave.house.readlog import looked
from kinweave.people.door import within

NOT_KNOWN = gettext_lazy("Someone not known by name")
# What a supervisor must know even if nobody does anything about it, in this order.
EXCEPTIONS = ("risk_answer", "waiting", "held", "contest", "glass_review")


@in_local_time
def today_page(request: Any) -> HttpResponse:
    """The first page after signing in."""
    by: Actor = request.actor
    now = timezone.now()
    day = today(by, now)
    looked(by, "today", list(dict.fromkeys(t.person_id for t in day.tasks if t.person_id)))
    own = own_results(by, now) if by.may("people.see") else None
    shown = {
        "date": said_day(now),
        "tasks": [task_row(task) for task in day.tasks],
        "more": day.more,
        "empty": nothing_to_do(by),
        "own": own_sentence(own) if own else None,
        "exceptions": exceptions(by),
        "unread_now": alerts.unread(by.account_id),
        "alerts_url": at_url("alerts"),
        "new_url": reverse("person-new") if by.may("people.register") else "",
    }
    return render(request, "desk/today.html", shown)


def task_row(task: Task) -> dict[str, Any]:
    """A line of the list as parts/task_row.html takes it."""
    what, action = sentences.due_words(task.kind, task.late)
    danger = task.priority == 0 and task.kind.startswith("risk")
    return {
        "who": task.name or str(sentences.DUE.get(task.kind, sentences.UNKNOWN_DUE).whose or NOT_KNOWN),
        "what": what,
        "when": _("now") if danger and task.late else said_when(task.at),
        "iso": task.at.isoformat(),
        "late": task.late,
        "now": danger,
        "url": task_url(task.kind, task.person_id, task.ref_id),
        "action": action,
    }


def task_url(kind: str, person_id: UUID | None, ref_id: UUID | None) -> str:
    """Where a line of the list leads: its own page, else the person's, else the list itself."""
    words = sentences.DUE.get(kind, sentences.UNKNOWN_DUE)
    about = {"person": person_id, "ref": ref_id}.get(words.about)
    if words.about == "nothing":
        found = at_url(words.route)
    else:
        found = at_url(words.route, about) if about else ""
    if not found and kind.startswith("risk"):
        found = at_url("risks")
    if not found and person_id:
        found = reverse("person", args=[person_id])
    return found or reverse("today")


def nothing_to_do(by: Actor) -> dict[str, str]:
    empty = {
        "title": _("Nothing waits for you today"),
        "sentence": _("Meetings, calls and safety cards appear here when it is time for them."),
    }
    if by.may("people.register"):
        empty |= {"url": reverse("person-new"), "action": _("Someone new")}
    return empty


def own_sentence(own: OwnResults) -> dict[str, str] | None:
    """One sentence on one's own people, or a kind one while they are few; None where nobody was met."""
    if not own.met:
        return None
    if not own.enough:
        says = ngettext(
            "You met %(n)d person this month. From five on, this line says how they feel.",
            "You met %(n)d people this month. From five on, this line says how they feel.",
            own.met,
        ) % {"n": own.met}
        return {"says": says, "note": ""}
    better = ngettext("%(n)d feels better", "%(n)d feel better", own.better) % {"n": own.better}
    worse = ngettext("%(n)d feels worse", "%(n)d feel worse", own.worse) % {"n": own.worse}
    says = _("Of %(n)d people you met this month, %(better)s, %(worse)s.") % {
        "n": own.met, "better": better, "worse": worse,
    }  # fmt: skip
    note = ""
    if own.unknown:
        note = ngettext(
            "We cannot say it of %(n)d, who was asked fewer than two times.",
            "We cannot say it of %(n)d, who were asked fewer than two times.",
            own.unknown,
        ) % {"n": own.unknown}
    return {"says": says, "note": f"{note} {_('Only you see this.')}".strip()}


def exceptions(by: Actor) -> list[dict[str, Any]]:
    """For supervisors and coordinators: what should not be as it is. One query."""
    if not by.may("risk.answer"):
        return []
    reached = Exists(within(by, "risk.answer").filter(id=OuterRef("person_id")))
    late = Due.objects.filter(state="open", kind__in=EXCEPTIONS).filter(Q(reached) | Q(person_id=None))
    late = late.filter(Q(at__lte=timezone.now()) | Q(kind__in=("held", "contest", "glass_review")))
    found = {row["kind"]: row for row in late.order_by().values("kind").annotate(n=Count("id"), first=Min("at"))}
    words = {
        "risk_answer": lambda n: ngettext("%d safety card is unanswered", "%d safety cards are unanswered", n),
        "waiting": lambda n: ngettext("%d person waits too long", "%d people wait too long", n),
        "held": lambda n: ngettext("%d form could not be placed", "%d forms could not be placed", n),
        "contest": lambda n: ngettext("%d person says something is wrong", "%d people say something is wrong", n),
        "glass_review": lambda n: ngettext("%d record was opened in need", "%d records were opened in need", n),
    }
    urls = {
        "risk_answer": at_url("risks"),
        "waiting": at_url("people") + "?state=waiting",
        "held": at_url("held"),
        "contest": at_url("contests"),
        "glass_review": at_url("openings"),
    }
    return [
        {
            "says": words[kind](found[kind]["n"]) % found[kind]["n"],
            "since": _waits(found[kind]["first"]),
            "url": urls[kind],
            "danger": kind == "risk_answer",
        }
        for kind in EXCEPTIONS
        if kind in found
    ]


def _waits(first: datetime) -> str:
    """Since when the first of them is overdue, or until when it has time."""
    said = said_when(first)
    return _("since %(when)s") % {"when": said} if first <= timezone.now() else _("until %(when)s") % {"when": said}
