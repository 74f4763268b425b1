"""Safety answers are found on anything, and finding them never fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinweave.core.instrument_table import Table
from kinweave.core.instruments import compile_table, load_all
from kinweave.core.safety import MOST_PARTS, SafetySign, find

pytestmark = pytest.mark.sqlite_only  # needs no database

SHIPPED = load_all(Path(__file__).parents[2] / "instruments")
TABLE = compile_table(SHIPPED["phq-9"])
SURE = SafetySign(
    "thoughts-of-death-or-self-harm", "q9", "harm-to-self", "today", "safety.thoughts-of-harm", certain=True
)
UNSURE = SafetySign(
    "thoughts-of-death-or-self-harm", "q9", "harm-to-self", "today", "safety.thoughts-of-harm", certain=False
)


@pytest.mark.parametrize(
    "answer",
    [1, 2, 3, "1", " 3 ", "3.0", 2.0, "٣", "२", "１", True, ["0", "2"], {"value": 3}, [[{"code": "1"}]], (1,)],
)
def test_a_positive_answer_is_found_however_it_is_written(answer: Any) -> None:
    assert find(TABLE, {"q9": answer}) == (SURE,)


@pytest.mark.parametrize("answer", [0, "0", "0.0", " 0", False, None, "", "  ", "declined", "Declined", [], {}, [None]])
def test_no_and_silence_give_no_sign(answer: Any) -> None:
    assert find(TABLE, {"q9": answer}) == ()


@pytest.mark.parametrize(
    "answer",
    [4, -1, 99, 1.5, "Nearly every day", "yes", "3 of 3", "1" * 41, 10**400, float("nan"), float("inf"), object()],
)
def test_an_unreadable_answer_is_given_to_a_human(answer: Any) -> None:
    assert find(TABLE, {"q9": answer}) == (UNSURE,)


def test_one_sure_answer_outweighs_an_unreadable_one() -> None:
    assert find(TABLE, {"q9": ["?", "2", "?"]}) == (SURE,)
    assert find(TABLE, {"q9": "?", "form/q9": 1}) == (SURE,)


@pytest.mark.parametrize("key", ["q9", " Q9 ", "group/q9", "a/b/q9", "group-q9", "group:q9", "g.q9"])
def test_question_names_are_known_behind_group_prefixes(key: str) -> None:
    assert find(TABLE, {key: 3}) == (SURE,)


@pytest.mark.parametrize("key", ["q", "q99", "xq9", "q9/other", 9, None, ("q9",), ""])
def test_other_names_are_left_alone(key: Any) -> None:
    assert find(TABLE, {key: 3}) == ()


def test_an_unfinished_and_otherwise_impossible_form_still_gives_its_sign() -> None:
    assert find(TABLE, {"q1": "nonsense", "q2": 77, "q9": 1, "note": {"free": ["text"]}}) == (SURE,)


@pytest.mark.parametrize("answers", [None, [], "q9", 3, [{"q9": 3}], {}])
def test_what_is_no_form_gives_nothing(answers: Any) -> None:
    assert find(TABLE, answers) == ()


def test_a_flood_of_parts_is_cut_off_and_given_to_a_human() -> None:
    assert find(TABLE, {"q9": [0] * (MOST_PARTS - 1)}) == ()
    assert find(TABLE, {"q9": [0] * (MOST_PARTS * 100)}) == (UNSURE,)
    assert find(TABLE, {"q9": [None] * MOST_PARTS + [3]}) == (UNSURE,)
    endless: list[Any] = []
    endless.append(endless)
    assert find(TABLE, {"q9": endless}) == (UNSURE,)


def test_each_rule_gives_at_most_one_sign_in_the_tables_order() -> None:
    second = {**TABLE["safety"][0], "code": "second", "values": [3]}
    table: Table = {**TABLE, "safety": [TABLE["safety"][0], second]}  # type: ignore[list-item]
    assert [s.code for s in find(table, {"q9": [3, 3]})] == [SURE.code, "second"]
    assert [s.code for s in find(table, {"q9": 1})] == [SURE.code]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["q1", "q8", "q9", "Q9", "g/q9", "q99", ""]) | st.text()


@given(JSON)
def test_it_never_raises_on_any_json(answers: Any) -> None:
    assert isinstance(find(TABLE, answers), tuple)


@given(st.dictionaries(KEYS, JSON, max_size=6), st.sampled_from([1, 2, 3]), st.sampled_from(["q9", "g/q9", "Q9"]))
def test_it_never_misses_a_positive_answer_whatever_stands_beside_it(
    answers: dict[str, Any], positive: int, key: str
) -> None:
    for written in (positive, str(positive), float(positive), [positive], {"v": str(positive)}):
        assert find(TABLE, {**answers, key: written}) == (SURE,)


@given(st.data())
def test_every_shipped_safety_rule_fires_on_exactly_its_answers(data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from([slug for slug, i in SHIPPED.items() if i.safety]))
    table = compile_table(SHIPPED[slug])
    answers = {i["code"]: data.draw(st.sampled_from([*i["values"], None, "declined"])) for i in table["items"]}
    wanted = [r["code"] for r in table["safety"] if answers[r["item"]] in r["values"]]
    signs = find(table, answers)
    assert [s.code for s in signs] == wanted
    assert all(s.certain for s in signs)
