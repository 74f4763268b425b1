"""What an attacker can work out: the range of every hidden count, by linear programming.

The attacker knows every rounded value and the rule that made it, so a lowest and a highest count behind each;
every sum that ties cells together, in this table and in earlier ones of the same people; and that no count is
below nought. The classical audit of cell suppression: Hundepool et al., Statistical Disclosure Control, Wiley
2012, ch. 4.

Counts are looked at together with those they are tied to, up to NEIGHBOURHOOD of them, everything farther away
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
# How many counts are looked at together at most: about a second each time at this size.
NEIGHBOURHOOD: Final = 4000
# No count can be this high; a bound keeps the solver from running off to infinity.
CEILING: Final = 10**6
SLACK: Final = 1e-6


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
        return [key for key in sorted(needs) if not self._look(key, known, needs)]

    def _saw(self, key: Key, value: float) -> None:
        self.low[key] = min(value, self.low.get(key, value))
        self.high[key] = max(value, self.high.get(key, value))

    def _safe(self, key: Key, need: Need) -> bool:
        high = self.high[key] + SLACK
        return high >= need.reach and high - self.low[key] + SLACK >= need.width

    def _look(self, key: Key, known: Known, needs: Mapping[Key, Need]) -> bool:
        if not self._safe(key, needs[key]):
            self._push(key, self._near(key, known), known, needs)
        return self._safe(key, needs[key])

    def _near(self, key: Key, known: Known) -> list[Key]:
        """`key` and the counts that are tied to it most closely, NEIGHBOURHOOD of them at most."""
        found, turn = {key: None}, [key]
        for here in turn:
            for family in self.touching.get(here, ()):
                for other in (family.whole, *family.parts):
                    if other in known.ranges and other not in found:
                        found[other] = None
                        turn.append(other)
            if len(found) >= NEIGHBOURHOOD:
                break
        return list(found)

    def _push(self, key: Key, keys: list[Key], known: Known, needs: Mapping[Key, Need]) -> None:
        """Moves `key` up and down as far as its neighbourhood lets it, others that still need it along."""
        matrix, right, bounds = self._system(keys, known)
        along = np.zeros(len(keys))
        random = np.random.default_rng(len(keys))
        open_ = [i for i, k in enumerate(keys) if k in needs and not self._safe(k, needs[k])]
        along[open_] = random.uniform(-0.4, 0.4, len(open_))
        alone = np.zeros(len(keys))
        along[0] = alone[0] = 1.0
        for aim in (along, -along, alone, -alone):
            if not self._safe(key, needs[key]):
                answer = linprog(-aim, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds")
                for other, value in zip(keys, answer.x if answer.status == 0 else (), strict=False):
                    self._saw(other, float(value))

    def _system(self, keys: list[Key], known: Known) -> tuple[csr_array, np.ndarray, list[Range]]:
        at = {key: i for i, key in enumerate(keys)}
        linked = list(dict.fromkeys(f for key in keys for f in self.touching.get(key, ())))
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
        ranges = (known.ranges[key] for key in keys)
        return matrix, right, [(low, CEILING if high is None else high) for low, high in ranges]


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
    matrix, right, bounds = Audit(by_key)._system(keys, Known(fixed, ranges, {}))
    answer = linprog(np.zeros(len(keys)), A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds")
    return dict(zip(keys, map(float, answer.x), strict=True)) if answer.status == 0 else {}
