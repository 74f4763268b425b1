"""The lake is what may be counted, under new numbers, by month: nothing in it leads back to a person."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from kinweave.care.actions import move_on, note_session, open_risk, set_goal, set_goal_state
from kinweave.house.access import SYSTEM
from kinweave.house.actions import count_place
from kinweave.learn.alone import AtWork, alone
from kinweave.learn.build import build, lake_key
from kinweave.learn.build_places import Zones, place_number
from kinweave.learn.lake import read_lake
from kinweave.learn.shape import month_index
from kinweave.listen.actions import record_response, switch_instrument, undo_response
from kinweave.people.actions import add_contact, merge_persons, unmerge_person, withdraw_consent
from kinweave.people.models import Consent, Person

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 2 for n in range(1, 9)} | {"q9": 0}
ON_WAY = ("consent", "tell", "wait", "start")


@pytest.fixture
def asking(world):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    count_place(by=SYSTEM, place_id=world.wards[0], year=timezone.localdate().year, population=1200, source="census")
    return world


def started(world, **more):
    """Someone who started, met a worker once and was asked; returns (person, response)."""
    person = world.person(**more)
    by = world.actor(more.get("by", "amina"))
    for move in ON_WAY:
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    note_session(by=by, person_id=person, held=True, kind="session", homework="none", mood="same")
    answers = {**PHQ, "q1": len(Person.objects.all()) % 4}
    done = record_response(by=by, person_id=person, instrument="phq-9", answers=answers)
    return person, done.result["response"]


@pytest.fixture
def lake(tmp_path):
    """Rebuild and read back: {table: rows as dicts}."""

    def rebuilt(**more):
        build(tmp_path / "lake", **more)
        streams = read_lake(tmp_path / "lake", lake_key())
        return {name: stream.read_all().to_pylist() for name, stream in streams.items()}

    return rebuilt


def test_a_person_who_agreed_is_in_every_table(asking, lake):
    started(asking, gender="woman", birth_year=timezone.localdate().year - 65, language="ar")
    found = lake()
    person = found["people"][0]
    assert len(found["people"]) == 1
    assert (person["gender"], person["age_band"], person["language"], person["purpose"]) == (
        "woman", "60+", "ar", "statistics",
    )  # fmt: skip
    assert person["place"] == place_number(asking.wards[0])
    score = found["scores"][0]
    assert (score["instrument"], score["scale"], score["months_since_start"], score["doubtful"]) == (
        "phq-9", "total", 0, False,
    )  # fmt: skip
    assert [row["state"] for row in found["pathway"]] == ["consented", "told", "waiting", "active"]
    assert found["contacts"][0]["held"]
    assert {row["person"] for table in ("scores", "contacts", "pathway") for row in found[table]} == {person["person"]}
    assert person["started_month"] == Zones().month(timezone.now(), asking.programme)


def test_nothing_in_the_lake_leads_back(asking, lake, tmp_path):
    person, response = started(asking, alias="Zuhura", name="Zuhura Mwangi", gender="woman", birth_year=1961)
    add_contact(by=asking.actor("amina"), person_id=person, kind="phone", value="+263 77 123 4567")
    open_risk(by=asking.actor("amina"), person_id=person, kinds=["self_harm"], urgency="now")
    found = lake()
    said = json.dumps(found)
    day = timezone.localdate().isoformat()
    ids = [str(person), str(response), *(str(one.id) for one in asking.accounts.values())]
    # Whole numbers as they were written: four digits alone may stand by chance in the number of a person.
    assert 1961 not in {value for rows in found.values() for row in rows for value in row.values()}
    for secret in (
        "Zuhura",
        "Mwangi",
        "1234567",
        "123 4567",
        "self_harm",
        day,
        *ids,
        *(i.replace("-", "") for i in ids),
    ):
        assert secret not in said
    assert not re.search(r"\d{4}-\d\d-\d\d", said)
    numbers = [row["person"] for row in found["people"]]
    assert not set(numbers) & {int(str(one).replace("-", ""), 16) >> shift for one in ids for shift in (0, 64, 65)}
    for file in (tmp_path / "lake").rglob("*.parquet"):
        assert b"statistics" not in file.read_bytes()


def test_every_rebuild_draws_new_numbers_for_people_and_workers(asking, lake):
    started(asking)
    first, second = lake(), lake()
    for table, column in (("people", "person"), ("contacts", "worker")):
        assert {r[column] for r in first[table]}.isdisjoint(r[column] for r in second[table])
    assert first["people"][0]["place"] == second["people"][0]["place"]


def test_rows_lie_by_person_and_month_so_that_nothing_says_in_which_order_they_came(asking, lake):
    for _ in range(6):
        started(asking)
    found = lake()
    for table in ("scores", "contacts", "pathway"):
        order = [(row["person"], row["month"]) for row in found[table]]
        assert order == sorted(order)
        assert len({person for person, _ in order}) == 6


def test_without_consent_to_statistics_a_person_is_absent(asking, lake):
    started(asking)
    asking.person(consent=False)
    declined, _ = started(asking)
    given = Consent.objects.get(person=declined, purpose="statistics")
    withdraw_consent(by=asking.actor("amina"), person_id=declined, consent_id=given.id)
    found = lake()
    assert len(found["people"]) == 1
    assert len(found["scores"]) == len(found["contacts"]) == 1
    assert len(found["pathway"]) == len(ON_WAY)


def test_a_correction_is_all_that_is_left_of_what_was_wrong(asking, lake):
    person, response = started(asking)
    undo_response(by=asking.actor("amina"), person_id=person, response_id=response)
    assert lake()["scores"] == []
    record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers={**PHQ, "q2": 0})
    assert [row["value"] for row in lake()["scores"]] == [14.0]


def test_two_records_that_are_one_person_count_once_and_twice_again_when_parted(asking, lake):
    (one, _), (other, _) = started(asking), started(asking)
    merge_persons(by=asking.actor("dalia"), person_id=one, into_id=other)
    merged = lake()
    assert len(merged["people"]) == 1
    assert len(merged["scores"]) == 2
    assert len({row["person"] for row in merged["scores"]}) == 1
    unmerge_person(by=asking.actor("dalia"), person_id=one)
    parted = lake()
    assert len(parted["people"]) == len({row["person"] for row in parted["scores"]}) == 2


def test_the_whole_records_withdrawal_holds_for_what_was_merged_into_it(asking, lake):
    (one, _), (other, _) = started(asking), started(asking)
    merge_persons(by=asking.actor("dalia"), person_id=one, into_id=other)
    given = Consent.objects.get(person=other, purpose="statistics")
    withdraw_consent(by=asking.actor("amina"), person_id=other, consent_id=given.id)
    found = lake()
    assert found["people"] == found["scores"] == found["pathway"] == []


def test_who_was_erased_is_gone(asking, lake):
    from kinweave.flows.erase import erase_person

    person, _ = started(asking)
    started(asking)
    erase_person(by=asking.actor("farai"), person_id=person)
    found = lake()
    assert len(found["people"]) == len(found["scores"]) == 1


def test_the_first_start_counts_and_the_programmes_own_calendar(asking, lake):
    person, _ = started(asking)
    by = asking.actor("amina")
    move_on(by=by, person_id=person, move="close", reason="moved")
    found = lake()
    assert [row["reason"] for row in found["pathway"]][-1] == "moved"
    # 22:30 on the last of December in UTC is already January in Harare.
    late = timezone.datetime(2025, 12, 31, 22, 30, tzinfo=timezone.get_default_timezone())
    assert Zones().month(late, asking.programme) == month_index(2026, 1)


def test_places_carry_the_last_known_number_of_inhabitants_and_parents_the_sum(asking, lake):
    year = timezone.localdate().year
    count_place(by=SYSTEM, place_id=asking.wards[0], year=year - 3, population=1000, source="census")
    count_place(by=SYSTEM, place_id=asking.wards[1], year=year - 3, population=700, source="census")
    found = {(row["place"], row["year"]): row["population"] for row in lake()["places"]}
    ward, district = place_number(asking.wards[0]), place_number(asking.district)
    assert [found[ward, y] for y in (year - 3, year - 2, year)] == [1000, 1000, 1200]
    assert found[district, year - 3] == 1700
    assert found[district, year] == 1900


def test_copied_rows_are_marked(asking, lake):
    for _ in range(2):
        person = asking.person()
        record_response(by=asking.actor("amina"), person_id=person, instrument="phq-9", answers={**PHQ, "q1": 3})
    assert [row["doubtful"] for row in lake()["scores"]] == [True, True]


def test_text_where_a_code_belongs_is_left_out(asking, lake):
    Person.objects.filter(id=asking.person()).update(facts={"valley": "Behind Rudo's house"}, language="a b")
    row = lake(dimension="valley")["people"][0]
    assert (row["dimension"], row["language"]) == (None, None)


def test_one_rebuild_at_a_time(db):
    with alone(), pytest.raises(AtWork), alone():
        pass
    with alone():
        pass


def test_a_rebuild_that_died_does_not_hold_the_lake_for_ever(db):
    from kinweave.house.models import Lease

    Lease.objects.create(name="learn.lake", holder="gone", until=timezone.now() - timedelta(seconds=1))
    with alone():
        assert Lease.objects.get(name="learn.lake").holder != "gone"


def test_the_served_site_never_loads_the_analysis():
    """Every address resolved and every action registered, and still no DuckDB, Ibis, numpy or Arrow."""
    look = (
        "import os,sys,django;os.environ['DJANGO_SETTINGS_MODULE']='kinweave.config.settings';django.setup();"
        "from django.urls import get_resolver;get_resolver().url_patterns;import kinweave.config.urls;"
        "print(sorted(m for m in ('duckdb','ibis','numpy','pyarrow','scipy','pandas','typst') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-2000:]


def test_the_lake_lies_with_the_sites_own_files():
    assert settings.LAKE.parent == settings.HOME


# ------------------------------------------------------------------------------------------- answers


def answered(world, day=0, language="en", person=None, by="amina", **changed):
    """Someone's answers, so many days ago; returns the person."""
    person = person or world.person(by=by)
    record_response(
        by=world.actor(by), person_id=person, instrument="phq-9", answers={**PHQ, **changed}, language=language,
        taken_on=timezone.localdate() - timedelta(days=day),
    )  # fmt: skip
    return person


def by_person(found):
    """The answers of each number in the lake's answers, in the questions' order, after the language."""
    told = {}
    for row in sorted(found["answers"], key=lambda row: row["item"]):
        told.setdefault((row["person"], row["language"]), []).append(row["answer"])
    return {(language, *answers) for (_, language), answers in told.items()}


def test_first_whole_answers_stand_alone_in_the_lake(asking, lake):
    first = answered(asking, day=30, language="ar", q1=3)
    answered(asking, person=first, q1=0)
    answered(asking, day=2, q2=1)
    answered(asking, q2=None)  # not whole
    answered(asking, language="", q2=3)  # nobody knows in which language
    found = lake()
    assert by_person(found) == {("ar", 3, 2, 2, 2, 2, 2, 2, 2, 0), ("en", 2, 1, 2, 2, 2, 2, 2, 2, 0)}
    assert {row["purpose"] for row in found["answers"]} == {"statistics"}
    known = {row["person"] for table in ("people", "scores") for row in found[table]}
    assert known.isdisjoint({row["person"] for row in found["answers"]})


def test_answers_in_one_language_never_come_into_the_lake(asking, lake):
    answered(asking, q1=1)
    answered(asking, q1=3)
    found = lake()
    assert found["answers"] == []
    assert len(found["scores"]) == 2


def test_answers_that_look_copied_and_those_of_who_declined_stay_out(asking, lake):
    answered(asking, q3=1)
    answered(asking, q3=1)
    answered(asking, q1=1)
    declined = answered(asking, q1=0)
    given = Consent.objects.get(person=declined, purpose="statistics")
    withdraw_consent(by=asking.actor("amina"), person_id=declined, consent_id=given.id)
    answered(asking, language="ar", q1=3)
    assert by_person(lake()) == {("en", 1, *[2] * 7, 0), ("ar", 3, *[2] * 7, 0)}


def test_of_two_records_of_one_person_the_earlier_answers_count(asking, lake):
    one, other = answered(asking, day=9, q1=1), answered(asking, day=20, language="ar", q1=3)
    answered(asking, q1=0)
    merge_persons(by=asking.actor("dalia"), person_id=one, into_id=other)
    assert by_person(lake()) == {("ar", 3, *[2] * 7, 0), ("en", 0, *[2] * 7, 0)}


# --------------------------------------------------------------------------------------------------- goals


def test_a_goal_comes_without_its_words_and_is_reached_as_it_stands_today(asking, lake):
    by, (person, _) = asking.actor("amina"), started(asking)
    first, second = (set_goal(by=by, person_id=person, text=f"Zzgoal {n}").result["goal"] for n in (1, 2))
    for goal, *states in ((first, "reached"), (second, "reached", "open")):
        for state in states:
            set_goal_state(by=by, person_id=person, goal_id=goal, state=state)
    found = lake()
    assert sorted(row["what"] for row in found["goals"]) == ["reached", "set", "set"]
    assert {row["person"] for row in found["goals"]} == {found["people"][0]["person"]}
    assert "Zzgoal" not in json.dumps(found)
    declined, _ = started(asking)
    set_goal(by=by, person_id=declined, text="Zzgoal 3")
    given = Consent.objects.get(person=declined, purpose="statistics")
    withdraw_consent(by=by, person_id=declined, consent_id=given.id)
    assert len(lake()["goals"]) == 3


def test_a_session_that_was_held_says_that_the_goal_was_reached_and_its_correction_takes_it_back(asking, lake):
    by, (person, _) = asking.actor("amina"), started(asking)
    note_session(by=by, person_id=person, held=False, missed_reason="other", mood="reached")
    noted = note_session(by=by, person_id=person, held=True, mood="reached").result["session"]
    assert [row["what"] for row in lake()["goals"]] == ["reached"]
    note_session(by=by, person_id=person, held=True, mood="easier", replaces=noted)
    assert lake()["goals"] == []
