"""A person's story beside a report's numbers: from the one who told it to the shelf, and away again at once.

The shelf knows no person and the room no shelf. What crosses between them is here: choosing among stories that were
agreed to; blanking what stands on the shelf in the entry in which a yes ends; asking once more when a report goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from kinweave.core.problems import Problem
from kinweave.core.stories import MOST
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import NotFound
from kinweave.house.alongside import CONSENT, PUBLISHING, alongside
from kinweave.house.journal import Decision, Head
from kinweave.house.registry import action, no_rows
from kinweave.house.together import lock
from kinweave.house.worker import every
from kinweave.listen.actions_stories import PURPOSE
from kinweave.listen.actions_stories_shown import drop_telling_back, owe_telling_back
from kinweave.listen.reads_stories import Agreed, agreed_for, agreed_marks
from kinweave.people.door import access
from kinweave.published.actions import put_story, set_stories, take_stories_back
from kinweave.published.reads_stories import Draft, Standing, draft_for, standing_stories


class TooManyStories(Problem):
    status, code = 422, "too-many-stories"
    says = "A report holds {most} stories at most."
    remedy = "Choose fewer. They stand beside the numbers, not in their place."


class NoNumberBeside(Problem):
    status, code = 409, "no-number-beside"
    says = "This report does not show how many people started. Whoever told the story could be found."
    remedy = "Make a report of a larger place or a longer time."


def offered(by: Actor, release_id: UUID) -> list[Agreed]:
    """The stories that may stand with a draft, for whoever drafts it. Raises ReleaseNotFound, WrongTime."""
    return _offered(draft_for(by, release_id))


def _offered(draft: Draft) -> list[Agreed]:
    return agreed_for(draft.organisation_id, draft.path) if draft.takes_stories else []


@action(permission="published.draft", locks=("release_id",))
def choose_stories(*, by: Actor, head: Head, release_id: UUID, story_ids: list[UUID]) -> Decision:
    """Which agreed stories stand with a draft, in this order, in place of any chosen before. Signatures given until
    now are void, unless nothing changed."""
    wanted = list(dict.fromkeys(story_ids))
    if len(wanted) > MOST:
        raise TooManyStories(most=MOST)
    draft = draft_for(by, release_id)
    if wanted and not draft.takes_stories:
        raise NoNumberBeside()
    chosen = _chosen(draft, wanted)
    marks = [one.mark for one in chosen]
    stand = {one.mark for one in standing_stories(release_id=draft.id)}
    if marks == list(draft.marks) and stand == set(marks):
        return Decision(draft.id)
    set_stories(by=by, release_id=draft.id, marks=marks)
    for one in chosen:
        put_story(by=by, release_id=draft.id, person_id=one.person_id, story_id=one.id, words=one.words)
    return Decision(draft.id)


no_rows("flows.choose_stories")


def _chosen(draft: Draft, wanted: Sequence[UUID]) -> list[Agreed]:
    """Looked up again once those who told them are locked: a yes taken back meanwhile counts. Raises NotFound."""
    first = {one.id: one for one in _offered(draft)}
    if set(wanted) - set(first):
        raise NotFound(what="story")
    _lock(first[one].person_id for one in wanted)
    now = {one.id: one for one in _offered(draft)}
    if set(wanted) - set(now):
        raise NotFound(what="story")
    return [now[one] for one in wanted]


def _lock(person_ids: Iterable[UUID]) -> None:
    """Whoever takes a yes back or erases a person waits until this entry is written, and the other way round."""
    for person in sorted(set(person_ids)):
        try:
            lock(list(access(person, by=SYSTEM).ids))
        except Problem:  # erased
            lock([person])


@alongside(CONSENT)
def _yes_changed(*, purpose: str, recipient: str, keeps: Sequence[str]) -> None:
    """A yes to a story ended or was given to other words: what stands on the shelf without one goes in this entry."""
    kind, _, story = recipient.partition(":")
    if purpose != PURPOSE or kind != PURPOSE:
        return
    try:
        there = standing_stories(story_id=UUID(story))
    except ValueError:
        return
    _away([one for one in there if one.mark not in keeps])


@alongside(PUBLISHING)
def _still_agreed(*, release_id: UUID) -> None:
    """At the moment of going out: a story whose yes has run out, or was to other words, is left out. Whoever told one
    that stays is to be shown where it stands."""
    there = standing_stories(release_id=release_id)
    _lock(one.person_id for one in there)
    gone = _without_a_yes(there)
    _away(gone)
    if stays := [one.story_id for one in there if one not in gone]:
        owe_telling_back(by=SYSTEM, story_ids=stays)


def _without_a_yes(there: Sequence[Standing]) -> list[Standing]:
    holds = agreed_marks({one.story_id for one in there})
    return [one for one in there if holds.get(one.story_id) != one.mark]


def _away(gone: Sequence[Standing]) -> None:
    if gone:
        take_stories_back(by=SYSTEM, shown_ids=[one.id for one in gone])
        drop_telling_back(by=SYSTEM, story_ids=sorted({one.story_id for one in gone}))


@every(600, name="stories")
def watch_stories() -> int:
    """Take away stories whose yes has run out by the calendar. Returns how many."""
    there = standing_stories()
    gone = _without_a_yes(there) if there else []
    with transaction.atomic():
        _away(gone)
    return len(gone)
