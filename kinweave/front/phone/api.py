"""What the offline app asks of this site, in JSON: a phone registered, envelopes taken in, changes, questionnaires.

A phone shows one of two tokens: the drop token only hands envelopes in; the read token gets what its worker may
see. Every fault has the one shape of our problems. Nothing of what is sent stands in an address or a log.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja.utils import check_csrf

from kinweave.core.problems import Problem
from kinweave.flows.phone import changes as down
from kinweave.flows.phone import taking, teaching
from kinweave.flows.phone.audio import recording
from kinweave.front.api import SendAgain, SignInFirst
from kinweave.front.api_bounds import TooMany, allow
from kinweave.front.phone.reading import ids, moment, number, one_id, read, text
from kinweave.front.problem_words import told
from kinweave.front.signin import missing
from kinweave.house import devices, registry
from kinweave.house import settings as chosen
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.intake_key import b64u, key_id, public_key
from kinweave.house.journal import plain
from kinweave.house.models import Device, Programme
from kinweave.house.typed import BadInput

log = logging.getLogger("kinweave.phone")
ZIPPED_FROM = 1_000  # bytes
MOST_WANTED = 100


class TooManyAtOnce(Problem):
    status, code = 422, "too-many-envelopes"
    says = "At most {most} entries can be sent at once."
    remedy = "Send them in smaller parts."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an account, by session or by the token of one of its phones."""

    actor: Actor
    language: str
    device: Device | None = None
    kind: str = "session"  # session, read, drop


View = Callable[..., Any]


def endpoint(method: str, *, anyone_with: tuple[str, ...]) -> Callable[[View], View]:
    """A JSON operation for callers of these kinds (session, read, drop). What it returns is sent as JSON."""

    def wrap(view: View) -> View:
        @csrf_exempt  # a session is checked below; a token needs no cookie
        @wraps(view)
        def run(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != method:
                return HttpResponse(status=405, headers={"Allow": method})
            language = translation.get_language() or "en"
            try:
                caller = _caller(request, anyone_with)
                language = caller.language
                with translation.override(language):
                    return _sent(request, view(request, caller, *args, **kwargs))
            except OperationalError as fault:
                log.warning("database: %s", type(fault).__name__)
                return _fault(request, registry.Busy(), language)
            except Problem as problem:
                log.info("problem %s %s", problem.status, problem.code)
                return _fault(request, problem, language)

        return run

    return wrap


def _caller(request: Any, kinds: tuple[str, ...]) -> Caller:
    """Raises SignInFirst, DeviceRevoked, NotAllowed, TooMany."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        found = devices.by_token(token.strip())
        if found is None:
            raise SignInFirst()
        device, kind = found
        if kind not in kinds:
            raise NotAllowed(permission="phone")
        if kind == "read" and (device.revoked_at is not None or not device.account.is_active):
            raise devices.DeviceRevoked()
        caller = Caller(Actor.of(device.account_id), device.account.language, device, kind)
    else:
        if "session" not in kinds or request.actor is None:
            raise SignInFirst()
        problem = missing(request.user, request.actor.roles)
        if problem is not None:
            raise problem
        if request.method == "POST" and check_csrf(request) is not None:
            raise SendAgain()
        caller = Caller(request.actor, request.user.language)
    if not allow(caller.actor.account_id):
        raise TooMany()
    return caller


def _fault(request: HttpRequest, problem: Problem, language: str) -> HttpResponse:
    with translation.override(language):
        return _sent(request, {"problem": told(problem)}, problem.status)


def _sent(request: HttpRequest, answer: Any, status: int = 200) -> HttpResponse:
    if isinstance(answer, HttpResponse):
        return answer
    raw = json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()
    response = HttpResponse(content_type="application/json", status=status)
    if len(raw) >= ZIPPED_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        raw = gzip.compress(raw, 6, mtime=0)
        response["Content-Encoding"] = "gzip"
    response.content = raw
    response["Content-Length"] = str(len(raw))
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept-Encoding, Authorization"
    return response


# ------------------------------------------------------------------------------------------- a phone


@endpoint("POST", anyone_with=("session",))
def register(request: Any, caller: Caller) -> dict[str, Any]:
    """A phone for whoever is signed in. With a supervisor's code it takes the place of a lost one."""
    sent = read(request)
    made = devices.register(by=caller.actor, label=text(sent, "label", 200), code=text(sent, "code", 40))
    account = request.user
    return {
        "device": str(made.device.id),
        "secret": b64u(made.secret),
        "drop_token": made.drop_token,
        "read_token": made.read_token,
        "site": {
            "epoch": str(down.epochs()[-1]), "public_key": b64u(public_key()), "kid": key_id(), "name": _site_name(),
            "languages": list(chosen.value(chosen.LANGUAGES)), "emergency": chosen.value(chosen.EMERGENCY),
        },
        "account": {"id": str(account.id), "shown_name": account.shown_name, "language": account.language},
        "now": timezone.now().isoformat(),
    }  # fmt: skip


def _site_name() -> str:
    return Programme.objects.order_by("id").values_list("name", flat=True).first() or "Kinweave"


# ------------------------------------------------------------------------------------------ envelopes


@endpoint("POST", anyone_with=("drop", "read", "session"))
def envelopes(request: Any, caller: Caller) -> dict[str, Any]:
    """Sealed entries, each answered: accepted, held, or rejected with its reason."""
    sent = read(request)
    some = sent.get("envelopes")
    if not isinstance(some, list):
        raise BadInput(fields="envelopes")
    if len(some) > taking.MOST:
        raise TooManyAtOnce(most=taking.MOST)
    answers = taking.take_batch(
        some, sender=caller.device, told_now=moment(sent.get("now")), segment=text(sent, "segment", 64)
    )
    _heard_of(caller, sent)
    return {"now": timezone.now().isoformat(), "answers": [_shown(answer) for answer in answers]}


def _shown(answer: taking.Answer) -> dict[str, Any]:
    words = _words(answer)
    return {
        "id": answer.id, "state": answer.state, "again": answer.again, "code": answer.code,
        "says": words["says"], "remedy": words["remedy"], "result": plain(answer.result),
    }  # fmt: skip


def _words(answer: taking.Answer) -> dict[str, Any]:
    if answer.state == "accepted":
        return {"says": "", "remedy": ""}
    if answer.problem is not None:
        return told(answer.problem)
    known = told({"code": answer.code, "says": "", "remedy": ""})
    if known["says"]:
        return known
    return {"says": _("A person looks at this before it is taken in."), "remedy": _("It is kept. Nothing is lost.")}


def _heard_of(caller: Caller, sent: dict[str, Any]) -> None:
    """When a phone was last heard of, with which app, and what waits on it, as far as it says."""
    if caller.device is None:
        return
    news: dict[str, Any] = {"contact_at": timezone.now()}
    if isinstance(sent.get("app"), str):
        news["app"] = sent["app"][:20]
    if isinstance(sent.get("waiting"), int) and 0 <= sent["waiting"] < 2**31:
        news["waiting"] = sent["waiting"]
    Device.objects.filter(id=caller.device.id).update(**news)


# -------------------------------------------------------------------------------------------- changes


@endpoint("POST", anyone_with=("read",))
def changes(request: Any, caller: Caller) -> dict[str, Any]:
    """What a phone has to know since it last asked."""
    sent = read(request)
    cursor = down.Cursor(
        epoch=one_id(sent.get("epoch"), "epoch"), position=number(sent, "position"), have=text(sent, "have", 64),
        people=ids(sent.get("people")), want=number(sent, "want", MOST_WANTED),
    )  # fmt: skip
    answer = down.changes(caller.actor, cursor, caller.device)
    if answer["capped"] is not None:
        answer["capped"]["says"] = _(down.CAPPED).format(most=answer["capped"]["most"])
    settings = teaching.settings_for(caller.actor)
    _heard_of(caller, sent)
    unchanged = settings["etag"] == sent.get("settings_etag")
    return {"now": timezone.now().isoformat(), **answer, "settings": None if unchanged else settings}


# ------------------------------------------------------------------------------------- questionnaires


@endpoint("GET", anyone_with=("read",))
def instruments(request: Any, caller: Caller) -> Any:
    """The questionnaires that are asked here, whole; unchanged ones are not sent again."""
    found = teaching.instruments_for(caller.actor, request.GET.get("language", caller.language)[:12])
    tag = f'"{teaching.etag_of(found)}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response = HttpResponse(status=304)
    else:
        response = _sent(request, found)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def audio(request: Any, key: str, language: str, name: str) -> HttpResponse:
    """A question spoken aloud: the same for everybody."""
    found = recording(key, language, name)
    if found is None:
        raise Http404
    response = HttpResponse(found.path.read_bytes(), content_type=found.kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"  # its address holds its digest
    return response
