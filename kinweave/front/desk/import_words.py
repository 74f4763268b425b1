"""The words of imports: kinds, states, and what counts mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as lazy

KINDS = {"people": lazy("People from a list"), "responses": lazy("Answers from a file")}
STATES = {"whole": lazy("finished"), "open": lazy("did not finish: send the same file again"), "undone": lazy("undone")}
COUNTS = {
    "total": lazy("rows in the file"), "accepted": lazy("brought in"), "already_here": lazy("here already"),
    "duplicates": lazy("twice in the file"), "set_aside": lazy("set aside, with the reason"),
    "consented": lazy("agreed to care before"), "unconsented": lazy("to be asked whether they agree"),
    "possibly_same": lazy("sound like someone who is here"), "unknown_person": lazy("of someone we do not know"),
    "held": lazy("kept until someone finds where they belong"), "alerts": lazy("alerts opened"),
    "undone": lazy("taken back"), "kept": lazy("kept, because someone has worked with them since"),
}  # fmt: skip
ALWAYS = ("total", "accepted", "set_aside")
WOULD = {"accepted": lazy("can be brought in")}


def told_of(counts: Mapping[str, Any], *, dry: bool = False) -> list[dict[str, Any]]:
    """Counts as lines: {count, what}; zeros are left out unless they say something."""
    always = ALWAYS if "accepted" in counts else ()
    return [
        {"count": counts[code], "what": WOULD.get(code, what) if dry else what}
        for code, what in COUNTS.items()
        if isinstance(counts.get(code), int) and (counts[code] or code in always)
    ]
