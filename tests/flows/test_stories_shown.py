"""A story stands beside a number as long as the one who told it says yes to exactly these words, and no longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.stories import BESIDE, MOST
from kinweave.flows.erase import erase_person
from kinweave.flows.stories import offered, watch_stories
from kinweave.front.report.document import document, plain_text
from kinweave.house import erasure
from kinweave.house.access import SYSTEM, Actor, NotAllowed
from kinweave.house.models import Due, Entry
from kinweave.listen.actions_stories import (
    PURPOSE,
    change_story,
    recipient,
    record_story,
    remove_own_story,
    remove_story,
)
from kinweave.listen.actions_stories_shown import tell_story_back
from kinweave.listen.models import Story
from kinweave.listen.reads_stories import stories
from kinweave.people.actions import record_consent, withdraw_consent
from kinweave.people.door import access
from kinweave.people.models import Consent
from kinweave.published import reads
from kinweave.published.actions import drop_draft
from kinweave.published.models import Release, ShownStory, Signature
from kinweave.published.reads_stories import left_out, stories_of, where
from tests.flows.telling import WORDS, choose, code_of, page, replayed_equal, say, sign, spoken
from tests.published.make import draft

pytestmark = pytest.mark.django_db


# ----------------------------------------------------------------------------------- into a report


def test_only_what_is_agreed_to_now_is_offered(world, amina, person, story, release):
    gloria, today = world.actor("gloria"), timezone.localdate()
    assert offered(gloria, release) == []
    say(amina, person, story, until=today - timedelta(days=1))
    assert offered(gloria, release) == []
    say(amina, person, story, given=False)
    assert offered(gloria, release) == []
    say(amina, person, story, until=today)
    assert [one.story.text for one in offered(gloria, release)] == [WORDS]
    assert code_of(lambda: offered(amina, release)) == "release-not-found"


def test_only_of_the_reports_own_place_and_organisation(world, amina, release, django_assert_max_num_queries):
    for n in range(3):
        there = world.person(alias=f"Ward two {n}", place_id=world.wards[1])
        told = record_story(by=amina, person_id=there, text=WORDS, language="en").result["story"]
        say(amina, there, told)
        with pytest.raises(Problem):
            choose(world, release, told)
        here = world.person(alias=f"Ward one {n}")
        say(amina, here, record_story(by=amina, person_id=here, text=WORDS, language="en").result["story"])
    with django_assert_max_num_queries(12):
        assert len(offered(world.actor("gloria"), release)) == 3


def test_two_at_most_and_none_where_no_number_is_shown(world, amina, release, agreed):
    others = []
    for n in range(MOST):
        one = world.person(alias=f"Another {n}")
        others.append(record_story(by=amina, person_id=one, text=WORDS, language="en").result["story"])
        say(amina, one, others[-1])
    assert code_of(lambda: choose(world, release, agreed, *others)) == "too-many-stories"
    few = draft(world, n=8)["release"]
    assert code_of(lambda: choose(world, few, agreed)) == "no-number-beside"


def test_choosing_makes_signatures_void_and_choosing_the_same_again_does_not(world, agreed, release):
    sign(world, release, "gloria")
    before = Release.objects.get(id=release).hash
    choose(world, release, agreed)
    row = Release.objects.get(id=release)
    assert row.hash != before
    assert reads.is_intact(row)
    assert not Signature.objects.filter(void=False).exists()
    sign(world, release, "gloria")
    choose(world, release, agreed, by="farai")
    assert Signature.objects.filter(void=False).count() == 1
    choose(world, release)
    assert Release.objects.get(id=release).hash == before  # as if there had been none
    assert not ShownStory.objects.exists()
    replayed_equal()


def test_a_published_story_stands_under_its_number_in_every_form(out):
    assert b"canarystone" not in bytes(ShownStory.objects.get().text)
    assert "canarystone" not in "".join(Entry.objects.values_list("parts", flat=True))
    html, text = page(out), spoken(out)
    assert WORDS in html
    assert "One person&#x27;s story. It does not stand for everyone." in html
    assert text["Cache-Control"] == Client().get(reverse("report", args=[out.slug]))["Cache-Control"] == "no-store"
    assert f"It does not stand for everyone.\n{WORDS}\n" in text.content.decode()
    lead = next(s for s in document(out, "ar", [], stories_of(out))["sections"] if s["id"] == "lead")
    said = next(b for b in lead["blocks"] if b["kind"] == "said")
    assert (said["language"], said["direction"], said["paragraphs"]) == ("en", "ltr", [WORDS])
    assert "Tendaishe" not in html
    year = str(timezone.localdate().year)
    assert f"Told in {year}." in html


def test_a_story_about_nothing_counted_has_a_part_of_its_own(out):
    shown = stories_of(out)[0]
    from dataclasses import replace

    alone = replace(shown, story=replace(shown.story, about=""))
    sections = document(out, "en", [], [alone])["sections"]
    assert [s["id"] for s in sections][:2] == ["lead", "stories"]
    assert "A person's own story." in plain_text(document(out, "en", [], [alone]))


def test_every_number_a_story_can_be_about_is_counted_and_has_its_part():
    from kinweave.learn.indicators import CATALOGUE
    from kinweave.learn.report import SECTIONS

    assert set(BESIDE) <= set(CATALOGUE)
    assert set(BESIDE.values()) <= set(SECTIONS)


def test_the_shelf_says_where_it_stands(out, person, amina, agreed):
    (one,) = where([agreed])
    assert (one.slug, one.place, one.state, one.back) == (out.slug, "Ward 1", "published", False)
    due = Due.objects.get(kind="story_shown")
    assert (due.who, due.person_id, due.ref_id, due.state) == (amina.account_id, person, agreed, "open")
    tell_story_back(by=amina, person_id=person, story_id=agreed)
    assert Story.objects.get().told_back_at is not None
    assert Due.objects.get(kind="story_shown").state == "done"
    replayed_equal()


# ------------------------------------------------------------------------------------- and away again


def taken(out, person):
    """Everything a reader can get, after she took it back."""
    assert "canarystone" not in page(out)
    assert "This story was taken back by the one who told it." in page(out)
    assert "canarystone" not in spoken(out).content.decode()
    again = reads.public(out.slug)
    assert again.hash == out.hash
    assert reads.is_intact(again)
    assert len(reads.signatures(again)) == 3
    assert [one.back for one in where([ShownStory.objects.get().story_id])] == [True]
    assert Due.objects.get(kind="story_shown").state == "dropped"
    replayed_equal()


def test_a_yes_taken_back_blanks_the_page_at_once_and_the_report_still_fits_its_signatures(out, person, amina):
    own = Actor(None, kind="person", person_id=person)
    withdraw_consent(by=own, person_id=person, consent_id=Consent.objects.get(purpose=PURPOSE).id)
    assert ShownStory.objects.get().state == "back"
    taken(out, person)


@pytest.mark.parametrize("how", ["no", "words", "other-yes", "clock"])
def test_however_a_yes_ends_the_page_is_blank(out, person, amina, agreed, how, monkeypatch):
    if how == "no":
        say(amina, person, agreed, given=False)
    elif how == "words":
        change_story(by=amina, person_id=person, story_id=agreed, text=f"{WORDS} Or so.", language="en")
    elif how == "other-yes":
        record_consent(
            by=amina, person_id=person, purpose=PURPOSE, given=True, recipient=recipient(agreed), items=["x"]
        )
    else:
        say(amina, person, agreed, until=timezone.localdate())
        assert watch_stories() == 0
        later = timezone.localdate() + timedelta(days=1)
        monkeypatch.setattr(timezone, "localdate", lambda *a: later)
        assert watch_stories() == 1
    taken(out, person)


@pytest.mark.parametrize("who", ["worker", "person"])
def test_a_removed_story_is_gone_from_the_record_and_from_every_report(out, world, person, amina, agreed, who):
    own = Actor(None, kind="person", person_id=person)
    asked = {"person_id": person, "story_id": agreed}
    for other in (amina, SYSTEM):
        with pytest.raises(NotAllowed):
            remove_own_story(by=other, **asked)
    assert code_of(lambda: remove_story(by=world.actor("baraka"), **asked)) == "person-not-found"
    if who == "worker":
        remove_story(by=amina, **asked)
    else:
        remove_own_story(by=own, **asked)
    assert Story.objects.get().text is None
    assert stories(access(person, by=own)) == []
    assert "canarystone" not in everything()
    taken(out, person)
    assert code_of(lambda: remove_story(by=amina, **asked)) == "not-found"
    assert offered(world.actor("gloria"), draft(world, n=440)["release"]) == []


def test_a_yes_that_ended_before_it_went_out_is_left_out_and_the_drafter_is_told(world, agreed, person, release, amina):
    choose(world, release, agreed)
    sign(world, release, "gloria", "farai")
    Consent.objects.filter(purpose=PURPOSE).update(until=date(2025, 1, 1))  # it ran out, and no clock has come by yet
    sign(world, release, "imani")
    row = reads.public(Release.objects.get(id=release).slug)
    assert (row.state, left_out(row), stories_of(row)) == ("published", 1, [])
    assert not Due.objects.filter(kind="story_shown").exists()
    assert "story" not in page(row).split("<article")[1].split("</article")[0].lower()


def test_a_draft_that_is_put_away_keeps_no_story(world, agreed, release):
    choose(world, release, agreed)
    drop_draft(by=world.actor("gloria"), release_id=release)
    row = ShownStory.objects.get()
    assert (row.state, row.text, where([agreed])) == ("out", None, [])
    replayed_equal()


def test_erasing_destroys_the_words_everywhere_and_replay_says_the_same(out, person, world, agreed, tmp_path, settings):
    settings.ERASURE_LEDGER = tmp_path / "erased.jsonl"
    erase_person(by=world.actor("farai"), person_id=person)
    erasure.destroy([person])
    assert Story.objects.get(id=agreed).text is None
    assert ShownStory.objects.get().text is None
    assert "taken back by the one who told it" in page(out)
    assert "canarystone" not in everything()
    assert reads.is_intact(reads.public(out.slug))
    assert offered(world.actor("gloria"), draft(world, n=440)["release"]) == []
    replayed_equal()


def everything() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        found = []
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            found += [repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()]
    return "\n".join(found)


def test_a_file_with_a_story_is_never_kept_on_the_disk(out, settings, tmp_path, monkeypatch):
    from kinweave.front.public import pages

    settings.HOME = tmp_path
    monkeypatch.setattr(pages, "passing", lambda doc: b"%PDF " + plain_text(doc).encode())
    url = reverse("report-pdf", args=[out.slug])
    first = Client().get(url)
    assert b"canarystone" in first.content
    assert first["Cache-Control"] == "no-store"
    assert not list(tmp_path.rglob("*.pdf"))
    withdraw_consent(by=SYSTEM, person_id=ShownStory.objects.get().person_id,
                     consent_id=Consent.objects.get(purpose=PURPOSE).id)  # fmt: skip
    assert b"canarystone" not in Client().get(url).content
