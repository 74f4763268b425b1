"""The names of time zones, as the tz database has them."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Every zone's IANA name. Looked up once: the search walks through hundreds of files."""
    return frozenset(available_timezones())
