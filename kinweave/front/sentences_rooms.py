"""The plain words of circles, referrals and hours. A code that a programme added itself is shown as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = Promise | str

WEEKDAYS: Mapping[str, Text] = {
    "1": _("Monday"), "2": _("Tuesday"), "3": _("Wednesday"), "4": _("Thursday"), "5": _("Friday"),
    "6": _("Saturday"), "7": _("Sunday"),
}  # fmt: skip
CIRCLE_KINDS: Mapping[str, Text] = {
    "women": _("Women"), "men": _("Men"), "under_18": _("Under 18"), "supporters": _("Supporters"),
}  # fmt: skip
CIRCLE_ENDS: Mapping[str, Text] = {
    "reached": _("It reached what it wanted"),
    "self_run": _("It goes on by itself"),
    "place_lost": _("It lost its place"),
    "few_came": _("Too few came"),
    "we_left": _("We left"),
    "other": _("Another reason"),
}
NEEDS: Mapping[str, Text] = {
    "health": _("Health"),
    "support": _("Someone to talk to, or a group"),
    "protection": _("Protection"),
    "violence": _("Help after violence"),
    "food": _("Food"),
    "schooling": _("School"),
    "shelter": _("A place to live"),
    "money": _("Money or things"),
    "rehabilitation": _("Help to move and manage daily life"),
    "community": _("A community place"),
    "social": _("Social services"),
    "legal": _("Law and papers"),
    "work": _("Work"),
    "healer": _("A healer"),
    "other": _("Something else"),
}
ITEMS: Mapping[str, Text] = {
    "alias": _("What they want to be called"),
    "name": _("Their own name"),
    "age": _("Their age"),
    "language": _("Their language"),
    "contact": _("A safe way to reach them"),
    "need": _("What they need"),
    "access": _("What they need to get there"),
    "care": _("What we have done together"),
    "safety": _("What keeps them safe"),
}
URGENCIES: Mapping[str, Text] = {
    "emergency": _("At once"), "urgent": _("Within days"), "normal": _("It can wait two weeks"),
}  # fmt: skip
WORK: Mapping[str, Text] = {
    "meeting": _("Meeting people"),
    "circle": _("A circle"),
    "travel": _("On the way"),
    "writing": _("Writing and paper"),
    "supervision": _("Supervision"),
    "training": _("Training"),
    "night": _("Answering at night"),
    "other": _("Something else"),
}


def said(words: Mapping[str, Text], code: str) -> str:
    """The words of a code; a programme's own code stands for itself."""
    return str(words.get(code, code))


def pairs(words: Mapping[str, Text], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Choices for a form: each code of a setting with its words."""
    return [(code, said(words, code)) for code in codes]
