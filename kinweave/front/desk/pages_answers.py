"""What answers say in plain words, what may come next, taking them back and correcting them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.core.ids import child
from kinweave.core.pathway import moves_from
from kinweave.core.problems import Problem
from kinweave.flows.receive import signs_in
from kinweave.front import sentences
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.asking import load, place_url
from kinweave.front.desk.care_parts import about, shown_as
from kinweave.front.desk.pages_move import NOT_HERE
from kinweave.front.desk.people_parts import in_local_time, open_person, said_day
from kinweave.front.desk.typing import back_to
from kinweave.front.problem_words import both
from kinweave.house.actions import NotFound
from kinweave.house.journal import Head
from kinweave.listen import drafts
from kinweave.listen.actions import undo_response
from kinweave.listen.reads import one_response, scores_over_time
from kinweave.listen.reads_ask import can_undo, scales_of
from kinweave.listen.shelf import instruments
from kinweave.people.door import Seen

NEXT = ("start", "wait", "inform", "step", "graduate", "join_group")  # what answers may lead to


@in_local_time
def answers(request: Any, person_id: UUID, response_id: UUID) -> HttpResponse:
    """One form: what it says, and what may come next."""
    seen = open_person(request, person_id, "answers", "listen.scores")
    row, _given = _one(seen, response_id)
    found = instruments().get(row.instrument)
    moves = [m for m in moves_from(seen.row.state) if m in NEXT and m not in NOT_HERE]
    current = row.superseded_by is None
    shown = {
        **about(seen),
        "title": shown_as(found) if found else row.instrument,
        "when": said_day(row.taken_on),
        "sheet": row.sheet,
        "current": current,
        "scales": [_scale(seen, score, found) for score in scales_of(row.id)],
        "moves": [
            {"label": sentences.MOVES[m], "url": f"{reverse('move-on', args=[seen.id])}?move={m}"} for m in moves
        ] if current and request.actor.may("care.act") else [],
        "note_url": reverse("note-session", args=[seen.id]) if request.actor.may("care.act") else "",
        "undo_url": reverse("answers-undo", args=[seen.id, row.id])
        if can_undo(row, request.actor, timezone.now()) else "",
        "correct_url": reverse("answers-correct", args=[seen.id, row.id])
        if current and found and found.wordings and request.actor.may("listen.record") else "",
        "next_sheet": reverse("paper-next", args=[found.key]) if found and row.mode == "paper" else "",
    }  # fmt: skip
    return render(request, "desk/ask/answers.html", shown)


def _one(seen: Seen, response_id: UUID) -> tuple[Any, dict[str, Any]]:
    found = one_response(seen.ids, response_id)
    if found is None:
        raise NotFound(what="answered questionnaire")
    return found


def _scale(seen: Seen, score: Any, found: Any) -> dict[str, Any]:
    """One scale: a sentence, its points, and the time before."""
    key = found.key if found else ""
    known = next((s for s in found.scales if s.code == score.scale), None) if found else None
    says = str(words_of.NO_SCORE) if score.value is None else words_of.band_words(key, score.band)
    return {
        "says": says,
        "value": score.value,
        "of": known.highest / 10**score.digits if known else None,
        "declined": score.declined,
        "missing": score.missing - score.declined,
        "before": _before(seen, score),
        "main": known is not None and found.scales[0].code == score.scale,
    }


def _before(seen: Seen, score: Any) -> dict[str, Any] | None:
    """The same scale the time before, where both have a value."""
    if score.value is None:
        return None
    line = scores_over_time(seen.ids).get((score.instrument, score.scale), [])
    earlier = [p for p in line if p.response_id != score.response_id and p.taken_on <= score.taken_on]
    known = [p for p in earlier if p.value is not None]
    return {"value": known[-1].value, "when": said_day(known[-1].taken_on)} if known else None


def answers_undo(request: Any, person_id: UUID, response_id: UUID) -> HttpResponse:
    """The author takes a form back; sent twice it is taken back once."""
    seen = open_person(request, person_id, "answers", "listen.record")
    head = Head.now(id=child(response_id, "undo"))
    try:
        undo_response(by=request.actor, head=head, person_id=seen.id, response_id=response_id)
        messages.success(request, _("The answers are taken back. The history keeps them."))
    except Problem as fault:
        messages.warning(request, both(fault))
    return HttpResponseRedirect(back_to(request, response_id) or reverse("person", args=[seen.id]))


def answers_correct(request: Any, person_id: UUID, response_id: UUID) -> HttpResponse:
    """Open a form again with its answers in it; the corrected one takes its place, both stay in the history."""
    seen = open_person(request, person_id, "answers", "listen.record")
    row, given = _one(seen, response_id)
    if row.superseded_by is not None:
        raise NotFound(what="answered questionnaire")
    again = child(row.id, f"correct/{request.actor.account_id}")
    draft = drafts.begin(request.actor, seen, row.instrument, language=row.language, one_page=True, draft_id=again)
    if draft.finished is None and draft.answers is None:
        drafts.keep(draft, given)
        drafts.fired(draft, [sign.code for sign in signs_in(row.instrument, given)], row.id, None)
    return HttpResponseRedirect(place_url(load(request.actor, seen.id, draft.id)))
