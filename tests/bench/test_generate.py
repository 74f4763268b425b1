"""The benchmarks' generator makes what it says; each benchmark's parts run at a toy size."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from django.test import Client

from bench import bare, stamp, world
from bench.generate import Maker, Plan, site
from bench.table import Rounds, Row, percentile, table
from kinweave.care.models import Session
from kinweave.house.journal import parts_of
from kinweave.house.models import Due, Entry
from kinweave.house.sealing import open_sealed
from kinweave.listen.models import Response, Score
from kinweave.people import fields
from kinweave.people.models import Person

SMALL = {"workers": 3, "teams": 2, "places": 4}


def test_a_plan_has_exactly_as_many_facts_as_asked():
    for persons, facts, workers in ((50, 500, 1), (400, 401, 3), (1_000, 9_999, 5)):
        counts = Plan(persons, facts, workers).counts()
        assert len(counts) == persons
        assert sum(counts) == facts
        assert min(counts) >= 1


@pytest.mark.django_db
def test_the_generator_makes_persons_and_facts_through_the_journal():
    told = site(persons=40, facts=320, **SMALL)
    assert (told["persons"], told["facts"]) == (40, 320)
    assert Person.objects.count() == 40
    assert Response.objects.count() + Session.objects.count() == 320
    entries = list(Entry.objects.filter(device="bench"))
    assert len(entries) == told["bulk_entries"]
    assert Counter(p.action for p in parts_of(entries))["people.register_person"] == 40
    someone = Person.objects.filter(state="active").first()
    assert open_sealed(someone.id, fields.ALIAS, someone.alias)
    assert Due.objects.filter(state="open", kind="session", person_id=someone.id).exists()


@pytest.mark.django_db
def test_caseloads_stay_the_same_whatever_the_number_of_persons():
    made = world.make(**SMALL)
    plan = Plan(persons=150, facts=450, workers=3)
    assert plan.active == 90
    maker = Maker(plan, made)
    maker.write(range(150), plan.counts())
    active = Counter(Person.objects.filter(state="active").values_list("worker_id", flat=True))
    assert active == dict.fromkeys(made.workers, 30)
    assert set(Person.objects.exclude(state="active").values_list("state", flat=True)) == {"closed", "below"}


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_stamped_persons_have_rows_keys_and_names_of_their_own_and_no_journal():
    told = site(persons=200, facts=900, through=60, block=25, **SMALL)
    assert (told["through_journal"], told["stamped"], told["persons"]) == (125, 75, 200)
    stamped = [p for p in Person.objects.all() if p.id.hex[12] == stamp.VERSION]
    assert len(stamped) == told["stamped"]
    assert len({p.code for p in stamped}) == len(stamped)
    assert all(open_sealed(p.id, fields.ALIAS, p.alias) for p in stamped)
    ids = {p.id for p in stamped}
    assert not Entry.objects.filter(subject_id__in=ids).exists()
    source = UUID(hex=next(p.id.hex for p in Person.objects.filter(state="closed") if p.id not in ids))
    assert Response.objects.filter(person_id=source).exists()
    assert Score.objects.filter(person_id__in=ids).count() == Response.objects.filter(person_id__in=ids).count() > 0


@pytest.mark.django_db
def test_every_measured_page_answers_and_says_how_many_queries_it_makes():
    from bench.pages import PAGES, ready

    site(persons=30, facts=120, **SMALL)
    asked = ready(4)
    assert set(asked) == set(PAGES)
    assert all(one["queries"] > 0 and len(one["requests"]) == 4 for one in asked.values())


@pytest.mark.django_db
def test_the_posted_forms_are_accepted_once_each():
    import json

    from bench.actions import journalled, people, posts

    made = people(3)
    client = Client()
    for raw in posts(made, 6):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        token = next(line for line in lines if line.startswith("Authorization")).partition(": ")[2]
        path = lines[0].split()[1]
        for _ in range(2):
            answer = client.post(path, body, content_type="application/json", headers={"authorization": token})
            assert json.loads(answer.content)["state"] == "accepted"
    found = journalled()
    assert found["entries"] == 6 == len(set(found["ids"]))


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_the_lake_that_is_made_is_counted_by_every_indicator():
    from bench.lake import extract, indicators
    from kinweave.learn.indicators import CATALOGUE

    told = indicators(scores=2_000, rounds=1)
    assert set(told["each"]) == set(CATALOGUE)
    assert told["rows"] == 2_000 + 200 * 8 + 100 + 20 + 20 + 3600 + 160
    site(persons=30, facts=120, **SMALL)
    assert extract()["rows"] > 120


def test_the_bare_yardstick_writes_what_it_counts(tmp_path):
    assert bare.sqlite_commits(tmp_path, 20, 100) > 0
    assert bare.sqlite_commits(tmp_path, 20, 100, per_commit=10) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_row_says_whether_its_goals_were_met():
    row = Row("a page", 120.0, "ms", "at 10", 100.0, at_most=100, ratio_at_most=1.5)
    assert row.goal() == "≤ 100 ms: missed, ratio ≤ 1.5: met"
    assert "| 1.2 " in table([row])
    assert Rounds.of([2.0, 1.0, 4.0]).per(100) == Rounds(50.0, 25.0, 100.0)
    assert [percentile([1, 2, 3, 4], share) for share in (0.5, 0.95, 1)] == [2, 4, 4]
