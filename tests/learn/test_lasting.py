"""What becomes of a gain once money has ended: counted a second time in plain Python, judged, hidden, refused."""

from __future__ import annotations

import random
from collections import defaultdict
from statistics import mean
from types import SimpleNamespace

import pytest

from kinweave.learn import lasting_money
from kinweave.learn.indicators import InstrumentFacts
from kinweave.learn.lasting import Asking, _by_place, asked_again, judge, lasting, phase_tables
from kinweave.learn.lasting_money import Ending, endings, lake_month
from kinweave.learn.lasting_usual import usual_course
from kinweave.learn.shape import SCHEMAS
from kinweave.measures.disclosure import Rules
from tests.learn.little_lakes import lake_of

pytestmark = pytest.mark.sqlite_only  # needs no database

FROM, UNTIL = lake_month("2023-01"), lake_month("2025-01")
OURS, OTHERS = (1, 2, 3, 4), (5, 6, 7, 8)
FACTS = InstrumentFacts("scale-a", "total", "invented for this test")
HOW = Asking(FACTS, (3, 6, 12), "statistics", Rules(), 0.5)
END = Ending("2025-01", FROM, UNTIL, 12, ("Two years",), OURS, OTHERS)


def little(seed: int = 1, each: int = 60, gain: float = 4.0, later: float = 4.0) -> dict[str, list[dict]]:
    """`each` people a ward; ours gain `gain` points while money comes and `later` from half a year after its end on."""
    r = random.Random(seed)
    rows: dict[str, list[dict]] = {name: [] for name in SCHEMAS}
    blank = {name: {f.name: None for f in schema} for name, schema in SCHEMAS.items()}
    for ward in (*OURS, *OTHERS):
        rows["places"] += [{"place": ward, "parent": None, "year": y, "population": 900} for y in (2023, 2024, 2025)]
        for n in range(each):
            person, began = ward * 1000 + n, FROM + r.randrange(-3, 34)
            started = began if ward in OURS else None
            if n % 17 == 0:  # never started, or started where nobody pays
                started = None if ward in OURS else began
            home = {"person": person, "place": ward, "purpose": r.choice(["statistics", "both", "both", "research"])}
            rows["people"].append({**blank["people"], **home, "organisation": "o", "programme": "p",
                                   "started_month": started, "caregiver": False})  # fmt: skip
            first = r.choice([8.0, 12.0, 15.0, 20.0])
            for since in (0, 3, 4, 6, 12):
                month = began + since + (r.choice([0, 0, 1]) if since else 0)
                if since and r.random() < 0.2:
                    continue
                help_ = (gain if month < UNTIL + 6 else later) if ward in OURS and since else 0.0
                value = first if not since else 0.5 * first + r.gauss(0, 2.0) - help_
                score = {**blank["scores"], **home, "instrument": "scale-a", "scale": "total", "month": month,
                         "value": value, "item_missing": 0, "doubtful": r.random() < 0.05}  # fmt: skip
                rows["scores"] += [score, {**score, "instrument": "scale-b", "value": 99.0}]
                if r.random() < 0.1:
                    rows["scores"].append({**score, "value": value + 1.0})
    return rows


def twin(rows: dict[str, list[dict]], phase: str, usual) -> dict[int, list[float]]:
    """By ward, each person's average distance from what is usual: slow and obvious."""
    may = ("statistics", "both")
    found: dict[int, list[float]] = defaultdict(list)
    low, high = (FROM, UNTIL) if phase == "before" else (UNTIL + 6, UNTIL + 12)
    for person in (p for p in rows["people"] if p["purpose"] in may):
        months: dict[int, list[float]] = defaultdict(list)
        for s in rows["scores"]:
            fits = s["person"] == person["person"] and s["instrument"] == "scale-a" and s["purpose"] in may
            if fits and not s["doubtful"]:
                months[s["month"]].append(s["value"])
        if not months or (person["place"] in OURS) != (person["started_month"] is not None):
            continue
        began = person["started_month"] if person["place"] in OURS else min(months)
        early = [m for m in months if m <= began + 1]
        if began < FROM or not early:
            continue
        first, apart = mean(months[min(early)]), []
        for window in (3, 6, 12):
            near = [m for m in months if abs(m - began - window) <= 1]
            if near and low <= began + window < high:
                best = min(near, key=lambda m: (abs(m - began - window), m))
                apart.append(mean(months[best]) - usual.windows[window] - usual.slope * first)
        if apart:
            found[person["place"]].append(mean(apart))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_ward_is_counted_as_plain_python_counts_it(seed: int) -> None:
    rows = little(seed, each=25)
    lake = lake_of(rows)
    asked = asked_again(lake, HOW, END)
    usual = usual_course(asked.filter(~asked.ours), 11)
    assert set(usual.windows) == {3.0, 6.0, 12.0}
    assert 0.4 < usual.slope < 0.6
    for phase in ("before", "after"):
        expected = twin(rows, phase, usual)
        found = {r["place"]: r for r in _by_place(asked, usual, END, phase)}
        assert set(found) == set(expected)
        for place, apart in expected.items():
            assert found[place]["n"] == len(apart)
            assert found[place]["total"] == pytest.approx(sum(apart))
            assert found[place]["squares"] == pytest.approx(sum(a * a for a in apart))
    lake.close()


@pytest.mark.parametrize(
    ("gain", "later", "said"),
    [(4.0, 4.0, "holds"), (4.0, 0.0, "fades"), (4.0, 8.0, "grows"), (0.0, 0.0, "not-shown")],
)
def test_what_became_of_it_is_told(gain: float, later: float, said: str) -> None:
    lake = lake_of(little(3, each=200, gain=gain, later=later))
    found = judge(phase_tables(lake, HOW, END), END, HOW)
    assert (found["state"], found["verdict"]) == ("found", said)
    assert found["gain"][0] == pytest.approx(gain, abs=0.8)
    assert found["gain"][1] <= found["gain"][0] <= found["gain"][2]
    assert found["kept"][0] == pytest.approx(later, abs=1.0)
    assert found["ours"]["places"] == found["others"]["places"] == 4
    assert found["ours"]["n"] % 5 == 0
    lake.close()


def test_wards_of_few_people_are_hidden_and_named_as_left_out() -> None:
    rows = little(4, each=130)
    rows["people"] = [p for p in rows["people"] if p["place"] != 1 or p["person"] % 1000 < 20]
    lake = lake_of(rows)
    tables = phase_tables(lake, HOW, END)
    hidden = [c for table in tables.values() for c in table.cells if c.place == 1]
    assert hidden
    assert all(c.n is None and c.mean is None for c in hidden)
    found = judge(tables, END, HOW)
    assert (found["left"], found["ours"]["places"]) == ({"places": 1}, 3)
    lake.close()


def test_below_the_population_floor_nothing_is_shown_and_too_few_places_is_said() -> None:
    rows = little(5, each=130)
    for place in rows["places"]:
        place["population"] = 300 if place["place"] in (1, 2) else 900
    lake = lake_of(rows)
    found = judge(phase_tables(lake, HOW, END), END, HOW)
    assert (found["state"], found["why"], found["left"]) == ("too-few", "too-few", {"places": 2})
    lake.close()


def test_nobody_next_door_gives_no_tables() -> None:
    rows = little(6, each=20)
    rows["people"] = [p for p in rows["people"] if p["place"] in OURS]
    lake = lake_of(rows)
    assert phase_tables(lake, HOW, END) == {}
    assert judge({}, END, HOW)["state"] == "too-few"
    lake.close()


# ------------------------------------------------------------------------------------------------- money


@pytest.fixture
def money(monkeypatch):
    """Places A (wards 1 and 2) and B (ward 3), and whatever grants a test names."""

    def of(*grants: dict, last: str = "2026-06"):
        values = {"learn.grants": list(grants), "learn.windows": [0, 3, 6, 12], "learn.kept": 0.5}
        monkeypatch.setattr(lasting_money.chosen, "value", lambda key, scope="": values[key])
        names = {10: "A", 1: "A1", 2: "A2", 20: "B", 3: "B1"}
        monkeypatch.setattr(
            lasting_money, "places_by_number", lambda: {n: SimpleNamespace(code=c) for n, c in names.items()}
        )
        rows: dict[str, list[dict]] = {name: [] for name in SCHEMAS}
        for place, parent in ((10, None), (20, None), (1, 10), (2, 10), (3, 20)):
            rows["places"].append({"place": place, "parent": parent, "year": 2024, "population": 900})
        on = SimpleNamespace(grid=SimpleNamespace(last=lake_month(last), purpose="statistics"), rules=Rules(),
                             parameters=lambda name: SimpleNamespace(instrument=FACTS))  # fmt: skip
        return lake_of(rows), on

    return of


def grant(name: str, places: list[str], first: str, until: str) -> dict:
    return {"name": name, "places": places, "from": first, "until": until}


def test_a_grant_pays_for_the_wards_inside_and_the_rest_is_the_comparison(money) -> None:
    lake, on = money(grant("G", ["A"], "2023-01", "2025-01"))
    (end,) = endings(lake, on)
    assert (end.ours, end.others, end.months) == ((1, 2, 10), (3, 20), 12)
    assert (end.first, end.month) == (lake_month("2023-01"), lake_month("2025-01"))


def test_it_is_judged_when_the_anniversary_is_over_and_then_at_the_next(money) -> None:
    g = grant("G", ["A"], "2020-01", "2025-01")
    assert [e.months for e in endings(*money(g, last="2025-11"))] == []
    assert [e.months for e in endings(*money(g, last="2025-12"))] == [12]
    assert [e.months for e in endings(*money(g, last="2026-11"))] == [12]
    assert [e.months for e in endings(*money(g, last="2026-12"))] == [24]


def test_a_place_that_something_else_pays_for_has_not_lost_its_money(money) -> None:
    lake, on = money(grant("G", ["A"], "2023-01", "2025-01"), grant("H", ["A1"], "2023-01", ""))
    (end,) = endings(lake, on)
    assert (end.ours, end.others) == ((2, 10), (3, 20))


def test_a_place_where_money_came_only_later_is_no_comparison_for_long(money) -> None:
    lake, on = money(grant("G", ["A"], "2023-01", "2025-01"), grant("H", ["B"], "2025-06", ""))
    assert endings(lake, on)[0].others == ()
    lake, on = money(grant("G", ["A"], "2023-01", "2025-01"), grant("H", ["B"], "2026-02", ""))
    assert endings(lake, on)[0].others == (3, 20)


def test_money_for_everybody_leaves_nobody_to_compare_with(money) -> None:
    lake, on = money(grant("G", [], "2023-01", "2025-01"))
    tables, (said,) = lasting(lake, on, ())
    assert not tables
    assert {k: v for k, v in said.items() if k != "at"} == {
        "topic": "lasting", "until": "2025-01", "months": 12, "grants": ["G"], "state": "no-comparison", "year": 2025
    }  # fmt: skip
    assert set(said["at"]) == set(endings(lake, on)[0].ours)


def test_without_grants_nothing_is_asked(money) -> None:
    assert lasting(*money(), ()) == ([], [])
