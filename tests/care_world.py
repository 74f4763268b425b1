"""A world in which questions are asked, and a browser that is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.test import Client

from kinweave.care.actions import move_on
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.listen.actions import switch_instrument

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
