"""Everything that changes the shelf."""

from kinweave.published.actions.drafts import draft_release, drop_draft, set_reading
from kinweave.published.actions.signing import sign_release, voice_release, withdraw_release
from kinweave.published.actions.sums import give_sums

__all__ = [
    "draft_release",
    "drop_draft",
    "give_sums",
    "set_reading",
    "sign_release",
    "voice_release",
    "withdraw_release",
]
