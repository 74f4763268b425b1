"""If this grant, partner or worker goes: who loses what, where, and what hangs on one thread?

Counting, not forecasting. A line is what one set of carriers (a grant, a partner, a worker) offers of one service in
one place: so many people can be served, so many are. A line goes when any of its carriers goes; its people move to what
is left of the same service in the same place, as far as there is room. Single points of failure: Rausand & Høyland
(2004), System Reliability Theory, ch. 3 (cut sets of one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinweave.measures.frames import Floats, groups_of, read
from kinweave.measures.refusals import BadChoice, NotAllowedHere, TooFew
from kinweave.measures.results import Result, Table, some

METHOD: Final = "removal of one carrier at a time, by counting"
CITATION: Final = "single points of failure: Rausand & Høyland (2004), System Reliability Theory, ch. 3"


LARGEST: Final = 1e15  # up to here whole numbers are exact


@dataclass(frozen=True)
class Loss:
    """One service in one place. capacity: people it can serve, before and after. people: served now by what goes.

    moved: of those, for whom there is room in what stays. without: for whom there is none. gone: nothing is left.
    """

    service: str
    place: str
    capacity_before: float
    capacity_after: float
    people: float
    moved: float
    without: float
    gone: bool


@dataclass(frozen=True)
class Thread:
    """A carrier on which something hangs alone. gone: services in places that end with it; without: people."""

    kind: str
    name: str
    gone: tuple[tuple[str, str], ...]
    people: float
    without: float


@dataclass(frozen=True, kw_only=True)
class Stress(Result):
    """removed: (kind, name) of everything taken away. losses: only where something is lost, the hardest hit first."""

    removed: tuple[tuple[str, str], ...]
    losses: tuple[Loss, ...]
    people: float
    without: float

    @property
    def says(self) -> str:
        what = " and ".join(f"{kind} {name}" for kind, name in self.removed)
        if not self.losses:
            return f"Without {what} nobody loses anything that is written here."
        gone = sum(x.gone for x in self.losses)
        ends = f" {gone} services end where they are." if gone else ""
        return (
            f"Without {what}, {self.people:g} people lose what they have; {self.people - self.without:g} find room in "
            f"the same service and place, {self.without:g} do not.{ends}"
        )

    def table(self) -> Table:
        head = ("service", "place", "capacity before", "after", "people", "moved", "without", "gone")
        rows = tuple(
            (x.service, x.place, x.capacity_before, x.capacity_after, x.people, x.moved, x.without,
             "yes" if x.gone else "no") for x in self.losses
        )  # fmt: skip
        return Table(head, rows)


@dataclass(frozen=True, kw_only=True)
class Threads(Result):
    """threads: every carrier whose loss would end a service somewhere, most people left without first."""

    threads: tuple[Thread, ...]

    @property
    def says(self) -> str:
        if not self.threads:
            return "Every service in every place would survive the loss of any one carrier."
        first = self.threads[0]
        return (
            f"{len(self.threads)} carriers are single points of failure. The heaviest is {first.kind} {first.name}: "
            f"without it {len(first.gone)} services end and {first.without:g} people have nothing."
        )

    def table(self) -> Table:
        rows = tuple(
            (t.kind, t.name, len(t.gone), t.people, t.without, "; ".join(f"{s} in {p}" for s, p in t.gone))
            for t in self.threads
        )
        return Table(("kind", "name", "services that end", "people", "without", "which"), rows)


@dataclass(frozen=True)
class _Lines:
    """The table as arrays: cell (service and place) of each line, its people and capacity, and its carriers."""

    cell: NDArray[np.int64]
    cells: tuple[tuple[str, ...], ...]
    people: Floats
    capacity: Floats
    carriers: Mapping[str, tuple[NDArray[np.int64], tuple[str, ...]]]
    guessed: int


def _read(data: Any, carriers: Sequence[str], service: str, place: str, people: str, capacity: str | None) -> _Lines:
    if not carriers or isinstance(carriers, str):
        raise BadChoice(name="carriers", allowed="a list of columns such as funder, partner, worker")
    frame = read(data, [service, place, people, capacity, *carriers])
    if not frame.rows:
        raise TooFew(what="lines", found=0, needed=1)
    where = [frame.labels(service), frame.labels(place)]
    for name, labels in zip((service, place), where, strict=True):
        if (labels.codes < 0).any():
            row = int(np.argmax(labels.codes < 0)) + 1
            raise NotAllowedHere(row=row, column=name, rule="every line needs its service and its place")
    cell, cells = groups_of(where)
    served = frame.numbers(people, low=0, high=LARGEST)
    if np.isnan(served).any():
        row = int(np.argmax(np.isnan(served))) + 1
        raise NotAllowedHere(row=row, column=people, rule="write how many people are served, 0 if nobody")
    room = frame.numbers(capacity, low=0, high=LARGEST) if capacity else np.full(frame.rows, np.nan)
    unknown = np.isnan(room)
    found = {name: (labels.codes, labels.names) for name in carriers for labels in [frame.labels(name)]}
    return _Lines(cell, cells, served, np.where(unknown, served, room), found, int(unknown.sum()))


def _without(lines: _Lines, goes: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """By cell: capacity before and after, people who lose their line, moved, without."""
    many = len(lines.cells)

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(lines.cell, weights=values, minlength=many), dtype=np.float64)

    before, after = total(lines.capacity), total(np.where(goes, 0.0, lines.capacity))
    # Where more are served than there is room for, nobody else can move in.
    room = total(np.where(goes, 0.0, np.maximum(lines.capacity - lines.people, 0.0)))
    people = total(np.where(goes, lines.people, 0.0))
    moved = np.minimum(people, room)
    return before, after, people, moved, people - moved


def remove(
    data: Any,
    what: Mapping[str, str | Sequence[str]],
    *,
    service: str = "service",
    place: str = "place",
    people: str = "people",
    capacity: str | None = None,
) -> Stress:
    """What is lost when `what` goes, for example {"funder": "Grant A"} or {"worker": ["w1", "w2"]}; all of it at once.

    data: one row a line: service, place, people served, capacity (without it there is no room for others), and a
    column for each kind of carrier. A line with two funders is two rows with their shares. BadChoice if a name is not
    in its column.
    """
    wanted = {kind: (names,) if isinstance(names, str) else tuple(names) for kind, names in what.items()}
    lines = _read(data, list(wanted), service, place, people, capacity)
    goes = np.zeros(len(lines.cell), dtype=bool)
    for kind, names in wanted.items():
        codes, there = lines.carriers[kind]
        for name in names:
            if name not in there:
                raise BadChoice(name=kind, allowed=f"one of {', '.join(there) or 'none'}")
            goes |= codes == there.index(name)
    columns = _without(lines, goes)
    before, after, served, moved, without = (c.tolist() for c in columns)
    hit = np.bincount(lines.cell[goes], minlength=len(lines.cells)) > 0
    gone = (np.bincount(lines.cell[~goes], minlength=len(lines.cells)) == 0).tolist()
    losses = [
        Loss(lines.cells[i][0], lines.cells[i][1], before[i], after[i], served[i], moved[i], without[i], gone[i])
        for i in np.flatnonzero(hit)
    ]
    losses.sort(key=lambda x: (-x.without, -x.people, x.service, x.place))
    return Stress(
        method=METHOD, citation=CITATION, n=len(lines.cell), counted="lines", notes=_notes(lines),
        removed=tuple((kind, name) for kind, names in wanted.items() for name in names), losses=tuple(losses),
        people=float(columns[2].sum()), without=float(columns[4].sum()),
    )  # fmt: skip


def _notes(lines: _Lines) -> tuple[str, ...]:
    told = f"{lines.guessed} lines have no capacity written, so no room for others is counted there"
    return (told,) if lines.guessed else ()


def single_points(
    data: Any,
    carriers: Sequence[str] = ("funder", "partner", "worker"),
    *,
    service: str = "service",
    place: str = "place",
    people: str = "people",
    capacity: str | None = None,
) -> Threads:
    """Every carrier, of each of the columns `carriers`, on which some service in some place hangs alone."""
    lines = _read(data, carriers, service, place, people, capacity)
    found, unnamed = [], []
    for kind, (codes, names) in lines.carriers.items():
        unnamed.append((f"no {kind} named", int((codes < 0).sum())))
        for code, name in enumerate(names):
            goes = codes == code
            left = np.bincount(lines.cell[~goes], minlength=len(lines.cells))
            ends = np.flatnonzero((left == 0) & (np.bincount(lines.cell[goes], minlength=len(lines.cells)) > 0))
            if len(ends):
                _, _, hit, _, without = _without(lines, goes)
                gone = tuple((lines.cells[i][0], lines.cells[i][1]) for i in ends)
                found.append(Thread(kind, name, gone, float(hit.sum()), float(without.sum())))
    found.sort(key=lambda t: (-t.without, -len(t.gone), t.kind, t.name))
    return Threads(
        method=METHOD, citation=CITATION, n=len(lines.cell), counted="lines", notes=_notes(lines),
        left_out=some(unnamed), threads=tuple(found),
    )  # fmt: skip
