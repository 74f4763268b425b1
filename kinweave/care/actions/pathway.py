"""Moves along the pathway, and the person's own goals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from kinweave.care import clocks
from kinweave.care.actions.common import end_dues, open_dues, put_due, running
from kinweave.care.models import Episode, Goal, Risk
from kinweave.core import pathway, risk
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.people.actions.persons import happened
from kinweave.people.door import Seen, access, require_consent

ENTRIES = ("score", "own_words", "circle", "informant")
GOAL = "care.goal.text"
EARLY = timedelta(days=45)  # how early the questions may be asked again and still count for the month (ours)
# What stops being due when a person moves on: the waiting when care starts, everything when it closes.
ENDS = {"start": ("waiting", "first_meeting"), "inform": ("waiting",), "step": (), "graduate": (), "wait": ()}


@action(permission="care.act", locks=("person_id",), fact=True)
def move_on(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    move: str,
    step: int | None = None,
    reason: str = "",
    entry: str = "",
) -> Decision:
    """One move along the pathway (core.pathway.MOVES). `entry`: how the person came in; a score is not needed.

    Result: `state` and `episode`.
    """
    seen = access(person_id, by=by, permission="care.act")
    if move not in {"consent", "close"}:
        require_consent(seen, "care")
    now = seen.row.state
    then = pathway.after(now, move)
    _check(move, step, reason, entry)
    episode = running(seen)
    fresh = episode is None or move == "reenter"
    here = head.child("episode") if episode is None or fresh else episode.id
    scope = str(seen.row.programme_id or "")
    ended = open_dues(seen.ids) if move == "close" else open_dues(seen.ids, ENDS.get(move, ()))
    return Decision(
        subject=seen.id,
        open={
            "person": seen.id, "move": move, "from": now, "to": then, "reason": reason, "entry": entry, "fresh": fresh,
            "worker": seen.row.worker_id, "episode": here, "step": None if fresh else _step(move, step, episode),
            "number": _number(seen, fresh, episode), "ends": _but_risks(ended), "due": _due_times(move, head, scope),
        },
        result={"state": then, "episode": here},
    )  # fmt: skip


def _check(move: str, step: int | None, reason: str, entry: str) -> None:
    if move == "close":
        pathway.whose_failure(reason)
    if step is not None and step not in pathway.STEPS:
        raise pathway.BadStep()
    if move == "step" and step is None:
        raise pathway.BadStep()
    if entry and entry not in ENTRIES:
        raise Unknown(what="way in")


def _step(move: str, step: int | None, episode: Episode | None) -> int | None:
    if step is not None:
        return step
    return 1 if move == "start" else (episode.step if episode else None)


def _number(seen: Seen, fresh: bool, episode: Episode | None) -> int:
    if not fresh and episode is not None:
        return episode.number
    return Episode.objects.filter(person_id__in=seen.ids).count() + 1


def _but_risks(ids: list[UUID]) -> list[UUID]:
    """An alert stays due whatever happens to the episode; meetings after it end once both are closed."""
    if not ids:
        return []
    risky = Due.objects.filter(id__in=ids, kind__startswith="risk")
    over = set(Risk.objects.filter(id__in=risky.values("ref_id"), state=risk.CLOSED).values_list("id", flat=True))
    stay = {due.id for due in risky if due.ref_id not in over}
    return [one for one in ids if one not in stay]


def _due_times(move: str, head: Head, scope: str) -> list[dict[str, Any]]:
    """What becomes due: kind, when, how urgent, for whom (the worker, or a role)."""
    at = head.happened_at
    if move == "wait":
        days = chosen.value(clocks.WAIT_DAYS, scope)
        return [{"kind": "waiting", "at": at + timedelta(days=days), "priority": 2, "role": "supervisor"}]
    if move == "start":
        months = chosen.value(clocks.ASK_AGAIN, scope)
        # A month is counted as 30.44 days here: these are appointments, not statistics.
        asks = [{"kind": "ask_again", "at": at + timedelta(days=30.44 * m), "priority": 2, "role": ""} for m in months]
        return [{"kind": "first_meeting", "at": at + timedelta(days=7), "priority": 2, "role": ""}, *asks]
    return []


@applies("care.move_on")
def _moved(part: Part) -> Iterator[Row]:
    person, episode = UUID(part["person"]), UUID(part["episode"])
    state = {"state": part["to"], "step": part["step"]}
    if part["fresh"]:
        yield Put(
            "care.Episode",
            {
                "id": episode, "person_id": person, "number": part["number"], "entry": part["entry"],
                "opened_at": part.happened_at, **state,
            },
        )  # fmt: skip
    else:
        more: dict[str, Any] = dict(state)
        if part["entry"]:
            more["entry"] = part["entry"]
        if part["move"] == "start":
            more["started_at"] = part.happened_at
        if part["move"] == "close":
            more |= {"closed_at": part.happened_at, "reason": part["reason"]}
        yield Change("care.Episode", episode, more)
    yield Put(
        "care.Turn",
        {
            "id": part.child("turn"), "episode_id": episode, "person_id": person, "at": part.happened_at,
            "move": part["move"], "from_state": part["from"], "to_state": part["to"], "step": part["step"],
            "reason": part["reason"], "actor_id": part.actor_id,
        },
    )  # fmt: skip
    yield Change("people.Person", person, {"state": part["to"], "since": part.happened_at})
    yield from end_dues(part, part["ends"], "dropped" if part["move"] == "close" else "done")
    for number, due in enumerate(part["due"]):
        who = None if due["role"] else part["worker"]
        yield put_due(part, str(number), due["kind"], due["at"], priority=due["priority"], role=due["role"], who=who,
                      person_id=person, ref_id=episode)  # fmt: skip
    yield happened(part, person, f"move_{part['move']}", ref=episode, step=part["step"], reason=part["reason"])


@action(permission="listen.record", locks=("person_id",), inner=True)
def settle_asked(*, by: Actor, head: Head, person_id: UUID) -> Decision:
    """The questions were asked again: what was due of it until now is done (flows calls this)."""
    seen = access(person_id, by=by, permission="listen.record")
    return Decision(seen.id, {"person": seen.id, "ends": _asks(seen, head)})


def to_ask_again(*, by: Actor, head: Head, person_id: UUID) -> bool:
    """Whether there is anything for `settle_asked` to settle."""
    return bool(_asks(access(person_id, by=by, permission="listen.record"), head))


def _asks(seen: Seen, head: Head) -> list[UUID]:
    return open_dues(seen.ids, ["ask_again"], until=head.happened_at + EARLY)


@applies("care.settle_asked")
def _settled(part: Part) -> Iterator[Row]:
    yield from end_dues(part, part["ends"])


@action(permission="care.act", locks=("person_id",), fact=True)
def set_goal(*, by: Actor, head: Head, person_id: UUID, text: str) -> Decision:
    """A goal in the person's own words. Result: `goal`."""
    seen = access(person_id, by=by, permission="care.act")
    if not text.strip():
        raise Unknown(what="goal")
    new = head.child("goal")
    return Decision(
        seen.id, {"id": new, "person": seen.id}, {"text": Secret(GOAL, text.strip()[:500])}, result={"goal": new}
    )


@applies("care.set_goal")
def _goal(part: Part) -> Iterator[Row]:
    values = {"id": part["id"], "person_id": part["person"], "at": part.happened_at, "text": part.sealed.get("text")}
    yield Put("care.Goal", values)
    yield happened(part, UUID(part["person"]), "goal_set", ref=part["id"])


@action(permission="care.act", locks=("person_id",), fact=True)
def set_goal_state(*, by: Actor, head: Head, person_id: UUID, goal_id: UUID, state: str) -> Decision:
    """A goal was reached or let go, by the person's own word."""
    seen = access(person_id, by=by, permission="care.act")
    if not Goal.objects.filter(id=goal_id, person_id__in=seen.ids).exists():
        raise NotFound(what="goal")
    if state not in {"open", "reached", "let_go"}:
        raise Unknown(what="goal")
    return Decision(seen.id, {"id": goal_id, "person": seen.id, "state": state})


@applies("care.set_goal_state")
def _goal_state(part: Part) -> Iterator[Row]:
    yield Change("care.Goal", UUID(part["id"]), {"state": part["state"]})
    yield happened(part, UUID(part["person"]), "goal_state", ref=part["id"], state=part["state"])
