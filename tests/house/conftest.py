"""Each test of the house begins with an empty erasure ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def empty_ledger() -> Iterator[None]:
    settings.ERASURE_LEDGER.unlink(missing_ok=True)
    yield
    settings.ERASURE_LEDGER.unlink(missing_ok=True)
