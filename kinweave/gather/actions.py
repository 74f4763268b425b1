"""What is written of circles: begun, met, ended. Head-counts by default; aliases only where the circle chose so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.gather.door import circle_for
from kinweave.gather.models import Circle, Meeting
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.actions import NameMissing, NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Organisation, Place, Programme, Team
from kinweave.house.reach import works_in
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people.actions.persons import OutOfReach, check_when
from kinweave.people.facts import clean_name

RULES = "gather.circle.rules"
ALIASES = "gather.meeting.aliases"
ENDS = ("reached", "self_run", "place_lost", "few_came", "we_left", "other")
MOST = 500  # people at one meeting; ours
UNDO = timedelta(days=7)  # practice rule 6
KINDS = chosen.define(
    "gather.kinds",
    ["women", "men", "under_18", "supporters"],
    says="The kinds of people who are counted at a circle's meeting, beside how many came.",
    source="ours",
    fits=lambda v: chosen.texts(v) and len(v) <= 12 and len(set(v)) == len(v),
    hint="Give at most 12 short names.",
)


class CircleEnded(Problem):
    status, code = 409, "circle-ended"
    says = "This circle had ended before that day."
    remedy = "Check the day, or begin the circle again."


class CountsDoNotFit(Problem):
    status, code = 422, "counts-do-not-fit"
    says = "These counts do not fit together."
    remedy = "No group can be larger than how many came. Count again."


class NoAliases(Problem):
    status, code = 422, "no-aliases"
    says = "This circle did not choose that aliases are written down."
    remedy = "Write how many came. If the circle wants aliases, ask everyone first."


class TooLateForMeeting(Problem):
    status, code = 409, "too-late-for-meeting"
    says = "This was written more than 7 days ago, or by someone else."
    remedy = "Ask your supervisor. What was written stays in the history."


@action(permission="gather.keep", fact=True)
def add_circle(
    *,
    by: Actor,
    head: Head,
    name: str,
    organisation_id: UUID,
    programme_id: UUID | None = None,
    team_id: UUID | None = None,
    place_id: UUID | None = None,
    host_id: UUID | None = None,
    weekday: int | None = None,
    begun_on: date | None = None,
    rules: str = "",
    with_aliases: bool = False,
) -> Decision:
    """A circle begins, under a neutral name; who writes it down keeps it, unless told otherwise. Result: `circle`."""
    called = clean_name(name)
    if called is None:
        raise NameMissing()
    _check_home(by, organisation_id, programme_id, team_id, place_id, host_id)
    if weekday is not None and not 1 <= weekday <= 7:
        raise Unknown(what="day of the week")
    begun = begun_on or head.happened_at.date()
    check_when(begun, head)
    new = head.child("circle")
    return Decision(
        new,
        {
            "id": new, "name": called, "organisation": organisation_id, "programme": programme_id, "team": team_id,
            "place": place_id, "host": host_id or by.account_id, "weekday": weekday, "begun": begun,
            "aliases": with_aliases,
        },
        {"rules": Secret(RULES, rules.strip()[:4000]) if rules.strip() else None},
        result={"circle": new},
        new_key=True,
    )  # fmt: skip


def _check_home(
    by: Actor,
    organisation_id: UUID,
    programme_id: UUID | None,
    team_id: UUID | None,
    place_id: UUID | None,
    host_id: UUID | None,
) -> None:
    """One's own organisation, and nothing of another's. Raises OutOfReach, NotFound."""
    if not any(reach.organisation_id in (None, organisation_id) for reach in by.reaches("gather.keep")):
        raise OutOfReach()
    if not Organisation.objects.filter(id=organisation_id).exists():
        raise NotFound(what="organisation")
    home = {"organisation_id": organisation_id}
    if programme_id and not Programme.objects.filter(id=programme_id, **home).exists():
        raise NotFound(what="programme")
    if team_id and not Team.objects.filter(id=team_id, **home).exists():
        raise NotFound(what="team")
    if place_id and not Place.objects.filter(id=place_id).exists():
        raise NotFound(what="place")
    if host_id and host_id != by.account_id and not works_in(host_id, organisation_id):
        raise NotFound(what="worker")


@applies("gather.add_circle")
def _added(part: Part) -> Iterator[Row]:
    yield Put(
        "gather.Circle",
        {
            "id": part["id"], "name": part["name"], "organisation_id": part["organisation"],
            "programme_id": part["programme"], "team_id": part["team"], "place_id": part["place"],
            "host_id": part["host"], "weekday": part["weekday"], "begun_on": part["begun"],
            "rules": part.sealed.get("rules"), "with_aliases": part["aliases"],
        },
    )  # fmt: skip
    yield _line(part, "circle_begun", part["id"])


def _line(part: Part, kind: str, ref: Any, **facts: Any) -> Put:
    """One line of what happened, about no person."""
    return Put(
        "house.Happened",
        {
            "id": part.child(f"happened/{kind}"), "at": part.happened_at, "precision": part.precision, "kind": kind,
            "actor_id": part.actor_id, "ref_id": ref, "facts": facts,
        },
    )  # fmt: skip


@action(permission="gather.meet", locks=("circle_id",), fact=True)
def record_circle_meeting(
    *,
    by: Actor,
    head: Head,
    circle_id: UUID,
    on: date,
    head_count: int,
    new_count: int = 0,
    kinds: dict[str, int] | None = None,
    aliases: list[str] | None = None,
    sheet: str = "",
) -> Decision:
    """A circle met: how many came, how many for the first time, how many of each kind. Result: `meeting`."""
    row = circle_for(circle_id, by, "gather.meet")
    check_when(on, head)
    if row.ended_on is not None and on > row.ended_on:
        raise CircleEnded()
    counts = _counts(row, head_count, new_count, kinds or {})
    names = _aliases(row, aliases or [], head_count)
    new = head.child("meeting")
    return Decision(
        row.id,
        {
            "id": new, "circle": row.id, "on": on, "head": head_count, "new": new_count, "kinds": counts,
            "sheet": " ".join(sheet.split())[:40],
        },
        {"aliases": Secret(ALIASES, "\n".join(names)) if names else None},
        result={"meeting": new},
    )  # fmt: skip


def _counts(row: Circle, head_count: int, new_count: int, kinds: Mapping[str, int]) -> dict[str, int]:
    known = chosen.value(KINDS, str(row.programme_id or ""))
    if set(kinds) - set(known):
        raise Unknown(what="kind of people")
    if not 0 <= head_count <= MOST or not 0 <= new_count <= head_count:
        raise CountsDoNotFit()
    if any(not 0 <= number <= head_count for number in kinds.values()):
        raise CountsDoNotFit()
    return dict(kinds)


def _aliases(row: Circle, aliases: Sequence[str], head_count: int) -> list[str]:
    names = [name for one in aliases if (name := clean_name(one))]
    if names and not row.with_aliases:
        raise NoAliases()
    if len(names) > head_count:
        raise CountsDoNotFit()
    return names


@applies("gather.record_circle_meeting")
def _met(part: Part) -> Iterator[Row]:
    yield Put(
        "gather.Meeting",
        {
            "id": part["id"], "circle_id": part["circle"], "on": part["on"], "head_count": part["head"],
            "new_count": part["new"], "kinds": part["kinds"], "aliases": part.sealed.get("aliases"),
            "written_by": part.actor_id, "written_at": part.received_at, "sheet": part["sheet"],
        },
    )  # fmt: skip
    yield _line(part, "circle_met", part["circle"], head=part["head"], new=part["new"])


@action(permission="gather.meet", locks=("circle_id",))
def undo_circle_meeting(*, by: Actor, head: Head, circle_id: UUID, meeting_id: UUID) -> Decision:
    """Who wrote a meeting down takes it back within seven days; the journal keeps it."""
    row = circle_for(circle_id, by, "gather.meet")
    found = Meeting.objects.filter(id=meeting_id, circle_id=row.id, undone_at=None).first()
    if found is None:
        raise NotFound(what="meeting")
    if found.written_by != by.account_id or head.received_at - found.written_at > UNDO:
        raise TooLateForMeeting()
    return Decision(row.id, {"id": found.id, "circle": row.id, "at": head.received_at.astimezone(UTC)})


@applies("gather.undo_circle_meeting")
def _meeting_undone(part: Part) -> Iterator[Row]:
    yield Change("gather.Meeting", UUID(part["id"]), {"undone_at": part["at"]})
    yield _line(part, "circle_meeting_undone", part["circle"])


@action(permission="gather.keep", locks=("circle_id",), fact=True)
def end_circle(*, by: Actor, head: Head, circle_id: UUID, on: date, reason: str = "other") -> Decision:
    """A circle ends, or goes on by itself; what it was stays."""
    row = circle_for(circle_id, by, "gather.keep")
    if reason not in ENDS:
        raise Unknown(what="reason")
    check_when(on, head)
    if row.ended_on is not None:
        raise CircleEnded()
    return Decision(row.id, {"id": row.id, "on": on, "reason": reason})


@applies("gather.end_circle")
def _ended(part: Part) -> Iterator[Row]:
    values = {"state": "ended", "ended_on": part["on"], "end_reason": part["reason"]}
    yield Change("gather.Circle", UUID(part["id"]), values)
    yield _line(part, "circle_ended", part["id"], reason=part["reason"])
