"""What the tests of the desk's people pages share: someone on their way, a form sent as a browser does."""

from __future__ import annotations

import re

from django.test import Client

from kinweave.care.actions import move_on


def started(world, **more):
    person = world.person(**more)
    by = world.actor(more.get("by", "amina"))
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    return person


def typed(client: Client, url: str, **values):
    """Open a form and send it as a browser would: with its hidden fields, and `values` on top."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    html = page.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    hidden.pop("csrfmiddlewaretoken", None)
    return client.post(url, {**hidden, **values}), {**hidden, **values}
