"""What the pages of asking, noting and safety share: undo, the safety card, who was told, how late it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import wording
from kinweave.core.risk import CLOSED, OPEN
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.people_parts import account_names, account_roles, said_when
from kinweave.house import rota
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Message
from kinweave.listen.shelf import UnknownInstrument, instruments
from kinweave.people.door import Seen, shown_names

Card = dict[str, Any]


def with_undo(request: Any, says: str, undo_url: str) -> None:
    """A notice that can be undone. It travels in a cookie: never a name or an answer in it."""
    messages.success(request, says, extra_tags=undo_url)


def about(seen: Seen) -> dict[str, Any]:
    """What stands above a page about one person: what to call them and the way back to their page."""
    called = shown_names([seen.row])[seen.id]
    return {"called": called, "back": {"url": reverse("person", args=[seen.id]), "label": called}, "person_id": seen.id}


# ----------------------------------------------------------------------------------- questionnaires


def by_key(key: str) -> Instrument:
    """The questionnaire behind the neutral key that addresses show. Raises UnknownInstrument."""
    found = next((one for one in instruments().values() if one.key == key), None)
    if found is None:
        raise UnknownInstrument()
    return found


def shown_as(instrument: Instrument) -> str:
    """The neutral name on pages: its words in the reader's language, else its key."""
    if not instrument.wordings:
        return instrument.key.replace("-", " ").capitalize()
    return wording(instrument, get_language() or "en").shown_as


# ----------------------------------------------------------------------------------------- how late


def lasting(minutes: int) -> str:
    """A stretch of time in words: minutes up to an hour, hours up to two days, then days."""
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        hours = minutes // 60
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = minutes // (24 * 60)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def left_or_late(at: datetime, now: datetime | None = None) -> tuple[str, bool]:
    """How long is left, or how late it is, in words; and whether it is late."""
    minutes = int((at - (now or timezone.now())).total_seconds() // 60)
    if minutes < 0:
        return _("%(long)s late") % {"long": lasting(-minutes)}, True
    return _("%(long)s left") % {"long": lasting(minutes)}, False


# --------------------------------------------------------------------------------------- who was told


@dataclass(frozen=True, slots=True)
class Told:
    """One person who was told of an alert: name and role in words, when, whether they opened it."""

    says: str
    at: datetime
    seen: bool
    sent: bool


def told_of(risk_id: UUID) -> list[Told]:
    """Who was told of an alert, in the order in which they were asked; each once."""
    rows = list(Message.objects.filter(code="risk", ref_id=risk_id).order_by("made_at", "id"))
    names, roles = account_names(r.to_account for r in rows), account_roles(r.to_account for r in rows)
    found: dict[UUID, Told] = {}
    for row in rows:
        before = found.get(row.to_account)
        name, role = names.get(row.to_account, ""), roles.get(row.to_account, "")
        found[row.to_account] = Told(
            f"{name} ({role})" if role else name,
            before.at if before else row.made_at,
            bool(row.seen_at) or bool(before and before.seen),
            bool(row.sent_at) or bool(before and before.sent),
        )
    return list(found.values())


def emergency(programme_id: UUID | None) -> dict[str, str] | None:
    """Whom to call: the programme's emergency contact, else the site's number, else nobody."""
    found = rota.latest(programme_id) if programme_id else None
    if found is not None and found.number:
        return {"name": found.contact or _("the emergency number"), "number": found.number}
    number = chosen.value(chosen.EMERGENCY, programme_id or "")
    return {"name": _("the emergency number"), "number": number} if number else None


def safety_card(by: Actor, risk: Any, called: str, person_id: UUID | None, programme_id: UUID | None) -> Card:
    """An alert as parts/safety.html takes it. `risk`: a row of care; the urls only where they may be used."""
    told = told_of(risk.id)
    card: Card = {
        "who": called,
        "code": str(risk.id)[:8],
        "state": "told" if told else "untold",
        "told": _told_words(told),
        "call": emergency(programme_id),
    }
    if risk.state == CLOSED:
        return {**card, "state": "over", "told": _closed_words(risk)}
    if risk.state != OPEN:
        card |= {"state": "answered", "told": _answered_words(risk)}
    elif by.may("risk.answer"):
        card["answer_url"] = reverse("risk-acknowledge", args=[risk.id])
    if card["call"] and person_id:
        card["called_url"] = reverse("safety-called", args=[person_id, risk.id])
    return card


def _told_words(told: list[Told]) -> str:
    if not told:
        return ""
    who = _(" and ").join(one.says for one in told)
    said = _("Told: %(who)s, %(when)s.") % {"who": who, "when": said_when(told[0].at)}
    return f"{said} {_('Nobody has answered yet.')}"


def _answered_words(risk: Any) -> str:
    name = account_names([risk.acknowledged_by]).get(risk.acknowledged_by, "")
    if risk.acknowledged_at is None:
        return _("This is being looked after.")
    words = {"who": name or _("A supervisor"), "when": said_when(risk.acknowledged_at)}
    return _("%(who)s took this on, %(when)s.") % words


def _closed_words(risk: Any) -> str:
    name = account_names([risk.closed_by]).get(risk.closed_by, "")
    when = said_when(risk.closed_at) if risk.closed_at else ""
    return _("%(who)s closed this, %(when)s.") % {"who": name or _("A supervisor"), "when": when}


def kinds_in_words(kinds: tuple[str, ...]) -> list[str]:
    """What a worry or an answer was about, in plain words; an unknown code has words too."""
    return [str(words_of.WORRIES.get(kind, words_of.WORRIES["other"])) for kind in kinds]


def options(words: Mapping[str, Any], help_: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Choices as parts/question.html takes them."""
    return [{"value": code, "label": label, "help": (help_ or {}).get(code, "")} for code, label in words.items()]
