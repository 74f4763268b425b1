"""What a programme can choose about its reports."""

from __future__ import annotations

from kinweave.house.settings import define, one_of

NEEDS_VOICE = define(
    "published.needs_voice",
    True,
    says="No report goes out before an organisation of people who use services has signed it.",
    source="ours",
    fits=one_of(True, False),
    hint="Say yes or no.",
)
