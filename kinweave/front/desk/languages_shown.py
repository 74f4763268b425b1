"""The verdicts on languages in plain words: which pair, what was found, which limit, from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import wording
from kinweave.front.desk.forms_people import language_name

STATES = {
    "open": lazy("may be compared"), "blocked": lazy("may not be compared"), "too-few": lazy("cannot be compared yet"),
}  # fmt: skip
METHODS = {"mantel-haenszel": "Mantel-Haenszel", "logistic": lazy("logistic")}
LEVELS = {
    "configural": lazy("the same questions belong together"), "metric": lazy("each question weighs the same"),
    "scalar": lazy("answers start from the same point"),
}  # fmt: skip


def said_pair(pair: Mapping[str, Any], found: Instrument) -> dict[str, Any]:
    """A verdict for pages: names, the state in words, why, the rows of its table, translations nobody checked."""
    return {
        "names": names_of(pair), "state": pair["state"], "state_words": STATES[pair["state"]], "why": why(pair, found),
        "rows": [_row(reason, found) for reason in pair["reasons"]],
        "unchecked": [language_name(code) for code in pair["pair"] if unchecked(found, code)],
        "change": "change and relations" in pair["opens"] and pair["state"] == "blocked",
    }  # fmt: skip


def names_of(pair: Mapping[str, Any]) -> str:
    one, other = (language_name(code) for code in pair["pair"])
    return _("%(one)s and %(other)s") % {"one": one, "other": other}


def unchecked(found: Instrument, language: str) -> bool:
    """Whether these words are a translation that no native speaker has checked."""
    words = found.wordings.get(language)
    return words is not None and not words.original and not words.checked


def why(pair: Mapping[str, Any], found: Instrument) -> list[str]:
    """What speaks against a comparison, a sentence each."""
    other = language_name(pair["pair"][1])
    said: list[str] = []
    for reason in pair["reasons"]:
        if not reason["passed"]:
            said += _against(reason, found, other)
    return list(dict.fromkeys(said))


def _against(reason: Mapping[str, Any], found: Instrument, other: str) -> list[str]:
    kind, seen = reason["kind"], reason["found"]
    if kind == "people":
        name = language_name(reason["of"])
        if seen is None:
            return [_("Too few answers in %(language)s: %(needed)d are needed.")
                    % {"language": name, "needed": reason["limit"]}]  # fmt: skip
        return [_("Too few answers in %(language)s: about %(n)d of the %(needed)d that are needed.")
                % {"language": name, "n": seen, "needed": reason["limit"]}]  # fmt: skip
    if seen is None:
        return [_("Whether the questions mean the same could not be worked out.")]
    if kind == "same":
        sentence = _("Question %(number)d seems to mean something else in %(language)s: “%(words)s”")
        accused = [sentence % {**_item(found, code), "language": other} for code in seen["unlike"]]
        return accused or [_("Whether some questions mean the same could not be told.")]
    if kind == "few":
        return [_("More questions differ than may: %(many)d of %(all)d.") % {"many": seen[0], "all": seen[1]}]
    if kind == "together":
        return [_("The answers in %(language)s do not hang together well enough.")
                % {"language": language_name(reason["of"])}]  # fmt: skip
    return [_("The questions do not measure the same thing alike in both languages.")]


def _item(found: Instrument, code: str) -> dict[str, Any]:
    """A question's number, from 1, and its words in the site's first language that has them."""
    number = next((n for n, item in enumerate(found.items, 1) if item.code == code), 0)
    return {"number": number, "words": wording(found, "").items.get(code, code) if found.wordings else code}


def _row(reason: Mapping[str, Any], found: Instrument) -> dict[str, Any]:
    about, told, limit = _ABOUT[reason["kind"]](reason, found)
    passed = {True: _("yes"), False: _("no"), None: _("cannot say")}[reason["passed"]]
    if reason["found"] is None and reason["kind"] != "people":
        told = _("could not be worked out")
    return {"about": about, "found": told, "limit": limit, "passed": passed, "source": reason["source"]}


Said = tuple[str, str, str]


def _people(reason: Mapping[str, Any], _found: Instrument) -> Said:
    about = _("Whole answers in %(language)s") % {"language": language_name(reason["of"])}
    told = _("too few to show") if reason["found"] is None else _("about %(n)d") % {"n": reason["found"]}
    return about, told, _("at least %(n)d") % {"n": reason["limit"]}


def _together(reason: Mapping[str, Any], _found: Instrument) -> Said:
    about = _("Answers hang together in %(language)s") % {"language": language_name(reason["of"])}
    return about, f"{reason['found'] or 0:.2f}", _("at least %(n)s") % {"n": f"{reason['limit']:.2f}"}


def _same(reason: Mapping[str, Any], found: Instrument) -> Said:
    about = _("Questions mean the same (%(method)s)") % {"method": METHODS[reason["of"]]}
    seen = reason["found"] or {"unlike": [], "unsure": []}
    differ, unsure = (", ".join(str(_item(found, code)["number"]) for code in seen[k]) for k in ("unlike", "unsure"))
    told = _("differs much: question %(numbers)s") % {"numbers": differ} if differ else _("none differs much")
    if unsure:
        told = f"{told}; {_('not judged: question %(numbers)s') % {'numbers': unsure}}"
    return about, told, _("none may differ much")


def _few(reason: Mapping[str, Any], _found: Instrument) -> Said:
    about = _("Few questions differ (%(method)s)") % {"method": METHODS[reason["of"]]}
    many, every = reason["found"] or (0, 0)
    told = _("%(many)d of %(all)d") % {"many": many, "all": every}
    return about, told, _("at most %(n)d of 100") % {"n": round(100 * reason["limit"])}


def _model(reason: Mapping[str, Any], _found: Instrument) -> Said:
    seen = reason["found"]
    about, limit = _("One measure in both languages (factor models)"), _("all three steps hold")
    if seen == "not-asked":
        return about, _("not asked of so few questions"), limit
    failed = ", ".join(str(LEVELS.get(level, level)) for level in seen or ())
    return about, _("does not hold: %(steps)s") % {"steps": failed} if failed else _("holds"), limit


def _cannot(_reason: Mapping[str, Any], _found: Instrument) -> Said:
    return _("Whether the questions mean the same"), _("could not be worked out"), ""


_ABOUT = {
    "people": _people, "together": _together, "same": _same, "few": _few, "model": _model, "cannot": _cannot,
}  # fmt: skip
