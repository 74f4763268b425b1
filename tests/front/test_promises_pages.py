"""The register of promises on the desk: from an empty page to a late promise that was asked about and answered."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.decide.models import Promise
from tests.care_world import signed_in
from tests.decide.test_promises import ago, promise

pytestmark = pytest.mark.django_db
QUERIES = 10  # of these the register itself asks four: what is in reach, two settings, the time zone


def entry(**more):
    return {"entry": str(uuid7()), **more}


def text(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def test_a_promise_from_nothing_to_kept(world):
    gloria = signed_in(world, "gloria")
    assert "Nothing is written down yet" in text(gloria.get(reverse("promises")))
    page = text(gloria.get(reverse("promise-new")))
    assert page.count("Write no person's name. Reports show this to everyone. One language is enough.") == 1
    form = entry(
        what_en="Mend the roof", what_ar="", owner="Ward housing office", sector="housing", place=str(world.wards[0]),
        said_on=ago(300).isoformat(), due_on=ago(100).isoformat(),
    )  # fmt: skip
    sent = gloria.post(reverse("promise-new"), form)
    row = Promise.objects.get()
    here = reverse("promise", args=[row.id])
    assert sent["Location"] == here
    gloria.post(reverse("promise-new"), form)
    assert Promise.objects.count() == 1  # sent twice, written once
    assert "First ask whoever made it for an answer." in text(gloria.get(here))
    answer = gloria.post(reverse("promise-asked", args=[row.id]), entry(on=ago(200).isoformat()))
    assert answer.status_code == 422
    assert "This day does not fit" in text(answer)
    gloria.post(reverse("promise-asked", args=[row.id]), entry(on=ago(20).isoformat()))
    assert "Reports count it without a name until" in text(gloria.get(here))
    gloria.post(reverse("promise-reply", args=[row.id]), entry(on=ago(2).isoformat(), reply_ar="في أيار", reply_en=""))
    page = gloria.get(here)
    assert "Reports name it" in text(page)
    assert '<blockquote lang="ar" dir="rtl"><p>في أيار</p>' in page.content.decode()
    gloria.post(reverse("promise-kept", args=[row.id]), entry(on=ago(1).isoformat(), shown_by="It is tight"))
    assert re.search("Ward housing office · Ward 1 · kept on .* Kept late", text(gloria.get(reverse("promises"))))
    gloria.post(reverse("promise-reopen", args=[row.id]), entry())
    gloria.post(reverse("promise-drop", args=[row.id]), entry(why="by_mistake"))
    assert "It was entered by mistake" in text(gloria.get(here))


def test_what_is_missing_is_said_and_what_was_typed_stays(world):
    gloria = signed_in(world, "gloria")
    answer = gloria.post(reverse("promise-new"), entry(what_ar="باب", owner="", said_on="", due_on=""))
    assert answer.status_code == 422
    assert "باب" in answer.content.decode()
    row = promise(world)
    answer = gloria.post(reverse("promise-reply", args=[row]), entry(on=timezone.localdate().isoformat(), reply_en="x"))
    assert answer.status_code == 409
    assert "Nobody was asked for an answer yet" in text(answer)
    answer = gloria.post(reverse("promise-kept", args=[row]), entry(on="", shown_by="<b>seen</b>"))
    assert answer.status_code == 422
    assert "&lt;b&gt;seen&lt;/b&gt;" in answer.content.decode()


def test_who_only_reads_sees_no_form_and_no_page_asks_more_for_more_promises(world, django_assert_num_queries):
    rows = [promise(world, due=n) for n in (300, 5, -5)]
    imani = signed_in(world, "imani")
    page = imani.get(reverse("promise", args=[rows[0]])).content.decode()
    assert "<summary>" not in page
    assert reverse("promise-new") not in imani.get(reverse("promises")).content.decode()
    with django_assert_num_queries(QUERIES):
        imani.get(reverse("promises"))
    for n in range(5):
        promise(world, due=n)
    with django_assert_num_queries(QUERIES):
        said = text(imani.get(reverse("promises")))
    assert [said.index(f" {tag} ") for tag in ("Broken", "Late", "Still has time")] == sorted(
        said.index(f" {tag} ") for tag in ("Broken", "Late", "Still has time")
    )
    assert signed_in(world, "amina").get(reverse("promises")).status_code == 403


def test_today_reminds_whoever_wrote_it(world):
    row = promise(world, due=3)
    page = signed_in(world, "farai").get(reverse("today"))
    assert "A promise — its day is over: was it kept? If not, ask for an answer" in text(page)
    assert reverse("promise", args=[row]) in page.content.decode()
    promise(world, due=-2, by="gloria")
    assert "A promise" not in text(signed_in(world, "gloria").get(reverse("today")))
