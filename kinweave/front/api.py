"""The JSON API: one operation for every action of the registry, and one for a batch of entries.

Signed in by session (with its CSRF token) or by a token. Every answer that is not 200 has the one shape of
our problems. What may not be sent at all (too large, too deep, numbers no database holds) is refused before
anything else looks at it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.security import APIKeyCookie, HttpBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model, field_validator
from pydantic import ValidationError as Unfit

from kinweave import __version__
from kinweave.core.problems import Problem
from kinweave.flows.sending import NoSuchOperation, check_ahead, is_open, take_in
from kinweave.front.api_bounds import BoundedParser, TooMany, allow, check_size
from kinweave.front.signin import missing
from kinweave.house import registry
from kinweave.house.access import Actor
from kinweave.house.bearer import bearer
from kinweave.house.journal import Head
from kinweave.house.registry import ACTIONS, Spec
from kinweave.house.together import one_transaction
from kinweave.house.typed import BadInput, model_of

log = logging.getLogger("kinweave.api")

MOST_ENTRIES = 500
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
ERRORS = frozenset({400, 401, 403, 404, 409, 410, 413, 422, 429, 503})


class SignInFirst(Problem):
    status, code = 401, "sign-in-first"
    says = "Nobody is signed in."
    remedy = "Send a valid token, or sign in again."


class SendAgain(Problem):
    status, code = 403, "csrf"
    says = "This came from a page that could not be trusted."
    remedy = "Load the page again, or use a token."


class Unreadable(Problem):
    status, code = 400, "unreadable"
    says = "What was sent is not readable JSON."
    remedy = "Send one JSON object in UTF-8."


# ------------------------------------------------------------------------------------------- shapes


class Named(Schema):
    code: str
    says: str
    remedy: str
    facts: dict[str, Any]


class Fault(Schema):
    """The one shape of everything that did not work."""

    problem: Named


class Answer(Schema):
    """What became of one entry. `again`: it had been sent before, and this is the answer it got then."""

    entry_id: UUID
    state: Literal["accepted", "held"]
    again: bool
    result: dict[str, Any]


class Sent(Schema):
    """What every entry says of itself. `id`: a uuid7 that the sender made."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    happened_at: AwareDatetime
    precision: Literal["second", "minute", "day", "month", "year"] = "second"
    device: str = Field("", max_length=64)

    @field_validator("id")
    @classmethod
    def _made_by_sender(cls, value: UUID) -> UUID:
        if value.version != 7:
            raise ValueError("a uuid7 is needed")
        return value

    @field_validator("happened_at")
    @classmethod
    def _within_reason(cls, value: datetime) -> datetime:
        if not value >= EARLIEST or value.year > 2200:
            raise ValueError("a time from 1900 on")
        return value

    def head(self) -> Head:
        return Head.now(id=self.id, happened_at=self.happened_at, precision=self.precision, device=self.device)


class Entry(Sent):
    action: str = Field(max_length=80)
    asked: dict[str, Any]


class Batch(Schema):
    model_config = ConfigDict(extra="forbid")

    entries: list[dict[str, Any]] = Field(max_length=MOST_ENTRIES)


class Outcome(Schema):
    """What became of one entry of a batch. A rejected entry was not taken in; a held one waits for a person."""

    id: str
    state: Literal["accepted", "held", "rejected"]
    again: bool = False
    result: dict[str, Any] = {}
    code: str = ""
    says: str = ""
    remedy: str = ""


class Outcomes(Schema):
    entries: list[Outcome]


class Me(Schema):
    account: UUID
    roles: list[str]
    actions: list[str]


_FAULT = {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}
# The document names every fault of every operation. As plain data: a model for each would cost 10 MB a process.
FAULTS = {"responses": {code: {"description": HTTPStatus(code).phrase, "content": _FAULT} for code in sorted(ERRORS)}}


# ------------------------------------------------------------------------------------------ signing in


class BySession(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor | None = getattr(request, "actor", None)
        return _may_use(request, actor) if actor is not None else None


class ByToken(HttpBearer):
    def authenticate(self, request: Any, token: str) -> Actor | None:
        found = bearer(token)
        if found is None:
            return None
        request.user, request.actor = found
        return _may_use(request, request.actor)


def _may_use(request: HttpRequest, actor: Actor) -> Actor:
    problem = missing(request.user, actor.roles)
    if problem is not None:
        raise problem
    actor.require("api.use")
    check_size(request)
    if not allow(actor.account_id):
        raise TooMany()
    return actor


api = NinjaAPI(
    title="Kinweave",
    version=__version__,
    description="Every write of Kinweave, by name. Repeating a request with the same id is safe.",
    urls_namespace="api",
    docs_url=None,
    auth=[ByToken(), BySession()],
    parser=BoundedParser(),
)


# --------------------------------------------------------------------------------------------- faults


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return api.create_response(request, {"problem": problem.as_dict()}, status=problem.status)


@api.exception_handler(ValidationError)
def _unfit(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Names fields, never values."""
    where = {".".join(str(part) for part in error["loc"][2:5]) or "body" for error in fault.errors}
    return _problem(request, BadInput(fields=", ".join(sorted(_field(w) for w in where))))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, fault: HttpError) -> HttpResponse:
    known: dict[int, type[Problem]] = {401: SignInFirst, 403: SendAgain, 404: NoSuchOperation}
    return _problem(request, known.get(fault.status_code, Unreadable)())


@api.exception_handler(Http404)
def _nothing(request: HttpRequest, fault: Http404) -> HttpResponse:
    return _problem(request, NoSuchOperation())


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, fault: OperationalError) -> HttpResponse:
    log.warning("database: %s", type(fault).__name__)
    return _problem(request, registry.Busy())


@api.exception_handler(Exception)
def _unforeseen(request: HttpRequest, fault: Exception) -> HttpResponse:
    raise fault  # Django's own page for it, without any content


def _field(where: str) -> str:
    """A field's name as it may be shown: the sender may have put anything into an unknown name."""
    known = [part if part in _names() else "unknown" for part in where.split(".")]
    return ".".join(known[: known.index("unknown") + 1] if "unknown" in known else known)


@cache
def _names() -> frozenset[str]:
    """Every name that a body may hold: of an entry, and of what the actions ask for."""
    asked = (name for spec in open_actions() for name in model_of(spec.name).model_fields)
    return frozenset({"body", "entries", *Entry.model_fields, *asked})


# ----------------------------------------------------------------------------------------- operations


def open_actions() -> list[Spec]:
    return [spec for _, spec in sorted(ACTIONS.items()) if is_open(spec)]


@api.get("/me", response={200: Me, ERRORS: Fault}, summary="Who I am here and what I may do")
def me(request: Any) -> dict[str, Any]:
    actor: Actor = request.auth
    may = [spec.name for spec in open_actions() if actor.may(spec.permission)]
    return {"account": actor.account_id, "roles": sorted(actor.roles), "actions": may}


@api.post("/entries", response=Outcomes, openapi_extra=FAULTS, summary="Up to 500 entries at once")
def entries(request: Any, batch: Batch) -> dict[str, Any]:
    """Each entry is taken in by itself: accepted, held for a person to look at, or rejected with the reason."""
    sent = batch.entries
    try:
        with one_transaction():  # one write to the disk for all; each entry has its savepoint
            return {"entries": [_one(request.auth, raw) for raw in sent]}
    except DatabaseError:
        # Something between the entries: one by one then, which is safe because each has its id.
        return {"entries": [_one(request.auth, raw) for raw in sent]}


def _one(actor: Actor, raw: dict[str, Any]) -> dict[str, Any]:
    shown = str(raw.get("id", ""))[:36]
    try:
        entry = Entry.model_validate(raw)
    except Unfit as fault:
        where = {_field(".".join(str(p) for p in e["loc"][:2])) for e in fault.errors(include_input=False)}
        return _rejected(shown, BadInput(fields=", ".join(sorted(where))))
    try:
        receipt = take_in(entry.action, entry.asked, by=actor, head=entry.head())
    except Problem as problem:
        return _rejected(shown, problem)
    return {
        "id": shown,
        "state": receipt.state,
        "again": receipt.again,
        "result": receipt.result,
        "code": str(receipt.result.get("code", "")) if receipt.state == "held" else "",
    }


def _rejected(shown: str, problem: Problem) -> dict[str, Any]:
    return {
        "id": shown, "state": "rejected", "code": problem.code, "says": problem.sentence,
        "remedy": problem.what_to_do,
    }  # fmt: skip


def _operation(spec: Spec) -> None:
    """One operation for one action, with its own input model."""
    asked = model_of(spec.name)
    title = "".join(word.capitalize() for word in spec.name.replace(".", "_").split("_")) + "Entry"
    body: type[BaseModel] = create_model(title, __base__=Sent, asked=(asked, ...))

    def post(request, sent):  # type: ignore[no-untyped-def]
        head = sent.head()
        check_ahead(head)
        fields = {name: getattr(sent.asked, name) for name in asked.model_fields}
        receipt = registry.run(spec.name, by=request.auth, head=head, **fields)
        return {
            "entry_id": receipt.entry_id, "state": receipt.state, "again": receipt.again, "result": receipt.result,
        }  # fmt: skip

    post.__annotations__ = {"request": HttpRequest, "sent": body}
    api.post(
        f"/actions/{spec.name}",
        response=Answer,
        openapi_extra=FAULTS,
        operation_id=spec.name.replace(".", "_"),
        summary=spec.doc.partition("\n")[0] or spec.name,
        description=spec.doc,
        tags=[spec.name.partition(".")[0]],
    )(post)


for _spec in open_actions():
    _operation(_spec)
