"""A world in which questions are asked, and a browser that is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from kinweave.care.actions import move_on
from kinweave.core.ids import uuid7
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.listen.actions import switch_instrument
from kinweave.listen.models import Draft

KEY = "how-you-have-been-9"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def asking(world: Any) -> Any:
    """Three questionnaires switched on (one of them with a safety item) and an emergency number."""
    for slug in ("phq-9", "audit-c", "gad-7"):
        switch_instrument(by=SYSTEM, slug=slug, on=True)
    change_setting(by=SYSTEM, key="house.emergency", value="0800 123")
    return world


def started(world: Any, **more: Any) -> UUID:
    """Someone whose meetings have begun."""
    person = world.person(**more)
    by = world.actor(more.get("by", "amina"))
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    return person


def signed_in(world: Any, name: str) -> Client:
    """A test client of an account."""
    client = Client()
    client.force_login(world.accounts[name], backend=BACKEND)
    return client


def session_of(world: Any, name: str) -> str:
    return str(signed_in(world, name).cookies["sessionid"].value)


def begin(client, person, key=KEY, language="en", way="each"):
    url = reverse("ask-begin", args=[person, key])
    sent = client.post(url, {"entry": str(uuid7()), "language": language, "way": way})
    assert sent.status_code == 302, sent.content[:300]
    return Draft.objects.order_by("-made_at").first()


def answer(client, person, draft, number, value, go="next"):
    return client.post(reverse("ask-question", args=[person, draft.id, number]), {"answer": value, "go": go})


def ask_all(client, person, values, draft=None):
    draft = draft or begin(client, person)
    for number, value in enumerate(values, 1):
        answer(client, person, draft, number, value)
    return draft


def check(person, draft):
    return reverse("ask-check", args=[person, draft.id])
