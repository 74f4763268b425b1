"""Told back: once a story is out, somebody shows the one who told it where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.listen.actions_stories import story_row
from kinweave.listen.models_stories import Story
from kinweave.people.actions.persons import happened
from kinweave.people.door import access

DUE = "story_shown"
SHOWN_DAYS = chosen.define(
    "listen.story_shown_days",
    7,
    says="Within how many days somebody is shown where their story stands.",
    source="ours",
    fits=chosen.whole(1, 90),
    hint="Give days between 1 and 90.",
)


@action(permission="listen.story", locks=("person_id",))
def tell_story_back(*, by: Actor, head: Head, person_id: UUID, story_id: UUID) -> Decision:
    """They were shown where their story stands."""
    seen = access(person_id, by=by, permission="listen.story")
    row = story_row(seen, story_id)
    return Decision(seen.id, {"id": row.id, "person": seen.id, "ends": _open_dues([row.id])})


def _open_dues(story_ids: list[UUID]) -> list[UUID]:
    found = Due.objects.filter(ref_id__in=story_ids, kind=DUE, state="open").order_by("id")
    return list(found.values_list("id", flat=True))


@applies("listen.tell_story_back")
def _told_back(part: Part) -> Iterator[Row]:
    yield Change("listen.Story", UUID(part["id"]), {"told_back_at": part.happened_at})
    for one in part["ends"]:
        yield Change("house.Due", UUID(one), {"state": "done", "done_at": part.received_at})
    yield happened(part, UUID(part["person"]), "story_told_back", ref=part["id"])


@action(permission="listen.story", inner=True)
def owe_telling_back(*, by: Actor, head: Head, story_ids: list[UUID]) -> Decision:
    """These stories are out now: their workers are asked to show it (flows calls this as a report goes out)."""
    asked = []
    for row in Story.objects.filter(id__in=story_ids).order_by("id"):
        living = access(row.person_id, by=SYSTEM).row
        days = int(chosen.value(SHOWN_DAYS, str(living.programme_id or "")))
        asked.append({
            "id": head.child(f"due/{row.id}"), "story": row.id, "person": living.id, "worker": living.worker_id,
            "at": head.received_at + timedelta(days=days),
        })  # fmt: skip
    return Decision(None, {"asked": asked})


@applies("listen.owe_telling_back")
def _owed(part: Part) -> Iterator[Row]:
    for one in part["asked"]:
        yield Change("listen.Story", UUID(one["story"]), {"told_back_at": None})
        yield Put(
            "house.Due",
            {
                "id": one["id"], "kind": DUE, "who": one["worker"], "role": "" if one["worker"] else "supervisor",
                "person_id": one["person"], "ref_id": one["story"], "at": one["at"], "priority": 3,
            },
        )  # fmt: skip


@action(permission="listen.story", inner=True)
def drop_telling_back(*, by: Actor, head: Head, story_ids: list[UUID]) -> Decision:
    """These stories stand nowhere any more: there is nothing to show."""
    return Decision(None, {"ends": _open_dues(story_ids)})


@applies("listen.drop_telling_back")
def _dropped(part: Part) -> Iterator[Row]:
    for one in part["ends"]:
        yield Change("house.Due", UUID(one), {"state": "dropped", "done_at": part.received_at})
