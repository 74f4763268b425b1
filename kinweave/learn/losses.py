"""If this grant, organisation or worker goes: who loses what, where? And how long a place took to come back once.

Counting, not forecasting, from the lake: people who agreed to be counted and are in care now. Numbers of people are
rounded and small ones withheld as everywhere; a worker is a count and never a name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kinweave.core import pathway
from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.models import Organisation
from kinweave.learn import choices
from kinweave.learn.build_people import group_code
from kinweave.learn.build_places import places_by_number
from kinweave.learn.grid import upwards, usable
from kinweave.learn.lake import Lake
from kinweave.learn.release_tables import Basis
from kinweave.measures.recovery import FEWEST, recovery
from kinweave.measures.stress import CITATION, METHOD, remove, single_points

IN_CARE: Final = (pathway.ACTIVE, pathway.GRADUATING, pathway.GROUP)
NO_STEP: Final = "0"
MONTHS: Final = 60  # of the series; shocks are looked for where enough months lie before; ours
Found = dict[str, Any]
Line = tuple[int, str, str | None, str]  # place, organisation, worker, step


def losses(lake: Lake, on: Basis) -> Found | None:
    """What each grant and organisation carries, by place, and what hangs on one worker; None if nobody is in care."""
    lines = _lines(lake, on)
    if not lines:
        return None
    grants = _grants(lake, on.grid.last + 1)
    data = _rows(lines, grants)
    names = {group_code(one.id): one.name for one in Organisation.objects.all()}
    shown = _shown(on)
    paid = sorted({(g["name"], g["until"]) for found in grants.values() for g in found})
    carriers = [_carrier(data, "grant", name, name, until, shown) for name, until in paid]
    ours = sorted({line[1] for line in lines})
    carriers += [_carrier(data, "organisation", code, names.get(code, code), "", shown) for code in ours]
    return {
        "topic": "losses", "month": on.grid.last + 1, "smallest": on.rules.smallest, "carriers": carriers,
        "alone": _alone(data, shown), "method": METHOD, "citation": CITATION,
    }  # fmt: skip


def _shown(on: Basis) -> Callable[[float], int | None]:
    """People as they may be shown; None for fewer than the smallest."""
    return lambda people: on.rules.rounded(round(people)) if round(people) >= on.rules.smallest else None


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


def _grants(lake: Lake, month: int) -> dict[int, list[Mapping[str, Any]]]:
    """The grants that pay for each place in a month: those naming it or a place around it, or none at all."""
    now = f"{month // 12:04}-{month % 12 + 1:02}"
    paying = [g for g in chosen.value(choices.GRANTS) if g["from"] <= now and (not g["until"] or now < g["until"])]
    codes = {number: row.code for number, row in places_by_number().items()}
    return {
        place: [g for g in paying if not g["places"] or set(g["places"]) & {codes.get(p, "") for p in line}]
        for place, line in upwards(lake).items()
    }


def _rows(lines: Mapping[Line, int], grants: Mapping[int, list[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """One row a line and grant; what several grants pay is parted evenly, since nobody wrote down how."""
    data: dict[str, list[Any]] = {k: [] for k in ("place", "organisation", "worker", "service", "grant", "people")}
    for (place, organisation, worker, step), n in sorted(lines.items(), key=str):
        paid = [g["name"] for g in grants.get(place, ())] or [None]
        for grant in paid:
            row = (str(place), organisation, worker, step, grant, n / len(paid))
            for name, value in zip(data, row, strict=True):
                data[name].append(value)
    return data


def _carrier(
    data: Mapping[str, list[Any]], kind: str, code: str, name: str, until: str, shown: Callable[[float], int | None]
) -> Found:
    """What is lost with one carrier, by place."""
    lost = remove(data, {kind: code}).losses if code in data[kind] else ()
    rows = _by_place(((x.place, x.service, x.people, x.gone) for x in lost), shown)
    return {"kind": kind, "name": name, "until": until, "rows": rows}


def _by_place(losses: Iterable[tuple[str, str, float, bool]], shown: Callable[[float], int | None]) -> list[Found]:
    found: dict[str, list[tuple[str, float, bool]]] = defaultdict(list)
    for place, service, people, gone in losses:
        found[place].append((service, people, gone))
    return [
        {"place": int(place), "people": shown(sum(x[1] for x in rows)),
         "ends": sorted({x[0] for x in rows if x[2]}), "stays": sorted({x[0] for x in rows if not x[2]})}
        for place, rows in sorted(found.items())
    ]  # fmt: skip


def _alone(data: Mapping[str, list[Any]], shown: Callable[[float], int | None]) -> list[Found]:
    """By place: how many workers carry a step alone, which steps, and how many people stand on them."""
    lost: list[tuple[str, str, float, bool]] = []
    workers: dict[str, set[str]] = defaultdict(set)
    for thread in single_points(data, ("worker",)).threads:
        for x in remove(data, {"worker": thread.name}).losses:
            if x.gone:
                lost.append((x.place, x.service, x.people, True))
                workers[x.place].add(thread.name)
    return [{**row, "workers": len(workers[str(row["place"])])} for row in _by_place(lost, shown)]


def recoveries(lake: Lake, on: Basis) -> Found | None:
    """For each place and month: had something struck then, how long until meetings were back where they usually are?

    From the numbers of meetings as they may be shown; fewer than the smallest counts as half of it.
    """
    c = usable(lake.contacts, on.grid)
    small = c.filter(c.held).group_by("place", "month").aggregate(n=lambda t: t.count()).to_pyarrow().to_pylist()
    above = upwards(lake)
    counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for r in small:
        for place in above.get(r["place"], ()):
            counts[place][r["month"]] += r["n"]
    found = {str(place): told for place, months in sorted(counts.items()) if (told := _series(months, on))}
    some = next(iter(found.values()), None)
    if some is None:
        return None
    return {"topic": "recovery", "places": found, "smallest": on.rules.smallest}


def _series(months: Mapping[int, int], on: Basis) -> Found | None:
    """The place's series and what is said of each month; None where too few months can be told."""
    last = on.grid.last
    first = max(min(months), last - MONTHS + 1)
    span = list(range(first, last + 1))
    if len(span) <= FEWEST or sum(months.get(m, 0) >= on.rules.smallest for m in span) <= FEWEST:
        return None
    values = [on.rules.rounded(n) if (n := months.get(m, 0)) >= on.rules.smallest else on.rules.smallest // 2
              for m in span]  # fmt: skip
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
