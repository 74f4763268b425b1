"""Imports on the desk: nothing before a look, sealed on the disk, each file its owner's alone."""

from __future__ import annotations

import re
import shutil
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kinweave.care.models import Risk
from kinweave.core.ids import uuid7
from kinweave.flows.intake import jobs, uploads
from kinweave.house.models import Entry
from kinweave.listen.models import Response
from kinweave.people.models import Person
from tests.exchange.test_intake_people import HEAD, ROWS
from tests.exchange.test_intake_responses import DARK, known, row  # noqa: F401

pytestmark = pytest.mark.django_db
LIST = (HEAD + "\n".join(ROWS) + "\n").encode()


@pytest.fixture(autouse=True)
def no_uploads():
    yield
    for folder in uploads.home().glob("*"):
        shutil.rmtree(folder)


@pytest.fixture
def farai(world, client):
    client.force_login(world.accounts["farai"], "allauth.account.auth_backends.AuthenticationBackend")
    return client


def send(client, kind="people", content=LIST, name="Amina Juma and others.csv", **more):
    answer = client.post(reverse("import-new", args=[kind]), {"file": SimpleUploadedFile(name, content), **more})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer["Location"]


def fields(page):
    """The form of a page as a browser would send it back."""
    html = page.content.decode()
    form = html[html.index('<form method="post" action') :]
    found = {}
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', inner)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r'<input[^>]*type="radio"[^>]*>', form):
        if "checked" in tag:
            found[re.search(r'name="([^"]+)"', tag)[1]] = re.search(r'value="([^"]*)"', tag)[1]
    return found


def test_a_list_is_looked_over_brought_in_and_undone(farai, django_capture_on_commit_callbacks):
    where = send(farai)
    told = fields(farai.get(where))
    assert "name" in told.values()
    before = Entry.objects.count()
    assert farai.post(where, {**told, "do": "look"}).status_code == 302
    page = farai.get(where).content.decode()
    assert "This is what would happen" in page
    assert "Elsewhere" in page
    assert Entry.objects.count() == before
    farai.post(where, {**fields(farai.get(where)), "place0": "W2", "do": "match"})
    farai.post(where, {"do": "run"})
    page = farai.get(where)
    assert "It is in" in page.content.decode()
    assert Person.objects.count() == 5
    aside = farai.get(where + "aside/")
    assert aside["Content-Disposition"] == 'attachment; filename="set-aside.csv"'
    assert "Ngozi" in aside.content.decode("utf-8-sig")
    home = farai.get(reverse("import")).content.decode()
    assert "Amina" not in home
    undo = re.search(r'href="(/import/[^"]+/undo/)"', home)[1]
    with django_capture_on_commit_callbacks(execute=True):
        answer = farai.post(undo)
    assert "It is undone" in farai.get(answer["Location"]).content.decode()
    assert not Person.objects.filter(erased_at=None).exists()
    assert farai.get(undo).status_code == 404


def test_answers_come_in_with_a_word_about_danger_first(farai, known):  # noqa: F811
    head = ",".join(["today", "person_id", *(f"screening-phq9_{n}" for n in range(1, 10)), "KEY"])
    content = "\n".join([head, row(1), row(2, answers=DARK), ""]).encode()
    where = send(farai, "responses", content, "answers.csv", instrument="phq-9")
    page = farai.get(where)
    told = fields(page)
    assert (told["role_person"], told["item_q9"]) == ("person_id", "screening-phq9_9")
    words = re.findall(r"The word “(\w+)” means", page.content.decode())
    assert (words, told["word0"]) == (["more_than_half"], "2")
    farai.post(where, {**told, "do": "look"})
    page = farai.get(where).content.decode()
    assert "1 row holds an answer that someone must look at" in page
    assert not Response.objects.exists()
    farai.post(where, {"do": "run"})
    assert (Response.objects.count(), Risk.objects.count()) == (2, 1)


def test_nothing_of_a_file_lies_plain_on_the_disk_and_it_goes_after_use(farai):
    where = send(farai)
    files = [f for f in uploads.home().rglob("*") if f.is_file()]
    assert len(files) == 2
    assert not [f for f in files if b"Juma" in f.read_bytes() or b"village" in f.read_bytes()]
    farai.post(where, {**fields(farai.get(where)), "do": "look"})
    farai.post(where, {"do": "run"})
    assert not list(uploads.home().rglob("data"))


def test_a_file_is_its_owners_alone_and_can_be_deleted(farai, world, client):
    where = send(farai)
    other = Client()
    for name in ("amina", "dalia", "gloria", "hope"):
        other.force_login(world.accounts[name], "allauth.account.auth_backends.AuthenticationBackend")
        for address in (where, where + "aside/", reverse("import"), reverse("import-new", args=["people"])):
            assert other.get(address).status_code == 403
        assert other.post(reverse("import-new", args=["people"]), {}).status_code == 403
    assert farai.get(reverse("import-job", args=[uuid7()])).status_code == 404
    farai.post(where, {"do": "drop"})
    assert farai.get(where).status_code == 404


def test_a_file_that_is_no_table_is_named_and_nothing_of_it_is_shown(farai):
    where = send(farai, content=b"%PDF-1.4 Amina Juma", name="list.pdf")
    page = farai.get(where).content.decode()
    assert "PDF document" in page
    assert "Juma" not in page
    assert Person.objects.count() == 0


def test_a_form_without_its_token_is_refused(world):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.accounts["farai"], "allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post(reverse("import-new", args=["people"]), {"file": SimpleUploadedFile("x.csv", LIST)})
    assert answer.status_code == 403


def test_without_an_answer_about_consent_the_list_waits(farai):
    where = send(farai, content=b"client id,name\nP-1,Amina Juma\n")
    answer = farai.post(where, {**fields(farai.get(where)), "do": "look"})
    assert answer.status_code == 422
    assert "agreed before" in answer.content.decode()


def test_a_step_whose_process_died_can_go_on(farai, world, monkeypatch):
    where = send(farai)
    farai.post(where, {**fields(farai.get(where)), "do": "look"})
    [(upload, _)] = uploads.waiting(world.actor("farai"))
    upload.save(stage="working", step="run", done=1, total=6)
    page = farai.get(where)
    assert page["Refresh"] == "3"
    monkeypatch.setattr(jobs, "SILENT", -1)
    assert "Go on" in farai.get(where).content.decode()
    farai.post(where, {"do": "again"})
    assert "It is in" in farai.get(where).content.decode()
    assert Person.objects.count() == 4


def test_what_nobody_came_back_for_is_deleted_after_a_day(farai, monkeypatch):
    where = send(farai)
    assert not uploads.some_are_old()
    real = time.time()
    monkeypatch.setattr(uploads.time, "time", lambda: real + 25 * 3600)
    assert uploads.some_are_old()
    assert uploads.clear_old() == 1
    assert farai.get(where).status_code == 404
