"""Asking on the phone without signal: every questionnaire that is shipped, another language, someone under age."""

from __future__ import annotations

from typing import Any

import pytest

from kinweave.flows.phone import audio, teaching
from kinweave.front.sentences_care import NO_SCORE, band_words
from kinweave.house.access import SYSTEM
from kinweave.house.models import Held
from kinweave.listen.actions import switch_instrument
from kinweave.listen.models import Response, Score
from kinweave.listen.shelf import instruments
from kinweave.people.models import Consent, Person, Tie
from tests.browser import phone_day as day
from tests.care_world import asking, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return asking(make_world())


def set_up(world: Any, new_page: Any, site: str) -> Any:
    page = new_page(**day.SMALL)
    day.sign_in(page, world, "amina", site)
    day.set_up(page, site)
    day.ready_offline(page)
    page.context.set_offline(True)
    return page


def test_every_questionnaire_is_asked_and_counted_as_on_the_site(world, new_page, site):
    """One question a page, answers spread over the options, one declined; the words that the phone shows for its own
    count are those of the scores that the site counts by itself."""
    worded = [one for one in instruments().values() if one.wordings]
    for one in worded:
        switch_instrument(by=SYSTEM, slug=one.slug, on=True, licence_statement="for this test")
    person = started(world, alias="Tendai")
    page = set_up(world, new_page, site)
    shown: dict[str, list[str]] = {}
    for turn, one in enumerate(worded):
        title = one.wordings["en"].shown_as if "en" in one.wordings else next(iter(one.wordings.values())).shown_as
        day.home(page, "Tendai")
        page.get_by_role("link", name="Ask the questions").click()
        page.locator(".rows-list li").filter(has=page.get_by_text(title, exact=True)).get_by_role("link").click()
        page.get_by_role("button", name="Begin").click()
        answer_all(page, turn)
        page.get_by_role("button", name="Save the answers").click()
        page.get_by_text("Say it in their own words first.").wait_for()
        shown[one.slug] = page.locator(".card.wash .lead").all_inner_texts()
    page.context.set_offline(False)
    day.place(page, "Only here")
    day.send(page)
    assert Held.objects.count() == 0
    for one in worded:
        response = Response.objects.get(person_id=person, instrument=one.slug, superseded_by=None)
        kept = {row.scale: row for row in Score.objects.filter(response=response)}
        rows = [kept[scale.code] for scale in one.scales]
        wanted = [band_words(one.key, row.band) if row.scaled is not None else str(NO_SCORE) for row in rows]
        assert shown[one.slug] == wanted, one.slug
    assert len(worded) >= 10


def answer_all(page: Any, turn: int) -> None:
    """Answer what is asked until all is looked over; the card of a safety answer leads back to the questions."""
    for step in range(200):
        page.locator(".looked-over, form[data-do=next], .safety").first.wait_for()
        if page.locator(".looked-over").count():
            return
        if page.locator(".safety").count():
            page.get_by_role("link", name="Go on with the questions").click()
            page.locator(".safety").wait_for(state="detached")
            continue
        before = page.locator(".progress .meta").inner_text()
        options = page.locator("label.choice:not(.decline)")
        chosen = page.locator("label.choice.decline") if step == turn else options.nth((step + turn) % options.count())
        chosen.click()
        page.get_by_role("button", name="Next").click()
        page.wait_for_function(
            """before => document.querySelector('.safety, .looked-over')
                || (document.querySelector('.progress .meta') || {}).innerText !== before""",
            arg=before,
        )
    raise AssertionError("the questions do not end")


def silence(seconds: float = 0.2) -> bytes:
    """A WAV file of silence; the browser plays it whatever it is called."""
    samples = int(8000 * seconds)
    head = b"RIFF" + (36 + samples).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += b"\x01\x00\x01\x00" + (8000).to_bytes(4, "little") * 2 + b"\x01\x00\x08\x00"
    return head + b"data" + samples.to_bytes(4, "little") + b"\x80" * samples


def test_recordings_are_heard_without_signal_once_they_were_kept(world, new_page, site, settings, tmp_path, axe):
    folder = tmp_path / "how-you-have-been-9" / "en"
    folder.mkdir(parents=True)
    (folder / "q1.ogg").write_bytes(silence())
    settings.AUDIO = tmp_path
    audio.sounds.cache_clear()
    teaching.questionnaire.cache_clear()
    try:
        started(world, alias="Tendai")
        page = set_up(world, new_page, site)
        page.context.set_offline(False)
        day.home(page, "Tendai")
        page.get_by_role("link", name="Ask the questions").click()
        page.get_by_role("listitem").filter(has_text="9 questions").get_by_role("link", name="Begin").click()
        page.get_by_role("button", name="Keep 1 recording on this phone").click()
        page.get_by_text("The recordings are on this phone now.").wait_for()
        page.context.set_offline(True)
        page.get_by_role("button", name="Begin").click()
        page.locator("audio").wait_for()
        axe(page)
        heard = page.evaluate(
            """async () => { const one = document.querySelector('audio'); one.muted = true; await one.play();
            await new Promise((done) => { one.onended = done }); return one.duration; }"""
        )
        assert heard == pytest.approx(0.2, abs=0.05)
    finally:
        audio.sounds.cache_clear()
        teaching.questionnaire.cache_clear()


def test_consent_is_read_out_in_the_persons_language_without_signal(world, new_page, site):
    page = set_up(world, new_page, site)
    page.wait_for_function(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).some(k => k.url.endsWith('/words/ar.json'))))).some(Boolean)""",
        timeout=day.LONG,
    )
    day.add(page, "Noor")
    page.get_by_role("button", name="العربيّة").click()
    page.locator(".leaves[lang=ar][dir=rtl]").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("group", name="هل توافق؟").get_by_text("نعم").click()
    day.pick(page, "How they said it", "by word, with a witness")
    page.get_by_role("button", name="Next").click()
    page.get_by_text("2 of 3").wait_for()
    page.context.set_offline(False)
    day.place(page, "Only here")
    day.send(page)
    row = Consent.objects.get()
    assert (row.purpose, row.given, row.how, row.language) == ("care", True, "witnessed", "ar")
    assert len(row.items) == 2


def test_someone_under_age_needs_their_own_yes_and_a_guardians(world, new_page, site, axe):
    page = set_up(world, new_page, site)
    day.place(page, "Today")
    page.get_by_role("link", name="Someone new").click()
    page.get_by_label("What to call them").fill("Kudzai")
    page.get_by_label("Year of birth").fill("2012")
    page.get_by_role("button", name="Write them down").click()
    page.get_by_role("group", name="Do you agree?").get_by_text("Yes", exact=True).click()
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Ask the young person too.").wait_for()
    axe(page)
    day.pick(page, "The young person’s own answer", "Yes")
    page.locator("#i-guardian").fill("Aunt")
    day.pick(page, "The guardian’s answer", "Yes")
    page.get_by_role("button", name="Next").click()
    page.get_by_text("2 of 3").wait_for()
    page.context.set_offline(False)
    day.place(page, "Only here")
    day.send(page)
    assert Held.objects.count() == 0
    tie = Tie.objects.get()
    row = Consent.objects.get()
    assert (row.given, row.assent, row.guardian_tie_id, tie.guardian) == (True, True, tie.id, True)
    assert Person.objects.get().state == "consented"
