"""Before anyone is asked, someone can answer: who is reachable when, and proof that they are.

A rota is a versioned list of turns in programme time. A test alert goes to everybody on it; the local emergency
contact is called by hand and the call is written down. Until at least two people and that contact have
answered, no questionnaire with a safety item may be switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kinweave.core.problems import Problem
from kinweave.house import alerts
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.actions import NotFound
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Account, AlertTest, Programme, Rota
from kinweave.house.reach import reaches_home
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.settings import define, value, whole

TEST = "house.test_alert"
FEWEST = define(
    "house.rota_people",
    2,
    says="How many people must have answered a test alert before a questionnaire may ask about danger.",
    source="ours",  # at least two: one alone sleeps, travels or falls ill
    fits=whole(2, 20),
    hint="Give a number from 2 to 20.",
)
DAYS = define(
    "house.rota_test_days",
    30,
    says="For how many days an answered test alert counts.",
    source="ours",
    fits=whole(1, 180),
    hint="Give a number of days from 1 to 180.",
)
ALL_WEEK = list(range(7))


class RotaUnfit(Problem):
    status, code = 422, "rota-unfit"
    says = "Turn {turn} of the rota does not fit."
    remedy = "Each turn needs an active account, days from 0 (Monday) to 6 and times such as 08:00 and 18:00."


class CannotAnswer(Problem):
    status, code = 422, "cannot-answer"
    says = "Turn {turn} names someone who may not answer alerts."
    remedy = "Choose a supervisor or a coordinator, or give this account that role first."


class NobodyCanAnswer(Problem):
    status, code = 409, "nobody-can-answer"
    says = "This questionnaire can show danger, and nobody has proved yet that they can be reached."
    remedy = "Fill in the rota and send a test alert. Missing: {missing}."
    holds = False  # a decision about the site, not a fact


@action(permission="house.rota", locks=("programme_id",))
def set_rota(
    *,
    by: Actor,
    head: Head,
    programme_id: UUID,
    turns: Sequence[Mapping[str, Any]],
    contact: str = "",
    number: str = "",
) -> Decision:
    """Who is reachable when, and the local emergency contact. Each change is a new version; tests stay valid
    for the people and the number that stay. Result: `rota`, `version`."""
    _programme_within(by, programme_id)
    kept = [_turn(turn, index) for index, turn in enumerate(turns, 1)]
    known = set(Account.objects.filter(is_active=True).values_list("id", flat=True))
    for index, turn in enumerate(kept, 1):
        if UUID(turn["account"]) not in known:
            raise RotaUnfit(turn=index)
        if not Actor.of(UUID(turn["account"])).may("risk.answer"):
            raise CannotAnswer(turn=index)
    before = latest(programme_id)
    new = head.child("rota")
    open_ = {
        "id": new, "programme": programme_id, "version": before.version + 1 if before else 1,
        "turns": kept, "contact": " ".join(contact.split())[:120], "number": number.strip()[:60],
        "since": head.received_at,
    }  # fmt: skip
    return Decision(programme_id, open_, result={"rota": new, "version": open_["version"]})


def _programme_within(by: Actor, programme_id: UUID) -> None:
    """A programme whose rota the actor keeps; absent and another's look the same. Raises NotFound."""
    row = Programme.objects.filter(id=programme_id).first()
    if row is None or not reaches_home(by, "house.rota", row.organisation_id):
        raise NotFound(what="programme")


@applies("house.set_rota")
def _rota(part: Part) -> Iterator[Row]:
    names = ("id", "version", "turns", "contact", "number", "since")
    yield Put("house.Rota", {**{n: part[n] for n in names}, "programme_id": part["programme"]})


def _turn(turn: Mapping[str, Any], index: int) -> dict[str, Any]:
    """One turn as it is kept; order as given unless the turn says so."""
    try:
        days = sorted({int(d) for d in turn.get("days", ALL_WEEK)})
        kept = {
            "account": str(UUID(str(turn["account"]))),
            "order": int(turn.get("order", index)),
            "days": days,
            "start": _clock(str(turn.get("start", "00:00"))),
            "end": _clock(str(turn.get("end", "00:00"))),
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        raise RotaUnfit(turn=index) from None
    if not days or not set(days) <= set(ALL_WEEK):
        raise RotaUnfit(turn=index)
    return kept


def _clock(text: str) -> str:
    return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).strftime("%H:%M")


# ------------------------------------------------------------------------------------------- reading


def latest(programme_id: UUID) -> Rota | None:
    return Rota.objects.filter(programme_id=programme_id).order_by("-version").first()


def people(programme_id: UUID) -> list[UUID]:
    """Everybody on the rota who still works here, in their order, whatever the hour."""
    rota = latest(programme_id)
    turns = sorted(rota.turns, key=lambda t: t["order"]) if rota else []
    ordered = list(dict.fromkeys(UUID(t["account"]) for t in turns))
    active = set(Account.objects.filter(id__in=ordered, is_active=True).values_list("id", flat=True))
    return [a for a in ordered if a in active]


def on_call(programme_id: UUID, at: datetime | None = None) -> list[UUID]:
    """Who is reachable at a moment, in the order in which to try. `at` is any time with a zone; now if none."""
    rota = latest(programme_id)
    if rota is None:
        return []
    zone = ZoneInfo(rota.programme.timezone)
    local = (at or datetime.now(UTC)).astimezone(zone)
    there = {UUID(t["account"]) for t in rota.turns if covers(t, local)}
    return [a for a in people(programme_id) if a in there]


def covers(turn: Mapping[str, Any], local: datetime) -> bool:
    """Whether a turn holds at a local time. An end at or before the start is on the next day."""
    clock, day = local.strftime("%H:%M"), local.weekday()
    start, end = turn["start"], turn["end"]
    if start < end:
        return day in turn["days"] and start <= clock < end
    yesterday = (day - 1) % 7
    return (day in turn["days"] and clock >= start) or (yesterday in turn["days"] and clock < end)


def can_ask(has_safety: bool, programme_id: UUID, at: datetime | None = None) -> bool:
    """Whether a questionnaire may be switched on here: always without a safety item, else when somebody can
    answer."""
    return not has_safety or not missing(programme_id, at)


def require_someone(has_safety: bool, programme_id: UUID) -> None:
    """As `can_ask`; raises NobodyCanAnswer with what is missing."""
    if has_safety and (lacks := missing(programme_id)):
        raise NobodyCanAnswer(missing=", ".join(lacks))


def missing(programme_id: UUID, at: datetime | None = None) -> list[str]:
    """What is missing before someone can answer, as codes: rota, people, contact, people-test, contact-test."""
    rota = latest(programme_id)
    if rota is None:
        return ["rota"]
    fewest = value(FEWEST, programme_id)
    lacks = []
    there = people(programme_id)
    if len(there) < fewest:
        lacks.append("people")
    if not rota.number:
        lacks.append("contact")
    answered = _answered(programme_id, at or datetime.now(UTC))
    if len([a for a in there if a in answered]) < fewest:
        lacks.append("people-test")
    if rota.number and rota.number not in answered:
        lacks.append("contact-test")
    return lacks


def _answered(programme_id: UUID, at: datetime) -> set[UUID | str]:
    """Accounts and emergency numbers that answered a test within the days it counts."""
    since = at - timedelta(days=value(DAYS, programme_id))
    tests = AlertTest.objects.filter(programme_id=programme_id, answered_at__gt=since, answered_at__lte=at)
    return {test.account_id or test.number for test in tests}


def tests(programme_id: UUID) -> list[AlertTest]:
    """The newest test of each account and of the emergency contact, for the page."""
    newest: dict[UUID | str, AlertTest] = {}
    for test in AlertTest.objects.filter(programme_id=programme_id).order_by("sent_at", "id"):
        newest[test.account_id or test.number] = test
    return list(newest.values())


# -------------------------------------------------------------------------------------------- testing


@action(permission="house.rota", locks=("programme_id",))
def send_test_alert(*, by: Actor, head: Head, programme_id: UUID) -> Decision:
    """Send a test alert to everybody on the rota, and open a test call to the emergency contact.
    Result: `tests` (their ids)."""
    _programme_within(by, programme_id)
    rota = latest(programme_id)
    if rota is None or not rota.turns:
        raise NobodyCanAnswer(missing="rota")
    sent = [{"id": head.child(str(a)), "account": a, "number": ""} for a in people(programme_id)]
    if rota.number:
        sent.append({"id": head.child("contact"), "account": None, "number": rota.number})
    for test in sent:
        if test["account"] is not None:
            alerts.alert([UUID(str(test["account"]))], TEST, UUID(str(test["id"])), at=head.received_at)
    return Decision(
        programme_id,
        {"programme": programme_id, "tests": sent, "at": head.received_at},
        result={"tests": [t["id"] for t in sent]},
    )


@applies("house.send_test_alert")
def _tested(part: Part) -> Iterator[Row]:
    for test in part["tests"]:
        yield Put(
            "house.AlertTest",
            {"id": test["id"], "programme_id": part["programme"], "account_id": test["account"],
             "number": test["number"], "sent_at": part["at"]},
        )  # fmt: skip


@action(permission="due.own", locks=("test_id",))
def answer_test_alert(*, by: Actor, head: Head, test_id: UUID) -> Decision:
    """Answer a test: one's own alert, or, for who keeps the rota, the call that the emergency contact took."""
    test = AlertTest.objects.filter(id=test_id).first()
    if test is None:
        raise NotFound(what="test alert")
    if test.account_id is None:
        by.require("house.rota")
        _programme_within(by, test.programme_id)
    elif test.account_id != by.account_id:
        raise NotAllowed()
    again = test.answered_at is not None
    return Decision(
        test.programme_id,
        {
            "id": test_id,
            "by": test.answered_by if again else by.account_id,
            "at": test.answered_at if again else head.received_at,
        },
    )


@applies("house.answer_test_alert")
def _answer(part: Part) -> Iterator[Row]:
    yield Change("house.AlertTest", UUID(part["id"]), {"answered_at": part["at"], "answered_by": part["by"]})


alerts.answers(TEST, lambda by, test_id: answer_test_alert(by=by, test_id=test_id))
