"""A session that ends in the middle of a form loses nothing.

A form that carries `{% keep_form %}` can be sent after the session has ended: what was typed is sealed for
the account that had opened the form, and after that account signs in again the form is shown with everything
in it. The page needs to know nothing of this: the answer's HTML is filled in on its way out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from kinweave.front.refill import refill
from kinweave.house.models import ParkedForm
from kinweave.house.sealing import house_key

FIELD = "keep_form"
BACK = "kept"  # the parameter that brings a parked form back
SALT = "kinweave.keep-form"
OPEN_FOR = timedelta(hours=24)  # how long a form may stand open before it is sent
KEPT_FOR = timedelta(hours=1)
MOST_BYTES = 256_000
MOST_FORMS = 5  # of one account at a time
NONCE_BYTES = 12
NOT_KEPT = {FIELD, "csrfmiddlewaretoken"}


def mark(account_id: UUID, path: str) -> str:
    """The value of the hidden field: whose form this is and where it goes, signed."""
    return signing.dumps([str(account_id), path], salt=SALT)


def read_mark(text: str, path: str) -> UUID | None:
    """The account of a form, when the mark is ours, not outlived and for this address."""
    try:
        account, where = signing.loads(text, salt=SALT, max_age=OPEN_FOR)
        return UUID(account) if where == path else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def park(request: HttpRequest, account_id: UUID) -> UUID | None:
    """Seal what was typed; its id, or None when there is too much of it."""
    typed = {k: v for k, v in request.POST.lists() if k not in NOT_KEPT}
    content = json.dumps(typed).encode()
    if len(content) > MOST_BYTES:
        return None
    now = timezone.now()
    mine = ParkedForm.objects.filter(account_id=account_id)
    mine.filter(made_at__lt=now - KEPT_FOR).delete()
    for old in mine.order_by("-made_at")[MOST_FORMS - 1 :]:
        old.delete()
    row = ParkedForm(account_id=account_id, path=request.path[:300], made_at=now)
    nonce = os.urandom(NONCE_BYTES)
    row.sealed = nonce + AESGCM(house_key()).encrypt(nonce, content, _bound(row))
    row.save(force_insert=True)
    return row.id


def kept(request: HttpRequest) -> QueryDict | None:
    """What this account had typed into this form before its session ended, where there is something."""
    row = _row(request)
    if row is None:
        return None
    raw = bytes(row.sealed)
    try:
        content = AESGCM(house_key()).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(row))
    except InvalidTag:
        return None
    typed = QueryDict(mutable=True)
    for name, values in json.loads(content).items():
        typed.setlist(name, values)
    return typed


def forget(request: Any) -> None:
    """The form has been sent at last: what was parked for it goes."""
    if request.user.is_authenticated and request.POST.get(FIELD):
        ParkedForm.objects.filter(account_id=request.user.id, path=request.path[:300]).delete()


def some_are_old() -> bool:
    return ParkedForm.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).exists()


def clear_old() -> int:
    """Delete what nobody came back for; the worker runs this."""
    return ParkedForm.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _row(request: Any) -> ParkedForm | None:
    try:
        given = UUID(request.GET.get(BACK, ""))
    except ValueError:
        return None
    if not request.user.is_authenticated:
        return None
    return ParkedForm.objects.filter(
        id=given,
        account_id=request.user.id,
        path=request.path[:300],
        made_at__gt=timezone.now() - KEPT_FOR,
    ).first()


def _bound(row: ParkedForm) -> bytes:
    return b"house.parked\0" + row.id.bytes + row.account_id.bytes + row.path.encode()


class ParkingMiddleware:
    """Parks a form sent by a signed-out browser; fills a form in when its owner is back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            parked = self._park(request)
            if parked is not None:
                return parked
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400 and not getattr(request, "parked", False):
            forget(request)
        if request.method == "GET" and BACK in request.GET:
            self._fill(request, response)
        return response

    def _park(self, request: Any) -> HttpResponse | None:
        # Reading the body of a large upload only to look for our field would be a gift to an attacker.
        if not _is_small_form(request):
            return None
        account = read_mark(request.POST.get(FIELD, ""), request.path)
        if account is None:
            return None
        row = park(request, account)
        back = request.path if row is None else f"{request.path}?{urlencode({BACK: row})}"
        page = reverse("account_login") + "?" + urlencode({"next": back, "kept": "1" if row else "0"})
        if request.headers.get("HX-Request"):
            return HttpResponse(status=200, headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

    def _fill(self, request: Any, response: Any) -> None:
        typed = kept(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if typed is None or not html or response.streaming or response.status_code != 200:
            return
        page = refill(response.content.decode(response.charset), FIELD, typed)
        response.content = page.encode(response.charset)
        response["Cache-Control"] = "no-store"


def _is_small_form(request: HttpRequest) -> bool:
    kind = request.content_type
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return False
    return kind in {"application/x-www-form-urlencoded", "multipart/form-data"} and size <= 4 * MOST_BYTES


def csrf_failed(request: Any, reason: str = "") -> HttpResponse:
    """A form from before another sign-in in the same browser: what was typed is kept and shown again."""
    account = read_mark(request.POST.get(FIELD, ""), request.path) if _is_small_form(request) else None
    signed_in = getattr(request, "user", None)
    if account is not None and (signed_in is None or not signed_in.is_authenticated or signed_in.id == account):
        row = park(request, account)
        request.parked = row is not None
        if row is not None:
            return HttpResponseRedirect(f"{request.path}?{urlencode({BACK: row})}")
    return render(request, "403_csrf.html", status=403)
