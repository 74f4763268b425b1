"""What an import writes: each row one entry, its alert first of all, and the undoing of it.

The reading of files, the matching and the batches are in `flows.intake`; here is only what goes into the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.care.actions import move_on, open_risk
from kinweave.core.pathway import BELOW, CONSENTED
from kinweave.core.problems import Problem
from kinweave.core.safety import SafetySign
from kinweave.flows.receive import URGENCY, signs_in
from kinweave.flows.welcome import welcome_person
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor, NotAllowed
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Entry
from kinweave.house.reach import reaches_home
from kinweave.house.registry import action, applies, attempt, hold, is_part, no_rows
from kinweave.house.rows import Change, Put, Row
from kinweave.listen.actions import record_response
from kinweave.people.actions import add_contact, add_tie
from kinweave.people.door import PersonNotFound
from kinweave.people.standing import standing

OLD = chosen.define(
    "flows.import_old_days",
    14,
    says="After how many days an imported answer counts as old: its alert is for this week, and told in one message.",
    source="ours",
    fits=chosen.whole(0, 366),
    hint="Give whole days between 0 and 366.",
)
KINDS = ("people", "responses")
THIS_WEEK = 2  # the priority of what is due this week


class DateMissing(Problem):
    status, code = 422, "date-missing"
    says = "Nothing says when this was answered."
    remedy = "Find out the day, then let it in with that day."


# ------------------------------------------------------------------------------------ beginning and end


@action(permission="import.people")
def begin_import(
    *, by: Actor, head: Head, kind: str, organisation_id: UUID, rows: int, instrument: str = ""
) -> Decision:
    """An import begins. Its id is the entry's; every row's entry names it as its device. Result: `import`."""
    if kind not in KINDS:
        raise Unknown(what="import")
    by.require(f"import.{kind}")
    if not reaches_home(by, f"import.{kind}", organisation_id):
        raise NotFound(what="organisation")
    facts = {"kind": kind, "rows": rows, "instrument": instrument[:40], "organisation": organisation_id}
    return Decision(None, {"id": head.id, "facts": facts}, result={"import": head.id})


@action(permission="import.people")
def end_import(*, by: Actor, head: Head, import_id: UUID, counts: Mapping[str, int]) -> Decision:
    """An import has come to its end, with what became of the rows."""
    if not Entry.objects.filter(id=import_id, action="flows.begin_import", actor_id=by.account_id).exists():
        raise NotFound(what="import")
    plain = {str(name)[:40]: int(n) for name, n in list(counts.items())[:20]}
    return Decision(None, {"id": import_id, "facts": plain})


@applies("flows.begin_import")
def _begun(part: Part) -> Iterator[Row]:
    yield history_line(part, "import_begun")


@applies("flows.end_import")
def _ended(part: Part) -> Iterator[Row]:
    yield history_line(part, "import_ended")


def history_line(part: Part, kind: str) -> Put:
    """One line of the site's own history: about no person."""
    return Put(
        "house.Happened",
        {
            "id": part.child(kind), "person_id": None, "at": part.received_at, "kind": kind,
            "actor_id": part.actor_id, "ref_id": part["id"], "facts": part["facts"],
        },
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- people


@action(permission="import.people")
def import_person(
    *,
    by: Actor,
    head: Head,
    mark: UUID,
    person: Mapping[str, Any],
    consents: list[dict[str, Any]] | None = None,
    phones: list[str] | None = None,
    allowed: str = "none",
    supporter: str | None = None,
    supporter_phones: list[str] | None = None,
    met_on: date | None = None,
) -> Decision:
    """Someone from a programme's own list. `mark`: the row's keyed fingerprint; `allowed`: what may be done with
    the numbers. Result: as register_person."""
    numbers = phones or []
    first = {"kind": "phone", "value": numbers[0], "allowed": allowed} if numbers else None
    receipt = welcome_person(by=by, person=person, consents=consents, contact=first, met_on=met_on)
    new = UUID(str(receipt.result["person"]))
    for number in numbers[1:5]:
        add_contact(by=by, person_id=new, kind="phone", value=number, allowed=allowed)
    if supporter:
        add_tie(by=by, person_id=new, kind="supporter", name=supporter)
    for number in (supporter_phones or [])[:3]:
        through = {"kind": "through", "value": number, "allowed": allowed, "who_answers": supporter or ""}
        add_contact(by=by, person_id=new, **through)
    return Decision(new, {"mark": mark}, result=dict(receipt.result))


no_rows("flows.import_person")


# ------------------------------------------------------------------------------------------- responses


@action(permission="import.responses", locks=("person_id",), inner=True)
def import_response(
    *,
    by: Actor,
    head: Head,
    mark: UUID,
    instrument: str,
    answers: Mapping[str, Any],
    person_id: UUID | None = None,
    who: str = "",
    language: str = "",
    taken_on: date | None = None,
    sheet: str = "",
    alarm: UUID | None = None,
) -> Decision:
    """Answers collected elsewhere. What cannot be placed is held with `who` as the file names the person.

    `alarm`: the entry that opened an alert for this submission before. Result: `response` or `held` with its code, and
    `risk` with `quiet` (told in one message with others) where one was opened.
    """
    told = _placed(by, person_id, who, {
        "instrument": instrument, "answers": answers, "language": language, "taken_on": taken_on, "sheet": sheet,
    })  # fmt: skip
    whose = _whose(person_id)
    signs = () if _alarmed(alarm) else signs_in(instrument, answers)
    alert = _alert(head, whose, who, signs, taken_on, told.get("response") or told.get("held")) if signs else {}
    return Decision(whose, {"mark": mark, **alert}, result={**told, **_told(alert)})


def _alarmed(alarm: UUID | None) -> bool:
    return alarm is not None and Entry.objects.filter(id=alarm, action="flows.alarm_from_row").exists()


@action(permission="import.responses", locks=("person_id",), inner=True)
def alarm_from_row(
    *,
    by: Actor,
    head: Head,
    mark: UUID,
    instrument: str,
    answers: Mapping[str, Any],
    person_id: UUID | None = None,
    who: str = "",
    taken_on: date | None = None,
) -> Decision:
    """An alert from a row that could not be taken in: the row goes back to be mended, the alert does not wait."""
    signs = signs_in(instrument, answers)
    if not signs:
        raise Unknown(what="alert")
    whose = _whose(person_id)
    alert = _alert(head, whose, who, signs, taken_on, None)
    return Decision(whose, {"mark": mark, **alert}, result=_told(alert))


@applies("flows.import_response")
@applies("flows.alarm_from_row")
def _calmed(part: Part) -> Iterator[Row]:
    """Old answers wait for this week; today's list stays free for what happens today."""
    for due in part.open.get("calmed", ()):
        yield Change("house.Due", UUID(due), {"priority": THIS_WEEK})


@action(permission="listen.record", locks=("person_id",), fact=True, inner=True)
def place_imported(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    instrument: str,
    answers: Mapping[str, Any],
    taken_on: date | None = None,
    language: str = "",
    sheet: str = "",
    who: str = "",
) -> Decision:
    """Imported answers find their person (`who`: as the file named them). Result: as record_response.

    No alert is opened here: it was, when the answers arrived. Only within an import, or when held ones are let in.
    """
    if not is_part():  # by itself it would take in a form without looking for danger in it
        raise NotAllowed(permission="import.responses")
    if taken_on is None:
        raise DateMissing()
    found = standing(person_id)
    receipt = record_response(
        by=by, person_id=person_id, instrument=instrument, answers=answers, language=language, mode="import",
        taken_on=taken_on, sheet=sheet,
    )  # fmt: skip
    if found is not None and found.state in {CONSENTED, BELOW}:
        move_on(by=by, person_id=person_id, move="screen", entry="score")
    return Decision(person_id, result=dict(receipt.result))


no_rows("flows.place_imported")


def _whose(person_id: UUID | None) -> UUID | None:
    found = standing(person_id)
    return None if found is None or found.erased else found.id


def _placed(by: Actor, person_id: UUID | None, who: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    fault: Problem = PersonNotFound()
    if person_id is not None:
        try:
            with attempt():
                receipt = place_imported(by=by, person_id=person_id, **asked)
                return {"response": str(receipt.result["response"])}
        except Problem as met:
            if not met.holds:
                return {"code": met.code}
            fault = met
    content = {**asked, "person_id": person_id, "who": who[:200]}
    held = hold(by=by, name="flows.place_imported", fault=fault, asked=content, person_id=_whose(person_id))
    return {"held": str(held["held"]), "code": fault.code}


def _alert(
    head: Head, whose: UUID | None, who: str, signs: Iterable[SafetySign], taken_on: date | None, ref: str | None
) -> dict[str, Any]:
    """One alert for all signs of a row. Answers of long ago ask for a look this week; unknown days count as today."""
    urgencies = {URGENCY.get(sign.urgency, "now") for sign in signs}
    urgency = next(u for u in ("now", "today", "week") if u in urgencies)
    person = standing(whose)
    days = chosen.value(OLD, str(person.programme_id or "") if person else "")
    old = taken_on is not None and (head.received_at.date() - taken_on).days > days
    note = "" if whose else f"As the file names the person: {who[:200]}" if who else ""
    receipt = open_risk(
        by=SYSTEM, person_id=whose, kinds=sorted({sign.kind for sign in signs}), urgency="week" if old else urgency,
        source="answer", ref_id=UUID(ref) if ref else None, note=note,
    )  # fmt: skip
    risk = UUID(str(receipt.result["risk"]))
    dues = Due.objects.filter(ref_id=risk, state="open").order_by("id").values_list("id", flat=True) if old else ()
    return {"risk": risk, "quiet": old, "calmed": list(dues)}


def _told(alert: Mapping[str, Any]) -> dict[str, Any]:
    return {"risk": str(alert["risk"]), "quiet": alert["quiet"]} if alert else {}
