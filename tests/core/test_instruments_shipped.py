"""Every questionnaire we ship: its golden answers, its words, its licence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kinweave.core import safety
from kinweave.core.instruments import Instrument, compile_table, languages, load_all, questions
from kinweave.core.scoring import AnswersOutOfRange, meets, score

pytestmark = pytest.mark.sqlite_only  # needs no database

ROOT = Path(__file__).parents[2] / "instruments"
SHIPPED = load_all(ROOT)


def golden(slug: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / slug / "golden.json").read_text(encoding="utf-8"))
    return found


def cases(part: str) -> list[Any]:
    return [
        pytest.param(slug, case, id=f"{slug}: {case['name']}")
        for slug in SHIPPED
        for case in golden(slug).get(part, [])
    ]


@pytest.mark.parametrize(("slug", "case"), cases("cases"))
def test_golden_answers_give_their_scores(slug: str, case: dict[str, Any]) -> None:
    table = compile_table(SHIPPED[slug])
    scored = score(table, case["answers"])
    for code, wanted in case["scales"].items():
        got = scored.scale(code)
        value = None if got.value is None else str(got.value)
        assert value == (None if wanted["value"] is None else str(wanted["value"])), code
        assert got.band == wanted["band"], code
        assert got.n_missing == wanted["missing"], code
    assert [sign.code for sign in safety.find(table, case["answers"])] == case["safety"]
    for cutoff, passed in case.get("meets", {}).items():
        assert meets(table, scored, cutoff) is passed, cutoff


@pytest.mark.parametrize(("slug", "case"), cases("impossible"))
def test_golden_impossible_answers_are_named_by_code(slug: str, case: dict[str, Any]) -> None:
    table = compile_table(SHIPPED[slug])
    with pytest.raises(AnswersOutOfRange) as caught:
        score(table, case["answers"])
    assert caught.value.facts == {"items": case["items"], "unknown": case["unknown"]}
    assert [sign.code for sign in safety.find(table, case["answers"])] == case["safety"]


@pytest.mark.parametrize("slug", SHIPPED)
def test_golden_answers_reach_every_scale_band_and_safety_rule(slug: str) -> None:
    instrument = SHIPPED[slug]
    seen = [(code, scale["band"]) for case in golden(slug)["cases"] for code, scale in case["scales"].items()]
    assert {(scale.code, band.code) for scale in instrument.scales for band in scale.bands} <= set(seen)
    assert {scale.code for scale in instrument.scales} == {code for code, _ in seen}
    fired = {code for case in golden(slug)["cases"] for code in case["safety"]}
    assert fired == {rule.code for rule in instrument.safety}
    assert {c.code for c in instrument.cutoffs} == {
        code for case in golden(slug)["cases"] for code in case.get("meets", {})
    }
    assert any(scale["missing"] for case in golden(slug)["cases"] for scale in case["scales"].values())


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=list(SHIPPED))
def test_every_shipped_language_asks_every_question(instrument: Instrument) -> None:
    assert instrument.licence.tier in ("A", "C")
    for language in languages(instrument):
        asked = questions(instrument, language.code)
        assert [q.code for q in asked] == [item.code for item in instrument.items]
        assert not any(q.fell_back for q in asked)


CLINICAL = re.compile("phq|gad|pcl|audit|depress|anxi|suicid|alcohol|trauma|disab|kessler|burden")


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=list(SHIPPED))
def test_what_a_neighbour_may_see_is_neutral(instrument: Instrument) -> None:
    shown = [instrument.key, *(language.shown_as for language in languages(instrument))]
    assert not [text for text in shown if CLINICAL.search(text.casefold())]


def test_the_page_about_questionnaires_lists_each_with_its_languages_and_licence() -> None:
    page = (ROOT.parent / "docs" / "instruments.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \| ([^|]+) \| ([ABC]) \|", page, flags=re.MULTILINE)
    wanted = {
        (
            slug,
            str(len(instrument.items)),
            " ".join(language.code for language in languages(instrument)) or "none",
            instrument.licence.tier,
        )
        for slug, instrument in SHIPPED.items()
    }
    assert set(rows) == wanted


def test_every_machine_or_unread_translation_says_so() -> None:
    for instrument in SHIPPED.values():
        for words in instrument.wordings.values():
            assert not words.checked
            assert words.original is (words.language == "en")
            assert words.original or "by machine" in words.shown_as_by
