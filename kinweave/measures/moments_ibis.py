"""The sums by visit pattern as one Ibis expression: DuckDB in the process or a cluster, the same answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinweave.measures.moments import Moments, Pattern, check_times, merged
from kinweave.measures.refusals import ChangesWithin, NotReadable, TooFew, TwiceTheSame
from kinweave.measures.results import some


def moments_of_table(
    table: Any,
    person: str,
    time: str,
    score: str,
    groups: tuple[str, ...],
    origin: float | None,
    unit: float | None,
) -> Moments:
    """`take_moments` of an Ibis table. First the times and their spread, then one GROUP BY person, then by pattern."""
    import ibis

    t = table.select(
        who=named(table[person]),
        at=_number(table, time),
        value=_number(table, score),
        **{f"g{i}": named(table[name]) for i, name in enumerate(groups)},
    )
    # NaN is no number in Python's sense, but a value to an engine.
    t = t.mutate(at=t.at.nullif(float("nan")), value=t.value.nullif(float("nan")))
    use = t.value.notnull() & t.at.notnull() & t.who.notnull()
    asked = t.group_by("at").aggregate(
        n=use.sum(), low=t.value.min(where=use), high=t.value.max(where=use), total=t.value.sum(where=use),
        nobody=t.who.isnull().sum(),
    )  # fmt: skip
    told = asked.limit(10_000).to_pyarrow().to_pylist()
    seen = [row for row in told if row["at"] is not None and row["n"]]
    times = sorted(float(row["at"]) for row in seen)
    if not all(np.isfinite(v) for row in seen for v in (row["at"], row["low"], row["high"])):
        raise NotReadable(found="a score or a time that is infinite")
    check_times(len(times))
    if origin is None:
        origin = sum(row["total"] for row in seen) / sum(row["n"] for row in seen)
    if unit is None:
        unit = max(max(row["high"] - origin, origin - row["low"]) for row in seen) or 1.0
    y = (t.value - origin) / unit
    each = t.filter(t.who.notnull()).group_by("who").aggregate(
        given=use.sum(),
        **{f"y{v}": y.max(where=t.at == at) for v, at in enumerate(times)},
        **{f"g{i}": t[f"g{i}"].min() for i in range(len(groups))},
        **{f"h{i}": (t[f"g{i}"].max() != t[f"g{i}"].min()) | _some_missing(t[f"g{i}"]) for i in range(len(groups))},
    )  # fmt: skip
    held = [each[f"y{v}"].notnull() for v in range(len(times))]
    number = sum((h.cast("int64") for h in held[1:]), held[0].cast("int64"))
    keyed = each.mutate(
        **{f"s{v}": h for v, h in enumerate(held)},
        twice=(each.given > number).cast("int64"),
        changed=_any([each[f"h{i}"] for i in range(len(groups))], ibis),
    )
    names = [*(f"g{i}" for i in range(len(groups))), *(f"s{v}" for v in range(len(times)))]
    pairs = [(v, w) for v in range(len(times)) for w in range(v, len(times))]
    summed = keyed.group_by(names).aggregate(
        n=keyed.count(), twice=keyed.twice.sum(), changed=keyed.changed.sum(),
        **{f"t{v}": keyed[f"y{v}"].sum() for v in range(len(times))},
        **{f"p{v}_{w}": (keyed[f"y{v}"] * keyed[f"y{w}"]).sum() for v, w in pairs},
    )  # fmt: skip
    rows = summed.to_pyarrow().to_pylist()
    _refuse(rows, person, time, groups)
    unknown = [r for r in rows if any(r[f"g{i}"] is None or not _text(r[f"g{i}"]) for i in range(len(groups)))]
    known = [r for r in rows if r not in unknown]
    silent = [r for r in known if not any(r[f"s{v}"] for v in range(len(times)))]
    patterns = merged(_pattern(r, len(groups), len(times)) for r in known if r not in silent)
    if not patterns:
        raise TooFew(what="scores", found=0, needed=1)
    left = some([
        ("rows without a person", sum(row["nobody"] or 0 for row in told)),
        ("people without any score", sum(r["n"] for r in silent)),
        (f"people whose {' or '.join(groups) or 'group'} is not known", sum(r["n"] for r in unknown)),
    ])  # fmt: skip
    return Moments(tuple(times), groups, float(origin), float(unit), patterns, left)


def _number(table: Any, name: str) -> Any:
    column = table[name]
    if not column.type().is_numeric():
        raise NotReadable(found=f"column {name} of the table is not numeric")
    return column.cast("float64")


def named(column: Any) -> Any:
    """A column of names: empty text is missing, as it is in a file.

    Blanks about a name are taken off afterwards, in Python: Ibis 12 writes Spark a strip that eats the letters f and v.
    """
    return column.nullif("") if column.type().is_string() else column


def _some_missing(column: Any) -> Any:
    # A group that is empty in some of a person's rows and not in others.
    return column.isnull().any() & column.notnull().any()


def _any(flags: list[Any], ibis: Any) -> Any:
    found = ibis.literal(False)
    for flag in flags:
        found = found | flag.fill_null(False)
    return found.cast("int64")


def _refuse(rows: list[dict[str, Any]], person: str, time: str, groups: tuple[str, ...]) -> None:
    if changed := sum(r["changed"] for r in rows):
        raise ChangesWithin(column=" or ".join(groups), found=int(changed))
    if twice := sum(r["twice"] for r in rows):
        raise TwiceTheSame(found=int(twice), keys=f"{person} and {time}", row="a table, which does not number its rows")


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _pattern(row: dict[str, Any], groups: int, times: int) -> Pattern:
    visits = [v for v in range(times) if row[f"s{v}"]]
    total = np.array([row[f"t{v}"] for v in visits], dtype=np.float64)
    products = np.array([[row[f"p{min(v, w)}_{max(v, w)}"] for w in visits] for v in visits], dtype=np.float64)
    return Pattern(tuple(_text(row[f"g{i}"]) for i in range(groups)), tuple(visits), int(row["n"]), total, products)
