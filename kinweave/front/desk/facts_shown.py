"""What is held about a person, as cards and lines: facts in words, ways to reach them, what was agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.connect.actions import PURPOSE as REFERRAL
from kinweave.connect.reads import partners_of
from kinweave.front import sentences
from kinweave.front.desk.forms_people import language_name
from kinweave.front.desk.people_parts import said_day
from kinweave.front.sentences_rooms import ITEMS, said
from kinweave.house import settings as chosen
from kinweave.listen.actions_stories import PURPOSE as STORY
from kinweave.people import reads
from kinweave.people.door import Seen

LINKS = {"any": "tel:", "call": "tel:", "message": "sms:"}  # what a number may be used for


def contact_cards(seen: Seen) -> list[dict[str, Any]]:
    """Ways to reach someone as a card shows them."""
    return [
        {
            "id": way.id, "kind": sentences.CONTACTS.get(way.kind, way.kind), "value": way.value,
            "link": LINKS.get(way.allowed, "") if way.kind == "phone" else "",
            "phone": way.kind == "phone", "allowed": sentences.ALLOWED.get(way.allowed, way.allowed),
            "never": way.allowed == "none", "who": way.who_answers, "cover": way.cover,
        }
        for way in reads.ways(seen)
    ]  # fmt: skip


def facts_in_words(seen: Seen) -> list[tuple[str, str]]:
    """The facts of a record, each with its question in words."""
    row = seen.row
    groups = {d["code"]: d for d in chosen.value(chosen.DIMENSIONS, str(row.programme_id or ""))}
    found = [
        (_("Year of birth"), str(row.birth_year or "")),
        (_("Gender"), str(sentences.GENDERS.get(row.gender, ""))),
        (_("Language"), language_name(row.language) if row.language else ""),
    ]
    for code, value in row.facts.items():
        if code == "wg":
            found += [(str(sentences.WASHINGTON[d]), str(sentences.LEVELS.get(str(v), ""))) for d, v in value.items()]
        elif code in groups:
            choices = {c["code"]: c.get("name", c["code"]) for c in groups[code]["choices"]}
            found.append((groups[code]["name"], str(choices.get(value, sentences.GENDERS.get(value, value)))))
        else:
            found.append((str(sentences.SENSITIVE.get(code, code)), str(value)))
    return [(label, value) for label, value in found if value]


def consent_cards(seen: Seen) -> list[dict[str, Any]]:
    """A card for each purpose: what leaves, to whom, what was said and when; those never asked too."""
    given = reads.consents(seen, timezone.localdate())
    partners = partners_of(seen) if any(one.purpose == REFERRAL for one in given) else {}
    cards = [consent_card(one, partners) for one in given]
    asked = {one.purpose for one in given if not one.recipient}
    cards += [
        {"purpose": words, "code": code, "state": "open", **_leaves(code)}
        for code, words in sentences.PURPOSES.items()
        if code not in asked
    ]
    return cards


def consent_card(one: reads.Given, partners: Mapping[str, str]) -> dict[str, Any]:
    """`partners`: the names behind the recipients of referrals, which stand sealed elsewhere."""
    leaves = _leaves(one.purpose)
    to, what = one.recipient or leaves["to"], [*one.items]
    if one.purpose == REFERRAL:
        to, what = partners.get(one.recipient) or leaves["to"], [said(ITEMS, code) for code in one.items]
    elif one.purpose == STORY:  # its recipient and items are numbers for one story and its words
        to, what = leaves["to"], []
    return {
        "id": one.id, "code": one.purpose, "purpose": sentences.CONSENTS.get(one.purpose, one.purpose),
        "state": one.state, "to": to, "what": what or leaves["what"],
        "stays": leaves["stays"], "until": said_day(one.until), "at": said_day(one.at),
        "how": sentences.SAID_HOW.get(one.how, ""), "withdrawn": said_day(one.withdrawn_at),
    }  # fmt: skip


def _leaves(purpose: str) -> dict[str, Any]:
    return dict(sentences.LEAVES.get(purpose, {"to": "", "what": (), "stays": ()}))
