"""OpenRosa from end to end over the test client: list, form, entity list, send, retry, edit, and what is refused."""

from __future__ import annotations

import csv
import io

import pytest

from kinweave.care.reads_risks import *  # noqa: F403
from kinweave.listen.models import Response, Score
from tests.care_world import asking
from tests.exchange.phones import Phone, filled, set_up, told

pytestmark = pytest.mark.django_db
KEY = "how-you-have-been-9"


@pytest.fixture
def phone(world):
    asking(world)
    return Phone(set_up(world))


def phq(value=0, last=0):
    return {**{f"q{n}": value for n in range(1, 9)}, "q9": last}


def test_a_form_is_listed_downloaded_filled_and_sent(world, phone):
    person = world.person(alias="Rudo")
    row = phone.forms()[KEY]
    assert b"people.csv" in phone.form(KEY)
    people = phone.files(KEY)["people.csv"]
    assert people["type"] == "entityList"
    listed = list(csv.DictReader(io.StringIO(phone.get(people["downloadUrl"]).content.decode())))
    assert [one["name"] for one in listed] == [str(person)]
    xml = filled(KEY, row["version"], person, phq(1), asked_in="en", taken_on="2025-01-02")
    sent = phone.send(xml)
    assert sent.status_code == 201, told(sent)
    response = Response.objects.get()
    assert (response.person_id, response.mode, response.language) == (person, "phone", "en")
    assert Score.objects.get(scale="total").scaled == 8
