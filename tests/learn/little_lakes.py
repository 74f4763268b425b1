"""Small invented lakes, and every indicator a second time: slow, obvious, in plain Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from kinweave.learn import engine
from kinweave.learn.indicators import InstrumentFacts, Parameters
from kinweave.learn.lake import Lake
from kinweave.learn.shape import SCHEMAS, month_index

FIRST = month_index(2024, 1)
FACTS = InstrumentFacts("scale-a", "total", "invented for this test", reliable_change=4.0, bands=("low", "high"))
TURNED = InstrumentFacts("scale-b", "total", "invented", 4.0, higher_is_worse=False, bands=("low", "high"))
PLACES = {1: 10, 2: 10, 10: 20, 20: None}
Rows = dict[str, list[dict[str, Any]]]
TIMED = ("contacts", "goals")
NOBODY = -1  # what is counted without persons has no groups
# One person's place, month, and parts (or a mean's share), as the twin sees it.
Fact = tuple[int, int, int, dict[str, float]]


def make(seed: int, people: int) -> Rows:
    r = random.Random(seed)
    pick: Callable[..., Any] = r.choice
    purposes = ("statistics", "both", "research")
    rows: Rows = {name: [] for name in SCHEMAS}
    for place, parent in PLACES.items():
        rows["places"] += [{"place": place, "parent": parent, "year": y, "population": 900} for y in (2024, 2025)]
    for person in range(people):
        start = pick([None, *range(FIRST - 2, FIRST + 20)])
        home = {"person": person, "place": pick([1, 2, 10]), "purpose": pick(purposes)}
        rows["people"].append(home | {
            "organisation": "o", "programme": "p", "gender": pick(["f", "m", None]), "age_band": pick(["18-24", "60+"]),
            "disability": pick([None, "yes"]), "language": "en", "dimension": None, "started_month": start,
            "caregiver": pick([True, False]),
        })  # fmt: skip
        for _ in range(r.randrange(7)):
            since = pick([None, *range(-2, 9)])
            rows["scores"].append({
                "person": person, "place": home["place"], "instrument": pick(["scale-a", "scale-b"]),
                "scale": pick(["total", "total", "part"]), "language": "en", "month": FIRST,
                "months_since_start": since,
                "value": float(r.randrange(20)), "band": pick(["low", "high", None, "strange"]), "item_missing": 0,
                "doubtful": r.random() < 0.15, "purpose": pick(purposes),
            })  # fmt: skip
        for _ in range(r.randrange(9)):
            rows["contacts"].append(home | {
                "month": (start or FIRST) + r.randrange(-1, 9), "kind": "session", "planned": pick([True, False]),
                "held": pick([True, False]), "missed_reason": None, "worker": pick([None, 1, 2, 3]), "step": None,
                "purpose": pick(purposes),
            })  # fmt: skip
        for _ in range(r.randrange(6)):
            rows["pathway"].append({
                "person": person, "place": pick([1, 2]), "month": FIRST + r.randrange(20),
                "state": pick(["identified", "waiting", "active", "closed", "below", "consented", "closed"]),
                "reason": pick([None, "we_left", "moved", "own_choice"]), "purpose": pick(purposes),
            })  # fmt: skip
    for person in rows["people"] * 2:
        home = {"person": person["person"], "place": person["place"], "purpose": pick(purposes)}
        for what in ("set", "reached"):
            if r.random() < 0.5:
                month = (person["started_month"] or FIRST) + r.randrange(-2, 9)
                rows["goals"].append(home | {"month": month, "what": what})
    rows["risks"] = [an_alert(r, [1, 2, 10], purposes) for _ in range(people)]
    rows["circles"] = some_circles(r, [1, 2, 10], people // 4)
    rows["hours"] = some_hours(r, [1, 2])
    return rows


def some_circles(r: random.Random, places: list[int], joined: int) -> list[dict[str, Any]]:
    """So many people who came to a circle for the first time."""
    return [{"place": r.choice(places), "month": FIRST + r.randrange(20)} for _ in range(joined)]


def some_hours(r: random.Random, workers: Iterable[int]) -> list[dict[str, Any]]:
    """Months of some workers; in a few of them nothing was written down but noughts."""
    return [
        {"worker": w, "month": FIRST + m, "paid": r.choice([0, 60, 600]), "unpaid": r.choice([0, 0, 120])}
        for w in workers for m in range(20) if r.random() < 0.5
    ]  # fmt: skip


def an_alert(r: random.Random, places: list[int], purposes: tuple[str, ...]) -> dict[str, Any]:
    month = FIRST + r.randrange(20)
    return {
        "place": r.choice(places), "month": month, "acknowledged_in_time": r.random() < 0.7,
        "closed_month": r.choice([None, month, month + 1, month + 5]), "purpose": r.choice(purposes),
    }  # fmt: skip


def a_programme(seed: int, people: int) -> Rows:
    """A lake as a working programme leaves it: most people seen and asked twice, some missed. Invented."""
    r = random.Random(seed)
    rows = make(seed, 0)
    for person in range(people):
        start, place = FIRST + r.randrange(20), r.choice([1, 2])
        home = {"person": person, "place": place, "purpose": "statistics"}
        rows["people"].append(home | {
            "organisation": "o", "programme": "p", "gender": r.choice(["f", "f", "f", "m"]), "age_band": "18-24",
            "disability": None, "language": "en", "dimension": None, "started_month": start,
            "caregiver": r.random() < 0.7,
        })  # fmt: skip
        for since in (0, 3) if r.random() < 0.75 else (0,):
            value = max(0.0, r.gauss(14 - since, 4))
            rows["scores"].append(home | {
                "instrument": "scale-a", "scale": "total", "language": "en", "month": start + since,
                "months_since_start": since, "value": value, "band": "high" if value > 12 else "low",
                "item_missing": 0, "doubtful": False,
            })  # fmt: skip
        for i in range(r.choice([0, 3, 4, 5])):
            rows["contacts"].append(home | {
                "month": start + i // 2, "kind": "session", "planned": True, "held": r.random() < 0.7,
                "missed_reason": None, "worker": r.choice([1, 1, 2]), "step": None,
            })  # fmt: skip
        way = ["active", "closed", "active"] if r.random() < 0.3 else ["active", "closed"]
        way = [r.choice(["waiting", "below", "identified"])] if r.random() < 0.4 else way
        for i, state in enumerate(way):
            reason = r.choice(["end_of_care", "moved"]) if state == "closed" else None
            rows["pathway"].append(home | {"month": start + i, "state": state, "reason": reason})
    for person in rows["people"]:
        home = {one: person[one] for one in ("person", "place", "purpose")}
        for what in ("set", "reached")[: r.choice([0, 1, 1, 2])]:
            rows["goals"].append(home | {"month": person["started_month"] + r.randrange(3), "what": what})
    rows["risks"] = [an_alert(r, [1, 2], ("statistics",)) for _ in range(people // 2)]
    rows["circles"] = some_circles(r, [1, 2], people)
    team = people // 8 + 1
    for row in rows["contacts"]:
        row["worker"] += 3 * (row["person"] % team)  # a larger team, each still with the people they know
    rows["hours"] = some_hours(r, range(1, 2 * team))
    return rows


def lake_of(rows: Rows) -> Lake:
    """An open lake of these rows; contacts and goals get their months since the start, as a rebuild gives them."""
    began = {person["person"]: person["started_month"] for person in rows["people"]}
    since = {name: [row | {"months_since_start": _since(row, began)} for row in rows[name]] for name in TIMED}
    rows = {**rows, **since}
    backend = engine.connect("duckdb")
    tables = {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in SCHEMAS.items()}
    engine.take_in(backend, {name: table.to_reader() for name, table in tables.items()})
    return Lake(backend, **{name: backend.table(name) for name in SCHEMAS})


def _since(row: dict[str, Any], began: dict[int, int | None]) -> int | None:
    start = began.get(row["person"])
    return None if start is None else row["month"] - start


def may(row: dict[str, Any]) -> bool:
    return row["purpose"] in ("statistics", "both")


def starters(rows: Rows) -> list[dict[str, Any]]:
    return [p for p in rows["people"] if may(p) and p["started_month"] is not None]


def scores(rows: Rows, person: int, facts: InstrumentFacts) -> list[dict[str, Any]]:
    return [
        s for s in rows["scores"]
        if s["person"] == person and may(s) and not s["doubtful"] and s["months_since_start"] is not None
        and (s["instrument"], s["scale"]) == (facts.slug, facts.scale)
    ]  # fmt: skip


def pair(rows: Rows, person: int, p: Parameters) -> tuple[float, float] | None:
    facts = p.instrument
    assert facts is not None
    mine = scores(rows, person, facts)
    sign = 1 if facts.higher_is_worse else -1
    seen = [(s["months_since_start"], sign * s["value"]) for s in mine]
    early = [s for s in seen if s[0] <= p.baseline_by]
    late = [s for s in seen if p.fresh <= s[0] <= p.window]
    return (min(early)[1], max(late)[1]) if early and late else None


def better_and_worse(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person in starters(rows):
        both, part = pair(rows, person["person"], p), "missed"
        assert p.instrument is not None
        limit = p.instrument.reliable_change or 0.0
        if both:
            part = "better" if both[0] - both[1] >= limit else "worse" if both[1] - both[0] >= limit else "same"
        found.append((person["person"], person["place"], person["started_month"], {part: 1}))
    return found


def measured(person: dict[str, Any], value: float | None) -> Fact:
    got = {"missed": 1.0} if value is None else {"measured": 1.0, "total": value, "squares": value * value}
    return person["person"], person["place"], person["started_month"], got


def symptom_change(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person in starters(rows):
        both = pair(rows, person["person"], p)
        found.append(measured(person, both[1] - both[0] if both else None))
    return found


def support(rows: Rows, p: Parameters, only_caregivers: bool = False) -> list[Fact]:
    found = []
    for person in starters(rows):
        assert p.instrument is not None
        mine = [
            (s["months_since_start"], p.instrument.bands.index(s["band"]))
            for s in scores(rows, person["person"], p.instrument)
            if -p.baseline_by <= s["months_since_start"] <= p.window and s["band"] in p.instrument.bands
        ]  # fmt: skip
        part = f"band_{max(mine)[1] + 1}" if mine else "missed"
        if only_caregivers and not person["caregiver"]:
            part = "no_caregiver"
        found.append((person["person"], person["place"], person["started_month"], {part: 1}))
    return found


def contacts(rows: Rows, person: dict[str, Any], p: Parameters) -> list[dict[str, Any]]:
    start = person["started_month"]
    return [
        c for c in rows["contacts"]
        if c["person"] == person["person"] and may(c) and start <= c["month"] <= start + p.window
    ]  # fmt: skip


def continuity(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person in starters(rows):
        met = Counter(c["worker"] for c in contacts(rows, person, p) if c["held"] and c["worker"] is not None)
        found.append(measured(person, max(met.values()) / met.total() if met.total() >= 2 else None))
    return found


def sessions_held(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person in starters(rows):
        planned = [c["held"] for c in contacts(rows, person, p) if c["planned"]]
        found.append(measured(person, sum(planned) / len(planned) if planned else None))
    return found


def steps(rows: Rows) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for step in rows["pathway"]:
        if may(step):
            found[step["person"]].append(step)
    return found


def unmet_need(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person, mine in steps(rows).items():
        start = min(s["month"] for s in mine)
        place = min(s["place"] for s in mine if s["month"] == start)
        seen = [s for s in mine if s["month"] <= start + p.wait_months]
        states = {s["state"] for s in seen}
        ours = any(s["state"] == "closed" and s["reason"] in p.our_reasons for s in seen)
        part = "missed"
        if states & set(p.begun_states):
            part = "began"
        elif states & set(p.not_needed_states):
            part = "not_needed"
        elif ours or (states & set(p.waiting_states) and "closed" not in states):
            part = "unmet"
        elif "closed" in states:
            part = "own_choice"
        found.append((person, place, start, {part: 1.0}))
    return found


def reentry(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person, mine in steps(rows).items():
        closed = [s["month"] for s in mine if s["state"] == "closed"]
        if closed:
            end = min(closed)
            last = [s for s in mine if s["state"] == "closed" and s["month"] == end]
            back = any(end < s["month"] <= end + p.reentry_months for s in mine if s["state"] in p.reentered_states)
            gone = any(s["reason"] in p.beyond_reach for s in last)
            part = "came_back" if back else "missed" if gone else "stayed_away"
            found.append((person, min(s["place"] for s in last), end, {part: 1.0}))
    return found


def reach(rows: Rows, p: Parameters) -> list[Fact]:
    return [(s["person"], s["place"], s["started_month"], {"reached": 1.0}) for s in starters(rows)]


def alerts_answered(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for alert in filter(may, rows["risks"]):
        closed, part = alert["closed_month"], "late"
        if alert["acknowledged_in_time"]:
            part = "done" if closed is not None and closed - alert["month"] <= p.wait_months else "missed"
        found.append((NOBODY, alert["place"], alert["month"], {part: 1.0}))
    return found


def own_goals(rows: Rows, p: Parameters) -> list[Fact]:
    found = []
    for person in starters(rows):
        who, until = person["person"], person["started_month"] + p.goal_months
        mine = [g for g in rows["goals"] if g["person"] == who and may(g) and g["month"] <= until]
        part = "no_goal"
        if any(g["what"] == "reached" for g in mine):
            part = "goal_reached"
        elif mine:
            first = min(g["month"] for g in mine)
            met = [c for c in rows["contacts"] if c["person"] == who and may(c) and c["held"]]
            part = "not_reached" if any(first < c["month"] <= until for c in met) else "missed"
        found.append((who, person["place"], person["started_month"], {part: 1}))
    return found


def circles(rows: Rows, p: Parameters) -> list[Fact]:
    return [(NOBODY, row["place"], row["month"], {"joined": 1.0}) for row in rows["circles"]]


def unpaid_hours(rows: Rows, p: Parameters) -> list[Fact]:
    met: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for c in rows["contacts"]:
        if may(c) and c["held"] and c["worker"] is not None:
            met[c["worker"], c["month"] // 12][c["place"]] += 1
    found = []
    for (worker, year), places in met.items():
        mine = [h for h in rows["hours"] if h["worker"] == worker and h["month"] // 12 == year]
        unpaid, whole = sum(h["unpaid"] for h in mine), sum(h["unpaid"] + h["paid"] for h in mine)
        home = max(places, key=lambda one: (places[one], one))
        fact = measured(
            {"person": NOBODY, "place": home, "started_month": year * 12}, unpaid / whole if whole else None
        )
        found.append(fact)
    return found


TWINS: dict[str, Callable[[Rows, Parameters], list[Fact]]] = {
    "better-and-worse": better_and_worse, "symptom-change": symptom_change, "support": support,
    "caregivers-load": lambda rows, p: support(rows, p, only_caregivers=True), "continuity": continuity,
    "sessions-held": sessions_held, "unmet-need": unmet_need, "re-entry": reentry, "reach": reach,
    "alerts-answered": alerts_answered, "own-goals": own_goals, "wellbeing": better_and_worse, "loneliness": support,
    "circles": circles, "unpaid-hours": unpaid_hours,
}  # fmt: skip


def on_the_grid(
    facts: list[Fact], rows: Rows, last: int, follow_up: int, dimensions: tuple[str, ...], by_quarter: bool = True
) -> dict[tuple[int, int, str, str], dict[str, float]]:
    """The sums of every cell that has anyone in it."""
    people = {p["person"]: p for p in rows["people"]}
    found: dict[tuple[int, int, str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for person, home, month, got in facts:
        year, quarter = month // 12, month % 12 // 3 + 1
        periods = [(year * 10 + quarter, year * 12 + quarter * 3 - 1, False), (year * 10, year * 12 + 11, True)]
        for period, end, whole_year in periods:
            if month < FIRST or end + follow_up > last or not (whole_year or by_quarter):
                continue
            groups = [("all", "all")]
            if whole_year and person != NOBODY:
                groups += [(d, people[person][d] or "unsaid") for d in dimensions]
            place: int | None = home
            while place is not None:
                for dimension, group in groups:
                    cell = found[place, period, dimension, group]
                    cell["n"] += 1
                    for name, value in got.items():
                        cell[name] += value
                place = PLACES[place]
    return found


def answers_of(
    seed: int, people: Mapping[str, int], odd: Mapping[str, int] = MappingProxyType({}), turned: int = 1
) -> list[dict[str, Any]]:
    """Rows of the lake's answers to an invented questionnaire of six, 0 to 3 each: so many people in each language.

    odd: in a language the place of a question that means something else there. turned: the place of a reversed one.
    """
    r, rows = random.Random(seed), []
    for language, many in people.items():
        for _ in range(many):
            burden = r.gauss(0, 1)
            for item in range(6):
                felt = 1.5 + 0.9 * burden + r.gauss(0, 0.7)
                if odd.get(language) == item:
                    felt += 1.6
                answer = min(3, max(0, round(felt)))
                rows.append({
                    "person": r.getrandbits(40) * 64 if item == 0 else rows[-1]["person"], "instrument": "calm-6",
                    "version": "1", "language": language, "item": item,
                    "answer": 3 - answer if item == turned else answer, "purpose": "statistics",
                })  # fmt: skip
    return rows
