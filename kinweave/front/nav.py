"""The main menu of the desk: one line for each place, shown to those who may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True, slots=True)
class Place:
    """`route`: the name of the address; `permission`: who sees it; `icon`: from icons.svg."""

    route: str
    label: str
    icon: str
    permission: str


# The order is the order of a working day. A line whose address does not exist is not shown.
PLACES = (
    Place("today", gettext_noop("Today"), "calendar-check", "due.own"),
    Place("people", gettext_noop("People"), "users", "people.see"),
    Place("risks", gettext_noop("Safety"), "shield-alert", "risk.see"),
    Place("circles", gettext_noop("Circles"), "handshake", "gather.see"),
    Place("hours", gettext_noop("My hours"), "clock", "team.hours"),
    Place("paper-list", gettext_noop("Paper"), "printer", "listen.record"),
    Place("numbers", gettext_noop("Numbers"), "chart-line", "learn.see"),
    Place("promises", gettext_noop("Promises"), "hourglass", "decide.see"),
    Place("releases", gettext_noop("Reports"), "file-text", "published.read"),
    Place("import", gettext_noop("Bring in"), "upload", "import.people"),
    Place("forms", gettext_noop("Forms"), "clipboard-list", "forms.keep"),
    Place("phones", gettext_noop("Phones"), "phone", "accounts.recover"),
    Place("accounts", gettext_noop("Accounts"), "user", "accounts.recover"),
    Place("settings", gettext_noop("Settings"), "settings", "house.settings"),
)


def menu(request: Any) -> list[dict[str, Any]]:
    """The menu of whoever is signed in."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return []
    shown = []
    for place in PLACES:
        try:
            url = reverse(place.route)
        except NoReverseMatch:
            continue
        if actor.may(place.permission):
            here = request.path == url or (url != "/" and request.path.startswith(url))
            shown.append({"url": url, "label": gettext(place.label), "icon": place.icon, "current": here})
    return shown
