"""Which periods a report can be about. Plain Python: the form that asks for one loads nothing else."""

from __future__ import annotations

from datetime import date


def ends(key: int) -> tuple[int, int]:
    """First and last lake month (year * 12 + month - 1) of a period: year * 10 + quarter, or year * 10."""
    year, quarter = divmod(key, 10)
    return (year * 12, year * 12 + 11) if quarter == 0 else (year * 12 + 3 * quarter - 3, year * 12 + 3 * quarter - 1)


def quarters_of(key: int) -> list[int]:
    """The quarters of a year; of a quarter, itself."""
    return [key + q for q in (1, 2, 3, 4)] if key % 10 == 0 else [key]


def offered(first: date, today: date, follow_up: int) -> list[int]:
    """Whole periods since `first` whose follow-up (in months) lies in whole months before `today`, newest first."""
    last = today.year * 12 + today.month - 2 - follow_up
    start = first.year * 12 + first.month - 1
    keys = [year * 10 + q for year in range(first.year, today.year + 1) for q in range(5)]
    whole = [key for key in keys if ends(key)[1] <= last and ends(key)[1] >= start]
    return sorted(whole, key=lambda key: (ends(key)[1], key % 10 == 0), reverse=True)
