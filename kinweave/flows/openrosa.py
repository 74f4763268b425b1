"""A finished form arrives from ODK Collect or another OpenRosa client: kept as it came, then led to where it belongs.

`take_submission` is the one way in. The raw form is sealed in the same entry as what became of it, once for each
instance id; whatever is wrong with the form, it is there, and a safety answer in it reaches someone.
"""

from __future__ import annotations

import base64
import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.db import DatabaseError

from kinweave.core.problems import Problem
from kinweave.core.xforms.parse import XmlRefused
from kinweave.core.xforms.submission import Submission, by_name, leaves, read_submission
from kinweave.flows.openrosa_read import CODE, for_form, for_instrument, form_called, items_of
from kinweave.flows.receive import open_alert, receive_response, signs_in
from kinweave.flows.replaced import REASON
from kinweave.house import quick, registry
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.models import Entry, Held
from kinweave.house.quarantine import set_held_aside
from kinweave.house.registry import Receipt, action, attempt, hold, no_rows
from kinweave.house.sealing import Opener, Secret
from kinweave.listen.actions_forms import keep_file, record_form
from kinweave.listen.reads_forms import Form, file_content, named_files
from kinweave.people.standing import known

log = logging.getLogger("kinweave.openrosa")
TAKEN = "flows.take_form"
MOST_FILES = 200  # with one form, over all its posts; ours
RAW = "flows.form.raw"
INSTANCES = UUID("6b7c1f0e-5a53-5d8e-9d0b-0b7a4e3f6c21")  # under which an instance's id becomes an entry's id


class Changed(Problem):
    status, code = 409, "form-changed"
    says = "This form was sent before, and what it says now is different. The first one was kept."
    remedy = "To correct a form, open it under Sent and choose to edit it."


class TooManyFiles(Problem):
    status, code = 413, "too-many-files"
    says = "A form can bring {most} pictures and recordings. The form itself was kept."
    remedy = "Send the others with another form."


class Unforeseen(Problem):
    status, code = 500, "form-unforeseen"
    says = "Something went wrong while this form was being written down."
    remedy = "It was kept as it came. The person who looks after this site can find out why."


class Sent(str):
    """A raw form with what was read of it, so that it is read once. Only the text counts as what was asked."""

    read: Submission
    files: Sequence[File]


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a form."""

    name: str = field(repr=False)
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `state`: accepted or held, with its `code`; `told`: a safety answer reached someone."""

    entry_id: UUID
    state: str
    code: str
    told: bool
    again: bool


def entry_of(instance: str) -> UUID:
    """The entry of an instance: the same one however often it is sent."""
    return uuid5(INSTANCES, instance)


# ---------------------------------------------------------------------------------------------- taking it


def take_submission(*, by: Actor, xml: bytes, files: Sequence[File] = (), device: str = "openrosa") -> Taken:
    """Take a form in, durably, when this returns. Sent again it answers as the first time; further files are added.

    Raises XmlRefused, XmlTooLarge, UnknownForm, Changed, registry.Erased, and what the database raises.
    """
    read = read_submission(xml)
    known_form = form_called(read.form, read.version)
    try:
        sent = Sent(xml.decode())
    except UnicodeDecodeError:  # the raw form is kept as text
        raise XmlRefused(reason="its letters are written in a way that is not known") from None
    sent.read, sent.files = read, files
    head = Head.now(id=entry_of(read.instance), unattended=True, device=device)
    try:
        receipt = registry.run(TAKEN, by=by, head=head, xml=sent)
    except registry.IdReused:
        raise Changed() from None
    if files:
        _add_files(receipt, files)
    told = "risk" in receipt.result or (receipt.state == "held" and _alerted(by, known_form, read, receipt))
    return Taken(receipt.entry_id, receipt.state, str(receipt.result.get("code", "")), told, receipt.again)


def _alerted(by: Actor, form: str | Form, read: Submission, receipt: Receipt) -> bool:
    """A form that was held whole (its sender's role has ended) has told nobody of what is in it: now, once."""
    if isinstance(form, str):
        asked = for_instrument(SYSTEM, form, read)
    elif form.instrument:
        asked = {"instrument": form.instrument, "answers": items_of(form, read.tree), "person_id": None}
    else:
        return False
    said = {"instrument": asked["instrument"], "answers": asked["answers"]}
    if not signs_in(**said):
        return False
    head = Head.now(id=uuid5(receipt.entry_id, "alert"))
    registry.run("flows.alert_form", by=SYSTEM, head=head, held_id=UUID(str(receipt.result["held"])), **said)
    return True


@action(permission="house.hold", inner=True)
def alert_form(*, by: Actor, head: Head, held_id: UUID, instrument: str, answers: Mapping[str, Any]) -> Decision:
    """Tell somebody of the safety answers in a form that was held whole; nobody yet knows whose it is."""
    return Decision(None, result={"risk": open_alert(None, signs_in(instrument, answers), str(held_id))})


no_rows("flows.alert_form")


@action(permission="listen.record", fact=True, inner=True)
def take_form(*, by: Actor, head: Head, xml: str) -> Decision:
    """A form as it came, with what became of it. Result: as of `receive_response`, and `answer` of one's own form."""
    read = xml.read if isinstance(xml, Sent) else read_submission(xml.encode())
    files = xml.files if isinstance(xml, Sent) else ()
    told = _led(by, head, read)
    ref = told.get("whose") or told.get("held") or told.get("answer")
    if ref is None:  # an erased person's form is not taken in again
        return Decision(None, result=told)
    key, whose = UUID(str(ref)), told.pop("whose", None)
    for one in files:
        keep_file(
            by=SYSTEM, entry_id=head.id, key_id=key, person_id=whose, name=one.name, kind=one.kind, content=one.content
        )
    packed = base64.b64encode(zlib.compress(xml.encode(), 6)).decode()
    return Decision(whose, key=key, closed={"raw": Secret(RAW, packed)}, result=told)


no_rows(TAKEN)


def _led(by: Actor, head: Head, read: Submission) -> dict[str, Any]:
    """To the questionnaire or the form it belongs to; held whole where something unforeseen happens there."""
    form = form_called(read.form, read.version)
    asked = for_instrument(by, form, read) if isinstance(form, str) else for_form(by, form, read)
    before = _before(by, read, asked["person_id"])
    try:
        with attempt():
            if isinstance(form, str):
                return _with_whose(receive_response(by=by, replaces=before.get("response"), **asked), asked)
            return _own_form(by, form, asked, before)
    except (Problem, DatabaseError):
        raise
    except Exception as fault:
        log.error("a form could not be written down: %s", type(fault).__name__)
    name = "flows.receive_response" if isinstance(form, str) else "listen.record_form"
    told = {**hold(by=by, name=name, fault=Unforeseen(), asked=asked), "code": Unforeseen.code}
    if isinstance(form, str) and (signs := signs_in(form, asked["answers"])):
        told["risk"] = str(open_alert(known(asked["person_id"]), signs, str(told["held"])))
    return told


def _own_form(by: Actor, form: Form, asked: dict[str, Any], before: Mapping[str, UUID]) -> dict[str, Any]:
    """A form of one's own: scored where its questions lead to a questionnaire, and kept as it was answered."""
    person, told = asked["person_id"], dict[str, Any]()
    if form.instrument:
        items = {"person_id": person, "instrument": form.instrument, "answers": items_of(form, asked["answers"])}
        scored = receive_response(
            by=by, mode="phone", taken_on=asked["taken_on"], replaces=before.get("response"), **items
        )
        told = dict(scored.result)
    asked = {**asked, "response_id": told.get("response"), "replaces": before.get("answer")}
    whose = known(person)
    try:
        with attempt():
            told |= record_form(by=by, **asked).result
    except Problem as fault:
        if not fault.holds:
            raise
        told |= hold(by=by, name="listen.record_form", fault=fault, asked=asked, person_id=whose)
    return _with_whose(told, asked)


def _with_whose(told: Mapping[str, Any] | Receipt, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The result, and under whose key the raw form belongs: nobody's where it was not taken in."""
    result = dict(told.result if isinstance(told, Receipt) else told)
    if any(name in result for name in ("response", "held", "answer")):
        whose = known(asked["person_id"])
        return result if whose is None else {**result, "whose": whose}
    return result


def _before(by: Actor, read: Submission, person_id: UUID | None) -> dict[str, UUID]:
    """What an earlier form became, which this one is an edit of: its `response` (or held form), its `answer`."""
    if not read.replaces:
        return {}
    found = quick.rows(Entry, "WHERE id = %s", [entry_of(read.replaces)])
    if not found or found[0].action != TAKEN:
        return {}  # it never came, or will come later: this one stands for itself
    told = json.loads(found[0].parts)[-1].get("r", {})
    ids = {"response": told.get("response"), "answer": told.get("answer")}
    before = {name: UUID(str(value)) for name, value in ids.items() if value}
    if told.get("held"):
        before |= _held_before(by, UUID(str(told["held"])), person_id)
    return before


def _held_before(by: Actor, held_id: UUID, person_id: UUID | None) -> dict[str, UUID]:
    """The earlier form still waits: the later one takes its place, also where only that one says whose it is."""
    row = quick.by_id(Held, held_id)
    if row is None or row.state != "waiting" or row.sent_by != by.account_id:
        return {}
    if row.action == "listen.record_response" and row.person_id == known(person_id):
        return {"response": held_id}
    set_held_aside(by=SYSTEM, held_id=held_id, reason=REASON)
    return {}


# ------------------------------------------------------------------------------------------ what came with it


def _add_files(receipt: Receipt, files: Sequence[File]) -> None:
    """Keep those files of a form that are not there yet; they may come in several posts. Raises Changed, TooMany."""
    entry = Entry.objects.get(id=receipt.entry_id)
    own = json.loads(entry.parts)[-1]
    if "k" not in own:
        return
    key, whose = UUID(own["k"]), known(UUID(own["p"])) if "p" in own else None
    held = named_files(entry.id)
    if any(one.name in held and file_content(held[one.name]) != one.content for one in files):
        raise Changed()
    fresh = [one for one in files if one.name not in held]
    if len(held) + len(fresh) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    for one in fresh:
        head = Head.now(id=uuid5(entry.id, f"file/{one.name}"), device=entry.device)
        asked = {"name": one.name, "kind": one.kind, "content": one.content}
        registry.run("listen.keep_file", by=SYSTEM, head=head, entry_id=entry.id, key_id=key, person_id=whose, **asked)


def named_in(held_id: UUID) -> str:
    """What was typed on the phone for the person of a form that waits, where nobody in reach fits it."""
    row = Entry.objects.filter(subject_id=held_id, action=TAKEN).first()
    text = raw_form(row.id) if row else None
    if text is None:
        return ""
    read = read_submission(text.encode())
    form = form_called(read.form, read.version)
    if isinstance(form, str):
        return by_name(read.tree).get(CODE, "")
    return dict(leaves(read.tree)).get(form.person_field, "")


def raw_form(entry_id: UUID) -> str | None:
    """The raw form of an entry as it came; None where there is none, or its key is gone."""
    entry = Entry.objects.filter(id=entry_id, action=TAKEN).first()
    part = json.loads(entry.parts)[-1] if entry else {}
    if "s" not in part:
        return None
    key = UUID(part["k"])
    text = Opener([key])(key, RAW, base64.b64decode(part["s"]["raw"]))
    return None if text is None else zlib.decompress(base64.b64decode(text)).decode()
