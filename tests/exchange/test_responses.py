"""Answers from ODK Central and KoboToolbox: maps suggested, words understood, safety served whatever fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from kinweave.core import safety
from kinweave.core.instruments import compile_table
from kinweave.core.sheets import problems
from kinweave.core.sheets.read import read_table
from kinweave.core.sheets.responses import (
    ResponseMap,
    ResponseRow,
    parse_responses,
    read_map,
    study_responses,
    suggest_map,
    unread_words,
    write_map,
)
from kinweave.core.sheets.table import Table
from tests.exchange.make_exports import TODAY, kobo_labels, odk_central, phq9

pytestmark = pytest.mark.sqlite_only  # needs no database

SPACE = UUID("6f2c5a2e-0000-4000-8000-000000000002")
PHQ = phq9()
TABLE = compile_table(PHQ)
HEADS = [f"phq9_{n}" for n in range(1, 10)]


def read(lines: list[str], heads: str = "", found: ResponseMap | None = None) -> list[ResponseRow]:
    table = read_table("\n".join([heads or ",".join(["client id", "today", *HEADS]), *lines]).encode(), "f.csv")
    return list(parse_responses(table, found or suggest_map(table, PHQ), PHQ, today=TODAY, namespace=SPACE))


def row(*answers: str, person: str = "P1", day: str = "2026-01-02") -> str:
    return ",".join([person, day, *(answers or ["0"] * 9)])


def test_an_odk_central_export_is_read_whole() -> None:
    data, told = odk_central(300)
    table = read_table(data, "submissions.csv")
    found = suggest_map(table, PHQ)
    assert dict(found.columns) == {
        "person": "person_id", "date": "today", "instance": "meta-instanceID", "worker": "SubmitterName",
    }  # fmt: skip
    assert dict(found.items) == {f"q{n}": f"screening-phq9_{n}" for n in range(1, 10)}
    got = list(parse_responses(table, found, PHQ, today=TODAY, namespace=SPACE))
    assert [list(g.answers.values()) for g in got] == told
    assert all(g.status == "accepted" and not g.warnings for g in got)
    assert got[0].values is not None
    assert (got[0].values["person"], got[0].values["on"].on) == ("P-00000", date(2025, 1, 1))


def test_a_kobo_export_with_labels_in_two_languages_is_read_whole() -> None:
    data, told = kobo_labels(120)
    table = read_table(data, "form.csv")
    assert (table.delimiter, table.encoding) == (";", "utf-8-sig")
    found = suggest_map(table, PHQ)
    assert set(found.items) == {f"q{n}" for n in range(1, 10)}
    assert found.columns["instance"] == "_uuid"
    got = list(parse_responses(table, found, PHQ, today=TODAY, namespace=SPACE))
    assert [list(g.answers.values()) for g in got] == told
    assert {g.values["language"] for g in got if g.values} == {"fr", "ar"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2", 2),
        ("2.0", 2),
        ("٢", 2),
        ("more_than_half_the_days", 2),
        ("More than half the days", 2),
        ("2 - More than half the days", 2),
        ("More than half the days (2)", 2),
        ("Plus de la moitié du temps", 2),
        ("أكثر من نصف الأيام", 2),
        ("SEVERAL DAYS", 1),
    ],
)
def test_one_answer_in_many_hands(written: str, code: int) -> None:
    assert read([row(*["0"] * 8, written)])[0].answers["q9"] == code


@pytest.mark.parametrize("written", ["-99", "888", "999", "dk", "n/a", "Don't know", "لا أعرف", "."])
def test_missing_is_missing_and_not_zero(written: str) -> None:
    got = read([row(*["1"] * 8, written)])[0]
    assert got.status == "accepted"
    assert "q9" not in got.answers


@pytest.mark.parametrize("written", ["refused", "Prefer not to say", "-98", "رفضت"])
def test_declined_is_an_answer_of_its_own(written: str) -> None:
    assert read([row(*["1"] * 8, written)])[0].answers["q9"] == "declined"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (row(*["0"] * 7, "canary", "3"), "answer-unreadable"),
        (row(*["0"] * 7, "7", "3"), "answer-out-of-range"),
        (row(*["0"] * 7, "1 2", "3"), "answers-several"),
        (row(*["0"] * 8, "3", day="2031-01-01"), "date-in-future"),
        (row(*["0"] * 8, "3", day="canary"), "date-unreadable"),
        (row(*["0"] * 8, "3", "shifted"), "too-many-cells"),
        (row(*["0"] * 8, "3", person="canary" * 100), "text-too-long"),
    ],
)
def test_a_row_that_fails_still_tells_its_answers_to_safety(line: str, code: str) -> None:
    got = read([line])[0]
    assert (got.status, got.values) == ("set-aside", None)
    assert [f.code for f in got.faults] == [code]
    assert got.faults[0].sentence.startswith("Row 2, column ")
    signs = safety.find(TABLE, got.for_safety)
    assert [(s.item, s.certain) for s in signs] == [("q9", True)]
    assert "canary" not in repr(got)


def test_a_safety_answer_that_nobody_can_read_is_looked_at_by_a_human() -> None:
    got = read([row(*["0"] * 8, "sometimes at night")])[0]
    assert got.status == "set-aside"
    assert got.raw["q9"] == "sometimes at night"
    assert [s.certain for s in safety.find(TABLE, got.for_safety)] == [False]


def test_a_file_that_breaks_off_tells_what_came_before() -> None:
    lines = [",".join(["client id", "today", *HEADS]), row(*["0"] * 8, "3"), row(*["0"] * 8, '"2'), row()]
    table = read_table("\n".join(lines).encode(), "f.csv")
    seen: list[ResponseRow] = []
    with pytest.raises(problems.QuoteOpen) as caught:
        _each(table, seen)
    assert caught.value.facts == {"row": 3}
    assert [s.item for r in seen for s in safety.find(TABLE, r.for_safety)] == ["q9"]


def _each(table: Table, seen: list[ResponseRow]) -> None:
    items = {f"q{n}": f"phq9_{n}" for n in range(1, 10)}
    for result in parse_responses(table, ResponseMap("phq-9", {}, items), PHQ, today=TODAY, namespace=SPACE):
        seen.append(result)  # noqa: PERF402 - what came before the break is the point


@pytest.mark.parametrize("quiet", ["", "-99", "refused", "0", "Not at all"])
def test_silence_is_no_alarm(quiet: str) -> None:
    assert safety.find(TABLE, read([row(*["1"] * 8, quiet)])[0].for_safety) == ()


def test_a_repeated_row_still_speaks_to_safety() -> None:
    got = read([row(*["3"] * 9), row(*["3"] * 9)])
    assert [g.status for g in got] == ["accepted", "duplicate"]
    assert all(safety.find(TABLE, g.for_safety) for g in got)


def test_a_form_that_counts_from_one_is_noticed_and_mapped() -> None:
    lines = [row(*"123411111", person="P1"), row(*"111122231", person="P2")]
    table = read_table("\n".join([",".join(["client id", "today", *HEADS]), *lines]).encode(), "f.csv")
    found = suggest_map(table, PHQ)
    assert dict(found.values) == {"1": 0, "2": 1, "3": 2, "4": 3}
    got = list(parse_responses(table, found, PHQ, today=TODAY, namespace=SPACE))
    assert list(got[0].answers.values()) == [0, 1, 2, 3, 0, 0, 0, 0, 0]
    unmapped = ResponseMap("phq-9", found.columns, found.items)
    assert "codes-shifted" in {n.code for n in study_responses(table, unmapped, PHQ).notes}
    assert study_responses(table, found, PHQ).notes == ()


def test_choice_names_near_one_label_are_suggested_and_others_are_shown() -> None:
    lines = [row(*["more_than_half"] * 8, "always"), row(*["nearly_every"] * 9)]
    table = read_table("\n".join([",".join(["client id", "today", *HEADS]), *lines]).encode(), "f.csv")
    found = suggest_map(table, PHQ)
    assert dict(found.values) == {"more_than_half": 2, "nearly_every": 3}
    assert unread_words(table, found, PHQ) == {"q9": ["always"]}


def test_of_several_questionnaires_in_one_form_only_ours_is_taken() -> None:
    heads = ",".join(["today", *(f"gad7/q{n}" for n in range(1, 8)), *(f"phq9/q{n}" for n in range(1, 10))])
    table = read_table((heads + "\n" + ",".join(["2026-01-01"] + ["1"] * 16) + "\n").encode(), "f.csv")
    assert dict(suggest_map(table, PHQ).items) == {f"q{n}": f"phq9/q{n}" for n in range(1, 10)}
    unnamed = heads.replace("phq9/", "a/").replace("gad7/", "b/")
    table = read_table((unnamed + "\n" + ",".join(["2026-01-01"] + ["1"] * 16) + "\n").encode(), "f.csv")
    assert set(suggest_map(table, PHQ).items) == {"q8", "q9"}


def test_submissions_are_known_again_by_their_own_number() -> None:
    heads = ",".join(["today", "meta-instanceID", *HEADS])
    first = read(["2026-01-01,uuid:a1," + ",".join("000000000")], heads)[0]
    again = read(["", "2026-01-01,a1," + ",".join("000000000")], heads)[0]
    edited = read(["2026-01-01,uuid:a1," + ",".join("000000001"), "2026-01-01,uuid:a1," + ",".join("000000000")], heads)
    assert first.identity == again.identity == edited[0].identity
    assert edited[0].fingerprint != first.fingerprint
    assert [(g.status, [f.code for f in g.faults]) for g in edited] == [
        ("accepted", []),
        ("set-aside", ["same-submission"]),
    ]


def test_strangers_with_equal_answers_are_two_people_and_stay_so_on_a_second_run() -> None:
    heads = ",".join(["today", *HEADS])
    lines = ["2026-01-01," + ",".join("000000000")] * 3
    once, twice = read(lines, heads), read(lines, heads)
    assert [g.status for g in once] == ["accepted"] * 3
    assert len({g.fingerprint for g in once}) == 3
    assert [g.fingerprint for g in once] == [g.fingerprint for g in twice]


def test_what_is_not_told_is_a_warning_and_no_answers_a_fault() -> None:
    got = read([row(person="", day=""), row(*[""] * 9)])
    assert [w.code for w in got[0].warnings] == ["person-missing", "date-missing"]
    assert got[0].status == "accepted"
    assert [f.code for f in got[1].faults] == ["nothing-answered"]


def test_a_map_goes_to_toml_and_back(tmp_path: Path) -> None:
    data, _ = kobo_labels(20)
    found = suggest_map(read_table(data, "f.csv"), PHQ)
    path = tmp_path / "map.toml"
    path.write_text(write_map(found), encoding="utf-8")
    back = read_map(path, PHQ)
    assert (back.columns, back.items, back.values) == (found.columns, found.items, found.values)
    assert (back.missing, back.declined) == (found.missing, found.declined)
    short = read_map(b'[items]\nq9 = "x"\n[values]\noften = 3\n[missing]\nwords = ["nil", 77]\n', PHQ)
    assert (short.missing, short.values) == (("nil", "77"), {"often": 3})
    assert "refused" in short.declined


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"[items",
        b'instrument = "gad-7"\n[items]\nq1="a"',
        b"[items]\nq77 = 'a'",
        b"[columns]\nperson='a'",
        b"[items]\nq1='a'\n[values]\nx='y'",
        b"[items]\nq1='a'\n[columns]\nshoe='b'",
        b"[items]\nq1=3",
        b"[items]\nq1='a'\n[missing]\nwords=3",
        b"[items]\nq1='a'\n[else]\nb=1",
        b"values=1\n[items]\nq1='a'",
        b"missing=1\n[items]\nq1='a'",
        b"items=1",
    ],
)
def test_a_map_that_cannot_be_used_is_refused(text: bytes) -> None:
    with pytest.raises(problems.MapWrong):
        read_map(text, PHQ)


def test_a_map_for_other_headings_is_refused() -> None:
    table = read_table(b"client id,today,phq9_1\nA,2026-01-01,1\n", "f.csv")
    with pytest.raises(problems.NoSuchColumn):
        list(parse_responses(table, ResponseMap("phq-9", {}, {"q1": "nope"}), PHQ, today=TODAY, namespace=SPACE))
    with pytest.raises(problems.MapWrong):
        list(parse_responses(table, ResponseMap("phq-9", {}, {}), PHQ, today=TODAY, namespace=SPACE))
    with pytest.raises(problems.FileMissing):
        read_map(Path("/nowhere/map.toml"), PHQ)
