"""Quarantine within someone's reach: about people in reach, or about nobody known and sent from their own house."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from kinweave.house.access import Actor
from kinweave.house.models import Grant, Held
from kinweave.house.reach import held_door
from kinweave.people.door import within


def held_within(by: Actor) -> QuerySet[Held]:
    """What a decider may see."""
    people = within(by, "held.decide").values("id")
    homes = [reach.organisation_id for reach in by.reaches("held.decide") if reach.organisation_id]
    senders = Grant.objects.filter(organisation_id__in=homes).values("account_id")
    nobody = Q(person_id=None) & (Q(sent_by=None) | Q(sent_by__in=senders))
    return Held.objects.filter(Q(person_id__in=people) | nobody)


held_door(lambda by, row: held_within(by).filter(id=row.id).exists())
