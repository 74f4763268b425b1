import pytest

from kinweave.front import api_bounds


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    api_bounds._seen.clear()


@pytest.fixture
def stage(world):
    from tests.access.stage import set_stage

    return set_stage(world)
