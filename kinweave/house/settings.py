"""Settings that are data: defined once by whoever needs them, changed by an action, all versions kept.

Each has a default, what it is for, where the default comes from ("ours" when no source gives it) and
a check. A programme's value goes before the site's, the site's before the default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.house import quick
from kinweave.house.models import Setting


class NoSuchSetting(Problem):
    status, code = 404, "no-such-setting"
    says = "There is no setting called {key}."
    remedy = "Choose one from the settings page."


class BadSetting(Problem):
    status, code = 422, "bad-setting"
    says = "This value does not fit the setting {key}."
    remedy = "{hint}"


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    default: Any
    says: str
    source: str
    fits: Callable[[Any], bool]
    hint: str


DEFINED: dict[str, Definition] = {}


def define(key: str, default: Any, *, says: str, source: str, fits: Callable[[Any], bool], hint: str) -> str:
    """Define a setting; returns its key."""
    if not fits(default):
        raise ValueError(f"the default of {key} does not fit")
    DEFINED[key] = Definition(key, default, says, source, fits, hint)
    return key


def check(key: str, value: Any) -> None:
    known = DEFINED.get(key)
    if known is None:
        raise NoSuchSetting(key=key)
    try:
        good = known.fits(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        good = False
    if not good:
        raise BadSetting(key=key, hint=known.hint)


def value(key: str, scope: UUID | str = "") -> Any:
    """The value in force: the programme's, else the site's, else the default."""
    scopes = [str(scope), ""] if scope else [""]
    # Asked for several times in most writes: the prepared statement costs a fifth of the query set.
    rows = quick.rows(Setting, "WHERE key = %s AND scope IN (%s, %s) ORDER BY version", [key, scopes[0], ""])
    found = {row.scope: row.value for row in rows}
    for one in scopes:
        if one in found:
            return found[one]
    return DEFINED[key].default


def version(key: str, scope: UUID | str = "") -> int:
    """The version in force, 0 for the default (to be written beside what was decided under it)."""
    scopes = [str(scope), ""] if scope else [""]
    rows = dict(Setting.objects.filter(key=key, scope__in=scopes).order_by("version").values_list("scope", "version"))
    return next((rows[s] for s in scopes if s in rows), 0)


def whole(low: int, high: int) -> Callable[[Any], bool]:
    """A whole number between low and high, both included."""
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def one_of(*choices: Any) -> Callable[[Any], bool]:
    return lambda v: v in choices


def texts(v: Any) -> bool:
    """A list of short texts."""
    return isinstance(v, list) and all(isinstance(t, str) and 0 < len(t) <= 200 for t in v)


# What may be collected at all (threat profile). Off unless switched on: design, "Threat profile".
FACTS = define(
    "house.facts",
    {"faith": False, "ethnicity": False, "sexuality": False, "exact_location": False},
    says="Which sensitive facts may be written down about a person.",
    source="ours",
    fits=lambda v: isinstance(v, dict) and all(isinstance(k, str) and isinstance(b, bool) for k, b in v.items()),
    hint="Give yes or no for each kind of fact.",
)
DIMENSIONS = define(
    "house.dimensions",
    [],
    says="The groups this programme looks at for fairness: each with a code, a name and its choices.",
    source="ours",
    fits=lambda v: isinstance(v, list) and all({"code", "name", "choices"} <= set(d) for d in v),
    hint="Each group needs a code, a name and choices.",
)
LANGUAGES = define(
    "house.languages",
    ["en", "ar"],
    says="The languages people here can be asked in.",
    source="ours",
    fits=texts,
    hint="Give language codes, such as en or ar.",
)
EMERGENCY = define(
    "house.emergency",
    "",
    says="The local number to call in an emergency, shown on every safety card.",
    source="ours",
    fits=lambda v: isinstance(v, str) and len(v) <= 60,
    hint="Write the number as people dial it.",
)
