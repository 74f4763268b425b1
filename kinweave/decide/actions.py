"""A promise is written down, kept, asked about, answered, dropped, or opened again where that was a mistake.

Nothing is overwritten in silence: each of these is an entry of the journal. Texts stand open in it, because they are
about bodies and go into public reports; the pages say so before anything is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.decide.models import Promise
from kinweave.decide.reads import KEEP, promise_for
from kinweave.decide.rules import DROPS, LONGEST, SECTORS
from kinweave.house import settings as chosen
from kinweave.house.access import Actor, reached
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Place
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row

DUE = "promise"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
MOST_LANGUAGES = 10
LONGEST_TIME = timedelta(days=20 * 365)


class PromiseDay(Problem):
    status, code = 422, "promise-day"
    says = "This day does not fit: it has not come yet, or lies on the wrong side of another day."
    remedy = "Check it against the day it was said and the day until when."


class PromiseWords(Problem):
    status, code = 422, "promise-words"
    says = "Words are missing here, or they are longer than {most} letters."
    remedy = "Write a short text, in one language at least."


class PromiseSettled(Problem):
    status, code = 409, "promise-settled"
    says = "This promise was already kept or dropped."
    remedy = "If that was a mistake, open it again first."


class PromiseOpen(Problem):
    status, code = 409, "promise-open"
    says = "This promise is open. There is nothing to take back."
    remedy = "Look at its page to see what comes next."


class PromiseNotAsked(Problem):
    status, code = 409, "promise-not-asked"
    says = "Nobody was asked for an answer yet, or this promise was dropped."
    remedy = "First write down on which day they were asked."


def _not_ahead(day: date, head: Head, *, since: date = date(1900, 1, 1)) -> date:
    """A day from `since` until today, with a day's grace for time zones. Raises PromiseDay."""
    if not since <= day <= head.received_at.astimezone(UTC).date() + timedelta(days=1):
        raise PromiseDay()
    return day


def _words(text: str, name: str, *, needed: bool = True) -> str:
    """Without spare spaces; an answer keeps its paragraphs, everything else is one line. Raises PromiseWords."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    text = ("\n" if name == "reply" else " ").join(lines)
    if (needed and not text) or len(text) > LONGEST[name]:
        raise PromiseWords(most=LONGEST[name])
    return text


def _by_language(given: Mapping[str, str], name: str) -> dict[str, str]:
    kept = {code: said for code, text in given.items() if (said := _words(text, name, needed=False))}
    if not 0 < len(kept) <= MOST_LANGUAGES:
        raise PromiseWords(most=LONGEST[name])
    if not all(LANGUAGE.fullmatch(code) for code in kept):
        raise Unknown(what="language")
    return kept


def _place(by: Actor, organisation_id: UUID, place_id: UUID) -> Place:
    place = Place.objects.filter(id=place_id).first()
    if place is None or not reached(
        by, KEEP, worker_id=None, team_id=None, organisation_id=organisation_id, path=place.path
    ):
        raise NotFound(what="place")
    return place


@action(permission=KEEP)
def add_promise(
    *, by: Actor, head: Head, organisation_id: UUID, place_id: UUID, sector: str, owner: str, what: dict[str, str],
    said_on: date, due_on: date,
) -> Decision:  # fmt: skip
    """What a body said it would do for people of a place, until when. `owner`: the body, never a person.

    `what`: {language: text}. Result: `promise`.
    """
    place = _place(by, organisation_id, place_id)
    if sector not in chosen.value(SECTORS):
        raise Unknown(what="sector")
    _not_ahead(said_on, head)
    if not said_on <= due_on <= said_on + LONGEST_TIME:
        raise PromiseDay()
    new = head.child("promise")
    open_ = {
        "id": new, "organisation": organisation_id, "place": place.id, "sector": sector,
        "owner": _words(owner, "owner"), "what": _by_language(what, "what"), "said": said_on, "due": due_on,
        "by": by.account_id, "over": datetime.combine(due_on + timedelta(days=1), time(), UTC),
    }  # fmt: skip
    return Decision(new, open_, result={"promise": new})


@applies("decide.add_promise")
def _added(part: Part) -> Iterator[Row]:
    yield Put(
        "decide.Promise",
        {
            "id": part["id"], "organisation_id": part["organisation"], "place_id": part["place"],
            "sector": part["sector"], "owner": part["owner"], "what": part["what"], "said_on": part["said"],
            "due_on": part["due"], "written_at": part.received_at, "written_by": part["by"],
        },
    )  # fmt: skip
    if part["by"]:
        due = {"kind": DUE, "who": part["by"], "ref_id": part["id"], "at": part["over"], "priority": 3}
        yield Put("house.Due", {"id": part.child("due"), **due})


def _reminders(row: Promise) -> list[UUID]:
    return list(Due.objects.filter(ref_id=row.id, kind=DUE, state="open").order_by("id").values_list("id", flat=True))


def _changed(part: Part, changes: Mapping[str, Any], state: str = "done") -> Iterator[Row]:
    yield Change("decide.Promise", UUID(part["id"]), changes)
    for one in part["ends"]:
        yield Change("house.Due", UUID(one), {"state": state, "done_at": part.received_at})


def _unsettled(by: Actor, promise_id: UUID) -> Promise:
    row = promise_for(by, KEEP, promise_id)
    if row.kept_on or row.dropped_on:
        raise PromiseSettled()
    return row


@action(permission=KEEP, locks=("promise_id",))
def keep_promise(*, by: Actor, head: Head, promise_id: UUID, on: date, shown_by: str) -> Decision:
    """It was kept on the day `on`, and this shows it."""
    row = _unsettled(by, promise_id)
    _not_ahead(on, head, since=row.said_on)
    return Decision(row.id, {"id": row.id, "on": on, "shown_by": _words(shown_by, "shown_by"), "ends": _reminders(row)})


@applies("decide.keep_promise")
def _kept(part: Part) -> Iterator[Row]:
    yield from _changed(part, {"kept_on": part["on"], "shown_by": part["shown_by"]})


@action(permission=KEEP, locks=("promise_id",))
def ask_owner(*, by: Actor, head: Head, promise_id: UUID, on: date) -> Decision:
    """Whoever said they would was asked for an answer on the day `on`, after the promise's time was over.

    From that day their time to answer runs. Asked again, or on another day than was written: the last one counts.
    """
    row = _unsettled(by, promise_id)
    _not_ahead(on, head, since=row.due_on + timedelta(days=1))
    return Decision(row.id, {"id": row.id, "on": on, "ends": _reminders(row)})


@applies("decide.ask_owner")
def _asked(part: Part) -> Iterator[Row]:
    yield from _changed(part, {"asked_on": part["on"]})


@action(permission=KEEP, locks=("promise_id",))
def write_reply(*, by: Actor, head: Head, promise_id: UUID, on: date, reply: dict[str, str]) -> Decision:
    """Their answer of the day `on`, in their own words: {language: text}. A later one takes an earlier one's place."""
    row = promise_for(by, KEEP, promise_id)
    if row.asked_on is None or row.dropped_on:
        raise PromiseNotAsked()
    _not_ahead(on, head, since=row.asked_on)
    return Decision(row.id, {"id": row.id, "on": on, "reply": _by_language(reply, "reply"), "ends": []})


@applies("decide.write_reply")
def _replied(part: Part) -> Iterator[Row]:
    yield from _changed(part, {"reply": part["reply"], "replied_on": part["on"]})


@action(permission=KEEP, locks=("promise_id",))
def drop_promise(*, by: Actor, head: Head, promise_id: UUID, on: date, why: str) -> Decision:
    """It was entered by mistake (`by_mistake`), or those it was made to no longer want it (`not_wanted`)."""
    row = _unsettled(by, promise_id)
    if why not in DROPS:
        raise Unknown(what="reason")
    _not_ahead(on, head, since=row.said_on)
    return Decision(row.id, {"id": row.id, "on": on, "why": why, "ends": _reminders(row)})


@applies("decide.drop_promise")
def _dropped(part: Part) -> Iterator[Row]:
    yield from _changed(part, {"dropped_on": part["on"], "dropped_why": part["why"]}, "dropped")


@action(permission=KEEP, locks=("promise_id",))
def reopen_promise(*, by: Actor, head: Head, promise_id: UUID) -> Decision:
    """It was called kept or dropped by mistake: it is open again. What was asked and answered stays."""
    row = promise_for(by, KEEP, promise_id)
    if not (row.kept_on or row.dropped_on):
        raise PromiseOpen()
    return Decision(row.id, {"id": row.id, "ends": []})


@applies("decide.reopen_promise")
def _reopened(part: Part) -> Iterator[Row]:
    yield from _changed(part, {"kept_on": None, "shown_by": "", "dropped_on": None, "dropped_why": ""})
