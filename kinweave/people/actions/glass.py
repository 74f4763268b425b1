"""After a record was opened in need: a supervisor looks at why, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kinweave.house.access import Actor, NotAllowed
from kinweave.house.actions import NotFound
from kinweave.house.alerts import alert, leads
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Due, Grant
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Row
from kinweave.people.actions.persons import happened
from kinweave.people.door import access
from kinweave.people.models import Glass, Person


def tell_supervisors(person: Person, opened_by: UUID, glass_id: UUID) -> None:
    """Tell at once, on every channel: the team's supervisors, else the coordinators; never who opened it."""
    now = timezone.now()
    holders = Grant.objects.filter(Q(until=None) | Q(until__gt=now), organisation_id=person.organisation_id)
    others = holders.exclude(account_id=opened_by).order_by("since", "id")
    told = others.filter(role="supervisor", team_id=person.team_id) if person.team_id else others.none()
    who = told if told.exists() else others.filter(role="coordinator")
    alert(list(who.values_list("account_id", flat=True)), "glass", glass_id)


leads("glass", "opening")


@action(permission="reads.see", locks=("person_id",))
def review_glass(*, by: Actor, head: Head, person_id: UUID, glass_id: UUID, needed: bool) -> Decision:
    """A supervisor read the reason. `needed`: whether opening the record was called for; the person sees it too.

    Whoever opened it does not review it.
    """
    seen = access(person_id, by=by, permission="reads.see")
    row = Glass.objects.filter(id=glass_id, person_id__in=seen.ids).first()
    if row is None:
        raise NotFound(what="opening")
    if row.account_id == by.account_id:
        raise NotAllowed(permission="reads.see")
    dues = Due.objects.filter(ref_id=glass_id, kind="glass_review", state="open").order_by("id")
    open_ = {"id": glass_id, "person": seen.id, "needed": needed, "dues": list(dues.values_list("id", flat=True))}
    return Decision(seen.id, open_)


@applies("people.review_glass")
def _reviewed(part: Part) -> Iterator[Row]:
    for one in part["dues"]:
        yield Change("house.Due", UUID(one), {"state": "done", "done_at": part.received_at})
    yield happened(part, UUID(part["person"]), "opening_reviewed", ref=part["id"], needed=part["needed"])
