"""Every way a questionnaire's files can be wrong, and the place that the refusal names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinweave.core.instrument_fields import MOST_CHARS, MOST_ROWS
from kinweave.core.instruments import InstrumentFault, load_folder
from tests.core.instrument_files import ENGLISH, INSTRUMENT, fault, put

pytestmark = pytest.mark.sqlite_only  # needs no database

LONG = '"' + "x" * (MOST_CHARS + 1) + '"'
FAULTS = [
    ("format = 1", "format = 2", "format", "is outside 1 to 1"),
    ("format = 1", "format = true", "format", "is of the wrong type"),
    ("format = 1", "", "format", "is missing"),
    ('slug = "tea"', 'slug = "cup"', "slug", "differs from the folder's name"),
    ('key = "tea-3"', 'key = "Tea 3"', "key", "is not a code"),
    ('key = "tea-3"', f'key = "{"k" * 61}"', "key", "is not a code"),
    ('name = "Tea"', 'name = " "', "name", "is empty"),
    ('name = "Tea"', f"name = {LONG}", "name", "too long"),
    ('name = "Tea"', 'name = "a\\u202eb"', "name", "control characters"),
    ('name = "Tea"', 'name = "a\\u0007b"', "name", "control characters"),
    ("unverified = []", "unverified = [1]", "unverified", "short texts"),
    ("unverified = []", f"unverified = [{LONG}]", "unverified", "short texts"),
    ("unverified = []", f"unverified = {['x'] * (MOST_ROWS + 1)}", "unverified", "too long"),
    ("unverified = []", "colour = 1", "colour", "is not known here"),
    ("unverified = []", '"A name" = 1', "(a key)", "is not known here"),
    ("alone = true", "alone = 1", "asked.alone", "wrong type"),
    ('of = "person"', 'of = "cat"', "asked.of", "is none of"),
    ('tier = "A"', 'tier = "D"', "licence.tier", "is none of"),
    ("values = [0, 1, 2]", "values = []", "response[1].values", "empty or too long"),
    ("values = [0, 1, 2]", "values = [0, 0, 2]", "response[1].values", "twice"),
    ("values = [0, 1, 2]", "values = [0, true, 2]", "response[1].values", "whole numbers"),
    ("values = [0, 1, 2]", "values = [0, 1, 99999]", "response[1].values", "whole numbers"),
    ('code = "yes"', 'code = "often"', "response[2].code", "is there twice"),
    ('code = "b"\n', 'code = "a"\n', "item a", "is there twice"),
    ('code = "b"\nresponse = "often"', 'code = "b"\nresponse = "rare"', "item[2].response", "is none of"),
    ('when = "c"\nvalues = [0]', 'when = "c"\nvalues = [7]', "implied[1].values", "no answer of that question"),
    ('item = "b"\nvalue = 0', 'item = "b"\nvalue = 7', "implied[1].values", "no answer of that question"),
    ('op = "sum"', 'op = "product"', "scale[1].op", "is none of"),
    ('items = ["a", "b"]', "items = []", "scale[1].items", "is missing"),
    ('items = ["a", "b"]', 'items = ["a", "d"]', "scale[1].items", "names a question that is not there"),
    ('items = ["a", "b"]', 'items = ["a", "a"]', "scale[1].items a", "is there twice"),
    ('reverse = ["b"]', 'reverse = ["c"]', "scale[1].reverse or recode", "not in this scale"),
    ('reverse = ["b"]', 'reverse = ["b"]\nrecode = { b = { 0 = 1 } }', "scale[1].reverse or recode", "in both"),
    ("0 = 0, 1 = 0, 2 = 1", "0 = 0, 1 = 0", "scale[3].recode.a.2", "is missing"),
    ("0 = 0, 1 = 0, 2 = 1", "0 = 0, 1 = 0, 2 = 1, 3 = 1", "scale[3].recode.a.(a key)", "is not known here"),
    ("0 = 0, 1 = 0, 2 = 1", "0 = 0, 1 = 0, 2 = 2", "scale[3].op", "recoded to 0 and 1"),
    ("values = [0, 1, 2]", "values = [-1, 1, 2]", "scale[1].items", "worth points outside"),
    ('need = 1\nfill = "prorate"', 'need = 3\nfill = "prorate"', "scale[1].need", "is outside 1 to 2"),
    ('need = 1\nfill = "prorate"', 'need = 2\nfill = "prorate"', "scale[1].fill", "none exactly when"),
    ('need = 1\nfill = "prorate"', "need = 1", "scale[1].fill", "none exactly when"),
    ('need = 1\nfill = "prorate"', 'need = 1\nfill = "skip"', "scale[1].fill", "silence as zero"),
    ('items = ["a", "b"]\nreverse = ["b"]', 'items = ["a", "c"]', "scale[1].fill", "the same points"),
    ('fill = "skip"', 'fill = "prorate"', "scale[2].fill", "needs a sum"),
    ('higher_is = "better"', "", "scale[2].higher_is", "is missing"),
    ('higher_is = "better"', 'higher_is = "up"', "scale[2].higher_is", "is none of"),
    ("times = [3, 2]", "times = [3, 2, 4]", "scale[1].times", "one or two"),
    ("times = [3, 2]", "times = [0]", "scale[1].times", "whole numbers from 1"),
    ('rounding = "half_up"', 'rounding = "bankers"', "scale[1].rounding", "is none of"),
    ("from = 0", "from = 1", "scale[1].band", "begin at the lowest"),
    ("from = 2.5", "from = 0", "scale[1].band", "begin at the lowest"),
    ("from = 2.5", "from = 7", "scale[1].band", "begin at the lowest"),
    ("from = 2.5", "from = 2.55", "scale[1].band[2].from", "more digits"),
    ("from = 2.5", "from = nan", "scale[1].band[2].from", "usual size"),
    ("from = 2.5", "from = 2.5\ncolour = 1", "scale[1].band[2].colour", "is not known here"),
    ('code = "high"', 'code = "low"', "scale[1].band low", "is there twice"),
    ('code = "mean"', 'code = "total"', "scale total", "is there twice"),
    ("above = 1.5", "above = 1.5\nbelow = 2", "cutoff[1].at_least", "exactly one of"),
    ("above = 1.5", "above = 6.5", "cutoff[1].above", "outside the scale"),
    ('language = "any"', 'language = "English!"', "cutoff[1].language", "not a language code"),
    ('[[change]]\nscale = "total"', '[[change]]\nscale = "sum"', "change[1].scale", "is none of"),
    ("min = 1", "min = 3", "safety[1].values", "no answer of that question"),
    ('item = "c"\nvalues = [0]', 'item = "c"\nvalues = [2]', "safety[2].values", "no answer of that question"),
    ('code = "cold"', 'code = "boiling"', "safety boiling", "is there twice"),
    ('urgency = "now"', 'urgency = "soon"', "safety[1].urgency", "is none of"),
    ("[[change]]", "[change]", "change", "is of the wrong type"),
    ("digits = 2", "digits = 2\nband = [1]", "scale[2].band", "is not a short list"),
]


@pytest.mark.parametrize(("old", "new", "where", "says"), FAULTS)
def test_each_fault_is_refused_with_its_place(tmp_path: Path, old: str, new: str, where: str, says: str) -> None:
    assert old in INSTRUMENT
    file, got, phrase = fault(put(tmp_path, INSTRUMENT.replace(old, new, 1)))
    assert (file, got) == ("tea/instrument.toml", where)
    assert says in phrase


def test_no_questions_at_all_and_twin_cutoffs_are_refused(tmp_path: Path) -> None:
    bare = INSTRUMENT[: INSTRUMENT.index("[[item]]")]
    assert fault(put(tmp_path, bare))[1:] == ("item", "is missing")
    cutoff = INSTRUMENT[INSTRUMENT.index("[[cutoff]]") : INSTRUMENT.index("[[change]]")]
    assert fault(put(tmp_path, INSTRUMENT + cutoff))[1:] == ("cutoff half", "is there twice")


WORD_FAULTS = [
    ('language = "en"', 'language = "fr"', "language", "differs from the file's name"),
    ('c = "Water?"', "", "items.c", "is missing"),
    ('c = "Water?"', 'c = "Water?"\nd = "Milk?"', "items.d", "is not known here"),
    ('1 = "Sometimes"', "", "options.often.1", "is missing"),
    ('1 = "Sometimes"', '1 = "Sometimes"\n7 = "Ever"', "options.often.(a key)", "is not known here"),
    ("[options.yes]", "[options.no]", "options.yes", "is missing"),
    ('b = "Any kind."', 'd = "Any kind."', "help.d", "is not known here"),
    ("checked = true", "checked = false", "checked_by", "must name who checked"),
    ('checked_by = "Two readers"', "", "checked_by", "must name who checked"),
    ('recall = "last week"', "recall = 7", "recall", "wrong type"),
    ('recall = "last week"', 'colour = "red"', "colour", "is not known here"),
    ('language = "en"', 'language = "en"\ndirection = "up"', "direction", "is none of"),
]


@pytest.mark.parametrize(("old", "new", "where", "says"), WORD_FAULTS)
def test_each_fault_in_the_words_is_refused(tmp_path: Path, old: str, new: str, where: str, says: str) -> None:
    assert old in ENGLISH
    file, got, phrase = fault(put(tmp_path, english=ENGLISH.replace(old, new, 1)))
    assert (file, got) == ("tea/en.toml", where)
    assert says in phrase


def test_a_fault_says_what_to_do_and_never_repeats_the_text(tmp_path: Path) -> None:
    with pytest.raises(InstrumentFault) as caught:
        load_folder(put(tmp_path, INSTRUMENT.replace('key = "tea-3"', 'key = "Rudo Moyo"')))
    told = str(caught.value) + json.dumps(caught.value.as_dict())
    assert "docs/instruments.md" in told
    assert "Rudo" not in told
