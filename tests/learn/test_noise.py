"""Reports with noise: said in each language, the same in all and in the CSV, averages left out, safe as before."""

from __future__ import annotations

import csv
import io
from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from kinweave.front.report.sheet import columns_text, csv_text
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM
from kinweave.house.actions import count_place
from kinweave.learn import choices
from kinweave.learn.noise import frozen_noise, house_noise, noisy
from kinweave.learn.release import draft
from kinweave.learn.report import compose
from kinweave.learn.report_audience import TEMPLATES
from kinweave.learn.report_words import words
from kinweave.published import reads
from tests.published.make import about, safe_tables

PLACE = 7


@pytest.fixture
def on(monkeypatch):
    value = chosen.value
    monkeypatch.setattr(chosen, "value", lambda key, scope="": 3 if key == choices.NOISE else value(key, scope))


@pytest.mark.django_db
def test_it_is_off_by_default():
    assert house_noise() is None


@pytest.mark.django_db
def test_the_same_house_key_draws_the_same_noise_for_ever(on):
    first, again = house_noise(), house_noise()
    tables = list(safe_tables(400, PLACE, 100_000).values())
    assert noisy(tables, first) == noisy(tables, again)
    assert any(a.cells != b.cells for a, b in zip(tables, noisy(tables, first).values(), strict=True))


@pytest.mark.django_db
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("n", [40, 400])
def test_every_report_copes_and_says_so_in_each_language(on, template, n):
    drawn = house_noise()
    tables = noisy(list(safe_tables(n, PLACE, 100_000).values()), drawn)
    docs = [compose(about(PLACE, noise=drawn.error), tables, words(one), template) for one in ("en", "ar")]
    for doc, sentence in zip(docs, ("noise on purpose", "تشويش مقصود"), strict=True):
        wrong = next(s for s in doc["sections"] if s["id"] == "wrong")
        assert sentence in str(wrong)
        assert str(drawn.error) in str(wrong)
    shapes = [[b["kind"] for s in doc["sections"] for b in s["blocks"]] for doc in docs]
    assert shapes[0] == shapes[1]


@pytest.mark.django_db
def test_the_csv_holds_the_noisy_numbers_and_no_others(on):
    drawn, safe = house_noise(), safe_tables(400, PLACE, 100_000)
    tables = noisy(list(safe.values()), drawn)
    head = {"place": PLACE, "invented": False, "noise": frozen_noise(tables, drawn, PLACE)}
    row = SimpleNamespace(slug="x", head=head, period=20250, texts={"en": {"place": "Ward 1"}},
                          tables=[t.to_dict() for t in safe.values()])  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(csv_text(row))))
    mine = [r for r in rows if r["question"] == "how-people-felt" and r["part"] == "people"]
    cells = [c for c in tables["better-and-worse"].cells if c.place == PLACE]
    assert [r["count"] for r in mine] == ["" if c.n is None else str(c.n) for c in cells]
    assert [c.n for c in cells] != [c.n for c in safe["better-and-worse"].cells]
    assert f"at most {drawn.error} people" in columns_text(row)


@pytest.mark.django_db
def test_a_draft_is_frozen_with_its_noise(world, on):
    year = timezone.localdate().year
    count_place(by=SYSTEM, place_id=world.wards[0], year=year, population=1200, source="census")
    made = draft(world.wards[0], year * 10, world.actor("gloria"), today=date(year + 2, 1, 10))
    row = reads.one_for_desk(world.actor("farai"), made["release"])
    assert row.head["noise"]["scale"] == 3
    assert reads.is_intact(row)
