"""People of each combination of groups as sums: what gaps between them are estimated from. One GROUP BY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kinweave.measures.frames import Floats, check_columns, groups_of, is_ibis, read
from kinweave.measures.refusals import BadChoice, NotAllowedHere, NotReadable, TooFew
from kinweave.measures.results import LeftOut, some


@dataclass(frozen=True)
class Strata:
    """Sums of S cells. columns: of the strata; others: of covariates that are groups, which split a stratum further.

    names: (S) the value of each column, others last. n: (S,) people. mean: (S, 1 + c) of the outcome and of each
    numeric covariate. cross: (S, 1 + c, 1 + c) sums of products about these means. events: (S,), where `binary`.
    withheld: cells that a site kept back, and how many people these are at most.
    """

    columns: tuple[str, ...]
    others: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    n: Floats
    mean: Floats
    cross: Floats
    left_out: tuple[LeftOut, ...]
    binary: bool = False
    withheld: int = 0
    withheld_at_most: int = 0

    def __repr__(self) -> str:
        return f"Strata({len(self.names)} cells of {' × '.join((*self.columns, *self.others))})"

    @property
    def events(self) -> Floats:
        return np.rint(self.n * self.mean[:, 0])

    @property
    def people(self) -> int:
        return round(float(self.n.sum()))


def take_strata(
    data: Any, *, columns: Sequence[str], outcome: str, n: str | None = None, others: Sequence[str] = (),
    numbers: Sequence[str] = (), binary: bool = False,
) -> Strata:  # fmt: skip
    """Sums by stratum of a table with one row for each person, or of counts.

    columns: whose combinations are the strata. outcome: a number; with `binary` 0 or 1. n: column of how many people
    a row stands for; `outcome` is then how many of them had it. others, numbers: covariates.
    """
    if n is not None and (numbers or not binary):
        raise BadChoice(name="n", allowed="used with counts of a yes-or-no outcome only")
    names = [*columns, *others]
    check_columns(data, [*names, outcome, *numbers, *([n] if n else [])])
    if is_ibis(data) and n is None:
        return _of_table(data, tuple(columns), tuple(others), outcome, tuple(numbers), binary)
    frame = read(data, [*names, outcome, *numbers, n])
    cell, kinds = groups_of(frame.each(names))
    values = np.column_stack([frame.numbers(c) for c in (outcome, *numbers)])
    known = np.isfinite(values).all(axis=1)
    many = np.ones(frame.rows) if n is None else frame.numbers(n, low=0, whole=True)
    known &= np.isfinite(many)
    use = known & (cell >= 0) & (many > 0)
    left = some([
        (f"people whose {' or '.join(names)} is not known", int(many[(cell < 0) & np.isfinite(many)].sum())),
        (f"people without {' or '.join((outcome, *numbers))}", int(((cell >= 0) & ~known).sum())),
    ])  # fmt: skip
    if binary:
        _binary(values[:, 0], many, use, outcome, n)
    cells, y = cell[use], values[use]
    weight = many[use]
    size = len(kinds)
    if n is not None:
        y = y / weight[:, None]
    people = np.bincount(cells, weights=weight, minlength=size).astype(np.float64)
    there = people > 0
    total = np.column_stack([np.bincount(cells, weights=weight * column, minlength=size) for column in y.T])
    mean = total / np.where(there, people, 1)[:, None]
    away = y - mean[cells]
    wide = y.shape[1]
    cross = np.zeros((size, wide, wide))
    for i in range(wide):
        for j in range(i, wide):
            found = np.bincount(cells, weights=weight * away[:, i] * away[:, j], minlength=size)
            cross[:, i, j] = cross[:, j, i] = found
    found_names = tuple(k for k, ok in zip(kinds, there, strict=True) if ok)
    return _checked(
        Strata(tuple(columns), tuple(others), found_names, people[there], mean[there], cross[there], left, binary)
    )


def _binary(value: Floats, many: Floats, use: Any, outcome: str, n: str | None) -> None:
    wrong = use & ((value < 0) | (value > many) | (value != np.floor(value)))
    if wrong.any():
        rule = "only 0 or 1 can stand here" if n is None else "only a count up to the number of people can stand here"
        raise NotAllowedHere(row=int(np.argmax(wrong)) + 1, column=outcome, rule=rule)


def _checked(strata: Strata) -> Strata:
    if not len(strata.names):
        raise TooFew(what="people with all values", found=0, needed=1)
    return strata


def _of_table(
    table: Any, columns: tuple[str, ...], others: tuple[str, ...], outcome: str, numbers: tuple[str, ...], binary: bool
) -> Strata:
    from kinweave.measures.moments_ibis import named

    values = (outcome, *numbers)
    for name in values:
        if not (table[name].type().is_numeric() or table[name].type().is_boolean()):
            raise NotReadable(found=f"column {name} of the table is not numeric")
    t = table.select(
        **{f"k{i}": named(table[c]) for i, c in enumerate((*columns, *others))},
        **{f"v{i}": table[c].cast("int8" if table[c].type().is_boolean() else "float64").cast("float64").nullif(
            float("nan")) for i, c in enumerate(values)},
    )  # fmt: skip
    keys = [f"k{i}" for i in range(len(columns) + len(others))]
    whole = t.v0.notnull()
    for i in range(1, len(values)):
        whole = whole & t[f"v{i}"].notnull()
    pairs = [(i, j) for i in range(len(values)) for j in range(i + 1, len(values))]
    asked = t.group_by(keys).aggregate(
        all=t.count(), n=whole.sum(), odd=((t.v0 != 0) & (t.v0 != 1) & whole).sum(),
        **{f"m{i}": t[f"v{i}"].mean(where=whole) for i in range(len(values))},
        **{f"s{i}": t[f"v{i}"].var(where=whole, how="pop") for i in range(len(values))},
        **{f"c{i}_{j}": t[f"v{i}"].cov(t[f"v{j}"], where=whole, how="pop") for i, j in pairs},
    )  # fmt: skip
    rows = asked.to_pyarrow().to_pylist()
    if binary and any(r["odd"] for r in rows):
        raise NotAllowedHere(row="?", column=outcome, rule="only 0 or 1 can stand here")
    unknown = [r for r in rows if any(r[k] is None or not _text(r[k]) for k in keys)]
    known = sorted((r for r in rows if r not in unknown), key=lambda r: tuple(_text(r[k]) for k in keys))
    left = some([
        (f"people whose {' or '.join((*columns, *others))} is not known", sum(r["all"] for r in unknown)),
        (f"people without {' or '.join(values)}", sum(r["all"] - (r["n"] or 0) for r in known)),
    ])  # fmt: skip
    there = [r for r in known if r["n"]]
    n = np.array([float(r["n"]) for r in there])
    mean = np.array([[r[f"m{i}"] for i in range(len(values))] for r in there], dtype=float).reshape(-1, len(values))
    cross = np.zeros((len(there), len(values), len(values)))
    for s, r in enumerate(there):
        for i in range(len(values)):
            cross[s, i, i] = r[f"s{i}"] * r["n"]
        for i, j in pairs:
            cross[s, i, j] = cross[s, j, i] = r[f"c{i}_{j}"] * r["n"]
    if not np.isfinite(cross).all():
        raise NotReadable(found="a value that is infinite or out of range")
    names = tuple(tuple(_text(r[k]) for k in keys) for r in there)
    return _checked(together([Strata(columns, others, names, n, mean, cross, left, binary)]))


def together(tables: Sequence[Strata]) -> Strata:
    """Cells of the same name added up, sorted; all else is that of the first table."""
    found: dict[tuple[str, ...], tuple[float, Floats, Floats]] = {}
    for t in tables:
        for name, n, mean, cross in zip(t.names, t.n.tolist(), t.mean, t.cross, strict=True):
            if name in found:
                m, centre, inner = found[name]
                apart = mean - centre
                inner = inner + cross + np.outer(apart, apart) * m * n / (m + n)
                found[name] = (m + n, centre + apart * n / (m + n), inner)
            else:
                found[name] = (n, mean, cross)
    names = tuple(sorted(found))
    if not names:
        raise TooFew(what="strata with anybody in them", found=0, needed=1)
    return replace(
        tables[0], names=names, n=np.array([found[k][0] for k in names]), mean=np.array([found[k][1] for k in names]),
        cross=np.array([found[k][2] for k in names]),
    )  # fmt: skip


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()
