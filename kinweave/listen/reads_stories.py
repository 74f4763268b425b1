"""What pages and flows ask of stories: one person's, opened, and those that were agreed for a report's place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kinweave.core.stories import PUBLIC_REPORT, Story, unsalted
from kinweave.house.actions import NotFound
from kinweave.house.sealing import Opener
from kinweave.listen import models_stories as rows_of
from kinweave.listen.actions_stories import PURPOSE, TEXT, recipient
from kinweave.people.agreed import agreed
from kinweave.people.door import Seen
from kinweave.people.reads import Given, consents

MOST_READ, MOST_OFFERED = 1_000, 50  # looked through, and offered to choose from, the newest first (ours)


@dataclass(frozen=True, slots=True)
class Told:
    """A person's story. yes: the last word on exactly these words, None where they were not asked."""

    id: UUID
    mark: str
    told_at: datetime
    told_back_at: datetime | None
    story: Story
    yes: Given | None

    @property
    def agreed(self) -> bool:
        return self.yes is not None and self.yes.state == "given"


def stories(seen: Seen, on: date | None = None) -> list[Told]:
    """A person's stories, the newest first. Two queries, whatever their number."""
    rows = list(rows_of.Story.objects.filter(person_id__in=seen.ids).exclude(text=None).order_by("-told_at", "-id"))
    opened = Opener(seen.ids)
    words = {row.id: text for row in rows if (text := opened(row.person_id, TEXT, row.text)) is not None}
    said = {}
    if words:
        said = {c.recipient: c for c in consents(seen, on or timezone.localdate()) if c.purpose == PURPOSE}
    return [
        Told(row.id, row.mark, row.told_at, row.told_back_at, unsalted(words[row.id]), _of(row, said))
        for row in rows if row.id in words
    ]  # fmt: skip


def _of(row: rows_of.Story, said: dict[str, Given]) -> Given | None:
    found = said.get(recipient(row.id))
    return found if found is not None and row.mark in found.items else None


def story_of(seen: Seen, story_id: UUID) -> Told:
    """One story of a person. Raises NotFound."""
    found = next((one for one in stories(seen) if one.id == story_id), None)
    if found is None:
        raise NotFound(what="story")
    return found


@dataclass(frozen=True, slots=True)
class Agreed:
    """A story that may stand in a report now: for flows, which seal `words` anew, and for whoever chooses, who sees
    the story and never whose it is."""

    id: UUID
    person_id: UUID
    mark: str
    words: str

    @property
    def story(self) -> Story:
        return unsalted(self.words)


def agreed_for(organisation_id: UUID, path: str) -> list[Agreed]:
    """Stories of people of this organisation who live in the place with this path or below it, the newest first."""
    lives = Q(person__place__path__startswith=path) | Q(person__merged_into__place__path__startswith=path)
    found = rows_of.Story.objects.filter(lives, person__organisation_id=organisation_id).exclude(text=None)
    rows = list(found.order_by("-told_at", "-id")[:MOST_READ])
    holds = _marks(rows)
    kept = [row for row in rows if row.id in holds][:MOST_OFFERED]
    opened = Opener([row.person_id for row in kept])
    texts = [(row, opened(row.person_id, TEXT, row.text)) for row in kept]
    return [Agreed(row.id, row.person_id, row.mark, words) for row, words in texts if words is not None]


def agreed_marks(story_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The mark of each story to which a yes holds at this moment; those without one are left out."""
    return _marks(list(rows_of.Story.objects.filter(id__in=list(story_ids)).exclude(text=None)))


def _marks(rows: Sequence[rows_of.Story]) -> dict[UUID, str]:
    holds = agreed(PURPOSE, [recipient(row.id) for row in rows])
    return {row.id: row.mark for row in rows if {row.mark, PUBLIC_REPORT} <= set(holds.get(recipient(row.id), ()))}
