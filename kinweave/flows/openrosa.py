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
from kinweave.core.xforms.submission import Submission, read_submission
from kinweave.flows.openrosa_read import for_form, for_instrument, form_called, items_of
from kinweave.flows.receive import receive_response
from kinweave.house import quick, registry
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Decision, Head
from kinweave.house.models import Entry
from kinweave.house.registry import Receipt, action, attempt, hold, no_rows
from kinweave.house.sealing import Opener, Secret
from kinweave.listen.actions_forms import FILE, FILE_NAME, keep_file, record_form
from kinweave.listen.models_forms import Form, FormFile
from kinweave.people.standing import known

log = logging.getLogger("kinweave.openrosa")
TAKEN = "flows.take_form"
RAW = "flows.form.raw"
INSTANCES = UUID("6b7c1f0e-5a53-5d8e-9d0b-0b7a4e3f6c21")  # under which an instance's id becomes an entry's id


class Changed(Problem):
    status, code = 409, "form-changed"
    says = "This form was sent before, and what it says now is different. The first one was kept."
    remedy = "To correct a form, open it under Sent and choose to edit it."


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
    form_called(read.form, read.version)
    try:
        sent = Sent(xml.decode())
    except UnicodeDecodeError:  # in another alphabet: kept as its bytes
        sent = Sent(base64.b64encode(xml).decode())
    sent.read, sent.files = read, files
    head = Head.now(id=entry_of(read.instance), unattended=True, device=device)
    try:
        receipt = registry.run(TAKEN, by=by, head=head, xml=sent)
    except registry.IdReused:
        raise Changed() from None
    if files:
        _add_files(receipt, files)
    code = str(receipt.result.get("code", ""))
    return Taken(receipt.entry_id, receipt.state, code, "risk" in receipt.result, receipt.again)


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
    known = form_called(read.form, read.version)
    before = _before(read)
    asked = for_instrument(by, known, read) if isinstance(known, str) else for_form(by, known, read)
    try:
        with attempt():
            if isinstance(known, str):
                return _with_whose(receive_response(by=by, replaces=before.get("response"), **asked), asked)
            return _own_form(by, known, asked, before)
    except (Problem, DatabaseError):
        raise
    except Exception as fault:
        log.error("a form could not be written down: %s", type(fault).__name__)
        return {**hold(by=by, name="flows.receive_response", fault=Unforeseen(), asked=asked), "code": Unforeseen.code}


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
        if "held" not in told:  # what leads to a score and waits already brings its person's decision with it
            told |= hold(by=by, name="listen.record_form", fault=fault, asked=asked, person_id=whose)
    return _with_whose(told, asked)


def _with_whose(told: Mapping[str, Any] | Receipt, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The result, and under whose key the raw form belongs: nobody's where it was not taken in."""
    result = dict(told.result if isinstance(told, Receipt) else told)
    if any(name in result for name in ("response", "held", "answer")):
        whose = known(asked["person_id"])
        return result if whose is None else {**result, "whose": whose}
    return result


def _before(read: Submission) -> dict[str, UUID]:
    """What an earlier form became, which this one is an edit of: its `response` (or held form), its `answer`."""
    if not read.replaces:
        return {}
    found = quick.rows(Entry, "WHERE id = %s", [entry_of(read.replaces)])
    if not found or found[0].action != TAKEN:
        return {}  # it never came, or will come later: this one stands for itself
    told = json.loads(found[0].parts)[-1].get("r", {})
    ids = {"response": told.get("response") or told.get("held"), "answer": told.get("answer")}
    return {name: UUID(str(value)) for name, value in ids.items() if value}


# ------------------------------------------------------------------------------------------ what came with it


def _add_files(receipt: Receipt, files: Sequence[File]) -> None:
    """Keep those files of a form that are not there yet; they may come in several posts. Raises Changed."""
    entry = Entry.objects.get(id=receipt.entry_id)
    key = next((UUID(p["k"]) for p in reversed(json.loads(entry.parts)) if "k" in p), None)
    if key is None:
        return
    held = dict(_opened(entry.id))
    for one in files:
        if one.name not in held:
            head = Head.now(id=uuid5(entry.id, f"file/{one.name}"), device=entry.device)
            asked = {"name": one.name, "kind": one.kind, "content": one.content}
            whose = key if key == entry.subject_id else None
            registry.run(
                "listen.keep_file", by=SYSTEM, head=head, entry_id=entry.id, key_id=key, person_id=whose, **asked
            )
        elif held[one.name] != one.content:
            raise Changed()


def _opened(entry_id: UUID) -> list[tuple[str, bytes]]:
    rows = list(FormFile.objects.filter(entry_id=entry_id).order_by("id"))
    opened = Opener([row.key_id for row in rows])
    found = []
    for row in rows:
        name, content = opened(row.key_id, FILE_NAME, row.name), opened(row.key_id, FILE, row.content)
        if name is not None and content is not None:
            found.append((name, base64.b64decode(content)))
    return found


def raw_form(entry_id: UUID) -> str | None:
    """The raw form of an entry as it came; None where there is none, or its key is gone."""
    entry = Entry.objects.filter(id=entry_id, action=TAKEN).first()
    part = json.loads(entry.parts)[-1] if entry else {}
    if "s" not in part:
        return None
    key = UUID(part["k"])
    text = Opener([key])(key, RAW, base64.b64decode(part["s"]["raw"]))
    return None if text is None else zlib.decompress(base64.b64decode(text)).decode()
