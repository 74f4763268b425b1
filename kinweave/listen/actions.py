"""What is written in listen: instruments switched on, responses recorded, corrected, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.core.scoring import Scored, score
from kinweave.house import quick
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound, Unknown
from kinweave.house.journal import Decision, Head, Part, canonical
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.house.sealing import Secret
from kinweave.listen.models import Response, Score, ScoringTable
from kinweave.listen.shelf import SwitchedOff, compiled, instruments, is_on
from kinweave.people.actions.persons import check_when, happened
from kinweave.people.door import Seen, access, require_consent

ANSWERS = "listen.response.answers"
MODES = ("screen", "paper", "phone", "import")
UNDO_DAYS = 7  # practice rule 6: correct or undo within 7 days, history kept


class TooLate(Problem):
    status, code = 409, "too-late-to-undo"
    says = "This was written more than {days} days ago, or by someone else."
    remedy = "Write a correction instead; both stay in the history."


class LicenceNeeded(Problem):
    status, code = 422, "licence-needed"
    says = "This questionnaire's words are not ours to give."
    remedy = "Add your own text and write down the licence you hold for it."


@action(permission="house.settings", inner=True)
def switch_instrument(
    *, by: Actor, head: Head, slug: str, on: bool, scope: str = "", licence_statement: str = ""
) -> Decision:
    """Ask an instrument here, or stop asking it. Whether someone can answer a safety answer is checked in flows."""
    instrument = instruments().get(slug)
    if instrument is None:
        raise Unknown(what="questionnaire")
    if on and instrument.licence.tier == "C" and not licence_statement.strip():
        raise LicenceNeeded()
    open_ = {"id": head.child("switch"), "slug": slug, "on": on, "scope": scope, "licence": licence_statement[:2000]}
    return Decision(None, {**open_, "table": _unkept(slug, head)})


@applies("listen.switch_instrument")
def _switched(part: Part) -> Iterator[Row]:
    if part["table"]:
        yield Put("listen.ScoringTable", part["table"])
    yield Put(
        "listen.Switch",
        {
            "id": part["id"], "slug": part["slug"], "on": part["on"], "scope": part["scope"],
            "licence_statement": part["licence"], "at": part.received_at,
        },
    )  # fmt: skip


def _unkept(slug: str, head: Head) -> dict[str, Any] | None:
    """The scoring table's row, where this version has not been kept yet."""
    table, hash_ = compiled(slug)
    if quick.ids(ScoringTable, "WHERE hash = %s", [hash_]):
        return None
    return {"id": head.child("table"), "hash": hash_, "slug": slug, "version": table["version"], "table": dict(table)}


@action(permission="listen.record", locks=("person_id",), fact=True, inner=True)
def record_response(
    *,
    by: Actor,
    head: Head,
    person_id: UUID,
    instrument: str,
    answers: Mapping[str, Any],
    language: str = "",
    mode: str = "screen",
    taken_on: date | None = None,
    sheet: str = "",
    replaces: UUID | None = None,
) -> Decision:
    """A questionnaire as it was answered, scored at once. `replaces`: the response this one corrects.

    Result: `response` and for each scale its band and whether it has a score.
    """
    seen = access(person_id, by=by, permission="listen.record")
    require_consent(seen, "care")
    table, hash_ = compiled(instrument)
    if mode != "import" and not is_on(instrument, str(seen.row.programme_id or "")):
        raise SwitchedOff()
    if mode not in MODES:
        raise Unknown(what="way of asking")
    taken = taken_on or head.happened_at.date()
    check_when(taken, head)
    scored = score(table, answers)
    given = {code: value for code, value in answers.items() if value is not None}
    new = head.child("response")
    return Decision(
        subject=seen.id,
        open={
            "id": new, "person": seen.id, "instrument": instrument, "hash": hash_, "language": language[:12],
            "mode": mode, "taken_on": taken, "complete": len(given) == len(table["items"]), "sheet": sheet[:40],
            "scores": [_kept(s) for s in scored.scales], "table": _unkept(instrument, head),
            "replaces": _replaced(seen, replaces),
        },
        closed={
            "answers": Secret(ANSWERS, canonical(given)),
            "values": [[s.scaled, s.band] for s in scored.scales],
        },
        result={"response": new, "scales": _told(scored)},
    )  # fmt: skip


def _kept(scale: Any) -> dict[str, Any]:
    return {
        "scale": scale.code, "digits": scale.digits, "missing": scale.n_missing, "declined": scale.n_declined,
        "prorated": scale.prorated, "reason": scale.reason or "",
    }  # fmt: skip


def _told(scored: Scored) -> list[str]:
    """Which scales have a score: codes only, since a receipt is kept in clear."""
    return [s.code for s in scored.scales if s.scaled is not None]


def _replaced(seen: Seen, response_id: UUID | None) -> dict[str, Any] | None:
    if response_id is None:
        return None
    old = Response.objects.filter(id=response_id, person_id__in=seen.ids, superseded_by=None).first()
    if old is None:
        raise NotFound(what="answered questionnaire")
    scores = Score.objects.filter(response=old).order_by("id").values_list("id", flat=True)
    return {"id": old.id, "scores": list(scores)}


@applies("listen.record_response")
def _recorded(part: Part) -> Iterator[Row]:
    if part["table"]:
        yield Put("listen.ScoringTable", part["table"])
    yield Put(
        "listen.Response",
        {
            "id": part["id"], "person_id": part["person"], "instrument": part["instrument"],
            "table_hash": part["hash"], "language": part["language"], "mode": part["mode"],
            "taken_on": part["taken_on"], "by_id": part.actor_id, "received_at": part.received_at,
            "complete": part["complete"], "answers": part.sealed.get("answers"), "sheet": part["sheet"],
        },
    )  # fmt: skip
    values = part.get("values", [[None, None]] * len(part["scores"]))
    for one, (scaled, band) in zip(part["scores"], values, strict=True):
        yield Put(
            "listen.Score",
            {
                "id": part.child(f"score/{one['scale']}"), "response_id": part["id"], "person_id": part["person"],
                "instrument": part["instrument"], "taken_on": part["taken_on"], "scaled": scaled, "band": band, **one,
            },
        )  # fmt: skip
    if part["replaces"]:
        yield Change("listen.Response", UUID(part["replaces"]["id"]), {"superseded_by": part["id"]})
        for old in part["replaces"]["scores"]:
            yield Change("listen.Score", UUID(old), {"current": False})
    yield happened(part, UUID(part["person"]), "answered", ref=part["id"], instrument=part["instrument"])


@action(permission="listen.record", locks=("person_id",))
def undo_response(*, by: Actor, head: Head, person_id: UUID, response_id: UUID) -> Decision:
    """The author takes a response back within seven days; the history keeps it."""
    seen = access(person_id, by=by, permission="listen.record")
    row = Response.objects.filter(id=response_id, person_id__in=seen.ids, superseded_by=None).first()
    if row is None:
        raise NotFound(what="answered questionnaire")
    if row.by_id != by.account_id or head.received_at - row.received_at > timedelta(days=UNDO_DAYS):
        raise TooLate(days=UNDO_DAYS)
    scores = list(Score.objects.filter(response=row).order_by("id").values_list("id", flat=True))
    return Decision(seen.id, {"id": row.id, "person": seen.id, "scores": scores})


@applies("listen.undo_response")
def _undone(part: Part) -> Iterator[Row]:
    yield Change("listen.Response", UUID(part["id"]), {"superseded_by": part["id"]})
    for old in part["scores"]:
        yield Change("listen.Score", UUID(old), {"current": False})
    yield happened(part, UUID(part["person"]), "answer_undone", ref=part["id"])


def answers_from(text: str | None) -> dict[str, Any]:
    """Opened answers as a dictionary; empty once the person is erased."""
    return {} if text is None else dict(json.loads(text))
