"""A day on the phone, in a real browser whose network is switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kinweave.care.models import Goal, Risk, Session
from kinweave.house.models import Happened
from kinweave.listen.models import Response, Score
from kinweave.people.models import Consent, Contact, Person
from tests.browser import phone_day as day
from tests.care_world import asking, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return asking(make_world())


@pytest.fixture
def phone_of(world, new_page, site) -> Callable[..., Any]:
    def open_phone(name: str = "amina", **options: Any) -> Any:
        page = new_page(**{**day.SMALL, **options})
        day.sign_in(page, world, name, site)
        return page

    return open_phone


def test_set_up_and_todays_list(phone_of, site, world, shot):
    known = started(world, alias="Tendai")
    page = phone_of()
    day.set_up(page, site)
    shot(page, "phone-today")
    page.get_by_text("Tendai").first.wait_for()
    assert known
