"""Who is tied to whom: how dense, how much within groups and how much across, who bridges, whom nobody reaches.

Density and betweenness: Freeman (1977), Sociometry 40:35-41; constraint, effective size and redundancy: Burt (1992),
Structural Holes; E-I index: Krackhardt & Stern (1988), Soc Psychol Q 51:123-140. Ties have no direction here and
count once. A network is not a sample: its numbers have no sampling error, but every tie that was not named bends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from kinweave.measures.frames import Ints, read
from kinweave.measures.refusals import BadChoice, NotAllowedHere, TooFew, TooMany
from kinweave.measures.results import Estimate, Result, Table, plain, some

METHOD: Final = "network measures of undirected ties"
CITATION: Final = (
    "Freeman (1977), doi:10.2307/3033543; Burt (1992), Structural Holes; Krackhardt & Stern (1988), doi:10.2307/2786835"
)
MOST: Final = 20_000
SHUFFLES: Final = 999


@dataclass(frozen=True)
class Member:
    """One member. betweenness: share of shortest ways between others that lead here. constraint: 1 or more: all its
    ties are one closed circle; small: it bridges. redundancy: how many of its ties lead where others already do.
    None: it has no ties (or just one, for redundancy none is counted).
    """

    name: str
    group: str | None
    ties: int
    across: int | None
    betweenness: float
    constraint: float | None
    effective_size: float | None
    redundancy: float | None


@dataclass(frozen=True, kw_only=True)
class Ties(Result):
    """Estimates: density; with groups also `bonding` and `bridging` (shares of ties) and `E-I`.

    expected_ei, p: of the E-I index if the same ties did not care for groups (999 shuffles of the groups). pieces:
    parts that nothing connects, largest first; alone: members without a tie.
    """

    members: tuple[Member, ...]
    ties: int
    pieces: tuple[int, ...]
    alone: int
    expected_ei: float | None = None
    p: float | None = None

    @property
    def says(self) -> str:
        words = f"{self.n} members have {self.ties} ties, {plain(100 * self['density'].value)} of 100 possible ones"
        if self.expected_ei is not None:
            bridging = round(100 * self["bridging"].value)
            words += f"; {bridging} of 100 ties lead from one group to another"
        alone = f"; {self.alone} have no tie at all" if self.alone else ""
        return f"{words}{alone}."

    def table(self) -> Table:
        head = ("member", "group", "ties", "across", "betweenness", "constraint", "effective size", "redundancy")
        rows = tuple(
            (m.name, m.group, m.ties, m.across, m.betweenness, m.constraint, m.effective_size, m.redundancy)
            for m in self.members
        )
        return Table(head, rows)


def ties(
    data: Any, one: str, other: str, *, members: Any = None, name: str = "name", group: str | None = None, seed: int = 1
) -> Ties:
    """data: one row a tie, with the two members in columns `one` and `other`.

    members: one row a member (column `name`, and `group` if given), those without ties too; without it only members
    with ties are known, and density is too high. seed: of the shuffles. Refuses ties of somebody with themselves, and
    members not in the list.
    """
    if group is not None and members is None:
        raise BadChoice(name="group", allowed="used together with a table of members")
    names, groups, kinds = _members(members, name, group)
    ends, names, twice = _ends(data, one, other, names)
    n = len(names)
    if n < 3:
        raise TooFew(what="members", found=n, needed=3)
    if n > MOST:
        raise TooMany(what="members", found=n, limit=MOST, instead="Look at one district or one kind of tie at a time.")
    there = np.concatenate([ends, ends[:, ::-1]])
    near = csr_array((np.ones(len(there)), (there[:, 0], there[:, 1])), shape=(n, n))
    degree = np.bincount(there[:, 0], minlength=n)
    density = 2 * len(ends) / (n * (n - 1))
    estimates = [Estimate("density", density, how="a whole network: no sampling error")]
    across, expected, p = None, None, None
    if groups is not None and len(ends):
        apart = groups[there[:, 0]] != groups[there[:, 1]]
        known = (groups[ends] >= 0).all(axis=1)
        across = np.bincount(there[(groups[there] >= 0).all(axis=1) & apart][:, 0], minlength=n)
        if known.any():
            more, expected, p = _mixing(ends[known], groups, seed)
            estimates += more
    notes = ("only members with ties are known, so density is too high",) if members is None else ()
    pieces = np.bincount(connected_components(near, directed=False)[1])
    return Ties(
        method=METHOD, citation=CITATION, n=n, counted="members", left_out=some([("named twice", twice)]),
        estimates=tuple(estimates), notes=notes, members=_each(near, degree, names, groups, kinds, across),
        ties=len(ends), pieces=tuple(sorted(map(int, pieces), reverse=True)), alone=int((degree == 0).sum()),
        expected_ei=expected, p=p,
    )  # fmt: skip


def _members(data: Any, name: str, group: str | None) -> tuple[list[str], Ints | None, tuple[str, ...]]:
    if data is None:
        return [], None, ()
    frame = read(data, [name, group])
    codes, names = frame.labels(name)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0)) + 1
        raise NotAllowedHere(row=row, column=name, rule="a member needs a name")
    if len(names) != frame.rows:
        first = np.zeros(len(names), dtype=bool)
        for row, code in enumerate(codes):
            if first[code]:
                raise NotAllowedHere(row=row + 1, column=name, rule="this member stands twice")
            first[code] = True
    found = [names[c] for c in codes]
    if group is None:
        return found, None, ()
    labels = frame.labels(group)
    return found, labels.codes, labels.names


def _ends(data: Any, one: str, other: str, listed: list[str]) -> tuple[Ints, list[str], int]:
    """Each tie once, as two positions; and how many were named again."""
    frame = read(data, [one, other])
    columns = frame.labels(one), frame.labels(other)
    for column, labels in zip((one, other), columns, strict=True):
        if (labels.codes < 0).any():
            row = int(np.argmax(labels.codes < 0)) + 1
            raise NotAllowedHere(row=row, column=column, rule="a tie needs a member at both ends")
    names = listed or sorted({name for labels in columns for name in labels.names})
    at = {name: i for i, name in enumerate(names)}
    ends = np.zeros((frame.rows, 2), dtype=np.int64)
    for k, (column, labels) in enumerate(zip((one, other), columns, strict=True)):
        places = np.array([at.get(name, -1) for name in labels.names], dtype=np.int64)
        ends[:, k] = places[labels.codes] if len(places) else 0
        if (ends[:, k] < 0).any():
            row = int(np.argmax(ends[:, k] < 0)) + 1
            raise NotAllowedHere(row=row, column=column, rule="this member is not in the list of members")
    if (ends[:, 0] == ends[:, 1]).any():
        row = int(np.argmax(ends[:, 0] == ends[:, 1])) + 1
        raise NotAllowedHere(row=row, column=other, rule="nobody has a tie with themselves")
    once = np.unique(np.sort(ends, axis=1), axis=0)
    return once, names, frame.rows - len(once)


def _mixing(ends: Ints, groups: Ints, seed: int) -> tuple[list[Estimate], float, float]:
    def index(of: Ints) -> float:
        outside = float((of[ends[:, 0]] != of[ends[:, 1]]).mean())
        return 2 * outside - 1

    seen = index(groups)
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(groups >= 0)
    shuffled = np.zeros(SHUFFLES)
    for i in range(SHUFFLES):
        mixed = groups.copy()
        mixed[known] = rng.permutation(groups[known])
        shuffled[i] = index(mixed)
    middle = float(shuffled.mean())
    extreme = int((np.abs(shuffled - middle) >= abs(seen - middle) - 1e-12).sum())
    how = "a whole network: no sampling error"
    return [
        Estimate("bonding", (1 - seen) / 2, how=how),
        Estimate("bridging", (1 + seen) / 2, how=how),
        Estimate("E-I", seen, how=how),
    ], middle, (extreme + 1) / (SHUFFLES + 1)  # fmt: skip


def _each(
    near: csr_array, degree: Ints, names: Sequence[str], groups: Ints | None, kinds: Sequence[str], across: Ints | None
) -> tuple[Member, ...]:
    share = near.multiply(1 / np.maximum(degree, 1)[:, None]).tocsr()
    local = (share + share @ share).multiply(near)
    constraint = np.asarray(local.multiply(local).sum(axis=1)).ravel()
    closed = np.asarray((near @ near).multiply(near).sum(axis=1)).ravel()
    between = _betweenness(near)
    found = []
    for i, name in enumerate(names):
        ties = int(degree[i])
        group = None if groups is None or groups[i] < 0 else kinds[int(groups[i])]
        # The ties among its own members, each seen from both ends, per tie of its own.
        double = float(closed[i]) / ties if ties else None
        found.append(
            Member(name, group, ties, None if across is None or group is None else int(across[i]), float(between[i]),
                   float(constraint[i]) if ties else None, ties - double if double is not None else None, double)
        )  # fmt: skip
    return tuple(found)


def _betweenness(near: csr_array) -> list[float]:
    import rustworkx  # only here, so that the other measures start without it

    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(near.shape[0]))
    rows, cols = near.nonzero()
    graph.add_edges_from_no_data([(int(a), int(b)) for a, b in zip(rows, cols, strict=True) if a < b])
    found = rustworkx.betweenness_centrality(graph, normalized=True)
    return [float(found[i]) for i in range(near.shape[0])]
