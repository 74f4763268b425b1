"""What a loader needs to know to turn an invented community into journal entries.

The order of work: places (`district` above `wards`, each ward with its yearly `populations` and its clinic),
`organisations`, the `dimension`, the `team`, then `events` from first to last, each through the action that
its kind names. Nothing of `truth` is ever loaded. `community.invented` is True and must reach every page.

An event's `at` is a datetime with its offset, or a date where `precision` is "day"; events stand in the
order in which they happened also within such a day. Indices point into the tuples of `Community`:
`person` into `people`, `worker` and every member named in a payload into `team`, `ward` into `wards`,
`circle` into `circles`, `risk` is a number that the events of one risk share.

A person's first event is `person_identified` or, for a supporter, `supporter_registered`. What the events
of one person are, in order, is the pathway:

    person_identified -> consent_declined (care): the end
                      -> consent_given -> registered -> response(s) -> screen_result
    screen_result     -> below: told, door open, the end | eligible | red_flag -> waiting
    waiting           -> started -> session, call, visit, step_changed, handed_over ... | closed
    started           -> graduated -> [circle_joined] -> closed | closed
    closed            -> reentered -> waiting
                         (moves of core.pathway: consent, screen at a response with occasion "entry", inform or
                         wait, start, step, graduate, join_group, close, reenter; `below` is "inform")
    at any time       : response, tie_added, consent_withdrawn, risk_opened -> [risk_escalated] ->
                        risk_acknowledged -> risk_followed ... -> risk_closed

A stream that ends early simply stops: people are then still waiting or active, and risks still open.
"""

from __future__ import annotations

from collections.abc import Mapping

_FACTS: dict[str, str] = {
    "alias": "two words, never two alike in a community",
    "name": "invented full name; some decomposed (NFD), some right to left",
    "script": "Latn, Latn-marks, Arab, Ethi, Deva, Cyrl or Hans",
    "gender": "woman, man, other or declined",
    "birth_year": "a year, or None: not said",
    "languages": "list of language codes, the preferred one first",
    "ward": "ward index: where she lives",
    "group": "a choice code of the community's dimension",
    "washington": "domain -> level 1 to 4, or declined (Washington Group short set)",
    "contact": "phone, visit, through or none",
}
_CONSENT: dict[str, str] = {
    "purposes": "list of care, statistics, research",
    "how": "witnessed, spoken, signed or thumb",
}
_TRIED: dict[str, str] = {
    "reached": "whether the person was reached",
    "why": "missed_session or first_session",
}

EVENT_SHAPES: Mapping[str, Mapping[str, str]] = {
    "person_identified": {
        "via": "screening_day, worker, self, family, teacher, elder, faith_house, healer or farm_adviser",
        "alias": "as in registered: all that is known before consent, with the contact",
        "contact": "phone, visit, through or none",
        "ward": "ward index",
    },
    "consent_given": _CONSENT,
    "consent_declined": _CONSENT,
    "consent_withdrawn": {"purposes": "list of care, statistics, research"},
    "registered": _FACTS,
    "supporter_registered": {"supports": "person index of whom she supports", **_FACTS},
    "tie_added": {
        "other": "person index of a registered supporter, or None: known by relation only",
        "relation": "what the other is to the person, as husband_or_wife",
        "same_household": "bool",
        "cares": "whether the other is an informal caregiver",
        "may_be_told": "whether the person agreed that the other may be told",
    },
    "response": {
        "instrument": "folder name under instruments/: phq-9, gad-7, phq-4, osss-3, bsfc-s",
        "language": "language code the questions were asked in",
        "answers": "item code -> coded answer, None (not answered) or declined; in item order",
        "mode": "paper or screen",
        "occasion": "entry, waiting, month_3, _6, _12 or _24 of care; next_door_3 and so on where nobody is helped yet",
    },
    "screen_result": {
        "result": "below, eligible or red_flag",
        "instrument": "the questionnaire it rests on",
    },
    "waiting": {"urgent": "bool: a red flag"},
    "started": {"step": "1 to 4"},
    "session": {
        "number": "planned session of this course, from 1",
        "planned_at": "datetime it was planned for",
        "held": "bool",
        "cancelled_because": "ours: worker_away, no_transport, place_closed; None otherwise",
        "missed_reason": "a code of core.pathway.MISSED: why the person did not come; None otherwise",
        "rescheduled": "bool for a session not held, else None",
        "setting": "bench, home, health_facility, phone or school; None when not held",
        "minutes": "length; None when not held",
        "homework": "done, partly, not, none (none was set); None when not held",
        "goal_mood": "easier, same, harder or reached; None at the first session or when not held",
        "next_date": "date of the next, or None",
        "worry": "bool: the worker is worried; a risk_opened follows",
        "note": "a short invented note, mostly None",
    },
    "call": _TRIED,
    "visit": _TRIED,
    "step_changed": {"was": "step", "now": "step", "why": "no_progress or better"},
    "handed_over": {"left": "member index who left", "now": "member index who takes over"},
    "risk_opened": {
        "risk": "number",
        "source": "answer or worry",
        "instrument": "whose safety item it was; None for a worry",
        "urgency": "now, today or week (core.risk.URGENCIES)",
        "kinds": "list of core.risk.KINDS",
    },
    "risk_escalated": {"risk": "number", "asked": "member who did not answer", "now_asked": "member asked next"},
    "risk_acknowledged": {"risk": "number", "minutes": "whole minutes since it was opened"},
    "risk_followed": {
        "risk": "number",
        "what": "contact, plan (safety plan looked at together), weekly or monthly (contact after the plan)",
        "how": "visit or call",
    },
    "risk_closed": {"risk": "number", "safety_plan": "bool", "worker_debriefed": "bool"},
    "graduated": {"to": "circle or peer", "sessions": "sessions held"},
    "circle_joined": {"circle": "circle index"},
    "closed": {
        "reason": "a code of core.pathway.CLOSURES",
        "whose": "ours, theirs or neither: what core.pathway.whose_failure says",
    },
    "reentered": {"via": "self"},
    "circle_opened": {"circle": "circle index; no person", "ward": "ward index"},
    "circle_met": {"circle": "circle index; no person", "heads": "how many came, and nothing else"},
    "register_counted": {
        "member": "whose paper register; no person, the worker is the supervisor who counted",
        "period": "year and month, as 2024-03",
        "sessions": "sessions held by the paper register: seldom what the events say",
    },
}
"""Every kind of event, and what each field of its payload holds. A test holds the simulator to it."""
