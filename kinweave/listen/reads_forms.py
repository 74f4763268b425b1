"""What flows, phones and pages ask about forms of one's own, their answers and the files that came with a form."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kinweave.house import quick
from kinweave.house.sealing import Opener
from kinweave.listen.actions_forms import ANSWERS as ANSWERS
from kinweave.listen.actions_forms import FILE, FILE_NAME
from kinweave.listen.models import Form as Form
from kinweave.listen.models import FormAnswer as FormAnswer
from kinweave.listen.models import FormFile
from kinweave.listen.models import FormMedia as FormMedia


def version_of(slug: str, version: str) -> Form | None:
    """One version of a form, however old."""
    found = quick.rows(Form, "WHERE slug = %s AND version = %s", [slug, version])
    return found[0] if found else None


def one(form_id: UUID) -> Form | None:
    return Form.objects.filter(id=form_id).first()


def latest(slug: str) -> Form | None:
    """The newest version of a form."""
    return Form.objects.filter(slug=slug).order_by("-at", "-id").first()


def every() -> list[Form]:
    """All versions of all forms: by form, the newest first."""
    return list(Form.objects.order_by("slug", "-at", "-id"))


def offered_by(organisations: Iterable[UUID]) -> list[Form]:
    """The newest version of each form of these organisations, where it is offered at all, by its id."""
    newest: dict[str, Form] = {}
    for row in Form.objects.filter(organisation_id__in=list(organisations)).order_by("at", "id"):
        newest[row.slug] = row
    return [row for _, row in sorted(newest.items()) if row.on]


def media_of(form: Form) -> list[FormMedia]:
    """The files that a form shows or plays, by name."""
    return list(FormMedia.objects.filter(form=form).order_by("name"))


def standing_answers(forms: Iterable[UUID]) -> QuerySet[FormAnswer]:
    """The answers to these versions that nothing has replaced or erased, in the order in which they came."""
    found = FormAnswer.objects.filter(form_id__in=list(forms), superseded_by=None).exclude(answers=None)
    return found.order_by("received_at", "id")


def opened_files(entry_id: UUID) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the files that came with a form; nothing of an erased person."""
    rows = list(FormFile.objects.filter(entry_id=entry_id).order_by("id"))
    opened = Opener([row.key_id for row in rows])
    for row in rows:
        name, content = opened(row.key_id, FILE_NAME, row.name), opened(row.key_id, FILE, row.content)
        if name is not None and content is not None:
            yield name, base64.b64decode(content)


def named_files(entry_id: UUID) -> dict[str, UUID]:
    """Name → id of the files that came with a form, without what they hold: together they may be gigabytes."""
    rows = list(FormFile.objects.filter(entry_id=entry_id).defer("content").order_by("id"))
    opened = Opener([row.key_id for row in rows])
    names = {row.id: opened(row.key_id, FILE_NAME, row.name) for row in rows}
    return {name: one for one, name in names.items() if name is not None}


def file_content(file_id: UUID) -> bytes | None:
    """What one of them holds; None where its key is gone."""
    row = FormFile.objects.get(id=file_id)
    content = Opener([row.key_id])(row.key_id, FILE, row.content)
    return None if content is None else base64.b64decode(content)


def sealed_files(entry_id: UUID) -> list[Any]:
    """The same, sealed as they lie there."""
    return list(FormFile.objects.filter(entry_id=entry_id).order_by("id"))
