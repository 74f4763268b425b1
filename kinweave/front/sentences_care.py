"""The plain words behind the codes of asking, accompanying and safety. No clinical word stands here."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = Promise | str

# What a worker may be worried about, or an answer may mean. Both spellings: care's own, and questionnaires'.
WORRIES: Mapping[str, Text] = {
    "self_harm": _("They may hurt themselves"),
    "harm_by": _("They may hurt someone"),
    "harm_to": _("Someone may hurt them"),
    "child": _("A child may be in danger"),
    "partner_violence": _("Their partner hurts them"),
    "chaining": _("They are chained, locked in or treated by force"),
    "sudden_confusion": _("They are suddenly confused"),
    "other": _("Something else worries me"),
    "harm-to-self": _("They may hurt themselves"),
}
URGENCIES: Mapping[str, Text] = {"now": _("Now"), "today": _("Today"), "week": _("This week")}
URGENCY_HELP: Mapping[str, Text] = {
    "now": _("Someone could be hurt before tonight"),
    "today": _("Someone must look at this before the day ends"),
    "week": _("It can wait a few days, not longer"),
}
RISK_STATES: Mapping[str, Text] = {
    "open": _("Nobody has answered yet"),
    "acknowledged": _("Someone took it on"),
    "contacted": _("Met or called again"),
    "planned": _("A safety plan was made"),
    "closed": _("Closed"),
}
HOMEWORK: Mapping[str, Text] = {
    "done": _("Done"), "partly": _("Partly"), "not": _("Not this time"), "none": _("Nothing was agreed"),
}  # fmt: skip
GOING: Mapping[str, Text] = {
    "easier": _("A little easier"), "same": _("About the same"), "harder": _("Harder"), "reached": _("Reached"),
}  # fmt: skip
PLACES: Mapping[str, Text] = {
    "bench": _("On the bench"), "home": _("At home"), "clinic": _("At the clinic"), "school": _("At school"),
    "mobile": _("With the mobile team"), "phone": _("By phone"), "other": _("Somewhere else"),
}  # fmt: skip
MOVE_HELP: Mapping[str, Text] = {
    "tell": _("No questions are needed to begin"),
    "inform": _("They manage well now and may come back at any time"),
    "wait": _("Their supervisor is reminded when it takes too long"),
    "start": _("The first meeting becomes due within a week"),
    "step": _("More help, or less"),
    "graduate": _("The last meetings, and what comes after them"),
    "join_group": _("They go on with others beside them"),
    "return": _("The meetings with a worker begin again"),
    "close": _("Say honestly why; they can always come back"),
    "reenter": _("They came back: that is their right, no questions first"),
}
ENTRIES: Mapping[str, Text] = {
    "own_words": _("In their own words"), "circle": _("Through a circle"),
    "informant": _("Someone who knows them told us"),
}  # fmt: skip
STEPS: Mapping[str, Text] = {
    "1": _("Step 1: the lightest help"), "2": _("Step 2"), "3": _("Step 3"), "4": _("Step 4: the most help"),
}  # fmt: skip
WHOSE: Mapping[str, Text] = {
    "neither": _("It came to its end, or life changed"),
    "theirs": _("It was their own choice"),
    "ours": _("It was for us to do better"),
}
HELD_WHY: Mapping[str, Text] = {
    "no-consent": _("The person has not agreed to this, or took the yes back."),
    "person-not-found": _("It is not clear whose it is, or who sent it may not see that person."),
    "instrument-off": _("These questions are not asked here."),
    "unknown-instrument": _("This site does not know these questions."),
    "answers-out-of-range": _("Some answers are not among those that were offered."),
    "wrong-state": _("This step does not follow from where the person is now."),
    "in-the-future": _("Its date has not come yet."),
    "unknown-choice": _("One of its choices is not known here."),
    "not-found": _("It names something that is not here."),
    "bad-input": _("Some of it could not be read."),
    "not-allowed": _("Who sent it may not write this."),
    "site-fault": _("A fault of this site came between. The person who looks after it can find out why."),
    "form-unforeseen": _("A fault of this site came between. The person who looks after it can find out why."),
    "circle-not-found": _("It is not clear which circle it was."),
    "circle-ended": _("The circle had ended before that day."),
    "counts-do-not-fit": _("Its counts do not fit together."),
    "entry-id-reused": _("Something else came under the same number."),
    "out-of-order": _("Something that was written before it on the same phone has not come yet."),
    "device-unknown": _("This site does not know the phone that wrote it."),
    "device-ended": _("The phone that wrote it was ended."),
    "worker-left": _("Whoever wrote it does not work here any more."),
}
HELD_UNKNOWN = _("It did not fit where it was sent to.")
HELD_WHAT: Mapping[str, Text] = {
    "listen.record_response": _("Answered questions"),
    "flows.receive_response": _("Answered questions"),
    "flows.take_form": _("A form from a phone"),
    "listen.record_form": _("A form from a phone"),
    "care.note_session": _("A note about a meeting"),
    "care.move_on": _("A step on the way"),
    "people.register_person": _("Someone new"),
    "flows.welcome_person": _("Someone new"),
    "flows.agree": _("What someone agreed to"),
    "people.record_consent": _("What someone agreed to"),
    "people.add_contact": _("A way to reach someone"),
    "people.change_contact": _("A way to reach someone"),
    "people.end_contact": _("A way to reach someone"),
    "people.change_person": _("A correction"),
    "flows.voice_worry": _("A worry"),
    "care.change_goal": _("A goal"),
    "care.mark_goal": _("A goal"),
    "care.set_goal": _("A goal"),
    "gather.add_circle": _("A circle"),
    "gather.end_circle": _("A circle"),
    "gather.record_circle_meeting": _("A circle's meeting"),
    "connect.draft_referral": _("A referral"),
    "connect.cancel_referral_draft": _("A referral"),
    "team.record_hours": _("Hours"),
}
HELD_SOMETHING = _("Something that was sent")
ROOMS: Mapping[str, Text] = {
    "house": _("The site"), "people": _("People"), "listen": _("Asking"), "care": _("Accompanying"),
    "gather": _("Circles"), "connect": _("Referrals"), "team": _("Hours"),
    "decide": _("Promises"), "learn": _("Counting"), "published": _("Reports"), "flows": _("What arrives"),
}  # fmt: skip
MISSING: Mapping[str, Text] = {
    "rota": _("a rota"),
    "people": _("enough people on the rota"),
    "contact": _("a local emergency number"),
    "people-test": _("an answered test alert from the people on the rota"),
    "contact-test": _("an answered test call to the emergency number"),
}

# What a band says to a worker: how heavy things are, in our own words and never a diagnosis. A questionnaire
# (by its neutral key) whose bands mean something else has words of its own.
BANDS: Mapping[str, Text] = {
    "none": _("Little is heavy at the moment."),
    "minimal": _("Little is heavy at the moment."),
    "low": _("Little is heavy at the moment."),
    "none-to-mild": _("Little is heavy at the moment, or some of it."),
    "mild": _("Some things are heavy."),
    "moderate": _("Many things are heavy."),
    "high": _("Many things are very heavy."),
    "moderately-severe": _("Many things are very heavy."),
    "severe": _("Nearly everything is heavy at the moment."),
    "very-high": _("Nearly everything is heavy at the moment."),
    "not-identified": _("Daily activities go without much difficulty."),
    "identified": _("At least one daily activity is very difficult. Ask what would make it easier."),
}
BANDS_OF: Mapping[tuple[str, str], Text] = {
    ("people-around-you-3", "poor"): _("There are few people to turn to."),
    ("people-around-you-3", "moderate"): _("There are some people to turn to."),
    ("people-around-you-3", "strong"): _("There are people to turn to."),
    ("caring-for-someone-10", "none-to-mild"): _("Caring is not a heavy load at the moment."),
    ("caring-for-someone-10", "moderate"): _("Caring is a heavy load."),
    ("caring-for-someone-10", "severe"): _("Caring is a very heavy load. Supporters need help too."),
}
NO_BAND = _("The answers are kept. These questions have no named ranges.")
NO_SCORE = _("Too few answers to count. What was answered is kept.")


def band_words(key: str, band: str | None) -> str:
    """What a band of a questionnaire says, in one sentence."""
    if not band:
        return str(NO_BAND)
    return str(BANDS_OF.get((key, band)) or BANDS.get(band) or NO_BAND)
