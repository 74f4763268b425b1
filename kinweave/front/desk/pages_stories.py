"""A person's story on the desk: written down, read back, agreed to or not, shown where it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kinweave.front.desk.forms_stories import StoryAgreedForm, StoryForm
from kinweave.front.desk.pages_change import change_page, posted
from kinweave.front.desk.pages_referrals import young_of
from kinweave.front.desk.people_parts import EntryForm, in_local_time, open_person, person_head, send
from kinweave.front.desk.stories_shown import card_to_remove, story_card, story_cards
from kinweave.front.problem_words import both
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.listen.actions_stories import agree_story, change_story, record_story, remove_story
from kinweave.listen.actions_stories_shown import tell_story_back
from kinweave.listen.reads_stories import story_of

STORY, PAGE = "listen.story", "person-stories"


@in_local_time
def person_stories(request: Any, person_id: UUID) -> HttpResponse:
    """Their stories, what they said to each, where it stands."""
    by: Actor = request.actor
    seen = open_person(request, person_id, PAGE, STORY)
    new_url = reverse("story-new", args=[seen.id])
    shown = {
        **person_head(request, seen, PAGE),
        "cards": story_cards(seen),
        "new_url": new_url,
        "shown_form": EntryForm(),
        "may_ask": by.may("consent.record"),
        "may_withdraw": by.may("consent.withdraw"),
        "empty": {
            "title": _("No story is written down"),
            "sentence": _("What they would tell others, in their own words. It stands beside a number if they agree."),
            "url": new_url,
            "action": _("Write down a story"),
        },
    }
    return render(request, "desk/people/stories.html", shown)


@in_local_time
def story_new(request: Any, person_id: UUID) -> HttpResponse:
    """Their own words."""
    seen = open_person(request, person_id, "story-new", STORY)
    form = StoryForm(posted(request), initial={"language": seen.row.language or get_language()})
    return change_page(
        request, seen, form,
        lambda _asked, head: record_story(by=request.actor, head=head, person_id=seen.id, **form.asked()),
        back=PAGE, done=_("Kept. Read it back to them before you ask."), title=_("Write down a story"),
        lead=_("Their words, not ours. They can change it until it is right."), submit=_("Keep it"),
    )  # fmt: skip


@in_local_time
def story_change(request: Any, person_id: UUID, story_id: UUID) -> HttpResponse:
    """Other words; a yes to the old ones ends."""
    seen = open_person(request, person_id, "story-change", STORY)
    one = story_of(seen, story_id)
    first = {"text": one.story.text, "language": one.story.language, "about": one.story.about}
    form = StoryForm(posted(request), initial=first)
    return change_page(
        request, seen, form,
        lambda _asked, head: change_story(
            by=request.actor, head=head, person_id=seen.id, story_id=one.id, **form.asked()
        ),
        back=PAGE, done=_("Kept. Read it back to them before you ask."), title=_("Put it in other words"),
        lead=_("A yes was to exactly the old words. It ends, and the story goes from every report.")
        if one.agreed else "",
        submit=_("Keep it"),
    )  # fmt: skip


@in_local_time
def story_remove(request: Any, person_id: UUID, story_id: UUID) -> HttpResponse:
    """They want it gone: once more asked, then it is."""
    seen = open_person(request, person_id, "story-remove", STORY)
    return change_page(
        request, seen, EntryForm(posted(request)),
        lambda _asked, head: remove_story(by=request.actor, head=head, person_id=seen.id, story_id=story_id),
        back=PAGE, done=_("The story is gone from here and from every report."), title=_("Remove this story"),
        lead=_("It goes from this record and from every report, and cannot be brought back."),
        template="desk/people/story_remove.html", submit=_("Remove it"), card=card_to_remove(request, seen, story_id),
    )  # fmt: skip


@in_local_time
def story_agreed(request: Any, person_id: UUID, story_id: UUID) -> HttpResponse:
    """What they said once it was read back to them."""
    seen = open_person(request, person_id, "story-agreed", "consent.record")
    one = story_of(seen, story_id)
    form = StoryAgreedForm(posted(request), initial={"mark": one.mark}, **young_of(seen))

    def write(asked: dict[str, Any], head: Head) -> Any:
        return agree_story(
            by=request.actor, head=head, person_id=seen.id, story_id=one.id, mark=asked["mark"],
            given=asked["given"] == "yes", until=asked["until"], language=(get_language() or "")[:12], **form.said(),
        )  # fmt: skip

    return change_page(
        request, seen, form, write, back=PAGE, done=_("Written down as they said it."),
        title=_("Read it back, then ask"), template="desk/people/story_agreed.html", submit=_("Save"),
        card=story_card(one),
    )  # fmt: skip


def story_told_back(request: Any, person_id: UUID, story_id: UUID) -> HttpResponse:
    """They saw where it stands."""
    seen = open_person(request, person_id, PAGE, STORY)
    form = EntryForm(request.POST)
    if form.is_valid():
        _done, problem = send(form, lambda _asked, head: tell_story_back(
            by=request.actor, head=head, person_id=seen.id, story_id=story_id))  # fmt: skip
        if problem is None:
            messages.success(request, _("Written down: they saw where it stands."))
        else:
            messages.warning(request, both(problem))
    return HttpResponseRedirect(reverse(PAGE, args=[seen.id]))
