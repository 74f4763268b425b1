"""The plain words behind the codes: what is due, what happened, where someone is on their way, why they left.

One dictionary for each kind of code, each sentence at most twenty words. No clinical word stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kinweave.front.sentences_people import (
    ALLOWED,
    CONSENTS,
    CONTACTS,
    GENDERS,
    HOW,
    LEAVES,
    LEVELS,
    PURPOSES,
    ROLES,
    SAID_HOW,
    SENSITIVE,
    TIES,
    WASHINGTON,
)

__all__ = [
    "ALLOWED",
    "CLOSURES",
    "CONSENTS",
    "CONTACTS",
    "DUE",
    "GENDERS",
    "GOALS",
    "HAPPENED",
    "HOW",
    "ICONS",
    "KINDS_OF_MEETING",
    "LEAVES",
    "LEVELS",
    "MISSED",
    "MOODS",
    "MOVES",
    "PURPOSES",
    "ROLES",
    "SAID_HOW",
    "SENSITIVE",
    "STATES",
    "TIES",
    "UNKNOWN_DUE",
    "WASHINGTON",
    "DueWords",
    "due_words",
    "happened_words",
]

Text = Promise | str


@dataclass(frozen=True, slots=True)
class DueWords:
    """`what`: the line on today's list; `action`: its button; `route`: the page it opens, with `about` as its
    argument (person, ref or nothing); `late`: said instead once its time is over; `whose`: stands where the person's
    name would, if there is none."""

    what: Text
    action: Text
    route: str
    about: str = "person"
    late: Text = ""
    whose: Text = ""


DUE: Mapping[str, DueWords] = {
    "session": DueWords(_("meeting"), _("Note"), "note-session", late=_("meeting, not yet noted")),
    "first_meeting": DueWords(_("first meeting"), _("Note"), "note-session", late=_("first meeting, still to be held")),
    "missed": DueWords(_("missed the last meeting; try a call"), _("Reach"), "person-held"),
    "waiting": DueWords(_("waits for a place to begin"), _("Move on"), "move-on", late=_("has waited too long")),
    "ask_again": DueWords(_("time to ask the questions again"), _("Ask"), "ask"),
    "risk_answer": DueWords(_("answer the safety card"), _("Open"), "risk", "ref"),
    "risk_contact": DueWords(_("meet or call again after the safety card"), _("Open"), "risk", "ref"),
    "risk_plan": DueWords(_("look at the safety plan together"), _("Open"), "risk", "ref"),
    "risk_follow": DueWords(_("meet again: weekly after the safety plan"), _("Note"), "note-session"),
    "two_versions": DueWords(
        _("something was changed on two sides; say which holds"), _("Decide"), "two-versions", "ref"
    ),
    "held": DueWords(_("something sent here could not be placed"), _("Look"), "held", "nothing"),
    "glass_review": DueWords(_("a record was opened in need; read why"), _("Review"), "opening", "ref"),
    "contest": DueWords(_("says something in the record is wrong"), _("Answer"), "contest", "ref"),
    "story_shown": DueWords(_("their story is in a report: show them where it stands"), _("Look"), "person-stories"),
    "promise": DueWords(
        _("its day has come: was it kept?"),
        _("Look"),
        "promise",
        "ref",
        late=_("its day is over: was it kept? If not, ask for an answer"),
        whose=_("A promise"),
    ),
    "referral_draft": DueWords(_("a referral is not sent yet: send it or drop it"), _("Look"), "person-referrals"),
}
UNKNOWN_DUE = DueWords(_("something to do"), _("Open"), "person")

HAPPENED: Mapping[str, Text] = {
    "registered": _("Came to us"),
    "corrected": _("What is written was corrected"),
    "moved": _("Moved to another place"),
    "assigned": _("Another worker accompanies from here"),
    "tie_added": _("Someone close was added"),
    "contact_changed": _("A way to reach them was changed"),
    "consented": _("Said yes"),
    "declined": _("Said no"),
    "withdrew": _("Took a yes back"),
    "merged": _("Two records became one"),
    "unmerged": _("One record became two again"),
    "opened_in_need": _("The record was opened in need"),
    "opening_reviewed": _("A supervisor read why the record was opened"),
    "link_made": _("A link to their own page was made"),
    "own_page_opened": _("Opened their own page"),
    "contested": _("Said that something is wrong"),
    "contest_answered": _("What they said was answered"),
    "answered": _("Answered questions"),
    "answer_undone": _("Answers were taken back"),
    "move_consent": _("Agreed to begin"),
    "move_screen": _("The first questions were asked"),
    "move_tell": _("Told in their own words why they came"),
    "move_inform": _("Got information; the door stays open"),
    "move_wait": _("Began to wait"),
    "move_start": _("The meetings began"),
    "move_step": _("The kind of help was changed"),
    "move_graduate": _("Began to finish"),
    "move_join_group": _("Joined a circle or a peer"),
    "move_return": _("Came back to meetings"),
    "move_close": _("The time with us ended"),
    "move_reenter": _("Came back to us"),
    "goal_set": _("Named a goal"),
    "goal_state": _("A goal changed"),
    "goal_changed": _("A goal was put in other words"),
    "met": _("Met"),
    "missed": _("A meeting did not happen"),
    "note_corrected": _("A note was corrected"),
    "note_undone": _("A note was taken back"),
    "risk_opened": _("A safety card was opened"),
    "risk_acknowledged": _("The safety card was answered"),
    "risk_contacted": _("Met or called again after the safety card"),
    "risk_planned": _("A safety plan was made together"),
    "risk_closed": _("The safety card was closed"),
    "risk_escalated": _("The safety card went to the next person"),
    "emergency_called": _("The emergency number was called"),
    "referral_drafted": _("A referral was prepared"),
    "referral_dropped": _("A referral was dropped before it was sent"),
    "story_told": _("Told a story for others"),
    "story_changed": _("A story was put in other words"),
    "story_removed": _("A story was removed"),
    "story_told_back": _("Saw where the story stands"),
}
UNKNOWN_HAPPENED = _("Something was written down")

# The picture beside a line of the timeline (names in icons.svg).
ICONS: Mapping[str, str] = {
    "registered": "user-plus", "corrected": "pencil", "moved": "map-pin", "assigned": "users", "tie_added": "users",
    "consented": "check", "declined": "x", "withdrew": "undo-2", "merged": "users", "unmerged": "users",
    "opened_in_need": "eye", "opening_reviewed": "eye", "link_made": "send", "own_page_opened": "user",
    "contested": "message-circle", "contest_answered": "message-circle", "answered": "clipboard-list",
    "answer_undone": "undo-2", "goal_set": "flag", "goal_state": "flag", "goal_changed": "flag",
    "contact_changed": "phone", "met": "handshake", "missed": "clock",
    "note_corrected": "pencil", "note_undone": "undo-2", "move_wait": "hourglass", "move_graduate": "sprout",
    "move_close": "door-open", "move_reenter": "door-open", "emergency_called": "phone",
    "referral_drafted": "send", "referral_dropped": "x", "story_told": "message-circle",
    "story_changed": "pencil", "story_removed": "x", "story_told_back": "eye",
}  # fmt: skip

STATES: Mapping[str, Text] = {
    "identified": _("Just met"),
    "consented": _("Said yes to begin"),
    "screened": _("First questions asked"),
    "told": _("Told us in their own words"),
    "below": _("Door open"),
    "waiting": _("Waiting"),
    "active": _("Meeting now"),
    "graduating": _("Finishing"),
    "group": _("In a circle or with a peer"),
    "closed": _("Not with us now"),
}

MOVES: Mapping[str, Text] = {
    "consent": _("They agree to begin"),
    "screen": _("First questions were asked"),
    "tell": _("They told us in their own words"),
    "inform": _("Give information, keep the door open"),
    "wait": _("Wait for a place"),
    "start": _("Begin the meetings"),
    "step": _("Change the kind of help"),
    "graduate": _("Begin to finish"),
    "join_group": _("Join a circle or a peer"),
    "return": _("Come back to meetings"),
    "close": _("End the time with us"),
    "reenter": _("Begin again"),
}

CLOSURES: Mapping[str, Text] = {
    "end_of_care": _("The meetings reached their end"),
    "single_consultation": _("One meeting was enough"),
    "moved": _("They moved away"),
    "referred": _("Someone else helps now"),
    "we_left": _("We left"),
    "transport": _("They could not travel to us"),
    "taken": _("They were taken away"),
    "cannot_trace": _("We could not reach them"),
    "dissatisfied": _("They were not content with us"),
    "own_choice": _("They chose to stop"),
    "died_or_missing": _("They died or are missing"),
}

MISSED: Mapping[str, Text] = {
    "forgot": _("they forgot"),
    "transport": _("they could not travel"),
    "unreachable": _("we could not reach them"),
    "no_longer_wants": _("they no longer want to"),
    "busy": _("they were busy"),
    "sick": _("they were sick"),
    "other": _("another reason"),
}

KINDS_OF_MEETING: Mapping[str, Text] = {
    "session": _("meeting"), "visit": _("visit"), "call": _("call"), "group": _("group"),
}  # fmt: skip

MOODS: Mapping[str, Text] = {
    "easier": _("a little easier"), "same": _("about the same"), "harder": _("harder"), "reached": _("reached"),
}  # fmt: skip

GOALS: Mapping[str, Text] = {"open": _("on the way"), "reached": _("reached"), "let_go": _("let go")}


def happened_words(kind: str, facts: Mapping[str, Any] | None = None) -> str:
    """One line of a timeline, with the little that its codes add. An unknown kind has words too."""
    said = str(HAPPENED.get(kind, UNKNOWN_HAPPENED))
    more = _more(kind, facts or {})
    return f"{said}: {more}" if more else said


def _more(kind: str, facts: Mapping[str, Any]) -> str:
    code = str(facts.get("reason") or "")
    if kind == "missed":
        return str(MISSED.get(code, ""))
    if kind == "move_close":
        return str(CLOSURES.get(code, ""))
    if kind in {"consented", "declined", "withdrew"}:
        return str(CONSENTS.get(str(facts.get("purpose")), ""))
    if kind == "goal_state":
        return str(GOALS.get(str(facts.get("state")), ""))
    if kind == "tie_added":
        return str(TIES.get(str(facts.get("tie")), ""))
    if kind == "met":
        return str(KINDS_OF_MEETING.get(str(facts.get("kind")), ""))
    if kind == "opening_reviewed":
        return str(_("it was needed") if facts.get("needed") else _("it was not needed"))
    return ""


def due_words(kind: str, late: bool = False) -> tuple[str, str]:
    """The line of today's list and its button."""
    words = DUE.get(kind, UNKNOWN_DUE)
    return str(words.late if late and words.late else words.what), str(words.action)
