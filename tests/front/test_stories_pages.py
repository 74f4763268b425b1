"""A person's story on the pages: written down, read back, agreed to on two ways, chosen blindly, taken back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kinweave.core.ids import uuid7
from kinweave.house.models import ReadLog
from kinweave.listen.actions_stories import agree_story, record_story
from kinweave.listen.models import Story
from kinweave.people.actions import make_own_link
from kinweave.people.actions.records import digest_of
from kinweave.people.models import Consent
from kinweave.published.actions import sign_release, voice_release
from kinweave.published.models import Release, ShownStory
from tests.front.people_help import typed
from tests.published.make import draft, read

pytestmark = pytest.mark.django_db
WORDS = "At first I told nobody.\nThen we sat by the well, and a heavy stone went away."
TOKEN = "aToken_of-the-length-that-is-made"


@pytest.fixture
def person(world):
    return world.person(alias="Tendaishe", birth_year=1980)


def told(world, person, yes=True):
    story = record_story(by=world.actor("amina"), person_id=person, text=WORDS, language="en").result["story"]
    if yes:
        agree_story(by=world.actor("amina"), person_id=person, story_id=story, mark=Story.objects.get(id=story).mark,
                    given=True)  # fmt: skip
    return story


def text(answer):
    return answer.content.decode()


def test_a_worker_writes_it_down_reads_it_back_and_writes_the_yes(world, person, sign_in):
    amina, home = sign_in("amina"), reverse("person-stories", args=[person])
    assert "No story is written down" in text(amina.get(home))
    new = reverse("story-new", args=[person])
    refused, _ = typed(amina, new, text="I am Tendaishe, and I sleep again.", language="en", about="")
    assert refused.status_code == 422
    assert "a name from the record" in text(refused)
    assert "I am Tendaishe, and I sleep again." in text(refused)  # nothing typed is lost
    kept, _ = typed(amina, new, text=WORDS, language="en", about="support")
    assert kept.url == home
    story = Story.objects.get().id
    ask = reverse("story-agreed", args=[person, story])
    page = text(amina.get(ask))
    assert "a heavy stone went away" in page
    assert "cannot be called back" in page
    answer, _ = typed(amina, ask, given="yes", how="spoken", until="")
    assert answer.url == home
    assert Consent.objects.get(purpose="story").items[0] == Story.objects.get().mark
    assert "It stands in no report yet." in text(amina.get(home))


def test_words_changed_meanwhile_are_not_agreed_to_by_mistake(world, person, sign_in):
    amina, story = sign_in("amina"), told(world, person, yes=False)
    ask = reverse("story-agreed", args=[person, story])
    answer = amina.post(ask, {"entry": str(uuid7()), "mark": "0" * 64, "given": "yes", "how": "spoken"})
    assert answer.status_code == 409
    assert not Consent.objects.filter(purpose="story").exists()


def test_a_yes_in_the_list_of_consents_shows_no_numbers(world, person, sign_in):
    told(world, person)
    amina = sign_in("amina")
    page = text(amina.get(reverse("person-consents", args=[person])))
    assert "To show a story of yours in a report" in page
    assert Story.objects.get().mark not in page
    assert "story:" not in page
    assert "a story in a report" in text(amina.get(reverse("person", args=[person])))


def test_queries_do_not_grow_with_the_stories(world, person, sign_in, django_assert_max_num_queries):
    for _n in range(5):
        told(world, person)
    amina = sign_in("amina")
    with django_assert_max_num_queries(17):
        page = amina.get(reverse("person-stories", args=[person]))
    assert text(page).count("a heavy stone") == 5


def chosen(world, person, sign_in):
    """A story agreed to and chosen on the page by who drafts; the release."""
    story, made = told(world, person), draft(world)["release"]
    read(world, made)
    gloria, url = sign_in("gloria"), reverse("release-stories", args=[made])
    page = text(gloria.get(url))
    assert "a heavy stone went away" in page
    assert "Tendaishe" not in page
    assert str(person) not in page
    assert ReadLog.objects.get(page="release-stories").person_id == person
    answer, _ = typed(gloria, url, stories=str(story))
    assert answer.url == reverse("release", args=[made])
    return Release.objects.get(id=made)


def test_who_drafts_chooses_without_knowing_whose_it_is(world, person, sign_in, django_assert_max_num_queries):
    row = chosen(world, person, sign_in)
    gloria = sign_in("gloria")
    with django_assert_max_num_queries(22):
        page = text(gloria.get(reverse("release", args=[row.id])))
    assert "One person&#x27;s story. It does not stand for everyone." in page
    assert sign_in("imani").get(reverse("release-stories", args=[row.id])).status_code == 403
    assert "a heavy stone" in text(sign_in("imani").get(reverse("release", args=[row.id])))  # whoever signs reads it
    chosen_page = text(gloria.get(reverse("release-stories", args=[row.id])))
    assert "checked" in chosen_page


def test_with_nothing_to_choose_the_page_says_why(world, person, sign_in):
    few = draft(world, n=8)["release"]
    told(world, person)
    page = text(sign_in("gloria").get(reverse("release-stories", args=[few])))
    assert "No story to choose from" in page
    assert "a heavy stone" not in page


def out(world, row):
    for name in ("gloria", "farai", "imani"):
        action = voice_release if name == "imani" else sign_release
        action(by=world.actor(name), release_id=row.id, hash=Release.objects.get(id=row.id).hash)
    return reverse("report", args=[row.slug])


def test_on_the_own_page_they_read_it_see_where_it_stands_and_take_it_back(world, person, sign_in):
    public = out(world, chosen(world, person, sign_in))
    assert "a heavy stone" in text(Client().get(public))
    make_own_link(by=world.actor("dalia"), person_id=person, token_digest=digest_of(TOKEN))
    reader = Client()
    typed(reader, f"/mine/{TOKEN}/")
    mine = text(reader.get("/mine/"))
    assert "a heavy stone went away" in mine
    assert public in mine
    back = reverse("mine-back", args=[Consent.objects.get(purpose="story").id])
    typed(reader, back)
    assert "taken back from there" in text(reader.get("/mine/"))
    blank = text(Client().get(public))
    assert "a heavy stone" not in blank
    assert "This story was taken back by the one who told it." in blank


def test_on_the_own_page_they_say_yes_to_the_words_they_read(world, person):
    story = told(world, person, yes=False)
    make_own_link(by=world.actor("dalia"), person_id=person, token_digest=digest_of(TOKEN))
    reader = Client()
    typed(reader, f"/mine/{TOKEN}/")
    url = reverse("mine-story", args=[story])
    assert "cannot be called back" in text(reader.get(url))
    typed(reader, url)
    assert Consent.objects.get(purpose="story").how == "own"
    assert "on their own page" in text(reader.get("/mine/"))
    other = told(world, world.person(alias="Another"), yes=False)
    assert reader.get(reverse("mine-story", args=[other])).status_code == 404


def test_they_saw_where_it_stands(world, person, sign_in):
    out(world, chosen(world, person, sign_in))
    amina, home = sign_in("amina"), reverse("person-stories", args=[person])
    assert "They saw where it stands" in text(amina.get(home))
    shown = reverse("story-told-back", args=[person, Story.objects.get().id])
    assert amina.post(shown, {"entry": str(uuid7())}).url == home
    assert Story.objects.get().told_back_at is not None
    assert ShownStory.objects.get().state == "standing"


def test_the_drafter_sees_that_a_story_was_left_out(world, person, sign_in):
    row = chosen(world, person, sign_in)
    told_by = sign_in("amina")
    yes = Consent.objects.get(purpose="story")
    typed(told_by, reverse("consent-withdraw", args=[person, yes.id]))
    page = text(sign_in("gloria").get(reverse("release", args=[row.id])))
    assert "One story was left out: its yes no longer held." in page
    assert "a heavy stone" not in page


def test_a_story_is_removed_after_a_second_question_by_worker_or_person(world, person, sign_in):
    amina, story = sign_in("amina"), told(world, person)
    ask = reverse("story-remove", args=[person, story])
    assert "cannot be brought back" in text(amina.get(ask))
    assert Story.objects.get().text is not None  # asked, nothing done
    twice = {"entry": str(uuid7())}
    for answer in (amina.post(ask, twice), amina.post(ask, twice)):  # sent again: the same answer, nothing more
        assert answer.url == reverse("person-stories", args=[person])
    assert amina.post(ask, {"entry": str(uuid7())}).status_code == 404
    assert "No story is written down" in text(amina.get(answer.url))
    assert amina.get(ask).status_code == 404
    again = told(world, person)
    make_own_link(by=world.actor("dalia"), person_id=person, token_digest=digest_of(TOKEN))
    reader = Client()
    typed(reader, f"/mine/{TOKEN}/")
    own = reverse("mine-story-remove", args=[again])
    assert "a heavy stone went away" in text(reader.get(own))
    twice = {"entry": str(uuid7())}
    for answer in (reader.post(own, twice), reader.post(own, twice)):
        assert answer.url == "/mine/"
    page = text(reader.get("/mine/"))
    assert "a heavy stone" not in page
    assert "A story was removed" in page
