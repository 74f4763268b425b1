"""Every word that the phone shows, in a reader's language, as one JSON value.

`says`: sentences by key; one that counts is a dictionary by plural category. `codes`: the words behind codes, the
same as on the desk. Blanks stand in braces: "{n}".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext_lazy as _

from kinweave.core.risk import KINDS
from kinweave.front import sentences
from kinweave.front import sentences_care as care
from kinweave.front.languages import unchecked
from kinweave.front.phone import says, says_forms

# One number for each plural category of CLDR, so that a language's own rules pick its form; a category that a
# language does not have gets another's, and is never asked for.
NUMBERS = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}

AGREED = {"care": _("care"), "statistics": _("counting"), "research": _("research")}
ACTIONS = {
    **care.HELD_WHAT,
    "people.add_tie": _("Someone close"),
    "people.end_contact": _("A way that is no longer safe"),
    "people.withdraw_consent": _("A yes taken back"),
    "people.change_contact": _("A way to reach someone"),
    "care.set_goal_state": _("How a goal goes"),
    "care.mark_goal": _("How a goal goes"),
    "care.change_goal": _("A goal"),
    "flows.decide_version": _("Which version holds"),
    "care.note_call_to_emergency": _("A call to the emergency number"),
    "care.contact_after_risk": _("Met or called again"),
    "flows.voice_worry": _("A worry about someone"),
    "gather.record_circle_meeting": _("A circle met"),
    "connect.draft_referral": _("A referral in draft"),
    "team.record_hours": _("Own hours"),
}
NEEDS = {
    "health": _("Health"), "support": _("Support for the mind"), "protection": _("Protection"),
    "violence": _("Safety from violence"), "food": _("Food"), "schooling": _("School"), "shelter": _("A home"),
    "money": _("Money"), "rehabilitation": _("Help with the body"), "community": _("Others nearby"),
    "social": _("Social services"), "legal": _("Help with the law"), "work": _("Work"), "healer": _("A healer"),
    "other": _("Something else"),
}  # fmt: skip
ITEMS = {
    "alias": _("What they are called here"), "name": _("Their own name"), "age": _("Their age"),
    "language": _("Their language"), "contact": _("How to reach them safely"), "need": _("What they need"),
    "access": _("What makes it easier to come"), "care": _("That we accompany them"),
    "safety": _("What keeps them safe"),
}  # fmt: skip
REFERRAL_URGENCIES = {"emergency": _("At once"), "urgent": _("Within a day"), "normal": _("Within days")}
WORK = {
    "meeting": _("Meetings with people"), "circle": _("Circles"), "travel": _("On the way"),
    "writing": _("Writing things down"), "supervision": _("Supervision"), "training": _("Training"),
    "night": _("At night"), "other": _("Something else"),
}  # fmt: skip


def languages() -> list[str]:
    """The codes of the languages that the app speaks."""
    return [code for code, _name in settings.LANGUAGES]


def name_of_app() -> str:
    """The name under the icon on a phone's first screen: the product's own, the same for every programme."""
    return "Kinweave"


@cache
def words(language: str) -> dict[str, Any]:
    """All words of a language."""
    with override(language):
        info = get_language_info(language)
        return {
            "language": language,
            "dir": "rtl" if info["bidi"] else "ltr",
            "unchecked": unchecked(language),
            "languages": [[code, _own_name(code)] for code in languages()],
            "says": {key: str(text) for part in (says, says_forms) for key, text in part.SAYS.items()}
            | {key: _forms(text) for part in (says, says_forms) for key, text in part.COUNTED.items()},
            "codes": _codes(),
        }


def _own_name(code: str) -> str:
    return str(get_language_info(code)["name_local"]).capitalize()


def _forms(text: Any) -> dict[str, str]:
    """The forms of a counted sentence by plural category."""
    return {name: str(text % number) for name, number in NUMBERS.items()}


def _codes() -> dict[str, Any]:
    return {
        **{
            name: _texts(group)
            for name, group in {
                "states": sentences.STATES, "happened": {k: sentences.HAPPENED[k] for k in ("met", "missed")},
                "kinds": sentences.KINDS_OF_MEETING, "missed": sentences.MISSED, "moods": sentences.MOODS,
                "goals": sentences.GOALS, "moves": sentences.MOVES, "closures": sentences.CLOSURES,
                "contacts": sentences.CONTACTS, "allowed": sentences.ALLOWED, "genders": sentences.GENDERS,
                "how": sentences.HOW, "purposes": sentences.PURPOSES, "agreed": AGREED, "actions": ACTIONS,
                "homework": care.HOMEWORK, "going": care.GOING, "places": care.PLACES, "entries": care.ENTRIES,
                "move_help": care.MOVE_HELP, "urgencies": care.URGENCIES, "urgency_help": care.URGENCY_HELP,
                "worries": {kind: care.WORRIES[kind] for kind in KINDS}, "held_why": care.HELD_WHY,
                "bands": care.BANDS, "needs": NEEDS, "items": ITEMS, "referral_urgencies": REFERRAL_URGENCIES,
                "work": WORK,
            }.items()
        },
        "bands_of": {f"{key}|{band}": str(text) for (key, band), text in care.BANDS_OF.items()},
        "leaves": {purpose: _leaves(told) for purpose, told in sentences.LEAVES.items()},
        "due": {kind: _due(kind) for kind in (*sentences.DUE, "other")},
    }  # fmt: skip


def _texts(group: Mapping[str, Any]) -> dict[str, str]:
    return {code: str(text) for code, text in group.items()}


def _leaves(told: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: [str(one) for one in told.get(name, ())] for name in ("what", "stays")}
    return {"to": str(told["to"]), **lists}


def _due(kind: str) -> dict[str, str]:
    found = sentences.DUE.get(kind, sentences.UNKNOWN_DUE)
    return {"what": str(found.what), "late": str(found.late), "action": str(found.action)}
