"""The plain words of what is written about a person: what leaves and for what, ways of reaching, ties, questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = Promise | str

PURPOSES: Mapping[str, Text] = {
    "care": _("To accompany you"),
    "statistics": _("To count, without your name"),
    "research": _("To learn from, without your name"),
}
# Agreed to one recipient at a time, so never asked in general.
CONSENTS: Mapping[str, Text] = {
    **PURPOSES, "referral": _("To ask a partner for help"), "story": _("To show a story of yours in a report"),
}  # fmt: skip
# What each purpose lets out, and to whom: shown before anyone says yes.
LEAVES: Mapping[str, Mapping[str, Any]] = {
    "care": {
        "to": _("your worker and their supervisor"),
        "what": (_("What you tell us and what we do together"), _("How we can reach you safely")),
        "stays": (_("Nothing goes to family, police, church or employer"),),
    },
    "statistics": {
        "to": _("the community, in numbers about many people"),
        "what": (_("Your month, ward, age group and answers, as part of a sum"),),
        "stays": (_("Your name, phone and words"), _("Any number so small that it points at someone")),
    },
    "research": {
        "to": _("researchers that the programme names to you"),
        "what": (_("The same sums, made for a study"),),
        "stays": (_("Your name, phone and words"),),
    },
    "referral": {
        "to": _("one partner that you agree to"),
        "what": (_("Only the items you say yes to, one by one"),),
        "stays": (_("Everything else"),),
    },
    "story": {
        "to": _("anyone who reads the report"),
        "what": (_("Your story, in exactly the words that were read to you"), _("The year, and the report's place")),
        "stays": (_("Your name, phone and everything else"),),
    },
}
HOW: Mapping[str, Text] = {
    "spoken": _("by word"),
    "witnessed": _("by word, with a witness"),
    "signed": _("signed"),
    "thumb": _("by thumbprint"),
    "before": _("on paper, before this system"),
}
SAID_HOW: Mapping[str, Text] = {**HOW, "own": _("on their own page")}  # nobody writes that down for them

ROLES: Mapping[str, Text] = {
    "worker": _("worker"),
    "supervisor": _("supervisor"),
    "coordinator": _("coordinator"),
    "evaluator": _("evaluator"),
    "keeper": _("keeper of the site"),
}
GENDERS: Mapping[str, Text] = {
    "woman": _("Woman"), "man": _("Man"), "other": _("Another"), "declined": _("I would rather not say"),
}  # fmt: skip
CONTACTS: Mapping[str, Text] = {
    "phone": _("Phone"), "visit": _("Visit"), "through": _("Through someone"),
}  # fmt: skip
ALLOWED: Mapping[str, Text] = {
    "any": _("Calls and messages are fine"),
    "call": _("Calls only"),
    "message": _("Messages only"),
    "visit": _("Visits only"),
    "none": _("Do not use this"),
}
TIES: Mapping[str, Text] = {
    "supporter": _("Supporter"), "guardian": _("Guardian"), "partner": _("Partner"), "child": _("Child"),
    "parent": _("Parent"), "family": _("Family"), "friend": _("Friend"), "healer": _("Healer"),
    "other": _("Someone else"),
}  # fmt: skip
# The Washington Group short set's six domains, in short; the full questions are a questionnaire of their own.
WASHINGTON: Mapping[str, Text] = {
    "seeing": _("Seeing, even with glasses"),
    "hearing": _("Hearing, even with a hearing aid"),
    "walking": _("Walking or climbing steps"),
    "remembering": _("Remembering or concentrating"),
    "selfcare": _("Washing or dressing"),
    "communicating": _("Understanding or being understood"),
}
LEVELS: Mapping[str, Text] = {
    "1": _("No difficulty"), "2": _("Some difficulty"), "3": _("A lot of difficulty"), "4": _("Cannot do it at all"),
    "declined": _("I would rather not say"),
}  # fmt: skip
SENSITIVE: Mapping[str, Text] = {
    "faith": _("Faith"), "ethnicity": _("Ethnic group"), "sexuality": _("Sexuality"),
    "exact_location": _("Exact place"),
}  # fmt: skip
