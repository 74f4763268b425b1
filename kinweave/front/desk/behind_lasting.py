"""Does it last? What became of the gain once money had ended, in sentences, with the places on both sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Found = Mapping[str, Any]
VERDICTS = {
    "holds": lambda: _("What was gained holds."),
    "fades": lambda: _("What was gained fades."),
    "grows": lambda: _("What was gained grew further."),
    "not-shown": lambda: _("Whether it lasts cannot be seen: the numbers allow both."),
}
ROWS = (
    ("gain", lambda: _("Gain while the money came")),
    ("after", lambda: _("Change since")),
    ("kept", lambda: _("Gain that is left")),
)


def lasting_section(more: Sequence[Found], places: Collection[str]) -> dict[str, Any] | None:
    """A section like those of the page, of money that ended in `places` alone; None where none did long enough ago."""
    mine = [one for one in more if one["topic"] == "lasting" and set(map(str, one["at"])) <= set(places)]
    if not mine:
        return None
    sources = dict.fromkeys(f"{one['method']}. {one['citation']}" for one in mine if "method" in one)
    return {"id": "lasting", "title": _("Does it last?"), "parts": [_part(one) for one in mine],
            "sources": list(sources)}  # fmt: skip


def _part(one: Found) -> dict[str, Any]:
    part: dict[str, Any] = {"name": ", ".join(one["grants"]), "said": _said(one)}
    if one["state"] != "found":
        return part
    left = one["left"]
    part["said"] += [_("Each line is worked out by itself, so they need not add up exactly.")]
    return part | {
        "table": {
            "columns": [_("Points, more is better for people"), _("Points"), _("Range")],
            "rows": [[says(), f"{one[key][0]:.1f}", f"{one[key][1]:.1f} – {one[key][2]:.1f}"] for key, says in ROWS],
        },
        "missing": _left(left["places"]) if left["places"] else "",
    }  # fmt: skip


def _left(places: int) -> str:
    return ngettext(
        "%(places)s place with too few people to show.", "%(places)s places with too few people to show.", places
    ) % {"places": places}


def _said(one: Found) -> list[str]:
    year, month = map(int, one["until"].split("-"))
    ended = _("The money ended in %(month)s.") % {"month": date_format(date(year, month, 1), "F Y")}
    if one["state"] == "no-comparison":
        return [ended, _("Nobody was asked where the programme does not work, so nothing can be compared.")]
    if one["state"] != "found":
        return [ended, _("Too few places can be shown: it takes three with the programme and three without.")]
    facts = {"months": one["months"], "x": f"{abs(one['gain'][0]):.1f}"}
    gained = one["gain"][1] > 0
    first = (
        _("While it came, people were %(x)s points better off than those elsewhere who began as badly.") % facts
        if gained
        else _("While it came, no gain over places without the programme could be seen.")
    )
    then = _("Looked at in the half-year before %(months)s months had passed.") % facts
    said = VERDICTS[one["verdict"]]() if gained else _("So nothing can be said to last.")
    compared = _("%(a)s places with the programme (about %(m)s people), %(b)s without it (about %(n)s).") % {
        "a": one["ours"]["places"], "m": one["ours"]["n"], "b": one["others"]["places"], "n": one["others"]["n"],
    }  # fmt: skip
    return [ended, first, said, then, compared, _("Other things may have changed in these places too.")]
