"""Canaries pushed through every error path: names and answers stay where only entitled readers look.

Several scripts, markup, format strings, text that runs backwards. None may stand in a log, a header, a cookie, an
address, a title, an error page, a message to a phone, a file's name, a session, or in clear in the database's files.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from kinweave.care.actions import note_session, set_goal
from kinweave.core.ids import uuid7
from kinweave.flows.receive import voice_worry
from kinweave.house import alerts, tokens
from kinweave.house.logs import NoContent
from kinweave.house.models import Account, Entry, Message, Session
from kinweave.house.registry import run
from kinweave.house.sessions import SessionStore
from kinweave.listen import drafts
from kinweave.people.actions import add_contact, add_tie
from kinweave.people.door import access
from tests.access.stage import BACKEND
from tests.care_world import asking, started

CANARIES = (
    "Kanaria Zvinoshamisa", "كناريا الغريبة", "ካናሪያ እንግዳ", "金丝雀怪", "<script>kanaria()</script>",
    "{0.__class__.kanaria}", "%(kanaria)s%n", "\u202eairanaK\u202c", "kanaria'); DROP TABLE x;--", "../../kanaria",
)  # fmt: skip


def found_in(text: str) -> list[str]:
    return [c for c in CANARIES if c in text or json.dumps(c)[1:-1] in text]


class Kept(logging.Handler):
    """What our own handler would have written, of every logger at its most talkative."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(NoContent())
        self.setFormatter(logging.Formatter(conf.LOGGING["formatters"]["line"]["format"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def said() -> Iterator[Kept]:
    """Everything logged in a test."""
    kept, root = Kept(), logging.getLogger()
    names = ["", "kinweave", "django", "django.request", "django.security", "django.db.backends", "django.template",
             "axes", "allauth", "csp", "ninja", "kinweave.front", "kinweave.api", "kinweave.alerts"]  # fmt: skip
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def amina(world) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.accounts["amina"], backend=BACKEND)
    return client


def outside(answer: Any) -> str:
    """All of an answer but its body: headers, cookies, where it leads, the page's title."""
    title = "".join(re.findall(r"<title>.*?</title>", answer.content.decode(errors="replace"), re.DOTALL))
    return (
        repr(dict(answer.headers)) + str(answer.headers) + answer.cookies.output() + getattr(answer, "url", "") + title
    )


def all_of(answer: Any) -> str:
    return outside(answer) + answer.content.decode(errors="replace")


@pytest.mark.django_db
@pytest.mark.parametrize("canary", CANARIES)
def test_pages_that_refuse_repeat_nothing(world, amina, said, canary) -> None:
    """Nothing of what was sent comes back from a page that says no."""
    person = started(world)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.force_login(world.accounts["amina"], backend=BACKEND)
    answers = [
        amina.get(f"/nothing/{canary}"),
        amina.get(f"/people/{canary}/"),
        amina.get(f"/report/{canary}/"),
        amina.get("/people/" + str(uuid7()) + "/", {"x": canary}),
        amina.get("/settings/", {"for": canary}),
        amina.get(f"/settings/one/{canary}/"),
        amina.post(f"/people/{person}/happened/", {"note": canary}),
        amina.post(f"/people/{uuid7()}/note/", {"note": canary}),
        amina.generic("DELETE", f"/people/{person}/?x={canary}"),
        strict.post(f"/people/{person}/goals/new/", {"words": canary}),
        amina.post("/api/entries", canary.encode(), content_type="application/json"),
        Client().get("/api/me", headers={"authorization": f"Bearer {canary.encode().hex()}"}),
        Client(raise_request_exception=False).get(f"/mine/{canary}/"),
        Client(raise_request_exception=False).get(f"/set-up/begin/{canary}/"),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        shown = all_of(answer).replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
        # The language switch of a page leads back to the page's own address.
        shown = re.sub(r'<input type="hidden" name="next" value="[^"]*">', "", shown)
        assert not found_in(shown), answer.request["PATH_INFO"]
    assert not found_in("\n".join(said.lines))


@pytest.mark.django_db
@pytest.mark.parametrize("canary", CANARIES)
def test_forms_come_back_to_who_typed_and_nowhere_else(world, amina, said, canary) -> None:
    """A form that does not fit shows what was typed; not in its title, headers, cookies or address."""
    person = started(world, alias=canary)
    entry = {"entry": str(uuid7())}
    tries = [
        ("/people/new/", {"alias": canary, "birth_year": canary}),
        ("/people/find/", {"words": canary}),
        ("/people/need/", {"code": canary, "reason": canary}),
        (f"/people/{person}/change/", {"alias": canary, "birth_year": canary}),
        (f"/people/{person}/contacts/new/", {"kind": canary, "value": canary}),
        (f"/people/{person}/goals/new/", {"words": canary}),
        (f"/people/{person}/note/", {"note": canary, "held": canary}),
        (f"/people/{person}/worry/", {"note": canary, "urgency": canary}),
        ("/sign-in/", {"login": canary, "password": canary}),
    ]
    for path, typed in tries:
        answer = amina.post(path, {**entry, **typed})
        assert answer.status_code < 500, path
        assert not found_in(outside(answer)), path
        assert not found_in(amina.cookies.output()), path
    for path in ("/people/", f"/people/{person}/", f"/people/{person}/held/", f"/people/{person}/happened/", "/today/"):
        page = amina.get(path)
        assert page.status_code == 200
        assert "<script>kanaria" not in page.content.decode()
        assert not found_in(outside(page)), path
    guess = Client().post("/sign-in/", {"login": canary, "password": canary})
    assert not found_in(outside(guess))
    assert not found_in("\n".join(said.lines))


@pytest.mark.django_db
@pytest.mark.parametrize("canary", CANARIES)
def test_api_errors_name_fields_and_repeat_nothing(world, said, canary) -> None:
    headers = {"authorization": f"Bearer {tokens.make_token(by=world.actor('amina'), name='t')[1]}"}
    head = {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat()}
    bodies = [
        ("people.register_person", {canary: 1}),
        ("people.register_person", {"organisation_id": canary, "alias": canary}),
        ("people.register_person", {"organisation_id": str(world.organisation), "alias": canary, "gender": canary}),
        (
            "people.register_person",
            {"organisation_id": str(world.organisation), "alias": canary, "facts": {canary: canary}},
        ),
        ("flows.welcome_person", {"person": {"alias": canary, canary: canary}}),
        ("flows.receive_response", {"person_id": str(uuid7()), "instrument": canary, "answers": {canary: canary}}),
        ("care.set_goal", {"person_id": canary, "text": canary}),
    ]
    for name, asked in bodies:
        for path, body in (
            (f"actions/{name}", {**head, "id": str(uuid7()), "asked": asked}),
            ("entries", {"entries": [{**head, "id": str(uuid7()), "action": name, "asked": asked}]}),
        ):
            answer = Client().post(f"/api/{path}", json.dumps(body), content_type="application/json", headers=headers)
            assert answer.status_code < 500, (name, path)
            assert not found_in(all_of(answer)), (name, path, answer.content)
            assert "kanaria" not in answer.content.decode().lower()
    assert not found_in("\n".join(said.lines))


@pytest.mark.django_db
@pytest.mark.parametrize("canary", CANARIES)
def test_a_server_error_tells_where_and_not_what(world, amina, said, monkeypatch, canary) -> None:
    person = started(world, alias=canary)

    def fall(*args: Any, **more: Any) -> Any:
        held = {"name": canary, "rows": args}
        raise RuntimeError(f"{canary} {held}")

    def clash(*args: Any, **more: Any) -> Any:
        raise IntegrityError(f"Key (name)=({canary}) is wrong")

    for target, how in (("kinweave.front.desk.pages_people.listed", fall), ("kinweave.people.listing.page", clash)):
        with monkeypatch.context() as patch:
            patch.setattr(target, how)
            answer = amina.get("/people/")
            assert answer.status_code == 500
            assert not found_in(all_of(answer))
    asked = {"person_id": str(person), "text": canary}
    body = {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "asked": asked}
    headers = {"authorization": f"Bearer {tokens.make_token(by=world.actor('amina'), name='t')[1]}"}
    for how in (fall, clash):
        with monkeypatch.context() as patch:
            patch.setattr("kinweave.house.registry.sealed_part", how)
            before = Entry.objects.count()
            over = Client(raise_request_exception=False).post(
                "/api/actions/care.set_goal", json.dumps(body), content_type="application/json", headers=headers
            )
            page = amina.post(f"/people/{person}/goals/new/", {"entry": str(uuid7()), "words": canary})
            for answer in (over, page):
                assert answer.status_code >= 500
                assert not found_in(all_of(answer))
            assert Entry.objects.count() == before
    assert any("django.request" in line for line in said.lines)
    assert not found_in("\n".join(said.lines))


@pytest.mark.django_db
@pytest.mark.parametrize("canary", CANARIES)
def test_files_are_named_by_us(world, said, canary, monkeypatch) -> None:
    """A file called like a person, with people in it: its name and rows stay in the sealed upload."""
    from kinweave.flows.intake import jobs, uploads

    monkeypatch.setattr(jobs, "start", lambda *a, **k: None)
    farai = Client(raise_request_exception=False)
    farai.force_login(world.accounts["farai"], backend=BACKEND)
    raw = f"name,year of birth\n{canary.replace(',', '')},19x0\n".encode()
    answer = farai.post("/import/new/people/", {"file": SimpleUploadedFile(f"{canary}.csv", raw)})
    assert answer.status_code in {302, 400, 422}, answer.status_code
    assert not found_in(outside(answer))
    home = uploads.home()
    for path in home.rglob("*") if home.exists() else ():
        assert not found_in(str(path))
        if path.is_file():
            assert canary.encode() not in path.read_bytes()
    for upload, _told in uploads.waiting(world.actor("farai")):
        upload.write("aside", [raw])
        aside = farai.get(f"/import/{upload.id}/aside/")
        assert aside["Content-Disposition"] == 'attachment; filename="set-aside.csv"'
        upload.delete()
    assert not found_in("\n".join(said.lines))


class Texts:
    """An SMS adapter that keeps what it was given."""

    sent: list[str] = []

    def send(self, number: str, text: str, reference: str) -> None:
        self.sent.append(f"{text} {reference}")


@pytest.mark.django_db
def test_mails_and_texts_hold_a_link_and_no_more(world, settings, mailoutbox, said) -> None:
    settings.KINWEAVE_SMS, Texts.sent = "tests.access.test_canary.Texts", []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Account.objects.update(email="x@example.org", phone="0770 000 000")
    for canary in CANARIES:
        person = started(world, alias=canary, name=canary)
        risk = voice_worry(by=world.actor("amina"), person_id=person, kinds=["self"], urgency="now", note=canary)
        alerts.alert([world.accounts["dalia"].id], "risk", risk.result["risk"])
        run("people.break_glass", by=world.actor("chipo"), person_id=person, reason=f"{canary} {canary} {canary}")
    alerts.deliver()
    assert len(mailoutbox) == len(Texts.sent) == 2 * len(CANARIES)
    for text in (*Texts.sent, *(mail.subject + mail.body + str(mail.extra_headers) for mail in mailoutbox)):
        assert not found_in(text)
        words = text.replace("/account/alerts/", "").lower()
        assert not re.search("risk|danger|health|worr|glass|emergency", words)
    assert not found_in(repr(list(Message.objects.values())))
    assert not found_in("\n".join(said.lines))


@pytest.mark.django_db(transaction=True)
def test_no_canary_lies_in_clear_in_the_databases_files() -> None:
    """Names, contacts, notes, goals, answers, half-answered forms, what waits in quarantine: only sealed."""
    from tests.world import make_world

    world = asking(make_world())
    by = world.actor("amina")
    client = Client(raise_request_exception=False)
    client.force_login(world.accounts["amina"], backend=BACKEND)
    for canary in CANARIES:
        person = started(world, alias=canary, name=canary)
        add_contact(by=by, person_id=person, kind="phone", value=canary, who_answers=canary, cover=canary)
        add_tie(by=by, person_id=person, kind="friend", name=canary)
        set_goal(by=by, person_id=person, text=canary)
        note_session(by=by, person_id=person, held=True, note=canary)
        voice_worry(by=by, person_id=person, kinds=["self"], urgency="today", note=canary)
        draft = drafts.begin(by, access(person, by=by), "gad-7", language="en")
        drafts.keep(draft, {"q1": canary})
        client.post("/people/find/", {"words": canary, "entry": str(uuid7())})
        client.get(f"/people/{person}/")
        run("people.break_glass", by=world.actor("chipo"), person_id=person, reason=f"{canary} {canary} {canary}")
        bad = {"person_id": str(person), "held": True, "note": canary, "kind": canary}
        sent = {"id": str(uuid7()), "happened_at": datetime.now(UTC).isoformat(), "action": "care.note_session"}
        batch = json.dumps({"entries": [{**sent, "asked": bad}]})
        headers = {"authorization": f"Bearer {tokens.make_token(by=by, name='t')[1]}"} if canary == CANARIES[0] else {}
        client.post("/api/entries", batch, content_type="application/json", headers=headers)
    for row in Session.objects.all():
        assert not found_in(json.dumps(SessionStore().decode(row.session_data), ensure_ascii=False))
    if connection.vendor == "sqlite":
        raw = b"".join(p.read_bytes() for p in _files())
    else:
        raw = "".join(_dump()).encode()
    assert len(raw) > 100_000
    for canary in CANARIES:
        for form in (canary.encode(), json.dumps(canary)[1:-1].encode(), canary.encode("utf-16-le")):
            assert form not in raw, canary


def _files() -> list[Path]:
    name = Path(str(connection.settings_dict["NAME"]))
    return [p for p in name.parent.glob(name.name + "*") if p.is_file()]


def _dump() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from (repr(row) for row in cursor.fetchall())
