"""`python -m bench.patterns [--seeds 200] [--together 1,4,8] [--keep DIR]`: is fading told from holding and growing?

Each invented community (`kinweave.demo.simulate`, with the wards next door) is laid into a lake as a site's night does,
and judged by `kinweave.learn.lasting`, through the disclosure rules and all. What the simulation knows and what was
said are counted against each other. Communities of one pattern are put together to see how many people it takes.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bench.table import machine, progress

SAID = ("fades", "holds", "grows", "not-shown", "too-few")
START, ENDS = 2023 * 12 + 10, 2023 * 12 + 10 + 24  # the simulation's own, as lake months
APART = 100_000  # between the numbers of two communities
Made = dict[str, list[Any]]


def community(pattern: str, seed: int) -> Made:
    """people (person, ward, start or None), scores (person, ward, month, points), wards (programme, populations)."""
    from kinweave.demo.simulate import simulate
    from kinweave.demo.simulate_answers import form, instruments_root, total

    made, sheet = simulate(pattern, seed), form("phq-9", instruments_root())  # type: ignore[arg-type]
    agreed: dict[int, bool] = {}
    started: dict[int, int] = {}
    scores: list[tuple[int, int, int, float]] = []
    for event in made.events:
        if event.person is None:
            continue
        who, given = event.person, event.payload
        month = START + (event.at.year - made.start.year) * 12 + event.at.month - made.start.month
        if event.kind == "consent_given":
            agreed[who] = "statistics" in given["purposes"]  # type: ignore[operator]
        elif event.kind == "consent_withdrawn":
            agreed[who] = False
        elif event.kind == "started":
            started.setdefault(who, month)
        elif event.kind == "response" and given["instrument"] == "phq-9":
            points = total(sheet, given["answers"])  # type: ignore[arg-type]
            if points is not None:
                scores.append((who, made.people[who].ward, month, float(points)))
    return {
        "people": [(who, made.people[who].ward, started.get(who)) for who, yes in agreed.items() if yes],
        "scores": [row for row in scores if agreed.get(row[0])],
        "wards": [(ward.programme, ward.populations) for ward in made.wards],
    }


def lake_of(several: list[Made]) -> tuple[Any, Any]:
    """A lake of some communities together, and when their money ended."""
    import pyarrow as pa

    from kinweave.learn import engine
    from kinweave.learn.lake import Lake
    from kinweave.learn.lasting_money import Ending
    from kinweave.learn.shape import SCHEMAS

    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    places: dict[bool, list[int]] = {True: [], False: []}
    for n, made in enumerate(several):
        far = n * APART
        for who, ward, month in made["people"]:
            rows["people"].append({**PERSON, "person": far + who, "place": far + ward, "started_month": month})
        for who, ward, month, points in made["scores"]:
            rows["scores"].append({**SCORE, "person": far + who, "place": far + ward, "month": month, "value": points})
        for ward, (programme, populations) in enumerate(made["wards"]):
            places[programme].append(far + ward)
            rows["places"] += [{"place": far + ward, "year": y, "population": p} for y, p in populations]
    backend = engine.connect("duckdb")
    filled = {name: [{f.name: r.get(f.name) for f in schema} for r in rows[name]] for name, schema in SCHEMAS.items()}
    tables = {name: pa.Table.from_pylist(filled[name], schema=schema) for name, schema in SCHEMAS.items()}
    engine.take_in(backend, {name: table.to_reader() for name, table in tables.items()})
    ours, others = (tuple(places[kind]) for kind in (True, False))
    end = Ending("2025-11", START, ENDS, 12, ("invented",), ours, others)
    return Lake(backend, **{name: backend.table(name) for name in SCHEMAS}), end


PERSON = {"organisation": "o", "programme": "p", "caregiver": False, "purpose": "statistics"}
SCORE = {"instrument": "phq-9", "scale": "total", "item_missing": 0, "doubtful": False, "purpose": "statistics"}


def judged(several: list[Made]) -> str:
    """What the product says of some communities together."""
    import django

    django.setup()  # the settings' defaults; no database is opened
    from kinweave.house.settings import DEFINED
    from kinweave.learn import choices
    from kinweave.learn.indicators import InstrumentFacts
    from kinweave.learn.lasting import Asking, judge, phase_tables
    from kinweave.measures.disclosure import Rules

    windows = tuple(w for w in DEFINED[choices.WINDOWS].default if w > 1)
    facts = InstrumentFacts("phq-9", "total", "invented")
    how = Asking(facts, windows, "statistics", Rules(), DEFINED[choices.KEPT].default)
    lake, end = lake_of(several)
    try:
        found = judge(phase_tables(lake, how, end), end, how)
    finally:
        lake.close()
    return str(found["verdict"] if found["state"] == "found" else found["state"])


def one(keep: Path | None, key: tuple[str, int]) -> Made:
    """A community; read again where it was kept."""
    path = keep / f"{key[0]}-{key[1]}.pickle" if keep else None
    if path and path.exists():
        return pickle.loads(path.read_bytes())  # noqa: S301  written by this very program
    made = community(*key)
    if path:
        path.write_bytes(pickle.dumps(made))
    return made


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.patterns", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--together", default="1,4,8", help="how many communities make one programme")
    parser.add_argument("--keep", type=Path, help="keep what was simulated in this folder")
    asked = parser.parse_args(argv)
    from kinweave.demo.simulate_types import PATTERNS

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kinweave.config.settings")
    print(machine())
    print(f"{'communities':>11}  {'truth':<7}" + "".join(f"{said:>11}" for said in SAID) + f"{'judged':>9}")
    with ProcessPoolExecutor(2) as pool:
        for pattern in PATTERNS:
            keys = [(pattern, seed) for seed in range(1, asked.seeds + 1)]
            made = list(pool.map(partial(one, asked.keep), keys, chunksize=5))
            for size in map(int, asked.together.split(",")):
                groups = [made[i : i + size] for i in range(0, len(made) - size + 1, size)]
                said = Counter(pool.map(judged, groups, chunksize=2))
                shares = "".join(f"{said[one_]:>6} {said[one_] / len(groups):>4.0%}" for one_ in SAID)
                print(f"{size:>11}  {pattern:<7}{shares}{len(groups):>9}", flush=True)
            progress(pattern)
    return 0


if __name__ == "__main__":
    sys.exit(main())
