"""Reports on the desk: made by a process, read by a meeting, signed by two, taken back."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from kinweave.core.ids import uuid7
from kinweave.front.desk import pages_releases
from kinweave.learn import jobs
from kinweave.published import reads
from kinweave.published.models import Release
from tests.published.make import draft, read
from tests.published.test_releases import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client, world):
    def signed(name):
        client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed


def post(client, name, *args, **data):
    return client.post(reverse(name, args=args), {"entry": str(uuid7()), **data}, follow=True)


def said(answer):
    return answer.content.decode()


def test_the_empty_list_says_what_comes_first(sign_in):
    found = said(sign_in("gloria").get(reverse("releases")))
    assert "No report yet" in found
    assert reverse("release-new") in found


@pytest.mark.parametrize(
    ("name", "status"), [("gloria", 200), ("farai", 200), ("amina", 403), ("dalia", 403), ("hope", 403)]
)
def test_evaluators_and_coordinators_only(sign_in, world, name, status):
    made = draft(world)
    client = sign_in(name)
    for address in (reverse("releases"), reverse("release-new"), reverse("release", args=[made["release"]])):
        assert client.get(address).status_code == status


def test_a_visitor_is_asked_to_sign_in(client, world):
    assert client.get(reverse("releases")).status_code == 302


def test_a_draft_is_made_by_a_process_and_its_progress_shown(sign_in, world, monkeypatch):
    started = []

    def start(place, period, account, *more):
        started.append((place, period, account, *more))
        jobs.tell("a" * 32, step="safe", account=str(account))
        return "a" * 32

    monkeypatch.setattr(jobs, "start_draft", start)
    monkeypatch.setattr("kinweave.front.desk.pages_releases._periods", lambda: [20250, 20254])
    client = sign_in("gloria")
    answer = client.post(
        reverse("release-new"),
        {"place": str(world.wards[0]), "period": "20250", "template": "board", "languages": ["ar"]},
        follow=True,
    )
    assert started == [(world.wards[0], 20250, world.accounts["gloria"].id, "board", ["ar"])]
    assert "Hiding small numbers" in said(answer)
    assert f'value="{jobs.percent("safe")}"' in said(answer)
    made = draft(world)
    jobs.tell("a" * 32, jobs.DONE, "done", account=str(world.accounts["gloria"].id), release=str(made["release"]))
    part = client.get(reverse("release-making", args=["a" * 32]), headers={"hx-request": "true"})
    assert part["HX-Redirect"] == reverse("release", args=[made["release"]])


def test_a_job_that_failed_says_why_and_what_to_do(sign_in, world):
    from kinweave.learn.alone import AtWork

    account = str(world.accounts["gloria"].id)
    jobs.tell("b" * 32, jobs.FAILED, account=account, problem=AtWork().as_dict())
    found = said(sign_in("gloria").get(reverse("release-making", args=["b" * 32])))
    assert "The numbers are being made already." in found
    assert "hx-get" not in found
    assert sign_in("farai").get(reverse("release-making", args=["b" * 32])).status_code == 404


def test_a_place_that_does_not_exist_starts_nothing(sign_in, monkeypatch):
    monkeypatch.setattr(jobs, "start_draft", lambda *a: pytest.fail("started"))
    monkeypatch.setattr("kinweave.front.desk.pages_releases._periods", lambda: [20250])
    answer = sign_in("gloria").post(reverse("release-new"), {"place": str(uuid7()), "period": "20250"})
    assert answer.status_code == 422


def test_a_new_site_has_no_period_yet_and_says_so(sign_in):
    assert "No time can be counted whole yet." in said(sign_in("gloria").get(reverse("release-new")))


def test_the_draft_shows_the_preview_in_each_language_and_what_is_hidden(sign_in, world):
    made = draft(world)
    client = sign_in("gloria")
    english = said(client.get(reverse("release", args=[made["release"]])))
    assert "Of ten people who started" in english
    assert "2 of 15 groups have a number that is not shown." in english
    assert "January to March 2025: man" in english
    arabic = said(client.get(reverse("release", args=[made["release"]]), {"language": "ar"}))
    assert "من كل عشرة أشخاص" in arabic
    assert "Unchecked translation." in arabic


def test_the_whole_way_in_the_hands_of_two_people_and_a_voice(sign_in, world, client):
    made = draft(world)
    release = made["release"]
    gloria = sign_in("gloria")
    assert "It can be signed once" in said(gloria.get(reverse("release", args=[release])))
    answer = post(gloria, "release-reading", release, reading_en="Many sleep again.", wrong_en="The road was closed.")
    assert "Kept." in said(answer)
    shown = re.search(r'name="hash" value="(\w+)"', said(answer))[1]
    assert shown == Release.objects.get().hash
    untouched = post(gloria, "release-sign", release, hash=shown)
    assert "tick the box" in said(untouched)
    assert "Signed. It waits" in said(post(gloria, "release-sign", release, hash=shown, read="on"))
    assert "You have signed." in said(gloria.get(reverse("release", args=[release])))
    imani = sign_in("imani")
    page = said(imani.get(reverse("release", args=[release])))
    assert "Without you it does not go out." in page
    assert "Still to sign: 1 person and an organisation of people who use services." in page
    assert reverse("release-reading", args=[release]) not in page
    assert "Signed. It waits" in said(post(imani, "release-voice", release, hash=shown, read="on"))
    farai = sign_in("farai")
    assert "Published." in said(post(farai, "release-sign", release, hash=shown, read="on"))
    client.logout()
    assert client.get(reverse("report", args=[made["slug"]])).status_code == 200
    assert client.get(reverse("report-pdf", args=[made["slug"]])).status_code == 200


def test_signing_what_was_changed_meanwhile_is_refused_and_nothing_typed_is_lost(sign_in, world):
    made = draft(world)
    read(world, made["release"])
    client = sign_in("gloria")
    answer = post(client, "release-sign", made["release"], hash="0" * 64, read="on")
    assert answer.status_code == 409
    assert "was changed since you opened it" in said(answer)
    long = post(client, "release-reading", made["release"], reading_en="x" * 4001, wrong_en="Kept as typed.")
    assert "Kept as typed." in said(long)
    assert Release.objects.get().reading == {"en": "Many of us sleep again."}


def test_sending_a_signature_twice_signs_once(sign_in, world):
    made = draft(world)
    read(world, made["release"])
    client, entry = sign_in("gloria"), str(uuid7())
    for _ in range(2):
        post(client, "release-sign", made["release"], hash=Release.objects.get().hash, read="on", entry=entry)
    assert Release.objects.get().state == "signed"
    assert len(reads.signatures(Release.objects.get())) == 1


def test_taking_back_needs_a_reason_that_everyone_can_read(sign_in, world):
    made = publish(world)
    client = sign_in("farai")
    assert "at least 10" in said(post(client, "release-withdraw", made["release"], note="no"))
    answer = post(client, "release-withdraw", made["release"], note="Two wards were swapped.")
    assert "Taken back. Its address now says why." in said(answer)
    assert "Two wards were swapped." in said(answer)


def test_a_draft_can_be_put_away(sign_in, world):
    made = draft(world)
    answer = post(sign_in("gloria"), "release-drop", made["release"])
    assert "put away" in said(answer)
    assert "No report yet" in said(answer)


def test_every_step_of_a_job_has_words_and_each_comes_later_than_the_one_before():
    assert set(pages_releases.STEPS) == set(jobs.STEPS)
    assert sorted(jobs.STEPS.values()) == list(jobs.STEPS.values())
