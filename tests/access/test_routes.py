"""Walks the hand-written matrix: every address as every actor, for one's own person and for another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from kinweave.core.ids import uuid7
from kinweave.flows.intake import jobs, uploads
from kinweave.front.routes import ROUTES
from kinweave.house.models import Entry
from kinweave.house.sequencer import site
from tests.access import matrix
from tests.access.stage import CANARIES, LETTERS, TOKEN, nowhere

pytestmark = pytest.mark.django_db
# What addresses ask for beside ids.
WORDS = {
    "key": "how-you-have-been-7", "number": 1, "language": "en", "kind": "people", "job": "0" * 32, "text": "forged",
    "code": "forged", "pk": 1, "slug": "dangers", "form": "intake",
    "version": "0" * 16, "path": "phone/app/main.js", "name": "people.csv", "form_id": "how-you-have-been-7",
}  # fmt: skip
OTHERS = {
    "form-answers": {"kind": "csv"},
    "setting": {"key": "people.link_hours"},
    "paper": {"key": "how-you-have-been-7"},
    "paper-rows": {"kind": "meetings"},
}
READ_ONLY = {
    "health",
    "home",
    "me",
    "openapi-json",
    "api-root",
    "account_inactive",
    "mfa_index",
    "mfa_list_webauthn",
    "phone-instruments",
    "phone-audio",
    "phone",
    "phone-worker",
    "phone-manifest",
    "phone-words",
    "phone-file",
}  # not declared by routes.route, and never written to
PHONE_POST = {"phone-devices", "phone-envelopes", "phone-changes"}
TO_SIGN_IN = {"mfa_authenticate", "mfa_login_webauthn", "account_logout"}  # they lead there for everyone
# The same words for everyone, also where nothing changes: 302 to a page that says what is.
TURNS = re.compile(r'(csrfmiddlewaretoken"[^>]*value="[^"]*")|("X-CSRFToken": "\w+")|([0-9a-f]{8}-[0-9a-f-]{27})')


def patterns(resolver: Any = None, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, address, pattern) of everything that resolves, without the namespaces."""
    for one in (resolver or get_resolver()).url_patterns:
        at = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from patterns(one, at)
        else:
            yield one.name or at, at, one


@cache
def named() -> dict[str, str]:
    """Every address but the API's operations, which are actions and stand in their own matrix."""
    return {name: at for name, at, _ in patterns() if not at.startswith("api/actions/")}


def test_every_address_is_in_the_matrix_and_every_line_is_an_address() -> None:
    there = set(named())
    assert not there - set(matrix.ROUTES), f"not in the matrix: {sorted(there - set(matrix.ROUTES))}"
    assert not set(matrix.ROUTES) - there, f"no such address: {sorted(set(matrix.ROUTES) - there)}"
    assert set(ROUTES) <= there


def address(name: str, ids: dict[str, Any], whose: str = "mine") -> str:
    values = {**WORDS, **ids, **OTHERS.get(name, {}), "token": TOKEN[whose]}
    if name == "people-unmerge" and "twin_id" in ids:
        values["person_id"] = ids["twin_id"]
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", named()[name])
    full = f"api:{name}" if named()[name].startswith("api/") else name
    return reverse(full, kwargs={key: values[key] for key in wanted})


def allowed(name: str, whose: str) -> str:
    who = matrix.ROUTES[name]
    return who if isinstance(who, str) else who[whose == "theirs"]


def is_open(answer: Any, name: str) -> bool:
    """Whether an answer let its reader in: a page, a way on, or a form that says what is missing."""
    if answer.status_code in {301, 302}:
        return not answer.url.startswith("/sign-in/") or name in TO_SIGN_IN
    return answer.status_code in {200, 204, 409, 410, 422} or (name == "entries" and answer.status_code == 400)


def methods(name: str) -> tuple[str, ...]:
    if name in ROUTES:
        return ROUTES[name].methods
    if name in {"account-password", "account-leaves", "account-role", "account-back", "account-back-confirm"}:
        return ("POST",)
    return (
        ("POST",)
        if name in {"entries", "set-language", *PHONE_POST}
        else ("GET",)
        if name in READ_ONLY
        else ("GET", "POST")
    )


def ask(stage: Any, letter: str, method: str, url: str) -> Any:
    """One request whose writes are taken back, with a form that is empty but for its entry id."""
    client = stage.clients[letter]
    own = str(stage.world.foreign_programme if letter == "x" else stage.world.programme)
    url = f"{url}?for={own}" if url.startswith("/settings/") else url  # settings are set for one's own programme
    cookies = deepcopy(client.cookies)
    try:
        with transaction.atomic():
            if method == "GET":
                answer = client.get(url)
            elif url.startswith(("/api/", "/phone/api/")):
                answer = client.post(url, "{}", content_type="application/json")
            else:
                answer = client.post(url, {"entry": str(uuid7()), "for": own})
            answer.written = Entry.objects.count()
            raise Undo
    except Undo:
        client.cookies = cookies  # signed out, or a message: the next request begins anew
        return answer


class Undo(Exception):
    pass


def lines() -> list[tuple[str, str]]:
    return [(name, whose) for name in sorted(matrix.ROUTES) for whose in ("mine", "theirs")
            if whose == "mine" or not isinstance(matrix.ROUTES[name], str)]  # fmt: skip


class Absent:
    """What is answered where nothing is. Each address of nothing is asked for once: it is the same for both persons."""

    def __init__(self, stage: Any) -> None:
        self.stage, self.asked = stage, {}

    def alike(self, letter: str, method: str, url: str, gone: str, answer: Any) -> bool:
        """Whether forbidden and absent look the same. A difference has to show twice: the unread count or the clock
        may move between two looks, and tells nothing."""
        if url == gone:
            return True  # the address names nothing that could be absent
        if (letter, method, gone) not in self.asked:
            self.asked[letter, method, gone] = ask(self.stage, letter, method, gone)
        if same(answer, self.asked[letter, method, gone]):
            return True
        return same(ask(self.stage, letter, method, url), ask(self.stage, letter, method, gone))


@pytest.mark.sqlite_only  # the same walk twice would take minutes; the actions are walked on both databases
@pytest.mark.timeout(900)
def test_every_actor_at_every_door(stage, monkeypatch) -> None:
    """One walk through all of it; what went wrong is listed together."""
    there = uploads.opened_by_job(stage.ids["mine"]["upload_id"])
    monkeypatch.setattr(jobs, "start", lambda *a, **k: there)  # no process of its own here
    monkeypatch.setattr(jobs, "start_undo", lambda *a, **k: there)
    site()  # made on first use: here each use would be taken back
    wrong: list[str] = []
    before, absent, walked, nothing = Entry.objects.count(), nowhere(), 0, Absent(stage)
    for name, whose in lines():
        ids = {**stage.ids["mine"], **stage.ids[whose]}
        for method in methods(name):
            url, gone = address(name, ids, whose), address(name, {**ids, **absent}, whose)
            for letter in LETTERS:
                answer = ask(stage, letter, method, url)
                walked += 1
                at = f"{method} {name} ({whose}) as {LETTERS[letter] or letter}: {answer.status_code}"
                may = letter in allowed(name, whose)
                if may != (is_open(answer, name) or (may and method != "GET" and answer.status_code == 404)):
                    wrong.append(f"{at}, expected {'open' if may else 'closed'} {getattr(answer, 'url', '')}")
                elif not may:
                    wrong += [f"{at} wrote" for _ in "x" if answer.written != before]
                    if name.startswith("ask-") and letter in READERS[whose]:  # the person is theirs, the form is not
                        gone = address(name, {**ids, "draft_id": absent["draft_id"]}, whose)
                    if letter not in "vp" and not nothing.alike(letter, method, url, gone, answer):
                        wrong.append(f"{at}: tells forbidden from absent")
                if letter != "p":
                    wrong += [f"{at} shows {name_}" for name_ in strangers(letter, answer)]
    assert walked > 1500
    assert not wrong, f"{len(wrong)} of {walked}:\n" + "\n".join(wrong)


def same(one: Any, other: Any) -> bool:
    """Byte for byte, apart from what is fresh in every answer."""
    texts = [TURNS.sub("", answer.content.decode(errors="replace")) for answer in (one, other)]
    heads = [{k: v for k, v in answer.headers.items() if k != "Content-Length"} for answer in (one, other)]
    return one.status_code == other.status_code and texts[0] == texts[1] and fresh(heads[0]) == fresh(heads[1])


def fresh(head: dict[str, str]) -> dict[str, str]:
    return {k: "; ".join(sorted(TURNS.sub("", v).split("; "))) for k, v in head.items()}


# Who may read what is written about whom, in so many letters.
READERS = {"mine": "adf", "theirs": "cef"}


def strangers(letter: str, answer: Any) -> list[str]:
    """Canaries of people out of this reader's reach, anywhere in an answer."""
    text = answer.content.decode(errors="replace") + repr(dict(answer.headers)) + repr(answer.cookies)
    return [c for whose, names in CANARIES.items() if letter not in READERS[whose] for c in names if c in text]


def test_other_methods_are_refused(stage) -> None:
    client, walked = stage.clients["f"], 0
    for name in named():
        if name in ROUTES:
            for method in {"GET", "POST"} - set(ROUTES[name].methods):
                url = address(name, stage.ids["mine"])
                assert client.generic(method, url).status_code == 405, f"{method} {name}"
                walked += 1
    assert walked > 40


def test_nothing_answers_to_methods_nobody_declared(stage) -> None:
    for name in sorted(ROUTES):
        url = address(name, {**stage.ids["mine"]})
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            assert stage.clients["f"].generic(method, url).status_code == 405, f"{method} {name}"
