"""A story stands beside a number as long as the one who told it says yes to exactly these words, and no longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.stories import BESIDE, LONGEST, MOST, PUBLIC_REPORT, mark, salted, unsalted
from kinweave.flows.erase import erase_person
from kinweave.flows.stories import choose_stories, offered, watch_stories
from kinweave.front.report.document import document, plain_text
from kinweave.house import erasure, replay
from kinweave.house.access import SYSTEM, Actor, NotAllowed
from kinweave.house.models import Due, Entry
from kinweave.house.sequencer import sequence
from kinweave.listen.actions_stories import (
    PURPOSE,
    agree_own_story,
    agree_story,
    change_story,
    recipient,
    record_story,
)
from kinweave.listen.actions_stories_shown import tell_story_back
from kinweave.listen.models import Story
from kinweave.listen.reads_stories import stories
from kinweave.people.actions import add_contact, add_tie, change_person, record_consent, withdraw_consent
from kinweave.people.door import access
from kinweave.people.models import Consent
from kinweave.published import reads
from kinweave.published.actions import drop_draft, sign_release, voice_release
from kinweave.published.models import Release, ShownStory, Signature
from kinweave.published.reads_stories import left_out, stories_of, where
from tests.published.make import draft, read

pytestmark = pytest.mark.django_db
WORDS = "At first I told nobody. Then we sat by the well, and a weight like canarystone went away."


def code_of(call):
    with pytest.raises(Problem) as fault:
        call()
    return fault.value.code


@pytest.fixture
def amina(world):
    return world.actor("amina")


@pytest.fixture
def person(world):
    return world.person(alias="Tendaishe", name="Nyaradzo Moyo", birth_year=1980)


@pytest.fixture
def story(amina, person):
    return record_story(by=amina, person_id=person, text=WORDS, language="en", about="better-and-worse").result["story"]


def say(by, person, story, given=True, **more):
    held = Story.objects.get(id=story).mark
    return agree_story(by=by, person_id=person, story_id=story, mark=held, given=given, **more)


@pytest.fixture
def agreed(amina, person, story):
    say(amina, person, story)
    return story


@pytest.fixture
def release(world):
    made = draft(world)["release"]
    read(world, made)
    return made


def choose(world, release, *chosen, by="gloria"):
    return choose_stories(by=world.actor(by), release_id=release, story_ids=list(chosen))


def sign(world, release, *names):
    for name in names or ("gloria", "farai", "imani"):
        action = voice_release if name == "imani" else sign_release
        action(by=world.actor(name), release_id=release, hash=Release.objects.get(id=release).hash)


@pytest.fixture
def out(world, agreed, release):
    choose(world, release, agreed)
    sign(world, release)
    return Release.objects.select_related("place").get(id=release)


def page(out):
    return Client().get(reverse("report", args=[out.slug])).content.decode()


def spoken(out):
    return Client().get(reverse("report-read", args=[out.slug]))


def replayed_equal():
    sequence()
    assert replay.check().faults == 0


# ------------------------------------------------------------------------------ the words and the yes


def test_the_words_are_sealed_in_the_table_and_in_the_journal(story, person, amina):
    row = Story.objects.get(id=story)
    assert b"canarystone" not in bytes(row.text)
    assert "canarystone" not in Entry.objects.get(subject_id=person, action="listen.record_story").parts
    (one,) = stories(access(person, by=amina))
    assert (one.story.text, one.story.language, one.story.about, one.yes) == (WORDS, "en", "better-and-worse", None)


def test_the_same_words_have_another_mark_each_time():
    """A mark without its salt cannot be tried with a guessed text."""
    from kinweave.core.stories import Story as Words

    told = Words(WORDS, "en", "", 2025)
    one, other = salted(told), salted(told)
    assert mark(one) != mark(other)
    assert unsalted(one) == unsalted(other) == told


def test_a_yes_is_to_exactly_these_words_in_this_kind_of_place(story, person, amina):
    say(amina, person, story, how="witnessed")
    row = Consent.objects.get(purpose=PURPOSE)
    assert (row.items, row.recipient) == ([Story.objects.get(id=story).mark, PUBLIC_REPORT], recipient(story))
    assert stories(access(person, by=amina))[0].agreed
    assert code_of(
        lambda: agree_story(by=amina, person_id=person, story_id=story, mark="0" * 64, given=True)
    ) == "story-changed"  # fmt: skip


def test_other_words_lose_the_yes_and_the_same_words_keep_it(agreed, person, amina):
    same = {"person_id": person, "story_id": agreed, "language": "en", "about": "better-and-worse"}
    change_story(by=amina, text=f"  {WORDS} ", **same)
    assert stories(access(person, by=amina))[0].agreed
    change_story(by=amina, text=f"{WORDS} And more.", **same)
    (one,) = stories(access(person, by=amina))
    assert (one.agreed, one.yes) == (False, None)
    assert Consent.objects.get(purpose=PURPOSE).withdrawn_at is not None
    replayed_equal()


def test_the_person_agrees_on_their_own_page_and_nobody_says_so_for_them(story, person, amina):
    own = Actor(None, kind="person", person_id=person)
    asked = {"person_id": person, "story_id": story, "mark": Story.objects.get(id=story).mark}
    for other in (amina, SYSTEM):
        with pytest.raises(NotAllowed):
            agree_own_story(by=other, **asked)
    assert code_of(lambda: say(amina, person, story, how="own")) == "unknown-choice"
    agree_own_story(by=own, **asked)
    assert Consent.objects.get(purpose=PURPOSE).how == "own"
    assert stories(access(person, by=own))[0].agreed


def test_a_minor_needs_a_guardian_also_on_the_own_page_and_also_later(world, amina, release):
    young = world.person(alias="Rufaro", consent=False, birth_year=timezone.localdate().year - 15)
    story = record_story(by=amina, person_id=young, text=WORDS, language="en").result["story"]
    own = Actor(None, kind="person", person_id=young)
    held = Story.objects.get(id=story).mark
    assert code_of(
        lambda: agree_own_story(by=own, person_id=young, story_id=story, mark=held)
    ) == "guardian-needed"  # fmt: skip
    tie = add_tie(by=amina, person_id=young, kind="guardian", name="Mai", guardian=True).result["tie"]
    say(amina, young, story, assent=True, guardian_tie_id=tie)
    assert [one.id for one in offered(world.actor("gloria"), release)] == [story]
    change_person(by=amina, person_id=young, birth_year=1980)
    grown = record_story(by=amina, person_id=young, text=f"{WORDS} Twice.", language="en").result["story"]
    say(amina, young, grown)
    change_person(by=amina, person_id=young, birth_year=timezone.localdate().year - 15)  # the year was wrong
    assert [one.id for one in offered(world.actor("gloria"), release)] == [story]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I am glad.", "story-length"),
        ("a" * (LONGEST + 1), "story-length"),
        ("They called me tendaishe, and I went with them.", "story-points-at-someone"),
        ("Then Nyaradzo, that is me, went to the well again.", "story-points-at-someone"),
        ("My friend Ruva sat with me the whole night long.", "story-points-at-someone"),
        ("We live in Ward 1, behind the mill, and we meet there.", "story-points-at-someone"),
        ("Call me on 0771 900 111 and I will tell you more.", "story-points-at-someone"),
        ("It was ٩٠٠١١١ that they always called at night.", "story-points-at-someone"),
    ],
)
def test_what_points_at_someone_is_refused_without_repeating_it(person, amina, text, code, caplog):
    add_tie(by=amina, person_id=person, kind="friend", name="Ruva")
    add_contact(by=amina, person_id=person, kind="phone", value="0771-900-111")
    with pytest.raises(Problem) as fault:
        record_story(by=amina, person_id=person, text=text, language="en")
    assert fault.value.code == code
    told = f"{fault.value} {fault.value.as_dict()} {caplog.text}".lower()
    assert not any(word in told for word in ("tendaishe", "nyaradzo", "ruva", "900"))
    assert not Story.objects.exists()


@pytest.mark.parametrize(("alias", "text"), [
    ("أمينة", "ثم قالوا لأمينة أن تأتي معهم إلى البئر."),
    ("نُور", "وكانت نور تجلس هناك كل مساء."),
    ("小兰", "后来他们叫小兰一起去井边，她就去了，一直坐到晚上才回家。"),
    ("सुनीता", "फिर उन्होंने सुनीता को बुलाया और वह आई।"),
    ("Zoë", "They said ZOE would come, and she came."),
])  # fmt: skip
def test_a_name_is_seen_in_other_scripts_and_spellings(world, amina, alias, text):
    one = world.person(alias=alias)
    asked = {"person_id": one, "text": text, "language": "ar"}
    assert code_of(lambda: record_story(by=amina, **asked)) == "story-points-at-someone"


@pytest.mark.parametrize("text", [
    "From 2019 to 2024 I slept badly, 2019-2024, and now I sleep.",
    "The rain came 3 times, and 12 of us planted maize together.",
])  # fmt: skip
def test_years_and_counts_are_no_telephone(person, amina, text):
    add_tie(by=amina, person_id=person, kind="family", name="Rain")
    assert record_story(by=amina, person_id=person, text=text, language="en").result["story"]


def test_a_colleague_without_reach_and_those_who_see_no_person_cannot_read_it(world, story, person):
    for name in ("baraka", "chipo", "esi", "gloria", "imani", "hope"):
        assert code_of(lambda name=name: access(person, by=world.actor(name), permission="listen.story")) in {
            "person-not-found", "not-allowed"
        }  # fmt: skip


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
