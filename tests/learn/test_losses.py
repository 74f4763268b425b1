"""If one goes: who loses what, where. Small numbers stay hidden, workers are a count, and a shock is looked back on."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kinweave.house import settings as chosen
from kinweave.house.models import Organisation, Place
from kinweave.learn import choices
from kinweave.learn.build_people import group_code
from kinweave.learn.build_places import place_number
from kinweave.learn.losses import losses, recoveries
from kinweave.learn.release_tables import basis
from kinweave.learn.shape import SCHEMAS, month_index
from tests.learn.little_lakes import lake_of

pytestmark = pytest.mark.django_db
START, LAST = month_index(2024, 1), month_index(2025, 12)
TODAY = date(2026, 1, 10)


def rows_of(world, dip=(), second=14):
    """Ward 1: 40 people, two workers; 3 with one who alone does step 2. Ward 2: `second` people. Meetings monthly."""
    one, two = (place_number(w) for w in world.wards[:2])
    top = {place_number(p.id): place_number(p.parent_id) if p.parent_id else None for p in Place.objects.all()}
    rows = {name: [] for name in SCHEMAS}
    rows["places"] = [{"place": p, "parent": up, "year": year, "population": 5000}
                      for p, up in top.items() for year in (2024, 2025)]  # fmt: skip
    home = group_code(Organisation.objects.get(id=world.organisation).id)
    crowd = [(one, 1 + i % 2, "1") for i in range(40)] + [(one, 3, "2")] * 3 + [(two, 4, "1")] * second
    for person, (place, worker, step) in enumerate(crowd):
        who = {"person": person, "place": place, "purpose": "statistics"}
        rows["people"].append(who | {
            "organisation": home, "programme": "p", "gender": None, "age_band": None, "disability": None,
            "language": None, "dimension": None, "started_month": START, "caregiver": False})  # fmt: skip
        rows["pathway"].append(who | {"month": START, "state": "active", "reason": None})
        if person == 0:
            rows["pathway"].append(who | {"month": LAST, "state": "closed", "reason": "end_of_care"})
        for month in range(START, LAST + 1):
            if month in dip and person % 4:
                continue
            if (person + month) % (4 + month % 5):
                rows["contacts"].append(who | {"month": month, "kind": "session", "planned": True, "held": True,
                                               "missed_reason": None, "worker": worker, "step": step})  # fmt: skip
    return rows


@pytest.fixture
def paid(monkeypatch, world):
    ward = Place.objects.get(id=world.wards[0])
    grants = [{"name": "Bridge", "places": [ward.code], "from": "2025-01", "until": "2026-07"},
              {"name": "Over", "places": [], "from": "2024-01", "until": "2025-01"}]  # fmt: skip
    value = chosen.value
    monkeypatch.setattr(chosen, "value", lambda key, scope="": grants if key == choices.GRANTS else value(key, scope))
    return world


def test_each_carrier_says_who_loses_what_and_small_numbers_stay_hidden(paid):
    lake = lake_of(rows_of(paid))
    said = losses(lake, basis(lake, TODAY))
    lake.close()
    one, two = (place_number(w) for w in paid.wards[:2])
    by_name = {c["name"]: c for c in said["carriers"]}
    name = Organisation.objects.get(id=paid.organisation).name
    assert set(by_name) == {"Bridge", name}  # a grant that is over carries nobody
    row, *around = (r for r in by_name["Bridge"]["rows"] if r["place"] == one)
    assert (row["people"], row["ends"], around) == (40, ["1", "2"], [])  # 42 people, one closed, rounded
    wide = next(r for r in by_name["Bridge"]["rows"] if r["place"] not in (one, two))
    # It pays for one of two wards: what it carries of the district is not a part that could be told.
    assert (wide["people"], wide["ends"], wide["stays"]) == (None, ["2"], ["1"])
    rows = {r["place"]: r for r in by_name[name]["rows"]}
    assert (rows[two]["people"], rows[two]["ends"]) == (15, ["1"])
    alone = {r["place"]: r for r in said["alone"]}
    assert (alone[one]["workers"], alone[one]["ends"]) == (1, ["2"])
    assert (alone[two]["workers"], alone[two]["ends"]) == (1, ["1"])
    assert alone[wide["place"]]["ends"] == ["2"]  # nobody else in the whole district does it
    assert not any("people" in row for row in said["alone"])
    assert '"3"' not in json.dumps(said["alone"])


def test_what_ends_is_named_only_where_the_number_of_people_is_shown(paid):
    """A step that is named says that somebody is on it: with four people in care that is too much."""
    lake = lake_of(rows_of(paid, second=4))
    said = losses(lake, basis(lake, TODAY))
    lake.close()
    two = place_number(paid.wards[1])
    name = Organisation.objects.get(id=paid.organisation).name
    theirs = {r["place"]: r for c in said["carriers"] if c["name"] == name for r in c["rows"]}
    assert theirs[two] == {"place": two, "people": None, "ends": None, "stays": None}
    assert two not in {row["place"] for row in said["alone"]}
    for row in theirs.values():
        assert (row["people"] is None) == (row["ends"] is None) == (row["stays"] is None)
    assert any(row["people"] for row in theirs.values())


def test_a_small_number_cannot_be_worked_out_from_the_rows_beside_it(paid):
    """Three organisations at one place, one of them with four people: what is left of the whole must not say so."""
    rows = rows_of(paid, second=0)
    others = {0: "x" * 12, 1: "y" * 12}
    for row in rows["people"]:
        row["organisation"] = others.get(row["person"] % 3, row["organisation"])
    few = [row for row in rows["people"] if row["organisation"] not in others.values()][4:]
    for row in few:
        row["organisation"] = others[0]
    lake = lake_of(rows)
    said = losses(lake, basis(lake, TODAY))
    lake.close()
    one = place_number(paid.wards[0])
    here = {c["name"]: r["people"] for c in said["carriers"] for r in c["rows"] if r["place"] == one}
    assert here.pop("Bridge") == 40
    assert sorted(here.values(), key=str) == [25, None, None]
    assert len(here) == 3


def test_a_shock_is_seen_and_so_is_the_way_back(world):
    struck = month_index(2025, 1)
    lake = lake_of(rows_of(world, dip=range(struck, struck + 4), second=6))
    said = recoveries(lake, basis(lake, TODAY))
    lake.close()
    place = said["places"][str(place_number(world.wards[0]))]
    shock = place["shocks"]["2025-01"]
    assert (shock["state"], shock["periods"], shock["back"]) == ("back", 4, "2025-05")
    assert place["shocks"]["2024-11"]["state"] != "back" or place["shocks"]["2024-11"]["periods"] > 4
    assert "2024-05" not in place["shocks"]  # too few months before it
    assert all(value % 5 == 0 for value in place["values"])
    assert str(place_number(world.wards[1])) not in said["places"]


def test_a_place_that_began_late_adds_nothing_to_a_larger_one_before(world):
    rows = rows_of(world, second=14)
    late, began = place_number(world.wards[1]), month_index(2025, 7)
    rows["contacts"] = [r for r in rows["contacts"] if r["place"] != late or r["month"] >= began]
    lake = lake_of(rows)
    said = recoveries(lake, basis(lake, TODAY))["places"]
    lake.close()
    top = place_number(Place.objects.get(id=world.wards[0]).parent_id)
    ward, whole = said[str(place_number(world.wards[0]))], said[str(top)]
    assert whole["values"][:18] == ward["values"][:18]
    assert all(more > few for more, few in zip(whole["values"][19:], ward["values"][19:], strict=True))


def test_nobody_in_care_says_nothing(world):
    rows = rows_of(world)
    lake = lake_of({**rows, "pathway": [], "contacts": []})
    assert losses(lake, basis(lake_of(rows), TODAY)) is None
    assert recoveries(lake, basis(lake_of(rows), TODAY)) is None
    lake.close()
