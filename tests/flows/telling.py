"""What tests of stories do again and again: say yes to one, choose it, sign the report, look at the page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kinweave.core.problems import Problem
from kinweave.flows.stories import choose_stories
from kinweave.house import replay
from kinweave.house.sequencer import sequence
from kinweave.listen.actions_stories import agree_story
from kinweave.listen.models import Story
from kinweave.published.actions import sign_release, voice_release
from kinweave.published.models import Release

WORDS = "At first I told nobody. Then we sat by the well, and a weight like canarystone went away."


def code_of(call):
    with pytest.raises(Problem) as fault:
        call()
    return fault.value.code


def say(by, person, story, given=True, **more):
    held = Story.objects.get(id=story).mark
    return agree_story(by=by, person_id=person, story_id=story, mark=held, given=given, **more)


def choose(world, release, *chosen, by="gloria"):
    return choose_stories(by=world.actor(by), release_id=release, story_ids=list(chosen))


def sign(world, release, *names):
    for name in names or ("gloria", "farai", "imani"):
        action = voice_release if name == "imani" else sign_release
        action(by=world.actor(name), release_id=release, hash=Release.objects.get(id=release).hash)


def page(out):
    return Client().get(reverse("report", args=[out.slug])).content.decode()


def spoken(out):
    return Client().get(reverse("report-read", args=[out.slug]))


def replayed_equal():
    sequence()
    assert replay.check().faults == 0
