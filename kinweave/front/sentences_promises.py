"""The plain words of promises. A sector that a programme added itself is shown as it was written."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = Promise | str

SECTORS: Mapping[str, Text] = {
    "programme": _("This programme"),
    "health": _("Health"),
    "housing": _("Housing"),
    "schools": _("Schools"),
    "work": _("Work"),
    "justice": _("Courts and police"),
    "community": _("Community"),
    "other": _("Something else"),
}
STANDINGS: Mapping[str, Text] = {
    "broken": _("Broken"),
    "late": _("Late"),
    "has_time": _("Still has time"),
    "kept_late": _("Kept late"),
    "kept": _("Kept"),
    "dropped": _("Dropped"),
}
DROPS: Mapping[str, Text] = {
    "not_wanted": _("Those it was made to no longer want it"),
    "by_mistake": _("It was entered by mistake"),
}
