"""A person's stories as cards: the words, what they said to them, and where they stand. For the desk and their own
page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.front.desk.pages_releases import quarter_words
from kinweave.front.desk.people_parts import said_day
from kinweave.front.report.document import RTL
from kinweave.house.actions import NotFound
from kinweave.listen.reads_stories import Told, stories, story_of
from kinweave.people.door import Seen
from kinweave.published.reads_stories import Where, where
from kinweave.published.states import PUBLISHED


def story_cards(seen: Seen) -> list[dict[str, Any]]:
    """The newest first. Three queries, whatever their number."""
    told = stories(seen)
    there = where([one.id for one in told]) if told else []
    return [story_card(one, [w for w in there if w.story_id == one.id]) for one in told]


def story_card(one: Told, there: Sequence[Where] = ()) -> dict[str, Any]:
    """state: open (not asked about these words), given, declined, withdrawn, over."""
    return {
        **words_of(one.story), "id": one.id, "mark": one.mark, "told": said_day(one.told_at),
        "state": one.yes.state if one.yes else "open", "consent_id": one.yes.id if one.yes else None,
        "until": said_day(one.yes.until) if one.yes else "", "there": [_place(w) for w in there],
        "is_out": any(w.state == PUBLISHED and not w.back for w in there), "seen_on": said_day(one.told_back_at),
    }  # fmt: skip


def card_to_remove(request: Any, seen: Seen, story_id: UUID) -> dict[str, Any] | None:
    """The story that is to go. None where a form is sent a second time: it is gone, and the action knows its entry."""
    try:
        return story_card(story_of(seen, story_id))
    except NotFound:
        if request.method != "POST":
            raise
        return None


def words_of(story: Any) -> dict[str, Any]:
    """The words of a story with their direction."""
    direction = "rtl" if story.language.split("-")[0] in RTL else "ltr"
    paragraphs = [part for part in story.text.split("\n") if part.strip()]
    return {"paragraphs": paragraphs, "language": story.language, "direction": direction}


def _place(one: Where) -> dict[str, Any]:
    out = one.state == PUBLISHED
    said = _("taken back from there") if one.back else _("since %(day)s") % {"day": said_day(one.since)}
    about = {"place": f"\u2068{one.place}\u2069", "time": quarter_words(one.period)}
    return {
        "title": _("Report: %(place)s, %(time)s") % about,
        "url": reverse("report", args=[one.slug]) if out else "",
        "said": said if out else _("chosen for a report that is not out yet"),
    }  # fmt: skip
