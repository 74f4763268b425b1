"""The stories on the shelf: for those who read a report, and for flows, which ask whether they may still stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kinweave.core.stories import Story, mark, unsalted
from kinweave.house.access import Actor
from kinweave.house.sealing import Opener
from kinweave.published.actions.common import OPEN, release_for
from kinweave.published.actions.stories import TEXT
from kinweave.published.models import Release, ShownStory
from kinweave.published.states import DRAFT, OUT, PUBLISHED, SIGNED, STANDING


@dataclass(frozen=True, slots=True)
class Shown:
    """A story with a release. story: None where it was taken back, or its words are not the ones signed for."""

    story_id: UUID
    state: str
    story: Story | None


def stories_of(row: Release) -> list[Shown]:
    """Those that stand with a release or stood there when it went out, in their order. No query where there are
    none; else one, and one look for their keys."""
    found = _rows(row)
    opened = Opener([one.person_id for one in found])
    return [Shown(o.story_id, o.state, _words(o, opened)) for o in found if o.state != OUT]


def left_out(row: Release) -> int:
    """How many stories were chosen and do not stand with it, because their yes no longer held before it went out."""
    return sum(one.state == OUT for one in _rows(row))


def _rows(row: Release) -> list[ShownStory]:
    if not row.stories:
        return []
    order = {one: place for place, one in enumerate(row.stories)}
    found = ShownStory.objects.filter(release_id=row.id, mark__in=row.stories)
    return sorted(found, key=lambda one: order[one.mark])


def _words(one: ShownStory, opened: Opener) -> Story | None:
    words = opened(one.person_id, TEXT, one.text)
    return None if words is None or mark(words) != one.mark else unsalted(words)


# ------------------------------------------------------------------------------------ for flows


@dataclass(frozen=True, slots=True)
class Standing:
    """One story that stands on the shelf, without its words."""

    id: UUID
    story_id: UUID
    person_id: UUID
    mark: str


def standing_stories(release_id: UUID | None = None, story_id: UUID | None = None) -> list[Standing]:
    """What stands with one release, or of one story, or anywhere on the shelf, drafts included."""
    found = ShownStory.objects.filter(state=STANDING).exclude(text=None)
    if release_id is not None:
        found = found.filter(release_id=release_id)
    if story_id is not None:
        found = found.filter(story_id=story_id)
    return [Standing(*one) for one in found.order_by("id").values_list("id", "story_id", "person_id", "mark")]


@dataclass(frozen=True, slots=True)
class Draft:
    """What flows need of a draft to find stories for it."""

    id: UUID
    organisation_id: UUID
    path: str
    takes_stories: bool
    marks: tuple[str, ...]


def draft_for(by: Actor, release_id: UUID) -> Draft:
    """A draft within reach of someone who drafts. Raises ReleaseNotFound, WrongTime."""
    release_for(by, "published.draft", release_id, *OPEN)
    row = Release.objects.select_related("place").get(id=release_id)
    return Draft(row.id, row.organisation_id, row.place.path, _takes_stories(row), tuple(row.stories))


def _takes_stories(row: Release) -> bool:
    """Whether it shows how many people started here in its time, so that one of them is not found by their story; and
    whether its texts, which never change, have words for one."""
    if not all("story_one" in text["words"] for text in row.texts.values()):
        return False
    here = (row.head.get("place"), row.period, "all")
    cells = (cell for table in row.tables if table["population"] == "started" for cell in table["cells"])
    return any((c["place"], c["period"], c["dimension"]) == here and c["n"] is not None for c in cells)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a story stands or stood. state: of the report; back: it was taken back there."""

    story_id: UUID
    slug: str
    place: str
    period: int
    state: str
    back: bool
    since: datetime


def where(story_ids: Sequence[UUID]) -> list[Where]:
    """The reports that these stories stand in, the newest first: those that are out, and those in the making."""
    found = ShownStory.objects.filter(story_id__in=list(story_ids), release__state__in=(DRAFT, SIGNED, PUBLISHED))
    rows = found.exclude(state=OUT).select_related("release__place").defer("text", "release__tables", "release__texts")
    return [
        Where(o.story_id, o.release.slug, o.release.place.name, o.release.period, o.release.state,
              o.state != STANDING or o.ended_at is not None, o.release.published_at or o.at)
        for o in rows.order_by("-at", "-id")
    ]  # fmt: skip
