"""Which counts to hide: the small ones, then as few others as keep those from being worked out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kinweave.measures.disclosure_audit import Audit, Known, Need, Range, fitting
from kinweave.measures.disclosure_counts import Counts, Full
from kinweave.measures.disclosure_keys import ALL, CROSS, Family, Key, NotTheGrid, families


@dataclass(frozen=True)
class Rules:
    """What may be shown. Versioned settings of a programme.

    smallest: no count below it is shown, nought people of a group excepted; 11 is the rule of the US Centers
    for Medicare and Medicaid Services: no cell of 1 to 10, none derivable (resdac.org, CMS cell size
    suppression policy). base: shown counts are rounded to its multiples. population_floor: no cell for a
    place with fewer inhabitants that year. Base and floor are our own defaults.
    """

    smallest: int = 11
    base: int = 5
    population_floor: int = 500

    def __post_init__(self) -> None:
        if self.smallest < 2 or self.base < 1 or self.population_floor < 0:
            raise ValueError("a cell rule hides at least ones and rounds to whole people")

    def rounded(self, count: int) -> int:
        """`count` to the nearest multiple of base, but never to one below `smallest`. Nought stays nought."""
        if count == 0:
            return 0
        return max(self.base * ((count + self.base // 2) // self.base), -(-self.smallest // self.base) * self.base)

    def behind(self, shown: int) -> tuple[int, int]:
        """The lowest and highest count that is shown as `shown`."""
        low = shown - self.base // 2
        first = shown <= -(-self.smallest // self.base) * self.base
        return (0, 0) if shown == 0 else (self.smallest if first else low, low + self.base - 1)


@dataclass(frozen=True)
class Past:
    """What earlier tables fixed: value by key (None: hidden), and the parts of each population's tables.

    closed: series and periods that were released once: nothing may be added to them.
    """

    fixed: Mapping[Key, int | None]
    made_of: tuple[tuple[str, tuple[str, ...]], ...]
    closed: frozenset[tuple[str, int]]


class Board:
    """The counts of one table with what is hidden so far. It only ever hides more, so it ends."""

    def __init__(self, table: Counts, full: Full, rules: Rules, past: Past) -> None:
        self.table, self.rules, self.past, self.truth = table, rules, past, full.truth
        self.unlisted = full.unlisted
        self.hidden: set[Key] = set()
        own = () if table.public_n else ((table.population, table.series),)
        keys = set(full.truth) | set(past.fixed)
        self.families = families(keys, table.parent, [*own, *(m for m in past.made_of if m not in own)])
        self.touching: dict[Key, list[Family]] = defaultdict(list)
        for family in self.families:
            for key in (family.whole, *family.parts):
                self.touching[key].append(family)
        self._check_sums()
        self.audit = Audit(self.touching)
        self._see_other_tables()
        self.waiting = deque(f for f in self.families if self._is_own(f))
        self._hide_first()

    def _is_own(self, family: Family) -> bool:
        return family.whole in self.truth and all(part in self.truth for part in family.parts)

    def _check_sums(self) -> None:
        for family in filter(self._is_own, self.families):
            if self.truth[family.whole] != sum(self.truth[part] for part in family.parts):
                raise NotTheGrid(table=self.table.name, rule="a total is not the sum of its cells")

    # What one count is

    def is_fixed(self, key: Key) -> bool:
        return key in self.past.fixed or (key.series, key.period) in self.past.closed

    def is_empty(self, key: Key) -> bool:
        """Nobody is counted here, and a reader is told so."""
        n = key if self.table.public_n else key._replace(series=self.table.population)
        return self.truth.get(n, 1) == 0 and n not in self.hidden

    def _may_be_nought(self, key: Key) -> bool:
        """A nought among the parts of a shown whole may be shown; alone it would say that others are few."""
        around = [f.whole for f in self.touching[key] if key in f.parts]
        if CROSS in key.dimension:
            # Which combinations nobody has is not told, unless it is seen anyway.
            around = [w for w in around if self.truth.get(w) == 0]
        return any(w in self.truth and w not in self.hidden for w in around)

    def may_go(self, key: Key) -> bool:
        """Shown so far, and hiding it is possible and of use."""
        return key in self.truth and key not in self.hidden and not self.is_fixed(key) and self.truth[key] > 0

    def shown(self, key: Key) -> int | None:
        """The value a reader sees, None if hidden."""
        if self.is_fixed(key):
            return self.past.fixed.get(key)
        return None if key in self.hidden else self.rules.rounded(self.truth[key])

    # First what is small, then what would give it away

    def _too_few_live_there(self, key: Key) -> bool:
        floor = self.rules.population_floor
        return floor > 0 and self.table.inhabitants.get((key.place, key.period // 10), 0) < floor

    def _hide_first(self) -> None:
        for key, count in self.truth.items():
            if self.is_fixed(key):
                small = self.past.fixed.get(key) is None
            else:
                small = 0 < count < self.rules.smallest or (count == 0 and not self._is_n(key))
                small = small or key in self.unlisted or self._too_few_live_there(key)
            if small and not self._nobody(key):
                self.hide(key)
        for key in [k for k in self.truth if self._is_n(k) and self.truth[k] == 0]:
            self._hide_nought(key)
        for key in [k for k in self.truth if k not in self.hidden]:
            if not self.is_fixed(key) and self._is_everyone(key):
                self.hide(key)

    def _nobody(self, key: Key) -> bool:
        """A part of nobody: it goes with its n."""
        n = key._replace(series=self.table.population)
        is_part = not self._is_n(key) and not self.is_fixed(key)
        return is_part and self.truth.get(n) == 0 and self.past.fixed.get(n, 0) is not None

    def _hide_nought(self, key: Key) -> None:
        if self.truth.get(key) == 0 and not self.is_fixed(key) and not self._may_be_nought(key):
            self.hide(key)

    def _is_everyone(self, key: Key) -> bool:
        """A part that would be read as all, or more than all, of its people: no 100 % cell."""
        n = key._replace(series=self.table.population)
        if self.table.public_n or key.series == self.table.population or self.is_empty(key):
            return False
        whole = self.shown(n)
        return whole is None or self.rules.rounded(self.truth[key]) >= whole

    def hide(self, key: Key) -> None:
        if key in self.hidden:
            return
        self.hidden.add(key)
        self.waiting.extend(f for f in self.touching[key] if self._is_own(f))
        if self._is_n(key):
            for part in [p for f in self.touching[key] if f.whole == key for p in f.parts if self._is_n(p)]:
                self._hide_nought(part)
        if key.series == self.table.population and not self.table.public_n:
            # A share of a hidden number of people would give that number away.
            for series in self.table.series:
                part = key._replace(series=series)
                if not self.is_fixed(part):
                    self.hide(part)

    def settle(self) -> None:
        """No family with one hidden count, and none whose hidden counts hold too few people together."""
        while self.waiting:
            family = self.waiting.popleft()
            secret = [part for part in family.parts if part in self.hidden]
            whole_hidden = family.whole in self.hidden
            few = len(secret) < 2 or sum(self.truth[p] for p in secret) < self.rules.smallest
            if (secret and not whole_hidden and few) or (whole_hidden and not secret):
                self._hide_one(family)

    def _hide_one(self, family: Family) -> None:
        can = [part for part in family.parts if self.may_go(part)]
        if can:
            self.hide(can[-1] if family.parts[0].series != family.parts[-1].series else self._least(can))
            self.waiting.append(family)
        elif self.may_go(family.whole):
            self.hide(family.whole)

    def _least(self, keys: Iterable[Key]) -> Key:
        """The one a reader would miss least, judged by what a reader sees, so that the choice tells no more.

        A part before people, a group before all, a quarter before a year; then the smallest.
        """

        def missed(key: Key) -> tuple[bool, bool, bool, int, Key]:
            return (
                self._is_n(key),
                key.dimension == ALL,
                not key.period % 10,
                self.rules.rounded(self.truth[key]),
                key,
            )

        return min(keys, key=missed)

    # Then what an attacker could still work out

    def known(self) -> Known:
        exact: dict[Key, int] = {}
        ranges: dict[Key, Range] = dict(self.foreign)
        fits = dict(self.foreign_fit)
        for key, count in self.truth.items():
            low, high = self._readable(key, count)
            if low == high:
                exact[key] = count
            else:
                ranges[key], fits[key] = (low, high), count
        return Known(exact, ranges, fits)

    def _readable(self, key: Key, count: int) -> Range:
        """What a reader of the rules knows of one count."""
        value = None if key in self.hidden else self.shown(key)
        if value is None:
            some = self._is_n(key) and key.place >= 0 and self._may_be_nought(key)
            return (min(1, count) if some else 0), None
        low, high = self.rules.behind(value)
        # A count corrected since it was shown may lie outside; the attacker is not told.
        return min(low, count), max(high, count)

    def _is_n(self, key: Key) -> bool:
        """People of a group as such; of a rate every part is that."""
        return self.table.public_n or key.series == self.table.population

    def _see_other_tables(self) -> None:
        """Cells of earlier tables that this one does not hold: an attacker knows their rounded values."""
        held = {k: v for k, v in self.past.fixed.items() if k not in self.truth}
        self.foreign = {k: (0, None) if v is None else self.rules.behind(v) for k, v in held.items()}
        self.foreign_fit = fitting(self.families, self.truth, self.foreign)
        if len(self.foreign_fit) < len(held):
            # The counts were corrected since, and the old rounded values no longer add up with the new ones.
            self.foreign = dict.fromkeys(held, (0, None))
            self.foreign_fit = fitting(self.families, self.truth, self.foreign)
        if len(self.foreign_fit) < len(held):
            raise NotTheGrid(table=self.table.name, rule="an earlier release cannot be brought into line with it")

    def exposed(self) -> list[Key]:
        """Hidden counts that an attacker could work out, or people that could be shown to be few."""
        width = max(self.rules.base, 2)
        people, part = Need(self.rules.smallest, width), Need(0, width)
        guarded = {key for key in self.hidden if key not in self.unlisted}
        return self.audit.exposed(self.known(), {key: people if self._is_n(key) else part for key in guarded})

    def guard(self, key: Key) -> bool:
        """Hides one more count as near to `key` as can be; False if nothing near is left to hide."""
        seen, edge = {key}, [key]
        while edge:
            near = [k for e in edge for f in self.touching[e] for k in (f.whole, *f.parts) if k not in seen]
            can = [k for k in near if self.may_go(k)]
            if can:
                self.hide(self._least(can))
                return True
            seen.update(near)
            # Beyond a count that stays known there is nothing that could loosen this one.
            edge = sorted({k for k in near if k in self.hidden or k not in self.truth})
        return False

    def finish(self) -> None:
        """Hides until the attacker can work out nothing that new cells could still be hidden for."""
        while True:
            self.settle()
            hid = [self.guard(key) for key in self.exposed()]
            if not any(hid):
                return
