"""The list of people, the search, and opening a record in need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.front import sentences
from kinweave.front.desk.forms_people import FilterForm, FindForm, NeedForm
from kinweave.front.desk.pages_today import task_url
from kinweave.front.desk.people_parts import (
    EntryForm,
    account_names,
    choice,
    form_page,
    in_local_time,
    open_person,
    said_day,
    said_when,
)
from kinweave.house.access import Actor
from kinweave.house.models import Due
from kinweave.house.readlog import looked
from kinweave.people import listing, reads
from kinweave.people.actions import break_glass, review_glass
from kinweave.people.door import PersonNotFound, shown_names, within

MOST_LISTED = 50


@in_local_time
def people_list(request: Any) -> HttpResponse:
    """People in the reader's reach, page by page. No counts: a list of a million opens like a list of ten."""
    by: Actor = request.actor
    form = FilterForm(request.GET or None, by=by)
    wanted, asked = wanted_from(form)
    page = listing.page(by, wanted, request.GET.get("after", ""))
    looked(by, "people", [row.id for row in page.rows])
    narrowed = any(asked.values())
    shown = {
        "rows": listed(page.rows, by),
        "filter": form,
        "narrowed": narrowed,
        "find": FindForm(),
        "next_url": f"?{urlencode({**asked, 'after': page.after})}" if page.after else "",
        "first_url": f"?{urlencode(asked)}" if request.GET.get("after") else "",
        "hidden": [(name, value) for name, value in asked.items() if value],
        "new_url": reverse("person-new") if by.may("people.register") else "",
        "same_url": reverse("people-same") if by.may("people.merge") else "",
        "empty": _none(by, narrowed),
    }
    return render(request, "desk/people/list.html", shown)


def _none(by: Actor, narrowed: bool) -> dict[str, Any]:
    if narrowed:
        return {"title": _("Nobody here"), "sentence": _("Choose less, or look under everyone."), "plain": True}
    empty: dict[str, Any] = {
        "title": _("Nobody yet"),
        "sentence": _("People you accompany appear here, those you meet now first."),
    }
    if by.may("people.register"):
        empty |= {"url": reverse("person-new"), "action": _("Someone new")}
    return empty


def wanted_from(form: FilterForm) -> tuple[listing.Wanted, dict[str, str]]:
    """What a filter asks for, and the same as plain values; an unknown choice asks for nothing."""
    form.is_valid()
    given = getattr(form, "cleaned_data", {})
    asked = {name: given.get(name, "") for name in ("state", "worker", "team", "place")}
    ids = {f"{name}_id": UUID(asked[name]) if asked[name] else None for name in ("worker", "team", "place")}
    return listing.Wanted(state=asked["state"], **ids), {name: value for name, value in asked.items() if value}


def listed(rows: Sequence[Any], by: Actor) -> list[dict[str, Any]]:
    """Rows as the list shows them: what to call them, where they are, the next date, who accompanies."""
    names = shown_names(rows)
    next_at = next_dates([row.id for row in rows])
    workers = account_names(row.worker_id for row in rows)
    return [
        {
            "id": row.id,
            "url": reverse("person", args=[row.id]),
            "called": names[row.id],
            "code": row.code,
            "state": sentences.STATES.get(row.state, row.state),
            "place": row.place.name if row.place else "",
            "worker": workers.get(row.worker_id, "") if row.worker_id != by.account_id else "",
            "next": said_when(next_at[row.id]) if row.id in next_at else "",
            "iso": next_at[row.id].isoformat() if row.id in next_at else "",
        }
        for row in rows
    ]


def next_dates(ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The next meeting of each person. One query."""
    dues = Due.objects.filter(person_id__in=list(ids), state="open", kind__in=("session", "first_meeting"))
    return dict(dues.order_by("-at").values_list("person_id", "at"))  # type: ignore[arg-type]


@in_local_time
def people_find(request: Any) -> HttpResponse:
    """A search within reach. Names travel in the form's body, never in an address or a log."""
    by: Actor = request.actor
    find = FindForm(request.POST if request.method == "POST" else None)
    form = FilterForm(request.POST if request.method == "POST" else None, by=by)
    shown: dict[str, Any] = {"find": find, "filter": form, "asked": False}
    if request.method == "POST" and find.is_valid():
        wanted, _asked = wanted_from(form)
        words = find.cleaned_data["words"]
        found = listing.find(by, words, wanted)
        looked(by, "find", [row.id for row in found.rows])
        shown |= {
            "asked": True,
            "rows": listed(found.rows, by),
            "too_many": found.too_many,
            "code": listing.read_code(words),
            "need_url": reverse("people-need") if by.may("break.glass") else "",
        }
    status = 422 if find.is_bound and not find.is_valid() else 200
    return render(request, "desk/people/find.html", shown, status=status)


@in_local_time
def people_need(request: Any) -> HttpResponse:
    """Open a record of one's own organisation in need, by its code. Absent and forbidden look the same."""
    by: Actor = request.actor
    first = {"code": listing.read_code(request.GET.get("code", ""))}
    form = NeedForm(request.POST if request.method == "POST" else None, initial=first)

    def write(asked: dict[str, Any], head: Any) -> UUID:
        person = listing.by_code(by, asked["code"])
        if person is None:
            raise PersonNotFound()
        break_glass(by=by, head=head, person_id=person, reason=asked["reason"])
        return person

    return form_page(
        request, form, write, to=lambda person: reverse("person", args=[person]),
        done=_("The record is open to you for a short time. The supervisor has been told."),
        title=_("Open a record in need"), submit=_("Open it"), narrow=True,
        lead=_("For an emergency, when you are not the one who accompanies them. It opens for reading only."),
        back={"url": reverse("people"), "label": _("People")},
    )  # fmt: skip


# ------------------------------------------------------------------ what waits for a supervisor


@in_local_time
def waiting_answers(request: Any) -> HttpResponse:
    """What people say is wrong in their record, still unanswered."""
    return _duties(request, "contest", _("Said to be wrong"))


@in_local_time
def waiting_openings(request: Any) -> HttpResponse:
    """Records that were opened in need, still to be looked at."""
    return _duties(request, "glass_review", _("Opened in need"))


def _duties(request: Any, kind: str, title: str) -> HttpResponse:
    by: Actor = request.actor
    people = within(by, "reads.see").values("id")
    dues = list(Due.objects.filter(state="open", kind=kind, person_id__in=people).order_by("at")[:MOST_LISTED])
    rows = within(by, "reads.see").filter(id__in=[d.person_id for d in dues])
    names = shown_names(list(rows))
    looked(by, kind, list(names))
    what, action = sentences.due_words(kind)
    tasks = [
        {
            "who": names.get(due.person_id, ""), "what": what, "when": said_when(due.at), "iso": due.at.isoformat(),
            "url": task_url(kind, due.person_id, due.ref_id), "action": action,
        }
        for due in dues
        if due.person_id
    ]  # fmt: skip
    empty = {"title": _("Nothing waits"), "sentence": _("What waits for your answer appears here."), "plain": True}
    return render(request, "desk/people/duties.html", {"tasks": tasks, "title": title, "empty": empty})


@in_local_time
def opening(request: Any, glass_id: UUID) -> HttpResponse:
    """One record opened in need: who, when, why; a supervisor says whether it was called for."""
    by: Actor = request.actor
    person = reads.person_of_glass(glass_id)
    if person is None:
        raise PersonNotFound()
    seen = open_person(request, person, "opening", "reads.see")
    found = reads.openings(seen.ids, glass_id)
    if not found:
        raise PersonNotFound()
    form = EntryForm(request.POST if request.method == "POST" else None)
    options = [("yes", _("Yes, it was needed")), ("no", _("No, I will talk with them"))]
    form.fields["needed"] = choice(_("Was it needed?"), options)
    names = account_names([found[0].account_id])
    return form_page(
        request, form,
        lambda asked, head: review_glass(
            by=by, head=head, person_id=seen.id, glass_id=glass_id, needed=asked["needed"] == "yes"
        ),
        to=reverse("today"), done=_("Written down. The person can see it."),
        template="desk/people/opening.html", opening=found[0], opened_on=said_day(found[0].at),
        who=names.get(found[0].account_id, ""), called=shown_names([seen.row])[seen.id],
        mine=found[0].account_id == by.account_id,
    )  # fmt: skip
