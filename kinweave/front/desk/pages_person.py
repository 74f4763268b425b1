"""One person's pages: how things are, what happened, what was agreed, what is held, who looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kinweave.care.actions.pathway import GOAL
from kinweave.care.actions.sessions import NOTE
from kinweave.care.reads import Way, timeline, way_of
from kinweave.front import own_lines, sentences
from kinweave.front.desk.facts_shown import consent_cards, contact_cards, facts_in_words
from kinweave.front.desk.people_parts import (
    account_names,
    account_roles,
    at_url,
    in_local_time,
    open_person,
    person_head,
    said_day,
    said_next,
    said_when,
)
from kinweave.house.access import Actor
from kinweave.house.models import Happened
from kinweave.house.readlog import who_looked
from kinweave.house.sealing import Opener
from kinweave.people import reads
from kinweave.people.door import Seen

MOMENTS = 20
DANGER = {"risk_opened", "risk_escalated", "emergency_called"}
STEPS_OUT = (  # the neighbours' pages, where they are there: (route, words, icon, permission)
    ("note-session", gettext_noop("Note"), "notebook-pen", "care.act"),
    ("ask", gettext_noop("Ask"), "clipboard-list", "listen.record"),
    ("move-on", gettext_noop("Move on"), "arrow-right", "care.act"),
)


@in_local_time
def person(request: Any, person_id: UUID) -> HttpResponse:
    """How things are, and the plan."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person")
    way = way_of(seen.ids)
    worker = account_names([seen.row.worker_id])
    shown = {
        **person_head(request, seen, "person"),
        "state": sentences.STATES.get(seen.row.state, seen.row.state),
        "next": said_next(way.next.at) if way.next else "",
        "worker": worker.get(seen.row.worker_id, "") if seen.row.worker_id else "",
        "step": way.episode.step if way.episode and seen.row.state == "active" else None,
        "meetings": way.held,
        "agreed": own_lines.consent_line(reads.consents(seen, timezone.localdate())),
        "charts": own_lines.lines(seen.ids, way) if by.may("listen.scores") else [],
        "may_see_scores": by.may("listen.scores"),
        "goals": goals(way, seen),
        "said": own_lines.last_said(way),
        "out": [] if seen.glass else ways_out(by, seen),
        "worry_url": "" if seen.glass or not by.may("care.worry") else at_url("worry", seen.id),
        "ways": contact_cards(seen),
        "no_charts": {
            "title": _("No answers yet"),
            "sentence": _("Once questions were answered two times, a line shows how things change."),
            "plain": True,
        },
    }
    return render(request, "desk/people/person.html", shown)


def ways_out(by: Actor, seen: Seen) -> list[dict[str, Any]]:
    """What can be done for someone, on pages of their own."""
    found = [(at_url(name, seen.id), str(_(words)), icon) for name, words, icon, may in STEPS_OUT if by.may(may)]
    return [{"url": url, "words": words, "icon": icon} for url, words, icon in found if url]


def goals(way: Way, seen: Seen) -> list[dict[str, Any]]:
    opened = Opener(seen.ids)
    return [
        {
            "id": goal.id,
            "words": opened(goal.person_id, GOAL, goal.text) or "",
            "state": goal.state,
            "said": sentences.GOALS.get(goal.state, ""),
            "since": said_day(goal.at),
        }
        for goal in way.goals
    ]


@in_local_time
def happened(request: Any, person_id: UUID) -> HttpResponse:
    """What happened, the latest first, page by page."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-happened")
    before = _moment(request.GET.get("before", ""))
    rows = timeline(seen.ids, by, MOMENTS + 1, before)
    names = account_names(row.actor_id for row in rows)
    words = notes(seen) if by.may("people.notes") and not seen.glass else {}
    more = len(rows) > MOMENTS
    shown = {
        **person_head(request, seen, "person-happened"),
        "moments": [moment(row, names, words) for row in rows[:MOMENTS]],
        "older_url": f"?before={rows[MOMENTS - 1].at.isoformat().replace('+', '%2B')}" if more else "",
        "newest_url": request.path if before else "",
        "empty": {"title": _("Nothing yet"), "sentence": _("Each step appears here."), "plain": True},
    }
    return render(request, "desk/people/happened.html", shown)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def moment(row: Happened, names: dict[UUID, str], words: dict[UUID, str]) -> dict[str, Any]:
    """A line of the timeline as parts/moment.html takes it."""
    return {
        "what": what_happened(row),
        "when": said_when(row.at, row.precision),
        "iso": row.at.isoformat(),
        "by": names.get(row.actor_id, "") if row.actor_id else "",
        "words": words.get(row.ref_id, "") if row.ref_id and row.kind in {"met", "missed"} else "",
        "icon": "shield-alert" if row.guarded == "risk" else sentences.ICONS.get(row.kind, ""),
        "state": "danger" if row.kind in DANGER else "",
    }


def what_happened(row: Happened) -> str:
    """The line's words; of answered questions also which, by their plain title."""
    said = sentences.happened_words(row.kind, row.facts)
    slug = str(row.facts.get("instrument") or "")
    return f"{said}: {own_lines.title_of(slug)}" if slug else said


def notes(seen: Seen) -> dict[UUID, str]:
    """The notes of the latest meetings, by meeting."""
    sessions = way_of(seen.ids).sessions
    opened = Opener(seen.ids)
    return {s.id: text for s in sessions if (text := opened(s.person_id, NOTE, s.note))}


@in_local_time
def who_looked_page(request: Any, person_id: UUID) -> HttpResponse:
    """Who looked at this record, when, in which role."""
    seen = open_person(request, person_id, "person-looked", "reads.see")
    rows = who_looked(seen.ids)
    shown = {
        **person_head(request, seen, "person-looked"),
        "looks": looks(rows),
        "openings": [
            {
                "who": account_names([o.account_id]).get(o.account_id, ""), "when": said_day(o.at),
                "reason": o.reason, "url": reverse("opening", args=[o.id]),
            }
            for o in reads.openings(seen.ids)[:10]
        ],
    }  # fmt: skip
    return render(request, "desk/people/looked.html", shown)


def looks(rows: Any, roles_only: bool = False) -> list[dict[str, Any]]:
    """Who looked, one line for each reader and day. Two queries."""
    readers = [row.reader_id for row in rows if row.reader_id]
    names, roles = account_names(readers), account_roles(readers)
    lines: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in rows:
        if row.reader_id is None:
            continue
        day = timezone.localtime(row.at).date()
        line = lines.setdefault(
            (row.reader_id, day),
            {"who": "" if roles_only else names.get(row.reader_id, _("Someone who left")),
             "role": roles.get(row.reader_id, ""), "day": said_day(day), "iso": day.isoformat(), "times": 0,
             "need": False},
        )  # fmt: skip
        line["times"] += 1
        line["need"] |= row.reason == "break_glass"
    return list(lines.values())


@in_local_time
def held(request: Any, person_id: UUID) -> HttpResponse:
    """What is held: facts, ways to reach them, who is close, where they lived, what they say is wrong."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-held")
    names = reads.names(seen)
    shown = {
        **person_head(request, seen, "person-held"),
        "names": names,
        "facts": facts_in_words(seen),
        "met_on": said_day(seen.row.met_on),
        "ways": contact_cards(seen),
        "close": [
            {"id": c.id, "kind": sentences.TIES.get(c.kind, c.kind), "name": c.name, "guardian": c.guardian,
             "danger": c.danger, "url": reverse("person", args=[c.other_id]) if c.other_id else ""}
            for c in reads.close_ones(seen)
        ],
        "homes": [
            {"place": h.place.name, "since": said_day(h.from_on), "until": said_day(h.until_on)}
            for h in reads.homes(seen)
        ],
        "contests": [
            {"id": c.id, "when": said_day(c.at), "text": c.text, "answer": c.answer, "open": c.state == "open"}
            for c in reads.contests(seen)
        ],
        "worker": account_names([seen.row.worker_id]).get(seen.row.worker_id, "") if seen.row.worker_id else "",
        "team": seen.row.team.name if seen.row.team_id else "",  # type: ignore[union-attr]
        "may_assign": by.may("care.assign") and not seen.glass,
        "may_link": by.may("people.link") and not seen.glass,
        "may_answer": by.may("people.merge") and not seen.glass,
        "may_compare": by.may("people.merge") and not seen.glass,
    }  # fmt: skip
    return render(request, "desk/people/held.html", shown)


@in_local_time
def consents(request: Any, person_id: UUID) -> HttpResponse:
    """What was agreed, purpose by purpose, and what was not asked yet."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-consents")
    may_record = by.may("consent.record") and not seen.glass
    cards = consent_cards(seen)
    for card in cards:
        if card["state"] == "given" and by.may("consent.withdraw") and not seen.glass:
            card["withdraw_url"] = reverse("consent-withdraw", args=[seen.id, card["id"]])
        elif card["state"] != "given" and may_record:
            card["ask_url"] = f"{reverse('consent-new', args=[seen.id])}?purpose={card['code']}"
    shown = {**person_head(request, seen, "person-consents"), "cards": cards, "may_record": may_record}
    return render(request, "desk/people/consents.html", shown)
