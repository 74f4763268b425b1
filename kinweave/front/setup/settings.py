"""What the wizard decides beside the settings that others define."""

from __future__ import annotations

from typing import Any

from kinweave.house.settings import define, one_of

KEYS = define(
    "house.keys_here",
    "",
    says="Whether the house key may lie on the machine that serves the site.",
    source="ours",
    fits=one_of("", "here", "medium"),
    hint="Choose here, or medium (a medium that somebody puts in when the site starts).",
)
DEMANDS = define(
    "house.demands",
    "",
    says="What everybody here does when an authority demands data: whom to call, who decides.",
    source="ours",
    fits=lambda v: isinstance(v, str) and len(v) <= 4000,
    hint="Write up to 4000 signs.",
)


def _https(v: Any) -> bool:  # host: the name; later: put off; opened: a phone has been there
    return isinstance(v, dict) and set(v) <= {"host", "later", "opened"} and isinstance(v.get("host", ""), str)


HTTPS = define(
    "house.https",
    {},
    says="Under which name phones open the site, and whether one has.",
    source="ours",
    fits=_https,
    hint="Give the name of the site.",
)
PAPER = define(
    "house.paper_confirmed",
    False,
    says="Whether somebody has copied the paper recovery key.",
    source="ours",
    fits=lambda v: isinstance(v, bool),
    hint="Give yes or no.",
)
