"""One form being answered: its questions in their order, its answers so far, safety before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from kinweave.core.ids import child
from kinweave.core.instrument_types import Instrument, Question
from kinweave.core.instruments import questions
from kinweave.flows.receive import receive_response, signs_in
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.registry import IdReused
from kinweave.listen import drafts
from kinweave.listen.reads import one_response
from kinweave.listen.shelf import instruments
from kinweave.people.door import Seen, access

DECLINED = "declined"


@dataclass
class Asking:
    """A draft with what belongs to it."""

    by: Actor
    seen: Seen
    draft: Any
    instrument: Instrument
    questions: tuple[Question, ...]
    answers: dict[str, Any]

    @property
    def shown(self) -> list[int]:
        """The places (0, 1, …) of the questions that earlier answers have not made needless."""
        return [n for n, question in enumerate(self.questions) if not needless(question, self.answers)]

    @property
    def missing(self) -> list[int]:
        return [n for n in self.shown if self.questions[n].code not in self.answers]


def needless(question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether another answer already says what this one would."""
    return any(answers.get(when) in values for when, values in question.skip_when)


def load(by: Actor, person_id: UUID, draft_id: UUID) -> Asking:
    """A draft of this account within reach. Raises PersonNotFound and DraftGone."""
    seen = access(person_id, by=by, permission="listen.record")
    draft = drafts.find(by, seen, draft_id)
    instrument = instruments()[draft.instrument]
    return Asking(by, seen, draft, instrument, questions(instrument, draft.language), drafts.opened(draft))


def read_answer(question: Question, text: str | None) -> int | str | None:
    """A sent choice as an answer; None where nothing, or nothing that was offered, was chosen."""
    if text == DECLINED:
        return DECLINED
    return next((value for value, _ in question.options if str(value) == text), None)


def save(asking: Asking, changes: Mapping[str, Any]) -> str:
    """Keep answers; a safety answer reaches someone now, finished or not. Returns the card's address, or nothing."""
    asking.answers = drafts.merge(asking.draft, changes)
    signs = [sign.code for sign in signs_in(asking.instrument.slug, asking.answers)]
    if not set(signs) - set(asking.draft.fired):
        return ""
    codes = sorted({*signs, *asking.draft.fired})
    try:
        result = send(asking, child(asking.draft.id, f"unfinished/{'/'.join(codes)}"))
    except IdReused:  # another tab has told of the same answer a moment ago
        asking.draft = drafts.find(asking.by, asking.seen, asking.draft.id)
        return card_url(asking)
    drafts.fired(asking.draft, codes, _uuid(result.get("response") or result.get("held")), _uuid(result.get("risk")))
    return card_url(asking)


def send(asking: Asking, entry: UUID) -> dict[str, Any]:
    """The form as it is now, to where every form arrives. Never refused; sent twice it is written once."""
    receipt = receive_response(
        by=asking.by,
        head=Head.now(id=entry, unattended=True),
        person_id=asking.seen.id,
        instrument=asking.instrument.slug,
        answers=asking.answers,
        language=asking.draft.language,
        mode=asking.draft.mode,
        taken_on=timezone.localdate(asking.draft.made_at),
        replaces=asking.draft.unfinished,
    )
    return dict(receipt.result)


def finish(asking: Asking) -> UUID | None:
    """Write the form down; the id of the response, None where it was held for someone to look at."""
    result = send(asking, asking.draft.id)
    written = result.get("response") or result.get("held")
    drafts.finish(asking.draft, UUID(str(written)))
    return _uuid(result.get("response"))


def finished_url(asking: Asking) -> str:
    """Where a form that has been written down is seen: its own page, else the person's."""
    if asking.draft.finished and one_response(asking.seen.ids, asking.draft.finished):
        return reverse("answers", args=[asking.seen.id, asking.draft.finished])
    return reverse("person", args=[asking.seen.id])


def card_url(asking: Asking) -> str:
    """The safety card of the alert that this form has raised."""
    if asking.draft.risk_id is None:
        return ""
    return f"{reverse('safety-card', args=[asking.seen.id, asking.draft.risk_id])}?form={asking.draft.id}"


def place_url(asking: Asking, number: int | None = None) -> str:
    """Where one goes on: the question at a place, the next open one, or looking everything over."""
    about = [asking.seen.id, asking.draft.id]
    if asking.draft.one_page:
        return reverse("ask-all", args=about)
    if number is None:
        number = asking.missing[0] if asking.missing else None
    return reverse("ask-check", args=about) if number is None else reverse("ask-question", args=[*about, number + 1])


def _uuid(text: Any) -> UUID | None:
    return UUID(str(text)) if text else None
