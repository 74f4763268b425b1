"""An invented community becomes a site: places, team and settings by actions, its history by bulk entries."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from kinweave.care.clocks import clocks
from kinweave.demo import alarms, chapters, names, promises
from kinweave.demo.chapters import Chapter, Decided, moment
from kinweave.demo.hours import Sheets
from kinweave.demo.simulate import simulate
from kinweave.demo.simulate_types import Community, Event, first_of_month
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.actions import (
    add_organisation,
    add_place,
    add_programme,
    add_team,
    change_setting,
    count_place,
    grant_role,
)
from kinweave.house.bulk import Bulk
from kinweave.house.journal import Head
from kinweave.house.models import Account
from kinweave.house.sequencer import sequence, site
from kinweave.learn.choices import GRANTS
from kinweave.listen.actions import switch_instrument
from kinweave.listen.shelf import compiled, instruments

PASSWORD = "kinweave-demo"  # noqa: S105  printed with the demo's address; everything there is invented
SPACE = UUID("6b1f0c5e-7f1d-5a57-9a2e-6d0c3b7c1f00")
Progress = Callable[[int, int], None]


def shown(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


@dataclass
class Loader:
    """One community on its way into this site."""

    community: Community
    bulk: Bulk
    space: UUID
    now: datetime
    number: int = 0
    organisations: list[UUID] = field(default_factory=list)
    wards: list[UUID] = field(default_factory=list)
    teams: list[UUID] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)
    programme: UUID | None = None
    district: UUID | None = None
    people: dict[int, Chapter] = field(default_factory=dict)
    risks: dict[int, alarms.Alarm] = field(default_factory=dict)
    sheets: Sheets = field(default_factory=lambda: Sheets(date.max))
    fresh: Counter[int] = field(default_factory=Counter)  # who joined each circle since it met last

    def head(self, event: Event) -> Head:
        """The head of an event's entry: a uuid7 of its time, its random part drawn from the seed."""
        self.number += 1
        at = moment(event.at)
        tail = int.from_bytes(hashlib.blake2b(f"{self.space}/{self.number}".encode(), digest_size=10).digest(), "big")
        value = shown(at) << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
        precision = "day" if event.precision == "day" else "minute"
        return Head(UUID(int=value), at, precision, received_at=at.astimezone(UTC))

    def run(self, on_progress: Progress | None = None) -> None:
        self.bulk.make_keys(self.person_id(n) for n in range(len(self.community.people)))
        self.bulk.make_keys(self.circle_id(n) for n in range(len(self.community.circles)))
        for number, event in enumerate(self.community.events):
            if moment(event.at) > self.now:
                break  # the rest of this month has not come yet
            tell = TELL.get(event.kind)
            if tell is not None:
                tell(self, self.head(event), event, event.payload)
            if on_progress is not None and number % 500 == 0:
                on_progress(number, len(self.community.events))
        self.bulk.flush()

    def person_id(self, index: int) -> UUID:
        return uuid5(self.space, f"person/{index}")

    def circle_id(self, index: int) -> UUID:
        return uuid5(self.space, f"circle/{index}")

    def write(self, head: Head, action: str, event: Event, parts: list[Decided], *, system: bool = False) -> None:
        actor = None if system or event.worker is None else self.members[event.worker]
        chapter = self.people[event.person]  # type: ignore[index]
        chapter.remember(self.bulk.add(head, action, parts, actor))

    def chapter(self, index: int, worker: int | None, ward: int) -> Chapter:
        team = self.teams[ward % len(self.teams)]
        who = Chapter(
            self.person_id(index), self.organisations[0], self.programme, team, self.wards[ward],  # type: ignore[arg-type]
            self.members[worker if worker is not None else 0],
        )  # fmt: skip
        self.people[index] = who
        return who


def _identified(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.chapter(event.person, event.worker, given["ward"])  # type: ignore[arg-type]
    parts = chapters.register(head, who, {"alias": given["alias"]}, head.happened_at.date())
    load.write(head, "people.register_person", event, parts)


def _registered(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    facts = {**given, "dimension": load.community.dimension.code}
    load.write(head, "people.change_person", event, chapters.describe(head, load.people[event.person], facts))  # type: ignore[index]


def _supporter(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.chapter(event.person, event.worker, given["ward"])  # type: ignore[arg-type]
    facts = {**given, "dimension": load.community.dimension.code}
    parts = chapters.register(head, who, facts, head.happened_at.date())
    load.write(head, "people.register_person", event, parts)


def _consent(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who, yes = load.people[event.person], event.kind == "consent_given"  # type: ignore[index]
    parts = [
        part
        for purpose in given["purposes"]
        for part in chapters.consent(head.below(purpose), who, purpose, yes, given["how"])
    ]
    load.write(head, "flows.agree", event, parts)


def _withdrawn(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.people[event.person]  # type: ignore[index]
    parts = [p for purpose in given["purposes"] if purpose in who.consents for p in chapters.withdraw(who, purpose)]
    if parts:
        load.write(head, "people.withdraw_consent", event, parts)


def _tie(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.people[event.person]  # type: ignore[index]
    other = load.people[given["other"]].id if given["other"] is not None else None
    kind = "supporter" if given["cares"] else "family"
    parts = chapters.tie(head, who, kind, other, given["relation"].replace("_", " ") if other is None else "")
    load.write(head, "people.add_tie", event, parts)


def _response(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.people[event.person]  # type: ignore[index]
    table, hash_ = compiled(given["instrument"])
    parts = chapters.response(head, who, table, hash_, given["answers"], language=given["language"], mode=given["mode"])
    if who.state == "active":
        parts += chapters.asked_again(head, who)
    if given["occasion"] == "entry" and who.state == "consented":
        parts += chapters.move(head.below("move"), who, "screen", entry="score")
    load.write(head, "flows.receive_response", event, parts)


def _moved(name: str) -> Callable[[Loader, Head, Event, Mapping[str, Any]], None]:
    def tell(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
        who = load.people[event.person]  # type: ignore[index]
        step = given.get("step", given.get("now")) if name in {"start", "step"} else None
        parts = chapters.move(head, who, name, step=step, reason=given.get("reason", ""))
        load.write(head, "care.move_on", event, parts)

    return tell


def _result(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    if given["result"] == "below":
        _moved("inform")(load, head, event, given)


def _session(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.people[event.person]  # type: ignore[index]
    places = {"health_facility": "clinic"}
    following = given["next_date"]
    said = {
        "held": given["held"], "where": places.get(given["setting"], given["setting"]) or "",
        "missed": "" if given["held"] else given["missed_reason"] or "other",
        "homework": given["homework"] or "", "mood": given["goal_mood"] or "",
        "next": moment(following, 9) if following else None, "worry": given["worry"], "note": given["note"],
    }  # fmt: skip
    load.write(head, "care.note_session", event, chapters.session(head, who, _worker(load, event, who), said))
    if given["held"] and who.goal is None:
        aim = load.head(event)
        load.write(aim, "care.set_goal", event, chapters.set_goal(aim, who))
    elif given["goal_mood"] == "reached":
        load.write(load.head(event), "care.set_goal_state", event, chapters.reach_goal(who))
    if given["held"] and event.worker is not None:
        account = load.members[event.worker]
        for row in load.sheets.met(event.worker, head.happened_at.date(), given["minutes"]):
            book = load.head(event)
            load.bulk.add(book, "team.record_hours", chapters.hours(book, account, load.organisations[0], row), account)


def _attempt(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    who = load.people[event.person]  # type: ignore[index]
    missed = "" if given["reached"] else "unreachable"
    said = {"kind": event.kind, "planned": False, "held": given["reached"], "missed": missed}
    load.write(head, "care.note_session", event, chapters.session(head, who, _worker(load, event, who), said))


def _worker(load: Loader, event: Event, who: Chapter) -> UUID:
    return who.worker if event.worker is None else load.members[event.worker]


def _handed(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    parts = chapters.hand_over(load.people[event.person], load.members[given["now"]])  # type: ignore[index]
    load.write(head, "people.assign_worker", event, parts)


def _alarm(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    times = clocks(None)
    number, supervisor = given["risk"], None if event.worker is None else load.members[event.worker]
    if event.kind == "risk_opened":
        who = load.people[event.person]  # type: ignore[index]
        load.risks[number], parts = alarms.opened(head, who, given, times)
    else:
        alarm = load.risks[number]
        parts = {
            "risk_escalated": lambda: alarms.escalated(head, alarm, load.members[given["now_asked"]], times),
            "risk_acknowledged": lambda: alarms.acknowledged(alarm, supervisor or load.members[0], times),
            "risk_followed": lambda: alarms.followed(head, alarm, given["what"], times),
            "risk_closed": lambda: alarms.closed(alarm, supervisor or load.members[0]),
        }[event.kind]()
    load.write(head, f"care.{parts[0][0].split('.')[1]}", event, parts, system=event.kind == "risk_escalated")


def _graduated(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    """Who goes on to a circle or to peers has come to what they wanted."""
    _moved("graduate")(load, head, event, given)
    who = load.people[event.person]  # type: ignore[index]
    if who.goal is not None:
        load.write(load.head(event), "care.set_goal_state", event, chapters.reach_goal(who))


def _joined(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    _moved("join_group")(load, head, event, given)
    load.fresh[given["circle"]] += 1


def _circle(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    host = None if event.worker is None else load.members[event.worker]
    one, ward = load.community.circles[given["circle"]], given["ward"]
    home = {
        "organisation": load.organisations[0], "programme": load.programme, "team": load.teams[ward % len(load.teams)],
        "place": load.wards[ward], "host": host,
    }  # fmt: skip
    parts = chapters.circle(head, load.circle_id(given["circle"]), one.name, home)
    load.bulk.add(head, "gather.add_circle", parts, host)


def _met(load: Loader, head: Head, event: Event, given: Mapping[str, Any]) -> None:
    number, heads = given["circle"], given["heads"]
    new = min(load.fresh[number], heads)
    load.fresh[number] -= new
    parts = chapters.meeting(head, load.circle_id(number), heads, new)
    host = None if event.worker is None else load.members[event.worker]
    load.bulk.add(head, "gather.record_circle_meeting", parts, host)


TELL: dict[str, Callable[[Loader, Head, Event, Mapping[str, Any]], None]] = {
    "person_identified": _identified,
    "registered": _registered,
    "supporter_registered": _supporter,
    "consent_given": _consent,
    "consent_declined": _consent,
    "consent_withdrawn": _withdrawn,
    "tie_added": _tie,
    "response": _response,
    "screen_result": _result,
    "waiting": _moved("wait"),
    "started": _moved("start"),
    "step_changed": _moved("step"),
    "graduated": _graduated,
    "circle_joined": _joined,
    "circle_opened": _circle,
    "circle_met": _met,
    "closed": _moved("close"),
    "reentered": _moved("reenter"),
    "session": _session,
    "call": _attempt,
    "visit": _attempt,
    "handed_over": _handed,
    **{f"risk_{what}": _alarm for what in ("opened", "escalated", "acknowledged", "followed", "closed")},
}
"""What the loader tells of; paper registers belong to a room that is not built yet."""


def load_demo(
    pattern: str, seed: int = 1, on_progress: Progress | None = None, *, today: date | None = None
) -> dict[str, Any]:
    """Load one invented community; month 36 ends today. Returns what `demo-info` prints."""
    today = today or datetime.now(UTC).date()
    start = first_of_month(today.replace(day=1), -35)  # the 36th month is the one we are in
    # Whole months only are counted: the year after the money is over when this month begins.
    community = simulate(pattern, seed, start=start, funding_ends_month=23)  # type: ignore[arg-type]
    space = uuid5(SPACE, f"{pattern}/{seed}")
    load = Loader(community, Bulk(device="demo"), space, datetime.combine(today, time(23, 59), UTC))
    load.sheets = Sheets(first_of_month(community.start, community.funding_ends_month))
    _mark_invented()
    _world(load, pattern)
    logins = _accounts(load, pattern)
    _settings(load)
    load.run(on_progress)
    keeper = Actor.of(Account.objects.get(username=logins["coordinator"]).id)
    promises.write_down(keeper, load.organisations[0], [load.district, *load.wards[:2]], today)  # type: ignore[list-item]
    sequence()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # after a bulk load the planner would guess from empty tables
    logins["worker"] = _busiest(load) or logins["worker"]
    return _remember(pattern, seed, logins, {"district": str(load.district), "start": start.isoformat()})


def _mark_invented() -> None:
    row = site()
    if not row.invented:
        row.invented = row.ready = True
        row.save(update_fields=["invented", "ready"])


def _world(load: Loader, pattern: str) -> None:
    given = load.community
    for one in given.organisations:
        load.organisations.append(_id(add_organisation(by=SYSTEM, name=one.name), "organisation"))
    bench = add_programme(
        by=SYSTEM, organisation_id=load.organisations[0], name=f"Bench ({pattern})", zone=given.time_zone
    )
    load.programme = _id(bench, "programme")
    code = pattern[:2].upper()
    district = _id(add_place(by=SYSTEM, code=code, name=given.district.name, kind="district"), "place")
    beside = _id(add_place(by=SYSTEM, code=f"{code}N", name=names.NEXT_DOOR[pattern], kind="district"), "place")
    for number, ward in enumerate(given.wards, 1):
        around = district if ward.programme else beside
        place = _id(
            add_place(by=SYSTEM, code=f"{code}{number}", name=ward.name, kind="ward", parent_id=around), "place"
        )
        load.wards.append(place)
        for year, people in ward.populations:
            count_place(by=SYSTEM, place_id=place, year=year, population=people, source="invented")
    supervisors = [m for m in given.team if m.role == "supervisor"]
    for number, _ in enumerate(supervisors, 1):
        team = add_team(by=SYSTEM, organisation_id=load.organisations[0], name=f"Team {number}")
        load.teams.append(_id(team, "team"))
    load.district = district


def _accounts(load: Loader, pattern: str) -> dict[str, str]:
    hashed = make_password(PASSWORD)
    logins: dict[str, str] = {}
    supervisors = 0
    for number, member in enumerate(load.community.team):
        base = member.name.split()[0].lower()
        name = base if not Account.objects.filter(username=base).exists() else f"{base}-{pattern}"
        if Account.objects.filter(username=name).exists():
            name = f"{base}-{pattern}-{number}"
        account = Account.objects.create(
            id=uuid5(load.space, f"member/{number}"), username=name, shown_name=member.name.split()[0],
            password=hashed, is_active=member.left is None,
        )  # fmt: skip
        load.members.append(account.id)
        team = load.teams[(member.ward or 0) % len(load.teams)]
        if member.role == "supervisor":
            team, supervisors = load.teams[supervisors % len(load.teams)], supervisors + 1
        place = load.district if member.role in {"coordinator", "evaluator"} else None
        grant_role(
            by=SYSTEM, account_id=account.id, role=member.role, organisation_id=load.organisations[0],
            team_id=team if member.role in {"worker", "supervisor"} else None, place_id=place,
        )  # fmt: skip
        if member.left is None:
            logins.setdefault(member.role, name)
    for role, home in (("voice", load.organisations[0]), ("keeper", None)):
        name = f"{role}-{pattern}" if Account.objects.filter(username=role).exists() else role
        account = Account.objects.create(username=name, shown_name=role.title(), password=hashed)
        grant_role(by=SYSTEM, account_id=account.id, role=role, organisation_id=home)
        logins[role] = name
    return logins


def _busiest(load: Loader) -> str | None:
    """The worker who meets the most people now: the one to look over the shoulder of."""
    meets = Counter(who.worker for who in load.people.values() if who.state in {"active", "waiting"})
    here = Account.objects.filter(id__in=list(meets), is_active=True)
    return max(here, key=lambda a: (meets[a.id], a.username)).username if here else None


def _settings(load: Loader) -> None:
    dimension = load.community.dimension
    choices = [{"code": code, "name": words} for code, words in dimension.choices]
    groups = [{"code": dimension.code, "name": dimension.words, "choices": choices}]
    change_setting(by=SYSTEM, key="house.dimensions", value=groups)
    change_setting(by=SYSTEM, key="house.emergency", value="0800 000 000")
    _money(load)
    used = sorted({str(e.payload["instrument"]) for e in load.community.events if e.kind == "response"})
    for slug in used:
        licence = "Invented site: the words are not shown." if instruments()[slug].licence.tier == "C" else ""
        switch_instrument(by=SYSTEM, slug=slug, on=True, licence_statement=licence)


def _money(load: Loader) -> None:
    """One grant for the district, over since a year; none for the district beside it."""
    given = load.community
    first, until = given.start, first_of_month(given.start, given.funding_ends_month)
    grant = {
        "name": f"Two-year grant for {given.district.name}", "places": [given.pattern[:2].upper()],
        "from": f"{first:%Y-%m}", "until": f"{until:%Y-%m}",
    }  # fmt: skip
    change_setting(by=SYSTEM, key=GRANTS, value=[*chosen.value(GRANTS), grant])


def _id(receipt: Any, name: str) -> UUID:
    return UUID(str(receipt.result[name]))


def _remember(pattern: str, seed: int, logins: Mapping[str, str], more: Mapping[str, str]) -> dict[str, Any]:
    """What the command line prints of the demo, kept beside the site's other files."""
    path = settings.HOME / "demo.json"
    fresh: dict[str, Any] = {"invented": True, "password": PASSWORD, "communities": []}
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else fresh
    known["communities"].append({"pattern": pattern, "seed": seed, "logins": dict(logins), **more})
    known.setdefault("logins", dict(logins))
    path.write_text(json.dumps(known, indent=1))
    return known
