"""The questionnaire files: what is read, what is refused and how the refusal names the place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from kinweave.core import instruments
from kinweave.core.instrument_fields import MOST_BYTES
from kinweave.core.instruments import (
    InstrumentFault,
    NoWording,
    canonical,
    compile_table,
    languages,
    load_all,
    load_folder,
    questions,
    table_hash,
)
from tests.core.instrument_files import ENGLISH, INSTRUMENT, fault, put

pytestmark = pytest.mark.sqlite_only  # needs no database


def test_a_whole_questionnaire_is_read_as_written(tmp_path: Path) -> None:
    tea = load_folder(put(tmp_path))
    assert (tea.slug, tea.version, tea.key, tea.recall_days) == ("tea", "1", "tea-3", 7)
    assert [(i.code, i.values, i.loinc) for i in tea.items] == [
        ("a", (0, 1, 2), "1-1"),
        ("b", (0, 1, 2), None),
        ("c", (1, 0), None),
    ]
    total, mean, any_ = tea.scales
    assert total.items == (("a", ((0, 0), (1, 1), (2, 2))), ("b", ((0, 2), (1, 1), (2, 0))))
    assert (total.lowest, total.highest, total.times, total.fill) == (0, 60, (3, 2), "prorate")
    assert [(b.code, b.low, b.high) for b in total.bands] == [("low", 0, 24), ("high", 25, 60)]
    assert (total.higher_is, mean.higher_is, mean.higher_is_by) == ("worse", "better", "A page.")
    assert (mean.times, mean.lowest, mean.highest, mean.bands) == ((4, 1), 0, 600, ())
    assert (any_.items, any_.lowest, any_.highest) == ((("a", ((0, 0), (1, 0), (2, 1))),), 0, 1)
    assert (tea.cutoffs[0].rule, tea.cutoffs[0].value) == ("above", 15)
    assert tea.changes[0].value == Decimal("1.7")
    assert [rule.values for rule in tea.safety] == [(1, 2), (0,)]


def test_the_table_is_plain_json_of_whole_numbers_and_its_hash_stands_still(tmp_path: Path) -> None:
    table = compile_table(load_folder(put(tmp_path)))
    text = canonical(table)
    assert json.loads(text) == table
    assert text.isascii()
    assert " " not in text
    # The hash is kept with every response: a change of layout must be a decision, not an accident.
    assert table_hash(table) == "14b1dc70aed59ff4e2a3a6082543fbabec3569a685e043f1348da0bb7cb21423"
    assert table_hash({**table, "version": "2"}) != table_hash(table)


def test_questions_come_in_the_wanted_language_or_say_that_they_fell_back(tmp_path: Path) -> None:
    folder = put(tmp_path)
    arabic = ENGLISH.replace('"en"', '"ar"\ndirection = "rtl"').replace("Tea?", "شاي؟")
    arabic = arabic.replace("checked = true", "checked = false").replace('"Two readers"', '""')
    (folder / "ar.toml").write_text(arabic.replace("original = true", "original = false"), encoding="utf-8")
    tea = load_folder(folder)
    assert [(x.code, x.direction, x.checked, x.translated) for x in languages(tea)] == [
        ("ar", "rtl", False, True),
        ("en", "ltr", True, False),
    ]
    first, second, third = questions(tea, "ar-EG")
    assert (first.text, first.language, first.fell_back, first.checked) == ("شاي؟", "ar", False, False)
    assert first.options == ((0, "Never"), (1, "Sometimes"), (2, "Always"))
    assert (third.options, third.is_safety) == (((1, "Yes"), (0, "No")), True)
    assert (second.help, second.is_safety, second.skip_when) == ("Any kind.", False, (("c", (0,)),))
    assert (first.lead, first.help, first.skip_when, first.is_safety) == ("How often?", "", (), True)
    fallen = questions(tea, "sw")[0]
    assert (fallen.text, fallen.language, fallen.fell_back, fallen.translated) == ("Tea?", "en", True, False)


def test_a_sister_language_is_nearer_than_english_and_any_language_is_better_than_none(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "pt-BR.toml").write_text(ENGLISH.replace('"en"', '"pt-BR"'), encoding="utf-8")
    tea = load_folder(folder)
    assert [(q.language, q.fell_back) for q in questions(tea, "pt")[:1]] == [("pt-BR", False)]
    (folder / "en.toml").unlink()
    tea = load_folder(folder)
    assert [(q.language, q.fell_back) for q in questions(tea, "sw")[:1]] == [("pt-BR", True)]


def test_without_words_nothing_can_be_asked(tmp_path: Path) -> None:
    tea = load_folder(put(tmp_path, english=None))
    assert languages(tea) == ()
    with pytest.raises(NoWording):
        questions(tea, "en")


def test_a_programme_brings_its_own_words_under_its_own_licence(tmp_path: Path) -> None:
    scoring_only = INSTRUMENT.replace('tier = "A"', 'tier = "C"')
    put(tmp_path / "ours", scoring_only, None)
    theirs = tmp_path / "theirs" / "tea"
    theirs.mkdir(parents=True)
    (theirs / "en.toml").write_text(ENGLISH, encoding="utf-8")
    with pytest.raises(InstrumentFault) as caught:
        load_all(tmp_path / "ours", tmp_path / "theirs")
    assert caught.value.facts["where"] == "licence_held"
    held = ENGLISH.replace("original = true", 'original = true\nlicence_held = "Letter of 3 May 2024"')
    (theirs / "en.toml").write_text(held, encoding="utf-8")
    loaded = load_all(tmp_path / "ours", tmp_path / "theirs")
    assert [q.text for q in questions(loaded["tea"], "en")] == ["Tea?", "Coffee?", "Water?"]


def test_a_folder_of_words_may_not_change_the_scoring(tmp_path: Path) -> None:
    put(tmp_path / "ours")
    put(tmp_path / "theirs")
    with pytest.raises(InstrumentFault) as caught:
        load_all(tmp_path / "ours", tmp_path / "theirs")
    assert caught.value.facts["fault"] == "is there twice with its own scoring"


def test_load_all_skips_what_is_no_folder_and_refuses_two_with_one_key(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "README.md").write_text("not one", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    assert list(load_all(tmp_path)) == ["tea"]
    put(tmp_path, INSTRUMENT.replace('slug = "tea"', 'slug = "coffee"'), slug="coffee")
    with pytest.raises(InstrumentFault) as caught:
        load_all(tmp_path)
    assert (caught.value.facts["file"], caught.value.facts["where"]) == ("tea/instrument.toml", "key")


def test_limits_on_folders_and_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put(tmp_path)
    monkeypatch.setattr(instruments, "MOST_LANGUAGES", 0)
    assert fault(folder)[2] == "holds too many languages"
    monkeypatch.setattr(instruments, "MOST_INSTRUMENTS", 0)
    with pytest.raises(InstrumentFault, match="too many questionnaires"):
        load_all(tmp_path)
    with pytest.raises(InstrumentFault, match="is not there"):
        load_all(tmp_path / "nowhere")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "notes.and.more.toml").write_text("", encoding="utf-8")
    assert fault(folder) == ("tea", "folder", "holds a file of no language")
    (folder / "notes.and.more.toml").unlink()
    (folder / "en.toml").write_bytes(b"\xff = 1")
    assert fault(folder) == ("en.toml", "file", "not valid TOML in UTF-8")
    (folder / "en.toml").write_text("a = [" * 100_000, encoding="utf-8")
    assert fault(folder)[2] in ("too large", "not valid TOML in UTF-8")
    (folder / "en.toml").write_text("a = " + "[" * 50_000, encoding="utf-8")
    assert fault(folder)[2] == "not valid TOML in UTF-8"
    (folder / "en.toml").write_bytes(b"#" * (MOST_BYTES + 1))
    assert fault(folder) == ("en.toml", "file", "too large")
    (folder / "instrument.toml").unlink()
    assert fault(folder) == ("instrument.toml", "file", "cannot be read")


# ------------------------------------------------------------------------------------------ which way is better

SHIPPED = load_all(Path(instruments.__file__).parents[2] / "instruments")


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_every_shipped_scale_says_which_way_is_worse_and_its_cut_offs_agree(slug: str) -> None:
    """A cut-off asks for a closer look: it lies on the side that is worse for people."""
    side = {"at_least": "worse", "above": "worse", "at_most": "better", "below": "better"}
    found = SHIPPED[slug]
    for scale in found.scales:
        assert scale.higher_is in ("worse", "better")
        assert len(scale.higher_is_by) > 10, "who says so"
        assert {side[c.rule] for c in found.cutoffs if c.scale == scale.code} <= {scale.higher_is}


def test_support_is_the_one_that_ships_of_which_more_is_better() -> None:
    better = {slug for slug, found in SHIPPED.items() for scale in found.scales if scale.higher_is == "better"}
    assert better == {"osss-3"}
