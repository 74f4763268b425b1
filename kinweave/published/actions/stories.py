"""Stories beside a release's numbers: chosen for a draft, put on the shelf sealed, taken away when they are taken back.

Whether a story may stand is no matter of the shelf: flows asks the one who told it. What people sign holds the marks
alone, so that a story can go and the signatures still fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from kinweave.core import stories as told
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Drop, Put, Row
from kinweave.house.sealing import Secret
from kinweave.published.actions.common import OPEN, release_for, standing
from kinweave.published.frozen import signed_hash
from kinweave.published.models import ShownStory
from kinweave.published.states import BACK, DRAFT, OUT, PUBLISHED, STANDING, WITHDRAWN

TEXT = "published.story.text"


@action(permission="published.draft", locks=("release_id",), inner=True)
def set_stories(*, by: Actor, head: Head, release_id: UUID, marks: list[str]) -> Decision:
    """Which stories stand with a draft, by their marks; those of before go. Clears all signatures."""
    row = release_for(by, "published.draft", release_id, *OPEN)
    before = ShownStory.objects.filter(release_id=row.id).order_by("id").values_list("id", flat=True)
    open_ = {
        "id": row.id, "marks": marks, "hash": signed_hash(row.content_hash, row.reading, row.wrong, marks),
        "drops": list(before), "void": [one.id for one in standing(row.id)],
    }  # fmt: skip
    return Decision(row.id, open_)


@applies("published.set_stories")
def _set(part: Part) -> Iterator[Row]:
    for one in part["drops"]:
        yield Drop("published.ShownStory", UUID(one))
    changes = {"stories": part["marks"], "hash": part["hash"], "state": DRAFT}
    yield Change("published.Release", UUID(part["id"]), changes)
    for one in part["void"]:
        yield Change("published.Signature", UUID(one), {"void": True})


@action(permission="published.draft", locks=("person_id",), inner=True)
def put_story(*, by: Actor, head: Head, release_id: UUID, person_id: UUID, story_id: UUID, words: str) -> Decision:
    """One story onto the shelf, sealed under the key of who told it. `words`: salted (core.stories)."""
    release_for(by, "published.draft", release_id, *OPEN)
    open_ = {
        "id": head.child("story"), "release": release_id, "person": person_id, "story": story_id,
        "mark": told.mark(words),
    }  # fmt: skip
    return Decision(person_id, open_, {"text": Secret(TEXT, words)})


@applies("published.put_story")
def _put(part: Part) -> Iterator[Row]:
    yield Put(
        "published.ShownStory",
        {
            "id": part["id"], "release_id": part["release"], "person_id": part["person"], "story_id": part["story"],
            "mark": part["mark"], "text": part.sealed.get("text"), "at": part.received_at,
        },
    )  # fmt: skip


@action(permission="published.draft", inner=True)
def take_stories_back(*, by: Actor, head: Head, shown_ids: list[UUID]) -> Decision:
    """These go from the shelf, wherever their report has come: out of a draft, and blank where it is out."""
    rows = ShownStory.objects.filter(id__in=shown_ids, state=STANDING).order_by("id")
    found = list(rows.values_list("id", "release__state"))
    ends = [[one, BACK if state in (PUBLISHED, WITHDRAWN) else OUT] for one, state in found]
    return Decision(None, {"ends": ends})


def take_all_back(release_id: UUID) -> None:
    """The same for every story of one release, within the entry being made."""
    there = list(ShownStory.objects.filter(release_id=release_id, state=STANDING).values_list("id", flat=True))
    if there:
        take_stories_back(by=SYSTEM, shown_ids=there)


@applies("published.take_stories_back")
def _taken(part: Part) -> Iterator[Row]:
    for one, state in part["ends"]:
        changes = {"text": None, "state": state, "ended_at": part.received_at}
        yield Change("published.ShownStory", UUID(one), changes)
