"""Repeated scores as sums by visit pattern: all that a linear mixed model needs, and nobody's row.

A pattern is one group of people seen at the same times. Kept of it: how many they are, the sum of their scores at each
visit, and the sums of products of each two visits. Sums add, so that sites can be put together without people leaving
home (`federation`), and a million people are one GROUP BY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from kinweave.measures.frames import Floats, check_columns, groups_of, is_ibis, read
from kinweave.measures.refusals import ChangesWithin, TooFew, TooMany, TwiceTheSame
from kinweave.measures.results import LeftOut, some

MOST_TIMES: Final = 120
_IN_WINDOWS = "Put the visits into windows first: month 0, 3, 6 and so on"


@dataclass(frozen=True)
class Pattern:
    """group: one value for each group column. visits: which of the table's times, ascending. n: people.

    total: (visits,), sum of their scores. products: (visits, visits), sums of products. Both of
    (score − origin) / unit of the table.
    """

    group: tuple[str, ...]
    visits: tuple[int, ...]
    n: int
    total: Floats
    products: Floats


@dataclass(frozen=True)
class Moments:
    """times: (visits,), ascending, in the reader's unit of time. columns: names of the group columns.

    origin, unit: the scores were taken from and divided by these before summing, so that large numbers keep their
    digits. left_out: people who gave no score, or whose group is not known. withheld: patterns that a site kept back.
    """

    times: tuple[float, ...]
    columns: tuple[str, ...]
    origin: float
    unit: float
    patterns: tuple[Pattern, ...]
    left_out: tuple[LeftOut, ...] = ()
    withheld: int = 0
    withheld_at_most: int = 0

    def __repr__(self) -> str:
        return f"Moments({len(self.patterns)} patterns, {self.n} people)"

    @property
    def n(self) -> int:
        """People with at least one score."""
        return sum(p.n for p in self.patterns)

    @property
    def scores(self) -> int:
        """Scores in all."""
        return sum(p.n * len(p.visits) for p in self.patterns)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The combinations of groups that occur, sorted."""
        return tuple(sorted({p.group for p in self.patterns}))

    def seen(self) -> dict[tuple[str, ...], list[int]]:
        """How many people of each group were seen at each time."""
        found = {group: [0] * len(self.times) for group in self.groups}
        for p in self.patterns:
            for visit in p.visits:
                found[p.group][visit] += p.n
        return found

    def moved(self, origin: float, unit: float) -> Moments:
        """The same sums taken from another origin and in another unit. Exact but for rounding."""
        scale, shift = self.unit / unit, (self.origin - origin) / unit
        return replace(self, origin=origin, unit=unit, patterns=tuple(_moved(p, scale, shift) for p in self.patterns))

    def by(self, columns: Sequence[str]) -> Moments:
        """The same people by fewer group columns."""
        kept = [self.columns.index(c) for c in columns]
        return replace(self, columns=tuple(columns), patterns=merged(
            replace(p, group=tuple(p.group[i] for i in kept)) for p in self.patterns
        ))  # fmt: skip


def _moved(p: Pattern, scale: float, shift: float) -> Pattern:
    total = p.total * scale
    cross = shift * (total[:, None] + total[None, :])
    return replace(p, total=total + p.n * shift, products=p.products * scale * scale + cross + p.n * shift * shift)


def merged(patterns: Any) -> tuple[Pattern, ...]:
    """Patterns of the same group and visits added up, in a fixed order."""
    found: dict[tuple[tuple[str, ...], tuple[int, ...]], Pattern] = {}
    for p in patterns:
        old = found.get((p.group, p.visits))
        found[p.group, p.visits] = p if old is None else Pattern(
            p.group, p.visits, old.n + p.n, old.total + p.total, old.products + p.products
        )  # fmt: skip
    return tuple(found[key] for key in sorted(found))


def take_moments(
    data: Any, *, person: str, time: str, score: str, groups: Sequence[str] = (), origin: float | None = None,
    unit: float | None = None,
) -> Moments:  # fmt: skip
    """The sums of a long table: one row for each person and visit.

    person: column that tells people apart. time: column of numbers, the same for all people at a visit (windows, not
    days). score: column of numbers; empty means missing. groups: columns that stay the same within a person.
    origin, unit: what to take from scores and divide them by; by default about their mean and spread.
    Refuses a person with two scores at one time, and a group that changes.
    """
    check_columns(data, [person, time, score, *groups])
    if is_ibis(data):
        from kinweave.measures.moments_ibis import moments_of_table

        return moments_of_table(data, person, time, score, tuple(groups), origin, unit)
    frame = read(data, [person, time, score, *groups])
    who, at, value = frame.labels(person), frame.numbers(time), frame.numbers(score)
    group, names = groups_of(frame.each(groups)) if groups else (np.zeros(frame.rows, dtype=np.int64), ((),))
    known = who.codes >= 0
    people = len(who.names)
    first = np.full(people, -2, dtype=np.int64)
    first[who.codes[known][::-1]] = group[known][::-1]  # the first row of a person wins
    changed = np.unique(who.codes[known][group[known] != first[who.codes[known]]])
    if len(changed):
        raise ChangesWithin(column=" or ".join(groups), found=len(changed))
    used = known & np.isfinite(at) & np.isfinite(value)
    times, visit = np.unique(at[used], return_inverse=True)
    check_times(len(times))
    origin, unit = scale_of(value[used], origin, unit)
    wide = np.full((people, len(times)), np.nan)
    _no_twins(who.codes[used], visit, np.flatnonzero(used), len(times), person, time)
    wide[who.codes[used], visit] = (value[used] - origin) / unit
    there = np.isfinite(wide)
    patterns = tuple(_patterns(wide, there, first, names))
    nobody = there.any(axis=1)
    left = some([
        ("rows without a person", int((~known).sum())),
        ("people without any score", int(((first >= 0) & ~nobody).sum())),
        (f"people whose {' or '.join(groups) or 'group'} is not known", int((first == -1).sum())),
    ])  # fmt: skip
    return Moments(tuple(float(t) for t in times), tuple(groups), origin, unit, patterns, left)


def check_times(found: int) -> None:
    if found == 0:
        raise TooFew(what="scores", found=0, needed=1)
    if found > MOST_TIMES:
        raise TooMany(what="different times", found=found, limit=MOST_TIMES, instead=_IN_WINDOWS)


def scale_of(values: Floats, origin: float | None, unit: float | None) -> tuple[float, float]:
    """An origin near the mean and a unit near the spread, both with few digits so that sites write them alike."""
    if origin is not None and unit is not None:
        return origin, unit
    middle = float(np.mean(values)) if origin is None else origin
    spread = float(np.max(np.abs(values - middle))) if unit is None else unit
    return middle, spread if spread > 0 else 1.0


def _no_twins(who: Any, visit: Any, rows: Any, times: int, person: str, time: str) -> None:
    kinds, where, count = np.unique(who * times + visit, return_index=True, return_counts=True)
    if len(kinds) < len(who):
        twice = count > 1
        raise TwiceTheSame(found=int(twice.sum()), keys=f"{person} and {time}", row=int(rows[where[twice]].min()) + 1)


def _patterns(wide: Floats, there: Any, group: Any, names: Sequence[tuple[str, ...]]) -> Any:
    """One pattern after the other, sorted by group and visits."""
    use = there.any(axis=1) & (group >= 0)
    keys = np.column_stack([group[use], there[use]]).astype(np.int16)
    kinds, found = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(found, kind="stable")
    ends = np.cumsum(np.bincount(found, minlength=len(kinds)))
    rows = np.flatnonzero(use)[order]
    made = []
    for kind, start, end in zip(kinds, np.concatenate([[0], ends[:-1]]), ends, strict=True):
        visits = np.flatnonzero(kind[1:])
        scores = wide[np.ix_(rows[start:end], visits)]
        made.append(Pattern(
            names[int(kind[0])], tuple(int(v) for v in visits), int(end - start), scores.sum(axis=0), scores.T @ scores
        ))  # fmt: skip
    return merged(made)
