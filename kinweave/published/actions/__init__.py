"""Everything that changes the shelf."""

from kinweave.published.actions.drafts import draft_release, drop_draft, set_reading
from kinweave.published.actions.signing import sign_release, voice_release, withdraw_release
from kinweave.published.actions.stories import put_story, set_stories, take_stories_back
from kinweave.published.actions.sums import give_sums

__all__ = [
    "draft_release",
    "drop_draft",
    "give_sums",
    "put_story",
    "set_reading",
    "set_stories",
    "sign_release",
    "take_stories_back",
    "voice_release",
    "withdraw_release",
]
