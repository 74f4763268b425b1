"""What tests of the phone share: an asking world and phones registered in it."""

from __future__ import annotations

import pytest

from kinweave.front import api_bounds
from tests.care_world import asking
from tests.phone_kit import registered


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    api_bounds._seen.clear()


@pytest.fixture
def phone_of(world):
    asking(world)
    return lambda name="amina", **more: registered(world, name, **more)
