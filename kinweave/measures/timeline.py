"""Counts along time: one number for each week (month, day), none left out, each once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinweave.measures.frames import Floats, Ints, groups_of, read
from kinweave.measures.refusals import CannotTell, NotAllowedHere, TooMany

MOST: Final = 100_000
LARGEST: Final = 1e100  # squares of larger values leave the range of numbers
STEPS: Final = {1: "day", 7: "week"}
MONTH: Final = re.compile(r"^\d{4}-\d{2}$")  # stands for its first day


@dataclass(frozen=True)
class Timeline:
    """counts: (periods,), nan where a report is missing. times: as a reader writes them.

    step: day, week, month or number. days: since 1970 for the first three, else the number itself.
    """

    name: str
    times: tuple[str, ...]
    days: Ints
    counts: Floats
    step: str

    @property
    def per_year(self) -> int | None:
        return {"week": 52, "month": 12, "day": 365}.get(self.step)


def read_timelines(data: Any, count: str, time: str, by: str | None = None, *, whole: bool = True) -> list[Timeline]:
    """One timeline for each group of `by` (or one in all), sorted by time.

    time: dates (or text such as 2026-03-02) a day, a week or a month apart, or whole numbers. A period that is missing
    between others is refused: only the keeper of the file knows whether nothing happened or nothing was written.
    """
    frame = read(data, [count, time, by])
    counts = frame.numbers(count, low=0.0 if whole else -LARGEST, high=LARGEST, whole=whole)
    days, texts, dated = _times(frame.columns[time], time)
    codes, names = groups_of([frame.labels(by)]) if by else (np.zeros(frame.rows, dtype=np.int64), (("all",),))
    found = []
    for k, name in enumerate(names):
        mine = np.flatnonzero(codes == k)
        order = mine[np.argsort(days[mine], kind="stable")]
        if len(order):
            found.append(_one(name[0], order, days, texts, counts, dated, time))
    if len(found) > MOST:
        raise TooMany(what="groups", found=len(found), limit=MOST, instead="Take larger groups.")
    return found


def _times(column: Any, name: str) -> tuple[Ints, list[str], bool]:
    if getattr(column, "dtype", None) is not None and column.dtype.kind == "M":
        column = column.astype("datetime64[D]").astype(object)
    days, texts, dated = [], [], set()
    for row, value in enumerate(column):
        day, is_date = _day(value)
        if day is None:
            raise NotAllowedHere(row=row + 1, column=name, rule="a date such as 2026-03-02 or a whole number is needed")
        days.append(day)
        dated.add(is_date)
        texts.append((date(1970, 1, 1) + timedelta(days=day)).isoformat() if is_date else str(day))
    if len(dated) > 1:
        raise CannotTell(why=f"column {name} has both dates and numbers", instead="Write the times in one way.")
    return np.array(days, dtype=np.int64), texts, dated == {True}


def _day(value: Any) -> tuple[int | None, bool]:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days, True
    if isinstance(value, str):
        text = value.strip()
        try:
            day = text[:10] if len(text) > 10 and text[10] in "T " else f"{text}-01" if MONTH.match(text) else text
            return (date.fromisoformat(day) - date(1970, 1, 1)).days, True
        except ValueError:
            pass
        try:
            value = float(text)
        except ValueError:
            return None, False
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None, False
    fine = math.isfinite(number) and number == math.floor(number) and abs(number) < 2**53
    return (int(number), False) if fine else (None, False)


def _one(
    name: str, order: NDArray[np.int64], days: Ints, texts: list[str], counts: Floats, dated: bool, column: str
) -> Timeline:
    mine = days[order]
    gaps = np.diff(mine)
    if (gaps == 0).any():
        row = int(order[int(np.argmax(gaps == 0)) + 1]) + 1
        rule = "this time stands twice; add its counts up, or name the group"
        raise NotAllowedHere(row=row, column=column, rule=rule)
    step = "number" if not dated else STEPS.get(int(gaps.min()) if len(gaps) else 1, "")
    if dated and len(gaps) and gaps.min() >= 28 and len({texts[i][8:] for i in order}) == 1:
        step = "month"
        gaps = np.diff([int(texts[i][:4]) * 12 + int(texts[i][5:7]) for i in order])
    wanted = 7 if step == "week" else 1
    if not step or (len(gaps) and (gaps != wanted).any()):
        row = int(order[int(np.argmax(gaps != wanted)) + 1]) + 1 if len(gaps) else 1
        rule = "times must follow each other a day, a week or a month apart (write 0 where nothing happened)"
        raise NotAllowedHere(row=row, column=column, rule=rule)
    return Timeline(name, tuple(texts[i] for i in order), mine, counts[order], step)


def windows(timeline: Timeline, width: int, lag: int) -> Iterator[tuple[int, Floats]]:
    """(position, the `width` counts that end `lag` periods before it) for every position that has them all."""
    for at in range(width + lag, len(timeline.counts)):
        yield at, timeline.counts[at - width - lag : at - lag]
