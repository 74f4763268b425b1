"""A small questionnaire as text, to be changed line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinweave.core.instruments import InstrumentFault, load_folder

INSTRUMENT = """
format = 1
slug = "tea"
version = "1"
key = "tea-3"
name = "Tea"
origin = "Nobody (2020)"
recall_days = 7
unverified = []

[asked]
of = "person"
alone = true
interviewer = false
ages = "adults"

[licence]
tier = "A"
statement = "Free."
citation = "A page."

[[response]]
code = "often"
values = [0, 1, 2]

[[response]]
code = "yes"
values = [1, 0]

[[item]]
code = "a"
response = "often"
loinc = "1-1"

[[item]]
code = "b"
response = "often"

[[item]]
code = "c"
response = "yes"

[[implied]]
when = "c"
values = [0]
item = "b"
value = 0

[[scale]]
code = "total"
op = "sum"
items = ["a", "b"]
reverse = ["b"]
need = 1
fill = "prorate"
times = [3, 2]
digits = 1
rounding = "half_up"
citation = "A page."
higher_is = "worse"
higher_is_by = "A page."

[[scale.band]]
code = "low"
from = 0

[[scale.band]]
code = "high"
from = 2.5

[[scale]]
code = "mean"
op = "mean"
items = ["a", "c"]
need = 1
fill = "skip"
times = [4]
digits = 2
citation = "A page."
higher_is = "better"
higher_is_by = "A page."

[[scale]]
code = "any"
op = "any"
items = ["a"]
need = 1
citation = "A page."
higher_is = "worse"
higher_is_by = "A page."
recode = { a = { 0 = 0, 1 = 0, 2 = 1 } }

[[cutoff]]
code = "half"
scale = "total"
above = 1.5
language = "any"
population = "everyone"
citation = "A page."

[[change]]
scale = "total"
kind = "reliable"
value = 1.7
population = "everyone"
citation = "A page."

[[safety]]
code = "boiling"
item = "a"
min = 1
kind = "harm-to-self"
urgency = "now"
says_key = "safety.tea"
basis = "Ours."

[[safety]]
code = "cold"
item = "c"
values = [0]
kind = "harm-to-self"
urgency = "today"
says_key = "safety.tea"
basis = "Ours."
"""

ENGLISH = """
language = "en"
shown_as = "Three questions"
shown_as_by = "ours"
instruction = "How often?"
recall = "last week"
source = "Ours."
original = true
checked = true
checked_by = "Two readers"

[items]
a = "Tea?"
b = "Coffee?"
c = "Water?"

[help]
b = "Any kind."

[options.often]
0 = "Never"
1 = "Sometimes"
2 = "Always"

[options.yes]
0 = "No"
1 = "Yes"
"""


def put(root: Path, instrument: str = INSTRUMENT, english: str | None = ENGLISH, slug: str = "tea") -> Path:
    folder = root / slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "instrument.toml").write_text(instrument, encoding="utf-8")
    if english is not None:
        (folder / "en.toml").write_text(english, encoding="utf-8")
    return folder


def fault(folder: Path) -> tuple[str, str, str]:
    with pytest.raises(InstrumentFault) as caught:
        load_folder(folder)
    facts = caught.value.facts
    return str(facts["file"]), str(facts["where"]), str(facts["fault"])
