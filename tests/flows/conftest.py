"""A person, her story, her yes to it, a report in the making, and the report that went out with it."""

from __future__ import annotations

import pytest

from kinweave.listen.actions_stories import record_story
from kinweave.published.models import Release
from tests.flows.telling import WORDS, choose, say, sign
from tests.published.make import draft, read


@pytest.fixture
def amina(world):
    return world.actor("amina")


@pytest.fixture
def person(world):
    return world.person(alias="Tendaishe", name="Nyaradzo Moyo", birth_year=1980)


@pytest.fixture
def story(amina, person):
    return record_story(by=amina, person_id=person, text=WORDS, language="en", about="better-and-worse").result["story"]


@pytest.fixture
def agreed(amina, person, story):
    say(amina, person, story)
    return story


@pytest.fixture
def release(world):
    made = draft(world)["release"]
    read(world, made)
    return made


@pytest.fixture
def out(world, agreed, release):
    choose(world, release, agreed)
    sign(world, release)
    return Release.objects.select_related("place").get(id=release)
