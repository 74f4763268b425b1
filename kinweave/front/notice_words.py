"""What was odd about a row of a file, in the reader's language.

The readers of files know no languages: their notices are kept as English sentences that begin with where they
are ("Row 12, column C: this date is in the future."). Here the place and the sentence are translated apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

PLACE = re.compile(r"^(?:Row (?P<row>\d+)(?:, column (?P<column>[A-Z]+))?|Column (?P<whole>[A-Z]+)): ")
OTHER = re.compile(r"^row (?P<other>\d+): ")
NUMBER = re.compile(r"\d+")


def notice(sentence: str) -> str:
    """One kept sentence as the reader reads it; what is not known stays as it was written."""
    place = PLACE.match(sentence)
    if place is None:
        return _plain(sentence)
    rest = sentence[place.end() :]
    other = OTHER.match(rest)
    said = _plain(rest[other.end() :] if other else rest)
    if other:
        said = _("row %(other)s: %(said)s") % {"other": other["other"], "said": said}
    if place["whole"]:
        return _("Column %(column)s: %(said)s") % {"column": place["whole"], "said": said}
    if place["column"]:
        return _("Row %(row)s, column %(column)s: %(said)s") % {**place.groupdict(), "said": said}
    return _("Row %(row)s: %(said)s") % {"row": place["row"], "said": said}


def lines(kept: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The report's lines, each with its notices in the reader's language."""
    return [{**line, "says": [notice(one) for one in line["says"]]} for line in kept]


def _plain(text: str) -> str:
    if not text:
        return text
    said = _(text)
    if said != text:
        return said
    number = NUMBER.search(text)  # a sentence with its number written in: looked up with a blank in its place
    return _(text.replace(number[0], "{number}", 1)).replace("{number}", number[0]) if number else text
