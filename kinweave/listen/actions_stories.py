"""What is written of a person's own story: told, put in other words, agreed to, removed.

The yes is a consent of its own (purpose `story`): its recipient is this one story, its items are the mark of exactly
these words and the kind of place they may stand in. Taking it back is taking back that consent; what follows from it
on the shelf is added by flows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.core.stories import BESIDE, PUBLIC_REPORT, Story, mark, salted, unsalted
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor, NotAllowed
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.registry import action, applies, no_rows
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret, open_sealed
from kinweave.listen import models_stories as rows_of
from kinweave.listen.story_words import check_names_nobody, cleaned
from kinweave.people.actions import record_consent, withdraw_consent
from kinweave.people.actions.consents import OWN_PAGE
from kinweave.people.actions.persons import happened
from kinweave.people.door import Seen, access, consent_to

TEXT = "listen.story.text"
PURPOSE = "story"


class StoryChanged(Problem):
    status, code = 409, "story-changed"
    says = "The story was put in other words since you opened it."
    remedy = "Read it again together, then say yes or no."


def recipient(story_id: UUID) -> str:
    """How a consent names the story it is for."""
    return f"{PURPOSE}:{story_id}"


@action(permission="listen.story", locks=("person_id",))
def record_story(*, by: Actor, head: Head, person_id: UUID, text: str, language: str, about: str = "") -> Decision:
    """A story in the person's own words. `about`: an indicator's slug, or nothing. Result: `story`."""
    seen = access(person_id, by=by, permission="listen.story")
    words = salted(_told(seen, head, text, language, about))
    new = head.child("story")
    open_ = {"id": new, "person": seen.id, "mark": mark(words)}
    return Decision(seen.id, open_, {"text": Secret(TEXT, words)}, result={"story": new})


def _told(seen: Seen, head: Head, text: str, language: str, about: str) -> Story:
    """Checked. Raises StoryLength, PointsAtSomeone, Unknown."""
    kept = cleaned(text)
    check_names_nobody(kept, seen)
    if language not in chosen.value(chosen.LANGUAGES) or (about and about not in BESIDE):
        raise Unknown(what="story")
    return Story(kept, language, about, head.happened_at.year)


@applies("listen.record_story")
def _recorded(part: Part) -> Iterator[Row]:
    person = UUID(part["person"])
    yield Put(
        "listen.Story",
        {
            "id": part["id"], "person_id": person, "told_at": part.happened_at, "by_id": part.actor_id,
            "mark": part["mark"], "text": part.sealed.get("text"),
        },
    )  # fmt: skip
    yield happened(part, person, "story_told", ref=part["id"])


@action(permission="listen.story", locks=("person_id",))
def change_story(
    *, by: Actor, head: Head, person_id: UUID, story_id: UUID, text: str, language: str, about: str = ""
) -> Decision:
    """The story in other words. A yes to the old words holds no more: it was to exactly those."""
    seen = access(person_id, by=by, permission="listen.story")
    row = story_row(seen, story_id)
    new = _told(seen, head, text, language, about)
    before = open_sealed(row.person_id, TEXT, row.text)
    if before is not None and _same(unsalted(before), new):
        return Decision(row.person_id, {"id": None, "person": row.person_id})
    _end_yes(seen, row.id)
    words = salted(new)
    open_ = {"id": row.id, "person": row.person_id, "mark": mark(words)}
    return Decision(row.person_id, open_, {"text": Secret(TEXT, words)})


def _end_yes(seen: Seen, story_id: UUID) -> None:
    if (yes := consent_to(seen.ids, PURPOSE, recipient(story_id))) is not None:
        withdraw_consent(by=SYSTEM, person_id=seen.id, consent_id=yes.id)


def _same(one: Story, other: Story) -> bool:
    return (one.text, one.language, one.about) == (other.text, other.language, other.about)


@applies("listen.change_story")
def _changed(part: Part) -> Iterator[Row]:
    if part["id"] is None:
        return
    changes = {"mark": part["mark"], "text": part.sealed.get("text"), "told_back_at": None}
    yield Change("listen.Story", UUID(part["id"]), changes)
    yield happened(part, UUID(part["person"]), "story_changed", ref=part["id"])


@action(permission="listen.story", locks=("person_id",))
def remove_story(*, by: Actor, head: Head, person_id: UUID, story_id: UUID) -> Decision:
    """The story leaves the record and every report. The journal keeps the sealed words until the person is erased."""
    return _removed_by(access(person_id, by=by, permission="listen.story"), story_id)


@action(permission="own.story", locks=("person_id",))
def remove_own_story(*, by: Actor, head: Head, person_id: UUID, story_id: UUID) -> Decision:
    """The person removes a story of theirs, on their own page."""
    seen = access(person_id, by=by, permission="own.story")
    if by.kind != "person":
        raise NotAllowed(permission="own.story")
    return _removed_by(seen, story_id)


def _removed_by(seen: Seen, story_id: UUID) -> Decision:
    row = story_row(seen, story_id)
    _end_yes(seen, row.id)
    return Decision(row.person_id, {"id": row.id, "person": row.person_id})


@applies("listen.remove_story")
@applies("listen.remove_own_story")
def _removed(part: Part) -> Iterator[Row]:
    yield Change("listen.Story", UUID(part["id"]), {"text": None})
    yield happened(part, UUID(part["person"]), "story_removed", ref=part["id"])


def story_row(seen: Seen, story_id: UUID) -> rows_of.Story:
    row = rows_of.Story.objects.filter(id=story_id, person_id__in=seen.ids).first()
    if row is None or row.text is None:
        raise NotFound(what="story")
    return row


@action(permission="consent.record", locks=("person_id",))
def agree_story(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    story_id: UUID,
    mark: str,
    given: bool,
    how: str = "spoken",
    until: date | None = None,
    language: str = "",
    assent: bool | None = None,
    guardian_tie_id: UUID | None = None,
) -> Decision:
    """What the person said when the story was read back: may it stand in a report that anyone can read? `mark`: of
    the words that were read. Result: `consent`."""
    seen = access(person_id, by=by, permission="consent.record")
    said: dict[str, Any] = {
        "given": given, "how": how, "until": until, "language": language, "assent": assent,
        "guardian_tie_id": guardian_tie_id,
    }  # fmt: skip
    return _agreed(by, seen, story_id, mark, said)


@action(permission="own.story", locks=("person_id",))
def agree_own_story(
    *, by: Actor, head: Head, person_id: UUID, story_id: UUID, mark: str, until: date | None = None, language: str = ""
) -> Decision:
    """The person's own yes, on their own page, to the words that stood there. Result: `consent`."""
    seen = access(person_id, by=by, permission="own.story")
    if by.kind != "person":
        raise NotAllowed(permission="own.story")
    said = {"given": True, "how": OWN_PAGE, "until": until, "language": language, "assent": True}
    return _agreed(SYSTEM, seen, story_id, mark, said)


def _agreed(by: Actor, seen: Seen, story_id: UUID, read: str, said: dict[str, Any]) -> Decision:
    row = story_row(seen, story_id)
    if row.mark != read:
        raise StoryChanged()
    done = record_consent(
        by=by, person_id=seen.id, purpose=PURPOSE, recipient=recipient(row.id), items=[row.mark, PUBLIC_REPORT], **said
    )
    return Decision(seen.id, result={"consent": done.result["consent"]})


no_rows("listen.agree_story")
no_rows("listen.agree_own_story")
