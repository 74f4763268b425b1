"""Which stories stand with a report: chosen by who drafts it, from those agreed to, without knowing whose they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.core.stories import MOST
from kinweave.flows.stories import choose_stories, offered
from kinweave.front.desk.forms_stories import ChooseForm
from kinweave.front.desk.pages_change import posted
from kinweave.front.desk.pages_releases import QUESTIONS, quarter_words
from kinweave.front.desk.people_parts import send
from kinweave.front.desk.stories_shown import words_of
from kinweave.house.readlog import looked
from kinweave.published.reads import one_for_desk
from kinweave.published.reads_stories import stories_of


def release_stories(request: Any, release_id: UUID) -> HttpResponse:
    """Read the stories of the report's place, choose, keep."""
    row = one_for_desk(request.actor, release_id)
    there = offered(request.actor, row.id)
    looked(request.actor, "release-stories", [one.person_id for one in there])
    form = ChooseForm(posted(request), offered=[str(one.id) for one in there])
    url, problem = reverse("release", args=[row.id]), None
    if form.is_bound and form.is_valid():
        _done, problem = send(form, lambda asked, head: choose_stories(
            by=request.actor, head=head, release_id=row.id, story_ids=[UUID(one) for one in asked["stories"]]
        ))  # fmt: skip
        if problem is None:
            messages.success(request, _("Kept. The report's words changed, so it is signed anew."))
            return HttpResponseRedirect(url)
    stands = {one.story_id for one in stories_of(row) if one.story is not None}
    ticked = set(form["stories"].value() or ()) if form.is_bound else {str(one) for one in stands}
    shown = {
        "form": form, "problem": problem, "most": MOST, "title": f"{row.place.name}, {quarter_words(row.period)}",
        "back": {"url": url, "label": _("Report")},
        "rows": [{"id": str(one.id), "on": str(one.id) in ticked, "beside": _beside(one.story.about),
                  **words_of(one.story)} for one in there],
    }  # fmt: skip
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/releases/stories.html", shown, status=status)


def _beside(about: str) -> str:
    return str(QUESTIONS[about]()) if about else ""
