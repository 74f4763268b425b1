"""Stress: hand-counted towns, a slow twin, and series whose recovery is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinweave.measures.recovery import State, recovery
from kinweave.measures.refusals import BadChoice, NoColumn, NoSpread, NotAllowedHere, NotANumber, TooFew
from kinweave.measures.stress import remove, single_points

pytestmark = pytest.mark.sqlite_only  # needs no database

# Two wards. North: talks by two workers under two grants. South: talks and a circle, all on grant A.
TOWN = {
    "service": ["talks", "talks", "talks", "circle"],
    "place": ["north", "north", "south", "south"],
    "funder": ["A", "B", "A", "A"],
    "partner": ["clinic", "clinic", "clinic", "church"],
    "worker": ["w1", "w2", "w3", "w4"],
    "people": [20, 15, 30, 12],
    "capacity": [25, 25, 30, 20],
}


def test_a_grant_goes() -> None:
    """North loses 20 people, of whom 10 find room with w2; south loses 30 + 12 with nothing left."""
    found = remove(TOWN, {"funder": "A"}, capacity="capacity")
    rows = {(x.service, x.place): x for x in found.losses}
    north = rows["talks", "north"]
    assert (north.capacity_before, north.capacity_after, north.people) == (50, 25, 20)
    assert (north.moved, north.without, north.gone) == (10, 10, False)
    assert [x.without for x in found.losses] == [30, 12, 10]
    assert rows["circle", "south"].gone
    assert (found.people, found.without) == (62, 52)
    assert found.says == (
        "Without funder A, 62 people lose what they have; 10 find room in the same service and place, 52 do not. "
        "2 services end where they are."
    )


def test_a_worker_and_a_partner_go_together() -> None:
    found = remove(TOWN, {"worker": ["w2"], "partner": "church"}, capacity="capacity")
    assert {(x.service, x.place, x.without) for x in found.losses} == {("talks", "north", 10), ("circle", "south", 12)}


def test_without_capacity_nobody_can_move() -> None:
    found = remove(TOWN, {"funder": "A"})
    assert found.without == found.people == 62
    assert "no capacity written" in found.notes[0]


def test_single_points_of_failure() -> None:
    found = single_points(TOWN, capacity="capacity")
    assert [(t.kind, t.name, len(t.gone), t.without) for t in found.threads] == [
        ("partner", "clinic", 2, 65), ("funder", "A", 2, 52), ("worker", "w3", 1, 30), ("partner", "church", 1, 12),
        ("worker", "w4", 1, 12),
    ]  # fmt: skip
    assert "partner clinic" in found.says
    safe = {"service": ["t", "t"], "place": ["n", "n"], "funder": ["A", "B"], "people": [3, 4]}
    assert not single_points(safe, ["funder"]).threads


line = st.tuples(*(st.sampled_from(x) for x in ("ab", "pq", "FGH", "uvw")), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=60, deadline=None)
@given(st.lists(line, min_size=1, max_size=12), st.sampled_from("FGH"))
def test_against_counting_one_person_after_the_other(lines: list[tuple], gone: str) -> None:
    names = ("service", "place", "funder", "worker", "people", "capacity")
    data = {name: [x[i] for x in lines] for i, name in enumerate(names)}
    if gone not in data["funder"]:
        with pytest.raises(BadChoice):
            remove(data, {"funder": gone}, capacity="capacity")
        return
    found = remove(data, {"funder": gone}, capacity="capacity")
    rooms = [[x, max(x[5] - x[4], 0)] for x in lines if x[2] != gone]
    without = people = 0
    for x in lines:
        for _ in range(x[4] if x[2] == gone else 0):
            people += 1
            room = next((r for r in rooms if r[0][:2] == x[:2] and r[1] > 0), None)
            if room is None:
                without += 1
            else:
                room[1] -= 1
    assert (found.people, found.without) == (people, without)
    assert all(x.moved + x.without == x.people for x in found.losses)
    ends = {x[:2] for x in lines if all(y[2] == gone for y in lines if y[:2] == x[:2])}
    assert {(x.service, x.place) for x in found.losses if x.gone} == ends
    found.to_json()


def test_refusals() -> None:
    with pytest.raises(BadChoice, match="one of A, B"):
        remove(TOWN, {"funder": "C"})
    with pytest.raises(NoColumn):
        remove(TOWN, {"donor": "A"})
    with pytest.raises(NotAllowedHere, match="Row 2, column people"):
        remove({**TOWN, "people": [20, None, 30, 12]}, {"funder": "A"})
    with pytest.raises(NotANumber):
        remove({**TOWN, "people": [20, "some", 30, 12]}, {"funder": "A"})
    with pytest.raises(NotAllowedHere, match="Row 1, column place"):
        remove({**TOWN, "place": [None, "north", "south", "south"]}, {"funder": "A"})
    with pytest.raises(TooFew):
        single_points({k: [] for k in TOWN})
    with pytest.raises(BadChoice):
        single_points(TOWN, [])
    with pytest.raises(BadChoice):
        remove(TOWN, {})


# Time to recover


def series(after: list[float], before: int = 20) -> dict[str, list]:
    usual = [50.0, 54.0, 46.0, 52.0, 48.0] * 4
    values = usual[:before] + after
    months = [f"{2020 + i // 12}-{i % 12 + 1:02}-01" for i in range(len(values))]
    return {"month": months, "seen": values}


def shock(data: dict[str, list], before: int = 20) -> str:
    return data["month"][before]


def test_back_after_five_months() -> None:
    data = series([20, 15, 30, 52, 30, 50, 49, 51, 50])
    found = recovery(data, "seen", "month", shock(data))
    assert (found.state, found.periods, found.back_at) == (State.BACK, 5, data["month"][25])
    assert found["deepest"].value == 35
    assert found["lost"].value == 30 + 35 + 20 + 0 + 20
    spread = np.std(data["seen"][:20], ddof=1)
    assert found["usual"].low == pytest.approx(50 - 2.093024 * spread * math.sqrt(21 / 20), abs=1e-4)
    assert "5 periods later" in found.says


def test_not_back_yet_is_said() -> None:
    data = series([20, 15, 30, 52, 50])
    found = recovery(data, "seen", "month", shock(data))
    assert (found.state, found.periods, found.back_at) == (State.NOT_YET, 5, None)
    assert "not back yet: 5 periods were watched" in found.says
    assert any("censored" in n for n in found.notes)


def test_not_shaken() -> None:
    data = series([48, 30, 51, 50, 49, 52])
    found = recovery(data, "seen", "month", shock(data))
    assert found.state is State.NOT_SHAKEN, "a single low month is chance"
    late = series([50, 50, 50, 50, 50, 50, 20, 20, 20])
    assert recovery(late, "seen", "month", shock(late)).state is State.NOT_SHAKEN


def test_high_is_worse_and_gaps_are_no_recovery() -> None:
    data = series([90.0, 95.0, None, None, None, 90.0, 50.0, 51.0, 50.0])
    found = recovery(data, "seen", "month", shock(data), worse="high")
    assert found.periods == 6
    assert found.left_out[0].n == 3
    assert recovery(data, "seen", "month", shock(data)).state is State.NOT_SHAKEN


def test_quiet_series_are_hardly_ever_called_shaken() -> None:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(400):
        data = {"t": list(range(36)), "v": rng.normal(10, 2, 36)}
        wrong += recovery(data, "v", "t", "24").state is not State.NOT_SHAKEN
    assert wrong / 400 <= 0.02


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_any_unit(scale: float) -> None:
    data = series([20, 15, 30, 50, 49, 51])
    found = recovery({**data, "seen": [v * scale for v in data["seen"]]}, "seen", "month", shock(data))
    assert found.periods == 3


def test_recovery_refuses() -> None:
    data = series([20, 15], before=7)
    with pytest.raises(TooFew):
        recovery(data, "seen", "month", data["month"][7])
    whole = series([20, 15])
    with pytest.raises(BadChoice, match="2020-01-01"):
        recovery(whole, "seen", "month", "1999-01-01")
    with pytest.raises(NoSpread):
        recovery({**whole, "seen": [5.0] * 22}, "seen", "month", shock(whole))
    with pytest.raises(TooFew):
        recovery({**whole, "seen": [None] * 22}, "seen", "month", shock(whole))
    with pytest.raises(BadChoice):
        recovery(whole, "seen", "month", shock(whole), worse="sideways")
