"""If this grant, organisation or worker goes: who loses what, where? And how long a place took to come back once.

Counting, not forecasting, from the lake: people who agreed to be counted and are in care now. Numbers of people are
rounded and small ones withheld as everywhere; a worker is a count and never a name. Which steps of care end is told
only where the number of the people they belong to is shown: a step that is named says that somebody is on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import product
from types import MappingProxyType
from typing import Any, Final, Protocol

from kinweave.core import pathway
from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.models import Organisation
from kinweave.learn import choices
from kinweave.learn.build_people import group_code
from kinweave.learn.build_places import places_by_number
from kinweave.learn.grid import period_key, upwards, usable
from kinweave.learn.lake import Lake
from kinweave.learn.release_tables import Basis
from kinweave.learn.rollup import ALL
from kinweave.measures.disclosure import Cell, Counts, Row, make_safe
from kinweave.measures.recovery import FEWEST, recovery
from kinweave.measures.stress import CITATION, METHOD, Loss, remove, single_points

IN_CARE: Final = (pathway.ACTIVE, pathway.GRADUATING, pathway.GROUP)
NO_STEP: Final = "0"
WHO: Final = "organisation"
MONTHS: Final = 60  # of the series; shocks are looked for where enough months lie before; ours
Found = dict[str, Any]
Line = tuple[int, str, str | None, str]  # place, organisation, worker, step
Cells = tuple[Cell, ...]
Above = Mapping[int, list[int]]  # each place with itself and the places around it
Shown = Callable[[int], int | None]  # of a place the people as they may be shown


class People(Protocol):
    """How many people as they may be shown."""

    def __call__(self, place: int, dimension: str = ALL, group: str = ALL) -> int | None: ...


def losses(lake: Lake, on: Basis) -> Found | None:
    """What each grant and organisation carries, by place, and what hangs on one worker; None if nobody is in care."""
    lines = _lines(lake, on)
    if not lines:
        return None
    above = upwards(lake)
    grants = _grants(above, on.grid.last + 1)
    data = _rows(lines, grants, above)
    names = {group_code(one.id): one.name for one in Organisation.objects.all()}
    people = _people(lake, on, lines, above)

    def paid(grant: str, place: int) -> int | None:
        """What several grants pay for is parted evenly, since nobody wrote down how; None where parts differ."""
        found = [grants[line[0]] for line in lines if place in above.get(line[0], ())]
        parts = {len(one) if any(g["name"] == grant for g in one) else 0 for one in found}
        many = round((people(place) or 0) / max(parts))
        return on.rules.rounded(many) if len(parts) == 1 and many >= on.rules.smallest else None

    ends = sorted({(g["name"], g["until"]) for found in grants.values() for g in found})
    carriers = [_carrier(data, "grant", name, name, until, partial(paid, name), people) for name, until in ends]
    for code in sorted({line[1] for line in lines}):
        theirs = partial(people, dimension=WHO, group=code)
        carriers.append(_carrier(data, "organisation", code, names.get(code, code), "", theirs, theirs))
    return {
        "topic": "losses", "month": on.grid.last + 1, "carriers": carriers,
        "alone": _alone(data, people), "method": METHOD, "citation": CITATION,
    }  # fmt: skip


def _lines(lake: Lake, on: Basis) -> dict[Line, int]:
    """People in care now by place, organisation, the worker they met last, and the step they were on."""
    s = usable(lake.pathway, on.grid)
    last = s.group_by("person").aggregate(month=s.month.max())
    now = s.join(last, "person").filter(lambda t: t.month == t.month_right)
    # Of two states in one month the closed one came last.
    state = now.group_by("person").aggregate(
        in_care=now.state.isin(IN_CARE).max(), closed=(now.state == pathway.CLOSED).max()
    )
    c = usable(lake.contacts, on.grid)
    c = c.filter(c.held, c.worker.notnull())
    key = c.month.cast("int64") * 1_000_000 + c.worker % 1_000_000
    met = c.group_by("person").aggregate(worker=c.worker.argmax(key), step=c.step.cast("string").argmax(key))
    p = usable(lake.people, on.grid).select("person", "place", organisation=lambda t: t.organisation.cast("string"))
    p = p.join(state.filter(state.in_care, ~state.closed), "person").join(met, "person", how="left")
    p = p.group_by("place", "organisation", "worker", "step").aggregate(n=p.count())
    found: dict[Line, int] = defaultdict(int)
    for r in p.to_pyarrow().to_pylist():
        worker = None if r["worker"] is None else str(r["worker"])
        found[r["place"], r["organisation"], worker, r["step"] or NO_STEP] += r["n"]
    return found


def _grants(above: Above, month: int) -> dict[int, list[Mapping[str, Any]]]:
    """The grants that pay for each place in a month: those naming it or a place around it, or none at all."""
    now = f"{month // 12:04}-{month % 12 + 1:02}"
    paying = [g for g in chosen.value(choices.GRANTS) if g["from"] <= now and (not g["until"] or now < g["until"])]
    codes = {number: row.code for number, row in places_by_number().items()}
    return {
        place: [g for g in paying if not g["places"] or set(g["places"]) & {codes.get(p, "") for p in line}]
        for place, line in above.items()
    }


def _people(lake: Lake, on: Basis, lines: Mapping[Line, int], above: Above) -> People:
    """How many are in care at a place, or of them with one organisation; None where hidden."""
    last = on.grid.last
    now = period_key(last)
    whole: dict[tuple[int, str, str], int] = defaultdict(int)
    for (place, organisation, _, _), n in lines.items():
        for up in above.get(place, ()):
            for dimension, group in ((ALL, ALL), (WHO, organisation)):
                whole[up, dimension, group] += n
    rows = [(place, now, dimension, group, n) for (place, dimension, group), n in whole.items()]
    parent = {line[0]: line[1] if len(line) > 1 else None for line in above.values()}
    cells = safe_counts(lake, on, "in-care", rows, {now: last}, parent)
    shown = {(c.place, c.dimension, c.group): c.n for c in cells}
    return lambda place, dimension=ALL, group=ALL: shown.get((place, dimension, group))


def safe_counts(
    lake: Lake, on: Basis, name: str, rows: Iterable[tuple[int, int, str, str, int]], months: Mapping[int, int],
    parent: Mapping[int, int | None] = MappingProxyType({}),
) -> Cells:  # fmt: skip
    """The safe cells of plain counts, each (place, period, dimension, group, n). months: in the lake, by period."""
    known = lake.places.select("place", "year", "population").to_pyarrow().to_pylist()
    by_year = {(r["place"], r["year"]): r["population"] for r in known}
    places = {r["place"] for r in known}
    inhabitants = {(p, key // 10): by_year.get((p, month // 12), 0) for key, month in months.items() for p in places}
    counted = tuple(Row(*row, parts=(row[-1],)) for row in rows)
    table = Counts(name, name, "share", ("counted",), counted, parent, inhabitants, {"counted": name})
    return make_safe(table, on.rules).cells


def _rows(
    lines: Mapping[Line, int], grants: Mapping[int, list[Mapping[str, Any]]], above: Above
) -> dict[str, list[Any]]:
    """One row a line and grant, for its own place and for each place around it."""
    data: dict[str, list[Any]] = {k: [] for k in ("place", "organisation", "worker", "service", "grant", "people")}
    for (place, organisation, worker, step), n in sorted(lines.items(), key=str):
        paid = [g["name"] for g in grants.get(place, ())] or [None]
        for grant, up in product(paid, above.get(place, ())):
            row = (str(up), organisation, worker, step, grant, n / len(paid))
            for name, value in zip(data, row, strict=True):
                data[name].append(value)
    return data


def _carrier(
    data: Mapping[str, list[Any]], kind: str, code: str, name: str, until: str, people: Shown, among: Shown
) -> Found:
    """What is lost with one carrier, by place: None for the steps where the number of people `among` is hidden."""
    lost = remove(data, {kind: code}).losses if code in data[kind] else ()
    rows = []
    for place, steps in _by_place(lost).items():
        ends, stays = (sorted(s for s, gone in steps if gone is which) for which in (True, False))
        told = among(place) is not None
        rows.append({"place": place, "people": people(place), "ends": ends if told else None,
                     "stays": stays if told else None})  # fmt: skip
    return {"kind": kind, "name": name, "until": until, "rows": rows}


def _by_place(losses: Iterable[Loss]) -> dict[int, set[tuple[str, bool]]]:
    found: dict[int, set[tuple[str, bool]]] = defaultdict(set)
    for x in losses:
        found[int(x.place)].add((x.service, x.gone))
    return dict(sorted(found.items()))


def _alone(data: Mapping[str, list[Any]], people: Shown) -> list[Found]:
    """By place whose number of people is shown: how many workers carry a step alone, and which.

    How many people stand on so few is never shown.
    """
    steps: dict[int, set[str]] = defaultdict(set)
    workers: dict[int, set[str]] = defaultdict(set)
    for thread in single_points(data, ("worker",)).threads:
        for step, place in thread.gone:
            steps[int(place)].add(step)
            workers[int(place)].add(thread.name)
    told = [p for p in sorted(steps) if people(p) is not None]
    return [{"place": p, "ends": sorted(steps[p]), "workers": len(workers[p])} for p in told]


def recoveries(lake: Lake, on: Basis) -> Found | None:
    """For each place and month: had something struck then, how long until meetings were back where they usually are?

    From the numbers of meetings as they may be shown; once a number was shown for a place, fewer than the smallest
    counts as half of it, and as none before. A place that holds others has the sum of theirs, so that it tells no more.
    """
    c = usable(lake.contacts, on.grid)
    c = c.filter(c.held, c.month > on.grid.last - MONTHS, c.month <= on.grid.last)
    small = c.group_by("place", "month").aggregate(n=c.count()).to_pyarrow().to_pylist()
    # A month has no key of its own on the grid; here each stands as a year does, with nothing inside it.
    rows = [(r["place"], r["month"] * 10, ALL, ALL, r["n"]) for r in small]
    cells = safe_counts(lake, on, "meetings", rows, {r["month"] * 10: r["month"] for r in small}) if rows else ()
    above = upwards(lake)
    counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    begun: set[int] = set()
    for one in cells:  # by place, then by month
        if one.n is not None:
            begun.add(one.place)
        for place in above.get(one.place, ()) if one.place in begun else ():
            counts[place][one.period // 10] += on.rules.smallest // 2 if one.n is None else one.n
    found = {str(place): told for place, months in sorted(counts.items()) if (told := _series(months, on))}
    return {"topic": "recovery", "places": found, "smallest": on.rules.smallest} if found else None


def _series(months: Mapping[int, int], on: Basis) -> Found | None:
    """The place's series and what is said of each month; None where too few months can be told."""
    span = list(range(min(months), on.grid.last + 1))
    values = [months.get(m, 0) for m in span]
    if len(span) <= FEWEST or sum(value >= on.rules.smallest for value in values) <= FEWEST:
        return None
    names = [f"{m // 12:04}-{m % 12 + 1:02}" for m in span]
    data = {"month": [f"{name}-01" for name in names], "meetings": values}
    shocks = {}
    for name in names[FEWEST:]:
        try:
            one = recovery(data, "meetings", "month", f"{name}-01")
        except Problem:
            continue
        usual = one["usual"]
        shocks[name] = {"state": one.state.value, "periods": one.periods, "back": (one.back_at or "")[:7],
                        "usual": [round(x or 0.0) for x in (usual.value, usual.low, usual.high)],
                        "method": one.method, "citation": one.citation}  # fmt: skip
    return {"months": names, "values": values, "shocks": shocks} if shocks else None
