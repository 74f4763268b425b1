"""What is written of forms that a coordinator brought: versions, media, answers, files that came with them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.house import quick, reach
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.actions import NotFound
from kinweave.house.journal import Decision, Head, Part, canonical
from kinweave.house.models import Organisation
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.listen.models import Form, FormAnswer
from kinweave.people.actions.persons import check_when
from kinweave.people.door import PersonNotFound, access, require_consent

ANSWERS = "listen.form.answers"
FILE, FILE_NAME = "listen.file.content", "listen.file.name"
ABOUT = ("person", "nobody")


class VersionTaken(Problem):
    status, code = 409, "form-version-taken"
    says = "There is already a form with this name and version, and it is another one."
    remedy = "Write another version on the settings sheet, for instance today's date, and upload it again."


class FormTaken(Problem):
    status, code = 409, "form-id-taken"
    says = "This form id is already used here."
    remedy = "Choose another form_id on the settings sheet."


def _home(by: Actor, organisation_id: UUID) -> None:
    """Absent and another's look the same."""
    there = Organisation.objects.filter(id=organisation_id).exists()
    if not there or not reach.reaches_home(by, "forms.keep", organisation_id):
        raise NotFound(what="organisation")


@action(permission="forms.keep", inner=True)
def keep_form(
    *,
    by: Actor,
    head: Head,
    organisation_id: UUID,
    slug: str,
    version: str,
    name: str,
    xml: str,
    columns: list[dict[str, Any]],
    media: Mapping[str, tuple[str, bytes]],
    about: str,
    person_field: str,
    instrument: str,
    items: Mapping[str, str],
) -> Decision:
    """One version of a form, checked by whoever calls this (flows.forms). Result: `form`."""
    _home(by, organisation_id)
    others = quick.rows(Form, "WHERE slug = %s", [slug])
    if any(one.organisation_id != organisation_id for one in others):
        raise FormTaken()
    if any(one.version == version for one in others):
        raise VersionTaken()
    new = head.child("form")
    return Decision(
        None,
        {
            "id": new, "slug": slug, "version": version, "name": name[:120], "organisation": organisation_id,
            "xml": xml, "columns": columns, "about": about, "person_field": person_field[:200],
            "instrument": instrument, "items": dict(items),
            "media": [[name, kind, content] for name, (kind, content) in sorted(media.items())],
        },
        result={"form": new},
    )  # fmt: skip


@applies("listen.keep_form")
def _form_kept(part: Part) -> Iterator[Row]:
    names = ("id", "slug", "version", "name", "xml", "columns", "about", "person_field", "instrument", "items")
    yield Put(
        "listen.Form",
        {
            **{name: part[name] for name in names}, "organisation_id": part["organisation"], "on": True,
            "by_id": part.actor_id, "at": part.received_at,
        },
    )  # fmt: skip
    for name, kind, content in part["media"]:
        yield Put(
            "listen.FormMedia",
            {
                "id": part.child(f"media/{name}"), "form_id": part["id"], "name": name, "kind": kind,
                "content": base64.b64decode(content),
            },
        )  # fmt: skip


@action(permission="forms.keep", inner=True)  # a mapping is judged by flows.forms.map_form, safety items too
def set_form(
    *,
    by: Actor,
    head: Head,
    form_id: UUID,
    on: bool | None = None,
    instrument: str | None = None,
    items: dict[str, str] | None = None,
) -> Decision:
    """Offer a form to phones or not any more, or say which of its questions lead to a score."""
    row = Form.objects.filter(id=form_id).first()
    if row is None or not reach.reaches_home(by, "forms.keep", row.organisation_id):
        raise NotFound(what="form")
    given: dict[str, Any] = {"on": on, "instrument": instrument, "items": items}
    return Decision(None, {"id": form_id, "to": {k: v for k, v in given.items() if v is not None}})


@applies("listen.set_form")
def _form_set(part: Part) -> Iterator[Row]:
    if part["to"]:
        yield Change("listen.Form", UUID(part["id"]), part["to"])


@action(permission="listen.record", locks=("person_id",), fact=True, inner=True)
def record_form(
    *,
    by: Actor,
    head: Head,
    person_id: UUID | None,
    form_id: UUID,
    answers: Mapping[str, Any],
    taken_on: date | None = None,
    response_id: UUID | None = None,
    replaces: UUID | None = None,
) -> Decision:
    """What was answered in a form of one's own. Result: `answer`. Scores, where mapped, are another part."""
    row = quick.by_id(Form, form_id)
    if row is None:
        raise NotFound(what="form")
    whose = None
    if row.about == "person":
        if person_id is None:
            raise PersonNotFound()
        seen = access(person_id, by=by, permission="listen.record")
        require_consent(seen, "care")
        whose = seen.id
    elif not _belongs(by, row):
        raise NotAllowed()
    taken = taken_on or head.happened_at.date()
    check_when(taken, head)
    new = head.child("answer")
    return Decision(
        subject=whose or new,
        key=whose or new,
        new_key=whose is None,
        open={
            "id": new, "form": row.id, "slug": row.slug, "person": whose, "key": whose or new,
            "response": response_id, "taken_on": taken, "replaces": _replaced(replaces, row.slug, whose),
        },
        closed={"answers": Secret(ANSWERS, canonical(answers))},
        result={"answer": new},
    )  # fmt: skip


def _belongs(by: Actor, row: Form) -> bool:
    return by.kind == "system" or any(grant.organisation_id == row.organisation_id for grant in by.grants)


def _replaced(answer_id: UUID | None, slug: str, whose: UUID | None) -> UUID | None:
    """The answer whose place this one takes: of the same form and person, and not replaced already."""
    if answer_id is None:
        return None
    old = FormAnswer.objects.filter(id=answer_id, slug=slug, superseded_by=None).first()
    if old is None or (whose is not None and old.person_id not in {None, whose}):
        raise NotFound(what="answered form")
    return old.id


@applies("listen.record_form")
def _form_recorded(part: Part) -> Iterator[Row]:
    yield Put(
        "listen.FormAnswer",
        {
            "id": part["id"], "form_id": part["form"], "slug": part["slug"], "person_id": part["person"],
            "key_id": part["key"], "response_id": part["response"], "taken_on": part["taken_on"],
            "received_at": part.received_at, "by_id": part.actor_id, "answers": part.sealed.get("answers"),
        },
    )  # fmt: skip
    if part["replaces"]:
        yield Change("listen.FormAnswer", UUID(part["replaces"]), {"superseded_by": part["id"]})


@action(permission="house.hold", inner=True)
def keep_file(
    *,
    by: Actor,
    head: Head,
    entry_id: UUID,
    key_id: UUID,
    person_id: UUID | None,
    name: str,
    kind: str,
    content: bytes,
) -> Decision:
    """One file that came with a form, under the same key as the form. Only the system calls this."""
    new = head.child("file")
    return Decision(
        subject=person_id,
        key=key_id,
        open={"id": new, "entry": entry_id, "person": person_id, "key": key_id, "kind": kind, "size": len(content)},
        closed={"name": Secret(FILE_NAME, name), "content": Secret(FILE, base64.b64encode(content).decode())},
        result={"file": new},
    )


@applies("listen.keep_file")
def _file_kept(part: Part) -> Iterator[Row]:
    yield Put(
        "listen.FormFile",
        {
            "id": part["id"], "entry_id": part["entry"], "person_id": part["person"], "key_id": part["key"],
            "kind": part["kind"], "size": part["size"], "name": part.sealed.get("name"),
            "content": part.sealed.get("content"),
        },
    )  # fmt: skip
