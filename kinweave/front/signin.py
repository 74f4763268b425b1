"""Signing in: accounts are made by a keeper, never by signing up; nothing here says whether a name exists."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from kinweave.core.problems import Problem
from kinweave.front.middleware import JSON_ONLY
from kinweave.house import accounts
from kinweave.house.sessions import device_of

# Pages that must stay open to someone who has first to choose a password or a second step.
FIRST_THINGS = ("/account/", "/sign-in/", "/sign-out/", "/language/", "/static/", "/health", "/set-up/")


class SecondStepNeeded(Problem):
    status, code = 403, "second-step-needed"
    says = "Your role needs a second step when signing in."
    remedy = "Open your account page and add a passkey or an app with codes."


class PasswordTemporary(Problem):
    status, code = 403, "password-temporary"
    says = "Your password was given to you by someone else."
    remedy = "Sign in on a page first and choose a password of your own."


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """How allauth behaves here: no sign-up, no mail, addresses as the proxy tells them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """No clinical word and no name goes by mail; alerts have their own way out."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """As above."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        request.session["device"] = device_of(request.headers.get("User-Agent", ""))
        return super().post_login(request, user, **more)

    def set_password(self, user: Any, password: str) -> None:
        """A password of one's own: other sessions end, and nothing has to be changed any more."""
        super().set_password(user, password)
        accounts.own_password_chosen(user)


class SecondStep(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second step lie sealed under the house key."""

    def encrypt(self, text: str) -> str:
        return accounts.seal_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return accounts.open_text(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        import segno

        out = BytesIO()
        segno.make(url, error="m").save(out, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False)
        return out.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Someone whose role needs a second step keeps at least one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        left = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return left or not accounts.needs_second_step(authenticator.user_id)


def client_address(request: Any) -> str:
    """The address a request comes from; behind our own proxy the one that the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def guessed_name(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """Tells one name from another in the lock-out table without holding what was typed."""
    given = credentials or {}
    typed = given.get("username") or given.get("login") or request.POST.get("login", "")
    digest = hmac.new(settings.SECRET_KEY.encode(), str(typed).strip().casefold().encode(), hashlib.sha256)
    return digest.hexdigest()[:40]


class FirstThingsMiddleware:
    """Before anything else: an own password, and a second step where the role needs one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.actor is not None and not request.path.startswith(FIRST_THINGS):
            problem = missing(request.user, request.actor.roles)
            if problem is not None:
                return self._first(request, problem)
        return self.get_response(request)

    def _first(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        if request.path.startswith(JSON_ONLY):
            return JsonResponse({"problem": problem.as_dict()}, status=problem.status)
        temporary = isinstance(problem, PasswordTemporary)
        return HttpResponseRedirect(reverse("account_change_password" if temporary else "mfa_index"))


def missing(account: Any, roles: Iterable[str]) -> Problem | None:
    """What an account must do before it may work, if anything."""
    if account.must_change:
        return PasswordTemporary()
    if accounts.needs_second_step(account.id, roles) and not has_second_step(account.id):
        return SecondStepNeeded()
    return None


def has_second_step(account_id: Any) -> bool:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=kinds).exists())
