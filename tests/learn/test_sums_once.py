"""Nobody is in two files of one questionnaire's sums, so that all files together show no fewer people than each."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from kinweave.core.problems import Problem
from kinweave.house import replay
from kinweave.house.actions import change_setting
from kinweave.house.models import Entry
from kinweave.learn import choices
from kinweave.learn.shape import month_index
from kinweave.learn.sums import moments_of, sums_again, write_sums
from kinweave.learn.sums_once import Question, SumsOver, Turn, closed_before, name_of, turn
from kinweave.learn.sums_signed import read, together
from kinweave.measures.slopes import fit_slopes
from kinweave.published.actions import give_sums
from kinweave.published.models import SumsGiven
from tests.learn.little_lakes import a_programme, lake_of
from tests.learn.sums_attacker import Someone, file_of, shown

FIRST = month_index(2024, 1)
SMALLEST = 3
QUESTIONS = [
    Question("total", purpose, windows, groups)
    for purpose in ("statistics", "research")
    for windows in ((0,), (0, 3), (0, 3, 6), (2, 6))
    for groups in ((), ("gender",), ("age_band",), ("gender", "age_band"))
]


@dataclass(frozen=True)
class File:
    since: int
    until: int
    question: dict[str, Any]
    numbers: list[Any]


def someone(r: random.Random, number: int) -> Someone:
    start = FIRST + r.randrange(12)
    late, leaves = r.random() < 0.2, r.random() < 0.3
    return Someone(
        number, start, tuple(m for m in (0, 1, 2, 3, 5, 6) if r.random() < 0.7),
        {"gender": r.choice("ffm"), "age_band": r.choice(["18-24", "25-59"])},
        r.choice(["both", "both", "both", "statistics", "research"]), start + 8 * late,
        start + r.randrange(6, 24) if leaves else 1 << 30,
    )  # fmt: skip


def every_file(people: list[Someone], seed: int, guarded: bool = True) -> list[File]:
    """All that a site gives in two years to someone who asks everything every month, in any order."""
    r, given = random.Random(seed), []
    for month in range(FIRST, FIRST + 24):
        if month == FIRST + 12:  # one start is put right after it was counted
            people[0] = replace(people[0], start=people[0].start + 4)
        for one in people:
            if r.random() < 0.02:
                one.facts["gender"] = r.choice("fm")
        for q in r.sample(QUESTIONS, len(QUESTIONS)):
            try:
                found = turn(given, q, month) if guarded else Turn(0, closed_before(q.windows, month))
            except SumsOver:
                continue
            if isinstance(found, Turn):
                numbers = file_of(people, q, month, found.since, found.until, SMALLEST)
                asked = {"scale": q.scale, "purpose": q.purpose, "windows": q.windows, "groups": q.groups}
                given += [File(found.since, found.until, asked, numbers)] if numbers else []
    return given


@pytest.mark.parametrize("seed", range(12))
def test_all_files_of_a_site_together_show_nobody(seed: int) -> None:
    r = random.Random(seed)
    people = [someone(r, n) for n in range(22)]
    files = every_file([replace(one, facts=dict(one.facts)) for one in people], seed)
    assert files
    assert not shown([one.numbers for one in files], SMALLEST)


def test_without_the_guard_the_same_attacker_finds_people() -> None:
    r = random.Random(1)
    people = [someone(r, n) for n in range(22)]
    assert shown([one.numbers for one in every_file(people, 1, guarded=False)], SMALLEST)


def alike(n: int, **more: Any) -> list[Someone]:
    return [Someone(i, FIRST, (0, 3), {"gender": "f", "age_band": "18-24"}, **more) for i in range(n)]


def differing(way: str) -> tuple[list[Someone], list[tuple[Question, int]]]:
    """People of whom one differs, and two questions whose answers differ by that one."""
    people, plain = alike(8), Question("total", "statistics", (0, 3), ())
    last = people[-1]
    if way == "groups":
        last.facts["gender"] = "m"
        return people, [(plain, FIRST + 12), (replace(plain, groups=("gender",)), FIRST + 12)]
    if way == "windows":
        last.seen = (0, 3, 6)
        return people, [(plain, FIRST + 12), (replace(plain, windows=(0, 3, 6)), FIRST + 12)]
    if way == "purposes":
        last.purpose = "statistics"
        return people, [(plain, FIRST + 12), (replace(plain, purpose="research"), FIRST + 12)]
    last.known, last.gone = (FIRST + 13, 1 << 30) if way == "comes" else (0, FIRST + 13)
    return people, [(plain, FIRST + 12), (plain, FIRST + 13)]


@pytest.mark.parametrize("way", ["groups", "windows", "purposes", "comes", "goes"])
def test_each_way_to_subtract_shows_one_person_and_is_refused(way: str) -> None:
    people, asked = differing(way)
    files = [file_of(people, q, month, 0, 1 << 30, SMALLEST) for q, month in asked]
    assert 7 in shown(files, SMALLEST)
    (first, month), (second, later) = asked
    given = turn([], first, month)
    stored = File(given.since, given.until, {"scale": "total", "purpose": "statistics", "windows": [0, 3],
                                             "groups": []}, [])  # fmt: skip
    if second.is_same(stored.question):
        assert turn([stored], second, later) is stored
    else:
        with pytest.raises(SumsOver):
            turn([stored], second, later)


def test_a_file_waits_until_everyone_in_it_has_had_all_months() -> None:
    """Month by month: windows of 0 and 3 are open until 4 months after the start, and a month more for late forms."""
    for month in range(FIRST, FIRST + 40):
        until = closed_before([0, 3], month)
        assert until % 3 == 0
        assert until - 1 + 3 + 1 + 1 < month
        assert until + 3 - 1 + 3 + 1 + 1 >= month  # and no longer than to the next quarter


@pytest.mark.parametrize("windows", [(0,), (0, 3), (0, 3, 12)])
def test_the_month_that_a_refusal_names_is_the_first_that_answers(windows) -> None:
    given = File(0, FIRST + 6, {"scale": "total", "purpose": "statistics", "windows": [0, 6], "groups": []}, [])
    q = Question("total", "statistics", windows, ("gender",))
    month = FIRST
    while True:
        try:
            assert turn([given], q, month) == Turn(FIRST + 6, FIRST + 9)
            break
        except SumsOver as refused:
            named = refused.facts["month"]
            month += 1
    assert name_of(month) == named


# ------------------------------------------------------------------------------------ a whole site


@pytest.fixture(scope="module")
def rows():
    return a_programme(1, 900)


@pytest.fixture
def site(db, world, rows, monkeypatch):
    """A site with this lake, whose day and lake a test may change."""
    world.lake, world.day = lake_of(rows), date(2025, 6, 2)
    monkeypatch.setattr("kinweave.learn.sums.build", lambda **more: None)
    monkeypatch.setattr("kinweave.learn.sums.open_lake", lambda *where: SimpleNamespace(
        scores=world.lake.scores, people=world.lake.people, close=lambda: None))  # fmt: skip
    monkeypatch.setattr("kinweave.learn.sums.timezone.localdate", lambda: world.day)
    yield world
    world.lake.close()


def ask(site, **more) -> str:
    asked = {"instrument": "scale-a", "scale": "total", "windows": [0, 3], "groups": ["gender"], **more}
    return write_sums(site.actor("gloria"), **asked)


def refused(site, **more) -> Problem:
    with pytest.raises(Problem) as fault:
        ask(site, **more)
    return fault.value


def test_the_same_question_gives_the_same_bytes_whoever_left_since(site, rows):
    first = ask(site)
    gone = {name: [row for row in kept if row.get("person") != 5] for name, kept in rows.items()}
    before, site.lake = site.lake, lake_of(gone)
    before.close()
    site.day = date(2025, 7, 30)
    assert ask(site) == first
    assert Entry.objects.filter(action="published.give_sums").count() == 1


@pytest.mark.parametrize("other", [
    {"groups": []}, {"groups": ["gender", "age_band"]}, {"windows": [0, 3, 6]}, {"windows": [0, 6]},
    {"purpose": "research"}, {"scale": "part"},
])  # fmt: skip
def test_another_question_about_the_same_people_is_refused_with_what_is_possible(site, other):
    ask(site)
    fault = refused(site, **other)
    assert fault.code == "sums-given-already"
    assert fault.facts["until"] == "2025-01"
    assert fault.facts["month"] >= "2025-09"
    assert SumsGiven.objects.count() == 1


def test_a_question_that_looks_less_far_is_answered_about_those_who_started_since(site):
    ask(site)
    about = read(ask(site, windows=[0]), "b").about
    assert (about["started_from"], about["started_before"]) == ("2025-01", "2025-04")


def test_later_files_are_about_later_people_and_all_add_up_to_everyone(site, tmp_path):
    first = ask(site)
    site.day = date(2026, 6, 2)
    second = ask(site)
    for name, text in (("one", first), ("two", second)):
        (tmp_path / name).write_text(text)
    pooled, files = together([tmp_path / "two", tmp_path / "one"])
    assert [(one.about["started_from"], one.about["started_before"]) for one in files] == [
        ("2025-01", "2026-01"), ("", "2025-01")
    ]  # fmt: skip
    assert not pooled.withheld
    assert len(pooled.people) == 1
    everyone = moments_of(site.lake, "scale-a", "total", [0, 3], ["gender"], "statistics")
    assert pooled.sums.n == everyone.n == 900
    ours, theirs = (fit_slopes(one, group="gender", random="intercept") for one in (pooled.sums, everyone))
    for mine, other in zip(ours.coefficients, theirs.coefficients, strict=True):
        assert (mine.value, mine.low, mine.high) == pytest.approx((other.value, other.low, other.high), rel=1e-9)
    assert sums_again(site.actor("gloria"), "scale-a", "2025-01") == first
    with pytest.raises(Problem, match="ended there"):
        sums_again(site.actor("gloria"), "scale-a", "2024-01")


def test_where_all_patterns_are_small_nothing_is_given_and_nobody_is_spent(site):
    change_setting(by=site.actor("hope"), key=choices.CELLS, value={"smallest": 500, "base": 5, "population_floor": 0})
    assert refused(site).code == "sums-too-small"
    assert not SumsGiven.objects.exists()
    change_setting(by=site.actor("hope"), key=choices.CELLS, value={"smallest": 11, "base": 5, "population_floor": 0})
    assert read(ask(site), "a").about["started_from"] == ""


def test_where_nobody_started_since_it_says_to_wait(site):
    site.day = date(2026, 6, 2)
    ask(site)
    site.day = date(2026, 9, 2)
    assert refused(site).code == "sums-too-small"


def test_the_action_itself_takes_nobody_twice_and_replay_makes_the_row(site):
    ask(site)
    given = SumsGiven.objects.get()
    more = {"instrument": "scale-a", "question": {}, "people": 0, "mark": "", "text": ""}
    for since, until in ((0, given.until), (given.until - 3, given.until + 3), (given.until, given.until)):
        with pytest.raises(Problem, match="meanwhile"):
            give_sums(by=site.actor("gloria"), since=since, until=until, **more)
    report = replay.check()
    assert report.ok, report.differences
    assert report.rows["published.SumsGiven"] == 1
