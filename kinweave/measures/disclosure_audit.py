"""What an attacker can work out: the range of every hidden count, by linear programming.

The attacker knows every rounded value and the rule that made it, so a lowest and a highest count behind each;
every sum that ties cells together, in this table and in earlier ones of the same people; and that no count is
below nought. The classical audit of cell suppression: Hundepool et al., Statistical Disclosure Control, Wiley
2012, ch. 4.

Counts are looked at together with those they are tied to, up to NEIGHBOURHOODS of them, everything farther away
held still. A table that fits there also fits the whole, so "safe" is never said wrongly; where no such table
shows, the count is called exposed and more is hidden. Each table found widens the ranges of many counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from kinweave.measures.disclosure_keys import Family, Key

Range = tuple[float, float | None]
# About how many counts are looked at together: first few, which is quick and mostly enough, then many.
NEIGHBOURHOODS: Final = (400, 4000)
# No count can be this high; a bound keeps the solver from running off to infinity.
CEILING: Final = 10**6
SLACK: Final = 1e-6
# Up to so many counts are first slid by hand: for few, the solver takes longer to begin than to answer.
BY_HAND: Final = 120
# So often in a row all open counts are moved at once for nothing before each that is left is looked at alone.
IN_VAIN: Final = 3


@dataclass(frozen=True)
class Known:
    """What stands fixed for the attacker.

    exact: values known. ranges: lowest and highest of each other count (None: no limit). fits: for each of
    those one value such that all of them together fit every family (the true ones do).
    """

    exact: Mapping[Key, int]
    ranges: Mapping[Key, Range]
    fits: Mapping[Key, float]


@dataclass(frozen=True)
class Need:
    """A hidden count is safe if its range is `width` wide and reaches up to `reach`."""

    reach: int
    width: int


@dataclass(frozen=True)
class Near:
    """Counts that are looked at together, and the sums that tie them: matrix @ values = right, within bounds."""

    keys: list[Key]
    matrix: csr_array
    right: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def furthest(self, aim: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """The values that fit and go furthest along `aim`, between `low` and `high`; None if none were found."""
        bounds = np.column_stack((low, high))
        answer = linprog(
            -aim, A_eq=self.matrix, b_eq=self.right, bounds=bounds, method="highs-ds", options={"presolve": False}
        )
        return answer.x if answer.status == 0 else None


class Audit:
    """Ranges found so far. They only widen: hiding more never takes an attacker's doubt away."""

    def __init__(self, touching: Mapping[Key, Sequence[Family]]) -> None:
        self.touching = touching
        self.low: dict[Key, float] = {}
        self.high: dict[Key, float] = {}

    def exposed(self, known: Known, needs: Mapping[Key, Need]) -> list[Key]:
        """Those of `needs` whose range is not shown to be wide enough."""
        for key, value in known.fits.items():
            self._saw(key, value)
        nears: dict[Key, Near] = {}
        for most in NEIGHBOURHOODS:
            done = set(nears)  # what is whole was looked at as a whole already
            for key in sorted(needs):
                if key not in done and not self._safe(key, needs[key]):
                    near = self._near(key, known, nears, most)
                    self._slide(near, known)
                    self._push_many(near, known, needs)
                    done.update(near.keys)
        return [key for key in sorted(needs) if not self._look(key, known, needs, nears)]

    def _saw(self, key: Key, value: float) -> None:
        self.low[key] = min(value, self.low.get(key, value))
        self.high[key] = max(value, self.high.get(key, value))

    def _safe(self, key: Key, need: Need) -> bool:
        high = self.high[key] + SLACK
        return high >= need.reach and high - self.low[key] + SLACK >= need.width

    def _look(self, key: Key, known: Known, needs: Mapping[Key, Need], nears: dict[Key, Near]) -> bool:
        if not self._safe(key, needs[key]):
            self._push(key, self._near(key, known, nears, NEIGHBOURHOODS[-1]), needs[key])
        return self._safe(key, needs[key])

    def _near(self, key: Key, known: Known, nears: dict[Key, Near], most: int) -> Near:
        """`key` and the counts that are tied to it most closely, about `most` of them.

        `nears` keeps what is whole: everything that any of its counts is tied to.
        """
        if key not in nears:
            found, turn = {key: None}, [key]
            for here in turn:
                for family in self.touching.get(here, ()):
                    for other in (family.whole, *family.parts):
                        if other in known.ranges and other not in found:
                            found[other] = None
                            turn.append(other)
                if len(found) >= most:
                    break
            near = _system(list(found), known, self.touching)
            if len(found) >= most:
                return near
            nears.update(dict.fromkeys(found, near))
        return nears[key]

    def _slide(self, near: Near, known: Known) -> None:
        """From the values that fit, along all that leaves every sum as it is, until the first count meets its bound."""
        if len(near.keys) > BY_HAND:
            return
        fits = np.array([known.fits[key] for key in near.keys])
        _, size, rows = np.linalg.svd(near.matrix.toarray())
        free = rows[np.count_nonzero(size > SLACK) :]
        ways = free.T @ free  # each count moved as purely as the sums allow
        ways = np.concatenate((ways, -ways))
        ways[np.abs(ways) < SLACK * SLACK] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(ways > 0, near.high - fits, near.low - fits) / ways
        far = np.where(ways == 0, np.inf, room).min(axis=1)
        moved = fits + np.where(np.isfinite(far), far, 0.0)[:, None] * ways
        self._saw_all(near, moved.min(axis=0))
        self._saw_all(near, moved.max(axis=0))

    def _push_many(self, near: Near, known: Known, needs: Mapping[Key, Need]) -> None:
        """Moves all that are still open at once, none farther than it needs, until that shows no more of them."""
        random = np.random.default_rng(len(near.keys))
        fits = np.array([known.fits[key] for key in near.keys])
        open_ = [i for i, key in enumerate(near.keys) if key in needs and not self._safe(key, needs[key])]
        vain = 0
        while open_ and vain < IN_VAIN:
            aim, low, high = np.zeros(len(fits)), near.low.copy(), near.high.copy()
            aim[open_] = random.uniform(0.5, 1.0, len(open_)) * random.choice((-1.0, 1.0), len(open_))
            for i in open_:
                need = needs[near.keys[i]]
                step = max(need.width, need.reach - fits[i])
                low[i], high[i] = max(low[i], fits[i] - step), min(high[i], fits[i] + step)
            self._saw_all(near, near.furthest(aim, low, high))
            still = [i for i in open_ if not self._safe(near.keys[i], needs[near.keys[i]])]
            vain = vain + 1 if len(still) == len(open_) else 0
            open_ = still

    def _push(self, key: Key, near: Near, need: Need) -> None:
        """Moves `key` alone, up and down as far as its neighbourhood lets it."""
        alone = np.zeros(len(near.keys))
        alone[near.keys.index(key)] = 1.0
        for aim in (alone, -alone):
            if not self._safe(key, need):
                self._saw_all(near, near.furthest(aim, near.low, near.high))

    def _saw_all(self, near: Near, values: np.ndarray | None) -> None:
        for key, value in zip(near.keys, () if values is None else values.tolist(), strict=False):
            self._saw(key, value)


def _system(keys: list[Key], known: Known, touching: Mapping[Key, Sequence[Family]]) -> Near:
    """`keys` as they are tied to each other; every other count keeps the value it is known or fitted to have."""
    at = {key: i for i, key in enumerate(keys)}
    linked = list(dict.fromkeys(f for key in keys for f in touching.get(key, ())))
    entries: list[tuple[float, int, int]] = []
    right = np.zeros(len(linked))
    for i, family in enumerate(linked):
        for key, sign in ((family.whole, -1.0), *((part, 1.0) for part in family.parts)):
            if key in at:
                entries.append((sign, i, at[key]))
            else:
                right[i] -= sign * (known.exact[key] if key in known.exact else known.fits[key])
    signs, rows, cols = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = csr_array((signs, (rows, cols)), shape=(len(linked), len(keys)))
    low, high = zip(*(known.ranges[key] for key in keys), strict=True)
    return Near(keys, matrix, right, np.array(low, float), np.array([CEILING if h is None else h for h in high], float))


def fitting(linked: Sequence[Family], fixed: Mapping[Key, int], ranges: Mapping[Key, Range]) -> dict[Key, float]:
    """One value for each of `ranges` that fits every family, given `fixed`; empty if there is none."""
    keys = sorted(ranges)
    touched = [f for f in linked if any(k in ranges for k in (f.whole, *f.parts))]
    if not keys:
        return {}
    by_key: dict[Key, list[Family]] = {key: [] for key in keys}
    for family in touched:
        for key in (family.whole, *family.parts):
            if key in by_key:
                by_key[key].append(family)
    near = _system(keys, Known(fixed, ranges, {}), by_key)
    found = near.furthest(np.zeros(len(keys)), near.low, near.high)
    return {} if found is None else dict(zip(keys, found.tolist(), strict=True))
