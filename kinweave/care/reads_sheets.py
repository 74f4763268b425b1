"""Lines of paper registers that were typed already."""

from __future__ import annotations

from collections.abc import Iterable

from kinweave.care.models import Session


def lines_typed(numbers: Iterable[str]) -> set[str]:
    """Which of these numbers (a sheet's number and its line) were typed and still stand. One query."""
    # Saying that the number is not empty is what lets SQLite use the index over sheets alone.
    found = Session.objects.filter(sheet__in=list(numbers), superseded_by=None).exclude(sheet="")
    return set(found.values_list("sheet", flat=True))
