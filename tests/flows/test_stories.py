"""A person's own words: sealed, hers to say yes to word for word, and pointing at nobody."""

from __future__ import annotations

import pytest
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.stories import LONGEST, PUBLIC_REPORT, mark, salted, unsalted
from kinweave.flows.stories import offered
from kinweave.house.access import SYSTEM, Actor, NotAllowed
from kinweave.house.models import Entry
from kinweave.listen.actions_stories import PURPOSE, agree_own_story, agree_story, change_story, recipient, record_story
from kinweave.listen.models import Story
from kinweave.listen.reads_stories import stories
from kinweave.people.actions import add_contact, add_tie, change_person
from kinweave.people.door import access
from kinweave.people.models import Consent
from tests.flows.telling import WORDS, code_of, replayed_equal, say

pytestmark = pytest.mark.django_db


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
