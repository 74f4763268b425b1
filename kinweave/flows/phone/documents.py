"""A person as a phone holds them: what a worker needs at the next meeting, and no more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils import timezone

from kinweave.care import reads_each as care
from kinweave.flows.phone.versions import conflicts_of
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Account, Message
from kinweave.house.readlog import looked
from kinweave.house.sealing import Opener
from kinweave.listen.reads_each import last_scores_of_each
from kinweave.people import reads_each as people

SHOW_NAMES = chosen.define(
    "phone.show_names",
    False,
    says="Whether phones show people's names. If not, they show the alias, or the code where there is none.",
    source="ours",
    fits=chosen.one_of(True, False),
    hint="Give yes or no.",
)


def documents(by: Actor, persons: Collection[UUID], versions: dict[UUID, int]) -> list[dict[str, Any]]:
    """The documents of people in reach, in the order asked for: a fixed number of queries, one line in the read log.
    Who may be asked for was decided by the caller (`people.reads_each.caseload`)."""
    whose = people.records_of(persons)
    rows = people.persons_by_id(persons)
    opened = Opener(people.keys_of(whose))
    by_name = bool(chosen.value(SHOW_NAMES))
    now = timezone.now()
    contacts = people.ways_of_each(whose, opened)
    consents = people.consents_of_each(whose, now.date())
    steps, following = care.steps_of_each(whose), care.next_of_each(whose)
    sessions = care.meetings_of_each(whose, opened, notes=by.may("people.notes"))
    goals = care.goals_of_each(whose, opened)
    scores = last_scores_of_each(whose) if by.may("listen.scores") else {}
    risks = _told(care.risk_of_each(whose)) if by.may("risk.see") else {}
    conflicts: dict[str, list[dict[str, Any]]] = {}
    for conflict in conflicts_of(whose, whose):
        conflicts.setdefault(conflict["person"], []).append(conflict)
    made = []
    for one in persons:
        row = rows.get(one)
        if row is None:
            continue
        made.append(
            {
                "id": str(one), "code": row.code, "name": people.called(opened, row, by_name=by_name),
                "state": row.state, "step": steps.get(one), "since": row.since.isoformat(), "language": row.language,
                "birth_year": row.birth_year, "gender": row.gender, "place": _text(row.place_id),
                "worker": row.worker_id == by.account_id, "programme": _text(row.programme_id),
                "contacts": contacts.get(one, []), "consents": consents.get(one, []), "next": following.get(one),
                "sessions": sessions.get(one, []), "goals": goals.get(one, []), "scores": scores.get(one, []),
                "risk": risks.get(one), "conflicts": conflicts.get(str(one), []), "version": versions.get(one, 0),
            }
        )  # fmt: skip
    looked(by, "phone", list(rows))
    return made


def _told(risks: dict[UUID, dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
    """Each alert with the names of those who were told of it, in their order. Two queries, none without an alert."""
    if not risks:
        return risks
    sent = Message.objects.filter(code="risk", ref_id__in=[one["id"] for one in risks.values()])
    pairs = list(sent.order_by("made_at", "id").values_list("ref_id", "to_account"))
    names = dict(Account.objects.filter(id__in={to for _, to in pairs}).values_list("id", "shown_name"))
    for one in risks.values():
        asked = dict.fromkeys(to for ref, to in pairs if str(ref) == one["id"])
        one["told"] = [names[to] for to in asked if to in names]
    return risks


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
