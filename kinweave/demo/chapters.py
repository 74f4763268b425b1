"""From invented events to the parts of journal entries: what each action would have decided.

A `Book` remembers what the actions would have looked up: states, episodes, what is due. The parts are those
of the real actions, version by version; tests/demo/test_load.py writes a community both ways and compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from kinweave.care.actions.common import SOON
from kinweave.care.actions.pathway import EARLY, ENDS, GOAL
from kinweave.care.actions.sessions import NOTE
from kinweave.core import pathway
from kinweave.core.instrument_table import Table
from kinweave.core.scoring import score
from kinweave.demo.hours import Given
from kinweave.house.journal import Decision, Head, canonical
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.listen.actions import ANSWERS, _kept, _told
from kinweave.people import fields
from kinweave.people.actions.persons import code_of, name_digests
from kinweave.people.facts import clean_name

Decided = tuple[str, Decision]
GOAL_TEXT = "Invented: to sit with the neighbours again on Sundays."


@dataclass(frozen=True, slots=True)
class Owed:
    """Something due: what, about what, for whom, when."""

    kind: str
    about: str
    who: str
    at: datetime


@dataclass
class Chapter:
    """What is known of one person so far."""

    id: UUID
    organisation: UUID
    programme: UUID
    team: UUID
    place: UUID
    worker: UUID
    name_keys: list[UUID] = field(default_factory=list)
    state: str = "identified"
    episode: UUID | None = None
    number: int = 0
    step: int | None = None
    dues: dict[UUID, Owed] = field(default_factory=dict)
    consents: dict[str, UUID] = field(default_factory=dict)
    goal: UUID | None = None  # the one that stands open
    alerts_over: set[str] = field(default_factory=set)  # risks that are closed

    def remember(self, rows: Iterable[Row]) -> None:
        """Follow the rows an entry made: what became due and what is done, and the name keys."""
        for row in rows:
            if isinstance(row, Put) and row.model == "house.Due":
                values = row.values
                self.dues[_uuid(values["id"])] = Owed(
                    values["kind"], str(values.get("ref_id")), str(values.get("who")), _time(values["at"])
                )
            elif isinstance(row, Change) and row.model == "house.Due" and "state" in row.values:
                self.dues.pop(row.id, None)
            elif isinstance(row, Put) and row.model == "people.NameKey":
                self.name_keys.append(_uuid(row.values["id"]))

    def stays_due(self, one: UUID) -> bool:
        """Whether something about an alert that is still open."""
        owed = self.dues[one]
        return owed.kind.startswith("risk") and owed.about not in self.alerts_over

    def due(
        self, kinds: Iterable[str] | None = None, ref: UUID | None = None, by: datetime | None = None
    ) -> list[UUID]:
        """Ids of what is open, as `open_dues` would find them; `by`: only what is due until then."""
        wanted = None if kinds is None else set(kinds)
        found = [
            one
            for one, owed in self.dues.items()
            if (wanted is None or owed.kind in wanted)
            and (ref is None or owed.about == str(ref))
            and (by is None or owed.at <= by)
        ]
        return sorted(found)


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def register(head: Head, who: Chapter, facts: Mapping[str, Any], met_on: date) -> list[Decided]:
    """people.register_person as at first meeting: an alias, a place, nothing more."""
    alias, name = clean_name(facts["alias"]), clean_name(facts.get("name"))
    digests = name_digests(alias, name)
    return [
        (
            "people.register_person",
            Decision(
                subject=who.id,
                open={
                    "id": who.id, "code": code_of(who.id), "organisation": who.organisation,
                    "programme": who.programme, "team": who.team, "place": who.place, "worker": who.worker,
                    "met_on": met_on, "keys": len(digests),
                },
                closed={
                    "alias": Secret(fields.ALIAS, alias) if alias else None,
                    "name": Secret(fields.NAME, name) if name else None,
                    **_facts(facts), "digests": digests or None,
                },
                result={"person": who.id, "code": code_of(who.id), "possibly_same": 0},
            ),
        )
    ]  # fmt: skip


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    if "gender" not in facts:
        return {"gender": "", "language": "", "facts": {}}
    more = {"wg": dict(facts["washington"]), facts["dimension"]: facts["group"]}
    return {
        "birth_year": facts["birth_year"], "gender": facts["gender"], "language": facts["languages"][0], "facts": more,
    }  # fmt: skip


def describe(head: Head, who: Chapter, facts: Mapping[str, Any]) -> list[Decided]:
    """people.change_person once the person has agreed and said more."""
    given = {k: v for k, v in _facts(facts).items() if v is not None}
    alias, name = clean_name(facts["alias"]), clean_name(facts["name"])
    digests = name_digests(alias, name)
    old, who.name_keys = sorted(who.name_keys), []
    return [
        (
            "people.change_person",
            Decision(
                who.id,
                {"id": who.id, "changed": sorted(given), "drop": old, "keys": len(digests)},
                closed={
                    **given, "name": Secret(fields.NAME, name) if name else None,
                    "alias": Secret(fields.ALIAS, alias) if alias else None, "digests": digests or None,
                },
            ),
        )
    ]  # fmt: skip


def consent(head: Head, who: Chapter, purpose: str, given: bool, how: str) -> list[Decided]:
    """flows.agree for one purpose: the consent, and the first move where it is a first yes to care."""
    new = head.child("consent")
    open_ = {
        "id": new, "person": who.id, "purpose": purpose, "given": given, "how": how, "items": [], "recipient": "",
        "until": None, "language": "", "assent": None, "guardian": None,
    }  # fmt: skip
    who.consents[purpose] = new
    parts = [("people.record_consent", Decision(who.id, open_, result={"consent": new}))]
    if purpose == "care" and given and who.state == pathway.IDENTIFIED:
        parts += move(head.below("move"), who, "consent")
    return parts


def withdraw(who: Chapter, purpose: str) -> list[Decided]:
    open_ = {"id": who.consents[purpose], "person": who.id, "purpose": purpose}
    return [("people.withdraw_consent", Decision(who.id, open_))]


def move(
    head: Head, who: Chapter, name: str, *, step: int | None = None, reason: str = "", entry: str = "",
    wait_days: int = 14, ask_again: Iterable[int] = (3, 6, 12, 24),
) -> list[Decided]:  # fmt: skip
    """care.move_on. `wait_days` and `ask_again` are the settings' values."""
    then = pathway.after(who.state, name)
    fresh = who.episode is None or name == "reenter"
    if fresh:
        who.episode, who.number = head.child("episode"), who.number + 1
    ended = who.due() if name == "close" else who.due(ENDS.get(name, ()))
    steps = step if step is not None else (1 if name == "start" else who.step)
    open_ = {
        "person": who.id, "move": name, "from": who.state, "to": then, "step": None if fresh else steps,
        "reason": reason, "entry": entry, "fresh": fresh, "worker": who.worker, "episode": who.episode,
        "number": who.number, "ends": [d for d in ended if not who.stays_due(d)],
        "due": _due_times(name, head.happened_at, wait_days, ask_again),
    }  # fmt: skip
    who.step = open_["step"]  # type: ignore[assignment]
    who.state = then
    return [("care.move_on", Decision(who.id, open_, result={"state": then, "episode": who.episode}))]


def _due_times(name: str, at: datetime, wait_days: int, ask_again: Iterable[int]) -> list[dict[str, Any]]:
    if name == "wait":
        return [{"kind": "waiting", "at": at + timedelta(days=wait_days), "priority": 2, "role": "supervisor"}]
    if name == "start":
        asks = [
            {"kind": "ask_again", "at": at + timedelta(days=30.44 * m), "priority": 2, "role": ""} for m in ask_again
        ]
        return [{"kind": "first_meeting", "at": at + timedelta(days=7), "priority": 2, "role": ""}, *asks]
    return []


def response(
    head: Head, who: Chapter, table: Table, hash_: str, given: Mapping[str, Any], *, language: str, mode: str
) -> list[Decided]:
    """listen.record_response; the first one after consent moves the person to "screened"."""
    scored = score(table, given)
    answers = {code: value for code, value in given.items() if value is not None}
    new = head.child("response")
    open_ = {
        "id": new, "person": who.id, "instrument": table["slug"], "hash": hash_, "language": language, "mode": mode,
        "taken_on": head.happened_at.date(), "complete": len(answers) == len(table["items"]), "sheet": "",
        "scores": [_kept(s) for s in scored.scales], "table": None, "replaces": None,
    }  # fmt: skip
    closed = {
        "answers": Secret(ANSWERS, canonical(answers)),
        "values": [[s.scaled, s.band] for s in scored.scales],
    }
    return [("listen.record_response", Decision(who.id, open_, closed, {"response": new, "scales": _told(scored)}))]


def asked_again(head: Head, who: Chapter) -> list[Decided]:
    """care.settle_asked: the questions were asked again."""
    ends = who.due(("ask_again",), by=head.happened_at + EARLY)
    return [("care.settle_asked", Decision(who.id, {"person": who.id, "ends": ends}))] if ends else []


def set_goal(head: Head, who: Chapter) -> list[Decided]:
    """care.set_goal: what the person wants to change, in invented words."""
    who.goal = head.child("goal")
    closed = {"text": Secret(GOAL, GOAL_TEXT)}
    return [("care.set_goal", Decision(who.id, {"id": who.goal, "person": who.id}, closed, {"goal": who.goal}))]


def reach_goal(who: Chapter) -> list[Decided]:
    """care.set_goal_state: the goal was reached."""
    open_, who.goal = {"id": who.goal, "person": who.id, "state": "reached"}, None
    return [("care.set_goal_state", Decision(who.id, open_))]


def session(head: Head, who: Chapter, worker: UUID, given: Mapping[str, Any]) -> list[Decided]:
    """care.note_session, a visit or a call."""
    new = head.child("session")
    open_ = {
        "id": new, "person": who.id, "episode": who.episode, "worker": worker, "owner": who.worker,
        "kind": given.get("kind", "session"), "planned": given.get("planned", True), "held": given["held"],
        "at": head.happened_at, "where": given.get("where", ""), "missed": given.get("missed", ""),
        "step": who.step, "homework": given.get("homework", ""), "mood": given.get("mood", ""),
        "next": given.get("next"), "replaces": None,
        "ends": who.due(("session", "first_meeting", "missed"))
        + (who.due(("risk_follow",), by=head.happened_at + SOON) if given["held"] else []),
    }  # fmt: skip
    note = given.get("note") or ""
    closed = {"note": Secret(NOTE, note) if note else None, "worry": bool(given.get("worry"))}
    return [("care.note_session", Decision(who.id, open_, closed, {"session": new}))]


def hand_over(who: Chapter, now: UUID) -> list[Decided]:
    moved = [one for one in who.due() if who.dues[one].who == str(who.worker)]
    who.worker = now
    return [("people.assign_worker", Decision(who.id, {"id": who.id, "worker": now, "team": who.team, "dues": moved}))]


def tie(head: Head, who: Chapter, kind: str, other: UUID | None, name: str) -> list[Decided]:
    new = head.child("tie")
    open_ = {"id": new, "person": who.id, "kind": kind, "other": other, "guardian": False}
    closed = {"name": Secret(fields.TIE_NAME, name) if name else None, "danger": False}
    return [("people.add_tie", Decision(who.id, open_, closed, {"tie": new}))]


def moment(at: datetime | date, hour: int = 12) -> datetime:
    """A day known without its hour is written at noon, UTC, with the precision "day" beside it."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(hour), UTC)


def circle(head: Head, new: UUID, name: str, home: Mapping[str, UUID | None]) -> list[Decided]:
    """gather.add_circle. home: organisation, programme, team, place and host."""
    open_ = {"id": new, "name": name, **home, "weekday": None, "begun": head.happened_at.date(), "aliases": False}
    return [("gather.add_circle", Decision(new, open_, {"rules": None}, {"circle": new}))]


def meeting(head: Head, circle_id: UUID, heads: int, new: int) -> list[Decided]:
    """gather.record_circle_meeting: heads, and nothing else."""
    one = head.child("meeting")
    open_ = {
        "id": one, "circle": circle_id, "on": head.happened_at.date(), "head": heads, "new": new, "kinds": {},
        "sheet": "",
    }  # fmt: skip
    decision = Decision(circle_id, open_, {"aliases": None}, {"meeting": one})
    return [("gather.record_circle_meeting", decision)]


def hours(head: Head, account: UUID, organisation: UUID, row: Given) -> list[Decided]:
    """team.record_hours, without a note."""
    new = head.child("hours")
    open_ = {
        "id": new, "account": account, "organisation": organisation, "on": row.on, "minutes": row.minutes,
        "kind": row.kind, "paid": row.paid, "replaces": None, "sheet": "",
    }  # fmt: skip
    return [("team.record_hours", Decision(account, open_, {"note": None}, {"hours": new}))]
